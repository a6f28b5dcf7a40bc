/**
 * How a Job counts its Pods and loses none: those that have ended go into status.uncountedTerminatedPods, then they lose
 * their finalizer, then they are added to the counts. (kubernetes v1.34.1 pkg/controller/job/job_controller.go,
 * trackJobStatusAndRemoveFinalizers)
 */
import type { Job, JobCondition, JobStatus, Pod } from '../../api/generated/types.ts';
import { newCondition, trueCondition, withCondition } from './condition.ts';
import { judgeFailure } from './failure-policy.ts';
import { hasIndex, intervalsText, totalOf, withIndexes } from './intervals.ts';
import { isFailed, isIndexed, isSucceeded, isTracked, validIndexOf } from './pod-state.ts';
import type { Reading, Uids } from './reading.ts';
import { timeText, type VirtualTime } from '../../time/time.ts';

/** More Pods than this are not put into the status at once: it would grow too large, and other Jobs wait (MaxUncountedPods). */
const mostUncounted = 500;

export interface Tracked {
  readonly status: JobStatus;
  /** The status says something new. */
  readonly isNew: boolean;
  /** Pods that may lose their finalizer once the status is written. */
  readonly release: readonly Pod[];
  /** The condition that the Job ends with when all are gone. */
  readonly final: JobCondition | undefined;
  /** There are more Pods to count than one status takes. */
  readonly isFull: boolean;
}

/** The status with those that have ended, and with the condition that tells why the Job will end. */
export function track(
  reading: Reading,
  before: JobStatus,
  verdict: JobCondition | undefined,
  now: VirtualTime,
): Tracked {
  const { status: cleaned, changed } = withoutReleased(before, trackedPods(reading));
  const counted = countFinished(reading, cleaned, verdict);
  const indexes = isIndexed(reading.job) ? indexStatus(reading, counted.newIndexes) : {};
  const status = { ...cleaned, uncountedTerminatedPods: counted.uncounted, ...indexes };
  const known = status.conditions ?? [];
  const { conditions, final } = interim(reading.job, known, verdict, now);
  const isNew =
    changed ||
    counted.isNew ||
    (isIndexed(reading.job) &&
      ((status.completedIndexes ?? '') !== (before.completedIndexes ?? '') ||
        status.failedIndexes !== before.failedIndexes)) ||
    conditions !== known;
  return {
    status: conditions.length === 0 ? status : { ...status, conditions },
    isNew,
    release: counted.release,
    final,
    isFull: counted.isFull,
  };
}

/** The Pods that still have their finalizer. */
export function trackedPods({ pods, released }: Reading): Uids {
  const uids = new Set<string>();
  for (const pod of pods) if (isTracked(pod) && !released.has(pod.metadata.uid)) uids.add(pod.metadata.uid);
  return uids;
}

/** Pods whose finalizer is gone are counted. (cleanUncountedPodsWithoutFinalizers) */
export function withoutReleased(
  status: JobStatus,
  tracked: Uids,
): { readonly status: JobStatus; readonly changed: boolean } {
  const { succeeded = [], failed = [] } = status.uncountedTerminatedPods ?? {};
  const keep = (uids: readonly string[]): readonly string[] => uids.filter((uid) => tracked.has(uid));
  const [succeededLeft, failedLeft] = [keep(succeeded), keep(failed)];
  const newSucceeded = succeeded.length - succeededLeft.length;
  const newFailed = failed.length - failedLeft.length;
  if (newSucceeded + newFailed === 0) return { status, changed: false };
  return {
    changed: true,
    status: {
      ...status,
      succeeded: sumOf(status.succeeded, newSucceeded),
      failed: sumOf(status.failed, newFailed),
      uncountedTerminatedPods: uncountedOf(succeededLeft, failedLeft),
    },
  };
}

const sumOf = (count: number | undefined, more: number): number | undefined =>
  (count ?? 0) + more === 0 ? undefined : (count ?? 0) + more;

const uncountedOf = (
  succeeded: readonly string[],
  failed: readonly string[],
): NonNullable<JobStatus['uncountedTerminatedPods']> => ({
  ...(succeeded.length === 0 ? {} : { succeeded }),
  ...(failed.length === 0 ? {} : { failed }),
});

interface Counted {
  readonly uncounted: NonNullable<JobStatus['uncountedTerminatedPods']>;
  readonly newIndexes: readonly number[];
  readonly release: readonly Pod[];
  readonly isNew: boolean;
  readonly isFull: boolean;
}

function countFinished(reading: Reading, status: JobStatus, verdict: JobCondition | undefined): Counted {
  const { job, uncounted, released, countedIndexes } = reading;
  const succeeded = [...(status.uncountedTerminatedPods?.succeeded ?? [])];
  const failed = [...(status.uncountedTerminatedPods?.failed ?? [])];
  const newIndexes: number[] = [];
  const release: Pod[] = [];
  let isFull = false;
  for (const pod of reading.pods) {
    const { uid } = pod.metadata;
    if (!isTracked(pod) || released.has(uid) || !mayRelease(reading, pod, verdict)) continue;
    release.push(pod);
    const index = isIndexed(job) ? validIndexOf(job, pod) : undefined;
    const isOutside = isIndexed(job) && index === undefined;
    if (isSucceeded(pod) && !uncounted.failed.has(uid)) {
      if (index !== undefined && !hasIndex(countedIndexes, index)) newIndexes.push(index);
      else if (!isIndexed(job) && !uncounted.succeeded.has(uid)) succeeded.push(uid);
    } else if (
      countsAsFailure(reading, pod, verdict) &&
      !uncounted.failed.has(uid) &&
      !isOutside &&
      judgeFailure(job.spec.podFailurePolicy, pod).counts
    )
      failed.push(uid);
    isFull = newIndexes.length + succeeded.length + failed.length >= mostUncounted;
    if (isFull) break;
  }
  const isNew =
    newIndexes.length > 0 ||
    succeeded.length > (status.uncountedTerminatedPods?.succeeded ?? []).length ||
    failed.length > (status.uncountedTerminatedPods?.failed ?? []).length;
  return { uncounted: uncountedOf(succeeded, failed), newIndexes, release, isNew, isFull };
}

/** What has ended may go, unless its successor is still to learn from it; of a Job that ends, everything. */
function mayRelease({ job, lastFailed }: Reading, pod: Pod, verdict: JobCondition | undefined): boolean {
  if (job.metadata.deletionTimestamp !== undefined || verdict !== undefined || isSucceeded(pod)) return true;
  if (!isFailed(job, pod)) return false;
  const index = validIndexOf(job, pod);
  return index === undefined || lastFailed.get(index)?.metadata.uid !== pod.metadata.uid;
}

/** When a Job fails, all that have not ended count as failed; when it has succeeded, they do not count. */
const countsAsFailure = ({ job }: Reading, pod: Pod, verdict: JobCondition | undefined): boolean =>
  isFailed(job, pod) || (verdict !== undefined && verdict.type !== 'SuccessCriteriaMet');

function indexStatus(
  { succeededIndexes, failedIndexes }: Reading,
  newIndexes: readonly number[],
): Pick<JobStatus, 'succeeded' | 'completedIndexes' | 'failedIndexes'> {
  const completed = withIndexes(succeededIndexes, newIndexes);
  const total = totalOf(completed);
  return {
    succeeded: total === 0 ? undefined : total,
    completedIndexes: total === 0 ? undefined : intervalsText(completed),
    failedIndexes: failedIndexes === undefined ? undefined : intervalsText(failedIndexes),
  };
}

/** The interim condition goes into the status first; the final one follows when the Pods are gone. */
function interim(
  job: Job,
  conditions: readonly JobCondition[],
  verdict: JobCondition | undefined,
  now: VirtualTime,
): { readonly conditions: readonly JobCondition[]; readonly final: JobCondition | undefined } {
  if (verdict?.type === 'FailureTarget')
    return {
      conditions: [...conditions, verdict],
      final: newCondition('Failed', 'True', verdict.reason, verdict.message, now),
    };
  if (verdict?.type === 'SuccessCriteriaMet') {
    const isThere = trueCondition(job, 'SuccessCriteriaMet') !== undefined;
    return {
      conditions: isThere ? conditions : [...conditions, verdict],
      final: newCondition('Complete', 'True', verdict.reason, verdict.message, now),
    };
  }
  return { conditions, final: verdict };
}

/** The status of the Job at its end; undefined while Pods are uncounted or have not gone. (enactJobFinished) */
export function finish(
  status: JobStatus,
  final: JobCondition | undefined,
  now: VirtualTime,
): JobStatus | undefined {
  if (final === undefined || (status.terminating ?? 0) > 0) return undefined;
  const { succeeded = [], failed = [] } = status.uncountedTerminatedPods ?? {};
  if (succeeded.length + failed.length > 0) return undefined;
  const at = timeText(now);
  const condition = { ...final, lastProbeTime: at, lastTransitionTime: at };
  const conditions = withCondition(status.conditions ?? [], condition) ?? status.conditions;
  return {
    ...status,
    conditions,
    ...(final.type === 'Complete' ? { completionTime: final.lastTransitionTime } : {}),
  };
}
