/**
 * Makes a Job at each start of a CronJob's schedule. Here is what it hears of; what it does is in cron/sync.ts.
 * (kubernetes v1.34.1 pkg/controller/cronjob/cronjob_controllerv2.go)
 */
import { controllerOf, keyFor, type ApiObject, type ObjectKey } from '../api/object.ts';
import type { CronJob } from '../api/generated/types.ts';
import { viewOf, type Delta, type Informers } from '../client/informer.ts';
import { isCronError, parseSchedule } from '../time/cron/parse.ts';
import type { Context, Controller, Effects } from './controller.ts';
import { effectiveSchedule, requeueAfter } from './cron/missed.ts';
import { unparseableChangeNews } from './cron/news.ts';
import { syncCronJob } from './cron/sync.ts';

export const cronJobController: Controller<undefined> = {
  name: 'cronjob-controller',
  component: 'cronjob-controller',
  workers: 5,
  follows: ['cronjobs', 'jobs'],
  initial: undefined,
  handle: (context, delta) => (delta.stream === 'jobs' ? onJob(context, delta) : onCronJob(context, delta)),
  sync: syncCronJob,
};

function onJob({ caches }: Context<undefined>, { object, before }: Delta): Effects<undefined> | undefined {
  const keys = [...ownerOf(caches, object), ...(before === undefined ? [] : ownerOf(caches, before))];
  return keys.length === 0 ? undefined : { mark: [...new Set(keys)] };
}

function ownerOf(caches: Informers, job: ApiObject): readonly ObjectKey[] {
  const owner = controllerOf(job);
  if (owner?.kind !== 'CronJob') return [];
  const key = keyFor(job.metadata.namespace, owner.name);
  return viewOf(caches, 'cronjobs').objects.get(key)?.metadata.uid === owner.uid ? [key] : [];
}

/** A new schedule is waited for; anything else that is new is looked at now. */
function onCronJob({ now }: Context<undefined>, { key, object, before }: Delta): Effects<undefined> {
  const cronJob = object as CronJob;
  const was = (before as CronJob | undefined)?.spec;
  const { schedule, timeZone } = cronJob.spec;
  if (was === undefined || (was.schedule === schedule && was.timeZone === timeZone)) return { mark: [key] };
  const parsed = parseSchedule(effectiveSchedule(cronJob.spec));
  if (isCronError(parsed)) return { news: [unparseableChangeNews(cronJob)] };
  return { markAfter: { keys: [key], delay: requeueAfter(cronJob, parsed, now) } };
}
