/**
 * Which Pods of a StatefulSet to create, mend or delete now (kubernetes v1.34.1 pkg/controller/statefulset/stateful_set_control.go,
 * updateStatefulSet): the lowest missing ordinal first, the highest surplus or outdated one first, and with OrderedReady
 * never a step while another Pod is not well.
 *
 * A plan has three parts, done one after the other: the Pods that are wanted, those beyond the wanted number, and those of
 * an old revision. What must be waited for ends the plan where it stands.
 */
import type { Pod, StatefulSet } from '../../api/generated/types.ts';
import { isPodAvailable, isPodReady, isTerminal } from '../../api/pod.ts';
import type { VirtualTime } from '../../time/time.ts';
import { scaledValue } from '../deployment/math.ts';

export const revisionLabel = 'controller-revision-hash';

/** Feature gates that change what a StatefulSet does. */
export interface StatefulSetGates {
  /** Alpha in 1.34: `rollingUpdate.maxUnavailable` counts, and a rolling update replaces so many Pods at once. */
  readonly maxUnavailableStatefulSet: boolean;
}

/** What to do for one wanted ordinal. */
export type SlotStep =
  | { readonly do: 'create'; readonly ordinal: number }
  /** It has ended: it goes, and a later sync makes it anew. */
  | { readonly do: 'recreate'; readonly pod: Pod }
  /** Its claims are there, and its identity, storage and claims' owners are as they should be. */
  | { readonly do: 'keep'; readonly pod: Pod; readonly pending: boolean; readonly enforce: boolean };

export interface Plan {
  readonly slots: readonly SlotStep[];
  /** Pods beyond the wanted number, the highest ordinal first, if it has come to them: the owners of their claims may change. */
  readonly condemned: readonly Pod[];
  /** Those of them that go now. */
  readonly surplus: readonly Pod[];
  /** Pods of an old revision that go now. */
  readonly outdated: readonly Pod[];
}

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
export const wantedReplicas = (set: StatefulSet): number => set.spec.replicas ?? 1;
const inOrderOnly = (set: StatefulSet): boolean => set.spec.podManagementPolicy !== 'Parallel';

/** True for an ordinal that the set wants a Pod of. */
export const isInRange = (set: StatefulSet, ordinal: number): boolean =>
  ordinal >= startOrdinal(set) && ordinal < startOrdinal(set) + wantedReplicas(set);

export const isRunningAndReady = (pod: Pod): boolean => pod.status.phase === 'Running' && isPodReady(pod);
export const isRunningAndAvailable = (set: StatefulSet, pod: Pod, now: VirtualTime): boolean =>
  isRunningAndReady(pod) && isPodAvailable(pod, set.spec.minReadySeconds ?? 0, now);
export const isTerminating = (pod: Pod): boolean => pod.metadata.deletionTimestamp !== undefined;
export const podRevision = (pod: Pod): string => pod.metadata.labels?.[revisionLabel] ?? '';

const isUnavailable = (set: StatefulSet, pod: Pod | undefined, now: VirtualTime): boolean =>
  pod === undefined || !isRunningAndAvailable(set, pod, now) || isTerminating(pod);

/** The revision a Pod of this ordinal is created from: below the partition the current one (newVersionedStatefulSetPod). */
export function revisionFor(set: StatefulSet, revisions: Revisions, ordinal: number): string {
  const { type = 'RollingUpdate', rollingUpdate } = set.spec.updateStrategy ?? {};
  if (type !== 'RollingUpdate') return revisions.update;
  const kept =
    rollingUpdate === undefined ? (set.status.currentReplicas ?? 0) : (rollingUpdate.partition ?? 0);
  return ordinal < startOrdinal(set) + kept ? revisions.current : revisions.update;
}

interface Places {
  /** By ordinal from the first one on; undefined where there is no Pod. */
  readonly replicas: readonly (Pod | undefined)[];
  /** Pods beyond the wanted number, the highest ordinal first. */
  readonly condemned: readonly Pod[];
}

function placesOf(set: StatefulSet, pods: readonly Pod[]): Places {
  const replicas = new Array<Pod | undefined>(wantedReplicas(set)).fill(undefined);
  const condemned: Pod[] = [];
  for (const pod of pods) {
    const ordinal = ordinalOf(set, pod.metadata.name);
    if (isInRange(set, ordinal)) replicas[ordinal - startOrdinal(set)] = pod;
    else if (ordinal >= 0) condemned.push(pod);
  }
  condemned.sort((a, b) => ordinalOf(set, b.metadata.name) - ordinalOf(set, a.metadata.name));
  return { replicas, condemned };
}

/** What to do now, as far as it may go. */
export function planPods(
  set: StatefulSet,
  pods: readonly Pod[],
  revisions: Revisions,
  gates: StatefulSetGates,
  now: VirtualTime,
): Plan {
  const nothing: Plan = { slots: [], condemned: [], surplus: [], outdated: [] };
  if (set.metadata.deletionTimestamp !== undefined) return nothing;
  const places = placesOf(set, pods);
  const { condemned } = places;
  const wanted = wantedSteps(set, places, now);
  if (!wanted.through) return { ...nothing, slots: wanted.steps };
  const surplus = surplusPods(set, places, now);
  if (!surplus.through) return { ...nothing, slots: wanted.steps, condemned, surplus: surplus.pods };
  const outdated = gates.maxUnavailableStatefulSet
    ? outdatedWithin(set, places, revisions, now)
    : highestOutdated(set, places, revisions, now);
  return { slots: wanted.steps, condemned, surplus: surplus.pods, outdated };
}

/** The wanted ordinals in order (processReplica). Not `through`: something must be waited for. */
function wantedSteps(
  set: StatefulSet,
  { replicas }: Places,
  now: VirtualTime,
): { readonly steps: readonly SlotStep[]; readonly through: boolean } {
  const inOrder = inOrderOnly(set);
  const steps: SlotStep[] = [];
  for (const [i, pod] of replicas.entries()) {
    if (pod === undefined) steps.push({ do: 'create', ordinal: startOrdinal(set) + i });
    else if (isTerminal(pod)) {
      if (!isTerminating(pod)) steps.push({ do: 'recreate', pod });
    } else {
      const well = !isTerminating(pod) && isRunningAndAvailable(set, pod, now);
      const pending = pod.status.phase === 'Pending';
      const enforce = well || !inOrder;
      if (pending || enforce) steps.push({ do: 'keep', pod, pending, enforce });
      if (well) continue;
    }
    if (inOrder) return { steps, through: false };
  }
  return { steps, through: true };
}

/** Deletes what is too much. With OrderedReady an unhealthy Pod below must recover first, unless it is the one to go (processCondemned). */
function surplusPods(
  set: StatefulSet,
  { replicas, condemned }: Places,
  now: VirtualTime,
): { readonly pods: readonly Pod[]; readonly through: boolean } {
  const leaving = condemned.filter((pod) => !isTerminating(pod));
  const [highest] = condemned;
  if (!inOrderOnly(set)) return { pods: leaving, through: true };
  if (highest === undefined) return { pods: [], through: true };
  // A missing Pod counts as the first that is not well; but then it has been made, and nothing else is done.
  const firstUnavailable = [...replicas, ...condemned.toReversed()].find((pod) =>
    isUnavailable(set, pod, now),
  );
  const mayGo =
    !isTerminating(highest) && (highest === firstUnavailable || isRunningAndAvailable(set, highest, now));
  return { pods: mayGo ? [highest] : [], through: false };
}

/** The lowest index a rolling update touches; undefined where Pods are only updated by hand. */
function lowestUpdated(set: StatefulSet): number | undefined {
  const { type, rollingUpdate } = set.spec.updateStrategy ?? {};
  return type === 'OnDelete' ? undefined : (rollingUpdate?.partition ?? 0);
}

/** The highest Pod of an old revision, if all above it are available. */
function highestOutdated(
  set: StatefulSet,
  { replicas }: Places,
  revisions: Revisions,
  now: VirtualTime,
): readonly Pod[] {
  const lowest = lowestUpdated(set);
  if (lowest === undefined) return [];
  for (let target = replicas.length - 1; target >= lowest; target--) {
    const pod = replicas[target];
    if (pod !== undefined && podRevision(pod) !== revisions.update && !isTerminating(pod)) return [pod];
    if (isUnavailable(set, pod, now)) return [];
  }
  return [];
}

/** The highest Pods of an old revision, as many as may be unavailable beside those that are (updateStatefulSetAfterInvariantEstablished). */
function outdatedWithin(
  set: StatefulSet,
  { replicas }: Places,
  revisions: Revisions,
  now: VirtualTime,
): readonly Pod[] {
  const lowest = lowestUpdated(set);
  if (lowest === undefined) return [];
  const unavailable = replicas.filter((pod) => isUnavailable(set, pod, now)).length;
  const mayGo = maxUnavailable(set) - unavailable;
  const old = replicas
    .slice(lowest)
    .filter((pod) => pod !== undefined)
    .filter((pod) => podRevision(pod) !== revisions.update && !isTerminating(pod));
  return old.toReversed().slice(0, Math.max(0, mayGo));
}

/** A percentage rounds down, and one Pod may always be unavailable (getStatefulSetMaxUnavailable). */
const maxUnavailable = (set: StatefulSet): number =>
  Math.max(
    1,
    scaledValue(set.spec.updateStrategy?.rollingUpdate?.maxUnavailable ?? 1, wantedReplicas(set), false),
  );
