/** PodDisruptionBudgets and PriorityClasses. (kubernetes v1.34.1 pkg/apis/policy/validation, pkg/apis/scheduling/validation) */
import { forbidden, invalidValue } from '../field-error.ts';
import { internal } from '../go/internal.ts';
import type { PodDisruptionBudget, PriorityClass } from '../generated/types.ts';
import {
  checkImmutableField,
  checkIntOrPercent,
  checkLabelSelector,
  checkNotOverHundred,
  checkOneOf,
  json,
  type Errors,
} from './fields.ts';

export function checkDisruptionBudget(errors: Errors, { spec }: PodDisruptionBudget): void {
  if (spec === undefined) return;
  const { minAvailable, maxUnavailable } = spec;
  if (minAvailable !== undefined && maxUnavailable !== undefined)
    errors.push(
      invalidValue(
        'spec',
        internal('PodDisruptionBudgetSpec', spec),
        'minAvailable and maxUnavailable cannot be both set',
      ),
    );
  for (const part of ['minAvailable', 'maxUnavailable'] as const) {
    const value = spec[part];
    if (value === undefined) continue;
    checkIntOrPercent(errors, `spec.${part}`, value);
    checkNotOverHundred(errors, `spec.${part}`, value);
  }
  checkLabelSelector(errors, 'spec.selector', spec.selector);
  if (spec.unhealthyPodEvictionPolicy !== undefined)
    checkOneOf(errors, 'spec.unhealthyPodEvictionPolicy', spec.unhealthyPodEvictionPolicy, [
      'AlwaysAllow',
      'IfHealthyBudget',
    ]);
}

/** What a user may give: the rest is the system's. */
const highestOfUsers = 1_000_000_000;

/** The classes that Kubernetes itself makes. */
const systemClasses: Readonly<Record<string, number>> = {
  'system-node-critical': 2_000_001_000,
  'system-cluster-critical': 2_000_000_000,
};

export function checkPriorityClass(errors: Errors, priorityClass: PriorityClass): void {
  const name = nameOf(priorityClass);
  if (name.startsWith('system-')) {
    const problem = systemProblem(priorityClass);
    if (problem !== undefined)
      errors.push(
        forbidden(
          'metadata.name',
          `priority class names with 'system-' prefix are reserved for system use only. error: ${problem}`,
        ),
      );
  } else if (priorityClass.value > highestOfUsers)
    errors.push(forbidden('value', `maximum allowed value of a user defined priority is ${highestOfUsers}`));
  if (priorityClass.preemptionPolicy !== undefined)
    checkOneOf(errors, 'preemptionPolicy', priorityClass.preemptionPolicy, ['PreemptLowerPriority', 'Never']);
}

/** One without a name is refused for that already. */
const nameOf = ({ metadata }: PriorityClass): string => (metadata.name as string | undefined) ?? '';

function systemProblem(priorityClass: PriorityClass): string | undefined {
  const { value, globalDefault } = priorityClass;
  const name = nameOf(priorityClass);
  const wanted = Object.hasOwn(systemClasses, name) ? systemClasses[name] : undefined;
  if (wanted === undefined) return `${name} is not a known system priority class`;
  if (value !== wanted) return `value of ${name} PriorityClass must be ${wanted}`;
  if (globalDefault === true) return `globalDefault of ${name} PriorityClass must be false`;
  return undefined;
}

/** A class keeps its value: the Pods that were given it would not know. */
export function checkPriorityClassUpdate(errors: Errors, next: PriorityClass, before: PriorityClass): void {
  if (next.value !== before.value) errors.push(forbidden('value', 'may not be changed in an update.'));
  checkImmutableField(errors, 'preemptionPolicy', json(next.preemptionPolicy), json(before.preemptionPolicy));
}
