/** What a Job reads from its Pods. (kubernetes v1.34.1 pkg/controller/job, job_controller.go and indexed_job_utils.go) */
import type { Job, Pod } from '../../api/generated/types.ts';
import { conditionOf, isTerminal } from '../../api/pod.ts';
import { parseTimeText, second, type VirtualTime } from '../../time/time.ts';
import { goInteger } from './intervals.ts';

/** Keeps a finished Pod until the Job's status has counted it. */
export const trackingFinalizer = 'batch.kubernetes.io/job-tracking';
/** Annotation and label of a Pod of an Indexed Job. */
export const completionIndexKey = 'batch.kubernetes.io/job-completion-index';
/** Annotations of a Pod of a Job with backoffLimitPerIndex: how often its index has failed before. */
export const failureCountKey = 'batch.kubernetes.io/job-index-failure-count';
export const ignoredFailureCountKey = 'batch.kubernetes.io/job-index-ignored-failure-count';

export const isIndexed = (job: Job): boolean => job.spec.completionMode === 'Indexed';
export const hasLimitPerIndex = (job: Job): boolean => job.spec.backoffLimitPerIndex !== undefined;
export const isSuspended = (job: Job): boolean => job.spec.suspend === true;

/** A Pod is replaced when it has ended, not already when it is being deleted. */
export const replacesOnlyFailed = ({ spec }: Job): boolean =>
  spec.podReplacementPolicy === 'Failed' || spec.podFailurePolicy !== undefined;

export const isTracked = (pod: Pod): boolean => pod.metadata.finalizers?.includes(trackingFinalizer) === true;

export const isSucceeded = (pod: Pod): boolean => pod.status.phase === 'Succeeded';

/** Failed, or being deleted: such a Pod may never come to fail. */
export function isFailed(job: Job, pod: Pod): boolean {
  if (pod.status.phase === 'Failed') return true;
  if (replacesOnlyFailed(job)) return false;
  return pod.metadata.deletionTimestamp !== undefined && !isSucceeded(pod);
}

export const isTerminating = (pod: Pod): boolean =>
  pod.metadata.deletionTimestamp !== undefined && !isTerminal(pod);

/** The index the Pod is for; undefined where it has none. */
export function completionIndexOf(pod: Pod): number | undefined {
  const index = goInteger(pod.metadata.annotations?.[completionIndexKey] ?? '');
  return index === undefined || index < 0 ? undefined : index;
}

/** The index, if it is one of the Job's. */
export function validIndexOf(job: Job, pod: Pod): number | undefined {
  const index = completionIndexOf(pod);
  return index === undefined || index >= (job.spec.completions ?? 0) ? undefined : index;
}

/** How often the Pod's index had failed when it was made. What a user wrote there and is no int32 counts as 0. */
export const failureCountOf = (pod: Pod): number => countOf(pod, failureCountKey);
export const ignoredFailureCountOf = (pod: Pod): number => countOf(pod, ignoredFailureCountKey);
export const allFailuresOf = (pod: Pod): number => failureCountOf(pod) + ignoredFailureCountOf(pod);

function countOf(pod: Pod, annotation: string): number {
  const count = goInteger(pod.metadata.annotations?.[annotation] ?? '');
  return count === undefined || count < 0 || count > 2_147_483_647 ? 0 : count;
}

/** When the Pod ended, as well as can be told. (backoff_utils.go, getFinishedTime) */
export function finishedAt(pod: Pod): VirtualTime {
  const { containerStatuses = [], conditions } = pod.status;
  const ends = containerStatuses.map(({ state }) => timeOf(state?.terminated?.finishedAt));
  if (ends.length > 0 && ends.every((end) => end !== undefined)) return Math.max(...ends);
  const ready = conditionOf({ conditions }, 'Ready');
  const unreadySince = ready?.status === 'False' ? timeOf(ready.lastTransitionTime) : undefined;
  if (unreadySince !== undefined) return unreadySince;
  const { deletionTimestamp, deletionGracePeriodSeconds = 0, creationTimestamp } = pod.metadata;
  const deletedAt = timeOf(deletionTimestamp);
  if (deletedAt !== undefined) return deletedAt - deletionGracePeriodSeconds * second;
  return timeOf(creationTimestamp) ?? 0;
}

const timeOf = (text: string | null | undefined): VirtualTime | undefined =>
  typeof text === 'string' ? parseTimeText(text) : undefined;
