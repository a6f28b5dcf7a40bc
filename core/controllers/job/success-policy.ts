/** Whether an Indexed Job has succeeded enough. (kubernetes v1.34.1 pkg/controller/job/success_policy.go) */
import type { SuccessPolicy } from '../../api/generated/types.ts';
import { overlapOf, parseIntervals, totalOf, type Intervals } from './intervals.ts';

/** The message of the condition where a rule is met; undefined where none is. */
export function metSuccessRule(
  policy: SuccessPolicy | undefined,
  completions: number,
  succeeded: Intervals,
): string | undefined {
  if (policy === undefined || succeeded.length === 0) return undefined;
  const met = policy.rules.findIndex((rule) => {
    const { succeededIndexes, succeededCount = Infinity } = rule;
    if (succeededIndexes === undefined) return totalOf(succeeded) >= succeededCount;
    const wanted = parseIntervals(succeededIndexes, completions);
    if (wanted.length === 0) return false;
    const reached = overlapOf(wanted, succeeded);
    return reached === totalOf(wanted) || reached >= succeededCount;
  });
  return met < 0 ? undefined : `Matched rules at index ${met}`;
}
