/**
 * The nodes of a zone that wait for their NoExecute taint: first come, first served, one at a time, at the zone's rate
 * (kubernetes v1.34.1 pkg/controller/nodelifecycle/scheduler/rate_limited_queue.go).
 */
import { OrderedMap } from '../../collections/ordered-map.ts';
import { second, timeOrder, type VirtualTime } from '../../time/time.ts';

export interface EvictionQueue {
  /** Nodes a second; 0: none. Its bucket holds one token. */
  readonly rate: number;
  /** From when on there is a token. */
  readonly tokenAt: VirtualTime;
  /** Nodes under the order in which they came. */
  readonly waiting: OrderedMap<string, string>;
  /** Where each node waits; one that was served keeps its place until it is removed, and is not let in again. */
  readonly places: OrderedMap<string, string>;
}

export const newEvictionQueue = (rate: number): EvictionQueue => ({
  rate,
  tokenAt: 0,
  waiting: OrderedMap.empty(),
  places: OrderedMap.empty(),
});

/** The node waits at the end, unless it is in. */
export function enqueue(queue: EvictionQueue, node: string, now: VirtualTime): EvictionQueue {
  if (queue.places.has(node)) return queue;
  const place = `${timeOrder(now)}/${node}`;
  return { ...queue, waiting: queue.waiting.set(place, node), places: queue.places.set(node, place) };
}

/** The node is out, and may come again. */
export function dequeue(queue: EvictionQueue, node: string): EvictionQueue {
  const place = queue.places.get(node);
  return place === undefined
    ? queue
    : { ...queue, waiting: queue.waiting.delete(place), places: queue.places.delete(node) };
}

/** The node was served. */
export function served(queue: EvictionQueue, node: string): EvictionQueue {
  const place = queue.places.get(node);
  return place === undefined ? queue : { ...queue, waiting: queue.waiting.delete(place) };
}

/** The node whose turn it is, where the rate allows one now. */
export const nextInTurn = (queue: EvictionQueue, now: VirtualTime): string | undefined =>
  queue.rate > 0 && queue.tokenAt <= now ? queue.waiting.first()?.[1] : undefined;

/** The token is used. */
export const tokenTaken = (queue: EvictionQueue, now: VirtualTime): EvictionQueue => ({
  ...queue,
  tokenAt: now + Math.round(second / queue.rate),
});

/** Another rate. Who had to wait for a token before waits for one of the new rate. */
export function withRate(queue: EvictionQueue, rate: number, now: VirtualTime): EvictionQueue {
  if (rate === queue.rate) return queue;
  const hadToken = queue.rate > 0 && queue.tokenAt <= now;
  return { ...queue, rate, tokenAt: rate > 0 && !hadToken ? now + Math.round(second / rate) : now };
}

/** When the next node may be served; undefined while none waits or none may. */
export const nextServiceAt = ({ rate, waiting, tokenAt }: EvictionQueue): VirtualTime | undefined =>
  rate > 0 && waiting.size > 0 ? tokenAt : undefined;
