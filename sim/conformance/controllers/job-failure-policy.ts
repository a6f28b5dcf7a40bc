/** job-failure-policy: what a podFailurePolicy makes of a failed Pod. Every field is compared. */
import type { Pod, PodFailurePolicy, PodStatus } from '../../../core/api/generated/types.ts';
import { judgeFailure } from '../../../core/controllers/job/failure-policy.ts';
import { firstDifference } from '../difference.ts';
import type { Family } from '../family.ts';

interface Case {
  readonly name: string;
  readonly podFailurePolicy: PodFailurePolicy;
  readonly podStatus: PodStatus;
}

export const jobFailurePolicyFamily: Family = {
  name: 'job-failure-policy',
  *answer(cases) {
    for (const recorded of cases) {
      const asked = recorded as unknown as Case;
      // The recorded Pod is always of this name: it stands in the messages alone.
      const pod = { metadata: { namespace: 'ns', name: 'pod-x' }, status: asked.podStatus } as Pod;
      const { action, counts, message } = judgeFailure(asked.podFailurePolicy, pod);
      const answer = { action: action ?? '', countsAsFailure: counts, failJobMessage: message ?? null };
      yield { name: asked.name, difference: firstDifference(recorded, { ...asked, ...answer }) };
    }
  },
};
