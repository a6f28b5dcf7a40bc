/** What a CronJob may start: its requests are held against its view, and the Jobs of a run against one another. */
import type { CronJob, Job } from '../../core/api/generated/types.ts';
import { controllerOf, keyFor, type ApiObject } from '../../core/api/object.ts';
import type { CreateRequest } from '../../core/api/request.ts';
import { viewOf } from '../../core/client/informer.ts';
import type { ControllerManagerState } from '../../core/controllers/manager.ts';
import type { EtcdEvent } from '../../core/etcd/message.ts';
import { eventsAt, type Store } from '../../core/etcd/store.ts';
import { minute, parseTimeText, virtualTimeOf } from '../../core/time/time.ts';
import type { Observer } from '../../sim/engine/world.ts';
import { LawBook } from './law-book.ts';
import { syncTagOf, syncViewOf, type SyncView } from './sync-view.ts';

export class CronLaws extends LawBook implements Observer {
  stepped(process: string, ...[, step]: Tail<Parameters<Observer['stepped']>>): void {
    if (process !== 'kube-controller-manager') return;
    for (const asked of step.requests) {
      const tag = syncTagOf(asked);
      if (asked.do !== 'call' || tag?.controller !== 'cronjob-controller') continue;
      if (asked.request.verb === 'create' && asked.request.resource === 'jobs')
        this.starts(syncViewOf(step.state as ControllerManagerState, tag), asked.request);
    }
  }

  /** P20: a start is made that its view does not have, and that is due. */
  private starts({ caches, now }: SyncView, { object, namespace }: CreateRequest): void {
    const job = object as unknown as Job;
    const { name } = job.metadata;
    const owner = controllerOf(job);
    const cronJob: CronJob | undefined = viewOf(caches, 'cronjobs').objects.get(
      keyFor(namespace, owner?.name ?? ''),
    );
    const { active = [], lastScheduleTime } = cronJob?.status ?? {};
    const start = startOf(name) * minute;
    const last = lastScheduleTime === undefined ? -Infinity : (parseTimeText(lastScheduleTime) ?? 0);
    const since = virtualTimeOf(0);
    this.law(
      'P20 due',
      start <= now - since && now - since - start < 3 * 60 * minute,
      () => `${name} is not due`,
    );
    this.law('P20 new', last - since < start, () => `${name} was made, as its status says`);
    this.law('P20 new', !active.some((known) => known.name === name), () => `${name} is active`);
  }

  /** P20: of a CronJob and a minute there is one Job, and another one only where somebody has deleted the first. */
  judge(history: Iterable<Written>): void {
    const there = new Map<string, string>();
    for (const { kv, prevKv } of history) {
      const job = kv?.value ?? prevKv?.value;
      const owner = job?.kind === 'Job' ? controllerOf(job) : undefined;
      if (job === undefined || owner?.kind !== 'CronJob') continue;
      const { name, uid } = job.metadata;
      const start = `${owner.uid} ${scheduledMinuteOf(job)}`;
      const known = there.get(start) ?? uid;
      if (kv === undefined) there.delete(start);
      else there.set(start, uid);
      this.law('P20 one', known === uid, () => `${name} is another Job of ${start}`);
    }
  }
}

type Written = Pick<EtcdEvent<ApiObject>, 'kv' | 'prevKv'>;

export function* historyOf(store: Store<ApiObject>): IterableIterator<Written> {
  for (let revision = 2; revision <= store.revision; revision++) yield* eventsAt(store, revision);
}

type Tail<T extends readonly unknown[]> = T extends readonly [unknown, ...infer Rest] ? Rest : never;

/** The minute since 1970 that a Job's name ends with. */
const startOf = (name: string): number => Number(name.slice(name.lastIndexOf('-') + 1));

/** The same of what it says it stands for. */
function scheduledMinuteOf({ metadata }: ApiObject): number {
  const said = metadata.annotations?.['batch.kubernetes.io/cronjob-scheduled-timestamp'] ?? '';
  return Math.floor(Date.parse(said) / 60_000);
}
