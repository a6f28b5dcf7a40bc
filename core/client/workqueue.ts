/**
 * client-go's workqueue as a value (util/workqueue: queue.go, delaying_queue.go, default_rate_limiters.go): fair (first
 * come, first served), stingy (a key added twice before it is taken is taken once), and never handing one key to two
 * workers: a key added while it is being worked on waits until that is done.
 */
import { Log } from '../collections/log.ts';
import { OrderedMap } from '../collections/ordered-map.ts';
import { millisecond, second, timeOrder, type Duration, type VirtualTime } from '../time/time.ts';
import { take, tokenBucket, type TokenBucket } from './flow-control.ts';

/** A key is queued, being processed, or being processed and to be processed again (queue.go's dirty and processing sets in one). */
type Place = 'queued' | 'processing' | 'again';

export interface WorkQueue {
  readonly ready: Log<string>;
  readonly places: OrderedMap<string, Place>;
  /** When each key that was added for later is due. */
  readonly dueAt: OrderedMap<string, VirtualTime>;
  /** The same in order of time: `dueOrder` of the time and the key. */
  readonly due: OrderedMap<string, string>;
  /** The times among them that `cancelAfter` does not take back. */
  readonly lasting: OrderedMap<string, VirtualTime>;
  /** How often each key was put back by `addRateLimited` since it was last forgotten. */
  readonly failures: OrderedMap<string, number>;
  readonly bucket: TokenBucket;
}

/** How long a key that failed waits: `first`, doubling with each failure up to `most`. */
export interface Backoff {
  readonly first: Duration;
  readonly most: Duration;
}

/** DefaultTypedControllerRateLimiter: the slower of 5 ms * 2^failures up to 1,000 s, and 10 a second with bursts of 100. */
const defaultBackoff: Backoff = { first: 5 * millisecond, most: 1_000 * second };

export const newWorkQueue = (): WorkQueue => ({
  ready: Log.empty(),
  places: OrderedMap.empty(),
  dueAt: OrderedMap.empty(),
  due: OrderedMap.empty(),
  lasting: OrderedMap.empty(),
  failures: OrderedMap.empty(),
  bucket: tokenBucket(10, 100),
});

/** How many keys wait to be taken now. */
export const queueLength = (queue: WorkQueue): number => queue.ready.length;

/** Marks a key as needing work. */
export function add(queue: WorkQueue, key: string): WorkQueue {
  const place = queue.places.get(key);
  if (place === undefined) return placed(queue, queue.ready.append(key), queue.places.set(key, 'queued'));
  return place === 'processing' ? placed(queue, queue.ready, queue.places.set(key, 'again')) : queue;
}

/** Takes the key that has waited longest; the caller works on it and then calls `done`. */
export function takeKey(queue: WorkQueue): { readonly queue: WorkQueue; readonly key: string } | undefined {
  const key = queue.ready.get(queue.ready.first);
  if (key === undefined) return undefined;
  const ready = queue.ready.dropBefore(queue.ready.first + 1);
  return { key, queue: placed(queue, ready, queue.places.set(key, 'processing')) };
}

/** The work on a key has ended; if it was marked meanwhile, it waits again. */
export function done(queue: WorkQueue, key: string): WorkQueue {
  if (queue.places.get(key) === 'again')
    return placed(queue, queue.ready.append(key), queue.places.set(key, 'queued'));
  return placed(queue, queue.ready, queue.places.delete(key));
}

/** A literal: every change of an object that some controller follows comes through here. */
const placed = (queue: WorkQueue, ready: WorkQueue['ready'], places: WorkQueue['places']): WorkQueue => ({
  ready,
  places,
  dueAt: queue.dueAt,
  due: queue.due,
  lasting: queue.lasting,
  failures: queue.failures,
  bucket: queue.bucket,
});

const dueOrder = (at: VirtualTime, key: string): string => `${timeOrder(at)}/${key}`;

/** Marks a key after a delay. Of two times the earlier holds. */
export function addAfter(queue: WorkQueue, key: string, delay: Duration, now: VirtualTime): WorkQueue {
  if (delay <= 0) return add(queue, key);
  const at = now + delay;
  const before = queue.dueAt.get(key);
  if (before !== undefined && before <= at) return queue;
  const due = before === undefined ? queue.due : queue.due.delete(dueOrder(before, key));
  return { ...queue, dueAt: queue.dueAt.set(key, at), due: due.set(dueOrder(at, key), key) };
}

/** `addAfter`, and the time that holds then stays whatever is taken back. */
export function addLasting(queue: WorkQueue, key: string, delay: Duration, now: VirtualTime): WorkQueue {
  if (delay <= 0) return add(queue, key);
  const next = addAfter(queue, key, delay, now);
  const at = next.dueAt.get(key) ?? now + delay;
  return next.lasting.get(key) === at ? next : { ...next, lasting: next.lasting.set(key, at) };
}

/** When the key is due that was added for later; undefined where it was not. */
export const dueOf = (queue: WorkQueue, key: string): VirtualTime | undefined =>
  queue.dueAt.size === 0 ? undefined : queue.dueAt.get(key);

/** Takes back what `addAfter` asked for. */
export function cancelAfter(queue: WorkQueue, key: string): WorkQueue {
  const at = queue.dueAt.size === 0 ? undefined : queue.dueAt.get(key);
  if (at === undefined) return queue;
  const stays = queue.lasting.size === 0 ? undefined : queue.lasting.get(key);
  if (stays === at) return queue;
  const due = queue.due.delete(dueOrder(at, key));
  if (stays === undefined) return { ...queue, dueAt: queue.dueAt.delete(key), due };
  return { ...queue, dueAt: queue.dueAt.set(key, stays), due: due.set(dueOrder(stays, key), key) };
}

/** Marks a key after a back-off that doubles with each time it is put back. */
export function addRateLimited(
  queue: WorkQueue,
  key: string,
  now: VirtualTime,
  backoff: Backoff = defaultBackoff,
): WorkQueue {
  const failures = queue.failures.get(key) ?? 0;
  const { bucket, wait } = take(queue.bucket, now);
  const limited: WorkQueue = { ...queue, bucket, failures: queue.failures.set(key, failures + 1) };
  return addAfter(limited, key, Math.max(wait, delayOf(backoff, failures)), now);
}

function delayOf({ first, most }: Backoff, failures: number): Duration {
  let delay = first;
  for (let i = 0; i < failures && delay < most; i++) delay *= 2;
  return Math.min(delay, most);
}

/** The key's back-off begins anew. */
export const forget = (queue: WorkQueue, key: string): WorkQueue =>
  queue.failures.size === 0 ? queue : { ...queue, failures: queue.failures.delete(key) };

/** How often the key has been put back since it was last forgotten. */
export const requeues = (queue: WorkQueue, key: string): number => queue.failures.get(key) ?? 0;

/** When the next key that was added for later is due; undefined when there is none. */
export function nextDue(queue: WorkQueue): VirtualTime | undefined {
  const key = queue.due.first()?.[1];
  return key === undefined ? undefined : queue.dueAt.get(key);
}

/** The same of the keys that satisfy a test: it is asked in the order in which they are due. */
export function nextDueOf(queue: WorkQueue, test: (key: string) => boolean): VirtualTime | undefined {
  for (const key of queue.due.values()) if (test(key)) return queue.dueAt.get(key);
  return undefined;
}

/** Marks every key that is due by now. */
export function releaseDue(queue: WorkQueue, now: VirtualTime): WorkQueue {
  let released = queue;
  for (let at = nextDue(released); at !== undefined && at <= now; at = nextDue(released)) {
    const [order, key] = released.due.first() ?? ['', ''];
    const due = released.due.delete(order);
    const lasting = released.lasting.delete(key);
    released = add({ ...released, due, dueAt: released.dueAt.delete(key), lasting }, key);
  }
  return released;
}
