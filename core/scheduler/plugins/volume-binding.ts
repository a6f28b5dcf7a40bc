/**
 * A Pod waits until its PersistentVolumeClaims are bound, and goes where their volumes can be reached. For claims that
 * wait for their first consumer the node must have a volume, or be one for which a volume can be made; they are bound
 * after the decision (volume-cycle.ts).
 * (kubernetes v1.34.1 plugins/volumebinding/volume_binding.go and binder.go)
 */
import type { CSINode, PersistentVolume, PersistentVolumeClaim } from '../../api/generated/types.ts';
import { same } from '../../api/merge-patch.ts';
import { claimIsFor, claimsOf, notOwnerOf, type ClaimReference } from '../../api/pod-claims.ts';
import { claimNamed, isBound, isClaimOf, nameOf } from '../claims.ts';
import {
  unresolvable,
  type EnqueuePlugin,
  type FilterPlugin,
  type Listers,
  type PreFilterResult,
  type ScorePlugin,
} from '../framework.ts';
import type { PodInfo } from '../pod-info.ts';
import { isDelayed, isReachable, planFor, reservedBy, type Reserved } from '../volume-plan.ts';

const name = 'VolumeBinding';
const unbound = unresolvable(name, 'pod has unbound immediate PersistentVolumeClaims');
const unreachable = unresolvable(name, 'node(s) had volume node affinity conflict');
const noneToBind = unresolvable(name, "node(s) didn't find available persistent volumes to bind");
const noVolume = unresolvable(
  name,
  'node(s) unavailable due to one or more pvc(s) bound to non-existent pv(s)',
);

function problemWith(
  { claim: claimName, ephemeral }: ClaimReference,
  claim: PersistentVolumeClaim | undefined,
  pod: PodInfo,
): string | undefined {
  if (claim === undefined)
    return ephemeral
      ? `waiting for ephemeral volume controller to create the persistentvolumeclaim "${claimName}"`
      : `persistentvolumeclaim "${claimName}" not found`;
  if (claim.status.phase === 'Lost')
    return `persistentvolumeclaim "${claimName}" bound to non-existent persistentvolume "${claim.spec.volumeName ?? ''}"`;
  if (claim.metadata.deletionTimestamp !== undefined)
    return `persistentvolumeclaim "${claimName}" is being deleted`;
  return !ephemeral || claimIsFor(claim, pod.uid)
    ? undefined
    : notOwnerOf(claimName, pod.namespace, nameOf(pod));
}

interface PodVolumes {
  /** The volumes of the bound claims; undefined for one that is not there. */
  readonly bound: readonly (PersistentVolume | undefined)[];
  /** The claims that are bound when the Pod has a node. */
  readonly waiting: readonly PersistentVolumeClaim[];
  readonly reserved: Reserved;
  readonly listers: Listers;
}

export const volumeBinding: FilterPlugin<PodVolumes> & ScorePlugin & EnqueuePlugin = {
  name,
  bySpec: ({ volumes }) => volumes === undefined,
  preFilter(pod, { listers, volumePlans }): PreFilterResult<PodVolumes> {
    if (pod.spec.volumes === undefined) return { outcome: 'skip' };
    const references = claimsOf(pod.spec, nameOf(pod));
    if (references.length === 0) return { outcome: 'skip' };
    const bound: (PersistentVolume | undefined)[] = [];
    const waiting: PersistentVolumeClaim[] = [];
    let immediate = false;
    for (const reference of references) {
      const claim = claimNamed(listers, pod.namespace, reference.claim);
      const problem = problemWith(reference, claim, pod);
      if (problem !== undefined) return { outcome: 'reject', rejection: unresolvable(name, problem) };
      if (claim === undefined) continue;
      if (isBound(claim)) bound.push(listers.volumes.objects.get(claim.spec.volumeName ?? ''));
      else if (isDelayed(claim, listers)) waiting.push(claim);
      else immediate = true;
    }
    if (immediate) return { outcome: 'reject', rejection: unbound };
    return { outcome: 'filter', state: { bound, waiting, reserved: reservedBy(volumePlans), listers } };
  },
  filter(_pod, { node }, { bound, waiting, reserved, listers }) {
    if (node === undefined) return unreachable;
    for (const volume of bound) {
      if (volume === undefined) return noVolume;
      if (!isReachable(volume, node)) return unreachable;
    }
    return waiting.length === 0 || planFor(waiting, node, reserved, listers) !== undefined
      ? undefined
      : noneToBind;
  },
  /** It scores only with the feature gate StorageCapacityScoring, which is off. */
  alike: () => 'nothing',
  preScore: () => undefined,
  score: () => 0,
  mayHelp(event, pod) {
    switch (event.resource) {
      case 'Node':
        return event.action === 'Add' || event.action === 'UpdateNodeLabel';
      case 'PersistentVolumeClaim':
        return isClaimOf(pod, event.after);
      case 'PersistentVolume':
        return true;
      case 'StorageClass':
        return (
          event.before === undefined || !same(event.before.allowedTopologies, event.after.allowedTopologies)
        );
      case 'CSINode':
        return event.before === undefined || migrated(event.before) !== migrated(event.after);
      default:
        return false;
    }
  },
};

/** The plugins in the tree whose volumes are a driver's on this node. */
const migrated = ({ metadata }: CSINode): string | undefined =>
  metadata.annotations?.['storage.alpha.kubernetes.io/migrated-plugins'];
