/**
 * deployment-reconcile-old: what a RollingUpdate takes from the old ReplicaSets in one sync: first what is of no use, then
 * what may be missed. Every field is compared, the writes in their order.
 */
import type { ReplicaSet } from '../../../core/api/generated/types.ts';
import { shrinkOld } from '../../../core/controllers/deployment/rolling.ts';
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
  readonly replicas: number;
  readonly replicaSets: readonly DescribedSet[];
}

export const deploymentReconcileOldFamily = wholeCaseFamily('deployment-reconcile-old', answerOf);

function answerOf({ maxSurge, maxUnavailable, replicas, replicaSets }: Case): object {
  const sets = replicaSets.map(replicaSetOf);
  const newSet = sets.find(({ metadata }) => metadata.name === 'new');
  if (newSet === undefined) return { error: 'there is no new ReplicaSet' };
  const strategy = rollingUpdateOf(maxSurge, maxUnavailable);
  const rollout = rolloutOf(deploymentOf({ replicas, strategy }), sets);
  const old = rollout.sets.filter((set) => set !== newSet);
  const updates: object[] = [];
  const { result: scaled } = play(shrinkOld(rollout, newSet, old), 0, (request) => {
    if (request.verb === 'update')
      updates.push({ rs: request.name, spec: (request.object as unknown as ReplicaSet).spec.replicas });
    return granted(request);
  });
  return { scaled, updates: updates.length === 0 ? null : updates };
}
