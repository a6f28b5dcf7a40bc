/**
 * Which Pods a metric counts: those that are going or have failed do not, those that are not ready yet and those without
 * a metric are guessed at. (kubernetes v1.34.1 pkg/controller/podautoscaler/replica_calculator.go, groupPods)
 */
import type { Pod } from '../../api/generated/types.ts';
import { conditionOf, isRestartableInit } from '../../api/pod.ts';
import { milliValue } from '../../text/quantity.ts';
import type { PodMetric, PodMetrics } from '../../metrics/pod-metric.ts';
import { parseTimeText, type Duration, type VirtualTime } from '../../time/time.ts';

/** The flags `--horizontal-pod-autoscaler-cpu-initialization-period` and `-initial-readiness-delay`. */
export interface Warming {
  readonly cpuInitializationPeriod: Duration;
  readonly delayOfInitialReadinessStatus: Duration;
}

export interface PodGroups {
  readonly readyCount: number;
  readonly unready: readonly string[];
  /** Those the metrics API knows nothing of. */
  readonly missing: readonly string[];
  /** The metrics of the others. */
  readonly counted: PodMetrics;
}

export function groupPods(
  pods: readonly Pod[],
  metrics: PodMetrics,
  resource: string,
  warming: Warming,
  now: VirtualTime,
): PodGroups {
  const unready: string[] = [];
  const missing: string[] = [];
  const counted: Record<string, PodMetric> = { ...metrics };
  let readyCount = 0;
  for (const pod of pods) {
    const { name, deletionTimestamp } = pod.metadata;
    const metric = metrics[name];
    if (deletionTimestamp !== undefined || pod.status.phase === 'Failed') delete counted[name];
    else if (pod.status.phase === 'Pending') unready.push(name);
    else if (metric === undefined) missing.push(name);
    else if (resource === 'cpu' && isWarmingUp(pod, metric, warming, now)) unready.push(name);
    else readyCount++;
  }
  for (const name of unready) delete counted[name];
  return { readyCount, unready, missing, counted };
}

/** A Pod that starts uses more than it will: its CPU is not counted before it has been ready for a whole window. */
function isWarmingUp(pod: Pod, metric: PodMetric, warming: Warming, now: VirtualTime): boolean {
  const ready = conditionOf(pod.status, 'Ready');
  const started = timeOf(pod.status.startTime);
  if (ready === undefined || started === undefined) return true;
  const since = timeOf(ready.lastTransitionTime) ?? 0;
  if (started + warming.cpuInitializationPeriod > now)
    return ready.status === 'False' || metric.timestamp < since + metric.window;
  return ready.status === 'False' && started + warming.delayOfInitialReadinessStatus > since;
}

const timeOf = (text: string | undefined): VirtualTime | undefined =>
  text === undefined ? undefined : parseTimeText(text);

/** What each Pod (or one container of each) requests, in milli-units; or why that cannot be said. */
export function requestsOf(
  pods: readonly Pod[],
  resource: string,
  container: string,
): Readonly<Record<string, number>> | { readonly error: string } {
  const requests: Record<string, number> = {};
  for (const pod of pods) {
    const whole = container === '' ? pod.spec.resources?.requests?.[resource] : undefined;
    if (whole !== undefined) {
      requests[pod.metadata.name] = milliValue(whole);
      continue;
    }
    let sum = 0;
    for (const { name, resources } of lastingContainers(pod)) {
      if (container !== '' && container !== name) continue;
      const request = resources?.requests?.[resource];
      if (request === undefined)
        return { error: `missing request for ${resource} in container ${name} of Pod ${pod.metadata.name}` };
      sum += milliValue(request);
    }
    requests[pod.metadata.name] = sum;
  }
  return requests;
}

const lastingContainers = ({ spec }: Pod): Pod['spec']['containers'] => [
  ...spec.containers,
  ...(spec.initContainers ?? []).filter(isRestartableInit),
];
