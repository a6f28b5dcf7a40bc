/** HorizontalPodAutoscalers and PodDisruptionBudgets. (kubernetes v1.34.1 pkg/printers/internalversion/printers.go) */
import type { HorizontalPodAutoscaler, PodDisruptionBudget } from '../generated/types.ts';
import { quantityText } from '../../text/quantity.ts';
import { age, integer, name, printer, text, type Printer } from './column.ts';
import { none, unset } from './format.ts';

export const horizontalPodAutoscalerPrinter: Printer = printer<HorizontalPodAutoscaler>([
  name,
  text('Reference', ({ spec }) => `${spec.scaleTargetRef.kind}/${spec.scaleTargetRef.name}`),
  text('Targets', targets),
  text('MinPods', ({ spec }) => (spec.minReplicas === undefined ? unset : `${spec.minReplicas}`)),
  text('MaxPods', ({ spec }) => spec.maxReplicas),
  text('Replicas', ({ status }) => status.currentReplicas ?? 0),
  age,
]);

type MetricSpec = NonNullable<HorizontalPodAutoscaler['spec']['metrics']>[number];
type MetricStatus = NonNullable<HorizontalPodAutoscaler['status']['currentMetrics']>[number];
type Source = keyof Omit<MetricSpec, 'type'>;
type Target = NonNullable<MetricSpec['external']>['target'];
type Current = NonNullable<MetricStatus['external']>['current'];

/** As many metrics as fit into a cell. */
const most = 2;

function targets({ spec, status }: HorizontalPodAutoscaler): string {
  const metrics = spec.metrics ?? [];
  if (metrics.length === 0) return none;
  const texts = metrics.slice(0, most).map((metric, i) => metricText(metric, status.currentMetrics?.[i]));
  const shown = texts.join(', ');
  return metrics.length > most ? `${shown} + ${metrics.length - most} more...` : shown;
}

const sources: Readonly<Record<string, Source>> = {
  External: 'external',
  Pods: 'pods',
  Object: 'object',
  Resource: 'resource',
  ContainerResource: 'containerResource',
};

function metricText(metric: MetricSpec, status: MetricStatus | undefined): string {
  const source = sources[metric.type];
  const target = source === undefined ? undefined : metric[source]?.target;
  if (source === undefined || target === undefined) return '<unknown type>';
  const current = status?.[source]?.current;
  switch (source) {
    case 'external':
    case 'object':
      return target.averageValue === undefined
        ? `${valueOr(current, current?.value)}/${quantity(target.value)}`
        : `${current?.averageValue === undefined ? unknown : quantity(current.averageValue)}/${quantity(target.averageValue)} (avg)`;
    case 'pods':
      return `${valueOr(current, current?.averageValue)}/${quantity(target.averageValue)}`;
    case 'resource':
    case 'containerResource':
      return `${metric[source]?.name ?? ''}: ${resourceText(target, current)}`;
  }
}

function resourceText(target: Target, current: Current | undefined): string {
  if (target.averageValue !== undefined)
    return `${valueOr(current, current?.averageValue)}/${quantity(target.averageValue)}`;
  const percent = (value: number | undefined, absent: string): string =>
    value === undefined ? absent : `${value}%`;
  return `${percent(current?.averageUtilization, unknown)}/${percent(target.averageUtilization, '<auto>')}`;
}

const unknown = '<unknown>';

const valueOr = (current: Current | undefined, value: string | number | undefined): string =>
  current === undefined ? unknown : quantity(value);

/** Go prints a quantity that is not there so. */
const quantity = (value: string | number | undefined): string =>
  value === undefined ? '<nil>' : quantityText(`${value}`);

export const podDisruptionBudgetPrinter: Printer = printer<PodDisruptionBudget>([
  name,
  text('Min Available', ({ spec }) => (spec.minAvailable === undefined ? 'N/A' : `${spec.minAvailable}`)),
  text('Max Unavailable', ({ spec }) =>
    spec.maxUnavailable === undefined ? 'N/A' : `${spec.maxUnavailable}`,
  ),
  integer('Allowed Disruptions', ({ status }) => status.disruptionsAllowed ?? 0),
  age,
]);
