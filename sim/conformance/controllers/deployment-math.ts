/**
 * deployment-math: how many Pods a rollout may have too many and too few, and the next size of its new ReplicaSet.
 * Every field is compared. The recorded strategy is that of the question NewRSNewReplicas alone; the fenceposts and
 * MinAvailable were asked of a RollingUpdate.
 */
import type { Deployment } from '../../../core/api/generated/types.ts';
import {
  maxSurge,
  maxUnavailable,
  newSize,
  resolveFenceposts,
  wantedReplicas,
} from '../../../core/controllers/deployment/math.ts';
import { wholeCaseFamily } from '../family.ts';

interface Case {
  readonly strategy: 'RollingUpdate' | 'Recreate';
  readonly replicas: number;
  readonly maxSurge: number | string;
  readonly maxUnavailable: number | string;
  readonly newRS: number;
  readonly oldRS: number;
}

export const deploymentMathFamily = wholeCaseFamily(
  'deployment-math',
  answerOf,
  ({ strategy, replicas, maxSurge, maxUnavailable, newRS, oldRS }) =>
    `${strategy} of ${replicas}, surge ${maxSurge}, unavailable ${maxUnavailable}, old ${oldRS}, new ${newRS}`,
);

function answerOf(asked: Case): object {
  const rolling = deploymentOf(asked, 'RollingUpdate');
  return {
    ...resolveFenceposts(asked.maxSurge, asked.maxUnavailable, asked.replicas),
    err: false,
    MaxSurge: maxSurge(rolling),
    MaxUnavailable: maxUnavailable(rolling),
    MinAvailable: wantedReplicas(rolling) - maxUnavailable(rolling),
    NewRSNewReplicas: newSize(deploymentOf(asked, asked.strategy), asked.newRS + asked.oldRS, asked.newRS),
  };
}

const deploymentOf = (asked: Case, type: Case['strategy']): Deployment =>
  ({
    spec: {
      replicas: asked.replicas,
      strategy: {
        type,
        rollingUpdate: { maxSurge: asked.maxSurge, maxUnavailable: asked.maxUnavailable },
      },
    },
  }) as Deployment;
