/** The conditions of a Job. (kubernetes v1.34.1 pkg/controller/job/job_controller.go, and util/utils.go) */
import type { Job, JobCondition } from '../../api/generated/types.ts';
import { conditionOf } from '../../api/pod.ts';
import { timeText, type VirtualTime } from '../../time/time.ts';

export type JobConditionType = 'Suspended' | 'Complete' | 'Failed' | 'FailureTarget' | 'SuccessCriteriaMet';

export function newCondition(
  type: JobConditionType,
  status: 'True' | 'False',
  reason: string | undefined,
  message: string | undefined,
  now: VirtualTime,
): JobCondition {
  const at = timeText(now);
  return { type, status, lastProbeTime: at, lastTransitionTime: at, reason, message };
}

/**
 * The list with the condition as it is said to be, or undefined where it says so already. One that is False and was never
 * there is nothing new.
 */
export function withCondition(
  conditions: readonly JobCondition[],
  next: JobCondition,
): readonly JobCondition[] | undefined {
  const before = conditions.find(({ type }) => type === next.type);
  if (before === undefined) return next.status === 'False' ? undefined : [...conditions, next];
  const isSame =
    before.status === next.status && before.reason === next.reason && before.message === next.message;
  return isSame ? undefined : conditions.map((condition) => (condition === before ? next : condition));
}

/** The condition of that type, if it is True. */
export function trueCondition(job: Job, type: JobConditionType): JobCondition | undefined {
  const condition = conditionOf(job.status, type);
  return condition?.status === 'True' ? condition : undefined;
}

/** Complete or Failed: the first that is True. */
export const finishedCondition = (job: Job): JobCondition | undefined =>
  job.status.conditions?.find(
    ({ type, status }) => (type === 'Complete' || type === 'Failed') && status === 'True',
  );

export const isFinished = (job: Job): boolean => finishedCondition(job) !== undefined;
