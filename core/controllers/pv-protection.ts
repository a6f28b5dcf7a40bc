/**
 * pv-protection: a PersistentVolume that is deleted stays while it is bound to a claim
 * (kubernetes v1.34.1 pkg/controller/volume/pvprotection/pv_protection_controller.go).
 */
import type { PersistentVolume } from '../api/generated/types.ts';
import { viewOf, type Delta } from '../client/informer.ts';
import { done, type Context, type Controller, type Effects, type Sync } from './controller.ts';
import { isDeletionCandidate, needsFinalizer, protect, unprotect } from './protection.ts';

const finalizer = 'kubernetes.io/pv-protection';

export const volumeProtectionController: Controller<undefined> = {
  name: 'pv-protection-controller',
  component: 'pv-protection-controller',
  workers: 1,
  follows: ['persistentvolumes'],
  initial: undefined,
  handle,
  sync,
};

function handle(_: Context<undefined>, { type, object, key }: Delta): Effects<undefined> | undefined {
  if (type === 'deleted') return undefined;
  return needsFinalizer(object, finalizer) || isDeletionCandidate(object, finalizer)
    ? { mark: [key] }
    : undefined;
}

function* sync({ caches }: Context<undefined>, key: string): Sync<undefined> {
  const volume = viewOf(caches, 'persistentvolumes').objects.get(key);
  if (volume === undefined) return done;
  if (isDeletionCandidate(volume, finalizer) && !isInUse(volume))
    return yield* unprotect('persistentvolumes', volume, finalizer);
  return needsFinalizer(volume, finalizer) ? yield* protect('persistentvolumes', volume, finalizer) : done;
}

const isInUse = ({ status }: PersistentVolume): boolean => status?.phase === 'Bound';
