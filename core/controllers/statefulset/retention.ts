/**
 * Who owns the claims of a StatefulSet's Pods: by persistentVolumeClaimRetentionPolicy the set, so that they go with it,
 * or the Pod that is scaled away, or nobody. The garbage collector does the rest.
 * (kubernetes v1.34.1 pkg/controller/statefulset/stateful_set_utils.go)
 */
import type { OwnerReference, PersistentVolumeClaim, StatefulSet } from '../../api/generated/types.ts';
import { ownerReferenceTo } from '../replica-kind.ts';

/** A Pod as an owner: one that is not made yet has no uid. */
export interface PodIdentity {
  readonly name: string;
  readonly uid: string;
  /** Its ordinal is one the set wants. */
  readonly inRange: boolean;
}

interface Retention {
  readonly bySet: boolean;
  readonly byPod: boolean;
}

const deletes = (policy: string | undefined): boolean => policy === 'Delete';

/** Who is to own the claim: its set, its Pod, or neither. */
function wantedOwners(set: StatefulSet, pod: PodIdentity): Retention {
  const { whenDeleted, whenScaled } = set.spec.persistentVolumeClaimRetentionPolicy ?? {};
  const byPod = deletes(whenScaled) && !pod.inRange;
  return { bySet: deletes(whenDeleted) && !byPod, byPod };
}

const means = (reference: OwnerReference, apiVersion: string, kind: string, name: string): boolean =>
  reference.apiVersion === apiVersion && reference.kind === kind && reference.name === name;
const meansSet = (set: StatefulSet) => (reference: OwnerReference) =>
  means(reference, 'apps/v1', 'StatefulSet', set.metadata.name);
const meansPod = (pod: PodIdentity) => (reference: OwnerReference) => means(reference, 'v1', 'Pod', pod.name);

const ownersOf = (claim: PersistentVolumeClaim): readonly OwnerReference[] =>
  claim.metadata.ownerReferences ?? [];

/** An owner of the same name that was there before this one. */
const isStale = (reference: OwnerReference | undefined, uid: string): boolean =>
  reference !== undefined && reference.uid !== uid;

/** The claim belongs to an earlier Pod of the name, with which it will go: no Pod can be made on it (PodClaimIsStale). */
export function isClaimStale(set: StatefulSet, claim: PersistentVolumeClaim, pod: PodIdentity): boolean {
  const { whenScaled } = set.spec.persistentVolumeClaimRetentionPolicy ?? {};
  return deletes(whenScaled) && isStale(ownersOf(claim).find(meansPod(pod)), pod.uid);
}

/** Something else controls the claim, and the policy would have it otherwise (hasUnexpectedController). */
export function hasUnexpectedController(
  set: StatefulSet,
  claim: PersistentVolumeClaim,
  pod: PodIdentity,
): boolean {
  const { whenDeleted, whenScaled } = set.spec.persistentVolumeClaimRetentionPolicy ?? {};
  if (!deletes(whenDeleted) && !deletes(whenScaled)) return false;
  return ownersOf(claim).some((reference) => {
    if (meansSet(set)(reference)) return reference.uid !== set.metadata.uid;
    if (meansPod(pod)(reference)) return reference.uid !== pod.uid;
    return reference.controller === true;
  });
}

/** True where the claim's owners need not be written (isClaimOwnerUpToDate). */
export function isOwnerUpToDate(set: StatefulSet, claim: PersistentVolumeClaim, pod: PodIdentity): boolean {
  const owners = ownersOf(claim);
  const { uid } = set.metadata;
  // It is managed by an earlier set or Pod of the name, and is left to the garbage collector.
  if (isStale(owners.find(meansSet(set)), uid) || isStale(owners.find(meansPod(pod)), pod.uid)) return true;
  const bySet = owners.find((owner) => owner.uid === uid);
  const byPod = owners.find((owner) => owner.uid === pod.uid);
  if (hasUnexpectedController(set, claim, pod)) return bySet === undefined && byPod === undefined;
  if ([bySet, byPod].some((owner) => owner !== undefined && owner.controller !== true)) return false;
  const wanted = wantedOwners(set, pod);
  return (bySet !== undefined) === wanted.bySet && (byPod !== undefined) === wanted.byPod;
}

/** The claim with the owners that the policy gives it (updateClaimOwnerRefForSetAndPod). */
export function withOwners(
  set: StatefulSet,
  claim: PersistentVolumeClaim,
  pod: PodIdentity,
): PersistentVolumeClaim {
  const others = ownersOf(claim).filter((owner) => !meansSet(set)(owner) && !meansPod(pod)(owner));
  const wanted = hasUnexpectedController(set, claim, pod)
    ? { bySet: false, byPod: false }
    : wantedOwners(set, pod);
  const ownerReferences = [...others];
  if (wanted.byPod) ownerReferences.push(ownerReferenceTo({ apiVersion: 'v1', kind: 'Pod', metadata: pod }));
  if (wanted.bySet) ownerReferences.push(ownerReferenceTo(set));
  return { ...claim, metadata: { ...claim.metadata, ownerReferences } };
}
