/** Matching of node selector terms. (kubernetes v1.34.1 component-helpers/scheduling/corev1/nodeaffinity/nodeaffinity.go) */
import { int64 } from './selector.ts';
import type { NodeSelectorRequirement, NodeSelectorTerm, PodSpec } from './generated/types.ts';

/** What terms look at: a Node, or what a kubelet knows of its own. */
interface NamedNode {
  readonly metadata: {
    readonly name: string;
    readonly labels?: Readonly<Record<string, string>> | undefined;
  };
}

/** The terms of node affinity that a Pod requires; undefined: it has none. */
export const requiredTerms = (spec: PodSpec): readonly NodeSelectorTerm[] | undefined =>
  spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms;

/** Whether a node meets a Pod's nodeSelector and required node affinity. (GetRequiredNodeAffinity) */
export function matchesRequired(spec: PodSpec, node: NamedNode): boolean {
  const { nodeSelector } = spec;
  if (nodeSelector !== undefined) {
    const labels = node.metadata.labels ?? {};
    for (const key of Object.keys(nodeSelector)) if (labels[key] !== nodeSelector[key]) return false;
  }
  const terms = requiredTerms(spec);
  return terms === undefined || matchesAnyTerm(terms, node);
}

/** Terms are alternatives; an empty term matches nothing, and one that cannot be understood neither. */
export const matchesAnyTerm = (terms: readonly NodeSelectorTerm[], node: NamedNode): boolean =>
  terms.some((term) => matchesTerm(term, node));

export function matchesTerm(term: NodeSelectorTerm, node: NamedNode): boolean {
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
function matchesField({ key, operator, values = [] }: NodeSelectorRequirement, node: NamedNode): boolean {
  if (values.length !== 1) return false;
  const found = key === 'metadata.name' ? node.metadata.name : '';
  if (operator === 'In') return values[0] === found;
  return operator === 'NotIn' && values[0] !== found;
}
