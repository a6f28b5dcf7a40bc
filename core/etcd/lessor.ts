/** The requests about leases, and what happens when one runs out. etcd v3.6.4 server/lease/lessor.go */
import { OrderedMap } from '../collections/ordered-map.ts';
import { second, type VirtualTime } from '../time/time.ts';
import { leaseExists, leaseNotFound, leaseTtlTooLarge } from './failure.ts';
import type { Lease, Leases } from './lease.ts';
import type { EtcdEvent, LeaseRequest, LeaseResponse } from './message.ts';
import type { Store } from './store.ts';
import { commit, deleteKeys, draftOf } from './write.ts';

/** (3 * 10 election ticks of 100 ms) / 2, rounded up: the shortest lease with the default election timeout. */
const minTtlSeconds = 2;
const maxTtlSeconds = 9_000_000_000;

/** What a lease request or an expiry did. */
export interface LeaseOutcome<V> {
  readonly store: Store<V>;
  readonly response: LeaseResponse;
  readonly events: readonly EtcdEvent<V>[];
}

export function applyLease<V>(store: Store<V>, request: LeaseRequest, now: VirtualTime): LeaseOutcome<V> {
  switch (request.type) {
    case 'leaseGrant':
      return grant(store, request.id, request.ttlSeconds, now);
    case 'leaseRevoke':
      return leaseRevoke(store, request.id);
    case 'leaseKeepAlive':
      return keepAlive(store, request.id, now);
    case 'leaseTimeToLive':
      return unchanged(store, timeToLive(store, request.id, request.keys === true, now));
    case 'leaseLeases':
      return unchanged(store, {
        type: 'leaseLeases',
        revision: store.revision,
        leases: byExpiry(store.leases),
      });
  }
}

const unchanged = <V>(store: Store<V>, response: LeaseResponse): LeaseOutcome<V> => ({
  store,
  response,
  events: [],
});

/** An id of 0 asks the store to choose: the first one above all in use. */
function grant<V>(store: Store<V>, wanted: number, ttl: number, now: VirtualTime): LeaseOutcome<V> {
  if (ttl > maxTtlSeconds) return unchanged(store, leaseTtlTooLarge);
  const id = wanted === 0 ? (store.leases.last()?.[0] ?? 0) + 1 : wanted;
  if (store.leases.get(id) !== undefined) return unchanged(store, leaseExists);
  const ttlSeconds = Math.max(ttl, minTtlSeconds);
  const lease: Lease = { id, ttlSeconds, expiresAt: now + ttlSeconds * second, keys: OrderedMap.empty() };
  const granted = { ...store, leases: store.leases.set(id, lease) };
  return unchanged(granted, { type: 'leaseGrant', revision: store.revision, id, ttlSeconds });
}

/** Deletes the lease and, in one revision and in the order of keys, what is attached to it. Without keys there is no revision. */
export function leaseRevoke<V>(store: Store<V>, id: number): LeaseOutcome<V> {
  const lease = store.leases.get(id);
  if (lease === undefined) return unchanged(store, leaseNotFound);
  const draft = draftOf({ ...store, leases: store.leases.delete(id) });
  for (const from of lease.keys.keys()) deleteKeys(draft, { single: true, from, to: undefined });
  const after = commit(draft);
  return { store: after, response: { type: 'leaseRevoke', revision: after.revision }, events: draft.events };
}

/** What running out means for a lease: the same as being revoked. A lease that was kept alive, or is gone, stays as it is. */
export function leaseExpire<V>(store: Store<V>, id: number, now: VirtualTime): LeaseOutcome<V> | undefined {
  const lease = store.leases.get(id);
  return lease === undefined || lease.expiresAt > now ? undefined : leaseRevoke(store, id);
}

function keepAlive<V>(store: Store<V>, id: number, now: VirtualTime): LeaseOutcome<V> {
  const lease = store.leases.get(id);
  const ttlSeconds = lease?.ttlSeconds ?? 0;
  const response: LeaseResponse = { type: 'leaseKeepAlive', revision: store.revision, id, ttlSeconds };
  if (lease === undefined) return unchanged(store, response);
  const renewed: Lease = { ...lease, expiresAt: now + ttlSeconds * second };
  return unchanged({ ...store, leases: store.leases.set(id, renewed) }, response);
}

function timeToLive<V>(store: Store<V>, id: number, withKeys: boolean, now: VirtualTime): LeaseResponse {
  const lease = store.leases.get(id);
  const revision = store.revision;
  if (lease === undefined)
    return { type: 'leaseTimeToLive', revision, id, ttlSeconds: -1, grantedTtlSeconds: 0, keys: [] };
  const keys: string[] = [];
  if (withKeys)
    for (const at of lease.keys.keys()) {
      const kv = store.live.get(at);
      if (kv !== undefined) keys.push(kv.key);
    }
  const ttlSeconds = Math.floor((lease.expiresAt - now) / second);
  return { type: 'leaseTimeToLive', revision, id, ttlSeconds, grantedTtlSeconds: lease.ttlSeconds, keys };
}

const byExpiry = (leases: Leases): readonly number[] =>
  [...leases.values()].sort((a, b) => a.expiresAt - b.expiresAt || a.id - b.id).map((lease) => lease.id);
