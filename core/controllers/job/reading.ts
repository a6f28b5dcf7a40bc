/**
 * What a sync reads in a Job and its Pods, before it does anything: who runs, who has ended since the last count, which
 * indexes are done. (kubernetes v1.34.1 pkg/controller/job, syncJobCtx)
 */
import type { Job, Pod } from '../../api/generated/types.ts';
import { isPodActive, isPodReady } from '../../api/pod.ts';
import type { VirtualTime } from '../../time/time.ts';
import { withFinished, type BackoffRecord } from './backoff.ts';
import { judgeFailure } from './failure-policy.ts';
import { hasIndex, noIntervals, parseIntervals, totalOf, withIndexes, type Intervals } from './intervals.ts';
import {
  allFailuresOf,
  completionIndexOf,
  failureCountOf,
  finishedAt,
  hasLimitPerIndex,
  isFailed,
  isIndexed,
  isSucceeded,
  isTerminating,
  isTracked,
  validIndexOf,
} from './pod-state.ts';

/** A set of Pods' uids. */
export interface Uids {
  has(uid: string): boolean;
}

export interface Reading {
  readonly job: Job;
  readonly now: VirtualTime;
  /** In the order of their indexes, where the Job is Indexed. */
  readonly pods: readonly Pod[];
  readonly active: readonly Pod[];
  /** Of the active ones. */
  readonly ready: number;
  readonly terminating: number;
  /** Pods whose finalizer is known to be gone, whatever the cache says. */
  readonly released: Uids;
  /** Pods that the status has, but has not added to its counts. */
  readonly uncounted: { readonly succeeded: Uids; readonly failed: Uids };
  /** All that ever succeeded and failed, as far as is known. */
  readonly succeeded: number;
  readonly failed: number;
  readonly backoff: BackoffRecord;
  /** As the status has them. */
  readonly countedIndexes: Intervals;
  readonly succeededIndexes: Intervals;
  /** Of a Job with backoffLimitPerIndex. */
  readonly failedIndexes: Intervals | undefined;
  /** The last failed Pod of each index that is to be tried again: it stays until its successor knows how often the index failed. */
  readonly lastFailed: ReadonlyMap<number, Pod>;
}

export function readJob(
  job: Job,
  found: readonly Pod[],
  released: Uids,
  record: BackoffRecord,
  now: VirtualTime,
): Reading {
  const pods = isIndexed(job) ? inIndexOrder(found) : found;
  const { succeeded = [], failed = [] } = job.status.uncountedTerminatedPods ?? {};
  const uncounted = { succeeded: new Set(succeeded), failed: new Set(failed) };
  const isNew = (pod: Pod, known: Uids): boolean => isCountable(job, pod, released, known);
  const newlySucceeded = pods.filter((pod) => isSucceeded(pod) && isNew(pod, uncounted.succeeded));
  const newlyFailed = pods.filter((pod) => isFailed(job, pod) && isNew(pod, uncounted.failed));
  const active = pods.filter(isPodActive);
  const indexes = readIndexes(job, pods, active, released);
  const { podFailurePolicy } = job.spec;
  const countedFailures = newlyFailed.filter((pod) => judgeFailure(podFailurePolicy, pod).counts);
  return {
    job,
    now,
    pods,
    active,
    ready: active.filter(isPodReady).length,
    terminating: pods.filter(isTerminating).length,
    released,
    uncounted,
    succeeded: isIndexed(job)
      ? totalOf(indexes.succeededIndexes)
      : (job.status.succeeded ?? 0) + newlySucceeded.length + succeeded.length,
    failed: (job.status.failed ?? 0) + countedFailures.length + failed.length,
    backoff: withFinished(record, newlySucceeded, newlyFailed),
    ...indexes,
  };
}

/** Pods without an index come first. */
const inIndexOrder = (pods: readonly Pod[]): readonly Pod[] =>
  pods
    .map((pod) => ({ pod, index: completionIndexOf(pod) ?? -1 }))
    .sort((a, b) => a.index - b.index)
    .map(({ pod }) => pod);

/** Not counted yet, and of an index that counts. */
const isCountable = (job: Job, pod: Pod, released: Uids, known: Uids): boolean =>
  isTracked(pod) &&
  !known.has(pod.metadata.uid) &&
  !released.has(pod.metadata.uid) &&
  (!isIndexed(job) || validIndexOf(job, pod) !== undefined);

type Indexes = Pick<Reading, 'countedIndexes' | 'succeededIndexes' | 'failedIndexes' | 'lastFailed'>;

const noIndexes: Indexes = {
  countedIndexes: noIntervals,
  succeededIndexes: noIntervals,
  failedIndexes: undefined,
  lastFailed: new Map(),
};

function readIndexes(job: Job, pods: readonly Pod[], active: readonly Pod[], released: Uids): Indexes {
  if (!isIndexed(job)) return noIndexes;
  const { completions = 0 } = job.spec;
  const indexesOf = (which: (pod: Pod) => boolean): readonly number[] =>
    pods.flatMap((pod) => {
      const index = which(pod) && isTracked(pod) ? validIndexOf(job, pod) : undefined;
      return index === undefined ? [] : [index];
    });
  const countedIndexes = parseIntervals(job.status.completedIndexes ?? '', completions);
  const succeededIndexes = withIndexes(countedIndexes, indexesOf(isSucceeded));
  if (!hasLimitPerIndex(job)) return { ...noIndexes, countedIndexes, succeededIndexes };
  const failedIndexes = withIndexes(
    parseIntervals(job.status.failedIndexes ?? '', completions),
    indexesOf((pod) => failsItsIndex(job, pod)),
  );
  const settled = withIndexes(
    noIntervals,
    active.flatMap((pod) => completionIndexOf(pod) ?? []),
  );
  const lastFailed = new Map<number, Pod>();
  for (const pod of pods) {
    const index = validIndexOf(job, pod);
    if (index === undefined || !isFailed(job, pod) || !isTracked(pod) || released.has(pod.metadata.uid))
      continue;
    if ([succeededIndexes, failedIndexes, settled].some((done) => hasIndex(done, index))) continue;
    const other = lastFailed.get(index);
    if (other === undefined || isLaterFailure(pod, other)) lastFailed.set(index, pod);
  }
  return { countedIndexes, succeededIndexes, failedIndexes, lastFailed };
}

/** The index has no further try. */
function failsItsIndex(job: Job, pod: Pod): boolean {
  if (!isFailed(job, pod)) return false;
  const { action, counts } = judgeFailure(job.spec.podFailurePolicy, pod);
  return action === 'FailIndex' || (counts && failureCountOf(pod) >= (job.spec.backoffLimitPerIndex ?? 0));
}

const isLaterFailure = (pod: Pod, other: Pod): boolean =>
  allFailuresOf(other) <= allFailuresOf(pod) && finishedAt(pod) >= finishedAt(other);
