/**
 * How many replicas a metric asks for (kubernetes v1.34.1 pkg/controller/podautoscaler/replica_calculator.go and
 * metrics/utilization.go). Values are milli-units. A ratio within the tolerance of 1 asks for no change; what is not
 * known of a Pod is guessed against the change; and a guess never turns its direction.
 */
import type { Pod } from '../../api/generated/types.ts';
import { isPodReady } from '../../api/pod.ts';
import type { PodMetric, PodMetrics } from '../../metrics/pod-metric.ts';
import type { VirtualTime } from '../../time/time.ts';
import { groupPods, requestsOf, type PodGroups, type Warming } from './pod-groups.ts';

/** What a calculation goes by besides its metric. */
export interface Circumstances {
  readonly pods: readonly Pod[];
  readonly currentReplicas: number;
  /** How far a ratio may be from 1. */
  readonly tolerance: number;
  readonly warming: Warming;
  readonly now: VirtualTime;
}

export interface Calculation {
  readonly replicas: number;
  /** As the status tells it: the average of the Pods, or the value of an object. */
  readonly usage: number;
  /** Percent of the requests; 0 where the target is no utilization. */
  readonly utilization: number;
}

export interface Miscalculation {
  readonly error: string;
}

/** The average utilization of a resource against a target in percent of the requests. */
export function resourceReplicas(
  metrics: PodMetrics,
  resource: string,
  container: string,
  target: number,
  around: Circumstances,
): Calculation | Miscalculation {
  const groups = grouped(metrics, resource, around);
  if ('error' in groups) return groups;
  const requests = requestsOf(around.pods, resource, container);
  if (isWrong(requests)) return requests;
  const measured = utilizationOf(groups.counted, requests, target);
  if ('error' in measured) return measured;
  const { ratio, usage, utilization } = measured;
  const settled = settledWithoutGuess(groups, ratio, around);
  if (settled !== undefined) return { replicas: settled, usage, utilization };
  const onScaleDown = (pod: string): number =>
    wholeQuotient((requests[pod] ?? 0) * Math.max(100, target), 100);
  const guessed = withGuesses(groups, ratio, onScaleDown);
  const again = utilizationOf(guessed, requests, target);
  if ('error' in again) return again;
  return { replicas: sized(ratio, again.ratio, countOf(guessed), around), usage, utilization };
}

/** The average value of a metric of Pods; `resource` is empty for one that is no resource. */
export function averageReplicas(
  metrics: PodMetrics,
  resource: string,
  target: number,
  around: Circumstances,
): Calculation | Miscalculation {
  const groups = grouped(metrics, resource, around);
  if ('error' in groups) return groups;
  const { ratio, usage } = averageOf(groups.counted, target);
  const settled = settledWithoutGuess(groups, ratio, around);
  if (settled !== undefined) return { replicas: settled, usage, utilization: 0 };
  const guessed = withGuesses(groups, ratio, () => target);
  const replicas = sized(ratio, averageOf(guessed, target).ratio, countOf(guessed), around);
  return { replicas, usage, utilization: 0 };
}

/** The value of an object or of something outside of the cluster against a target for all replicas together. */
export function valueReplicas(
  value: number,
  target: number,
  around: Circumstances,
): Calculation | Miscalculation {
  const { pods, currentReplicas } = around;
  const ratio = value / target;
  const known = { usage: value, utilization: 0 };
  // From nothing there are no Pods to multiply: the ratio itself is the number.
  if (currentReplicas === 0) return { replicas: Math.ceil(ratio), ...known };
  if (isWithin(ratio, around)) return { replicas: currentReplicas, ...known };
  if (pods.length === 0) return { error: `unable to calculate ready pods: ${noPods}` };
  const ready = pods.filter((pod) => pod.status.phase === 'Running' && isPodReady(pod)).length;
  return { replicas: Math.ceil(ratio * ready), ...known };
}

/** The same against a target for each replica. `replicas` are those of the scale's status. */
export function valuePerPodReplicas(
  value: number,
  target: number,
  replicas: number,
  around: Circumstances,
): Calculation {
  const change = !isWithin(value / (target * replicas), around);
  return {
    replicas: change ? Math.ceil(value / target) : replicas,
    usage: int64Of(Math.ceil(value / replicas)),
    utilization: 0,
  };
}

const noPods = 'no pods returned by selector while calculating replica count';
const noMetrics = 'did not receive metrics for targeted pods (pods might be unready)';

const isWrong = (value: object): value is Miscalculation =>
  'error' in value && typeof value.error === 'string';

/** What a quotient of nothing by nothing, or of something by nothing, is as an int64 on amd64. */
const int64Of = (value: number): number => (Number.isFinite(value) ? value : -9223372036854775808);

function grouped(metrics: PodMetrics, resource: string, around: Circumstances): PodGroups | Miscalculation {
  if (around.pods.length === 0) return { error: noPods };
  const groups = groupPods(around.pods, metrics, resource, around.warming, around.now);
  return countOf(groups.counted) === 0 ? { error: noMetrics } : groups;
}

const countOf = (metrics: PodMetrics): number => Object.keys(metrics).length;

const isWithin = (ratio: number, { tolerance }: Circumstances): boolean =>
  1 - tolerance <= ratio && ratio <= 1 + tolerance;

/** The size where nothing need be guessed: every Pod that counts is known, or those that are not ready do not matter. */
function settledWithoutGuess(
  { readyCount, unready, missing }: PodGroups,
  ratio: number,
  around: Circumstances,
): number | undefined {
  if ((unready.length > 0 && ratio > 1) || missing.length > 0) return undefined;
  return isWithin(ratio, around) ? around.currentReplicas : Math.ceil(ratio * readyCount);
}

/** The metrics with a value for each Pod of which none is known: against the change that the others ask for. */
function withGuesses(
  { counted, unready, missing }: PodGroups,
  ratio: number,
  onScaleDown: (pod: string) => number,
): PodMetrics {
  const guessed: Record<string, PodMetric> = { ...counted };
  const guess = (value: number): PodMetric => ({ value, timestamp: 0, window: 0 });
  if (ratio < 1) for (const pod of missing) guessed[pod] = guess(onScaleDown(pod));
  if (ratio > 1) for (const pod of [...missing, ...unready]) guessed[pod] = guess(0);
  return guessed;
}

function sized(before: number, ratio: number, pods: number, around: Circumstances): number {
  const { currentReplicas } = around;
  const turned = (before < 1 && ratio > 1) || (before > 1 && ratio < 1);
  if (isWithin(ratio, around) || turned) return currentReplicas;
  const replicas = Math.ceil(ratio * pods);
  const backwards = (ratio < 1 && replicas > currentReplicas) || (ratio > 1 && replicas < currentReplicas);
  return backwards ? currentReplicas : replicas;
}

function utilizationOf(
  metrics: PodMetrics,
  requests: Readonly<Record<string, number>>,
  target: number,
): { readonly ratio: number; readonly usage: number; readonly utilization: number } | Miscalculation {
  let [used, requested, pods] = [0, 0, 0];
  for (const [pod, { value }] of Object.entries(metrics)) {
    const request = requests[pod];
    if (request === undefined) continue;
    used += value;
    requested += request;
    pods++;
  }
  if (requested === 0) return { error: 'no metrics returned matched known pods' };
  const utilization = wholeQuotient(used * 100, requested);
  return { ratio: utilization / target, usage: wholeQuotient(used, pods), utilization };
}

function averageOf(metrics: PodMetrics, target: number): { readonly ratio: number; readonly usage: number } {
  let sum = 0;
  for (const { value } of Object.values(metrics)) sum += value;
  const usage = wholeQuotient(sum, countOf(metrics));
  return { ratio: usage / target, usage };
}

/** Go's division of integers. The remainder is exact where the quotient as a fraction would be rounded. */
const wholeQuotient = (a: number, b: number): number => (a - (a % b)) / b;
