/**
 * How long a Job waits before it replaces Pods that failed: 10 s, doubled with each failure since the last success, at
 * most 10 minutes, from the last failure on. (kubernetes v1.34.1 pkg/controller/job/backoff_utils.go)
 */
import type { Pod } from '../../api/generated/types.ts';
import { minute, second, type Duration, type VirtualTime } from '../../time/time.ts';
import { allFailuresOf, finishedAt } from './pod-state.ts';

/** What a controller remembers of a Job. It is lost when the controller restarts, as the real one's is. */
export interface BackoffRecord {
  readonly failuresAfterLastSuccess: number;
  readonly lastFailure: VirtualTime | undefined;
}

export const noFailures: BackoffRecord = { failuresAfterLastSuccess: 0, lastFailure: undefined };

const firstBackoff = 10 * second;
const maxBackoff = 10 * minute;

/** The record with the Pods that have ended since. */
export function withFinished(
  record: BackoffRecord,
  succeeded: readonly Pod[],
  failed: readonly Pod[],
): BackoffRecord {
  const failures = failed.map(finishedAt);
  if (succeeded.length === 0) {
    if (failed.length === 0) return record;
    return {
      failuresAfterLastSuccess: record.failuresAfterLastSuccess + failed.length,
      lastFailure: latestOf(failures),
    };
  }
  const lastSuccess = latestOf(succeeded.map(finishedAt));
  const later = failures.filter((failure) => failure > lastSuccess);
  return later.length === 0
    ? noFailures
    : { failuresAfterLastSuccess: later.length, lastFailure: latestOf(later) };
}

const latestOf = (times: readonly VirtualTime[]): VirtualTime =>
  times.reduce((latest, time) => Math.max(latest, time));

/** How long no Pod may be created yet. */
export const remainingBackoff = (
  { failuresAfterLastSuccess, lastFailure }: BackoffRecord,
  now: VirtualTime,
): Duration => remaining(failuresAfterLastSuccess, lastFailure, now);

/** The same of one index, of which `lastFailed` was the last Pod to fail. */
export const remainingBackoffOfIndex = (lastFailed: Pod | undefined, now: VirtualTime): Duration =>
  lastFailed === undefined ? 0 : remaining(allFailuresOf(lastFailed) + 1, finishedAt(lastFailed), now);

function remaining(failures: number, last: VirtualTime | undefined, now: VirtualTime): Duration {
  if (failures === 0 || last === undefined) return 0;
  let backoff: Duration = firstBackoff;
  for (let i = 1; i < failures && backoff < maxBackoff; i++) backoff *= 2;
  return Math.max(0, Math.min(backoff, maxBackoff) - (now - last));
}
