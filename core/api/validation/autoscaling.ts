/** HorizontalPodAutoscalers. (kubernetes v1.34.1 pkg/apis/autoscaling/validation/validation.go) */
import { forbidden, invalidValue, required, unsupported } from '../field-error.ts';
import type {
  CrossVersionObjectReference,
  HorizontalPodAutoscaler,
  HPAScalingRules,
  MetricIdentifier,
  MetricSpec,
  MetricTarget,
} from '../generated/types.ts';
import { compareQuantities } from '../../text/quantity.ts';
import { checkForm, checkOneOf, checkQuantityNotNegative, pathSegment, type Errors } from './fields.ts';

export function checkAutoscaler(errors: Errors, { spec }: HorizontalPodAutoscaler): void {
  const { minReplicas: least, maxReplicas: most } = spec;
  if (least !== undefined && least < 1)
    errors.push(invalidValue('spec.minReplicas', least, 'must be greater than or equal to 1'));
  if (most < 1) errors.push(invalidValue('spec.maxReplicas', most, 'must be greater than 0'));
  if (least !== undefined && most < least)
    errors.push(invalidValue('spec.maxReplicas', most, 'must be greater than or equal to `minReplicas`'));
  checkReference(errors, 'spec.scaleTargetRef', spec.scaleTargetRef);
  checkTargetVersion(errors, 'spec.scaleTargetRef.apiVersion', spec.scaleTargetRef);
  (spec.metrics ?? []).forEach((metric, i) => {
    checkMetric(errors, `spec.metrics[${i}]`, metric);
  });
  checkRules(errors, 'spec.behavior.scaleUp', spec.behavior?.scaleUp);
  checkRules(errors, 'spec.behavior.scaleDown', spec.behavior?.scaleDown);
}

function checkReference(errors: Errors, field: string, reference: CrossVersionObjectReference): void {
  for (const part of ['kind', 'name'] as const)
    if (reference[part] === '') errors.push(required(`${field}.${part}`));
    else checkForm(errors, `${field}.${part}`, reference[part], pathSegment);
}

/** Of the core group only a ReplicationController can be scaled. */
function checkTargetVersion(
  errors: Errors,
  field: string,
  { apiVersion = '', kind }: CrossVersionObjectReference,
): void {
  const parts = apiVersion.split('/');
  if (parts.length > 2)
    errors.push(invalidValue(field, apiVersion, `unexpected GroupVersion string: ${apiVersion}`));
  else if (parts.length < 2 && kind !== 'ReplicationController')
    errors.push(invalidValue(field, apiVersion, 'apiVersion must specify API group'));
}

const sources = ['object', 'external', 'pods', 'resource', 'containerResource'] as const;
type Source = (typeof sources)[number];

const sourceOfType: Readonly<Record<string, Source>> = {
  ContainerResource: 'containerResource',
  External: 'external',
  Object: 'object',
  Pods: 'pods',
  Resource: 'resource',
};

function checkMetric(errors: Errors, field: string, metric: MetricSpec): void {
  const types = Object.keys(sourceOfType);
  if (metric.type === '') errors.push(required(`${field}.type`, 'must specify a metric source type'));
  checkOneOf(errors, `${field}.type`, metric.type, types);
  const given = sources.filter((source) => metric[source] !== undefined);
  const [first] = given;
  if (first !== undefined) checkSource(errors, `${field}.${first}`, metric, first);
  const expected = sourceOfType[metric.type];
  if (expected === undefined) errors.push(unsupported(`${field}.type`, metric.type, types));
  else if (metric[expected] === undefined)
    errors.push(required(`${field}.${expected}`, 'must populate information for the given metric source'));
  if (given.length === 1) return;
  for (const source of given)
    if (source !== expected)
      errors.push(forbidden(`${field}.${source}`, 'must populate the given metric source only'));
}

function checkSource(errors: Errors, field: string, metric: MetricSpec, source: Source): void {
  const at = `${field}.target`;
  switch (source) {
    case 'object':
    case 'external': {
      if (metric.object !== undefined && source === 'object')
        checkReference(errors, `${field}.describedObject`, metric.object.describedObject);
      const given = metric[source];
      if (given === undefined) return;
      checkIdentifier(errors, `${field}.metric`, given.metric);
      checkTarget(errors, at, given.target);
      const { value, averageValue } = given.target;
      if (value === undefined && averageValue === undefined)
        errors.push(
          required(`${at}.averageValue`, 'must set either a target value for metric or a per-pod target'),
        );
      if (source === 'external' && value !== undefined && averageValue !== undefined)
        errors.push(
          forbidden(`${at}.value`, 'may not set both a target value for metric and a per-pod target'),
        );
      return;
    }
    case 'pods':
      if (metric.pods === undefined) return;
      checkIdentifier(errors, `${field}.metric`, metric.pods.metric);
      checkTarget(errors, at, metric.pods.target);
      if (!isPositive(metric.pods.target.averageValue))
        errors.push(required(`${at}.averageValue`, 'must specify a positive target averageValue'));
      return;
    case 'resource':
    case 'containerResource': {
      const given = metric[source];
      if (given === undefined) return;
      if (given.name === '') errors.push(required(`${field}.name`, 'must specify a resource name'));
      if (metric.containerResource?.container === '' && source === 'containerResource')
        errors.push(required(`${field}.container`, 'must specify a container'));
      checkTarget(errors, at, given.target);
      const { averageUtilization, averageValue } = given.target;
      if (averageUtilization === undefined && averageValue === undefined)
        errors.push(
          required(`${at}.averageUtilization`, 'must set either a target raw value or a target utilization'),
        );
      if (averageUtilization !== undefined && averageValue !== undefined)
        errors.push(
          forbidden(`${at}.averageValue`, 'may not set both a target raw value and a target utilization'),
        );
    }
  }
}

const isPositive = (quantity: string | undefined): boolean =>
  quantity !== undefined && compareQuantities(quantity, '0') > 0;

function checkIdentifier(errors: Errors, field: string, { name }: MetricIdentifier): void {
  if (name === '') errors.push(required(`${field}.name`, 'must specify a metric name'));
  else checkForm(errors, `${field}.name`, name, pathSegment);
}

function checkTarget(errors: Errors, field: string, target: MetricTarget): void {
  if (target.type === '') errors.push(required(`${field}.type`, 'must specify a metric target type'));
  if (!['Utilization', 'Value', 'AverageValue'].includes(target.type))
    errors.push(
      invalidValue(`${field}.type`, target.type, 'must be either Utilization, Value, or AverageValue'),
    );
  for (const part of ['value', 'averageValue'] as const)
    if (target[part] !== undefined && !isPositive(target[part]))
      errors.push(invalidValue(`${field}.${part}`, target[part], 'must be positive'));
  const { averageUtilization: utilization } = target;
  if (utilization !== undefined && utilization < 1)
    errors.push(invalidValue(`${field}.averageUtilization`, utilization, 'must be greater than 0'));
}

/** An hour, and half of one. */
const longestWindow = 3600;
const longestPeriod = 1800;

function checkRules(errors: Errors, field: string, rules: HPAScalingRules | undefined): void {
  if (rules === undefined) return;
  const window = rules.stabilizationWindowSeconds ?? 0;
  const at = `${field}.stabilizationWindowSeconds`;
  if (window < 0) errors.push(invalidValue(at, window, 'must be greater than or equal to zero'));
  if (window > longestWindow)
    errors.push(invalidValue(at, window, `must be less than or equal to ${longestWindow}`));
  if (rules.selectPolicy !== undefined)
    checkOneOf(errors, `${field}.selectPolicy`, rules.selectPolicy, ['Disabled', 'Max', 'Min']);
  const policies = rules.policies ?? [];
  if (policies.length === 0) errors.push(required(`${field}.policies`, 'must specify at least one Policy'));
  policies.forEach(({ type, value, periodSeconds }, i) => {
    const one = `${field}.policies[${i}]`;
    checkOneOf(errors, `${one}.type`, type, ['Percent', 'Pods']);
    if (value <= 0) errors.push(invalidValue(`${one}.value`, value, 'must be greater than zero'));
    if (periodSeconds <= 0)
      errors.push(invalidValue(`${one}.periodSeconds`, periodSeconds, 'must be greater than zero'));
    if (periodSeconds > longestPeriod)
      errors.push(
        invalidValue(`${one}.periodSeconds`, periodSeconds, `must be less than or equal to ${longestPeriod}`),
      );
  });
  if (rules.tolerance !== undefined) checkQuantityNotNegative(errors, `${field}.tolerance`, rules.tolerance);
}
