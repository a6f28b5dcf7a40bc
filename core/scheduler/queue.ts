/**
 * The scheduling queue: Pods to be tried now (active), Pods that wait out a back-off, and Pods that were tried in vain
 * and wait for something to happen. A value of persistent maps, each in the order in which it is emptied.
 *
 * A decision is taken at one instant here, so nothing can happen between a Pod's leaving the queue and its return: the
 * list of events that the real queue keeps for Pods in flight has nothing to hold.
 * (kubernetes v1.34.1 pkg/scheduler/backend/queue/scheduling_queue.go, active_queue.go, backoff_queue.go)
 */
import type { Pod } from '../api/generated/types.ts';
import type { ObjectKey } from '../api/object.ts';
import { HashedMap } from '../collections/hashed-map.ts';
import { OrderedMap } from '../collections/ordered-map.ts';
import { minute, second, type Duration, type VirtualTime } from '../time/time.ts';
import type { PodInfo } from './pod-info.ts';

/** How often a Pod was tried, and in what vain. */
export interface Tries {
  readonly attempts: number;
  readonly unschedulableCount: number;
  readonly consecutiveErrors: number;
}

export interface QueuedPod extends Tries {
  readonly pod: Pod;
  readonly info: PodInfo;
  readonly place: 'active' | 'backoff' | 'errorBackoff' | 'unschedulable';
  /** When it came into the queue, or came back after an attempt. */
  readonly timestamp: VirtualTime;
  /** Keeps apart what came at one instant. */
  readonly sequence: number;
  /** 0: none. A whole second: Pods of one window leave together, by priority. */
  readonly backoffUntil: VirtualTime;
  /** The plugins that rejected it; empty after an error. */
  readonly rejectors: readonly string[];
  /** The plugin that keeps it out of the active queue; empty: none. */
  readonly gate: string;
}

type Ordered = OrderedMap<QueuedPod, QueuedPod>;

export interface SchedulingQueue {
  /** Every Pod in the queue, wherever, by its key. */
  readonly pods: HashedMap<QueuedPod>;
  readonly active: Ordered;
  readonly backoff: Ordered;
  readonly errorBackoff: Ordered;
  readonly unschedulable: OrderedMap<ObjectKey, QueuedPod>;
  readonly sequence: number;
  readonly limits: Backoff;
}

/** QueueSort: whether one is tried before another. */
export type Less = (a: QueuedPod, b: QueuedPod) => boolean;

/** Which of those that are to be tried now is next, where their order does not say it. */
export type ChooseNext = (waiting: Iterable<QueuedPod>) => QueuedPod | undefined;

/** podInitialBackoffSeconds and podMaxBackoffSeconds. */
export interface Backoff {
  readonly initial: Duration;
  readonly max: Duration;
}

const defaultBackoff: Backoff = { initial: second, max: 10 * second };
const orderingWindow = second;
const maxInUnschedulable = 5 * minute;

/** How often Pods that wait too long are looked for. */
export const leftoverPeriod = 30 * second;

/** kubernetes v1.34.1 plugins/queuesort/priority_sort.go */
function lessUrgent(a: QueuedPod, b: QueuedPod): boolean {
  if (a.info.priority !== b.info.priority) return a.info.priority > b.info.priority;
  if (a.timestamp !== b.timestamp) return a.timestamp < b.timestamp;
  return a.sequence < b.sequence;
}

const earlierWindow =
  (less: Less): Less =>
  (a, b) =>
    a.backoffUntil === b.backoffUntil ? less(a, b) : a.backoffUntil < b.backoffUntil;

/** A total order: what the plugin holds for equal is tried in the order in which it came. */
const inSequence =
  (less: Less): Less =>
  (a, b) =>
    less(a, b) || (!less(b, a) && a.sequence < b.sequence);

const earlierError = (a: QueuedPod, b: QueuedPod): boolean =>
  a.backoffUntil === b.backoffUntil ? a.sequence < b.sequence : a.backoffUntil < b.backoffUntil;

/** @default in the order of PrioritySort */
export function newQueue(limits: Backoff = defaultBackoff, queueSort?: Less): SchedulingQueue {
  const less = queueSort === undefined ? lessUrgent : inSequence(queueSort);
  return {
    pods: HashedMap.empty(),
    active: OrderedMap.empty(less),
    backoff: OrderedMap.empty(earlierWindow(less)),
    errorBackoff: OrderedMap.empty(earlierError),
    unschedulable: OrderedMap.empty(),
    sequence: 0,
    limits,
  };
}

/** A Pod that waits to be scheduled and is not in the queue. `gate`: the plugin that keeps it out for now. */
export function enqueue(
  queue: SchedulingQueue,
  pod: Pod,
  info: PodInfo,
  gate: string,
  now: VirtualTime,
): SchedulingQueue {
  const queued: QueuedPod = {
    pod,
    info,
    place: gate === '' ? 'active' : 'unschedulable',
    timestamp: now,
    sequence: queue.sequence,
    attempts: 0,
    unschedulableCount: 0,
    consecutiveErrors: 0,
    backoffUntil: 0,
    rejectors: gate === '' ? [] : [gate],
    gate,
  };
  return put({ ...queue, sequence: queue.sequence + 1 }, queued);
}

/** The Pod as it is now; its place stays. */
export function refresh(
  queue: SchedulingQueue,
  before: QueuedPod,
  pod: Pod,
  info: PodInfo,
  gate: string,
): SchedulingQueue {
  const rejectors =
    gate === '' || before.rejectors.includes(gate) ? before.rejectors : [...before.rejectors, gate];
  return put(take(queue, before), { ...before, pod, info, gate, rejectors });
}

export function dequeue(queue: SchedulingQueue, key: ObjectKey): SchedulingQueue {
  if (queue.pods.size === 0) return queue;
  const queued = queue.pods.get(key);
  return queued === undefined ? queue : take(queue, queued);
}

/** Whether there is a Pod to be tried. An empty active queue is filled from those that wait out a back-off. */
export const hasNext = (queue: SchedulingQueue, now: VirtualTime): boolean =>
  queue.active.size > 0 ||
  queue.backoff.size > 0 ||
  (queue.errorBackoff.size > 0 && now >= errorRetryAt(queue));

/** When the first Pod that waits after an error is tried again; only for a queue that has one. */
export function errorRetryAt(queue: SchedulingQueue): VirtualTime {
  const first = queue.errorBackoff.first();
  return first === undefined ? 0 : first[0].backoffUntil + orderingWindow;
}

export interface Popped {
  readonly queue: SchedulingQueue;
  /** As it is in this attempt, which is counted. */
  readonly next: QueuedPod;
}

/** Takes out the most urgent Pod. */
export function pop(before: SchedulingQueue, now: VirtualTime, choose?: ChooseNext): Popped | undefined {
  const queue = flushCompleted(before, now);
  const head = queue.active.first() ?? queue.backoff.first();
  if (head === undefined) return undefined;
  const queued = (queue.active.size > 1 ? choose?.(queue.active.values()) : undefined) ?? head[1];
  return { queue: take(queue, queued), next: { ...queued, attempts: queued.attempts + 1 } };
}

/** Moves those whose window is over. The real queue does it at every whole second: nobody sees the difference. */
function flushCompleted(before: SchedulingQueue, now: VirtualTime): SchedulingQueue {
  let queue = before;
  for (
    let first = queue.backoff.first();
    first !== undefined && !isBackingOff(first[1], now);
    first = queue.backoff.first()
  )
    queue = move(queue, first[1], 'active');
  for (
    let first = queue.errorBackoff.first();
    first !== undefined && !isBackingOff(first[1], now);
    first = queue.errorBackoff.first()
  )
    queue = move(queue, first[1], 'active');
  return queue;
}

const windowOf = (at: VirtualTime): VirtualTime => Math.floor(at / orderingWindow) * orderingWindow;

/** A back-off that ends in the present window is not over. */
const isBackingOff = (queued: QueuedPod, now: VirtualTime): boolean =>
  queued.backoffUntil > 0 && queued.backoffUntil >= windowOf(now);

/** Unless configured: 1 s, 2 s, 4 s, … at most 10 s. */
function backoffOf(count: number, { initial, max }: Backoff): Duration {
  let duration = initial;
  for (let i = 1; i < count && duration < max; i++) duration += duration;
  return Math.min(duration, max);
}

/** A Pod that comes back after an attempt in vain: rejected by plugins, or (none) after an error. */
export function requeue(
  queue: SchedulingQueue,
  tried: Tries,
  pod: Pod,
  info: PodInfo,
  rejectors: readonly string[],
  now: VirtualTime,
): SchedulingQueue {
  const failed = rejectors.length === 0;
  const consecutiveErrors = failed ? tried.consecutiveErrors + 1 : 0;
  const unschedulableCount = failed ? tried.unschedulableCount : tried.unschedulableCount + 1;
  const queued: QueuedPod = {
    pod,
    info,
    place: failed ? 'errorBackoff' : 'unschedulable',
    timestamp: now,
    sequence: queue.sequence,
    attempts: tried.attempts,
    unschedulableCount,
    consecutiveErrors,
    backoffUntil: windowOf(now + backoffOf(failed ? consecutiveErrors : unschedulableCount, queue.limits)),
    rejectors,
    gate: '',
  };
  return put({ ...queue, sequence: queue.sequence + 1 }, queued);
}

/** Wakes the waiting Pods that `helped` accepts: to the active queue, or to the back-off queue until theirs is over. */
export function wake(
  before: SchedulingQueue,
  helped: (queued: QueuedPod) => boolean,
  gateOf: (pod: Pod) => string,
  now: VirtualTime,
): SchedulingQueue {
  let queue = before;
  before.unschedulable.scan(undefined, undefined, (_key, queued) => {
    if (helped(queued)) queue = wakeOne(queue, queued, gateOf(queued.pod), now);
  });
  return queue;
}

/** Wakes one waiting Pod, unless `gate` still keeps it out. */
export function wakeOne(
  queue: SchedulingQueue,
  queued: QueuedPod,
  gate: string,
  now: VirtualTime,
): SchedulingQueue {
  if (gate !== '') return queued.gate === gate ? queue : put(take(queue, queued), { ...queued, gate });
  return move(queue, queued, isBackingOff(queued, now) ? 'backoff' : 'active');
}

/** Pods that have waited for five minutes are tried again, in case an event was overlooked. */
export const flushLeftover = (
  queue: SchedulingQueue,
  gateOf: (pod: Pod) => string,
  now: VirtualTime,
): SchedulingQueue =>
  wake(queue, (queued) => queued.gate === '' && now - queued.timestamp > maxInUnschedulable, gateOf, now);

const move = (queue: SchedulingQueue, queued: QueuedPod, place: 'active' | 'backoff'): SchedulingQueue =>
  put(take(queue, queued), { ...queued, place, gate: '' });

function put(queue: SchedulingQueue, queued: QueuedPod): SchedulingQueue {
  const { place } = queued;
  return {
    pods: queue.pods.set(queued.info.key, queued),
    active: place === 'active' ? queue.active.set(queued, queued) : queue.active,
    backoff: place === 'backoff' ? queue.backoff.set(queued, queued) : queue.backoff,
    errorBackoff: place === 'errorBackoff' ? queue.errorBackoff.set(queued, queued) : queue.errorBackoff,
    unschedulable:
      place === 'unschedulable' ? queue.unschedulable.set(queued.info.key, queued) : queue.unschedulable,
    sequence: queue.sequence,
    limits: queue.limits,
  };
}

function take(queue: SchedulingQueue, queued: QueuedPod): SchedulingQueue {
  const { place } = queued;
  return {
    pods: queue.pods.delete(queued.info.key),
    active: place === 'active' ? queue.active.delete(queued) : queue.active,
    backoff: place === 'backoff' ? queue.backoff.delete(queued) : queue.backoff,
    errorBackoff: place === 'errorBackoff' ? queue.errorBackoff.delete(queued) : queue.errorBackoff,
    unschedulable:
      place === 'unschedulable' ? queue.unschedulable.delete(queued.info.key) : queue.unschedulable,
    sequence: queue.sequence,
    limits: queue.limits,
  };
}
