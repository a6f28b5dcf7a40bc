/**
 * Whether a Job is to end, and why. What is decided here is first written as FailureTarget or SuccessCriteriaMet, and as
 * Failed or Complete only when no Pod is left. (kubernetes v1.34.1 pkg/controller/job/job_controller.go, syncJob)
 */
import type { Job, JobCondition, Pod } from '../../api/generated/types.ts';
import { parseTimeText, second, type Duration, type VirtualTime } from '../../time/time.ts';
import { newCondition, trueCondition } from './condition.ts';
import { failJobMessage } from './failure-policy.ts';
import { totalOf } from './intervals.ts';
import { isFailed, isSuspended } from './pod-state.ts';
import type { Reading } from './reading.ts';
import { metSuccessRule } from './success-policy.ts';

/** The condition that ends the Job, in the order in which Kubernetes looks for reasons. */
export function verdictOf(reading: Reading): JobCondition | undefined {
  return (
    decidedBefore(reading) ??
    failedByPolicy(reading) ??
    failedByLimits(reading) ??
    failedByIndexes(reading) ??
    succeededByPolicy(reading)
  );
}

/** A success that was decided stays one; a failure goes on to its final condition. */
function decidedBefore({ job, now }: Reading): JobCondition | undefined {
  const met = trueCondition(job, 'SuccessCriteriaMet');
  if (met !== undefined) return met;
  const target = trueCondition(job, 'FailureTarget');
  return target === undefined
    ? undefined
    : newCondition('Failed', 'True', target.reason, target.message, now);
}

const failure = (reason: string, message: string, now: VirtualTime): JobCondition =>
  newCondition('FailureTarget', 'True', reason, message, now);

function failedByPolicy({ job, pods, now }: Reading): JobCondition | undefined {
  const message = failJobMessage(
    job,
    pods.filter((pod) => isFailed(job, pod)),
  );
  return message === undefined ? undefined : failure('PodFailurePolicy', message, now);
}

function failedByLimits({ job, pods, failed, now }: Reading): JobCondition | undefined {
  const { backoffLimit = 6 } = job.spec;
  if (failed > backoffLimit || restartedTooOften(job, pods, backoffLimit))
    return failure('BackoffLimitExceeded', 'Job has reached the specified backoff limit', now);
  const left = deadlineIn(job, now);
  return left !== undefined && left <= 0
    ? failure('DeadlineExceeded', 'Job was active longer than specified deadline', now)
    : undefined;
}

/** Containers that are started again in their Pod count where the Pod itself never fails. */
function restartedTooOften(job: Job, pods: readonly Pod[], backoffLimit: number): boolean {
  if (job.spec.template.spec?.restartPolicy !== 'OnFailure') return false;
  let restarts = 0;
  for (const { status } of pods) {
    if (status.phase !== 'Running' && status.phase !== 'Pending') continue;
    for (const { restartCount } of status.initContainerStatuses ?? []) restarts += restartCount;
    for (const { restartCount } of status.containerStatuses ?? []) restarts += restartCount;
  }
  return backoffLimit === 0 ? restarts > 0 : restarts >= backoffLimit;
}

/** The time until the active deadline; undefined where it does not run. */
export function deadlineIn(job: Job, now: VirtualTime): Duration | undefined {
  const { activeDeadlineSeconds } = job.spec;
  if (activeDeadlineSeconds === undefined || isSuspended(job)) return undefined;
  const start = job.status.startTime === undefined ? undefined : parseTimeText(job.status.startTime);
  return start === undefined ? undefined : start + activeDeadlineSeconds * second - now;
}

function failedByIndexes(reading: Reading): JobCondition | undefined {
  const { job, failedIndexes, succeededIndexes, now } = reading;
  if (failedIndexes === undefined) return undefined;
  const { completions = 0, maxFailedIndexes = Infinity } = job.spec;
  const failed = totalOf(failedIndexes);
  if (failed > maxFailedIndexes)
    return failure(
      'MaxFailedIndexesExceeded',
      'Job has exceeded the specified maximal number of failed indexes',
      now,
    );
  return failed > 0 && failed + totalOf(succeededIndexes) >= completions
    ? failure('FailedIndexes', 'Job has failed indexes', now)
    : undefined;
}

function succeededByPolicy({ job, succeededIndexes, now }: Reading): JobCondition | undefined {
  const message = metSuccessRule(job.spec.successPolicy, job.spec.completions ?? 0, succeededIndexes);
  return message === undefined
    ? undefined
    : newCondition('SuccessCriteriaMet', 'True', 'SuccessPolicy', message, now);
}

/** The Job has as many successes as it wants, and nothing runs any more. */
export function completion(reading: Reading, active: number, now: VirtualTime): JobCondition | undefined {
  if (active > 0) return undefined;
  // Without completions one success is enough: the Pods themselves know when the work is done.
  const wanted = reading.job.spec.completions ?? 1;
  return reading.succeeded >= wanted
    ? newCondition(
        'SuccessCriteriaMet',
        'True',
        'CompletionsReached',
        'Reached expected number of succeeded pods',
        now,
      )
    : undefined;
}
