/** What the node lifecycle controller keeps in mind, and how each thing it learns or decides changes that. */
import type { Node } from '../../api/generated/types.ts';
import { OrderedMap } from '../../collections/ordered-map.ts';
import { timeOfOrder, timeOrder, type VirtualTime } from '../../time/time.ts';
import {
  dequeue,
  enqueue,
  newEvictionQueue,
  served,
  tokenTaken,
  withRate,
  type EvictionQueue,
} from './eviction-queue.ts';
import type { NodeHealth } from './health.ts';
import {
  isExcluded,
  rateOf,
  zoneKeyOf,
  zoneStateOf,
  type EvictionRates,
  type ZoneCount,
  type ZoneState,
} from './zone-state.ts';

export interface Zone {
  /** Undefined: it has no nodes that count. */
  readonly state: ZoneState | undefined;
  readonly queue: EvictionQueue;
}

/** A node that some pass has seen. */
export interface KnownNode {
  readonly uid: string;
  readonly health: NodeHealth;
  /** The zone it counts for; undefined where it is excluded. */
  readonly countsFor: string | undefined;
  readonly isReady: boolean;
  /** Where it stands among the deadlines. */
  readonly deadline: string | undefined;
}

type Keys = OrderedMap<string, true>;

export interface NodeMemory {
  /** When its loops began; undefined: not yet. */
  readonly start: VirtualTime | undefined;
  /** When each node's Lease was last heard to be renewed. */
  readonly renewals: OrderedMap<string, VirtualTime>;
  /** Nodes that the next pass looks at. */
  readonly dirty: Keys;
  /** Nodes whose Pods could not all be marked as not ready. */
  readonly retry: Keys;
  readonly nodes: OrderedMap<string, KnownNode>;
  /** Nodes that are not Ready: a Pod that comes to one is told so. */
  readonly unready: Keys;
  /** When each node has been silent for too long, under that time; those whose Lease says that it is the last, apart. */
  readonly deadlines: OrderedMap<string, string>;
  readonly ends: OrderedMap<string, string>;
  readonly counts: Readonly<Record<string, ZoneCount>>;
  readonly zones: Readonly<Record<string, Zone>>;
}

const none: Keys = OrderedMap.empty();

export const newNodeMemory: NodeMemory = {
  start: undefined,
  renewals: OrderedMap.empty(),
  dirty: none,
  retry: none,
  nodes: OrderedMap.empty(),
  unready: none,
  deadlines: OrderedMap.empty(),
  ends: OrderedMap.empty(),
  counts: {},
  zones: {},
};

export const withDirty = (memory: NodeMemory, node: string): NodeMemory =>
  memory.dirty.has(node) ? memory : { ...memory, dirty: memory.dirty.set(node, true) };

const deadlineKey = (at: VirtualTime, node: string): string => `${timeOrder(at)}/${node}`;
export const timeOfDeadline = timeOfOrder;

export interface Visit {
  readonly node: Node;
  readonly health: NodeHealth;
  readonly isReady: boolean;
  /** When it will have been silent for too long; undefined: nothing would follow. */
  readonly silentAt: VirtualTime | undefined;
  /** Its Lease says that no renewal comes any more. */
  readonly isEnd: boolean;
}

/** A node as a pass has found it. */
export function visited(memory: NodeMemory, { node, health, isReady, silentAt, isEnd }: Visit): NodeMemory {
  const { name, uid } = node.metadata;
  const without = forgetDeadline(uncounted(memory, name), name);
  const countsFor = isExcluded(node) ? undefined : zoneKeyOf(node);
  const deadline = silentAt === undefined ? undefined : deadlineKey(silentAt, name);
  const known: KnownNode = { uid, health, countsFor, isReady, deadline };
  const { deadlines, ends } = without;
  const unready = health.ready !== undefined && health.ready.status !== 'True';
  return {
    ...without,
    nodes: without.nodes.set(name, known),
    counts: counted(without.counts, countsFor, isReady, 1),
    unready: unready ? without.unready.set(name, true) : without.unready.delete(name),
    deadlines: deadline === undefined || isEnd ? deadlines : deadlines.set(deadline, name),
    ends: deadline === undefined || !isEnd ? ends : ends.set(deadline, name),
  };
}

/** A node that is gone. */
export function forgotten(memory: NodeMemory, name: string): NodeMemory {
  const without = forgetDeadline(uncounted(memory, name), name);
  return {
    ...without,
    nodes: without.nodes.delete(name),
    unready: without.unready.delete(name),
    retry: without.retry.delete(name),
    renewals: without.renewals.delete(name),
  };
}

function forgetDeadline(memory: NodeMemory, name: string): NodeMemory {
  const deadline = memory.nodes.get(name)?.deadline;
  if (deadline === undefined) return memory;
  return { ...memory, deadlines: memory.deadlines.delete(deadline), ends: memory.ends.delete(deadline) };
}

function uncounted(memory: NodeMemory, name: string): NodeMemory {
  const known = memory.nodes.get(name);
  return known === undefined
    ? memory
    : { ...memory, counts: counted(memory.counts, known.countsFor, known.isReady, -1) };
}

function counted(
  counts: NodeMemory['counts'],
  zone: string | undefined,
  isReady: boolean,
  by: 1 | -1,
): NodeMemory['counts'] {
  if (zone === undefined) return counts;
  const { ready, notReady } = counts[zone] ?? { ready: 0, notReady: 0 };
  return {
    ...counts,
    [zone]: { ready: ready + (isReady ? by : 0), notReady: notReady + (isReady ? 0 : by) },
  };
}

/** A zone that is new, or has nodes again, begins anew (addPodEvictorForNewZone). */
export function withZone(memory: NodeMemory, zone: string, rates: EvictionRates): NodeMemory {
  if (memory.zones[zone]?.state !== undefined) return memory;
  const begun: Zone = { state: 'Initial', queue: newEvictionQueue(rates.evictionRate) };
  return { ...memory, zones: { ...memory.zones, [zone]: begun } };
}

const withQueue = (
  memory: NodeMemory,
  zone: string,
  change: (queue: EvictionQueue) => EvictionQueue,
): NodeMemory => {
  const known = memory.zones[zone];
  if (known === undefined) return memory;
  const queue = change(known.queue);
  return queue === known.queue
    ? memory
    : { ...memory, zones: { ...memory.zones, [zone]: { ...known, queue } } };
};

/** The node waits for its NoExecute taint; one that has it already keeps its place. */
export const queuedForTaint = (
  memory: NodeMemory,
  node: Node,
  hasTaint: boolean,
  now: VirtualTime,
): NodeMemory =>
  withQueue(memory, zoneKeyOf(node), (queue) =>
    enqueue(hasTaint ? queue : dequeue(queue, node.metadata.name), node.metadata.name, now),
  );

export const unqueued = (memory: NodeMemory, node: Node): NodeMemory =>
  withQueue(memory, zoneKeyOf(node), (queue) => dequeue(queue, node.metadata.name));

export const tokenTakenIn = (memory: NodeMemory, zone: string, now: VirtualTime): NodeMemory =>
  withQueue(memory, zone, (queue) => tokenTaken(queue, now));

export const servedIn = (memory: NodeMemory, zone: string, node: string): NodeMemory =>
  withQueue(memory, zone, (queue) => served(queue, node));

/** What a pass makes of the zones (handleDisruption). */
export interface Disruption {
  readonly memory: NodeMemory;
  /** Now no zone has a Ready node: all NoExecute taints are taken off, and no eviction is made. */
  readonly isTotal: boolean;
}

export function disruption(memory: NodeMemory, rates: EvictionRates, now: VirtualTime): Disruption {
  const names = Object.keys(memory.zones).sort();
  const counts = names.map((name) => memory.counts[name] ?? { ready: 0, notReady: 0 });
  const has = (at: number): boolean => (counts[at]?.ready ?? 0) + (counts[at]?.notReady ?? 0) > 0;
  const states = counts.map((count) => zoneStateOf(count, rates));
  const allAre = states.every((state, at) => !has(at) || state === 'FullDisruption');
  const allWere = names.every(
    (name, at) =>
      !has(at) || memory.zones[name]?.state === undefined || memory.zones[name].state === 'FullDisruption',
  );
  const become = (rate: (at: number) => number, isTotal: boolean): Disruption => {
    const zones: Record<string, Zone> = {};
    names.forEach((name, at) => {
      const { queue } = memory.zones[name] ?? { queue: newEvictionQueue(rates.evictionRate) };
      const state = has(at) ? states[at] : undefined;
      zones[name] = { state, queue: has(at) ? withRate(queue, rate(at), now) : queue };
    });
    return { memory: { ...memory, zones }, isTotal };
  };
  if (allAre && allWere) return { memory: withoutEmptyZones(memory, names, has), isTotal: false };
  if (allAre) return become(() => 0, true);
  const itsRate = (at: number): number =>
    rateOf(states[at] ?? 'Normal', counts[at] ?? { ready: 0, notReady: 0 }, rates);
  if (allWere) return { ...become(itsRate, false), memory: anew(become(itsRate, false).memory, now) };
  // A zone that stays as it was keeps its rate, though it may have grown.
  return become((at) => {
    const before = memory.zones[names[at] ?? ''];
    return before?.state === states[at] ? (before?.queue.rate ?? 0) : itsRate(at);
  }, false);
}

function withoutEmptyZones(
  memory: NodeMemory,
  names: readonly string[],
  has: (at: number) => boolean,
): NodeMemory {
  if (names.every((name, at) => has(at) || memory.zones[name]?.state === undefined)) return memory;
  const zones: Record<string, Zone> = { ...memory.zones };
  names.forEach((name, at) => {
    const zone = memory.zones[name];
    if (zone !== undefined && !has(at)) zones[name] = { ...zone, state: undefined };
  });
  return { ...memory, zones };
}

/** Some nodes are Ready again: what was silent meanwhile may have been the way to them, so all have their time again. */
function anew(memory: NodeMemory, now: VirtualTime): NodeMemory {
  let next = memory;
  for (const [name, known] of memory.nodes.entries()) {
    const { deadline, health } = known;
    next = { ...next, nodes: next.nodes.set(name, { ...known, health: { ...health, probe: now } }) };
    if (deadline === undefined) continue;
    const isEnd = next.ends.has(deadline);
    const moved = deadlineKey(timeOfDeadline(deadline) + (now - health.probe), name);
    next = {
      ...next,
      nodes: next.nodes.set(name, { ...known, health: { ...health, probe: now }, deadline: moved }),
      deadlines: isEnd ? next.deadlines : next.deadlines.delete(deadline).set(moved, name),
      ends: isEnd ? next.ends.delete(deadline).set(moved, name) : next.ends,
    };
  }
  return next;
}
