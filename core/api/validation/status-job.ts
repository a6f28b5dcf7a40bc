/**
 * The status of a Job: a Job that has ended stays as it ended. What a rule says is asked only of a change in what it is
 * about. (kubernetes v1.34.1 pkg/apis/batch/validation/validation.go, pkg/registry/batch/job/strategy.go)
 */
import { duplicate, invalidValue, required, withoutValue } from '../field-error.ts';
import type { Job, JobStatus } from '../generated/types.ts';
import { same } from '../merge-patch.ts';
import { checkNotNegative, json, type Errors } from './fields.ts';

const counts = ['active', 'succeeded', 'failed', 'ready', 'terminating'] as const;

export function checkJobStatus(errors: Errors, next: Job, before: Job): void {
  const [status, was] = [next.status ?? {}, before.status ?? {}];
  for (const part of counts) checkNotNegative(errors, `status.${part}`, status[part]);
  checkUncounted(errors, status);
  checkEnd(errors, status, was);
  checkAgreement(errors, next, status);
  checkChange(errors, next, status, was);
}

/** Pods that have ended and whose finalizer is still there: each once. */
function checkUncounted(errors: Errors, { uncountedTerminatedPods }: JobStatus): void {
  const seen = new Set<string>();
  for (const part of ['succeeded', 'failed'] as const)
    (uncountedTerminatedPods?.[part] ?? []).forEach((uid, i) => {
      const at = `status.uncountedTerminatedPods.${part}[${i}]`;
      if (uid === '') errors.push(invalidValue(at, uid, 'must not be empty'));
      else if (seen.has(uid)) errors.push(duplicate(at, uid));
      seen.add(uid);
    });
}

const has = ({ conditions = [] }: JobStatus, type: string): boolean =>
  conditions.some((condition) => condition.type === type && condition.status === 'True');

const hasEnded = (status: JobStatus): boolean => has(status, 'Complete') || has(status, 'Failed');

const conflict = (errors: Errors, detail: string): void => {
  errors.push(withoutValue('status.conditions', detail));
};

/** When it began and ended, and that nothing of it runs once it has. */
function checkEnd(errors: Errors, status: JobStatus, was: JobStatus): void {
  const [isComplete, ended] = [has(status, 'Complete'), hasEnded(status)];
  const changed = (type: string): boolean => has(status, type) !== has(was, type);
  const { startTime: start, completionTime: end, active = 0, terminating = 0 } = status;
  const [newStart, newEnd] = [start !== was.startTime, end !== was.completionTime];
  const [completed, finished] = [changed('Complete'), ended !== hasEnded(was)];
  if ((completed || changed('Failed')) && isComplete && has(status, 'Failed'))
    conflict(errors, 'cannot set Complete=True and Failed=true conditions');
  if ((completed || changed('FailureTarget')) && isComplete && has(status, 'FailureTarget'))
    conflict(errors, 'cannot set Complete=True and FailureTarget=true conditions');
  const at = 'status.completionTime';
  if ((completed || newEnd) && end !== undefined && !isComplete)
    errors.push(invalidValue(at, end, 'cannot set completionTime when there is no Complete=True condition'));
  if ((completed || newEnd) && end === undefined && isComplete)
    errors.push(required(at, 'completionTime is required for Complete jobs'));
  if ((newStart || newEnd) && start !== undefined && end !== undefined && end < start)
    errors.push(invalidValue(at, end, 'completionTime cannot be set before startTime'));
  if (!ended) return;
  if ((finished || active !== (was.active ?? 0)) && active > 0)
    errors.push(invalidValue('status.active', active, 'active>0 is invalid for finished job'));
  if ((finished || newStart) && start === undefined)
    errors.push(required('status.startTime', 'startTime is required for finished job'));
  if (finished && terminating > 0)
    errors.push(invalidValue('status.terminating', terminating, 'terminating>0 is invalid for finished job'));
}

/** What its conditions say together. */
function checkAgreement(errors: Errors, { spec }: Job, status: JobStatus): void {
  const met = has(status, 'SuccessCriteriaMet');
  if (met && has(status, 'Failed'))
    conflict(errors, 'cannot set SuccessCriteriaMet=True and Failed=true conditions');
  if (met && has(status, 'FailureTarget'))
    conflict(errors, 'cannot set SuccessCriteriaMet=True and FailureTarget=true conditions');
  if (spec.successPolicy !== undefined && !met && has(status, 'Complete'))
    conflict(errors, 'cannot set Complete=True for Job with SuccessPolicy unless SuccessCriteriaMet=True');
}

/** What was so stays so. An indexed Job that is scaled with its parallelism may lose successes. */
function checkChange(errors: Errors, { spec }: Job, status: JobStatus, was: JobStatus): void {
  for (const type of ['Failed', 'Complete', 'FailureTarget'])
    if (has(was, type) && !has(status, type))
      conflict(errors, `cannot disable the terminal ${type}=True condition`);
  const isElastic = spec.completionMode === 'Indexed' && same(spec.completions, spec.parallelism);
  for (const part of isElastic ? (['failed'] as const) : (['failed', 'succeeded'] as const))
    if ((status[part] ?? 0) < (was[part] ?? 0))
      errors.push(invalidValue(`status.${part}`, status[part] ?? 0, `cannot decrease the ${part} counter`));
  const { startTime: start, completionTime: end } = status;
  if (end !== undefined && was.completionTime !== undefined && end !== was.completionTime)
    errors.push(invalidValue('status.completionTime', json(end), 'completionTime cannot be mutated'));
  if (was.startTime !== undefined && start !== was.startTime && spec.suspend !== true)
    errors.push(required('status.startTime', 'startTime cannot be removed for unsuspended job'));
  const [met, wasMet] = [has(status, 'SuccessCriteriaMet'), has(was, 'SuccessCriteriaMet')];
  if (wasMet && !met) conflict(errors, 'cannot disable the SuccessCriteriaMet=True condition');
  if (has(was, 'Complete') && !wasMet && met)
    conflict(errors, 'cannot set SuccessCriteriaMet=True for Job already has Complete=true conditions');
}
