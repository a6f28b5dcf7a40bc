/**
 * RollingUpdate: the new ReplicaSet grows within maxSurge, or else the old ones shrink within maxUnavailable; one of the
 * two in a sync. (kubernetes v1.34.1 pkg/controller/deployment/rolling.go)
 */
import type { ReplicaSet } from '../../api/generated/types.ts';
import type { Outcome } from '../controller.ts';
import { cleanup } from './cleanup.ts';
import {
  active,
  availableOf,
  byCreation,
  maxUnavailable,
  newSize,
  sizeOf,
  totalAvailable,
  totalSize,
  wantedReplicas,
} from './math.ts';
import {
  resize,
  sortedAlready,
  sortOut,
  Stop,
  type Orphans,
  type Rollout,
  type Sorted,
  type Step,
} from './replicasets.ts';
import { isComplete } from './status.ts';
import { all, rolloutStatus } from './write-status.ts';

/** One step of the rollout, and the status after it. */
export function* rollingUpdate(rollout: Rollout): Step<Outcome<Orphans>> {
  const sorted = sortedAlready(rollout) ?? (yield* sortOut(rollout, true));
  const { newSet, old } = sorted;
  if (newSet !== undefined && (isInPlace(rollout, sorted) || !(yield* growOrShrink(rollout, newSet, sorted))))
    if (isComplete(rollout.deployment, rollout.deployment.status)) yield* cleanup(rollout, old);
  return yield* rolloutStatus(rollout, sorted);
}

/** The new ReplicaSet has its size, and no other has any. */
const isInPlace = ({ deployment }: Rollout, { newSet, old }: Sorted): boolean =>
  newSet !== undefined && sizeOf(newSet) === wantedReplicas(deployment) && active(old).length === 0;

function* growOrShrink(rollout: Rollout, newSet: ReplicaSet, sorted: Sorted): Step<boolean> {
  if (yield* growNew(rollout, newSet, all(sorted))) return true;
  return yield* shrinkOld(rollout, newSet, sorted.old);
}

function* growNew(rollout: Rollout, newSet: ReplicaSet, sets: readonly ReplicaSet[]): Step<boolean> {
  const { deployment } = rollout;
  const wanted = wantedReplicas(deployment);
  if (sizeOf(newSet) === wanted) return false;
  const size = sizeOf(newSet) > wanted ? wanted : newSize(deployment, totalSize(sets), sizeOf(newSet));
  return size !== sizeOf(newSet) && (yield* resize(rollout, newSet, size)).scaled;
}

/** Takes away what old ReplicaSets may lose now; answers whether that was anything (reconcileOldReplicaSets). */
export function* shrinkOld(rollout: Rollout, newSet: ReplicaSet, old: readonly ReplicaSet[]): Step<boolean> {
  const { deployment } = rollout;
  const shrinking = active(old);
  if (shrinking.length === 0) return false;
  const minAvailable = wantedReplicas(deployment) - maxUnavailable(deployment);
  const newUnavailable = sizeOf(newSet) - availableOf(newSet);
  const mayGo = totalSize(old) + sizeOf(newSet) - minAvailable - newUnavailable;
  if (mayGo <= 0) return false;
  const healthier = yield* shrinkUnhealthy(rollout, shrinking, mayGo);
  const surplus = totalAvailable([...healthier, newSet]) - minAvailable;
  const shrunk = yield* shrinkBy(rollout, healthier, surplus);
  return shrunk || totalSize(healthier) < totalSize(shrinking);
}

/** Pods of old ReplicaSets that are not available go first: they are of no use to anyone (cleanupUnhealthyReplicas). */
function* shrinkUnhealthy(
  rollout: Rollout,
  old: readonly ReplicaSet[],
  mayGo: number,
): Step<readonly ReplicaSet[]> {
  let left = mayGo;
  const after: ReplicaSet[] = [];
  for (const set of byCreation(old)) {
    const going = Math.min(left, sizeOf(set) - availableOf(set));
    if (left <= 0 || going === 0) {
      after.push(set);
      continue;
    }
    // A set that was shrunk a moment ago still counts Pods that are on their way out as available. The real one takes
    // that for an error, and tries the whole sync again later.
    if (going < 0) throw new Stop(false);
    after.push((yield* resize(rollout, set, sizeOf(set) - going)).set);
    left -= going;
  }
  return after;
}

/** Takes so many Pods, of the oldest ReplicaSets first (scaleDownOldReplicaSetsForRollingUpdate). */
function* shrinkBy(rollout: Rollout, old: readonly ReplicaSet[], surplus: number): Step<boolean> {
  let left = surplus;
  for (const set of byCreation(old)) {
    const going = Math.min(left, sizeOf(set));
    if (going <= 0) continue;
    yield* resize(rollout, set, sizeOf(set) - going);
    left -= going;
  }
  return left < surplus;
}
