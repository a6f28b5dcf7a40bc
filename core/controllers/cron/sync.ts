/**
 * One sync of a CronJob: old Jobs are deleted, finished ones taken off the list of active ones, and the Job of a start that
 * is due is made. (kubernetes v1.34.1 pkg/controller/cronjob/cronjob_controllerv2.go)
 */
import { controllerOf, type ObjectKey } from '../../api/object.ts';
import type { CronJob, CronJobStatus, Job, ObjectReference } from '../../api/generated/types.ts';
import type { DeleteRequest } from '../../api/request.ts';
import { viewOf } from '../../client/informer.ts';
import { isCronError, loadZone, parseSchedule, type CronSchedule } from '../../time/cron/parse.ts';
import { parseTimeText, timeText, type Duration, type VirtualTime } from '../../time/time.ts';
import {
  done,
  failed,
  messageOf,
  namespaceTerminating,
  refused,
  type Ask,
  type Context,
  type News,
  type Reply,
  type Sync,
} from '../controller.ts';
import { finishedCondition } from '../job/condition.ts';
import { create, get, updateStatus } from '../requests.ts';
import { jobFromTemplate, jobName } from './job.ts';
import { dueStart, effectiveSchedule, isTooLate, requeueAfter } from './missed.ts';
import {
  completedNews,
  createdNews,
  createFailedNews,
  deletedNews,
  deleteFailedNews,
  forbiddenNews,
  getFailedNews,
  invalidNews,
  missedNews,
  missingNews,
  tooManyMissedNews,
  unexpectedNews,
  unknownZoneNews,
  unparseableNews,
  zoneInScheduleNews,
} from './news.ts';

type Step<T> = Generator<Ask<undefined>, T, Reply>;

/** A CronJob with the status it is to have, and how the sync ends. */
interface Progress {
  readonly cronJob: CronJob;
  readonly isNew: boolean;
  /** Something went wrong: to be tried again, when what is new has been written. */
  readonly failed?: boolean;
  /** When to look again; undefined: not before something changes. */
  readonly again?: Duration | undefined;
}

/** Everything that is to be done for a CronJob now. */
export function* syncCronJob({ caches, now }: Context<undefined>, key: ObjectKey): Sync<undefined> {
  const cronJob = viewOf(caches, 'cronjobs').objects.get(key);
  if (cronJob === undefined) return done;
  const jobs = [...viewOf(caches, 'jobs').objects.valuesOf('controller', cronJob.metadata.uid)];
  const cleaned = yield* cleanUp({ cronJob, isNew: false }, jobs);
  const reconciled = yield* reconcile(cleaned, jobs);
  const progress = reconciled.failed === true ? reconciled : yield* startDue(reconciled, now);
  if (progress.isNew) {
    const { answers } = yield { requests: [updateStatus('cronjobs', progress.cronJob)] };
    if (answers[0]?.ok !== true) return failed;
  }
  if (progress.failed === true) return failed;
  return progress.again === undefined ? done : { again: progress.again };
}

const say = (...news: readonly News[]): Ask<undefined> => ({ requests: [], news });

const withStatus = ({ cronJob }: Progress, change: Partial<CronJobStatus>): Progress => ({
  cronJob: { ...cronJob, status: { ...cronJob.status, ...change } },
  isNew: true,
});

const activeOf = ({ status }: CronJob): readonly ObjectReference[] => status.active ?? [];
const isActive = (cronJob: CronJob, uid: string): boolean =>
  activeOf(cronJob).some((reference) => reference.uid === uid);

function withoutActive(progress: Progress, uid: string | undefined): Progress {
  const active = activeOf(progress.cronJob).filter((reference) => reference.uid !== uid);
  return withStatus(progress, { active: active.length === 0 ? undefined : active });
}

/** Deletes the oldest Jobs beyond the limits of the history. (cleanupFinishedJobs) */
function* cleanUp(before: Progress, jobs: readonly Job[]): Step<Progress> {
  const { successfulJobsHistoryLimit = Infinity, failedJobsHistoryLimit = Infinity } = before.cronJob.spec;
  const ended = (type: string): readonly Job[] =>
    jobs.filter((job) => finishedCondition(job)?.type === type).sort(startedFirst);
  const beyond = (all: readonly Job[], limit: number): readonly Job[] =>
    all.slice(0, Math.max(0, all.length - limit));
  let progress = before;
  for (const job of [
    ...beyond(ended('Complete'), successfulJobsHistoryLimit),
    ...beyond(ended('Failed'), failedJobsHistoryLimit),
  ])
    progress = (yield* deleteJob(progress, job)) ?? progress;
  return progress;
}

/** One that has not started comes last. */
function startedFirst(a: Job, b: Job): number {
  const [startA, startB] = [a.status.startTime, b.status.startTime];
  if (startA === startB) return a.metadata.name < b.metadata.name ? -1 : 1;
  if (startA === undefined || startB === undefined) return startA === undefined ? 1 : -1;
  return startA < startB ? -1 : 1;
}

/** Deletes a Job with its Pods; undefined where it could not be. */
function* deleteJob(progress: Progress, job: Job): Step<Progress | undefined> {
  const { namespace, name, uid } = job.metadata;
  const request: DeleteRequest = {
    verb: 'delete',
    resource: 'jobs',
    namespace,
    name,
    propagationPolicy: 'Background',
  };
  const [answer] = (yield { requests: [request] }).answers;
  if (answer?.ok !== true) {
    yield say(deleteFailedNews(progress.cronJob, messageOf(answer)));
    return undefined;
  }
  yield say(deletedNews(progress.cronJob, name));
  return withoutActive(progress, uid);
}

/** Brings the list of active Jobs up to date with those there are. */
function* reconcile(before: Progress, jobs: readonly Job[]): Step<Progress> {
  let progress = before;
  for (const job of jobs) {
    const seen = yield* lookAt(progress, job);
    if (seen === undefined) return { ...progress, failed: true };
    progress = seen;
  }
  const known = new Set(jobs.map((job) => job.metadata.uid));
  for (const { namespace, name = '', uid = '' } of activeOf(progress.cronJob)) {
    if (known.has(uid)) continue;
    // The cache may be behind: only the server can say that the Job is gone.
    const [answer] = (yield { requests: [get('jobs', namespace, name)] }).answers;
    if (refused(answer, 'NotFound')) {
      yield say(missingNews(progress.cronJob, name));
      progress = withoutActive(progress, uid);
    } else if (answer?.ok !== true) return { ...progress, failed: true };
  }
  return progress;
}

function* lookAt(progress: Progress, job: Job): Step<Progress | undefined> {
  const { cronJob } = progress;
  const { name, uid } = job.metadata;
  const finished = finishedCondition(job);
  const isListed = isActive(cronJob, uid);
  if (finished === undefined) {
    if (isListed) return progress;
    const [fresh] = (yield { requests: [get('cronjobs', cronJob.metadata.namespace, cronJob.metadata.name)] })
      .answers;
    if (fresh?.ok !== true) return undefined;
    const current = fresh.object as CronJob;
    if (isActive(current, uid)) return { ...progress, cronJob: current };
    yield say(unexpectedNews(cronJob, name));
    return progress;
  }
  let next = progress;
  if (isListed) {
    yield say(completedNews(cronJob, name, finished.type));
    next = withoutActive(next, uid);
  }
  const { completionTime } = job.status;
  const { lastSuccessfulTime = '' } = next.cronJob.status;
  const isLater = completionTime !== undefined && completionTime > lastSuccessfulTime;
  return finished.type === 'Complete' && isLater
    ? withStatus(next, { lastSuccessfulTime: completionTime })
    : next;
}

/** Makes the Job of the start that is due, unless something speaks against it. */
function* startDue(progress: Progress, now: VirtualTime): Step<Progress> {
  const { cronJob } = progress;
  const { timeZone, suspend = false, concurrencyPolicy } = cronJob.spec;
  if (cronJob.metadata.deletionTimestamp !== undefined) return progress;
  const zone = loadZone(timeZone ?? '');
  if (zone !== undefined && 'error' in zone) {
    yield say(unknownZoneNews(cronJob, timeZone ?? '', zone.error));
    return progress;
  }
  if (suspend) return progress;
  if (cronJob.spec.schedule.includes('TZ')) yield say(zoneInScheduleNews(cronJob));
  const schedule = parseSchedule(effectiveSchedule(cronJob.spec));
  if (isCronError(schedule)) {
    yield say(unparseableNews(cronJob, schedule.error));
    return progress;
  }
  const { at, tooManyMissed, error } = dueStart(cronJob, schedule, now);
  if (error !== undefined) {
    yield say(invalidNews(cronJob, error));
    return progress;
  }
  if (tooManyMissed) yield say(tooManyMissedNews(cronJob));
  const later: Progress = { ...progress, again: requeueAfter(cronJob, schedule, now) };
  if (at === undefined) return later;
  if (isTooLate(cronJob, at, now)) {
    yield say(missedNews(cronJob, at));
    return later;
  }
  if (isMade(cronJob, at)) return later;
  if (concurrencyPolicy === 'Forbid' && activeOf(cronJob).length > 0) {
    yield say(forbiddenNews(cronJob));
    return later;
  }
  const cleared = concurrencyPolicy === 'Replace' ? yield* replaceActive(progress) : progress;
  return cleared.failed === true ? cleared : yield* start(cleared, schedule, at, now);
}

function isMade(cronJob: CronJob, start: VirtualTime): boolean {
  const name = jobName(cronJob, start);
  const { namespace } = cronJob.metadata;
  const last = cronJob.status.lastScheduleTime;
  return (
    activeOf(cronJob).some((active) => active.name === name && active.namespace === namespace) ||
    (last !== undefined && parseTimeText(last) === start)
  );
}

function* replaceActive(before: Progress): Step<Progress> {
  let progress = before;
  for (const { namespace, name = '' } of activeOf(before.cronJob)) {
    const [answer] = (yield { requests: [get('jobs', namespace, name)] }).answers;
    if (answer?.ok !== true) {
      yield say(getFailedNews(progress.cronJob, messageOf(answer)));
      return { ...progress, failed: true };
    }
    const deleted = yield* deleteJob(progress, answer.object as Job);
    if (deleted === undefined) return { ...progress, failed: true };
    progress = deleted;
  }
  return progress;
}

/** Makes the Job. Its name is that of its start, so that none is made twice. */
function* start(
  progress: Progress,
  schedule: CronSchedule,
  at: VirtualTime,
  now: VirtualTime,
): Step<Progress> {
  const { cronJob } = progress;
  const wanted = jobFromTemplate(cronJob, at);
  if ('error' in wanted) return { ...progress, failed: true };
  const [answer] = (yield { requests: [create('jobs', wanted)] }).answers;
  let made = answer?.ok === true ? (answer.object as Job) : undefined;
  if (made !== undefined) yield say(createdNews(cronJob, made.metadata.name));
  else if (refused(answer, 'AlreadyExists')) {
    const { namespace } = cronJob.metadata;
    const [there] = (yield { requests: [get('jobs', namespace, wanted.metadata.name ?? '')] }).answers;
    if (there?.ok !== true) return { ...progress, failed: true };
    made = there.object as Job;
    // Somebody else's Job is somebody else's concern; ours was made, and the status could not be written.
    if (controllerOf(made)?.uid !== cronJob.metadata.uid || isActive(cronJob, made.metadata.uid))
      return progress;
  } else {
    if (!namespaceTerminating(answer)) yield say(createFailedNews(cronJob, messageOf(answer)));
    return { ...progress, failed: true };
  }
  const next = withStatus(progress, {
    active: [...activeOf(cronJob), referenceTo(made)],
    lastScheduleTime: timeText(at),
  });
  return { ...next, again: requeueAfter(next.cronJob, schedule, now) };
}

const referenceTo = ({ apiVersion, kind, metadata }: Job): ObjectReference => ({
  kind,
  namespace: metadata.namespace,
  name: metadata.name,
  uid: metadata.uid,
  apiVersion,
  resourceVersion: metadata.resourceVersion,
});
