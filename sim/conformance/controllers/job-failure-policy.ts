/** job-failure-policy: what a podFailurePolicy makes of a failed Pod. Every field is compared. */
import type { Pod, PodFailurePolicy, PodStatus } from '../../../core/api/generated/types.ts';
import { judgeFailure } from '../../../core/controllers/job/failure-policy.ts';
import { wholeCaseFamily } from '../family.ts';

interface Case {
  readonly podFailurePolicy: PodFailurePolicy;
  readonly podStatus: PodStatus;
}

export const jobFailurePolicyFamily = wholeCaseFamily('job-failure-policy', answerOf);

function answerOf({ podFailurePolicy, podStatus }: Case): object {
  // The recorded Pod is always of this name: it stands in the messages alone.
  const pod = { metadata: { namespace: 'ns', name: 'pod-x' }, status: podStatus } as Pod;
  const { action, counts, message } = judgeFailure(podFailurePolicy, pod);
  return { action: action ?? '', countsAsFailure: counts, failJobMessage: message ?? null };
}
