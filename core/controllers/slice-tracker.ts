/**
 * What a controller has written of EndpointSlices, until its cache shows it: a sync that did not know of a slice it made
 * would make it twice (kubernetes v1.34.1 staging/src/k8s.io/endpointslice/util/endpointslice_tracker.go).
 */
import type { ObjectKey } from '../api/object.ts';
import type { EndpointSlice } from '../api/generated/types.ts';
import type { ApiAnswer, ApiRequest } from '../api/request.ts';
import type { Delta } from '../client/informer.ts';
import { OrderedMap } from '../collections/ordered-map.ts';

/** For each Service the generation of each slice as last written, by uid; -1 where it was deleted. */
export type WrittenSlices = OrderedMap<ObjectKey, Readonly<Record<string, number>>>;

export const noWrittenSlices: WrittenSlices = OrderedMap.empty();

const deleted = -1;

/** A change of a slice: whether it is what was written here. Undefined: it is, and nothing is to be remembered. */
export function hearOf(
  written: WrittenSlices,
  key: ObjectKey,
  { object, type }: Delta,
): { readonly isOwn: boolean; readonly written: WrittenSlices } | undefined {
  const { uid, generation = 0 } = object.metadata;
  const known = written.get(key) ?? {};
  const last = known[uid];
  if (type !== 'deleted')
    return last !== undefined && generation <= last ? undefined : { isOwn: false, written };
  const { [uid]: _, ...others } = known;
  return { isOwn: last === deleted, written: written.set(key, others) };
}

/** An answer to a write of a slice. */
export function noteAnswer(
  written: WrittenSlices,
  key: ObjectKey,
  request: ApiRequest,
  answer: ApiAnswer,
): WrittenSlices {
  if (!answer.ok || answer.object === undefined) return written;
  const { uid, generation = 0 } = answer.object.metadata;
  const known = written.get(key) ?? {};
  return written.set(key, { ...known, [uid]: request.verb === 'delete' ? deleted : generation });
}

/** The cache does not show yet what was written. */
export function isStale(slices: readonly EndpointSlice[], written: WrittenSlices, key: ObjectKey): boolean {
  const known = written.get(key) ?? {};
  const seen = new Set<string>();
  for (const { metadata } of slices) {
    seen.add(metadata.uid);
    const last = known[metadata.uid];
    if (last === deleted || (last !== undefined && (metadata.generation ?? 0) < last)) return true;
  }
  return Object.keys(known).some((uid) => known[uid] !== deleted && !seen.has(uid));
}
