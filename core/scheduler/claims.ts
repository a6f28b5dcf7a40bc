/** The PersistentVolumeClaims that a Pod names, in its volumes or by a template in them. */
import type { PersistentVolumeClaim, PodSpec } from '../api/generated/types.ts';
import { keyFor } from '../api/object.ts';
import type { Listers } from './framework.ts';
import type { PodInfo } from './pod-info.ts';

export interface ClaimReference {
  readonly claim: string;
  /** Made for the Pod from a template in its spec. */
  readonly ephemeral: boolean;
}

const noClaims: readonly ClaimReference[] = [];

export function claimsOf(spec: PodSpec, podName: string): readonly ClaimReference[] {
  if (spec.volumes === undefined) return noClaims;
  const claims: ClaimReference[] = [];
  for (const volume of spec.volumes)
    if (volume.persistentVolumeClaim !== undefined)
      claims.push({ claim: volume.persistentVolumeClaim.claimName, ephemeral: false });
    else if (volume.ephemeral !== undefined)
      claims.push({ claim: `${podName}-${volume.name}`, ephemeral: true });
  return claims;
}

export const nameOf = (pod: PodInfo): string => pod.key.slice(pod.key.indexOf('/') + 1);

export const claimNamed = (
  listers: Listers,
  namespace: string,
  claim: string,
): PersistentVolumeClaim | undefined => listers.claims.objects.get(keyFor(namespace, claim));

/** Whether a volume binder has finished with a claim. */
export const isBound = (claim: PersistentVolumeClaim): boolean =>
  (claim.spec.volumeName ?? '') !== '' &&
  (claim.status.phase === 'Bound' ||
    claim.metadata.annotations?.['pv.kubernetes.io/bind-completed'] !== undefined);

/** Whether a claim that was written is one of the Pod's. */
export const isClaimOf = (pod: PodInfo, { metadata }: PersistentVolumeClaim): boolean =>
  metadata.namespace === pod.namespace &&
  claimsOf(pod.spec, nameOf(pod)).some(({ claim }) => claim === metadata.name);
