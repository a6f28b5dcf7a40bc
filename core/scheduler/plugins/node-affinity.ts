/**
 * nodeSelector and node affinity, required and preferred.
 * (kubernetes v1.34.1 plugins/nodeaffinity/node_affinity.go)
 */
import type { Node, NodeSelectorTerm, PodSpec, PreferredSchedulingTerm } from '../../api/generated/types.ts';
import {
  defaultNormalize,
  unresolvable,
  type EnqueuePlugin,
  type FilterPlugin,
  type PreFilterResult,
  type ScorePlugin,
} from '../framework.ts';
import { matchesAnyTerm, matchesTerm } from '../node-selector.ts';

const name = 'NodeAffinity';
const rejection = unresolvable(name, "node(s) didn't match Pod's node affinity/selector");
const conflict = unresolvable(name, 'pod affinity terms conflict');

const requiredTerms = (spec: PodSpec): readonly NodeSelectorTerm[] | undefined =>
  spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms;

const preferredTerms = (spec: PodSpec): readonly PreferredSchedulingTerm[] | undefined =>
  spec.affinity?.nodeAffinity?.preferredDuringSchedulingIgnoredDuringExecution;

function matchesRequired(spec: PodSpec, node: Node): boolean {
  const { nodeSelector } = spec;
  if (nodeSelector !== undefined) {
    const labels = node.metadata.labels ?? {};
    for (const key of Object.keys(nodeSelector)) if (labels[key] !== nodeSelector[key]) return false;
  }
  const terms = requiredTerms(spec);
  return terms === undefined || matchesAnyTerm(terms, node);
}

/** The nodes that terms name, where every term does; undefined where one leaves it open. */
function namedNodes(terms: readonly NodeSelectorTerm[]): readonly string[] | undefined {
  const union = new Set<string>();
  for (const term of terms) {
    let named: readonly string[] | undefined;
    for (const { key, operator, values = [] } of term.matchFields ?? [])
      if (key === 'metadata.name' && operator === 'In')
        named = named === undefined ? values : named.filter((value) => values.includes(value));
    if (named === undefined) return undefined;
    for (const value of named) union.add(value);
  }
  return [...union].sort();
}

export const nodeAffinity: FilterPlugin & ScorePlugin<readonly PreferredSchedulingTerm[]> & EnqueuePlugin = {
  name,
  preFilter({ spec }): PreFilterResult<undefined> {
    const terms = requiredTerms(spec);
    if (terms === undefined && Object.keys(spec.nodeSelector ?? {}).length === 0) return { outcome: 'skip' };
    const nodeNames = terms === undefined || terms.length === 0 ? undefined : namedNodes(terms);
    if (nodeNames?.length === 0) return { outcome: 'reject', rejection: conflict };
    return { outcome: 'filter', state: undefined, nodeNames };
  },
  filter: (pod, info) =>
    info.node !== undefined && matchesRequired(pod.spec, info.node) ? undefined : rejection,
  preScore(pod) {
    const terms = preferredTerms(pod.spec);
    return terms === undefined || terms.length === 0 ? undefined : { state: terms };
  },
  score(_pod, info, terms) {
    let sum = 0;
    for (const { preference, weight } of terms)
      if (info.node !== undefined && weight !== 0 && matchesTerm(preference, info.node)) sum += weight;
    return sum;
  },
  normalize(scores, count) {
    defaultNormalize(scores, count, false);
  },
  mayHelp(event, pod) {
    if (event.resource !== 'Node' || !matchesRequired(pod.spec, event.after)) return false;
    if (event.action === 'Add') return true;
    return event.action === 'UpdateNodeLabel' && !matchesRequired(pod.spec, event.before);
  },
};
