/**
 * A Pod waits until its PersistentVolumeClaims are bound. Every claim is taken to be bound without waiting for a Pod
 * (volumeBindingMode Immediate); node affinity of volumes is not looked at.
 * (kubernetes v1.34.1 plugins/volumebinding/volume_binding.go)
 */
import type { PersistentVolumeClaim, PodSpec } from '../../api/generated/types.ts';
import { keyFor } from '../../api/object.ts';
import { unresolvable, type EnqueuePlugin, type FilterPlugin, type PreFilterResult } from '../framework.ts';
import type { PodInfo } from '../pod-info.ts';

const name = 'VolumeBinding';
const unbound = unresolvable(name, 'pod has unbound immediate PersistentVolumeClaims');

interface ClaimReference {
  readonly claim: string;
  /** Made for the Pod from a template in its spec. */
  readonly ephemeral: boolean;
}

function claimsOf(spec: PodSpec, podName: string): readonly ClaimReference[] {
  const claims: ClaimReference[] = [];
  for (const volume of spec.volumes ?? [])
    if (volume.persistentVolumeClaim !== undefined)
      claims.push({ claim: volume.persistentVolumeClaim.claimName, ephemeral: false });
    else if (volume.ephemeral !== undefined)
      claims.push({ claim: `${podName}-${volume.name}`, ephemeral: true });
  return claims;
}

const nameIn = (pod: PodInfo): string => pod.key.slice(pod.key.indexOf('/') + 1);

const isBound = (claim: PersistentVolumeClaim): boolean =>
  (claim.spec.volumeName ?? '') !== '' &&
  (claim.status.phase === 'Bound' ||
    claim.metadata.annotations?.['pv.kubernetes.io/bind-completed'] !== undefined);

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

export const volumeBinding: FilterPlugin & EnqueuePlugin = {
  name,
  preFilter(pod, snapshot): PreFilterResult<undefined> {
    const references = claimsOf(pod.spec, nameIn(pod));
    let waiting = false;
    for (const reference of references) {
      const claim = snapshot.claims.objects.get(keyFor(pod.namespace, reference.claim));
      const problem = problemWith(reference, claim);
      if (problem !== undefined) return { outcome: 'reject', rejection: unresolvable(name, problem) };
      if (claim !== undefined && !isBound(claim)) waiting = true;
    }
    return waiting ? { outcome: 'reject', rejection: unbound } : { outcome: 'skip' };
  },
  filter: () => undefined,
  mayHelp(event, pod) {
    if (event.resource === 'Node') return event.action === 'Add' || event.action === 'UpdateNodeLabel';
    if (event.resource !== 'PersistentVolumeClaim' || event.after.metadata.namespace !== pod.namespace)
      return false;
    return claimsOf(pod.spec, nameIn(pod)).some(({ claim }) => claim === event.after.metadata.name);
  },
};
