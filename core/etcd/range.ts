/** A range request: which keys, as they were when, filtered, sorted and cut. etcd v3.6.4 server/etcdserver/txn/range.go */
import { compacted, emptyKey, futureRevision, type Failure } from './failure.ts';
import type { KeyValue, RangeRequest, RangeResponse, SortTarget } from './message.ts';
import { boundsOf, compareBytes } from './order.ts';
import { countNow, readAt, readNow, type Codec, type Found, type View } from './store.ts';

export function checkRangeRequest(request: RangeRequest): Failure | undefined {
  return request.key === '' ? emptyKey : undefined;
}

/** Answers a range request from a view. `count` is taken before the limit and the filters, `more` after them. */
export function range<V>(view: View<V>, request: RangeRequest, codec: Codec<V>): RangeResponse<V> | Failure {
  const revision = request.revision ?? 0;
  if (revision > view.revision) return futureRevision;
  const at = revision <= 0 ? view.revision : revision;
  if (at < view.compactRevision) return compacted;
  const found = read(view, request, at);
  if (request.countOnly === true)
    return { type: 'range', revision: view.revision, kvs: [], more: false, count: found.count };
  const sorted = sort(filter(found.kvs, request), request, codec);
  const limit = request.limit ?? 0;
  const more = limit > 0 && sorted.length > limit;
  const kvs = more ? sorted.slice(0, limit) : sorted;
  return {
    type: 'range',
    revision: view.revision,
    kvs: request.keysOnly === true ? kvs.map((kv) => ({ ...kv, value: codec.empty })) : kvs,
    more,
    count: found.count,
  };
}

function read<V>(view: View<V>, request: RangeRequest, at: number): Found<V> {
  const bounds = boundsOf(request.key, request.rangeEnd);
  const now = at === view.revision;
  if (now && request.countOnly === true) return { kvs: [], count: countNow(view, bounds) };
  const limit = readLimit(request);
  return now ? readNow(view, bounds, limit) : readAt(view, bounds, at, limit);
}

/** With an order or a filter everything is read first; else one more than the limit, to know whether there is more. */
function readLimit(request: RangeRequest): number {
  if (request.limit === undefined || request.limit <= 0) return 0;
  const ordered = request.sortOrder !== undefined && request.sortOrder !== 'NONE';
  return ordered || isFiltered(request) ? 0 : request.limit + 1;
}

/** A bound of 0 is no bound. */
function isFiltered(request: RangeRequest): boolean {
  return (
    (request.minModRevision ?? 0) !== 0 ||
    (request.maxModRevision ?? 0) !== 0 ||
    (request.minCreateRevision ?? 0) !== 0 ||
    (request.maxCreateRevision ?? 0) !== 0
  );
}

function filter<V>(kvs: readonly KeyValue<V>[], request: RangeRequest): readonly KeyValue<V>[] {
  if (!isFiltered(request)) return kvs;
  const within = (revision: number, min = 0, max = 0): boolean =>
    (min === 0 || revision >= min) && (max === 0 || revision <= max);
  return kvs.filter(
    (kv) =>
      within(kv.modRevision, request.minModRevision, request.maxModRevision) &&
      within(kv.createRevision, request.minCreateRevision, request.maxCreateRevision),
  );
}

/** Keys come in ascending order; another target without an order is sorted ascending. Equals keep the order of their keys. */
function sort<V>(
  kvs: readonly KeyValue<V>[],
  request: RangeRequest,
  codec: Codec<V>,
): readonly KeyValue<V>[] {
  const target = request.sortTarget ?? 'KEY';
  const order = request.sortOrder ?? 'NONE';
  if (target === 'KEY' && order !== 'DESCEND') return kvs;
  const compare = comparators<V>(codec)[target];
  return kvs.slice().sort(order === 'DESCEND' ? (a, b) => compare(b, a) : compare);
}

const comparators = <V>(
  codec: Codec<V>,
): Readonly<Record<SortTarget, (a: KeyValue<V>, b: KeyValue<V>) => number>> => ({
  KEY: (a, b) => compareBytes(a.key, b.key),
  VERSION: (a, b) => a.version - b.version,
  CREATE: (a, b) => a.createRevision - b.createRevision,
  MOD: (a, b) => a.modRevision - b.modRevision,
  VALUE: (a, b) => codec.compareValues(a.value, b.value),
});
