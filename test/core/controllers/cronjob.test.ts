/**
 * CronJobs, and Jobs that are deleted some time after their end, in a small world. Time begins on 2025-01-01 at 00:00 UTC.
 * Each test asserts the one thing it is about; `vitest -u` writes the transcripts anew.
 */
import { describe, expect, test } from 'vitest';
import type { CronJob, Job, Pod } from '../../../core/api/generated/types.ts';
import { hour, minute, second, timeText } from '../../../core/time/time.ts';
import { World, type Plain } from './world.ts';

const jobSpec: Plain = {
  parallelism: 1,
  completions: 1,
  completionMode: 'NonIndexed',
  backoffLimit: 6,
  selector: { matchLabels: { job: 'u' } },
  template: {
    metadata: { labels: { job: 'u' } },
    spec: { restartPolicy: 'Never', containers: [{ name: 'c', image: 'img:1' }] },
  },
};

const cronJob = (spec: Plain): Plain => ({
  apiVersion: 'batch/v1',
  kind: 'CronJob',
  metadata: { name: 'tick', namespace: 'default' },
  spec: {
    schedule: '* * * * *',
    concurrencyPolicy: 'Allow',
    successfulJobsHistoryLimit: 3,
    failedJobsHistoryLimit: 1,
    jobTemplate: { spec: jobSpec },
    ...spec,
  },
  status: {},
});

/** A CronJob whose Jobs run for so long. */
function world(spec: Plain, runs: number): World {
  const end = (pod: Pod): { after: number; exitCode: number } => ({
    after: runs,
    exitCode: pod.metadata.name.startsWith('bad') ? 1 : 0,
  });
  const made = new World({ readyAfter: 800_000, end }).start().withNode();
  made.create('cronjobs', cronJob(spec));
  return made;
}

const statusOf = (of: World): CronJob['status'] => of.get<CronJob>('cronjobs', 'default/tick')?.status ?? {};
/** When each Job was made, in whole seconds. */
const starts = (of: World): readonly number[] =>
  of.lines
    .filter((line) => line.includes('cronjob-controller create jobs'))
    .map((line) => Math.floor(Number.parseFloat(line)));
const events = (of: World, reason: string): readonly string[] =>
  of.lines.filter((line) => line.includes(`event ${reason} `));
const transcript = (of: World): string =>
  `${of.lines.filter((line) => /(cronjob|ttl-after-finished)-controller/.test(line)).join('\n')}\n`;
const change = (of: World, spec: Plain): void => {
  of.change('cronjobs', 'default/tick', { spec });
};

describe('a CronJob', () => {
  test('makes a Job a minute, and keeps the last ones', async () => {
    const here = world({ successfulJobsHistoryLimit: 2 }, 3 * second).run(5.5 * minute);
    expect(starts(here)).toEqual([60, 120, 180, 240, 300]);
    expect(here.list('jobs')).toHaveLength(2);
    expect(statusOf(here)).toMatchObject({
      lastScheduleTime: timeText(5 * minute),
      lastSuccessfulTime: timeText(5 * minute + 4 * second),
    });
    await expect(transcript(here)).toMatchFileSnapshot('transcripts/cronjob.txt');
  });

  test('that forbids a second run makes up for it when the first has ended', async () => {
    const here = world({ concurrencyPolicy: 'Forbid' }, 70 * second).run(3 * minute);
    // The start at 120 s is not forgotten: it comes when the run that began at 60 s is over.
    expect(starts(here)).toEqual([60, 131]);
    expect(events(here, 'JobAlreadyActive').length).toBeGreaterThan(0);
    await expect(transcript(here)).toMatchFileSnapshot('transcripts/cronjob-forbid.txt');
  });

  test('that replaces deletes what still runs', async () => {
    const here = world({ concurrencyPolicy: 'Replace' }, 90 * second).run(3 * minute + 30 * second);
    expect(starts(here)).toEqual([60, 120, 180]);
    expect(here.list('jobs')).toHaveLength(1);
    await expect(transcript(here)).toMatchFileSnapshot('transcripts/cronjob-replace.txt');
  });

  test('that allows it runs them side by side', () => {
    const here = world({}, 3 * minute).run(3 * minute + 30 * second);
    expect(statusOf(here).active).toHaveLength(3);
  });

  test('starts when clocks in its time zone show the time', () => {
    const here = world({ schedule: '30 9 * * *', timeZone: 'Asia/Tokyo' }, second).run(hour);
    // 09:30 in Tokyo is half past midnight in UTC.
    expect(starts(here)).toEqual([30 * 60]);
    expect(here.list<Job>('jobs')[0]?.metadata.annotations).toEqual({
      'batch.kubernetes.io/cronjob-scheduled-timestamp': '2025-01-01T09:30:00+09:00',
    });
  });

  test('makes only the last of the starts it has missed', () => {
    const here = world({}, 3 * second).run(30 * second);
    change(here, { suspend: true });
    here.run(10 * minute + 30 * second);
    change(here, { suspend: false });
    here.run(10 * minute + 45 * second);
    expect(starts(here)).toEqual([630]);
    expect(statusOf(here).lastScheduleTime).toBe(timeText(10 * minute));
  });

  test('misses a start for good when its deadline is over', () => {
    const here = world({ schedule: '*/10 * * * *', startingDeadlineSeconds: 60 }, 3 * second).run(minute);
    change(here, { suspend: true });
    here.run(11 * minute + 30 * second);
    change(here, { suspend: false });
    here.run(19 * minute);
    expect(starts(here)).toEqual([]);
    here.run(21 * minute);
    expect(starts(here)).toEqual([1200]);
  });

  test('goes by a new schedule at once', () => {
    const here = world({ schedule: '0 0 * * *' }, second).run(5 * minute);
    change(here, { schedule: '*/2 * * * *' });
    here.run(9 * minute);
    expect(starts(here)).toEqual([360, 480]);
  });

  test('with a day that never comes says so, and waits', () => {
    const here = world({ schedule: '0 0 31 2 *' }, second).run(hour);
    expect(events(here, 'InvalidSchedule')).toHaveLength(1);
    expect(starts(here)).toEqual([]);
  });

  test('notices that a Job has gone', () => {
    const here = world({ schedule: '1 * * * *' }, hour).run(2 * minute);
    here.vanish('jobs', `default/${statusOf(here).active?.[0]?.name ?? ''}`);
    here.run(3 * minute);
    expect(statusOf(here).active ?? []).toEqual([]);
    expect(events(here, 'MissingJob')).toHaveLength(1);
  });
});

describe('a Job with ttlSecondsAfterFinished', () => {
  test('is deleted that long after its end, with its Pods', async () => {
    const here = new World({ readyAfter: 800_000, end: () => ({ after: 3 * second, exitCode: 0 }) }).start();
    here.run(second);
    const spec = { ...jobSpec, ttlSecondsAfterFinished: 20 };
    here.create('jobs', {
      apiVersion: 'batch/v1',
      kind: 'Job',
      metadata: { name: 'work', namespace: 'default' },
      spec,
      status: {},
    });
    here.run(20 * second);
    expect(here.list('jobs')).toHaveLength(1);
    here.run(minute);
    expect([...here.list('jobs'), ...here.list('pods')]).toEqual([]);
    await expect(transcript(here)).toMatchFileSnapshot('transcripts/ttl-after-finished.txt');
  });
});
