/**
 * Sets of completion indexes, as a Job's status writes them: `0,3-7,9`. (kubernetes v1.34.1
 * pkg/controller/job/indexed_job_utils.go, orderedIntervals)
 */

export interface Interval {
  readonly first: number;
  readonly last: number;
}

/** In order, and neither overlapping nor touching. */
export type Intervals = readonly Interval[];

export const noIntervals: Intervals = [];

/** Reads what a status or a successPolicy says. What makes no sense is passed over; what is beyond the completions is cut off. */
export function parseIntervals(text: string, completions: number): Intervals {
  const result: Interval[] = [];
  if (text === '') return result;
  for (const part of text.split(',')) {
    const limits = part.split('-');
    const first = goInteger(limits[0] ?? '');
    if (first === undefined) continue;
    if (first >= completions) break;
    const second = limits.length > 1 ? goInteger(limits[1] ?? '') : first;
    if (second === undefined) continue;
    const last = limits.length > 1 && second >= completions ? completions - 1 : second;
    const before = result[result.length - 1];
    if (before !== undefined && before.last === first - 1)
      result[result.length - 1] = { first: before.first, last };
    else result.push({ first, last });
  }
  return result;
}

/** strconv.Atoi. */
export function goInteger(text: string): number | undefined {
  return /^[+-]?\d+$/.test(text) ? Number(text) : undefined;
}

/** Two neighbours are written apart, three and more as a range. */
export const intervalsText = (intervals: Intervals): string =>
  intervals
    .map(({ first, last }) =>
      last <= first ? `${first}` : last === first + 1 ? `${first},${last}` : `${first}-${last}`,
    )
    .join(',');

export const totalOf = (intervals: Intervals): number =>
  intervals.reduce((sum, { first, last }) => sum + last - first + 1, 0);

export function mergeIntervals(a: Intervals, b: Intervals): Intervals {
  const result: Interval[] = [];
  const append = (next: Interval): void => {
    const before = result[result.length - 1];
    if (before === undefined || next.first > before.last + 1) result.push(next);
    else if (before.last < next.last) result[result.length - 1] = { first: before.first, last: next.last };
  };
  let i = 0;
  let j = 0;
  for (let left = a[i], right = b[j]; left !== undefined || right !== undefined; left = a[i], right = b[j]) {
    const takesLeft = right === undefined || (left !== undefined && left.first < right.first);
    const next = takesLeft ? left : right;
    if (takesLeft) i++;
    else j++;
    if (next !== undefined) append(next);
  }
  return result;
}

/** The set with these indexes too, which may come in any order and more than once. */
export const withIndexes = (intervals: Intervals, indexes: Iterable<number>): Intervals =>
  mergeIntervals(
    intervals,
    [...new Set(indexes)].sort((a, b) => a - b).map((index) => ({ first: index, last: index })),
  );

export function hasIndex(intervals: Intervals, index: number): boolean {
  let low = 0;
  let high = intervals.length;
  while (high > low) {
    const middle = low + ((high - low) >> 1);
    if ((intervals[middle]?.last ?? 0) >= index) high = middle;
    else low = middle + 1;
  }
  const found = intervals[high];
  return found !== undefined && found.first <= index;
}

/** How many indexes are in both. */
export function overlapOf(a: Intervals, b: Intervals): number {
  let count = 0;
  let i = 0;
  let j = 0;
  for (let left = a[i], right = b[j]; left !== undefined && right !== undefined; left = a[i], right = b[j]) {
    count += Math.max(0, Math.min(left.last, right.last) - Math.max(left.first, right.first) + 1);
    if (left.last <= right.last) i++;
    if (right.last <= left.last) j++;
  }
  return count;
}
