/** What a failed Pod means to its Job. (kubernetes v1.34.1 pkg/controller/job/pod_failure_policy.go) */
import type {
  ContainerStatus,
  Job,
  Pod,
  PodFailurePolicy,
  PodFailurePolicyOnExitCodesRequirement,
  PodFailurePolicyRule,
  PodStatus,
} from '../../api/generated/types.ts';

type Action = 'FailJob' | 'FailIndex' | 'Ignore' | 'Count';

export interface FailureVerdict {
  /** Of the first rule that the Pod meets; undefined: it meets none. */
  readonly action: Action | undefined;
  /** Whether the failure counts against a backoffLimit. */
  readonly counts: boolean;
  /** Why the Job fails, of FailJob. */
  readonly message: string | undefined;
}

const plainFailure: FailureVerdict = { action: undefined, counts: true, message: undefined };
const actions: readonly Action[] = ['FailJob', 'FailIndex', 'Ignore', 'Count'];

/** The verdict of the first rule that matches. */
export function judgeFailure(policy: PodFailurePolicy | undefined, pod: Pod): FailureVerdict {
  if (policy === undefined) return plainFailure;
  for (const [index, rule] of policy.rules.entries()) {
    const matched = matchOf(rule, pod);
    const action = actions.find((known) => known === rule.action);
    if (matched === undefined || action === undefined) continue;
    const message = action === 'FailJob' ? `${matched} matching FailJob rule at index ${index}` : undefined;
    return { action, counts: action !== 'Ignore', message };
  }
  return plainFailure;
}

/** The first reason among the failed Pods for the whole Job to fail. */
export function failJobMessage(job: Job, failed: readonly Pod[]): string | undefined {
  const { podFailurePolicy } = job.spec;
  if (podFailurePolicy === undefined) return undefined;
  for (const pod of failed) {
    const { message } = judgeFailure(podFailurePolicy, pod);
    if (message !== undefined) return message;
  }
  return undefined;
}

/** What of the Pod meets the rule, in words; undefined where nothing does. */
function matchOf(rule: PodFailurePolicyRule, pod: Pod): string | undefined {
  const name = `${pod.metadata.namespace ?? ''}/${pod.metadata.name}`;
  if (rule.onExitCodes !== undefined) {
    const status = containerMeeting(rule.onExitCodes, pod.status);
    return status === undefined
      ? undefined
      : `Container ${status.name} for pod ${name} failed with exit code ${status.state?.terminated?.exitCode ?? 0}`;
  }
  const condition = pod.status.conditions?.find((is) =>
    rule.onPodConditions?.some((pattern) => is.type === pattern.type && is.status === pattern.status),
  );
  return condition === undefined ? undefined : `Pod ${name} has condition ${condition.type}`;
}

/** Containers before init containers; one that still runs has no exit code, and 0 is no failure. */
function containerMeeting(
  { containerName, operator, values }: PodFailurePolicyOnExitCodesRequirement,
  { containerStatuses = [], initContainerStatuses = [] }: PodStatus,
): ContainerStatus | undefined {
  return [...containerStatuses, ...initContainerStatuses].find(({ name, state }) => {
    const exitCode = state?.terminated?.exitCode ?? 0;
    if (exitCode === 0 || (containerName !== undefined && containerName !== name)) return false;
    if (operator === 'In') return values.includes(exitCode);
    return operator === 'NotIn' && !values.includes(exitCode);
  });
}
