/**
 * deployment-progress: whether a Deployment's new status says that its rollout is complete, goes on, or has stopped for
 * longer than its deadline. Every field is compared.
 */
import type { DeploymentStatus } from '../../../core/api/generated/types.ts';
import { hasProgressed, hasTimedOut, isComplete } from '../../../core/controllers/deployment/status.ts';
import { parseTimeText } from '../../../core/time/time.ts';
import { wholeCaseFamily } from '../family.ts';
import { deploymentOf } from './deployment-case.ts';

interface Case {
  readonly generation: number;
  readonly replicas: number;
  readonly progressDeadlineSeconds: number;
  readonly oldStatus: DeploymentStatus;
  readonly newStatus: DeploymentStatus;
  readonly now: string;
}

export const deploymentProgressFamily = wholeCaseFamily('deployment-progress', answerOf);

function answerOf({ generation, oldStatus, newStatus, now, ...spec }: Case): object {
  const { replicas, progressDeadlineSeconds } = spec;
  const made = deploymentOf({ replicas, progressDeadlineSeconds });
  const deployment = { ...made, metadata: { ...made.metadata, generation } };
  return {
    complete: isComplete(deployment, newStatus),
    progressing: hasProgressed(oldStatus, newStatus),
    timedOut: hasTimedOut(deployment, newStatus, parseTimeText(now) ?? 0),
  };
}
