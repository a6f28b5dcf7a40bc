/** The history of a Deployment: its old ReplicaSets that have no Pods (kubernetes v1.34.1 pkg/controller/deployment/sync.go, cleanupDeployment). */
import type { ReplicaSet } from '../../api/generated/types.ts';
import { remove } from '../requests.ts';
import { hasRevisionHistoryLimit, sizeOf } from './math.ts';
import { erase, type Rollout, type Step } from './replicasets.ts';
import { byRevision } from './revision.ts';

/**
 * Deletes old ReplicaSets beyond revisionHistoryLimit, of the oldest revision first. One that cannot go yet stays, and
 * none goes in its place.
 */
export function* cleanup(rollout: Rollout, old: readonly ReplicaSet[]): Step<void> {
  const { deployment } = rollout;
  if (!hasRevisionHistoryLimit(deployment)) return;
  const alive = old.filter(({ metadata }) => metadata.deletionTimestamp === undefined);
  const surplus = alive.length - (deployment.spec.revisionHistoryLimit ?? 0);
  for (const set of byRevision(alive).slice(0, Math.max(0, surplus))) {
    const observed = (set.metadata.generation ?? 0) <= (set.status.observedGeneration ?? 0);
    if (set.status.replicas === 0 && sizeOf(set) === 0 && observed)
      yield* erase(rollout, remove('replicasets', set));
  }
}
