/**
 * The arithmetic of a PodDisruptionBudget: how many of its Pods are healthy, how many must be, and what its status says of
 * it (kubernetes v1.34.1 pkg/controller/disruption/disruption.go, component-helpers/apps/poddisruptionbudget/helpers.go).
 */
import { same } from '../../api/merge-patch.ts';
import { conditionOf, isPodReady, isTerminal } from '../../api/pod.ts';
import type {
  Condition,
  Pod,
  PodDisruptionBudget,
  PodDisruptionBudgetStatus,
} from '../../api/generated/types.ts';
import { minute, parseTimeText, timeText, type Duration, type VirtualTime } from '../../time/time.ts';
import { scaledValue } from '../deployment/math.ts';
import { disruptionTarget } from '../pod-condition.ts';

/** A Pod that was evicted is taken for gone this long; then it is taken for one that will stay (DeletionTimeout). */
const deletionTimeout: Duration = 2 * minute;
/** A Pod that was told it would go, and did not, is told otherwise after this (stalePodDisruptionTimeout). */
const staleDisruptionTimeout: Duration = 2 * minute;

/** True where the number of Pods does not tell how many there should be: the scales of their controllers do. */
export const needsScale = ({ spec }: PodDisruptionBudget): boolean =>
  spec.maxUnavailable !== undefined || typeof spec.minAvailable === 'string';

/** `scale`: how many Pods their controllers want together; asked for where `needsScale`. */
export function expectation(
  { spec }: PodDisruptionBudget,
  pods: number,
  scale: number,
): { readonly expected: number; readonly desired: number } {
  const { maxUnavailable, minAvailable } = spec;
  if (maxUnavailable !== undefined)
    return { expected: scale, desired: Math.max(scale - scaledValue(maxUnavailable, scale, true), 0) };
  if (typeof minAvailable === 'string')
    return { expected: scale, desired: scaledValue(minAvailable, scale, true) };
  return minAvailable === undefined ? { expected: 0, desired: 0 } : { expected: pods, desired: minAvailable };
}

export interface Disrupted {
  /** When each Pod was evicted that is still there and still expected to go, by its name. */
  readonly pods: Readonly<Record<string, string>>;
  /** When the first of them is no longer expected to go. */
  readonly recheckAt: VirtualTime | undefined;
  /** Pods that should have gone and did not. */
  readonly notDeleted: readonly Pod[];
}

/** What is left of the evictions that the budget remembers (buildDisruptedPodMap). */
export function disruptedPods(
  budget: PodDisruptionBudget,
  pods: readonly Pod[],
  now: VirtualTime,
): Disrupted {
  const known = budget.status.disruptedPods ?? {};
  const left: Record<string, string> = {};
  const notDeleted: Pod[] = [];
  let recheckAt: VirtualTime | undefined;
  for (const pod of pods) {
    const since = known[pod.metadata.name];
    if (since === undefined || pod.metadata.deletionTimestamp !== undefined) continue;
    const expected = (parseTimeText(since) ?? now) + deletionTimeout;
    if (expected < now) notDeleted.push(pod);
    else {
      left[pod.metadata.name] = since;
      if (recheckAt === undefined || expected < recheckAt) recheckAt = expected;
    }
  }
  return { pods: left, recheckAt, notDeleted };
}

/** Ready, neither being deleted nor evicted a moment ago. */
export function countHealthy(pods: readonly Pod[], disrupted: Disrupted['pods'], now: VirtualTime): number {
  let healthy = 0;
  for (const pod of pods) {
    if (pod.metadata.deletionTimestamp !== undefined || !isPodReady(pod)) continue;
    const since = disrupted[pod.metadata.name];
    if (since !== undefined && (parseTimeText(since) ?? now) + deletionTimeout > now) continue;
    healthy++;
  }
  return healthy;
}

/** The status that should be; undefined where it is so. No disruption is allowed while no Pod is expected. */
export function statusOf(
  budget: PodDisruptionBudget,
  found: { readonly expected: number; readonly desired: number; readonly healthy: number },
  disrupted: Disrupted['pods'],
  now: VirtualTime,
): PodDisruptionBudgetStatus | undefined {
  const { status } = budget;
  const { expected, desired, healthy } = found;
  const disruptionsAllowed = expected <= 0 ? 0 : Math.max(healthy - desired, 0);
  const { generation } = budget.metadata;
  if (
    status.currentHealthy === healthy &&
    status.desiredHealthy === desired &&
    status.expectedPods === expected &&
    status.disruptionsAllowed === disruptionsAllowed &&
    same(status.disruptedPods ?? {}, disrupted) &&
    status.observedGeneration === generation &&
    isUpToDate(status)
  )
    return undefined;
  return {
    ...(generation === undefined ? {} : { observedGeneration: generation }),
    ...(Object.keys(disrupted).length === 0 ? {} : { disruptedPods: disrupted }),
    disruptionsAllowed,
    currentHealthy: healthy,
    desiredHealthy: desired,
    expectedPods: expected,
    conditions: withCondition(status.conditions, allowedCondition(disruptionsAllowed, generation), now),
  };
}

/** The status after a sync that could not tell: nothing may be evicted, and the condition says why (failSafe). */
export const failedStatus = (
  { status }: PodDisruptionBudget,
  message: string,
  now: VirtualTime,
): PodDisruptionBudgetStatus => ({
  ...status,
  disruptionsAllowed: 0,
  conditions: withCondition(
    status.conditions,
    {
      type: 'DisruptionAllowed',
      status: 'False',
      observedGeneration: status.observedGeneration,
      reason: 'SyncFailed',
      message,
    },
    now,
  ),
});

type Wanted = Omit<Condition, 'lastTransitionTime'>;

const allowedCondition = (allowed: number, generation: number | undefined): Wanted => ({
  type: 'DisruptionAllowed',
  status: allowed > 0 ? 'True' : 'False',
  observedGeneration: generation,
  reason: allowed > 0 ? 'SufficientPods' : 'InsufficientPods',
  message: '',
});

function isUpToDate({
  conditions,
  disruptionsAllowed,
  observedGeneration,
}: PodDisruptionBudgetStatus): boolean {
  const condition = conditionOf({ conditions }, 'DisruptionAllowed');
  const wanted = allowedCondition(disruptionsAllowed, observedGeneration);
  return (
    condition?.observedGeneration === observedGeneration &&
    condition?.status === wanted.status &&
    condition.reason === wanted.reason
  );
}

/** The time of a condition's transition stays while its status does (apimachinery's SetStatusCondition). */
function withCondition(
  conditions: readonly Condition[] = [],
  wanted: Wanted,
  now: VirtualTime,
): readonly Condition[] {
  const before = conditions.find(({ type }) => type === wanted.type);
  const lastTransitionTime = before?.status === wanted.status ? before.lastTransitionTime : timeText(now);
  const next: Condition = { ...wanted, lastTransitionTime };
  return before === undefined
    ? [...conditions, next]
    : conditions.map((condition) => (condition === before ? next : condition));
}

/**
 * How long until a Pod that says it is a target of disruption, and is not being deleted, is told otherwise; undefined for
 * any other. What the kubelet said never grows stale: it may take long until such a Pod is deleted.
 */
export function staleAfter(pod: Pod, now: VirtualTime): Duration | undefined {
  if (pod.metadata.deletionTimestamp !== undefined) return undefined;
  const condition = conditionOf(pod.status, disruptionTarget);
  if (condition?.status !== 'True' || condition.reason === 'TerminationByKubelet' || isTerminal(pod))
    return undefined;
  const since = parseTimeText(condition.lastTransitionTime ?? '') ?? now;
  return Math.max(since + staleDisruptionTimeout - now, 0);
}
