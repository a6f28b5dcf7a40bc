/** Recreate: all old Pods go, and when the last of them is gone the new ones come (kubernetes v1.34.1 pkg/controller/deployment/recreate.go). */
import { viewOf } from '../../client/informer.ts';
import { isTerminal } from '../../api/pod.ts';
import type { Outcome } from '../controller.ts';
import { cleanup } from './cleanup.ts';
import { active, sizeOf, totalReplicas, wantedReplicas } from './math.ts';
import { resize, sortOut, type Orphans, type Rollout, type Sorted, type Step } from './replicasets.ts';
import { isComplete } from './status.ts';
import { rolloutStatus } from './write-status.ts';

/** One step of the rollout, and the status after it. */
export function* recreate(rollout: Rollout): Step<Outcome<Orphans>> {
  const before = yield* sortOut(rollout, false);
  const shrinking = active(before.old);
  for (const set of shrinking) yield* resize(rollout, set, 0);
  if (shrinking.length > 0 || oldPodsRun(rollout, before)) return yield* rolloutStatus(rollout, before);
  const sorted = before.newSet === undefined ? yield* sortOut(rollout, true) : before;
  const { newSet, old } = sorted;
  const wanted = wantedReplicas(rollout.deployment);
  if (newSet !== undefined && sizeOf(newSet) !== wanted) yield* resize(rollout, newSet, wanted);
  if (isComplete(rollout.deployment, rollout.deployment.status)) yield* cleanup(rollout, old);
  return yield* rolloutStatus(rollout, sorted);
}

function oldPodsRun({ caches }: Rollout, { old }: Sorted): boolean {
  if (totalReplicas(old) > 0) return true;
  const pods = viewOf(caches, 'pods');
  for (const set of old)
    for (const pod of pods.objects.valuesOf('controller', set.metadata.uid))
      if (!isTerminal(pod)) return true;
  return false;
}
