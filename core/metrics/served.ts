/**
 * What the metrics APIs serve: a function of the load, of the Pods as they are known, and of the time. The resource
 * metrics are those of a metrics-server that looks every 15 seconds; a Pod is in them once it has run for a whole
 * window. Errors are worded as client-go's metrics clients do. (k8s.io/metrics pkg/client, kubernetes v1.34.1
 * pkg/controller/podautoscaler/metrics/client.go)
 */
import type { Pod } from '../api/generated/types.ts';
import { conditionOf } from '../api/pod.ts';
import { milliValue } from '../text/quantity.ts';
import { matchesLabels, type Requirement } from '../api/selector.ts';
import { parseTimeText, second, type Duration, type VirtualTime } from '../time/time.ts';
import { demandAt } from './demand.ts';
import type { Load, PodLoad } from './load.ts';
import type { PodMetric, PodMetrics } from './pod-metric.ts';

/** `--metric-resolution` of the metrics-server. */
const resolution: Duration = 15 * second;

export interface NotServed {
  readonly error: string;
}

/** A load with its Pods, in the order of their keys. */
export interface LoadedPods {
  readonly load: PodLoad;
  readonly pods: readonly Pod[];
}

/** The usage of a resource by each of the selected Pods, or by one container of each (empty: by all of them). */
export function resourceMetrics(
  loads: readonly Load[],
  loaded: readonly LoadedPods[],
  selected: readonly Pod[],
  resource: string,
  container: string,
  now: VirtualTime,
): PodMetrics | NotServed {
  if (!loads.some(({ of }) => of === 'resource'))
    return notFetched(
      'resource',
      'the server could not find the requested resource (get pods.metrics.k8s.io)',
    );
  const at = lastLook(now);
  const metrics: Record<string, PodMetric> = {};
  for (const pod of selected) {
    if (!hasRunSince(pod, at - resolution)) continue;
    const names = pod.spec.containers.map(({ name }) => name);
    const { namespace = '', name } = pod.metadata;
    if (container !== '' && !names.includes(container))
      return { error: `container ${container} not present in metrics for pod ${namespace}/${name}` };
    let value = 0;
    for (const each of loaded)
      if (each.load.of === 'resource' && each.load.metric === resource) {
        const user = each.load.container ?? names[0];
        if (container === '' || container === user) value += usageOf(pod, each, at);
      }
    metrics[name] = { value, timestamp: at, window: resolution };
  }
  return Object.keys(metrics).length === 0
    ? { error: 'no metrics returned from resource metrics API' }
    : metrics;
}

/** A metric that the selected Pods have themselves. */
export function podsMetrics(
  loads: readonly Load[],
  loaded: readonly LoadedPods[],
  selected: readonly Pod[],
  metric: string,
  now: VirtualTime,
): PodMetrics | NotServed {
  if (!hasCustomMetrics(loads)) return noCustomMetrics;
  const concerned = loaded.filter(({ load }) => load.of === 'pods' && load.metric === metric);
  if (concerned.length === 0)
    return notFetched('custom', `the server could not find the metric ${metric} for pods`);
  const at = lastLook(now);
  const metrics: Record<string, PodMetric> = {};
  for (const pod of selected) {
    const own = concerned.filter(({ pods }) => pods.includes(pod));
    if (own.length === 0 || !hasRunSince(pod, at)) continue;
    const value = own.reduce((sum, each) => sum + usageOf(pod, each, at), 0);
    metrics[pod.metadata.name] = { value, timestamp: at, window: resolution };
  }
  return Object.keys(metrics).length === 0
    ? { error: 'no metrics returned from custom metrics API' }
    : metrics;
}

/** A metric of one object, in milli-units. `resource` is what its kind is called in messages: `services`. */
export function objectMetric(
  loads: readonly Load[],
  object: { readonly kind: string; readonly namespace: string; readonly name: string },
  resource: string,
  metric: string,
  now: VirtualTime,
): number | NotServed {
  if (!hasCustomMetrics(loads)) return noCustomMetrics;
  const { kind, namespace, name } = object;
  const found = loads.filter(
    (load) =>
      load.of === 'object' &&
      load.metric === metric &&
      load.kind === kind &&
      load.namespace === namespace &&
      load.name === name,
  );
  if (found.length > 0) return sumAt(found, now);
  return notFetched('custom', `the server could not find the metric ${metric} for ${resource} ${name}`);
}

/** A metric of something outside: the sum of all series with these labels. */
export function externalMetric(
  loads: readonly Load[],
  namespace: string,
  metric: string,
  selector: readonly Requirement[],
  now: VirtualTime,
): number | NotServed {
  if (!loads.some(({ of }) => of === 'external'))
    return notFetched(
      'external',
      `the server could not find the requested resource (get ${metric}.external.metrics.k8s.io)`,
    );
  const found = loads.filter(
    (load) =>
      load.of === 'external' &&
      load.metric === metric &&
      load.namespace === namespace &&
      matchesLabels(selector, load.labels),
  );
  return found.length === 0 ? { error: 'no metrics returned from external metrics API' } : sumAt(found, now);
}

const notFetched = (api: string, why: string): NotServed => ({
  error: `unable to fetch metrics from ${api} metrics API: ${why}`,
});

const noCustomMetrics = notFetched('custom', 'no custom metrics API (custom.metrics.k8s.io) registered');

const hasCustomMetrics = (loads: readonly Load[]): boolean =>
  loads.some(({ of }) => of === 'pods' || of === 'object');

const sumAt = (loads: readonly Load[], now: VirtualTime): number =>
  loads.reduce((sum, { demand }) => sum + demandAt(demand, lastLook(now)), 0);

const lastLook = (now: VirtualTime): VirtualTime => now - (now % resolution);

/** What a Pod uses: its own need, and its share of the demand while it is ready. */
function usageOf(pod: Pod, { load, pods }: LoadedPods, at: VirtualTime): number {
  const ready = pods.filter((each) => servesAt(each, at));
  const place = ready.indexOf(pod);
  if (!pods.includes(pod)) return 0;
  const demand = place < 0 ? 0 : demandAt(load.demand, at);
  // The first Pods have what cannot be divided: all shares together are the demand.
  const share = place < 0 ? 0 : Math.floor(demand / ready.length) + (place < demand % ready.length ? 1 : 0);
  return Math.min(load.perPod + share, load.most ?? limitOf(pod, load.metric));
}

/** What all containers together may use; without bounds where one has no limit. */
function limitOf({ spec }: Pod, resource: string): number {
  let sum = 0;
  for (const { resources } of spec.containers) {
    const limit = resources?.limits?.[resource];
    if (limit === undefined) return Infinity;
    sum += milliValue(limit);
  }
  return sum;
}

function servesAt(pod: Pod, at: VirtualTime): boolean {
  const ready = conditionOf(pod.status, 'Ready');
  return (
    ready?.status === 'True' &&
    pod.metadata.deletionTimestamp === undefined &&
    parsed(ready.lastTransitionTime) <= at
  );
}

const hasRunSince = ({ status }: Pod, time: VirtualTime): boolean =>
  status.phase === 'Running' && parsed(status.startTime) <= time;

const parsed = (text: string | undefined): VirtualTime =>
  (text === undefined ? undefined : parseTimeText(text)) ?? Infinity;
