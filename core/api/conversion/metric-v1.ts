/** Metrics in the words of autoscaling/v1, as its annotations hold them. (kubernetes v1.34.1 pkg/apis/autoscaling/v1/conversion.go) */
import type {
  CrossVersionObjectReference,
  LabelSelector,
  MetricSpec,
  MetricStatus,
  MetricTarget,
  Quantity,
} from '../generated/types.ts';
import type { Fields } from './loose-json.ts';

/** The fields a metric of v1 may have, whatever its source. */
interface SourceV1 {
  readonly name?: string;
  readonly container?: string;
  readonly target?: CrossVersionObjectReference;
  readonly metricName?: string;
  readonly selector?: LabelSelector;
  readonly metricSelector?: LabelSelector;
  readonly targetValue?: Quantity;
  readonly averageValue?: Quantity;
  readonly targetAverageValue?: Quantity;
  readonly targetAverageUtilization?: number;
  readonly currentValue?: Quantity;
  readonly currentAverageValue?: Quantity;
  readonly currentAverageUtilization?: number;
}

const nothing: Quantity = '0';

/** As Go's struct orders its fields. */
const reference = ({ kind, name, apiVersion }: CrossVersionObjectReference): object => ({
  kind,
  name,
  apiVersion,
});

/** A metric as v1 writes it; fields that are undefined are not written. */
export function metricToV1({
  type,
  object,
  pods,
  resource,
  containerResource,
  external,
}: MetricSpec): object {
  return {
    type,
    object: object && {
      target: reference(object.describedObject),
      metricName: object.metric.name,
      targetValue: object.target.value ?? nothing,
      selector: object.metric.selector,
      averageValue: object.target.averageValue,
    },
    pods: pods && {
      metricName: pods.metric.name,
      targetAverageValue: pods.target.averageValue ?? nothing,
      selector: pods.metric.selector,
    },
    resource: resource && {
      name: resource.name,
      targetAverageUtilization: resource.target.averageUtilization,
      targetAverageValue: resource.target.averageValue,
    },
    containerResource: containerResource && {
      name: containerResource.name,
      targetAverageUtilization: containerResource.target.averageUtilization,
      targetAverageValue: containerResource.target.averageValue,
      container: containerResource.container,
    },
    external: external && {
      metricName: external.metric.name,
      metricSelector: external.metric.selector,
      targetValue: external.target.value,
      targetAverageValue: external.target.averageValue,
    },
  };
}

/** The status of a metric as v1 writes it. */
export function statusToV1({
  type,
  object,
  pods,
  resource,
  containerResource,
  external,
}: MetricStatus): object {
  return {
    type,
    object: object && {
      target: reference(object.describedObject),
      metricName: object.metric.name,
      currentValue: object.current.value ?? nothing,
      selector: object.metric.selector,
      averageValue: object.current.averageValue,
    },
    pods: pods && {
      metricName: pods.metric.name,
      currentAverageValue: pods.current.averageValue ?? nothing,
      selector: pods.metric.selector,
    },
    resource: resource && {
      name: resource.name,
      currentAverageUtilization: resource.current.averageUtilization,
      currentAverageValue: resource.current.averageValue ?? nothing,
    },
    containerResource: containerResource && {
      name: containerResource.name,
      currentAverageUtilization: containerResource.current.averageUtilization,
      currentAverageValue: containerResource.current.averageValue ?? nothing,
      container: containerResource.container,
    },
    external: external && {
      metricName: external.metric.name,
      metricSelector: external.metric.selector,
      currentValue: external.current.value ?? nothing,
      currentAverageValue: external.current.averageValue,
    },
  };
}

const sourceIn = (metric: Fields, part: string): SourceV1 | undefined => metric[part] as SourceV1 | undefined;

const given = <T extends object>(fields: T): T =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as T;

const identifier = (name: string | undefined, selector: LabelSelector | undefined) =>
  given({ name: name ?? '', selector });

const noTarget: CrossVersionObjectReference = { kind: '', name: '' };

/** The metric that v1 wrote. */
export function metricOfV1(metric: Fields): MetricSpec {
  const object = sourceIn(metric, 'object');
  const pods = sourceIn(metric, 'pods');
  const resource = sourceIn(metric, 'resource');
  const container = sourceIn(metric, 'containerResource');
  const external = sourceIn(metric, 'external');
  return given({
    type: String(metric['type'] ?? ''),
    object: object && {
      describedObject: object.target ?? noTarget,
      metric: identifier(object.metricName, object.selector),
      target: given({
        type: object.averageValue === undefined ? 'Value' : 'AverageValue',
        value: object.targetValue ?? nothing,
        averageValue: object.averageValue,
      }),
    },
    pods: pods && {
      metric: identifier(pods.metricName, pods.selector),
      target: { type: 'AverageValue', averageValue: pods.targetAverageValue ?? nothing },
    },
    resource: resource && { name: resource.name ?? '', target: resourceTarget(resource) },
    containerResource: container && {
      name: container.name ?? '',
      container: container.container ?? '',
      target: resourceTarget(container),
    },
    external: external && {
      metric: identifier(external.metricName, external.metricSelector),
      target: given({
        type: external.targetValue === undefined ? 'AverageValue' : 'Value',
        value: external.targetValue,
        averageValue: external.targetAverageValue,
      }),
    },
  });
}

const resourceTarget = (source: SourceV1): MetricTarget =>
  given({
    type: source.targetAverageUtilization === undefined ? 'AverageValue' : 'Utilization',
    averageUtilization: source.targetAverageUtilization,
    averageValue: source.targetAverageValue,
  });

/** The status of a metric that v1 wrote. */
export function statusOfV1(metric: Fields): MetricStatus {
  const object = sourceIn(metric, 'object');
  const pods = sourceIn(metric, 'pods');
  const resource = sourceIn(metric, 'resource');
  const container = sourceIn(metric, 'containerResource');
  const external = sourceIn(metric, 'external');
  const ofResource = (source: SourceV1) =>
    given({
      averageUtilization: source.currentAverageUtilization,
      averageValue: source.currentAverageValue ?? nothing,
    });
  return given({
    type: String(metric['type'] ?? ''),
    object: object && {
      describedObject: object.target ?? noTarget,
      metric: identifier(object.metricName, object.selector),
      current: given({ value: object.currentValue ?? nothing, averageValue: object.averageValue }),
    },
    pods: pods && {
      metric: identifier(pods.metricName, pods.selector),
      current: { averageValue: pods.currentAverageValue ?? nothing },
    },
    resource: resource && { name: resource.name ?? '', current: ofResource(resource) },
    containerResource: container && {
      name: container.name ?? '',
      container: container.container ?? '',
      current: ofResource(container),
    },
    external: external && {
      metric: identifier(external.metricName, external.metricSelector),
      current: given({
        value: external.currentValue ?? nothing,
        averageValue: external.currentAverageValue,
      }),
    },
  });
}
