/**
 * One commit under way: a draft of the next store. All that it writes takes one revision; a draft that has written
 * nothing takes none. A draft is changed in place while one request is carried out, and is never seen outside of it.
 */
import type { HashedMap } from '../collections/hashed-map.ts';
import type { OrderedMap } from '../collections/ordered-map.ts';
import { attach, detach, type Leases } from './lease.ts';
import type { EtcdEvent, KeyValue } from './message.ts';
import { orderKey, type Bounds, type OrderKey } from './order.ts';
import { eventOf, type Codec, type Commit, type Store, type Version, type View } from './store.ts';

export interface Draft<V> {
  readonly base: Store<V>;
  /** The revision of what it writes. */
  readonly revision: number;
  live: HashedMap<Version<V>>;
  dead: OrderedMap<OrderKey, Version<V>>;
  leases: Leases;
  events: EtcdEvent<V>[];
}

export const draftOf = <V>(base: Store<V>): Draft<V> => ({
  base,
  revision: base.revision + 1,
  live: base.live,
  dead: base.dead,
  leases: base.leases,
  events: [],
});

/** What a later operation of the same txn reads: its own writes, at the new revision once there are any. */
export const viewOf = <V>(draft: Draft<V>): View<V> => ({
  revision: revisionOf(draft),
  compactRevision: draft.base.compactRevision,
  live: draft.live,
  dead: draft.dead,
});

/** The revision that the header of an operation shows. */
export const revisionOf = <V>(draft: Draft<V>): number =>
  draft.events.length === 0 ? draft.base.revision : draft.revision;

export const keyOfDraft = <V>(draft: Draft<V>, key: string): KeyValue<V> | undefined =>
  draft.live.get(orderKey(key));

/** Writes a key and answers what it was before. */
export function writeKey<V>(
  draft: Draft<V>,
  key: string,
  value: V,
  lease: number,
  codec: Codec<V>,
): KeyValue<V> | undefined {
  const at = orderKey(key);
  const revision = draft.revision;
  const before = draft.live.get(at);
  let previous = before;
  if (previous === undefined && draft.dead.size > 0) {
    previous = draft.dead.get(at);
    if (previous !== undefined) draft.dead = draft.dead.delete(at);
  }
  const version = versionAfter(before, previous, key, value, lease, revision, codec);
  draft.live = draft.live.set(at, version);
  if (before !== undefined && before.lease !== 0) draft.leases = detach(draft.leases, before.lease, at);
  if (lease !== 0) draft.leases = attach(draft.leases, lease, at);
  noteEvent(draft, eventOf(version));
  return before;
}

/** The version that a write makes of what is `before` it, which is undefined where `previous` is a tombstone. */
const versionAfter = <V>(
  before: Version<V> | undefined,
  previous: Version<V> | undefined,
  key: string,
  value: V,
  lease: number,
  revision: number,
  codec: Codec<V>,
): Version<V> => ({
  // The text of the first write is kept, so that a key is in memory once however often it is written.
  key: before === undefined ? key : before.key,
  value: codec.stamp === undefined ? value : codec.stamp(value, revision),
  createRevision: before === undefined ? revision : before.createRevision,
  modRevision: revision,
  version: before === undefined ? 1 : before.version + 1,
  lease,
  previous,
});

/** What a commit of one write did: the store after it, and what was written. */
interface Written<V> {
  readonly store: Store<V>;
  readonly event: EtcdEvent<V>;
}

/** A commit that writes one key, without lease before or after: as `writeKey` and `commit` would do it, without a draft. */
export function writeOne<V>(
  base: Store<V>,
  key: string,
  before: Version<V> | undefined,
  value: V,
  codec: Codec<V>,
): Written<V> {
  const at = orderKey(key);
  const revision = base.revision + 1;
  let { dead } = base;
  let previous = before;
  if (before === undefined && dead.size > 0) {
    previous = dead.get(at);
    if (previous !== undefined) dead = dead.delete(at);
  }
  const version = versionAfter(before, previous, key, value, 0, revision, codec);
  const store: Store<V> = {
    revision,
    compactRevision: base.compactRevision,
    live: base.live.set(at, version),
    dead,
    log: base.log.append(orderKey(version.key)),
    leases: base.leases,
  };
  const event: EtcdEvent<V> = {
    type: 'PUT',
    key: version.key,
    modRevision: revision,
    kv: version,
    prevKv: before,
  };
  return { store, event };
}

/** Deletes the keys of a range and answers what they were. */
export function deleteKeys<V>(draft: Draft<V>, bounds: Bounds): readonly KeyValue<V>[] {
  const doomed: [OrderKey, Version<V>][] = [];
  if (bounds.single) {
    const version = draft.live.get(bounds.from);
    if (version !== undefined) doomed.push([bounds.from, version]);
  } else draft.live.ordered().scan(bounds.from, bounds.to, (at, version) => void doomed.push([at, version]));
  const deleted: KeyValue<V>[] = [];
  for (const [at, version] of doomed) {
    const tombstone: Version<V> = {
      key: version.key,
      value: version.value,
      createRevision: 0,
      modRevision: draft.revision,
      version: 0,
      lease: 0,
      previous: version,
    };
    draft.live = draft.live.delete(at);
    draft.dead = draft.dead.set(at, tombstone);
    if (version.lease !== 0) draft.leases = detach(draft.leases, version.lease, at);
    noteEvent(draft, eventOf(tombstone));
    deleted.push(version);
  }
  return deleted;
}

/** A literal of one takes the room of one, an array that grows by `push` that of seventeen. */
function noteEvent<V>(draft: Draft<V>, event: EtcdEvent<V>): void {
  if (draft.events.length === 0) draft.events = [event];
  else draft.events.push(event);
}

/** The store with what the draft wrote. */
export function commit<V>(draft: Draft<V>): Store<V> {
  const base = draft.base;
  if (draft.events.length === 0) return base;
  return {
    revision: draft.revision,
    compactRevision: base.compactRevision,
    live: draft.live,
    dead: draft.dead,
    log: base.log.append(commitOf(draft.events)),
    leases: draft.leases,
  };
}

function commitOf<V>(events: readonly EtcdEvent<V>[]): Commit {
  const only = events[0];
  return events.length === 1 && only !== undefined
    ? orderKey(only.key)
    : events.map((event) => orderKey(event.key));
}
