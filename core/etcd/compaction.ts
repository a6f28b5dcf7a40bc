/**
 * Compaction: what only a read below a revision could see is forgotten. The log knows which keys were written since the
 * compaction before, so no other key is looked at. etcd v3.6.4 server/storage/mvcc/kvstore.go and kvstore_compaction.go
 */
import { compacted, futureRevision, type Failure } from './failure.ts';
import { orderKey } from './order.ts';
import type { Store, Version } from './store.ts';

/** Revision 0 may be compacted once, on a store that never was. What is written at the revision itself stays readable. */
export function compact<V>(store: Store<V>, revision: number): Store<V> | Failure {
  if (revision <= store.compactRevision) return compacted;
  if (revision > store.revision) return futureRevision;
  let { live, dead } = store;
  const seen = new Set<string>();
  for (let at = store.log.first; at <= revision; at++)
    for (const event of store.log.get(at) ?? []) {
      const key = orderKey(event.key);
      if (seen.has(key)) continue;
      seen.add(key);
      const living = live.get(key);
      if (living !== undefined) {
        const kept = trimmed(living, revision);
        if (kept !== undefined) live = live.set(key, kept);
        continue;
      }
      const buried = dead.get(key);
      if (buried === undefined) continue;
      const kept = trimmed(buried, revision);
      dead = kept === undefined ? dead.delete(key) : dead.set(key, kept);
    }
  return { ...store, compactRevision: revision, live, dead, log: store.log.dropBefore(revision) };
}

/** The chain without what a read at `revision` or later cannot see; undefined: nothing of it is left. */
function trimmed<V>(newest: Version<V>, revision: number): Version<V> | undefined {
  const newer: Version<V>[] = [];
  let version: Version<V> | undefined = newest;
  while (version !== undefined && version.modRevision > revision) {
    newer.push(version);
    version = version.previous;
  }
  // The newest version at the revision answers reads from there on; a tombstone answers like nothing at all.
  let kept = version?.kv === undefined ? undefined : withPrevious(version, undefined);
  for (const later of newer.reverse()) kept = withPrevious(later, kept);
  return kept;
}

const withPrevious = <V>(version: Version<V>, previous: Version<V> | undefined): Version<V> =>
  version.previous === previous ? version : { modRevision: version.modRevision, kv: version.kv, previous };
