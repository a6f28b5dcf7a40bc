/** What a CronJob's Events say. (kubernetes v1.34.1 pkg/controller/cronjob/cronjob_controllerv2.go) */
import type { CronJob } from '../../api/generated/types.ts';
import { goQuoted } from '../../time/go-quote.ts';
import { unixSeconds, type VirtualTime } from '../../time/time.ts';
import { localTimeAt, utc } from '../../time/zone.ts';
import { news, type News } from '../controller.ts';
import { tooManyMissedMessage } from './missed.ts';

const normal = (cronJob: CronJob, reason: string, message: string): News =>
  news(cronJob, 'Normal', reason, message);
const warning = (cronJob: CronJob, reason: string, message: string): News =>
  news(cronJob, 'Warning', reason, message);

export const createdNews = (cronJob: CronJob, job: string): News =>
  normal(cronJob, 'SuccessfulCreate', `Created job ${job}`);
export const createFailedNews = (cronJob: CronJob, error: string): News =>
  warning(cronJob, 'FailedCreate', `Error creating job: ${error}`);
export const deletedNews = (cronJob: CronJob, job: string): News =>
  normal(cronJob, 'SuccessfulDelete', `Deleted job ${job}`);
export const deleteFailedNews = (cronJob: CronJob, error: string): News =>
  warning(cronJob, 'FailedDelete', `Deleted job: ${error}`);
export const getFailedNews = (cronJob: CronJob, error: string): News =>
  warning(cronJob, 'FailedGet', `Get job: ${error}`);
export const unexpectedNews = (cronJob: CronJob, job: string): News =>
  warning(cronJob, 'UnexpectedJob', `Saw a job that the controller did not create or forgot: ${job}`);
export const completedNews = (cronJob: CronJob, job: string, condition: string): News =>
  normal(cronJob, 'SawCompletedJob', `Saw completed job: ${job}, condition: ${condition}`);
export const missingNews = (cronJob: CronJob, job: string): News =>
  normal(cronJob, 'MissingJob', `Active job went missing: ${job}`);
export const forbiddenNews = (cronJob: CronJob): News =>
  normal(
    cronJob,
    'JobAlreadyActive',
    'Not starting job because prior execution is running and concurrency policy is Forbid',
  );
export const missedNews = (cronJob: CronJob, start: VirtualTime): News =>
  warning(cronJob, 'MissSchedule', `Missed scheduled time to start a job: ${rfc1123z(start)}`);
export const tooManyMissedNews = (cronJob: CronJob): News =>
  warning(cronJob, 'TooManyMissedTimes', tooManyMissedMessage);
export const unknownZoneNews = (cronJob: CronJob, zone: string, error: string): News =>
  warning(cronJob, 'UnknownTimeZone', `invalid timeZone: ${goQuoted(zone)}: ${error}`);
export const zoneInScheduleNews = (cronJob: CronJob): News =>
  warning(
    cronJob,
    'UnsupportedSchedule',
    `CRON_TZ or TZ used in schedule ${goQuoted(cronJob.spec.schedule)} is not officially supported, see https://kubernetes.io/docs/concepts/workloads/controllers/cron-jobs/ for more details`,
  );
export const unparseableNews = (cronJob: CronJob, error: string): News =>
  warning(
    cronJob,
    'UnparseableSchedule',
    `unparseable schedule: ${goQuoted(cronJob.spec.schedule)} : ${error}`,
  );
export const unparseableChangeNews = (cronJob: CronJob): News =>
  warning(
    cronJob,
    'UnParseableCronJobSchedule',
    `unparseable schedule for cronjob: ${cronJob.spec.schedule}`,
  );
export const invalidNews = (cronJob: CronJob, error: string): News =>
  warning(cronJob, 'InvalidSchedule', `invalid schedule: ${cronJob.spec.schedule} : ${error}`);

const days = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'];
const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
const two = (n: number): string => `${n}`.padStart(2, '0');

/** Go's time.RFC1123Z, in UTC: `Mon, 02 Jan 2006 15:04:05 +0000`. */
function rfc1123z(at: VirtualTime): string {
  const seconds = unixSeconds(at);
  const { year, month, day, hour, minute, second, weekday } = localTimeAt(utc, seconds);
  const date = `${days[weekday] ?? ''}, ${two(day)} ${months[month - 1] ?? ''} ${year}`;
  return `${date} ${two(hour)}:${two(minute)}:${two(second)} +0000`;
}
