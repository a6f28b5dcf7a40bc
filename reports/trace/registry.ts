/**
 * The registry of a trace at a time: what etcd held, put together again from the records of what was written. It is a
 * persistent map, so an older one costs nothing to keep.
 */
import type { Json } from '../../core/api/generated/types.ts';
import { mergePatch } from '../../core/api/merge-patch.ts';
import { OrderedMap } from '../../core/collections/ordered-map.ts';
import type { RecordLine } from '../../sim/trace/format.ts';

export interface RegistryEntry {
  readonly object: Json;
  readonly createRevision: number;
  readonly modRevision: number;
  readonly version: number;
}

export interface Registry {
  /** Of the last write; 0 before the first. */
  readonly revision: number;
  readonly entries: OrderedMap<string, RegistryEntry>;
}

/** A record that says what was written. */
export type WriteRecord = Extract<RecordLine, { readonly rev: number }>;

export const isWrite = (record: RecordLine): record is WriteRecord => 'rev' in record;

export const emptyRegistry: Registry = { revision: 0, entries: OrderedMap.empty() };

/** The registry with one more write. */
export function applyWrite(registry: Registry, write: WriteRecord): Registry {
  const { rev, key } = write;
  if ('delete' in write) return { revision: rev, entries: registry.entries.delete(key) };
  const before = registry.entries.get(key);
  const object = 'put' in write ? write.put : (mergePatch(before?.object ?? {}, write.patch) as Json);
  const entry: RegistryEntry = {
    object,
    createRevision: before?.createRevision ?? rev,
    modRevision: rev,
    version: (before?.version ?? 0) + 1,
  };
  return { revision: rev, entries: registry.entries.set(key, entry) };
}
