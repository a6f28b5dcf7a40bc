/**
 * Which start of a CronJob is due, how many were missed, and when to look again. The count of missed starts is an
 * estimate from the first interval, as in Kubernetes. (kubernetes v1.34.1 pkg/controller/cronjob/utils.go)
 */
import type { CronJob } from '../../api/generated/types.ts';
import { nextTime } from '../../time/cron/next.ts';
import type { CronSchedule } from '../../time/cron/parse.ts';
import { loadZone } from '../../time/cron/parse.ts';
import { millisecond, parseTimeText, second, type Duration, type VirtualTime } from '../../time/time.ts';

/** More than this many missed starts are many. */
const fewMissed = 100;

export type MissedSchedules = 'none' | 'few' | 'many';

export interface MostRecentSchedule {
  /** Starts before this are not looked for. */
  readonly earliest: VirtualTime;
  /** The newest start that is due; undefined when none is. */
  readonly mostRecent: VirtualTime | undefined;
  readonly missed: MissedSchedules;
  /** The schedule is written well and makes no sense, such as the 31st of February. */
  readonly error?: string;
}

/** The schedule as it is parsed: with the CronJob's time zone in front, unless it has one of its own or the zone is unknown. */
export function effectiveSchedule({ schedule, timeZone }: CronJob['spec']): string {
  if (schedule.includes('TZ') || timeZone === undefined) return schedule;
  const zone = loadZone(timeZone);
  return zone !== undefined && 'error' in zone ? schedule : `TZ=${timeZone} ${schedule}`;
}

/** The newest start between the last one (or the creation) and now. */
export function mostRecentSchedule(
  cronJob: CronJob,
  schedule: CronSchedule,
  now: VirtualTime,
  withDeadline: boolean,
): MostRecentSchedule {
  const earliest = earliestStart(cronJob, now, withDeadline);
  const found = (missed: MissedSchedules, mostRecent?: VirtualTime): MostRecentSchedule => ({
    earliest,
    mostRecent,
    missed,
  });
  const first = nextTime(schedule, earliest);
  const next = first === undefined ? undefined : nextTime(schedule, first);
  if (first !== undefined && now < first) return found('none');
  if (first !== undefined && next !== undefined && now < next) return found('none', first);
  if (first === undefined || next === undefined)
    return { ...found('none'), error: 'time difference between two schedules is less than 1 second' };
  const interval = (next - first) / second;
  const missed = Math.floor(Math.floor((now - first) / second) / interval) + 1;
  // One interval further back than the estimate: schedules such as `30 6-16/4 * * 1-5` are not even.
  let mostRecent: VirtualTime | undefined;
  let start = nextTime(schedule, first + (missed - 2) * interval * second);
  while (start !== undefined && start <= now) {
    mostRecent = start;
    start = nextTime(schedule, start);
  }
  return found(missed > fewMissed ? 'many' : 'few', mostRecent);
}

function earliestStart(
  { metadata, spec, status }: CronJob,
  now: VirtualTime,
  withDeadline: boolean,
): VirtualTime {
  const last = status.lastScheduleTime ?? metadata.creationTimestamp;
  const earliest = (last === undefined ? undefined : parseTimeText(last)) ?? 0;
  if (!withDeadline || spec.startingDeadlineSeconds === undefined) return earliest;
  return Math.max(earliest, now - spec.startingDeadlineSeconds * second);
}

/** What an Event of reason `TooManyMissedTimes` says. */
export const tooManyMissedMessage =
  'too many missed start times. Set or decrease .spec.startingDeadlineSeconds or check clock skew';

export interface DueStart {
  readonly at: VirtualTime | undefined;
  /** Tell of it with a Warning `TooManyMissedTimes`. */
  readonly tooManyMissed: boolean;
  readonly error?: string;
}

/** The start that is due now and has not been made. */
export function dueStart(cronJob: CronJob, schedule: CronSchedule, now: VirtualTime): DueStart {
  const { mostRecent, missed, error } = mostRecentSchedule(cronJob, schedule, now, true);
  return {
    at: mostRecent,
    tooManyMissed: mostRecent !== undefined && missed === 'many',
    ...(error === undefined ? {} : { error }),
  };
}

/** The start is further back than `startingDeadlineSeconds`: it is missed for good. */
export const isTooLate = ({ spec }: CronJob, start: VirtualTime, now: VirtualTime): boolean =>
  spec.startingDeadlineSeconds !== undefined && start + spec.startingDeadlineSeconds * second < now;

/** A CronJob is looked at a little after its start, lest clocks disagree about whether it is due. */
const nextScheduleDelta = 100 * millisecond;

/** The wait for a schedule that is never due: Go's least duration, so the CronJob is looked at again at once. */
export const neverDue: Duration = -9_223_372_036_854_776;

/** How long to wait until the next start. */
export function requeueAfter(cronJob: CronJob, schedule: CronSchedule, now: VirtualTime): Duration {
  const { earliest, mostRecent, missed, error } = mostRecentSchedule(cronJob, schedule, now, false);
  const from = mostRecent ?? (error === undefined && missed === 'none' ? earliest : now);
  const next = nextTime(schedule, from);
  return next === undefined ? neverDue : next + nextScheduleDelta - now;
}
