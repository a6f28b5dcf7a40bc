/**
 * Why a node selector cannot be read. Whether it matches is another question (node-affinity.ts): a
 * term that is found wrong here matches nothing there.
 * (kubernetes v1.34.1 component-helpers/scheduling/corev1/nodeaffinity/nodeaffinity.go)
 */
import { invalidValue, unsupported, type FieldError } from './field-error.ts';
import type { NodeSelectorRequirement, NodeSelectorTerm } from './generated/types.ts';
import { requirementErrors, type Requirement } from './selector.ts';

const operators: Readonly<Record<string, Requirement['operator']>> = {
  In: 'in',
  NotIn: 'notin',
  Exists: 'exists',
  DoesNotExist: '!',
  Gt: 'gt',
  Lt: 'lt',
};

/** Everything that is wrong with a term, at `nodeSelectorTerms[index]`. */
export function nodeSelectorTermErrors(term: NodeSelectorTerm, index: number): readonly FieldError[] {
  const at = `nodeSelectorTerms[${index}]`;
  return [
    ...(term.matchExpressions ?? []).flatMap((expression, i) =>
      expressionErrors(expression, `${at}.matchExpressions[${i}]`),
    ),
    ...(term.matchFields ?? []).flatMap((expression, i) =>
      fieldErrors(expression, `${at}.matchFields[${i}]`),
    ),
  ];
}

function expressionErrors(
  { key, operator, values = [] }: NodeSelectorRequirement,
  at: string,
): readonly FieldError[] {
  const known = operators[operator];
  if (known === undefined) return [unsupported(`${at}.operator`, operator, Object.keys(operators))];
  return requirementErrors({ key, operator: known, values }, true, at);
}

function fieldErrors({ operator, values = [] }: NodeSelectorRequirement, at: string): readonly FieldError[] {
  if (operator !== 'In' && operator !== 'NotIn')
    return [unsupported(`${at}.operator`, operator, ['In', 'NotIn'])];
  return values.length === 1 ? [] : [invalidValue(`${at}.values`, values, 'must have one element')];
}
