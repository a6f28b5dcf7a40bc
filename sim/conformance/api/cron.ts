/**
 * Cron: when schedules are due, what of a CronJob was missed, and the Job of a start, against core/time/cron and
 * core/controllers/cron. Everything recorded is compared, with these exceptions: a case that hangs or panics in the real
 * library is no question (it is passed over without a verdict), the fraction of a second below a microsecond in `from`
 * and `now` is read as zero, and status and namespace, which a Job made from a template has not, are left out.
 */
import type { CronJob } from '../../../core/api/generated/types.ts';
import { jobFromTemplate, jobName } from '../../../core/controllers/cron/job.ts';
import {
  dueStart,
  effectiveSchedule,
  isTooLate,
  mostRecentSchedule,
  neverDue,
  requeueAfter,
  tooManyMissedMessage,
} from '../../../core/controllers/cron/missed.ts';
import { nextTime } from '../../../core/time/cron/next.ts';
import { isCronError, parseSchedule, type CronSchedule } from '../../../core/time/cron/parse.ts';
import { parseTimeText, second, timeText, microTimeText, type VirtualTime } from '../../../core/time/time.ts';
import { fixedZone, utc, type Zone } from '../../../core/time/zone.ts';
import { firstDifference } from '../difference.ts';
import type { Family, RecordedCase, Verdict } from '../family.ts';

export const cronFamily: Family = {
  name: 'cron',
  *answer(cases) {
    for (const recorded of cases) {
      if ('hangs' in recorded || 'panics' in recorded) continue;
      const verdict = answerOf(recorded);
      if (verdict !== undefined) yield verdict;
    }
  },
};

function answerOf(recorded: RecordedCase): Verdict | undefined {
  switch (recorded['op']) {
    case 'next':
      return nextCase(recorded as unknown as NextCase);
    case 'missed':
      return missedCase(recorded as unknown as MissedCase);
    case 'jobFromTemplate':
      return jobCase(recorded as unknown as JobCase);
    default:
      return { name: String(recorded['op']), difference: 'no such question is known' };
  }
}

interface NextCase {
  readonly schedule: string;
  readonly timeZone: string;
  readonly from: string;
  readonly effective: string;
  readonly next?: readonly (string | null)[];
  readonly error?: string;
}

function nextCase({ schedule, timeZone, from, effective, next, error }: NextCase): Verdict {
  const got = effectiveSchedule(cronJobOf({ schedule, timeZone }).spec);
  const parsed = parseSchedule(got);
  const answer = isCronError(parsed)
    ? { effective: got, error: parsed.error }
    : { effective: got, next: timesAfter(parsed, from, next?.length ?? 0) };
  const want = error === undefined ? { effective, next } : { effective, error };
  return { name: `next ${got} from ${from}`, difference: firstDifference(want, answer) };
}

function timesAfter(schedule: CronSchedule, from: string, count: number): readonly (string | null)[] {
  const { at, zone } = timeOf(from);
  const times: (string | null)[] = [];
  for (let last: VirtualTime | undefined = at; times.length < count && last !== undefined;) {
    last = nextTime(schedule, last, zone);
    times.push(last === undefined ? null : timeText(last));
  }
  return times;
}

interface MissedCase {
  readonly schedule: string;
  readonly timeZone: string;
  readonly creationTimestamp: string;
  readonly lastScheduleTime?: string;
  readonly startingDeadlineSeconds?: number;
  readonly now: string;
  readonly mostRecentScheduleTime: unknown;
  readonly nextScheduleTime: unknown;
  readonly requeueAfterNanos: string;
}

function missedCase(recorded: MissedCase): Verdict {
  const cronJob = cronJobOf(recorded);
  const text = effectiveSchedule(cronJob.spec);
  const name = `missed ${text} at ${recorded.now}`;
  const schedule = parseSchedule(text);
  if (isCronError(schedule)) return { name, difference: schedule.error };
  const now = timeOf(recorded.now).at;
  const { earliest, mostRecent, missed, error } = mostRecentSchedule(cronJob, schedule, now, true);
  const due = dueStart(cronJob, schedule, now);
  const wait = requeueAfter(cronJob, schedule, now);
  const got = {
    mostRecentScheduleTime: {
      earliest: shortTime(earliest),
      missed,
      mostRecent: mostRecent === undefined ? null : shortTime(mostRecent),
      ...(error === undefined ? {} : { error }),
    },
    nextScheduleTime: {
      time: due.at === undefined ? null : shortTime(due.at),
      ...(due.error === undefined ? {} : { error: due.error }),
      ...(due.at === undefined ? {} : { jobName: jobName(cronJob, due.at) }),
      ...(due.at === undefined || recorded.startingDeadlineSeconds === undefined
        ? {}
        : { tooLate: isTooLate(cronJob, due.at, now) }),
      ...(due.tooManyMissed ? { event: `Warning TooManyMissedTimes ${tooManyMissedMessage}` } : {}),
    },
    requeueAfterNanos: wait === neverDue ? `${-(1n << 63n)}` : `${BigInt(wait) * 1_000n}`,
  };
  const { mostRecentScheduleTime, nextScheduleTime, requeueAfterNanos } = recorded;
  const want = { mostRecentScheduleTime, nextScheduleTime, requeueAfterNanos };
  return { name, difference: firstDifference(want, got) };
}

interface JobCase {
  readonly cronjob: CronJob;
  readonly scheduledTime: string;
  readonly job: { readonly metadata: object; readonly spec: unknown };
}

function jobCase({ cronjob, scheduledTime, job }: JobCase): Verdict {
  const answer = jobFromTemplate(cronjob, timeOf(scheduledTime).at);
  const name = `job of ${cronjob.metadata.name} at ${scheduledTime}`;
  if ('error' in answer) return { name, difference: answer.error };
  const { namespace, ...metadata } = answer.metadata;
  const got = { namespace, metadata, spec: answer.spec };
  const want = { namespace: cronjob.metadata.namespace, metadata: job.metadata, spec: job.spec };
  return { name, difference: firstDifference(want, got) };
}

/** What the recordings say of a CronJob; no time zone is recorded as an empty one. */
function cronJobOf(recorded: {
  readonly schedule: string;
  readonly timeZone: string;
  readonly creationTimestamp?: string;
  readonly lastScheduleTime?: string;
  readonly startingDeadlineSeconds?: number;
}): CronJob {
  const { schedule, timeZone, creationTimestamp, lastScheduleTime, startingDeadlineSeconds } = recorded;
  return {
    apiVersion: 'batch/v1',
    kind: 'CronJob',
    metadata: { name: 'cj', creationTimestamp: creationTimestamp ?? '', resourceVersion: '1', uid: 'u1' },
    spec: {
      schedule,
      jobTemplate: {},
      ...(timeZone === '' ? {} : { timeZone }),
      ...(startingDeadlineSeconds === undefined ? {} : { startingDeadlineSeconds }),
    },
    status: { ...(lastScheduleTime === undefined ? {} : { lastScheduleTime }) },
  };
}

/** A recorded time: a time with an offset has that offset as its zone, as in Go. */
function timeOf(text: string): { readonly at: VirtualTime; readonly zone: Zone } {
  const [, clock = '', sign, hours = '0', minutes = '0'] =
    /^(.*?)(?:Z|([+-])(\d\d):(\d\d))$/.exec(text) ?? [];
  const offset = (sign === '-' ? -1 : 1) * (Number(hours) * 3_600 + Number(minutes) * 60);
  const at = parseTimeText(`${clock}Z`);
  if (at === undefined) throw new Error(`not a time: ${text}`);
  return { at: at - offset * second, zone: sign === undefined ? utc : fixedZone(text.slice(-6), offset) };
}

/** RFC 3339 with as many digits of a fraction as there are. */
const shortTime = (at: VirtualTime): string => microTimeText(at).replace(/\.?0+Z$/, 'Z');
