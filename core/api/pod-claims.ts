/** The PersistentVolumeClaims that a Pod names, in its volumes or by a template in them. */
import type { PersistentVolumeClaim, PodSpec } from './generated/types.ts';
import { controllerOf } from './object.ts';

export interface ClaimReference {
  readonly claim: string;
  /** Made for the Pod from a template in its spec. */
  readonly ephemeral: boolean;
}

const noClaims: readonly ClaimReference[] = [];

/** The claims of a Pod of that name, in the order of its volumes. */
export function claimsOf({ volumes }: PodSpec, podName: string): readonly ClaimReference[] {
  if (volumes === undefined) return noClaims;
  const claims: ClaimReference[] = [];
  for (const volume of volumes)
    if (volume.persistentVolumeClaim !== undefined)
      claims.push({ claim: volume.persistentVolumeClaim.claimName, ephemeral: false });
    else if (volume.ephemeral !== undefined)
      claims.push({ claim: `${podName}-${volume.name}`, ephemeral: true });
  return claims;
}

/** Whether a claim of the name that a Pod's template has was made for that Pod. (component-helpers/storage/ephemeral VolumeIsForPod) */
export const claimIsFor = (claim: PersistentVolumeClaim, podUid: string): boolean =>
  controllerOf(claim)?.uid === podUid;

/** What is said of one that was not. */
export const notOwnerOf = (claim: string, namespace: string, podName: string): string =>
  `PVC ${namespace}/${claim} was not created for pod ${namespace}/${podName} (pod is not owner)`;
