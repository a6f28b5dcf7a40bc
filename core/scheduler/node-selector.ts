/** Matching of node selector terms. (kubernetes v1.34.1 component-helpers/scheduling/corev1/nodeaffinity/nodeaffinity.go) */
import { int64 } from '../api/selector.ts';
import type { Node, NodeSelectorRequirement, NodeSelectorTerm } from '../api/generated/types.ts';

/** Terms are alternatives; an empty term matches nothing, and one that cannot be understood neither. */
export const matchesAnyTerm = (terms: readonly NodeSelectorTerm[], node: Node): boolean =>
  terms.some((term) => matchesTerm(term, node));

export function matchesTerm(term: NodeSelectorTerm, node: Node): boolean {
  const { matchExpressions = [], matchFields = [] } = term;
  if (matchExpressions.length === 0 && matchFields.length === 0) return false;
  const labels = node.metadata.labels ?? {};
  return (
    matchExpressions.every((requirement) => matchesLabel(requirement, labels[requirement.key])) &&
    matchFields.every((requirement) => matchesField(requirement, node))
  );
}

function matchesLabel(
  { operator, values = [] }: NodeSelectorRequirement,
  value: string | undefined,
): boolean {
  switch (operator) {
    case 'In':
      return value !== undefined && values.includes(value);
    case 'NotIn':
      return value === undefined || !values.includes(value);
    case 'Exists':
      return value !== undefined;
    case 'DoesNotExist':
      return value === undefined;
    case 'Gt':
    case 'Lt': {
      const wanted = values.length === 1 ? int64(values[0] ?? '') : undefined;
      const found = value === undefined ? undefined : int64(value);
      if (wanted === undefined || found === undefined) return false;
      return operator === 'Gt' ? found > wanted : found < wanted;
    }
    default:
      return false;
  }
}

/** The only field there is; any other reads as empty. */
function matchesField({ key, operator, values = [] }: NodeSelectorRequirement, node: Node): boolean {
  if (values.length !== 1) return false;
  const found = key === 'metadata.name' ? node.metadata.name : '';
  if (operator === 'In') return values[0] === found;
  return operator === 'NotIn' && values[0] !== found;
}
