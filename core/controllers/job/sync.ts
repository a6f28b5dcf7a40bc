/**
 * One sync of a Job: it reads the Job and its Pods (reading.ts), decides whether the Job is to end (verdict.ts), deletes or
 * creates Pods (plan.ts), and counts those that have ended (tracking.ts).
 * (kubernetes v1.34.1 pkg/controller/job/job_controller.go, syncJob)
 */
import { controllerOf, type ObjectKey } from '../../api/object.ts';
import type { Job, JobCondition, JobStatus, Pod } from '../../api/generated/types.ts';
import { requirementsOf } from '../../api/selector.ts';
import { satisfied } from '../../client/expectations.ts';
import { viewOf, type Informers } from '../../client/informer.ts';
import { second, timeText, type Duration, type VirtualTime } from '../../time/time.ts';
import { claim, orphansFor } from '../claim.ts';
import { done, failed, news, type Context, type News, type Sync } from '../controller.ts';
import { updateStatus } from '../requests.ts';
import { isFinished, newCondition, withCondition } from './condition.ts';
import {
  backoffOf,
  endObserved,
  expectEnd,
  forgetJob,
  isEnded,
  releasesOf,
  withBackoff,
  withoutBackoff,
  type JobMemory,
} from './memory.ts';
import { planPods } from './plan.ts';
import { isSuspended, trackingFinalizer } from './pod-state.ts';
import { createPods, deleteTracked, deleteUncounted, releasePods, type Step } from './pods.ts';
import { readJob, type Reading } from './reading.ts';
import { finish, track, trackedPods, withoutReleased } from './tracking.ts';
import { completion, deadlineIn, verdictOf } from './verdict.ts';

/** What Pods do is looked at together (syncJobBatchPeriod). */
export const batchPeriod: Duration = second;

/** A Job that says it is somebody else's (spec.managedBy) is left alone. */
export const isElsewhere = ({ spec }: Job): boolean =>
  spec.managedBy !== undefined && spec.managedBy !== 'kubernetes.io/job-controller';

/** Everything that is to be done for a Job now. */
export function* syncJob(context: Context<JobMemory>, key: ObjectKey): Sync<JobMemory> {
  const { caches, memory, now } = context;
  const cached = viewOf(caches, 'jobs').objects.get(key);
  if (cached === undefined) return { remember: (latest) => forgetJob(latest, key) };
  if (isElsewhere(cached)) return done;
  if (isFinished(cached)) return { remember: (latest) => withoutBackoff(latest, key) };
  // Its end is written; until the cache shows it, nothing is to be read from there.
  if (isEnded(memory, cached.metadata.uid)) return done;
  const settled = satisfied(memory.expectations, key, now);
  const pods = yield* claimPods(caches, cached);
  if (pods === undefined) return failed;
  const job = started(cached, now);
  const reading = readJob(job, pods, releasesOf(memory, key), backoffOf(memory, key), now);
  const managed = yield* manage(reading, key, settled);
  const counted = yield* count(reading, key, managed);
  if (!counted || managed.failed) return failed;
  return managed.again === undefined ? done : { again: managed.again };
}

function* claimPods(caches: Informers, job: Job): Step<readonly Pod[] | undefined> {
  const view = viewOf(caches, 'pods');
  const selector = requirementsOf(job.spec.selector);
  const own = [...view.objects.valuesOf('controller', job.metadata.uid)];
  const orphans = orphansFor(view, job.metadata.namespace, selector, own.length);
  const owner = { object: job, resource: 'jobs', selector, finalizer: trackingFinalizer };
  const claimed = yield* claim<Pod, JobMemory>(owner, 'pods', [...own, ...orphans]);
  // What was adopted just now has the finalizer, though the cache does not show it yet.
  return claimed?.map((pod) => (controllerOf(pod) === undefined ? adopted(pod) : pod));
}

const adopted = (pod: Pod): Pod => ({
  ...pod,
  metadata: { ...pod.metadata, finalizers: [...(pod.metadata.finalizers ?? []), trackingFinalizer] },
});

/** A Job has started when it is first seen not to be suspended. */
const started = (job: Job, now: VirtualTime): Job =>
  job.status.startTime !== undefined || isSuspended(job)
    ? job
    : { ...job, status: { ...job.status, startTime: timeText(now) } };

/** What a sync has done with the Pods, and what it will write. */
interface Managed {
  readonly status: JobStatus;
  readonly verdict: JobCondition | undefined;
  readonly failed: boolean;
  readonly isNew: boolean;
  readonly again: Duration | undefined;
}

function* manage(reading: Reading, key: ObjectKey, settled: boolean): Step<Managed> {
  const { job, active, now } = reading;
  const verdict = verdictOf(reading);
  if (verdict !== undefined) {
    const deleted = yield* deleteTracked(active);
    // While Pods are left, or may be that the cache has not shown yet, the Job has not ended.
    const isAll = deleted.count === active.length && settled;
    const counts = countsOf(reading, active.length - deleted.count, deleted);
    return managedOf(reading, counts, { verdict: isAll ? verdict : undefined, failed: deleted.failed });
  }
  const deadline = deadlineIn(job, now);
  if (!settled || job.metadata.deletionTimestamp !== undefined)
    return managedOf(reading, countsOf(reading, active.length), {
      verdict: completion(reading, active.length, now),
      again: deadline,
    });
  const plan = yield* carryOut(reading, key);
  const again = [deadline, plan.again].reduce((a, b) => (a === undefined || (b ?? a) < a ? b : a));
  const complete = completion(reading, plan.counts.active, now);
  const outcome = { verdict: complete, failed: plan.failed, again };
  if (complete !== undefined) return managedOf(reading, plan.counts, outcome);
  const suspension = suspended(job, now);
  if (suspension === undefined) return managedOf(reading, plan.counts, outcome);
  yield { requests: [], news: [suspension.news] };
  const changed = managedOf(reading, plan.counts, outcome);
  return { ...changed, isNew: true, status: { ...changed.status, ...suspension.status } };
}

interface Counts {
  readonly active: number;
  readonly ready: number;
  readonly terminating: number;
}

const countsOf = (
  { ready, terminating }: Reading,
  active: number,
  deleted: { readonly count: number; readonly ready: number } = { count: 0, ready: 0 },
): Counts => ({ active, ready: ready - deleted.ready, terminating: terminating + deleted.count });

/** Creates or deletes Pods as planned. */
function* carryOut(
  reading: Reading,
  key: ObjectKey,
): Step<{ readonly counts: Counts; readonly failed: boolean; readonly again?: Duration }> {
  const plan = planPods(reading);
  const active = reading.active.length;
  switch (plan.do) {
    case 'nothing':
      return { counts: countsOf(reading, active), failed: false };
    case 'wait':
      // As the real one has it, no Pod counts as active while a back-off runs.
      return {
        counts: countsOf(reading, 0),
        failed: false,
        again: Math.max(plan.delay, batchPeriod),
      };
    case 'delete': {
      const deleted = yield* deleteUncounted(plan.pods, key, reading.now);
      return { counts: countsOf(reading, active - deleted.count, deleted), failed: deleted.failed };
    }
    case 'create': {
      const made = yield* createPods(reading, key, plan.indexes, reading.now);
      return { counts: countsOf(reading, active + made.created), failed: made.failed };
    }
  }
}

function managedOf(
  { job: { status } }: Reading,
  { active, ready, terminating }: Counts,
  outcome: Partial<Pick<Managed, 'verdict' | 'failed' | 'again'>>,
): Managed {
  return {
    status: {
      ...status,
      active: active === 0 ? undefined : active,
      ready,
      terminating,
      uncountedTerminatedPods: status.uncountedTerminatedPods ?? {},
    },
    isNew: active !== (status.active ?? 0) || ready !== status.ready || terminating !== status.terminating,
    verdict: outcome.verdict,
    failed: outcome.failed ?? false,
    again: outcome.again,
  };
}

/** A Job that is resumed has its active deadline begin anew. */
function suspended(
  job: Job,
  now: VirtualTime,
): { readonly status: Partial<JobStatus>; readonly news: News } | undefined {
  const isNow = isSuspended(job);
  const [reason, message] = isNow ? ['JobSuspended', 'Job suspended'] : ['JobResumed', 'Job resumed'];
  const next = newCondition('Suspended', isNow ? 'True' : 'False', reason, message, now);
  const conditions = withCondition(job.status.conditions ?? [], next);
  if (conditions === undefined) return undefined;
  return isNow
    ? { status: { conditions }, news: news(job, 'Normal', 'Suspended', message) }
    : {
        status: { conditions, startTime: timeText(now) },
        news: news(job, 'Normal', 'Resumed', message),
      };
}

/** Writes the status, lets go of the Pods it has counted, and ends the Job when none is left. False: to be tried again. */
function* count(reading: Reading, key: ObjectKey, managed: Managed): Step<boolean> {
  const tracked = track(reading, managed.status, managed.verdict, reading.now);
  let job: Job = { ...reading.job, status: tracked.status };
  let { now } = reading;
  if (managed.isNew || tracked.isNew) {
    const reply = yield { requests: [updateStatus('jobs', job)] };
    const [answer] = reply.answers;
    if (answer?.ok !== true) return false;
    now = reply.now;
    job = { ...(answer.object as Job), status: tracked.status };
    yield { requests: [], remember: (memory) => withBackoff(memory, key, reading.backoff) };
  }
  const release = yield* releasePods(tracked.release, key, now);
  const gone = new Set(release.pods.map((pod) => pod.metadata.uid));
  const before = trackedPods(reading);
  const counted = withoutReleased(job.status, { has: (uid) => before.has(uid) && !gone.has(uid) });
  const isReleased = release.pods.length === tracked.release.length;
  const ended =
    tracked.isFull || !isReleased ? undefined : finish(counted.status, tracked.final, release.now);
  if (ended === undefined && !counted.changed) return isReleased;
  const { uid } = job.metadata;
  const last = { requests: [updateStatus('jobs', { ...job, status: ended ?? counted.status })] };
  const expecting = { ...last, remember: (memory: JobMemory) => expectEnd(memory, uid) };
  const isWritten = (yield ended === undefined ? last : expecting).answers[0]?.ok === true;
  if (ended !== undefined && tracked.final !== undefined)
    yield isWritten
      ? { requests: [], news: endNews(job, ended, tracked.final) }
      : { requests: [], remember: (memory) => endObserved(memory, uid) };
  if (!isWritten) return false;
  return isReleased;
}

function endNews(job: Job, { succeeded = 0 }: JobStatus, final: JobCondition): readonly News[] {
  if (final.type !== 'Complete') return [news(job, 'Warning', final.reason ?? '', final.message ?? '')];
  const completed = news(job, 'Normal', 'Completed', 'Job completed');
  const { completions } = job.spec;
  if (completions === undefined || succeeded <= completions) return [completed];
  const tooMany = 'Too many succeeded pods running after completion count reached';
  return [news(job, 'Warning', 'TooManySucceededPods', tooMany), completed];
}
