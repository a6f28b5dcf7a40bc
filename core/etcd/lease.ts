/** A lease: a time to live that keys may be attached to. A key is attached to one lease at most. */
import type { OrderedMap } from '../collections/ordered-map.ts';
import type { VirtualTime } from '../time/time.ts';
import type { OrderKey } from './order.ts';

export interface Lease {
  readonly id: number;
  readonly ttlSeconds: number;
  readonly expiresAt: VirtualTime;
  readonly keys: OrderedMap<OrderKey, true>;
}

export type Leases = OrderedMap<number, Lease>;

export function attach(leases: Leases, id: number, at: OrderKey): Leases {
  const lease = leases.get(id);
  return lease === undefined ? leases : leases.set(id, { ...lease, keys: lease.keys.set(at, true) });
}

export function detach(leases: Leases, id: number, at: OrderKey): Leases {
  const lease = leases.get(id);
  return lease === undefined ? leases : leases.set(id, { ...lease, keys: lease.keys.delete(at) });
}
