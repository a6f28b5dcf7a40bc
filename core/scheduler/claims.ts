/** The PersistentVolumeClaims of a Pod, as the listers have them. */
import type { PersistentVolumeClaim } from '../api/generated/types.ts';
import { keyFor } from '../api/object.ts';
import { claimsOf } from '../api/pod-claims.ts';
import type { Listers } from './framework.ts';
import type { PodInfo } from './pod-info.ts';

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
