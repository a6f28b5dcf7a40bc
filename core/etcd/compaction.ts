/**
 * Compaction: what only a read below a revision could see is forgotten. The log knows which keys were written since the
 * compaction before, so no other key is looked at. etcd v3.6.4 server/storage/mvcc/kvstore.go and kvstore_compaction.go
 */
import { compacted, futureRevision, type Failure } from './failure.ts';
import { isTombstone, keysOf, type Store, type Version } from './store.ts';

/** Revision 0 may be compacted once, on a store that never was. What is written at the revision itself stays readable. */
export function compact<V>(store: Store<V>, revision: number): Store<V> | Failure {
  if (revision <= store.compactRevision) return compacted;
  if (revision > store.revision) return futureRevision;
  let { live, dead } = store;
  const seen = new Set<string>();
  for (let at = store.log.first; at <= revision; at++)
    for (const key of keysOf(store.log.get(at) ?? [])) {
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

/**
 * The chain without what neither a read nor a watch at `revision` or later can see; undefined: nothing of it is left.
 * Whatever was written at the revision itself stays, for a watch that begins there.
 */
function trimmed<V>(newest: Version<V>, revision: number): Version<V> | undefined {
  const kept: Version<V>[] = [];
  let version: Version<V> | undefined = newest;
  for (; version !== undefined && version.modRevision >= revision; version = version.previous)
    kept.push(version);
  const hasWriteAtRevision = kept.at(-1)?.modRevision === revision;
  // The newest version before the revision answers reads from there on; a tombstone answers like nothing at all.
  if (!hasWriteAtRevision && version !== undefined && !isTombstone(version)) kept.push(version);
  return kept.reduceRight<Version<V> | undefined>(
    (previous, later) => withPrevious(later, previous),
    undefined,
  );
}

const withPrevious = <V>(version: Version<V>, previous: Version<V> | undefined): Version<V> =>
  version.previous === previous
    ? version
    : {
        key: version.key,
        value: version.value,
        createRevision: version.createRevision,
        modRevision: version.modRevision,
        version: version.version,
        lease: version.lease,
        previous,
      };
