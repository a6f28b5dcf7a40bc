/**
 * Runs Pods until enough of them have succeeded, or too many have failed. Here is what it hears of; what it does for a Job
 * is in job/sync.ts.
 * (kubernetes v1.34.1 pkg/controller/job/job_controller.go)
 */
import { controllerOf, keyFor, keyOf, type ObjectKey } from '../api/object.ts';
import type { Job, OwnerReference, Pod } from '../api/generated/types.ts';
import type { ApiAnswer, ApiRequest } from '../api/request.ts';
import { matchesLabels, requirementsOf } from '../api/selector.ts';
import { objectsIn } from '../api/view.ts';
import { creationObserved, deletionObserved } from '../client/expectations.ts';
import { viewOf, type Delta, type Informers } from '../client/informer.ts';
import {
  done,
  failed,
  refused,
  type Context,
  type Controller,
  type Effects,
  type Sync,
} from './controller.ts';
import { isFinished } from './job/condition.ts';
import { endObserved, newJobMemory, releaseObserved, type JobMemory } from './job/memory.ts';
import { isTracked } from './job/pod-state.ts';
import { withoutFinalizer } from './job/pods.ts';
import { batchPeriod, isElsewhere, syncJob } from './job/sync.ts';
import { podNews } from './pod-control.ts';

export const jobController: Controller<JobMemory> = {
  name: 'job-controller',
  component: 'job-controller',
  workers: 5,
  follows: ['jobs', 'pods'],
  pods: { of: 'Job' },
  initial: newJobMemory,
  handle: (context, delta) => (delta.stream === 'pods' ? onPod(context, delta) : onJob(context, delta)),
  answered: onAnswer,
  sync: (context, key) => (key.startsWith(orphanPrefix) ? syncOrphan(context, key) : syncJob(context, key)),
};

/** The key of a Pod that has the finalizer and no Job. No namespace has a colon in its name. */
const orphanPrefix = 'orphan:';

function onJob(
  { caches, memory: before }: Context<JobMemory>,
  { type, key, object, before: was }: Delta,
): Effects<JobMemory> {
  const job = object as Job;
  const mark: string[] = [];
  const isOver = type === 'deleted' || (type === 'updated' && isFinished(job));
  if (isOver)
    for (const pod of viewOf(caches, 'pods').objects.valuesOf('controller', job.metadata.uid))
      if (isTracked(pod)) mark.push(orphanPrefix + keyOf(pod));
  const memory = isOver ? endObserved(before, job.metadata.uid) : before;
  if (type !== 'updated' || was?.metadata.generation !== job.metadata.generation) {
    mark.push(key);
    return { mark, memory };
  }
  return { mark, memory, markAfter: { keys: [key], delay: batchPeriod } };
}

function onPod(context: Context<JobMemory>, delta: Delta): Effects<JobMemory> | undefined {
  const pod = delta.object as Pod;
  const owner = controllerOf(pod);
  const ownerBefore = delta.before === undefined ? undefined : controllerOf(delta.before);
  if (owner?.kind !== 'Job' && ownerBefore?.kind !== 'Job') {
    if (owner !== undefined || (!isTracked(pod) && viewOf(context.caches, 'jobs').objects.size === 0))
      return undefined;
  }
  const orphan = isTracked(pod) && delta.type !== 'deleted' ? [orphanPrefix + delta.key] : [];
  const isGone = delta.type === 'deleted' || pod.metadata.deletionTimestamp !== undefined;
  const wasOf = ownerBefore?.uid === owner?.uid ? undefined : jobAt(context.caches, pod, ownerBefore);
  const job = jobAt(context.caches, pod, owner);
  if (job === undefined || (isGone && isFinished(job))) {
    const suitors = owner === undefined && !isGone ? suitorsOf(context.caches, pod, delta) : [];
    const keys = [...suitors, ...(wasOf === undefined ? [] : [keyOf(wasOf)])];
    return { mark: orphan, markAfter: { keys, delay: batchPeriod } };
  }
  const key = keyOf(job);
  let { memory } = context;
  if (delta.before === undefined && !isGone)
    memory = seen(memory, creationObserved(memory.expectations, key));
  if (isGone) memory = seen(memory, deletionObserved(memory.expectations, key, delta.key));
  if (delta.type === 'deleted' || !isTracked(pod)) memory = releaseObserved(memory, key, pod.metadata.uid);
  const keys = wasOf === undefined ? [key] : [key, keyOf(wasOf)];
  return { memory, markAfter: { keys, delay: batchPeriod } };
}

const seen = (memory: JobMemory, expectations: JobMemory['expectations']): JobMemory =>
  expectations === memory.expectations ? memory : { ...memory, expectations };

function jobAt(caches: Informers, pod: Pod, owner: OwnerReference | undefined): Job | undefined {
  if (owner?.kind !== 'Job') return undefined;
  const job = viewOf(caches, 'jobs').objects.get(keyFor(pod.metadata.namespace, owner.name));
  return job?.metadata.uid === owner.uid ? job : undefined;
}

/** The Jobs that would adopt a Pod that has no controller (any more). */
function suitorsOf(caches: Informers, pod: Pod, { before }: Delta): readonly ObjectKey[] {
  const isChanged =
    before === undefined ||
    before.metadata.labels !== pod.metadata.labels ||
    controllerOf(before) !== undefined;
  if (!isChanged || pod.metadata.labels === undefined) return [];
  return [...objectsIn(viewOf(caches, 'jobs'), pod.metadata.namespace)]
    .filter((job) => matchesLabels(requirementsOf(job.spec.selector), pod.metadata.labels))
    .map(keyOf);
}

/** Events are recorded as each answer comes; a deletion that failed will never be seen. */
function onAnswer(
  { caches, memory }: Context<JobMemory>,
  key: string,
  request: ApiRequest,
  answer: ApiAnswer,
): Effects<JobMemory> | undefined {
  if (request.resource !== 'pods' || (request.verb !== 'create' && request.verb !== 'delete'))
    return undefined;
  const job = viewOf(caches, 'jobs').objects.get(key);
  const heard = job === undefined ? [] : podNews(job, request, answer);
  if (request.verb === 'create' || answer.ok) return { news: heard };
  const deleted = keyFor(request.namespace, request.name);
  return { news: heard, memory: seen(memory, deletionObserved(memory.expectations, key, deleted)) };
}

/** A Pod whose Job is gone or has ended is held no longer. (syncOrphanPod) */
function* syncOrphan({ caches }: Context<JobMemory>, key: string): Sync<JobMemory> {
  const pod = viewOf(caches, 'pods').objects.get(key.slice(orphanPrefix.length));
  if (pod === undefined || !isTracked(pod)) return done;
  const owner = controllerOf(pod);
  if (owner !== undefined) {
    if (owner.kind !== 'Job' || owner.apiVersion !== 'batch/v1') return done;
    const job = jobAt(caches, pod, owner);
    if (job !== undefined && (isElsewhere(job) || !isFinished(job))) return done;
  }
  const { answers } = yield { requests: [withoutFinalizer(pod)] };
  return answers[0]?.ok === true || refused(answers[0], 'NotFound') ? done : failed;
}
