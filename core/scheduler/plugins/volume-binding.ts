/**
 * A Pod waits until its PersistentVolumeClaims are bound, and goes where their volumes can be reached. A claim that
 * waits for a first consumer is taken to be bound once the volume controller has bound it.
 * (kubernetes v1.34.1 plugins/volumebinding/volume_binding.go and binder.go)
 */
import type { Node, PersistentVolume, PersistentVolumeClaim } from '../../api/generated/types.ts';
import { claimNamed, claimsOf, isBound, nameOf, type ClaimReference } from '../claims.ts';
import {
  isStorage,
  unresolvable,
  type EnqueuePlugin,
  type FilterPlugin,
  type PreFilterResult,
  type ScorePlugin,
} from '../framework.ts';
import { matchesAnyTerm } from '../../api/node-affinity.ts';

const name = 'VolumeBinding';
const unbound = unresolvable(name, 'pod has unbound immediate PersistentVolumeClaims');
const unreachable = unresolvable(name, 'node(s) had volume node affinity conflict');
const noVolume = unresolvable(
  name,
  'node(s) unavailable due to one or more pvc(s) bound to non-existent pv(s)',
);

function problemWith(
  { claim: claimName, ephemeral }: ClaimReference,
  claim: PersistentVolumeClaim | undefined,
): string | undefined {
  if (claim === undefined)
    return ephemeral
      ? `waiting for ephemeral volume controller to create the persistentvolumeclaim "${claimName}"`
      : `persistentvolumeclaim "${claimName}" not found`;
  if (claim.status.phase === 'Lost')
    return `persistentvolumeclaim "${claimName}" bound to non-existent persistentvolume "${claim.spec.volumeName ?? ''}"`;
  return claim.metadata.deletionTimestamp === undefined
    ? undefined
    : `persistentvolumeclaim "${claimName}" is being deleted`;
}

/** The volumes of the Pod's claims; undefined for one that is not there. */
type Volumes = readonly (PersistentVolume | undefined)[];

function isReachable(volume: PersistentVolume, node: Node): boolean {
  const terms = volume.spec.nodeAffinity?.required?.nodeSelectorTerms;
  return terms === undefined || matchesAnyTerm(terms, node);
}

export const volumeBinding: FilterPlugin<Volumes> & ScorePlugin & EnqueuePlugin = {
  name,
  preFilter(pod, { listers }): PreFilterResult<Volumes> {
    const references = claimsOf(pod.spec, nameOf(pod));
    if (references.length === 0) return { outcome: 'skip' };
    const volumes: (PersistentVolume | undefined)[] = [];
    let waiting = false;
    for (const reference of references) {
      const claim = claimNamed(listers, pod.namespace, reference.claim);
      const problem = problemWith(reference, claim);
      if (problem !== undefined) return { outcome: 'reject', rejection: unresolvable(name, problem) };
      if (claim === undefined) continue;
      if (isBound(claim)) volumes.push(listers.volumes.objects.get(claim.spec.volumeName ?? ''));
      else waiting = true;
    }
    return waiting ? { outcome: 'reject', rejection: unbound } : { outcome: 'filter', state: volumes };
  },
  filter(_pod, { node }, volumes) {
    if (node === undefined) return unreachable;
    for (const volume of volumes) {
      if (volume === undefined) return noVolume;
      if (!isReachable(volume, node)) return unreachable;
    }
    return undefined;
  },
  /** It scores only with the feature gate StorageCapacityScoring, which is off. */
  alike: () => 'nothing',
  preScore: () => undefined,
  score: () => 0,
  mayHelp(event, pod) {
    if (isStorage(event)) return true;
    if (event.resource === 'Node') return event.action === 'Add' || event.action === 'UpdateNodeLabel';
    if (event.resource !== 'PersistentVolumeClaim' || event.after.metadata.namespace !== pod.namespace)
      return false;
    return claimsOf(pod.spec, nameOf(pod)).some(({ claim }) => claim === event.after.metadata.name);
  },
};
