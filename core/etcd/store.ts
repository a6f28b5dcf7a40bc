/**
 * etcd's multi-version store as a value. `live` holds the newest version of every key that exists now, `dead` the
 * tombstone of every deleted key that an older revision may still ask for; each version links to the one before it until
 * a compaction cuts the chain. So a range now sees no tombstone, a range at an older revision reads the same roots, and
 * an older Store is itself a complete older revision. A key is found by its hash; those that live are put in order when
 * somebody asks for a range. `log` holds the writes by revision, for watches of the past.
 *
 * Writing is in write.ts (one commit), txn.ts (requests), lease.ts and compaction.ts; watch.ts tells who hears of it.
 */
import { HashedMap } from '../collections/hashed-map.ts';
import { Log } from '../collections/log.ts';
import { OrderedMap } from '../collections/ordered-map.ts';
import type { Leases } from './lease.ts';
import type { EtcdEvent, KeyValue } from './message.ts';
import { orderKey, type Bounds, type OrderKey } from './order.ts';

/** One write of one key. A deletion (a tombstone) has `version` 0, as etcd's own has, and nothing else to tell. */
export interface Version<V> extends KeyValue<V> {
  /** The version before this one, unless it has been compacted away. */
  readonly previous: Version<V> | undefined;
}

/** The keys that one revision wrote, in order; nearly always it is one. Their versions have that `modRevision`. */
export type Commit = OrderKey | readonly OrderKey[];

/** What can be read: the keys at one revision and before it. */
export interface View<V> {
  /** The revision of the newest write. */
  readonly revision: number;
  /** Older revisions cannot be read. -1: never compacted. */
  readonly compactRevision: number;
  readonly live: HashedMap<Version<V>>;
  readonly dead: OrderedMap<OrderKey, Version<V>>;
}

export interface Store<V> extends View<V> {
  /** What each revision wrote, under its number. */
  readonly log: Log<Commit>;
  readonly leases: Leases;
}

/** What the store must know of its values. Functions, hence no part of a state. */
export interface Codec<V> {
  /** What a put without a value stores, and what stands for a value that was not asked for (keys_only). */
  readonly empty: V;
  /** Negative, zero or positive: for sorting by VALUE and for comparing VALUE in a txn. */
  readonly compareValues: (a: V, b: V) => number;
  /** Applied once to each value when it is written: what is stored. @default the value itself */
  readonly stamp?: ((value: V, revision: number) => V) | undefined;
}

/** An empty store is at revision 1: the first write is 2. */
export function newStore<V>(): Store<V> {
  return {
    revision: 1,
    compactRevision: -1,
    live: HashedMap.empty(),
    dead: OrderedMap.empty(),
    log: Log.empty(2),
    leases: OrderedMap.empty(),
  };
}

/** The key as it is now; undefined when it does not exist. */
export const getKey = <V>(view: View<V>, key: string): KeyValue<V> | undefined =>
  view.live.get(orderKey(key));

/** What a version's key was at `revision`; undefined when it did not exist then. */
export function kvAt<V>(newest: Version<V>, revision: number): KeyValue<V> | undefined {
  let version: Version<V> | undefined = newest;
  while (version !== undefined && version.modRevision > revision) version = version.previous;
  return version === undefined || isTombstone(version) ? undefined : version;
}

export const isTombstone = <V>(version: Version<V>): boolean => version.version === 0;

export const keysOf = (commit: Commit): readonly OrderKey[] =>
  typeof commit === 'string' ? [commit] : commit;

/** What a revision wrote, as its watches were told: told again to those that begin in the past. */
export function eventsAt<V>(store: Store<V>, revision: number): readonly EtcdEvent<V>[] {
  const events: EtcdEvent<V>[] = [];
  const told = new Map<OrderKey, number>();
  for (const key of keysOf(store.log.get(revision) ?? [])) {
    const newest = store.live.get(key) ?? store.dead.get(key);
    const writes = newest === undefined ? [] : writesAt(newest, revision);
    const nth = told.get(key) ?? 0;
    told.set(key, nth + 1);
    const version = writes[nth];
    if (version !== undefined) events.push(eventOf(version));
  }
  return events;
}

/** The versions of a key that one revision wrote (a txn may write it twice), in order. */
function writesAt<V>(newest: Version<V>, revision: number): readonly Version<V>[] {
  const writes: Version<V>[] = [];
  let version: Version<V> | undefined = newest;
  for (; version !== undefined && version.modRevision >= revision; version = version.previous)
    if (version.modRevision === revision) writes.unshift(version);
  return writes;
}

/** The event of a write. Its prev_kv is the key before the whole txn, whatever an earlier operation of it wrote. */
export function eventOf<V>(version: Version<V>): EtcdEvent<V> {
  const deleted = isTombstone(version);
  let before = version.previous;
  while (before !== undefined && before.modRevision === version.modRevision) before = before.previous;
  return {
    type: deleted ? 'DELETE' : 'PUT',
    key: version.key,
    modRevision: version.modRevision,
    kv: deleted ? undefined : version,
    prevKv: before === undefined || isTombstone(before) ? undefined : before,
  };
}

/** The first `limit` keys of a range (0: all), in order, and how many keys the range has. */
export interface Found<V> {
  readonly kvs: readonly KeyValue<V>[];
  readonly count: number;
}

/** Reads the keys as they are now. */
export function readNow<V>(view: View<V>, bounds: Bounds, limit: number): Found<V> {
  if (bounds.single) {
    const kv = view.live.get(bounds.from);
    return kv === undefined ? { kvs: [], count: 0 } : { kvs: [kv], count: 1 };
  }
  const kvs: KeyValue<V>[] = [];
  view.live.ordered().scan(bounds.from, bounds.to, (_, version) => {
    kvs.push(version);
    return kvs.length !== limit;
  });
  return { kvs, count: kvs.length === limit ? countNow(view, bounds) : kvs.length };
}

/** How many keys a range has now, without visiting them. */
export function countNow<V>(view: View<V>, bounds: Bounds): number {
  if (bounds.single) return view.live.get(bounds.from) === undefined ? 0 : 1;
  const live = view.live.ordered();
  const end = bounds.to === undefined ? live.size : live.rank(bounds.to);
  return Math.max(0, end - live.rank(bounds.from));
}

/** Reads the keys as they were at `revision`, which must not have been compacted. */
export function readAt<V>(view: View<V>, bounds: Bounds, revision: number, limit: number): Found<V> {
  const kvs: KeyValue<V>[] = [];
  let count = 0;
  for (const version of versionsIn(view, bounds)) {
    const kv = kvAt(version, revision);
    if (kv === undefined) continue;
    count++;
    if (limit === 0 || kvs.length < limit) kvs.push(kv);
  }
  return { kvs, count };
}

/** The newest version, be it a tombstone, of every key in a range, in order. */
function versionsIn<V>(view: View<V>, bounds: Bounds): readonly Version<V>[] {
  if (bounds.single) {
    const version = view.live.get(bounds.from) ?? view.dead.get(bounds.from);
    return version === undefined ? [] : [version];
  }
  const living = [...view.live.ordered().entries(bounds.from, bounds.to)];
  const buried = [...view.dead.entries(bounds.from, bounds.to)];
  const merged: Version<V>[] = [];
  let next = 0;
  for (const [key, version] of living) {
    for (let dead = buried[next]; dead !== undefined && dead[0] < key; dead = buried[++next])
      merged.push(dead[1]);
    merged.push(version);
  }
  for (; next < buried.length; next++) merged.push((buried[next] as [OrderKey, Version<V>])[1]);
  return merged;
}
