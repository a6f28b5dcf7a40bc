/**
 * deployment-scale: what a change of a Deployment's size makes of its ReplicaSets, each in proportion during a rollout.
 * Every field is compared. The Deployment's status has no replicas, as it was recorded.
 */
import type { ReplicaSet } from '../../../core/api/generated/types.ts';
import { scale } from '../../../core/controllers/deployment/scale.ts';
import { wholeCaseFamily } from '../family.ts';
import {
  deploymentOf,
  granted,
  replicaSetOf,
  rollingUpdateOf,
  rolloutOf,
  type DescribedSet,
} from './deployment-case.ts';
import { play } from './play.ts';

interface Case {
  readonly maxSurge: number | string;
  readonly maxUnavailable: number | string;
  readonly newDesired: number;
  readonly replicaSets: readonly DescribedSet[];
}

export const deploymentScaleFamily = wholeCaseFamily('deployment-scale', answerOf);

function answerOf({ maxSurge, maxUnavailable, newDesired, replicaSets }: Case): object {
  const strategy = rollingUpdateOf(maxSurge, maxUnavailable);
  const after = new Map(replicaSets.map((described) => [described.name, replicaSetOf(described)]));
  const newSet = after.get('new');
  const old = [...after.values()].filter((set) => set !== newSet);
  const rollout = rolloutOf(deploymentOf({ replicas: newDesired, strategy }), [...after.values()]);
  play(scale(rollout, { newSet, old }), 0, (request) => {
    if (request.verb === 'update') after.set(request.name, request.object as unknown as ReplicaSet);
    return granted(request);
  });
  return {
    after: Object.fromEntries([...after].map(([name, { spec }]) => [name, spec.replicas])),
    annotationsAfter: Object.fromEntries(
      [...after].map(([name, { metadata }]) => [name, metadata.annotations]),
    ),
  };
}
