/** Aim: what of a CronJob is due, told as the recordings do not: bounds that keep a never-ending search from happening. */
import { expect, test } from 'vitest';
import type { CronJob } from '../../../../core/api/generated/types.ts';
import { jobFromTemplate, jobName } from '../../../../core/controllers/cron/job.ts';
import {
  dueStart,
  effectiveSchedule,
  mostRecentSchedule,
  neverDue,
  requeueAfter,
} from '../../../../core/controllers/cron/missed.ts';
import { isCronError, parseSchedule, type CronSchedule } from '../../../../core/time/cron/parse.ts';
import { hour, minute, parseTimeText, second } from '../../../../core/time/time.ts';

const cronJob = (spec: Partial<CronJob['spec']>, creationTimestamp = '2025-01-01T00:00:30Z'): CronJob => ({
  apiVersion: 'batch/v1',
  kind: 'CronJob',
  metadata: { name: 'tidy', namespace: 'default', creationTimestamp, resourceVersion: '1', uid: 'u1' },
  spec: { schedule: '0 * * * *', jobTemplate: {}, ...spec },
  status: {},
});

function scheduleOf(job: CronJob): CronSchedule {
  const schedule = parseSchedule(effectiveSchedule(job.spec));
  if (isCronError(schedule)) throw new Error(schedule.error);
  return schedule;
}

test('before its first start nothing is due, and it is looked at 100 ms after it', () => {
  const job = cronJob({});
  expect(dueStart(job, scheduleOf(job), 30 * minute)).toEqual({ at: undefined, tooManyMissed: false });
  expect(requeueAfter(job, scheduleOf(job), 30 * minute)).toBe(30 * minute + 100_000);
});

test('many missed starts still start the newest', () => {
  const job = cronJob({ schedule: '* * * * *' });
  expect(dueStart(job, scheduleOf(job), 3 * hour)).toEqual({ at: 3 * hour, tooManyMissed: true });
});

test('a schedule that ends within the search ends the search', () => {
  const job = cronJob({ schedule: '0 0 29 2 *' }, '2090-01-01T00:00:00Z');
  const now = parseTimeText('2097-01-01T00:00:00Z') ?? 0;
  expect(mostRecentSchedule(job, scheduleOf(job), now, true)).toMatchObject({
    mostRecent: parseTimeText('2096-02-29T00:00:00Z'),
    missed: 'few',
  });
  expect(requeueAfter(job, scheduleOf(job), parseTimeText('2098-01-01T00:00:00Z') ?? 0)).toBe(neverDue);
});

test('a time zone that is not known is passed over, and a Job cannot be made in it', () => {
  const job = cronJob({ timeZone: 'Mars/Base' });
  expect(effectiveSchedule(job.spec)).toBe('0 * * * *');
  expect(jobFromTemplate(job, 0)).toEqual({ error: 'unknown time zone Mars/Base' });
  expect(jobName(job, 90 * second)).toBe('tidy-28928161');
});
