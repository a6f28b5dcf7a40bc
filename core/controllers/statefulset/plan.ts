/**
 * Which Pods of a StatefulSet to create or delete now (kubernetes v1.34.1 pkg/controller/statefulset/stateful_set_control.go,
 * updateStatefulSet): the lowest missing ordinal first, the highest surplus or outdated one first, and with OrderedReady
 * never a step while another Pod is not well.
 */
import type { Pod, StatefulSet } from '../../api/generated/types.ts';
import { isPodAvailable, isPodReady, isTerminal } from '../../api/pod.ts';
import type { VirtualTime } from '../../time/time.ts';

export const revisionLabel = 'controller-revision-hash';

export type PodAction =
  | { readonly do: 'create'; readonly ordinal: number }
  | {
      readonly do: 'delete';
      readonly pod: Pod;
      /** It has ended, and is to be made anew. */ readonly recreate?: 'Failed' | 'Succeeded';
    };

export interface Revisions {
  readonly current: string;
  readonly update: string;
}

/** -1 for a Pod whose name is not the set's with a number. */
export function ordinalOf(set: StatefulSet, name: string): number {
  const prefix = `${set.metadata.name}-`;
  const rest = name.startsWith(prefix) ? name.slice(prefix.length) : '';
  return /^\d+$/.test(rest) ? Number(rest) : -1;
}

const startOrdinal = (set: StatefulSet): number => set.spec.ordinals?.start ?? 0;
const wanted = (set: StatefulSet): number => set.spec.replicas ?? 1;

export const isRunningAndReady = (pod: Pod): boolean => pod.status.phase === 'Running' && isPodReady(pod);
export const isRunningAndAvailable = (set: StatefulSet, pod: Pod, now: VirtualTime): boolean =>
  isRunningAndReady(pod) && isPodAvailable(pod, set.spec.minReadySeconds ?? 0, now);
const isTerminating = (pod: Pod): boolean => pod.metadata.deletionTimestamp !== undefined;
const isHealthy = (pod: Pod | undefined): boolean =>
  pod !== undefined && isRunningAndReady(pod) && !isTerminating(pod);

/** The revision a Pod of this ordinal is created from: below the partition the current one (isCurrentRevisionNeeded). */
export function revisionFor(set: StatefulSet, revisions: Revisions, ordinal: number): string {
  const { type, rollingUpdate } = set.spec.updateStrategy ?? {};
  if (type !== 'RollingUpdate') return revisions.update;
  const kept =
    rollingUpdate === undefined ? (set.status.currentReplicas ?? 0) : (rollingUpdate.partition ?? 0);
  return ordinal < startOrdinal(set) + kept ? revisions.current : revisions.update;
}

interface Slots {
  /** By ordinal from the first one on; undefined where there is no Pod. */
  readonly replicas: readonly (Pod | undefined)[];
  /** Pods beyond the wanted number, the highest ordinal first. */
  readonly condemned: readonly Pod[];
  readonly firstUnhealthy: Pod | undefined;
}

function slotsOf(set: StatefulSet, pods: readonly Pod[]): Slots {
  const [start, count] = [startOrdinal(set), wanted(set)];
  const replicas = new Array<Pod | undefined>(count).fill(undefined);
  const condemned: Pod[] = [];
  for (const pod of pods) {
    const ordinal = ordinalOf(set, pod.metadata.name);
    if (ordinal >= start && ordinal < start + count) replicas[ordinal - start] = pod;
    else if (ordinal >= 0) condemned.push(pod);
  }
  condemned.sort((a, b) => ordinalOf(set, b.metadata.name) - ordinalOf(set, a.metadata.name));
  const missing = replicas.includes(undefined);
  const unhealthy = [...replicas, ...condemned.slice().reverse()].find((pod) => !isHealthy(pod));
  return { replicas, condemned, firstUnhealthy: missing && unhealthy === undefined ? undefined : unhealthy };
}

/** What to do now, in order. */
export function planPods(
  set: StatefulSet,
  pods: readonly Pod[],
  revisions: Revisions,
  now: VirtualTime,
): readonly PodAction[] {
  if (set.metadata.deletionTimestamp !== undefined) return [];
  const slots = slotsOf(set, pods);
  const inOrder = set.spec.podManagementPolicy !== 'Parallel';
  const actions: PodAction[] = [];
  if (!fill(set, slots, inOrder, now, actions) && inOrder) return actions;
  if (!empty(set, slots, inOrder, now, actions) && inOrder) return actions;
  return [...actions, ...outdated(set, slots, revisions)];
}

/** Creates what is missing. False: something must be waited for. */
function fill(
  set: StatefulSet,
  { replicas }: Slots,
  inOrder: boolean,
  now: VirtualTime,
  actions: PodAction[],
): boolean {
  for (const [i, pod] of replicas.entries()) {
    if (pod === undefined) actions.push({ do: 'create', ordinal: startOrdinal(set) + i });
    else if (isTerminal(pod)) {
      if (!isTerminating(pod))
        actions.push({ do: 'delete', pod, recreate: pod.status.phase === 'Failed' ? 'Failed' : 'Succeeded' });
    } else if (!isTerminating(pod) && isRunningAndAvailable(set, pod, now)) continue;
    if (inOrder) return false;
  }
  return true;
}

/** Deletes what is too much. With OrderedReady an unhealthy Pod below must recover first, unless it is the one to go. */
function empty(
  set: StatefulSet,
  { condemned, firstUnhealthy }: Slots,
  inOrder: boolean,
  now: VirtualTime,
  actions: PodAction[],
): boolean {
  for (const pod of condemned) {
    if (isTerminating(pod)) {
      if (inOrder) return false;
      continue;
    }
    if (inOrder && pod !== firstUnhealthy && !isRunningAndAvailable(set, pod, now)) return false;
    actions.push({ do: 'delete', pod });
    if (inOrder) return false;
  }
  return true;
}

/** The highest Pod of an old revision, if all above it are well. */
function outdated(set: StatefulSet, { replicas }: Slots, revisions: Revisions): readonly PodAction[] {
  const { type, rollingUpdate } = set.spec.updateStrategy ?? {};
  if (type === 'OnDelete') return [];
  const partition = rollingUpdate?.partition ?? 0;
  for (let target = replicas.length - 1; target >= partition; target--) {
    const pod = replicas[target];
    if (pod === undefined) return [];
    if (pod.metadata.labels?.[revisionLabel] !== revisions.update && !isTerminating(pod))
      return [{ do: 'delete', pod }];
    if (!isHealthy(pod)) return [];
  }
  return [];
}
