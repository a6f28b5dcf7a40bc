/**
 * nodeSelector and node affinity, required and preferred.
 * (kubernetes v1.34.1 plugins/nodeaffinity/node_affinity.go)
 */
import type { Node, NodeSelectorTerm, PodSpec, PreferredSchedulingTerm } from '../../api/generated/types.ts';
import type { PluginArguments } from '../arguments.ts';
import {
  defaultNormalize,
  unresolvable,
  type EnqueuePlugin,
  type FilterPlugin,
  type PreFilterResult,
  type Rejection,
  type ScorePlugin,
} from '../framework.ts';
import { matchesAnyTerm, matchesRequired, matchesTerm, requiredTerms } from '../../api/node-affinity.ts';

const name = 'NodeAffinity';
const rejection = unresolvable(name, "node(s) didn't match Pod's node affinity/selector");
const enforced = unresolvable(name, "node(s) didn't match scheduler-enforced node affinity");
const conflict = unresolvable(name, 'pod affinity terms conflict');

const noTerms: readonly PreferredSchedulingTerm[] = [];

const preferredTerms = (spec: PodSpec): readonly PreferredSchedulingTerm[] =>
  spec.affinity?.nodeAffinity?.preferredDuringSchedulingIgnoredDuringExecution ?? noTerms;

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

type NodeAffinityPlugin = FilterPlugin & ScorePlugin<readonly PreferredSchedulingTerm[]> & EnqueuePlugin;

/** `addedAffinity` holds for every Pod of the profile, beside its own. */
export function nodeAffinity({ addedAffinity }: PluginArguments['NodeAffinity']): NodeAffinityPlugin {
  const added = addedAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms;
  const addedPreferred = addedAffinity?.preferredDuringSchedulingIgnoredDuringExecution ?? noTerms;

  const judge = (spec: PodSpec, node: Node): Rejection | undefined => {
    if (added !== undefined && !matchesAnyTerm(added, node)) return enforced;
    return matchesRequired(spec, node) ? undefined : rejection;
  };

  return {
    name,
    byNode: true,
    preFilter({ spec }): PreFilterResult<undefined> {
      const terms = requiredTerms(spec);
      if (terms === undefined && added === undefined && Object.keys(spec.nodeSelector ?? {}).length === 0)
        return { outcome: 'skip' };
      const nodeNames = terms === undefined || terms.length === 0 ? undefined : namedNodes(terms);
      if (nodeNames?.length === 0) return { outcome: 'reject', rejection: conflict };
      return { outcome: 'filter', state: undefined, nodeNames };
    },
    filter: (pod, info) => (info.node === undefined ? rejection : judge(pod.spec, info.node)),
    preScore(pod) {
      const terms = [...addedPreferred, ...preferredTerms(pod.spec)];
      return terms.length === 0 ? undefined : { state: terms };
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
      if (event.resource !== 'Node' || event.action === 'Delete') return false;
      if (judge(pod.spec, event.after) !== undefined) return false;
      if (event.action === 'Add') return true;
      return event.action === 'UpdateNodeLabel' && judge(pod.spec, event.before) !== undefined;
    },
  };
}
