/**
 * What a PodDisruptionBudget says to an eviction, and what it remembers of it. (kubernetes v1.34.1
 * pkg/registry/core/pod/storage/eviction.go)
 */
import { isPodReady } from '../../api/pod.ts';
import type { Pod, PodDisruptionBudget } from '../../api/generated/types.ts';
import type { Status } from '../../api/request.ts';
import { labelSelectorRequirements, isSelectorError, matchesLabels } from '../../api/selector.ts';
import { forbiddenStatus, tooManyRequests } from '../../api/status.ts';
import { objectsIn, type View } from '../../api/view.ts';
import { timeText, type VirtualTime } from '../../time/time.ts';

/** Whether the Pod may go, and the budget as it is to be written first. */
export type Verdict =
  | { readonly may: 'go' }
  /** The Pod goes if it is still the one that was looked at: it was not ready then. */
  | { readonly may: 'go if unchanged' }
  | { readonly may: 'go after'; readonly budget: PodDisruptionBudget }
  | { readonly may: 'stay'; readonly status: Status };

/** A Pod that does no work needs no budget's leave. */
export function canIgnoreBudgets({ metadata, status }: Pod): boolean {
  const { phase } = status;
  return (
    phase === 'Succeeded' ||
    phase === 'Failed' ||
    phase === 'Pending' ||
    metadata.deletionTimestamp !== undefined
  );
}

/** The budgets of a Pod. One without a selector is nobody's. */
export function budgetsOf(pod: Pod, budgets: View): readonly PodDisruptionBudget[] {
  const found: PodDisruptionBudget[] = [];
  for (const object of objectsIn(budgets, pod.metadata.namespace)) {
    const budget = object as unknown as PodDisruptionBudget;
    const { selector } = budget.spec ?? {};
    if (selector === undefined) continue;
    const requirements = labelSelectorRequirements(selector);
    if (isSelectorError(requirements) || requirements.length === 0) continue;
    if (matchesLabels(requirements, pod.metadata.labels)) found.push(budget);
  }
  return found;
}

const moreThanOne: Status = {
  kind: 'Status',
  apiVersion: 'v1',
  metadata: {},
  status: 'Failure',
  message: 'This pod has more than one PodDisruptionBudget, which the eviction subresource does not support.',
  code: 500,
};

export function verdictOf(pod: Pod, budgets: readonly PodDisruptionBudget[], now: VirtualTime): Verdict {
  const [budget] = budgets;
  if (canIgnoreBudgets(pod) || budget === undefined) return { may: 'go' };
  if (budgets.length > 1) return { may: 'stay', status: moreThanOne };
  if (!isPodReady(pod)) {
    const { currentHealthy = 0, desiredHealthy = 0 } = budget.status ?? {};
    if (budget.spec?.unhealthyPodEvictionPolicy === 'AlwaysAllow') return { may: 'go if unchanged' };
    if (currentHealthy >= desiredHealthy && desiredHealthy > 0) return { may: 'go if unchanged' };
  }
  return afterDecrement(pod, budget, now);
}

/** Evictions that the controller of budgets has not seen yet. (MaxDisruptedPodSize) */
const mostDisrupted = 2000;

/** (checkAndDecrement) */
function afterDecrement(pod: Pod, budget: PodDisruptionBudget, now: VirtualTime): Verdict {
  const { name, generation = 0 } = budget.metadata;
  const { status } = budget;
  if ((status?.observedGeneration ?? 0) < generation)
    return { may: 'stay', status: stillBeingProcessed(name) };
  const { disruptionsAllowed = 0, disruptedPods = {}, desiredHealthy = 0, currentHealthy = 0 } = status ?? {};
  if (disruptionsAllowed < 0) return stay(name, 'pdb disruptions allowed is negative');
  if (Object.keys(disruptedPods).length > mostDisrupted)
    return stay(name, 'DisruptedPods map too big - too many evictions not confirmed by PDB controller');
  if (disruptionsAllowed === 0)
    return {
      may: 'stay',
      status: violation(
        0,
        `The disruption budget ${name} needs ${desiredHealthy} healthy pods and has ${currentHealthy} currently`,
      ),
    };
  const left = disruptionsAllowed - 1;
  const next: PodDisruptionBudget = {
    ...budget,
    status: {
      ...status,
      currentHealthy,
      desiredHealthy,
      expectedPods: status?.expectedPods ?? 0,
      disruptionsAllowed: left,
      disruptedPods: { ...disruptedPods, [pod.metadata.name]: timeText(now) },
      conditions: left === 0 ? withoutLeave(budget, now) : status?.conditions,
    },
  };
  return { may: 'go after', budget: { ...next, metadata: { ...next.metadata, resourceVersion: '' } } };
}

const stay = (budget: string, why: string): Verdict => ({
  may: 'stay',
  status: forbiddenStatus('poddisruptionbudget', budget, why),
});

/** The conditions once no disruption is left. (component-helpers/apps/poddisruptionbudget) */
function withoutLeave(
  { metadata, status }: PodDisruptionBudget,
  now: VirtualTime,
): NonNullable<PodDisruptionBudget['status']>['conditions'] {
  const conditions = status?.conditions ?? [];
  const before = conditions.find(({ type }) => type === 'DisruptionAllowed');
  const condition = {
    type: 'DisruptionAllowed',
    status: 'False',
    reason: 'InsufficientPods',
    message: '',
    observedGeneration: status?.observedGeneration ?? metadata.generation,
    lastTransitionTime: before?.status === 'False' ? before.lastTransitionTime : timeText(now),
  };
  return before === undefined
    ? [...conditions, condition]
    : conditions.map((old) => (old === before ? condition : old));
}

/** What an eviction is told that may be tried again soon. */
export const stillBeingProcessed = (budget: string): Status =>
  violation(10, `The disruption budget ${budget} is still being processed by the server.`);

function violation(retryAfterSeconds: number, message: string): Status {
  const status = tooManyRequests(
    "Cannot evict pod as it would violate the pod's disruption budget.",
    retryAfterSeconds,
  );
  const causes = [{ reason: 'DisruptionBudget', message }];
  return {
    ...status,
    details: retryAfterSeconds === 0 ? { causes } : { ...status.details, causes },
  };
}
