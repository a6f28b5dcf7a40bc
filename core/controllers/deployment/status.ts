/** The status of a Deployment and its conditions (kubernetes v1.34.1 pkg/controller/deployment/{sync,progress}.go). */
import type {
  Deployment,
  DeploymentCondition,
  DeploymentStatus,
  ReplicaSet,
} from '../../api/generated/types.ts';
import { conditionOf } from '../../api/pod.ts';
import {
  millisecond,
  parseTimeText,
  second,
  timeText,
  type Duration,
  type VirtualTime,
} from '../../time/time.ts';
import {
  hasProgressDeadline,
  maxUnavailable,
  totalAvailable,
  totalReady,
  totalReplicas,
  totalSize,
  wantedReplicas,
} from './math.ts';

export const progressing = (status: DeploymentStatus): DeploymentCondition | undefined =>
  conditionOf(status, 'Progressing');

/** A condition that begins now. */
export function condition(
  now: VirtualTime,
  type: string,
  status: string,
  reason: string,
  message: string,
): DeploymentCondition {
  const at = timeText(now);
  return { type, status, lastUpdateTime: at, lastTransitionTime: at, reason, message };
}

const withoutCondition = (status: DeploymentStatus, type: string): DeploymentStatus =>
  conditionOf<DeploymentCondition>(status, type) === undefined
    ? status
    : { ...status, conditions: (status.conditions ?? []).filter((known) => known.type !== type) };

/** The condition takes the place of that of its type, unless neither its status nor its reason is new. */
export function withCondition(status: DeploymentStatus, next: DeploymentCondition): DeploymentStatus {
  const known = conditionOf<DeploymentCondition>(status, next.type);
  if (known !== undefined && known.status === next.status && known.reason === next.reason) return status;
  const kept =
    known?.status === next.status ? { ...next, lastTransitionTime: known.lastTransitionTime } : next;
  return {
    ...status,
    conditions: [...(status.conditions ?? []).filter(({ type }) => type !== next.type), kept],
  };
}

/** Go leaves out what is zero. */
const unlessZero = (count: number): number | undefined => (count === 0 ? undefined : count);

/** What the ReplicaSets say of their Deployment (calculateStatus). */
export function statusOf(
  deployment: Deployment,
  sets: readonly ReplicaSet[],
  newSet: ReplicaSet | undefined,
  now: VirtualTime,
): DeploymentStatus {
  const available = totalAvailable(sets);
  const enough = available >= wantedReplicas(deployment) - maxUnavailable(deployment);
  // Of one shape whatever it says: it is made anew by every sync.
  const status: DeploymentStatus = {
    observedGeneration: deployment.metadata.generation,
    replicas: unlessZero(totalReplicas(sets)),
    updatedReplicas: unlessZero(newSet?.status.replicas ?? 0),
    readyReplicas: unlessZero(totalReady(sets)),
    availableReplicas: unlessZero(available),
    unavailableReplicas: unlessZero(Math.max(0, totalSize(sets) - available)),
    collisionCount: deployment.status.collisionCount,
    conditions: deployment.status.conditions ?? [],
  };
  const known = conditionOf(status, 'Available');
  const { value, reason, message } = enough ? enoughAvailable : tooFewAvailable;
  return known?.status === value && known.reason === reason
    ? status
    : withCondition(status, condition(now, 'Available', value, reason, message));
}

const enoughAvailable = {
  value: 'True',
  reason: 'MinimumReplicasAvailable',
  message: 'Deployment has minimum availability.',
};
const tooFewAvailable = {
  value: 'False',
  reason: 'MinimumReplicasUnavailable',
  message: 'Deployment does not have minimum availability.',
};

/** The status during a rollout: whether it goes on, is complete, or has stopped for too long (syncRolloutStatus). */
export function rolloutStatusOf(
  deployment: Deployment,
  sets: readonly ReplicaSet[],
  newSet: ReplicaSet | undefined,
  now: VirtualTime,
): DeploymentStatus {
  const counted = statusOf(deployment, sets, newSet, now);
  const status = hasProgressDeadline(deployment)
    ? progressOf(deployment, counted, newSet, now)
    : withoutCondition(counted, 'Progressing');
  const failure = replicaFailure(sets, newSet);
  return failure === undefined ? withoutCondition(status, 'ReplicaFailure') : withCondition(status, failure);
}

function progressOf(
  deployment: Deployment,
  status: DeploymentStatus,
  newSet: ReplicaSet | undefined,
  now: VirtualTime,
): DeploymentStatus {
  const current = progressing(deployment.status);
  const wasComplete =
    (status.replicas ?? 0) === (status.updatedReplicas ?? 0) && current?.reason === 'NewReplicaSetAvailable';
  if (wasComplete) return status;
  const what =
    newSet === undefined
      ? `Deployment "${deployment.metadata.name}"`
      : `ReplicaSet "${newSet.metadata.name}"`;
  if (isComplete(deployment, status))
    return withCondition(
      status,
      condition(now, 'Progressing', 'True', 'NewReplicaSetAvailable', `${what} has successfully progressed.`),
    );
  if (hasProgressed(deployment.status, status)) {
    // Progress of the same reason still moves lastUpdateTime, from which the deadline is counted.
    const next = condition(now, 'Progressing', 'True', 'ReplicaSetUpdated', `${what} is progressing.`);
    const since = current?.status === 'True' ? current.lastTransitionTime : next.lastTransitionTime;
    return withCondition(withoutCondition(status, 'Progressing'), { ...next, lastTransitionTime: since });
  }
  if (hasTimedOut(deployment, status, now))
    return withCondition(
      status,
      condition(
        now,
        'Progressing',
        'False',
        'ProgressDeadlineExceeded',
        `${what} has timed out progressing.`,
      ),
    );
  return status;
}

/** Every Pod is of the new template and available, and there is no other. */
export function isComplete(deployment: Deployment, status: DeploymentStatus): boolean {
  const wanted = wantedReplicas(deployment);
  return (
    (status.updatedReplicas ?? 0) === wanted &&
    (status.replicas ?? 0) === wanted &&
    (status.availableReplicas ?? 0) === wanted &&
    (status.observedGeneration ?? 0) >= (deployment.metadata.generation ?? 0)
  );
}

/** More Pods are new, ready or available, or fewer old ones are left (DeploymentProgressing). */
export function hasProgressed(before: DeploymentStatus, after: DeploymentStatus): boolean {
  const old = (status: DeploymentStatus): number => (status.replicas ?? 0) - (status.updatedReplicas ?? 0);
  return (
    (after.updatedReplicas ?? 0) > (before.updatedReplicas ?? 0) ||
    old(after) < old(before) ||
    (after.readyReplicas ?? 0) > (before.readyReplicas ?? 0) ||
    (after.availableReplicas ?? 0) > (before.availableReplicas ?? 0)
  );
}

const deadlineAfter = (deployment: Deployment, since: string | null | undefined): VirtualTime =>
  (parseTimeText(since ?? '') ?? 0) + (deployment.spec.progressDeadlineSeconds ?? 0) * second;

/** No progress was seen for progressDeadlineSeconds (DeploymentTimedOut). */
export function hasTimedOut(deployment: Deployment, status: DeploymentStatus, now: VirtualTime): boolean {
  const known = progressing(status);
  if (!hasProgressDeadline(deployment) || known === undefined) return false;
  if (known.reason === 'NewReplicaSetAvailable') return false;
  return known.reason === 'ProgressDeadlineExceeded' || deadlineAfter(deployment, known.lastUpdateTime) < now;
}

/** When to look whether the rollout is stuck (requeueStuckDeployment); undefined: nothing to wait for. */
export function stuckCheckAfter(
  deployment: Deployment,
  status: DeploymentStatus,
  now: VirtualTime,
): Duration | undefined {
  const current = progressing(deployment.status);
  if (!hasProgressDeadline(deployment) || current === undefined) return undefined;
  if (isComplete(deployment, status) || current.reason === 'ProgressDeadlineExceeded') return undefined;
  const left = deadlineAfter(deployment, current.lastUpdateTime) - now;
  // What was complete once does not time out. The real one looks at it ten times a second from here on, and nothing comes of it.
  if (left < second && current.reason === 'NewReplicaSetAvailable') return undefined;
  // A second more, for the times in conditions have no fractions. In the last second the real one looks every 5 ms.
  return left >= second ? left + second : Math.max(0, left) + 5 * millisecond;
}

/** The failure to create Pods, of the new ReplicaSet first, as the Deployment's own. */
function replicaFailure(
  sets: readonly ReplicaSet[],
  newSet: ReplicaSet | undefined,
): DeploymentCondition | undefined {
  for (const set of newSet === undefined ? sets : [newSet, ...sets]) {
    const found = conditionOf(set.status, 'ReplicaFailure');
    if (found !== undefined)
      return {
        type: 'ReplicaFailure',
        status: found.status,
        lastUpdateTime: found.lastTransitionTime,
        lastTransitionTime: found.lastTransitionTime,
        reason: found.reason,
        message: found.message,
      };
  }
  return undefined;
}
