/**
 * How many Pods a Job should have now, and so which to delete or to create. One sync deletes or creates, never both.
 * (kubernetes v1.34.1 pkg/controller/job/job_controller.go, manageJob)
 */
import type { Job, Pod } from '../../api/generated/types.ts';
import type { Duration } from '../../time/time.ts';
import { inActiveOrder } from '../deletion-order.ts';
import { remainingBackoff, remainingBackoffOfIndex } from './backoff.ts';
import { mergeIntervals, noIntervals, withIndexes, type Intervals } from './intervals.ts';
import {
  completionIndexOf,
  hasLimitPerIndex,
  isIndexed,
  isSuspended,
  isTerminating,
  replacesOnlyFailed,
} from './pod-state.ts';
import type { Reading } from './reading.ts';

/** At most so many Pods are created or deleted by one sync (MaxPodCreateDeletePerSync). */
const mostPerSync = 500;

export type Plan =
  | { readonly do: 'nothing' }
  | { readonly do: 'delete'; readonly pods: readonly Pod[] }
  /** An index each, where the Job is Indexed. */
  | { readonly do: 'create'; readonly indexes: readonly (number | undefined)[] }
  /** Pods have failed too lately to be replaced. */
  | { readonly do: 'wait'; readonly delay: Duration };

export function planPods(reading: Reading): Plan {
  const { job, active } = reading;
  if (isSuspended(job)) return { do: 'delete', pods: surplus(reading, active.length) };
  const wanted = wantedPods(reading);
  const pods = surplus(reading, Math.max(0, active.length - wanted)).slice(0, mostPerSync);
  if (pods.length > 0) return { do: 'delete', pods };
  const missing = wanted - active.length - (replacesOnlyFailed(job) ? reading.terminating : 0);
  return missing > 0 ? planCreation(reading, missing) : { do: 'nothing' };
}

function wantedPods({ job, active, succeeded }: Reading): number {
  const { completions, parallelism = 1 } = job.spec;
  if (completions === undefined) return succeeded > 0 ? active.length : parallelism;
  return Math.max(0, Math.min(completions - succeeded, parallelism));
}

function planCreation(reading: Reading, missing: number): Plan {
  const { job, now } = reading;
  if (!hasLimitPerIndex(job)) {
    const delay = remainingBackoff(reading.backoff, now);
    if (delay > 0) return { do: 'wait', delay };
  }
  const count = Math.min(missing, mostPerSync);
  if (!isIndexed(job)) return { do: 'create', indexes: new Array<undefined>(count).fill(undefined) };
  const pending = firstPendingIndexes(reading, count);
  if (!hasLimitPerIndex(job)) return { do: 'create', indexes: pending };
  const delays = pending.map((index) => remainingBackoffOfIndex(reading.lastFailed.get(index), now));
  const ready = pending.filter((_, i) => delays[i] === 0);
  if (ready.length > 0 || delays.length === 0) return { do: 'create', indexes: ready };
  return { do: 'wait', delay: delays.reduce((least, delay) => Math.min(least, delay)) };
}

/** The first indexes that nothing runs for and that are not done. */
function firstPendingIndexes(reading: Reading, count: number): readonly number[] {
  const { job, active, pods, succeededIndexes, failedIndexes = noIntervals } = reading;
  let taken = withIndexes(succeededIndexes, indexesOf(active));
  if (replacesOnlyFailed(job)) taken = withIndexes(taken, indexesOf(pods.filter(isTerminating)));
  return firstGaps(mergeIntervals(taken, failedIndexes), count, job.spec.completions ?? 0);
}

const indexesOf = (pods: readonly Pod[]): readonly number[] =>
  pods.flatMap((pod) => completionIndexOf(pod) ?? []);

function firstGaps(taken: Intervals, count: number, end: number): readonly number[] {
  const gaps: number[] = [];
  let candidate = 0;
  for (const { first, last } of [...taken, { first: end, last: end }]) {
    for (; candidate < Math.min(first, end) && gaps.length < count; candidate++) gaps.push(candidate);
    candidate = Math.max(candidate, last + 1);
  }
  return gaps;
}

/** At least as many active Pods to be given up: first those whose index is wrong or is another's too. */
function surplus({ job, active }: Reading, atLeast: number): readonly Pod[] {
  const { misplaced, left } = isIndexed(job) ? byIndex(job, active) : { misplaced: [], left: active };
  if (misplaced.length >= atLeast) return misplaced;
  return [...misplaced, ...inActiveOrder(left).slice(0, atLeast - misplaced.length)];
}

/** `active` is in the order of indexes. Of those that share one, the one that would be deleted last stays. */
function byIndex(
  job: Job,
  active: readonly Pod[],
): { readonly misplaced: readonly Pod[]; readonly left: readonly Pod[] } {
  const { completions = 0 } = job.spec;
  const misplaced: Pod[] = [];
  const beyond: Pod[] = [];
  const left: Pod[] = [];
  const sharing = new Map<number, Pod[]>();
  for (const pod of active) {
    const index = completionIndexOf(pod);
    if (index === undefined) misplaced.push(pod);
    else if (index >= completions) beyond.push(pod);
    else sharing.set(index, [...(sharing.get(index) ?? []), pod]);
  }
  for (const pods of sharing.values()) {
    const ordered = inActiveOrder(pods);
    misplaced.push(...ordered.slice(0, -1));
    left.push(...ordered.slice(-1));
  }
  return { misplaced: [...misplaced, ...beyond], left };
}
