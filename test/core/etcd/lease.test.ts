/** Aim: leases as etcd v3.6.4 keeps them. Method: short stories over a small store. */
import { expect, test } from 'vitest';
import { leaseExpire } from '../../../core/etcd/lessor.ts';
import { second } from '../../../core/time/time.ts';
import { put, remove, TextStore } from './text-store.ts';

const granted = (...leases: readonly (readonly [id: number, ttlSeconds: number])[]): TextStore => {
  const store = new TextStore();
  for (const [id, ttlSeconds] of leases) store.lease({ type: 'leaseGrant', id, ttlSeconds });
  return store;
};

const keysOf = (store: TextStore, id: number): readonly string[] => {
  const response = store.lease({ type: 'leaseTimeToLive', id, keys: true });
  return response.type === 'leaseTimeToLive' ? response.keys : [];
};

test.each([
  [0, 2],
  [1, 2],
  [3, 3],
  [9_000_000_000, 9_000_000_000],
])('a TTL of %i is granted as %i', (ttlSeconds, grantedSeconds) => {
  expect(granted().lease({ type: 'leaseGrant', id: 7, ttlSeconds })).toEqual({
    type: 'leaseGrant',
    revision: 1,
    id: 7,
    ttlSeconds: grantedSeconds,
  });
});

test('refused', () => {
  const store = granted([7, 60]);
  const refusal = (response: { readonly type: string; readonly error?: unknown }) => response.error;
  expect(refusal(store.lease({ type: 'leaseGrant', id: 7, ttlSeconds: 60 }))).toEqual({
    code: 9,
    message: 'etcdserver: lease already exists',
  });
  expect(refusal(store.lease({ type: 'leaseGrant', id: 8, ttlSeconds: 9_000_000_001 }))).toEqual({
    code: 11,
    message: 'etcdserver: too large lease TTL',
  });
  expect(refusal(store.lease({ type: 'leaseRevoke', id: 8 }))).toEqual({
    code: 5,
    message: 'etcdserver: requested lease not found',
  });
});

test('a lease without an id gets one', () => {
  const store = granted([7, 60]);
  expect(store.lease({ type: 'leaseGrant', id: 0, ttlSeconds: 60 })).toMatchObject({ id: 8 });
});

test('a lease that is not there is alive for 0 seconds, and has -1 left', () => {
  expect(granted().lease({ type: 'leaseKeepAlive', id: 9 })).toMatchObject({ ttlSeconds: 0 });
  expect(granted().lease({ type: 'leaseTimeToLive', id: 9 })).toMatchObject({
    ttlSeconds: -1,
    grantedTtlSeconds: 0,
  });
});

test('time to live is what is left, in whole seconds', () => {
  const store = granted([7, 10]);
  expect(store.lease({ type: 'leaseTimeToLive', id: 7 }, 2.5 * second)).toMatchObject({
    ttlSeconds: 7,
    grantedTtlSeconds: 10,
    keys: [],
  });
  store.lease({ type: 'leaseKeepAlive', id: 7 }, 5 * second);
  expect(store.lease({ type: 'leaseTimeToLive', id: 7 }, 6 * second)).toMatchObject({ ttlSeconds: 9 });
});

test('leases are listed in the order they run out', () => {
  const store = granted([1, 60], [2, 30], [3, 60]);
  expect(store.lease({ type: 'leaseLeases' })).toMatchObject({ leases: [2, 1, 3] });
});

test('a key is attached to the lease of its last put', () => {
  const store = granted([1, 60], [2, 60]);
  for (const key of ['a', 'b', 'c', 'd', 'e']) store.kv(put(key, '1', 1));
  store.kv(put('a', '2'));
  store.kv(put('b', '2', 2));
  store.kv({ ...put('c', '2'), ignoreLease: true });
  store.kv(remove('d'));
  expect([keysOf(store, 1), keysOf(store, 2)]).toEqual([['c', 'e'], ['b']]);
});

test('revoked, a lease takes its keys along: one revision, in the order of keys', () => {
  const store = granted([1, 60], [2, 60]);
  for (const key of ['z', '\u{1f600}', '\uff5e', 'a']) store.kv(put(key, '1', 1));
  expect(store.lease({ type: 'leaseRevoke', id: 1 })).toEqual({ type: 'leaseRevoke', revision: 6 });
  expect(store.events.map((event) => event.key)).toEqual(['a', 'z', '\uff5e', '\u{1f600}']);
  expect(store.events.every((event) => event.type === 'DELETE' && event.modRevision === 6)).toBe(true);
  expect(store.lease({ type: 'leaseRevoke', id: 2 })).toEqual({ type: 'leaseRevoke', revision: 6 });
});

test('a lease runs out at its time and not before, unless it is kept alive', () => {
  const store = granted([1, 10]);
  store.kv(put('a', '1', 1));
  expect(leaseExpire(store.store, 1, 9 * second)).toBeUndefined();
  expect(leaseExpire(store.store, 1, 10 * second)?.events).toMatchObject([
    { type: 'DELETE', key: 'a', modRevision: 3 },
  ]);
  store.lease({ type: 'leaseKeepAlive', id: 1 }, 9 * second);
  expect(leaseExpire(store.store, 1, 10 * second)).toBeUndefined();
});
