/**
 * job-backoff: how long a Job waits for its next Pod, step by step as Pods end. Every field is compared; the first and the
 * longest back-off, which the cases name, are Kubernetes' own.
 */
import type { Pod } from '../../../core/api/generated/types.ts';
import { noFailures, remainingBackoff, withFinished } from '../../../core/controllers/job/backoff.ts';
import { hour, second, timeText, type VirtualTime } from '../../../core/time/time.ts';
import { wholeCaseFamily } from '../family.ts';

interface Step {
  readonly advanceSeconds: number;
  readonly newFailedFinishedSecondsAgo: readonly number[] | null;
  readonly newSucceededFinishedSecondsAgo: readonly number[] | null;
}

export const jobBackoffFamily = wholeCaseFamily(
  'job-backoff',
  ({ steps }: { readonly steps: readonly Step[] }) => ({
    defaultBackoffSeconds: 10,
    maxBackoffSeconds: 600,
    steps: answersOf(steps),
  }),
);

function answersOf(steps: readonly Step[]): readonly object[] {
  let now: VirtualTime = hour;
  let record = noFailures;
  return steps.map((step) => {
    now += step.advanceSeconds * second;
    const ended = (secondsAgo: readonly number[] | null): readonly Pod[] =>
      (secondsAgo ?? []).map((ago) => podEndedAt(now - ago * second));
    record = withFinished(
      record,
      ended(step.newSucceededFinishedSecondsAgo),
      ended(step.newFailedFinishedSecondsAgo),
    );
    return {
      ...step,
      failuresAfterLastSuccess: record.failuresAfterLastSuccess,
      remainingSeconds: remainingBackoff(record, now) / second,
    };
  });
}

const podEndedAt = (at: VirtualTime): Pod =>
  ({
    status: { containerStatuses: [{ name: 'main', state: { terminated: { finishedAt: timeText(at) } } }] },
  }) as unknown as Pod;
