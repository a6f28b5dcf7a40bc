/**
 * Which Pods a controller gives up first (kubernetes v1.34.1 pkg/controller/controller_utils.go, ActivePodsWithRanks).
 */
import type { Pod } from '../api/generated/types.ts';
import { conditionOf, isPodActive, isPodReady } from '../api/pod.ts';
import { parseTimeText, type VirtualTime } from '../time/time.ts';

/** `controller.kubernetes.io/pod-deletion-cost`: an int32 without a plus, and only below 0 with zeros before it; anything else counts as 0. */
const deletionCost = 'controller.kubernetes.io/pod-deletion-cost';

const phaseOrder: Readonly<Record<string, number>> = { Pending: 0, Unknown: 1, Running: 2 };

/** All that the order looks at, read once for each Pod. */
interface Candidate {
  readonly pod: Pod;
  readonly assigned: number;
  readonly phase: number;
  readonly ready: number;
  readonly cost: number;
  readonly rank: number;
  /** When it became ready; undefined where it is not. */
  readonly readyAt: VirtualTime | undefined;
  readonly restarts: number;
  readonly sidecarRestarts: number;
  readonly createdAt: VirtualTime | undefined;
}

/**
 * The Pods in the order in which they would be deleted. `related` are the Pods whose neighbourhood counts against a
 * node: those of every ReplicaSet of the same Deployment.
 */
export function inDeletionOrder(
  pods: readonly Pod[],
  related: readonly Pod[],
  now: VirtualTime,
): readonly Pod[] {
  const ranks = ranksOf(pods, related);
  const candidates = pods.map((pod, i) => candidate(pod, ranks[i] ?? 0));
  return sorted(candidates, (a, b) => compare(a, b, now)).map(({ pod }) => pod);
}

/**
 * The order of a controller that knows neither neighbours nor costs, such as a Job's (controller_utils.go, ActivePods):
 * times are compared as they are.
 */
export function inActiveOrder(pods: readonly Pod[]): readonly Pod[] {
  const candidates = pods.map((pod) => candidate(pod, 0));
  return sorted(candidates, compareActive).map(({ pod }) => pod);
}

/** For each Pod how many related ones are on its node (getPodsRankedByRelatedPodsOnSameNode). Counted once, before any deletion. */
export function ranksOf(pods: readonly Pod[], related: readonly Pod[]): readonly number[] {
  const onNode = new Map<string, number>();
  for (const pod of related)
    if (isPodActive(pod)) {
      const node = pod.spec.nodeName ?? '';
      onNode.set(node, (onNode.get(node) ?? 0) + 1);
    }
  return pods.map((pod) => onNode.get(pod.spec.nodeName ?? '') ?? 0);
}

function candidate(pod: Pod, rank: number): Candidate {
  const ready = isPodReady(pod);
  const since = ready ? conditionOf(pod.status, 'Ready')?.lastTransitionTime : undefined;
  const [restarts, sidecarRestarts] = maxRestarts(pod);
  return {
    pod,
    assigned: (pod.spec.nodeName ?? '') === '' ? 0 : 1,
    phase: phaseOrder[pod.status.phase ?? ''] ?? 0,
    ready: ready ? 1 : 0,
    cost: costOf(pod),
    rank,
    readyAt: timeOf(since),
    restarts,
    sidecarRestarts,
    createdAt: timeOf(pod.metadata.creationTimestamp),
  };
}

const timeOf = (text: string | null | undefined): VirtualTime | undefined =>
  typeof text === 'string' ? parseTimeText(text) : undefined;

function costOf(pod: Pod): number {
  const text = pod.metadata.annotations?.[deletionCost] ?? '';
  if (!/^(0|-\d+|[1-9]\d*)$/.test(text)) return 0;
  const cost = Number(text);
  return cost >= -2_147_483_648 && cost <= 2_147_483_647 ? cost : 0;
}

/** The most restarts of an ordinary container, and of a sidecar (an init container with restartPolicy Always). */
function maxRestarts(pod: Pod): readonly [number, number] {
  let ordinary = 0;
  let sidecar = 0;
  const sidecars = new Set(
    (pod.spec.initContainers ?? [])
      .filter((init) => init.restartPolicy === 'Always')
      .map((init) => init.name),
  );
  for (const status of pod.status.containerStatuses ?? []) ordinary = Math.max(ordinary, status.restartCount);
  for (const status of pod.status.initContainerStatuses ?? [])
    if (sidecars.has(status.name)) sidecar = Math.max(sidecar, status.restartCount);
  return [ordinary, sidecar];
}

/** Below 0: `a` goes first. */
function compare(a: Candidate, b: Candidate, now: VirtualTime): number {
  return (
    a.assigned - b.assigned ||
    a.phase - b.phase ||
    a.ready - b.ready ||
    a.cost - b.cost ||
    b.rank - a.rank ||
    (a.ready === 1 ? youngerFirst(a, b, a.readyAt, b.readyAt, now) : 0) ||
    b.restarts - a.restarts ||
    b.sidecarRestarts - a.sidecarRestarts ||
    youngerFirst(a, b, a.createdAt, b.createdAt, now)
  );
}

const compareActive = (a: Candidate, b: Candidate): number =>
  a.assigned - b.assigned ||
  a.phase - b.phase ||
  a.ready - b.ready ||
  (a.ready === 1 ? laterFirst(a.readyAt, b.readyAt) : 0) ||
  b.restarts - a.restarts ||
  b.sidecarRestarts - a.sidecarRestarts ||
  laterFirst(a.createdAt, b.createdAt);

/** A time that is not known comes first. */
function laterFirst(a: VirtualTime | undefined, b: VirtualTime | undefined): number {
  if (a === b) return 0;
  if (a === undefined || b === undefined) return a === undefined ? -1 : 1;
  return b - a;
}

/**
 * Ages are compared by the magnitude of their nanoseconds in base 2. Two different times of one magnitude are decided by
 * the uid: what comes after in the order is then not looked at.
 */
function youngerFirst(
  a: Candidate,
  b: Candidate,
  timeA: VirtualTime | undefined,
  timeB: VirtualTime | undefined,
  now: VirtualTime,
): number {
  if (timeA === timeB) return 0;
  if (timeA === undefined || timeB === undefined) return timeA === undefined ? -1 : 1;
  const magnitudes = magnitude(now - timeA) - magnitude(now - timeB);
  if (magnitudes !== 0) return magnitudes;
  return a.pod.metadata.uid < b.pod.metadata.uid ? -1 : 1;
}

/** int64(log2(nanoseconds)), and -1 for an age that is none. */
function magnitude(age: number): number {
  if (age <= 0) return -1;
  let power = 0;
  for (let rest = age * 1_000; rest >= 2; rest /= 2) power++;
  return power;
}

/**
 * The order is not transitive, so the way of sorting is part of it: Go's sort.Sort inserts one by one up to 12 items.
 * Beyond that Go's own choice among such Pods is any.
 */
function sorted<T>(items: readonly T[], order: (a: T, b: T) => number): readonly T[] {
  const list = items.slice();
  if (list.length > 12) return list.sort(order);
  for (let i = 1; i < list.length; i++)
    for (let j = i; j > 0 && order(list[j] as T, list[j - 1] as T) < 0; j--) {
      const moved = list[j] as T;
      list[j] = list[j - 1] as T;
      list[j - 1] = moved;
    }
  return list;
}
