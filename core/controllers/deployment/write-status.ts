/** The status of a Deployment at the end of a sync (kubernetes v1.34.1 pkg/controller/deployment/{sync,progress}.go). */
import type { ReplicaSet } from '../../api/generated/types.ts';
import { same } from '../../api/merge-patch.ts';
import { done, type Outcome } from '../controller.ts';
import { writeStatus, type Orphans, type Rollout, type Sorted, type Step } from './replicasets.ts';
import { rolloutStatusOf, statusOf, stuckCheckAfter } from './status.ts';

/** All ReplicaSets of the Deployment. */
export const all = ({ newSet, old }: Sorted): readonly ReplicaSet[] =>
  newSet === undefined ? old : [...old, newSet];

/** Writes what the ReplicaSets say, and nothing about progress (syncDeploymentStatus). */
export function* statusOnly(rollout: Rollout, sorted: Sorted): Step<Outcome<Orphans>> {
  const status = statusOf(rollout.deployment, all(sorted), sorted.newSet, rollout.now);
  if (!same(status, rollout.deployment.status)) yield* writeStatus(rollout, status);
  return done;
}

/** Writes the status with its progress; where nothing is new, says when to look whether the rollout is stuck (syncRolloutStatus). */
export function* rolloutStatus(rollout: Rollout, sorted: Sorted): Step<Outcome<Orphans>> {
  const { deployment } = rollout;
  const status = rolloutStatusOf(deployment, all(sorted), sorted.newSet, rollout.now);
  if (!same(status, deployment.status)) {
    yield* writeStatus(rollout, status);
    return done;
  }
  const again = stuckCheckAfter(deployment, status, rollout.now);
  return again === undefined ? done : { again };
}
