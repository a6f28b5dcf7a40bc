/**
 * HorizontalPodAutoscaler between autoscaling/v1 and autoscaling/v2, which is stored. What v1 has no field for travels in
 * annotations. (kubernetes v1.34.1 pkg/apis/autoscaling/v1/conversion.go)
 */
import type {
  HorizontalPodAutoscaler,
  HorizontalPodAutoscalerBehavior,
  HorizontalPodAutoscalerStatus,
  HorizontalPodAutoscalerV1,
  HPAScalingRules,
  MetricSpec,
  ObjectMeta,
} from '../generated/types.ts';
import { metricOfV1, metricToV1, statusOfV1, statusToV1 } from './metric-v1.ts';
import { parsed, whole, type Fields } from './loose-json.ts';

const annotations = {
  metrics: 'autoscaling.alpha.kubernetes.io/metrics',
  currentMetrics: 'autoscaling.alpha.kubernetes.io/current-metrics',
  conditions: 'autoscaling.alpha.kubernetes.io/conditions',
  behavior: 'autoscaling.alpha.kubernetes.io/behavior',
} as const;

/** A target for cpu in percent of what was requested: what v1 has a field for. */
const cpuUtilization = (averageUtilization: number): MetricSpec => ({
  type: 'Resource',
  resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization } },
});
const defaultCpuUtilization = 80;

/** The v2 object a v1 object stands for. Without any metric it aims at 80 % of the cpu. */
export function fromV1(object: HorizontalPodAutoscalerV1): HorizontalPodAutoscaler {
  const { targetCPUUtilizationPercentage: target, ...rest } = object.spec;
  const noted = object.metadata.annotations ?? {};
  const metrics = (listIn(noted[annotations.metrics]) ?? []).map(metricOfV1);
  if (target !== undefined) metrics.push(cpuUtilization(target));
  if (metrics.length === 0) metrics.push(cpuUtilization(defaultCpuUtilization));
  const behavior = behaviorIn(noted[annotations.behavior]);
  return {
    apiVersion: 'autoscaling/v2',
    kind: 'HorizontalPodAutoscaler',
    metadata: withoutAnnotations(object.metadata),
    spec: { ...rest, metrics, ...(behavior === undefined ? {} : { behavior }) },
    status: statusFromV1(object),
  };
}

const noStatus: HorizontalPodAutoscalerV1['status'] = { currentReplicas: 0, desiredReplicas: 0 };

function statusFromV1(object: HorizontalPodAutoscalerV1): HorizontalPodAutoscalerStatus {
  const noted = object.metadata.annotations ?? {};
  const given = object.status as HorizontalPodAutoscalerV1['status'] | undefined;
  const { currentCPUUtilizationPercentage: current, currentReplicas, ...rest } = given ?? noStatus;
  // An optional number of v2, which is not written where it is zero.
  const status = currentReplicas === 0 ? rest : { ...rest, currentReplicas };
  const cpu =
    current === undefined
      ? undefined
      : [{ type: 'Resource', resource: { name: 'cpu', current: { averageUtilization: current } } }];
  const currentMetrics = listIn(noted[annotations.currentMetrics])?.map(statusOfV1) ?? cpu;
  const conditions = listIn(noted[annotations.conditions]);
  return {
    ...status,
    ...(currentMetrics === undefined ? {} : { currentMetrics }),
    ...(conditions === undefined
      ? {}
      : { conditions: conditions as unknown as HorizontalPodAutoscalerStatus['conditions'] }),
  };
}

/** The v1 object that shows a v2 object. */
export function toV1(object: HorizontalPodAutoscaler): HorizontalPodAutoscalerV1 {
  const { metrics = [], behavior, ...spec } = object.spec;
  const { currentMetrics = [], conditions = [], ...status } = object.status;
  const target = metrics.find(isCpuUtilization)?.resource?.target.averageUtilization;
  const others = metrics.filter((metric) => !isCpuUtilization(metric));
  const current = currentMetrics.find(
    ({ type, resource }) =>
      type === 'Resource' && resource?.name === 'cpu' && resource.current.averageUtilization !== undefined,
  )?.resource?.current.averageUtilization;
  const noted = {
    ...(others.length > 0 ? { [annotations.metrics]: JSON.stringify(others.map(metricToV1)) } : {}),
    ...(currentMetrics.length > 0
      ? { [annotations.currentMetrics]: JSON.stringify(currentMetrics.map(statusToV1)) }
      : {}),
    ...(conditions.length > 0 ? { [annotations.conditions]: JSON.stringify(conditions.map(inGoOrder)) } : {}),
    ...(behavior === undefined ? {} : { [annotations.behavior]: behaviorText(behavior) }),
  };
  return {
    apiVersion: 'autoscaling/v1',
    kind: 'HorizontalPodAutoscaler',
    metadata: withAnnotations(withoutAnnotations(object.metadata), noted),
    spec: { ...spec, ...(target === undefined ? {} : { targetCPUUtilizationPercentage: target }) },
    status: {
      ...status,
      currentReplicas: status.currentReplicas ?? 0,
      ...(current === undefined ? {} : { currentCPUUtilizationPercentage: current }),
    },
  };
}

const isCpuUtilization = ({ type, resource }: MetricSpec): boolean =>
  type === 'Resource' && resource?.name === 'cpu' && resource.target.averageUtilization !== undefined;

type Condition = NonNullable<HorizontalPodAutoscalerStatus['conditions']>[number];

const inGoOrder = ({ type, status, lastTransitionTime, reason, message }: Condition): object => ({
  type,
  status,
  lastTransitionTime: lastTransitionTime ?? null,
  reason,
  message,
});

/** The behaviour is written with the names of Go's internal struct, which has no tags. */
function behaviorText({ scaleUp, scaleDown }: HorizontalPodAutoscalerBehavior): string {
  const rules = (given: HPAScalingRules | undefined): object | null =>
    given === undefined
      ? null
      : {
          StabilizationWindowSeconds: given.stabilizationWindowSeconds ?? null,
          SelectPolicy: given.selectPolicy ?? null,
          Policies:
            given.policies?.map(({ type, value, periodSeconds }) => ({
              Type: type,
              Value: value,
              PeriodSeconds: periodSeconds,
            })) ?? null,
          Tolerance: given.tolerance ?? null,
        };
  return JSON.stringify({ ScaleUp: rules(scaleUp), ScaleDown: rules(scaleDown) });
}

function behaviorIn(text: string | undefined): HorizontalPodAutoscalerBehavior | undefined {
  const found = whole(parsed(text));
  if (found === undefined) return undefined;
  const [scaleUp, scaleDown] = [rulesIn(found['scaleup']), rulesIn(found['scaledown'])];
  if (scaleUp === undefined && scaleDown === undefined) return undefined;
  return {
    ...(scaleUp === undefined ? {} : { scaleUp }),
    ...(scaleDown === undefined ? {} : { scaleDown }),
  };
}

function rulesIn(given: unknown): HPAScalingRules | undefined {
  const found = whole(given);
  if (found === undefined) return undefined;
  const policies = Array.isArray(found['policies'])
    ? found['policies'].map((policy: unknown) => {
        const { type = '', value = 0, periodseconds = 0 } = whole(policy) ?? {};
        return { type: type as string, value: value as number, periodSeconds: periodseconds as number };
      })
    : undefined;
  const window = found['stabilizationwindowseconds'];
  const { selectpolicy, tolerance } = found;
  return {
    ...(typeof window === 'number' ? { stabilizationWindowSeconds: window } : {}),
    ...(typeof selectpolicy === 'string' ? { selectPolicy: selectpolicy } : {}),
    ...(policies === undefined ? {} : { policies }),
    ...(typeof tolerance === 'string' ? { tolerance } : {}),
  };
}

/** A list in an annotation; one that cannot be read is left out, as Kubernetes leaves it out. */
function listIn(text: string | undefined): readonly Fields[] | undefined {
  const found = parsed(text);
  return Array.isArray(found) ? (found as readonly Fields[]) : undefined;
}

const ours: ReadonlySet<string> = new Set(Object.values(annotations));

function withoutAnnotations(metadata: ObjectMeta): ObjectMeta {
  const given = metadata.annotations;
  if (given === undefined || !Object.keys(given).some((key) => ours.has(key))) return metadata;
  const { annotations: _, ...rest } = metadata;
  const kept = Object.fromEntries(Object.entries(given).filter(([key]) => !ours.has(key)));
  return Object.keys(kept).length === 0 ? rest : { ...rest, annotations: kept };
}

function withAnnotations(metadata: ObjectMeta, added: Readonly<Record<string, string>>): ObjectMeta {
  if (Object.keys(added).length === 0) return metadata;
  return { ...metadata, annotations: { ...metadata.annotations, ...added } };
}
