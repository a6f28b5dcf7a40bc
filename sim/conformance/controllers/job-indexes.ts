/**
 * job-indexes: sets of completion indexes as a Job's status writes them, and when a successPolicy is met by them. Every
 * field is compared.
 */
import type { SuccessPolicy } from '../../../core/api/generated/types.ts';
import {
  intervalsText,
  noIntervals,
  parseIntervals,
  totalOf,
  withIndexes,
} from '../../../core/controllers/job/intervals.ts';
import { metSuccessRule } from '../../../core/controllers/job/success-policy.ts';
import { wholeCaseFamily } from '../family.ts';

interface Case {
  readonly completions: number;
  readonly indexes: readonly number[] | null;
  readonly newIndexes: readonly number[] | null;
  readonly parseInput: string;
  readonly parseCompletions: number;
  readonly successPolicy: SuccessPolicy;
}

export const jobIndexesFamily = wholeCaseFamily('job-indexes', answerOf);

function answerOf(asked: Case): object {
  const indexes = withIndexes(noIntervals, asked.indexes ?? []);
  const merged = withIndexes(indexes, asked.newIndexes ?? []);
  const parsed = parseIntervals(asked.parseInput, asked.parseCompletions);
  // The policy was asked of what the merge gave.
  const message = metSuccessRule(asked.successPolicy, asked.completions, merged);
  return {
    string: intervalsText(indexes),
    total: totalOf(indexes),
    merged: intervalsText(merged),
    parsed: intervalsText(parsed),
    parsedTotal: totalOf(parsed),
    successMatched: message !== undefined,
    successMessage: message ?? '',
  };
}
