/** The status of a ReplicaSet or a ReplicationController (kubernetes v1.34.1 pkg/controller/replicaset/replica_set_utils.go). */
import type { ApiRequest } from '../api/request.ts';
import type { Pod, ReplicaSetCondition, ReplicaSetStatus } from '../api/generated/types.ts';
import { conditionOf, isPodAvailable } from '../api/pod.ts';
import { parseTimeText, second, timeText, type Duration, type VirtualTime } from '../time/time.ts';
import type { Ask, Reply } from './controller.ts';
import type { LabelledPods } from './owned-pods.ts';
import { get, updateStatus } from './requests.ts';
import { templateLabels, type ReplicaKind, type ReplicatingSet } from './replica-kind.ts';

/** The active Pods of a set, counted. */
export interface Replicas {
  readonly active: number;
  readonly fullyLabeled: number;
  readonly ready: number;
  readonly available: number;
  /** Reads them one by one: only where they must be told apart. */
  readonly pods: () => readonly Pod[];
}

/** Why Pods could not be created or deleted. */
export interface Trouble {
  readonly reason: 'FailedCreate' | 'FailedDelete';
  readonly message: string;
}

export function countOf(
  set: ReplicatingSet,
  groups: readonly LabelledPods[],
  pods: () => readonly Pod[],
  now: VirtualTime,
): Replicas {
  const labels = templateLabels(set.spec.template);
  let [active, fullyLabeled, ready] = [0, 0, 0];
  for (const group of groups) {
    active += group.active;
    ready += group.ready;
    if (hasLabels(group.labels, labels)) fullyLabeled += group.active;
  }
  const { minReadySeconds = 0 } = set.spec;
  const available =
    minReadySeconds === 0 ? ready : pods().filter((pod) => isPodAvailable(pod, minReadySeconds, now)).length;
  return { active, fullyLabeled, ready, available, pods };
}

function hasLabels(
  labels: Readonly<Record<string, string>>,
  wanted: Readonly<Record<string, string>>,
): boolean {
  for (const key in wanted) if (labels[key] !== wanted[key]) return false;
  return true;
}

/** Go leaves out what is zero. */
const unlessZero = (count: number): number | undefined => (count === 0 ? undefined : count);

export function statusOf(
  set: ReplicatingSet,
  replicas: Replicas,
  trouble: Trouble | undefined,
  now: VirtualTime,
): ReplicaSetStatus {
  const conditions = conditionsOf(set, trouble, now);
  return {
    replicas: replicas.active,
    fullyLabeledReplicas: unlessZero(replicas.fullyLabeled),
    readyReplicas: unlessZero(replicas.ready),
    availableReplicas: unlessZero(replicas.available),
    observedGeneration: set.metadata.generation,
    ...(conditions === undefined || conditions.length === 0 ? {} : { conditions }),
  };
}

function conditionsOf(
  set: ReplicatingSet,
  trouble: Trouble | undefined,
  now: VirtualTime,
): readonly ReplicaSetCondition[] | undefined {
  const { conditions } = set.status;
  const known = conditionOf<ReplicaSetCondition>(set.status, 'ReplicaFailure');
  if (trouble !== undefined && known === undefined)
    return [
      ...(conditions ?? []),
      { type: 'ReplicaFailure', status: 'True', lastTransitionTime: timeText(now), ...trouble },
    ];
  if (trouble === undefined && known !== undefined)
    return (conditions ?? []).filter((condition) => condition !== known);
  return conditions;
}

/** Nothing that would have to be written differs. */
export const sameStatus = (a: ReplicaSetStatus, b: ReplicaSetStatus): boolean =>
  a.replicas === b.replicas &&
  (a.fullyLabeledReplicas ?? 0) === (b.fullyLabeledReplicas ?? 0) &&
  (a.readyReplicas ?? 0) === (b.readyReplicas ?? 0) &&
  (a.availableReplicas ?? 0) === (b.availableReplicas ?? 0) &&
  a.observedGeneration === b.observedGeneration &&
  (a.conditions ?? []).length === (b.conditions ?? []).length;

/**
 * Writes a status, which has changed. A write that is refused (the cache was behind, most often) is tried once more on the
 * object as it is now. Answers whether it is written.
 */
export function* writeStatus<Memory>(
  kind: ReplicaKind,
  set: ReplicatingSet,
  status: ReplicaSetStatus,
): Generator<Ask<Memory>, boolean, Reply> {
  const { resource } = kind;
  const { namespace, name } = set.metadata;
  const write = (onto: ReplicatingSet): ApiRequest => updateStatus(resource, { ...onto, status });
  const first = yield { requests: [write(set)] };
  if (first.answers[0]?.ok === true) return true;
  const [fresh] = (yield { requests: [get(resource, namespace, name)] }).answers;
  if (fresh?.ok !== true || fresh.object === undefined) return false;
  const second = yield { requests: [write(fresh.object as ReplicatingSet)] };
  return second.answers[0]?.ok === true;
}

/** When the next Pod that is ready will have been so for minReadySeconds. Nothing else would mark the key then. */
export function nextAvailabilityCheck(
  set: ReplicatingSet,
  status: ReplicaSetStatus,
  replicas: Replicas,
  now: VirtualTime,
): Duration | undefined {
  const { minReadySeconds = 0 } = set.spec;
  if (minReadySeconds === 0 || (status.readyReplicas ?? 0) === (status.availableReplicas ?? 0))
    return undefined;
  let next: Duration = minReadySeconds * second;
  for (const pod of replicas.pods()) {
    const ready = conditionOf(pod.status, 'Ready');
    const since =
      ready?.status !== 'True' || ready.lastTransitionTime === undefined
        ? undefined
        : parseTimeText(ready.lastTransitionTime);
    if (since === undefined || since + minReadySeconds * second < now) continue;
    next = Math.min(next, since + minReadySeconds * second - now + 1);
  }
  return next;
}
