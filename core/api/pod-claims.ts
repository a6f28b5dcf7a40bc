/** The PersistentVolumeClaims that a Pod names, in its volumes or by a template in them. */
import type { PodSpec } from './generated/types.ts';

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
