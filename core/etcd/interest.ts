/**
 * Who wants to hear of a key. Watches of one key are found under it; watches of a range divide all keys into segments,
 * each with the watches that cover it, so that one look finds those of a key however many there are.
 */
import { OrderedMap } from '../collections/ordered-map.ts';
import type { OrderKey } from './order.ts';
import type { Watch } from './watch.ts';

export interface Interest {
  /** By key, then by the watch's number. */
  readonly exact: OrderedMap<OrderKey, OrderedMap<number, Watch>>;
  /** By the first key of a segment, which ends where the next begins. Before the first one lies nothing. */
  readonly segments: OrderedMap<OrderKey, readonly Watch[]>;
}

export const noInterest = (): Interest => ({ exact: OrderedMap.empty(), segments: OrderedMap.empty() });

const none: readonly Watch[] = [];

/** The watches whose keys include `key`: those of ranges first, each group in order of creation. */
export function interestedIn(interest: Interest, key: OrderKey): readonly Watch[] {
  const covering = interest.segments.size === 0 ? none : segmentAt(interest.segments, key);
  const exact = interest.exact.size === 0 ? undefined : interest.exact.get(key);
  return exact === undefined ? covering : [...covering, ...exact.values()];
}

function segmentAt(segments: Interest['segments'], key: OrderKey): readonly Watch[] {
  return segments.floor(key)?.[1] ?? none;
}

export function addInterest(interest: Interest, watch: Watch): Interest {
  const { single, from, to } = watch.bounds;
  if (single) {
    const others = interest.exact.get(from) ?? OrderedMap.empty<number, Watch>();
    return { exact: interest.exact.set(from, others.set(watch.number, watch)), segments: interest.segments };
  }
  let segments = interest.segments.set(from, segmentAt(interest.segments, from));
  if (to !== undefined) segments = segments.set(to, segmentAt(segments, to));
  for (const [start, watches] of interestIn(segments, from, to))
    segments = segments.set(start, [...watches, watch]);
  return { exact: interest.exact, segments };
}

export function removeInterest(interest: Interest, watch: Watch): Interest {
  const { single, from, to } = watch.bounds;
  if (single) {
    const others = interest.exact.get(from)?.delete(watch.number);
    if (others === undefined) return interest;
    const exact = others.size === 0 ? interest.exact.delete(from) : interest.exact.set(from, others);
    return { exact, segments: interest.segments };
  }
  let segments = interest.segments;
  for (const [start, watches] of interestIn(segments, from, to))
    segments = segments.set(
      start,
      watches.filter((other) => other !== watch),
    );
  segments = joined(segments, from);
  return { exact: interest.exact, segments: to === undefined ? segments : joined(segments, to) };
}

const interestIn = (
  segments: Interest['segments'],
  from: OrderKey,
  to: OrderKey | undefined,
): readonly [OrderKey, readonly Watch[]][] => [...segments.entries(from, to)];

/** Without the boundary at `start`, if the segments on both sides of it are alike. */
function joined(segments: Interest['segments'], start: OrderKey): Interest['segments'] {
  const before = segments.at(segments.rank(start) - 1)?.[1] ?? none;
  const after = segments.get(start);
  if (after === undefined || after.length !== before.length) return segments;
  return after.every((watch, i) => watch === before[i]) ? segments.delete(start) : segments;
}
