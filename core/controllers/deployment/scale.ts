/**
 * What a change of a Deployment's size alone does to its ReplicaSets (kubernetes v1.34.1 pkg/controller/deployment/sync.go,
 * scale): a rollout under way keeps its proportions.
 */
import type { ReplicaSet } from '../../api/generated/types.ts';
import {
  active,
  byCreation,
  bySize,
  isRollingUpdate,
  isSaturated,
  maxSurge,
  proportion,
  sizeOf,
  totalSize,
  wantedReplicas,
} from './math.ts';
import { resize, type Rollout, type Sorted, type Step } from './replicasets.ts';

/** Brings the ReplicaSets to the Deployment's size, each in proportion where several have Pods. */
export function* scale(rollout: Rollout, { newSet, old }: Sorted): Step<void> {
  const { deployment } = rollout;
  const sole = activeOrLatest(newSet, old);
  if (sole !== undefined) {
    if (sizeOf(sole) !== wantedReplicas(deployment)) yield* resize(rollout, sole, wantedReplicas(deployment));
    return;
  }
  if (isSaturated(deployment, newSet)) {
    for (const set of active(byCreation(old).toReversed())) yield* resize(rollout, set, 0);
    return;
  }
  if (!isRollingUpdate(deployment)) return;
  const newestFirst = byCreation(old).toReversed();
  const sets = active(newSet === undefined ? newestFirst : [...newestFirst, newSet]);
  const allowed = wantedReplicas(deployment) > 0 ? wantedReplicas(deployment) + maxSurge(deployment) : 0;
  const toAdd = allowed - totalSize(sets);
  const ordered = toAdd === 0 ? sets : bySize(sets, toAdd > 0);
  let added = 0;
  const sizes = ordered.map((set) => {
    const share = proportion(deployment, set, toAdd, added);
    added += share;
    return sizeOf(set) + share;
  });
  // What rounding has left over goes to the largest.
  for (const [i, set] of ordered.entries()) {
    const size = sizes[i] ?? 0;
    yield* resize(rollout, set, i === 0 ? Math.max(0, size + toAdd - added) : size);
  }
}

/** The only ReplicaSet with Pods; where none has any, the new one or else the latest. */
function activeOrLatest(newSet: ReplicaSet | undefined, old: readonly ReplicaSet[]): ReplicaSet | undefined {
  const withPods = active(newSet === undefined ? old : [...old, newSet]);
  if (withPods.length === 0) return newSet ?? byCreation(old).at(-1);
  return withPods.length === 1 ? withPods[0] : undefined;
}
