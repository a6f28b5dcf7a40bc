/**
 * How many replicas each metric of an autoscaler asks for, and what its status tells of it; or why that is not known, in
 * the words of the real one (kubernetes v1.34.1 pkg/controller/podautoscaler/horizontal.go, computeReplicasForMetric).
 */
import type {
  HorizontalPodAutoscaler,
  MetricSpec,
  MetricStatus,
  MetricTarget,
  MetricValueStatus,
} from '../../api/generated/types.ts';
import { selectorGoText } from '../../api/go/selector-text.ts';
import { groupResource, resourceOfKind } from '../../api/kinds.ts';
import { milliValue, newMilliQuantity } from '../../text/quantity.ts';
import { requirementsOf } from '../../api/selector.ts';
import type { Load } from '../../metrics/load.ts';
import {
  externalMetric,
  objectMetric,
  podsMetrics,
  resourceMetrics,
  type LoadedPods,
} from '../../metrics/served.ts';
import {
  averageReplicas,
  resourceReplicas,
  valuePerPodReplicas,
  valueReplicas,
  type Circumstances,
} from './replica-calculator.ts';

/** What the metrics of one sync are taken from. */
export interface Measuring {
  readonly namespace: string;
  readonly loads: readonly Load[];
  readonly loaded: readonly LoadedPods[];
  readonly around: Circumstances;
  /** Replicas that the scale's status tells of. */
  readonly statusReplicas: number;
}

export interface Proposal {
  readonly replicas: number;
  /** What the metric is called in messages. */
  readonly metric: string;
  readonly status: MetricStatus;
}

export interface NoProposal {
  /** Of the Event and of the condition ScalingActive. */
  readonly reason: string;
  /** The message of the Event, and the end of the condition's. */
  readonly error: string;
  /** The same as the sync tells it in the end. */
  readonly whole: string;
}

/** One metric. `MetricStatus` is that of the specification's entry, in its place. */
export function proposalOf(metric: MetricSpec, measuring: Measuring): Proposal | NoProposal {
  if (metric.resource !== undefined) return ofResource(metric.resource, measuring);
  if (metric.containerResource !== undefined) return ofContainer(metric.containerResource, measuring);
  if (metric.pods !== undefined) return ofPods(metric.pods, measuring);
  if (metric.object !== undefined) return ofObject(metric.object, measuring);
  if (metric.external !== undefined) return ofExternal(metric.external, measuring);
  const error = `unknown metric source type "${metric.type}"`;
  return { reason: 'InvalidMetricSourceType', error, whole: error };
}

function ofResource(
  source: NonNullable<MetricSpec['resource']>,
  measuring: Measuring,
): Proposal | NoProposal {
  const { name } = source;
  const found = ofUsage(name, '', source.target, measuring);
  if ('error' in found)
    return {
      reason: 'FailedGetResourceMetric',
      error: found.error,
      whole: `failed to get ${name} resource metric value: ${found.error}`,
    };
  const { replicas, metric, current } = found;
  return { replicas, metric, status: { type: 'Resource', resource: { name, current } } };
}

function ofContainer(
  source: NonNullable<MetricSpec['containerResource']>,
  measuring: Measuring,
): Proposal | NoProposal {
  const { name, container } = source;
  const found = ofUsage(name, container, source.target, measuring);
  if ('error' in found)
    return {
      reason: 'FailedGetContainerResourceMetric',
      error: found.error,
      whole: `failed to get ${container} container metric value: ${found.error}`,
    };
  const { replicas, metric, current } = found;
  const status = { type: 'ContainerResource', containerResource: { container, name, current } };
  return { replicas, metric, status };
}

interface Measured {
  readonly replicas: number;
  readonly metric: string;
  readonly current: MetricValueStatus;
}

interface Wrong {
  readonly error: string;
}

/** A resource of Pods (or of one container of each): against an average value, or a percentage of the requests. */
function ofUsage(
  resource: string,
  container: string,
  target: MetricTarget,
  { loads, loaded, around }: Measuring,
): Measured | Wrong {
  const { averageValue, averageUtilization } = target;
  if (averageValue === undefined && averageUtilization === undefined)
    return {
      error:
        'invalid resource metric source: neither an average utilization target nor an average value (usage) target was set',
    };
  const what = averageValue === undefined ? 'utilization' : 'usage';
  const failed = (why: string): Wrong => ({ error: `failed to get ${resource} ${what}: ${why}` });
  const metrics = resourceMetrics(loads, loaded, around.pods, resource, container, around.now);
  if (isWrong(metrics)) return failed(`unable to get metrics for resource ${resource}: ${metrics.error}`);
  const found =
    averageValue === undefined
      ? resourceReplicas(metrics, resource, container, averageUtilization ?? 0, around)
      : averageReplicas(metrics, resource, milliValue(averageValue), around);
  if ('error' in found) return failed(found.error);
  const { replicas, usage, utilization } = found;
  if (averageValue !== undefined)
    return { replicas, metric: `${resource} resource`, current: { averageValue: quantity(usage) } };
  const whose = container === '' ? 'resource' : 'container resource';
  return {
    replicas,
    metric: `${resource} ${whose} utilization (percentage of request)`,
    current: { averageUtilization: utilization, averageValue: quantity(usage) },
  };
}

function ofPods(
  { metric, target }: NonNullable<MetricSpec['pods']>,
  { loads, loaded, around }: Measuring,
): Proposal | NoProposal {
  const failed = (error: string): NoProposal => ({
    reason: 'FailedGetPodsMetric',
    error,
    whole: `failed to get pods metric value: ${error}`,
  });
  const metrics = podsMetrics(loads, loaded, around.pods, metric.name, around.now);
  if (isWrong(metrics)) return failed(`unable to get metric ${metric.name}: ${metrics.error}`);
  const found = averageReplicas(metrics, '', milliValue(target.averageValue ?? '0'), around);
  if ('error' in found) return failed(found.error);
  const current = { averageValue: quantity(found.usage) };
  return {
    replicas: found.replicas,
    metric: `pods metric ${metric.name}`,
    status: { type: 'Pods', pods: { metric, current } },
  };
}

function ofObject(
  { metric, target, describedObject }: NonNullable<MetricSpec['object']>,
  { namespace, loads, around, statusReplicas }: Measuring,
): Proposal | NoProposal {
  const { apiVersion = 'v1', kind, name } = describedObject;
  const failed = (error: string, told = error): NoProposal => ({
    reason: 'FailedGetObjectMetric',
    error,
    whole: `failed to get object metric value: ${told}`,
  });
  const { value: total, averageValue } = target;
  const each = target.type === 'AverageValue' ? averageValue : undefined;
  if (each === undefined && (target.type !== 'Value' || total === undefined))
    return failed('invalid object metric source: neither a value target nor an average value target was set');
  const info = resourceOfKind(apiVersion, kind);
  const resource = info === undefined ? kind.toLowerCase() : groupResource(info);
  const value = objectMetric(loads, { kind, namespace, name }, resource, metric.name, around.now);
  if (typeof value !== 'number') {
    // The arguments of this message are in another order than its text: so it is in Kubernetes.
    const error = `unable to get metric ${metric.name}: ${kind} on ${namespace} ${name}/${value.error}`;
    return each === undefined
      ? failed(error)
      : failed(error, `failed to get ${metric.name} object metric: ${error}`);
  }
  if (each !== undefined) {
    const { replicas, usage } = valuePerPodReplicas(value, milliValue(each), statusReplicas, around);
    const current = { averageValue: quantity(usage) };
    const status = { type: 'Object', object: { describedObject, metric, current } };
    return { replicas, metric: externalName(metric), status };
  }
  const found = valueReplicas(value, milliValue(total ?? '0'), around);
  if ('error' in found) return failed(found.error);
  const object = { describedObject, metric, current: { value: quantity(found.usage) } };
  return {
    replicas: found.replicas,
    metric: `${kind} metric ${metric.name}`,
    status: { type: 'Object', object },
  };
}

function ofExternal(
  { metric, target }: NonNullable<MetricSpec['external']>,
  { namespace, loads, around, statusReplicas }: Measuring,
): Proposal | NoProposal {
  const failed = (error: string, told = error): NoProposal => ({
    reason: 'FailedGetExternalMetric',
    error,
    whole: `failed to get ${metric.name} external metric value: ${told}`,
  });
  const { averageValue: each, value: total } = target;
  if (each === undefined && total === undefined)
    return failed(
      'invalid external metric source: neither a value target nor an average value target was set',
    );
  const refused = (error: string): NoProposal =>
    failed(
      error,
      each === undefined
        ? `failed to get external metric ${metric.name}: ${error}`
        : `failed to get ${metric.name} external metric: ${error}`,
    );
  const selector = metric.selector === undefined ? [] : requirementsOf(metric.selector);
  const value = externalMetric(loads, namespace, metric.name, selector, around.now);
  if (typeof value !== 'number')
    return refused(
      `unable to get external metric ${namespace}/${metric.name}/${selectorGoText(metric.selector)}: ${value.error}`,
    );
  const found =
    each === undefined
      ? valueReplicas(value, milliValue(total ?? '0'), around)
      : valuePerPodReplicas(value, milliValue(each), statusReplicas, around);
  if ('error' in found) return refused(found.error);
  const usage = quantity(found.usage);
  const current = each === undefined ? { value: usage } : { averageValue: usage };
  return {
    replicas: found.replicas,
    metric: externalName(metric),
    status: { type: 'External', external: { metric, current } },
  };
}

const isWrong = (value: object): value is Wrong => 'error' in value && typeof value.error === 'string';

const quantity = (milli: number): string => newMilliQuantity(BigInt(milli), 'DecimalSI');

type Identifier = NonNullable<MetricSpec['external']>['metric'];

/** An object's metric for each Pod has this name too. */
const externalName = ({ name, selector }: Identifier): string =>
  `external metric ${name}(${selectorGoText(selector)})`;

/** What all metrics together ask for. */
export interface Recommendation {
  /** undefined: no metric, or not enough of them, could be read. */
  readonly replicas: number | undefined;
  readonly metric: string;
  readonly statuses: readonly MetricStatus[];
  readonly failures: readonly NoProposal[];
  /** Of the failures, where there are any. */
  readonly error: string | undefined;
}

/** The most that any metric asks for; one that cannot be read stands in the way of fewer, not of more. */
export function recommendationOf(
  { spec }: HorizontalPodAutoscaler,
  specReplicas: number,
  measuring: Measuring,
): Recommendation {
  const metrics = spec.metrics ?? [];
  const proposals = metrics.map((metric) => proposalOf(metric, measuring));
  const failures = proposals.filter((proposal): proposal is NoProposal => 'error' in proposal);
  const statuses = proposals.map((proposal) => ('error' in proposal ? { type: '' } : proposal.status));
  let [replicas, metric] = [0, ''];
  for (const proposal of proposals) {
    if ('error' in proposal || (replicas !== 0 && proposal.replicas <= replicas)) continue;
    replicas = proposal.replicas;
    metric = proposal.metric;
  }
  const first = failures[0];
  const error =
    first === undefined
      ? undefined
      : `invalid metrics (${failures.length} invalid out of ${metrics.length}), first error is: ${first.whole}`;
  const isUnknown = failures.length >= metrics.length || (failures.length > 0 && replicas < specReplicas);
  return { replicas: isUnknown ? undefined : replicas, metric, statuses, failures, error };
}
