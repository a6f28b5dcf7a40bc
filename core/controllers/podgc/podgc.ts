/**
 * Deletes Pods that nobody else will: the oldest of too many that have ended, those being deleted that no kubelet has or
 * whose node is out of service, and those of a node that is gone (kubernetes v1.34.1 pkg/controller/podgc).
 *
 * The real one looks at every Pod every 20 s. This one keeps in mind which there are to look at, and looks at the same
 * instants; where there are none it does nothing.
 */
import type { Node, Pod } from '../../api/generated/types.ts';
import type { ApiAnswer, DeleteRequest, PatchRequest } from '../../api/request.ts';
import { viewOf, type Delta, type Informers } from '../../client/informer.ts';
import { OrderedMap } from '../../collections/ordered-map.ts';
import { millisecond, second, type Duration, type VirtualTime } from '../../time/time.ts';
import { objectsAt } from '../claim.ts';
import {
  refused,
  type Ask,
  type Context,
  type Controller,
  type Effects,
  type Outcome,
  type Reply,
  type Sync,
} from '../controller.ts';
import { disruptionTarget, patchPodStatus, withPodCondition } from '../pod-condition.ts';
import { podChange } from '../pod-interest.ts';
import { get } from '../requests.ts';
import { passAt, type Ticks } from '../ticks.ts';
import {
  isOutOfService,
  isTerminated,
  isUnscheduledTerminating,
  mustFailFirst,
  terminatingOutOfService,
  tooManyTerminated,
} from './doomed.ts';

/** --terminated-pod-gc-threshold. */
const terminatedThreshold = 12_500;
/** gcCheckPeriod, and what a pass takes. */
const passes: Ticks = { prefix: 'gc/', period: 20 * second + millisecond };
/** How long a node may be missing before it is asked for (quarantineTime). */
const quarantine: Duration = 2 * passes.period;

type Keys = OrderedMap<string, true>;

interface PodGcMemory {
  readonly start: VirtualTime;
  /** Pods that have ended. */
  readonly terminated: Keys;
  /** Pods being deleted that no node has. */
  readonly unscheduled: Keys;
  /** Nodes that are out of service. */
  readonly outOfService: Keys;
  /** Nodes that Pods name and that are not there: when they may be taken for gone; undefined: not looked for yet. */
  readonly missing: OrderedMap<string, VirtualTime | undefined>;
}

type Step<T> = Generator<Ask<PodGcMemory>, T, Reply>;

const nothing: Keys = OrderedMap.empty();
const newMemory: PodGcMemory = {
  start: 0,
  terminated: nothing,
  unscheduled: nothing,
  outOfService: nothing,
  missing: OrderedMap.empty(),
};

export const podGarbageCollector: Controller<PodGcMemory> = {
  name: 'pod-garbage-collector',
  component: 'pod-garbage-collector',
  workers: 1,
  follows: ['pods', 'nodes'],
  pods: { when: podChange.deleted | podChange.ending | podChange.phase | podChange.node },
  initial: newMemory,
  handle,
  started: ({ memory, now }) => planned({ ...memory, start: now }, now),
  sync,
};

function handle(
  { caches, memory, now }: Context<PodGcMemory>,
  delta: Delta,
): Effects<PodGcMemory> | undefined {
  const next =
    delta.stream === 'pods' ? knowingPod(memory, caches, delta) : knowingNode(memory, caches, delta);
  if (next === memory && !isOnOutOfService(memory, delta)) return undefined;
  return planned(next, now);
}

/** What there is to do is done at the next pass. */
function planned(memory: PodGcMemory, now: VirtualTime): Effects<PodGcMemory> {
  const at = nextPass(memory, now);
  return at === undefined
    ? { memory }
    : { memory, markAfter: { keys: [at.key], delay: Math.max(at.at - now, 0) } };
}

const isOnOutOfService = ({ outOfService }: PodGcMemory, { stream, object }: Delta): boolean =>
  outOfService.size > 0 &&
  stream === 'pods' &&
  object.metadata.deletionTimestamp !== undefined &&
  outOfService.has((object as Pod).spec.nodeName ?? '');

function knowingPod(
  memory: PodGcMemory,
  caches: Informers,
  { object, before, type, key }: Delta,
): PodGcMemory {
  const pod = object as Pod;
  const isGone = type === 'deleted';
  let { terminated, unscheduled, missing } = memory;
  if (!isGone && isTerminated(pod)) {
    if (!terminated.has(key)) terminated = terminated.set(key, true);
  } else if (terminated.size > 0 && terminated.has(key)) terminated = terminated.delete(key);
  if (!isGone && isUnscheduledTerminating(pod)) {
    if (!unscheduled.has(key)) unscheduled = unscheduled.set(key, true);
  } else if (unscheduled.size > 0 && unscheduled.has(key)) unscheduled = unscheduled.delete(key);
  const { nodeName = '' } = pod.spec;
  const isNewThere = (before as Pod | undefined)?.spec.nodeName !== nodeName && nodeName !== '' && !isGone;
  if (isNewThere && !missing.has(nodeName) && viewOf(caches, 'nodes').objects.get(nodeName) === undefined)
    missing = missing.set(nodeName, undefined);
  return terminated === memory.terminated && unscheduled === memory.unscheduled && missing === memory.missing
    ? memory
    : { ...memory, terminated, unscheduled, missing };
}

function knowingNode(memory: PodGcMemory, caches: Informers, { object, type, key }: Delta): PodGcMemory {
  const { outOfService, missing } = memory;
  const isOut = type !== 'deleted' && isOutOfService(object as Node);
  const isMissing = type === 'deleted' && viewOf(caches, 'pods').objects.countOf('node', key) > 0;
  if (isOut === outOfService.has(key) && isMissing === missing.has(key)) return memory;
  return {
    ...memory,
    outOfService: isOut ? outOfService.set(key, true) : outOfService.delete(key),
    missing: isMissing ? missing.set(key, undefined) : missing.delete(key),
  };
}

/** The next pass that has something to do; undefined where none has. */
function nextPass(memory: PodGcMemory, after: VirtualTime): ReturnType<typeof passAt> | undefined {
  const { start, terminated, unscheduled, outOfService, missing } = memory;
  let at = Infinity;
  if (terminated.size > terminatedThreshold || unscheduled.size > 0 || outOfService.size > 0) at = after;
  for (const readyAt of missing.values()) at = Math.min(at, Math.max(readyAt ?? after, after));
  return at === Infinity ? undefined : passAt(passes, start, at);
}

function* sync({ caches, memory, now }: Context<PodGcMemory>): Sync<PodGcMemory> {
  const pods = viewOf(caches, 'pods').objects;
  const terminated = [...objectsAt({ objects: pods }, memory.terminated.keys())];
  let isClean = yield* inParallel(tooManyTerminated(terminated, terminatedThreshold));
  for (const name of memory.outOfService.keys()) {
    const node = viewOf(caches, 'nodes').objects.get(name);
    if (!(yield* inParallel(terminatingOutOfService([...pods.valuesOf('node', name)], node))))
      isClean = false;
  }
  const found = new Map<string, VirtualTime | undefined>();
  for (const [name, readyAt] of memory.missing.entries())
    found.set(name, yield* orphaned(caches, name, readyAt, now));
  for (const pod of objectsAt({ objects: pods }, memory.unscheduled.keys()))
    if (isUnscheduledTerminating(pod) && !(yield* markFailedAndDelete(pod, undefined))) isClean = false;
  return ended(memory, found, isClean, now);
}

/** What could not be done is tried again at the next pass; what comes meanwhile has planned it already. */
function ended(
  before: PodGcMemory,
  found: ReadonlyMap<string, VirtualTime | undefined>,
  isClean: boolean,
  now: VirtualTime,
): Outcome<PodGcMemory> {
  const remember = (memory: PodGcMemory): PodGcMemory => {
    let { missing } = memory;
    for (const [name, readyAt] of found)
      missing = readyAt === undefined ? missing.delete(name) : missing.set(name, readyAt);
    return { ...memory, missing };
  };
  const { start, missing } = remember(before);
  const next = isClean ? nextPass({ ...newMemory, start, missing }, now + 1) : passAt(passes, start, now + 1);
  return {
    remember,
    ...(next === undefined ? {} : { markAfter: [{ key: next.key, delay: next.at - now }] }),
  };
}

/** When a missing node is to be looked for again; undefined when it is there, or has no Pod any more. */
function* orphaned(
  caches: Informers,
  name: string,
  readyAt: VirtualTime | undefined,
  now: VirtualTime,
): Step<VirtualTime | undefined> {
  const pods = viewOf(caches, 'pods').objects;
  if (viewOf(caches, 'nodes').objects.get(name) !== undefined || pods.countOf('node', name) === 0)
    return undefined;
  if (readyAt === undefined) return now + quarantine;
  if (readyAt > now) return readyAt;
  const [answer] = (yield { requests: [get('nodes', undefined, name)] }).answers;
  if (refused(answer, 'NotFound'))
    for (const pod of pods.valuesOf('node', name)) yield* markFailedAndDelete(pod, now);
  return now + quarantine;
}

/** Each Pod by itself, all at once, as the real one does where there may be many. True when all went well. */
function* inParallel(pods: readonly Pod[]): Step<boolean> {
  if (pods.length === 0) return true;
  const unfinished = pods.filter(mustFailFirst);
  const marked =
    unfinished.length === 0 ? [] : (yield { requests: unfinished.map((pod) => failing(pod)) }).answers;
  const left = pods.filter((pod) => !mustFailFirst(pod) || isOk(marked[unfinished.indexOf(pod)]));
  const deleted = left.length === 0 ? [] : (yield { requests: left.map(forceDelete) }).answers;
  return left.length === pods.length && deleted.every(isOk);
}

/** `orphanedAt`: its node is gone, and its status says so. */
function* markFailedAndDelete(pod: Pod, orphanedAt: VirtualTime | undefined): Step<boolean> {
  if (mustFailFirst(pod)) {
    const [marked] = (yield { requests: [failing(pod, orphanedAt)] }).answers;
    if (!isOk(marked)) return false;
  }
  const [deleted] = (yield { requests: [forceDelete(pod)] }).answers;
  return isOk(deleted);
}

const isOk = (answer: ApiAnswer | undefined): boolean => answer?.ok === true || refused(answer, 'NotFound');

function failing(pod: Pod, orphanedAt?: VirtualTime): PatchRequest {
  const { generation } = pod.metadata;
  const conditions =
    orphanedAt === undefined
      ? undefined
      : withPodCondition(pod.status.conditions, { ...noNode, observedGeneration: generation }, orphanedAt);
  return patchPodStatus(pod, {
    phase: 'Failed',
    ...(generation === undefined ? {} : { observedGeneration: generation }),
    ...(conditions === undefined ? {} : { conditions }),
  });
}

const noNode = {
  type: disruptionTarget,
  status: 'True',
  reason: 'DeletionByPodGC',
  message: 'PodGC: node no longer exists',
};

const forceDelete = ({ metadata }: Pod): DeleteRequest => ({
  verb: 'delete',
  resource: 'pods',
  namespace: metadata.namespace,
  name: metadata.name,
  gracePeriodSeconds: 0,
});
