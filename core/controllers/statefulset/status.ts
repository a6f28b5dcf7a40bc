/** The status of a StatefulSet (kubernetes v1.34.1 pkg/controller/statefulset/stateful_set_control.go). */
import type { Pod, StatefulSet, StatefulSetStatus } from '../../api/generated/types.ts';
import type { VirtualTime } from '../../time/time.ts';
import {
  isRunningAndAvailable,
  isRunningAndReady,
  isTerminating,
  ordinalOf,
  podRevision,
  wantedReplicas,
  type Revisions,
} from './plan.ts';

/** What this sync knows beyond the Pods it has seen. */
export interface Progress {
  readonly revisions: Revisions;
  readonly collisionCount: number;
  /** How many Pods it has deleted to update them: they are still seen, and no longer count as current. */
  readonly updating: number;
}

/** What the Pods say. */
export function statusOf(
  set: StatefulSet,
  pods: readonly Pod[],
  { revisions, collisionCount, updating }: Progress,
  now: VirtualTime,
): StatefulSetStatus {
  let [replicas, ready, available, current, updated] = [0, 0, 0, 0, 0];
  for (const pod of pods) {
    if (ordinalOf(set, pod.metadata.name) < 0) continue;
    replicas++;
    if (isRunningAndReady(pod)) ready++;
    if (isRunningAndAvailable(set, pod, now)) available++;
    if (isTerminating(pod)) continue;
    if (podRevision(pod) === revisions.current) current++;
    if (podRevision(pod) === revisions.update) updated++;
  }
  const complete = isComplete(set, replicas, ready, updated);
  const currentReplicas = complete ? updated : current - updating;
  return {
    observedGeneration: set.metadata.generation,
    replicas,
    ...(ready === 0 ? {} : { readyReplicas: ready }),
    ...(currentReplicas === 0 ? {} : { currentReplicas }),
    ...(updated === 0 ? {} : { updatedReplicas: updated }),
    currentRevision: complete ? revisions.update : revisions.current,
    updateRevision: revisions.update,
    collisionCount,
    availableReplicas: available,
  };
}

/** Once every Pod is of the new revision and ready, that revision is the current one (completeRollingUpdate). */
const isComplete = (set: StatefulSet, replicas: number, ready: number, updated: number): boolean =>
  (set.spec.updateStrategy?.type ?? 'RollingUpdate') === 'RollingUpdate' &&
  replicas === wantedReplicas(set) &&
  ready === replicas &&
  updated === replicas;

/** True where the status must be written (inconsistentStatus). */
export const isChanged = ({ status }: StatefulSet, next: StatefulSetStatus): boolean =>
  (next.observedGeneration ?? 0) > (status.observedGeneration ?? 0) ||
  next.replicas !== status.replicas ||
  (next.currentReplicas ?? 0) !== (status.currentReplicas ?? 0) ||
  (next.readyReplicas ?? 0) !== (status.readyReplicas ?? 0) ||
  (next.updatedReplicas ?? 0) !== (status.updatedReplicas ?? 0) ||
  next.currentRevision !== status.currentRevision ||
  next.updateRevision !== status.updateRevision ||
  (next.availableReplicas ?? 0) !== (status.availableReplicas ?? 0);
