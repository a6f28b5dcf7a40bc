/** When a Job has failed, and when it has succeeded. (kubernetes v1.34.1 pkg/apis/batch/validation/validation.go) */
import { duplicate, invalidValue, required, tooMany, unsupported, withoutValue } from '../field-error.ts';
import type { JobSpec } from '../generated/types.ts';
import { qualifiedNameErrors } from '../../text/label-format.ts';
import { checkForm, checkNotNegative, json, type Errors } from './fields.ts';

type FailureRule = NonNullable<JobSpec['podFailurePolicy']>['rules'][number];
type SuccessRule = NonNullable<JobSpec['successPolicy']>['rules'][number];

const mostRules = 20;
const mostExitCodes = 255;
const mostPatterns = 20;

export function checkFailurePolicy(errors: Errors, field: string, spec: JobSpec): void {
  if (spec.podFailurePolicy === undefined) return;
  const { rules } = spec.podFailurePolicy;
  if (rules.length > mostRules) errors.push(tooMany(`${field}.rules`, rules.length, mostRules));
  rules.forEach((rule, i) => {
    checkFailureRule(errors, `${field}.rules[${i}]`, rule, spec);
  });
}

const actions = ['Count', 'FailIndex', 'FailJob', 'Ignore'];
const quoted = (values: readonly string[]): string =>
  `valid values: [${values.map((value) => JSON.stringify(value)).join(' ')}]`;

function checkFailureRule(errors: Errors, field: string, rule: FailureRule, spec: JobSpec): void {
  const at = `${field}.action`;
  if (rule.action === '') errors.push(required(at, quoted(actions)));
  else if (rule.action === 'FailIndex') {
    if (spec.backoffLimitPerIndex === undefined)
      errors.push(invalidValue(at, rule.action, 'requires the backoffLimitPerIndex to be set'));
  } else if (!actions.includes(rule.action)) errors.push(unsupported(at, rule.action, actions));
  const conditions = rule.onPodConditions ?? [];
  if (rule.onExitCodes !== undefined) checkExitCodes(errors, `${field}.onExitCodes`, rule.onExitCodes, spec);
  if (conditions.length > 0) checkConditions(errors, `${field}.onPodConditions`, conditions);
  if (rule.onExitCodes !== undefined && conditions.length > 0)
    errors.push(withoutValue(field, 'specifying both OnExitCodes and OnPodConditions is not supported'));
  if (rule.onExitCodes === undefined && conditions.length === 0)
    errors.push(withoutValue(field, 'specifying one of OnExitCodes and OnPodConditions is required'));
}

const statuses = ['False', 'True', 'Unknown'];

function checkConditions(
  errors: Errors,
  field: string,
  patterns: NonNullable<FailureRule['onPodConditions']>,
): void {
  if (patterns.length > mostPatterns) errors.push(tooMany(field, patterns.length, mostPatterns));
  patterns.forEach(({ type, status = '' }, i) => {
    checkForm(errors, `${field}[${i}].type`, type, qualifiedNameErrors);
    if (status === '') errors.push(required(`${field}[${i}].status`, quoted(statuses)));
    else if (!statuses.includes(status)) errors.push(unsupported(`${field}[${i}].status`, status, statuses));
  });
}

const operators = ['In', 'NotIn'];

function checkExitCodes(
  errors: Errors,
  field: string,
  { operator, containerName, values }: NonNullable<FailureRule['onExitCodes']>,
  spec: JobSpec,
): void {
  if (operator === '') errors.push(required(`${field}.operator`, quoted(operators)));
  else if (!operators.includes(operator)) errors.push(unsupported(`${field}.operator`, operator, operators));
  const { containers = [], initContainers = [] } = spec.template.spec ?? {};
  const names = [...containers, ...initContainers].map(({ name }) => name);
  if (containerName !== undefined && !names.includes(containerName))
    errors.push(
      invalidValue(
        `${field}.containerName`,
        containerName,
        'must be one of the container or initContainer names in the pod template',
      ),
    );
  const at = `${field}.values`;
  if (values.length === 0) errors.push(invalidValue(at, json(values), 'at least one value is required'));
  else if (values.length > mostExitCodes) errors.push(tooMany(at, values.length, mostExitCodes));
  const seen = new Set<number>();
  values.forEach((value, i) => {
    if (operator === 'In' && value === 0)
      errors.push(invalidValue(`${at}[${i}]`, value, 'must not be 0 for the In operator'));
    if (seen.has(value)) errors.push(duplicate(`${at}[${i}]`, value));
    seen.add(value);
  });
  if (values.some((value, i) => i > 0 && (values[i - 1] ?? value) > value))
    errors.push(invalidValue(at, json(values), 'must be ordered'));
}

export function checkSuccessPolicy(errors: Errors, field: string, spec: JobSpec): void {
  if (spec.successPolicy === undefined) return;
  const { rules } = spec.successPolicy;
  if (rules.length === 0) errors.push(required(`${field}.rules`, 'at least one rules must be specified'));
  if (rules.length > mostRules) errors.push(tooMany(`${field}.rules`, rules.length, mostRules));
  rules.forEach((rule, i) => {
    checkSuccessRule(errors, `${field}.rules[${i}]`, rule, spec.completions ?? 0);
  });
}

/** 64 KiB. */
const mostIndexBytes = 65_536;

function checkSuccessRule(errors: Errors, field: string, rule: SuccessRule, completions: number): void {
  const { succeededIndexes: indexes, succeededCount: count } = rule;
  if (indexes === undefined && count === undefined)
    errors.push(required(field, 'at least one of succeededCount or succeededIndexes must be specified'));
  let total = 0;
  if (indexes !== undefined) {
    const at = `${field}.succeededIndexes`;
    if (indexes.length > mostIndexBytes)
      errors.push({ type: 'Too long', field: at, detail: `may not be more than ${mostIndexBytes} bytes` });
    const found = countIndexes(indexes, completions);
    if (typeof found === 'string')
      errors.push(invalidValue(at, indexes, `error parsing succeededIndexes: ${found}`));
    else total = found;
  }
  if (count === undefined) return;
  const at = `${field}.succeededCount`;
  checkNotNegative(errors, at, count);
  if (count > completions)
    errors.push(
      invalidValue(
        at,
        count,
        `must be less than or equal to ${completions} (the number of specified completions)`,
      ),
    );
  if (indexes !== undefined && count > total)
    errors.push(
      invalidValue(
        at,
        count,
        `must be less than or equal to ${total} (the number of indexes in the specified succeededIndexes field)`,
      ),
    );
}

/** How many indices `1,3-5` names; or why it cannot be read. */
function countIndexes(text: string, completions: number): number | string {
  if (text === '') return 0;
  let last: number | undefined;
  let total = 0;
  for (const interval of text.split(',')) {
    const limits = interval.split('-');
    if (limits.length > 2)
      return `the fragment ${JSON.stringify(interval)} violates the requirement that an index interval can have at most two parts separated by '-'`;
    for (const limit of limits) {
      if (!/^[+-]?\d+$/.test(limit))
        return `cannot convert string to integer for index: ${JSON.stringify(limit)}`;
      const index = Number(limit);
      if (index >= completions) return `too large index: ${JSON.stringify(limit)}`;
      if (last !== undefined && last >= index)
        return `non-increasing order, previous: ${last}, current: ${index}`;
      last = index;
    }
    total += Number(limits.at(-1)) - Number(limits[0]) + 1;
  }
  return total;
}
