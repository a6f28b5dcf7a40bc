/**
 * A renewal of a Lease that changes no decision need not be written. Where a kubelet's renewals are not, its Lease says so
 * in this annotation: `derived` while the kubelet lives, `ended` when its last renewal is the one in the Lease.
 */
import type { Lease } from './generated/types.ts';

export const heartbeatsAnnotation = 'wavetank.dev/heartbeats';

export type Heartbeats = 'derived' | 'ended';

/** Undefined: each renewal is written. */
export function heartbeatsOf(lease: Lease | undefined): Heartbeats | undefined {
  const said = lease?.metadata.annotations?.[heartbeatsAnnotation];
  return said === 'derived' || said === 'ended' ? said : undefined;
}
