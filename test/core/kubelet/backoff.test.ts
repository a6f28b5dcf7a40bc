/** CrashLoopBackOff: the instants of restarts of a container that ends at once, and when a good run is forgiven. */
import { expect, test } from 'vitest';
import {
  afterRestart,
  backoffMessage,
  restartAllowedAt,
  type Backoff,
} from '../../../core/kubelet/backoff.ts';
import { second } from '../../../core/time/time.ts';

/** Runs for `run` seconds, ends, restarts as soon as allowed: the waits in seconds before each restart. */
function waits(runs: readonly number[]): readonly number[] {
  let backoff: Backoff | undefined;
  let now = 0;
  return runs.map((run) => {
    const finishedAt = now + run * second;
    now = restartAllowedAt(backoff, finishedAt);
    backoff = afterRestart(backoff, finishedAt, now);
    return (now - finishedAt) / second;
  });
}

test.each([
  {
    why: 'at once, then 10 s doubling to 300 s',
    runs: [1, 1, 1, 1, 1, 1, 1, 1],
    expected: [0, 10, 20, 40, 80, 160, 300, 300],
  },
  { why: 'a run of 300 s forgives nothing', runs: [1, 1, 300, 1], expected: [0, 10, 20, 40] },
  { why: 'a run of exactly 600 s forgives nothing', runs: [1, 1, 600, 1], expected: [0, 10, 20, 40] },
  { why: 'a longer run forgives everything', runs: [1, 1, 1, 601, 1, 1], expected: [0, 10, 20, 0, 10, 20] },
])('$why', ({ runs, expected }) => {
  expect(waits(runs)).toEqual(expected);
});

test.each([
  [10, '10s'],
  [80, '1m20s'],
  [160, '2m40s'],
  [300, '5m0s'],
])('%i s is written %s', (seconds, text) => {
  const backoff = { delay: seconds * second, restartedAt: 0 };
  expect(backoffMessage(backoff, 'c', 'p_ns(u)')).toBe(
    `back-off ${text} restarting failed container=c pod=p_ns(u)`,
  );
});
