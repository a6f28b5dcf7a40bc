/**
 * deployment-progress: whether a Deployment's new status says that its rollout is complete, goes on, or has stopped for
 * longer than its deadline. Every field is compared.
 */
import type { DeploymentStatus } from '../../../core/api/generated/types.ts';
import { hasProgressed, hasTimedOut, isComplete } from '../../../core/controllers/deployment/status.ts';
import { parseTimeText } from '../../../core/time/time.ts';
import { firstDifference } from '../difference.ts';
import type { Family } from '../family.ts';
import { deploymentOf } from './deployment-case.ts';

interface Case {
  readonly name: string;
  readonly generation: number;
  readonly replicas: number;
  readonly progressDeadlineSeconds: number;
  readonly oldStatus: DeploymentStatus;
  readonly newStatus: DeploymentStatus;
  readonly now: string;
}

export const deploymentProgressFamily: Family = {
  name: 'deployment-progress',
  *answer(cases) {
    for (const recorded of cases) {
      const asked = recorded as unknown as Case;
      yield { name: asked.name, difference: firstDifference(recorded, { ...asked, ...answerOf(asked) }) };
    }
  },
};

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
