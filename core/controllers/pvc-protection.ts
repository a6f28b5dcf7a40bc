/**
 * pvc-protection: a PersistentVolumeClaim that is deleted stays while a Pod with a node names it, one that has ended too.
 * A Pod without a node does not keep it, for no kubelet starts a Pod whose claim is being deleted. Before a claim is let
 * go the apiserver is asked for the Pods of its namespace, since the cache may not know the newest.
 * (kubernetes v1.34.1 pkg/controller/volume/pvcprotection/pvc_protection_controller.go)
 */
import type { PersistentVolumeClaim, Pod } from '../api/generated/types.ts';
import { controllerOf, keyFor, keyOf, type ObjectKey } from '../api/object.ts';
import { isTerminal } from '../api/pod.ts';
import { claimsOf } from '../api/pod-claims.ts';
import type { ListRequest } from '../api/request.ts';
import type { View } from '../api/view.ts';
import { viewOf, type Delta, type Informers } from '../client/informer.ts';
import { done, failed, type Context, type Controller, type Effects, type Sync } from './controller.ts';
import { podChange } from './pod-interest.ts';
import { isDeletionCandidate, needsFinalizer, protect, unprotect } from './protection.ts';

const finalizer = 'kubernetes.io/pvc-protection';

export const claimProtectionController: Controller<undefined> = {
  name: 'pvc-protection-controller',
  component: 'pvc-protection-controller',
  workers: 1,
  follows: ['persistentvolumeclaims', 'pods'],
  pods: { when: podChange.volumes },
  initial: undefined,
  handle,
  sync,
};

function handle({ caches }: Context<undefined>, delta: Delta): Effects<undefined> | undefined {
  const { stream, type, object, key } = delta;
  if (stream === 'pods') return onPod(caches, delta);
  if (type === 'deleted') return undefined;
  return needsFinalizer(object, finalizer) || isDeletionCandidate(object, finalizer)
    ? { mark: [key] }
    : undefined;
}

/** The claims to be deleted that a Pod may not keep any more. One whose deletion the cache has not heard of is marked when it does. */
function onPod(caches: Informers, { type, object, before }: Delta): Effects<undefined> | undefined {
  const pod = object as Pod;
  const old = before as Pod | undefined;
  const freed = type === 'deleted' || !keeps(pod) ? deletedClaims(caches, pod) : noKeys;
  if (old === undefined || old.metadata.uid === pod.metadata.uid)
    return freed.length === 0 ? undefined : { mark: freed };
  // Another Pod of that name: that the first is gone was not told.
  return { mark: [...freed, ...deletedClaims(caches, old)] };
}

const noKeys: readonly never[] = [];

const keeps = (pod: Pod): boolean => hasNode(pod) && !isTerminal(pod) && !isShutDown(pod);

const hasNode = ({ spec }: Pod): boolean => (spec.nodeName ?? '') !== '';

/** The kubelet has done with it, or it was deleted by force: it only waits to be gone. */
const isShutDown = ({ metadata }: Pod): boolean =>
  metadata.deletionTimestamp !== undefined && metadata.deletionGracePeriodSeconds === 0;

function deletedClaims(caches: Informers, { metadata, spec }: Pod): readonly ObjectKey[] {
  if (spec.volumes === undefined) return noKeys;
  const claims = viewOf(caches, 'persistentvolumeclaims').objects;
  return claimsOf(spec, metadata.name)
    .map(({ claim }) => keyFor(metadata.namespace, claim))
    .filter((key) => claims.get(key)?.metadata.deletionTimestamp !== undefined);
}

function* sync({ caches }: Context<undefined>, key: ObjectKey): Sync<undefined> {
  const claim = viewOf(caches, 'persistentvolumeclaims').objects.get(key);
  if (claim === undefined) return done;
  if (needsFinalizer(claim, finalizer)) return yield* protect('persistentvolumeclaims', claim, finalizer);
  if (!isDeletionCandidate(claim, finalizer) || isInUse(viewOf(caches, 'pods'), claim)) return done;
  const [answer] = (yield { requests: [podsIn(claim.metadata.namespace)] }).answers;
  if (answer?.ok !== true || answer.list === undefined) return failed;
  if (isInUse(answer.list.view as View<'pods'>, claim)) return done;
  return yield* unprotect('persistentvolumeclaims', claim, finalizer);
}

const podsIn = (namespace: string | undefined): ListRequest => ({
  verb: 'list',
  resource: 'pods',
  namespace,
});

/** Whether a Pod of the view uses the claim; only those that name it are looked at. */
function isInUse({ objects }: View<'pods'>, claim: PersistentVolumeClaim): boolean {
  for (const pod of objects.valuesOf('claim', keyOf(claim))) if (uses(pod, claim)) return true;
  return false;
}

function uses(pod: Pod, claim: PersistentVolumeClaim): boolean {
  if (!hasNode(pod)) return false;
  const isOwn = controllerOf(claim)?.uid === pod.metadata.uid;
  return claimsOf(pod.spec, pod.metadata.name).some(
    (reference) =>
      reference.claim === claim.metadata.name && (!reference.ephemeral || (isOwn && !isShutDown(pod))),
  );
}
