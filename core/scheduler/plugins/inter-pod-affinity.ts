/**
 * Pods that want to be near to others, or far from them, by the values of a node label; and the Pods that are there
 * already have a say too. (kubernetes v1.34.1 plugins/interpodaffinity/filtering.go and scoring.go)
 */
import type { Node } from '../../api/generated/types.ts';
import { matchesLabels, type Labels } from '../../api/selector.ts';
import {
  isNearAll,
  isNearAny,
  requiredByRow,
  sumUp,
  weightedCounts,
  type WeightedCounts,
} from '../affinity-by-row.ts';
import {
  addTo,
  countsWith,
  counted,
  eachConcerned,
  hasTerms,
  LazyAffinities,
  type Affinities,
  type Counts,
  type Required,
  type Sums,
} from '../affinity-counts.ts';
import {
  isAbout,
  isAboutAll,
  resolved,
  termsOf,
  type AffinityTerm,
  type WeightedTerm,
} from '../affinity-terms.ts';
import type { PluginArguments } from '../arguments.ts';
import type { Columns } from '../columns.ts';
import {
  assignedPodOf,
  type ClusterEvent,
  filterEach,
  maxNodeScore,
  scoreEach,
  unresolvable,
  unschedulable,
  type EnqueuePlugin,
  type FilterPlugin,
  type ScorePlugin,
  type Snapshot,
} from '../framework.ts';
import type { PodInfo } from '../pod-info.ts';

const name = 'InterPodAffinity';
const affinityUnmet = unresolvable(name, "node(s) didn't match pod affinity rules");
const antiAffinityUnmet = unschedulable(name, "node(s) didn't match pod anti-affinity rules");
const existingUnmet = unschedulable(name, "node(s) didn't satisfy existing pods anti-affinity rules");

/** What the preferences of the Pod, and of those that are there, come to. */
interface Preferences {
  readonly sums: Counts;
  readonly byRow?: readonly WeightedCounts[];
}

const at = (counts: Counts, { topologyKey }: AffinityTerm, value: string): number =>
  counts.get(topologyKey)?.get(value) ?? 0;

const isEmpty = (counts: Counts): boolean => {
  for (const values of counts.values()) for (const sum of values.values()) if (sum !== 0) return false;
  return true;
};

function affinityMet(pod: PodInfo, node: Node, { affinity, affinityCounts }: Affinities): boolean {
  let found = true;
  for (const term of affinity) {
    const value = node.metadata.labels?.[term.topologyKey];
    if (value === undefined) return false;
    if (at(affinityCounts, term, value) <= 0) found = false;
  }
  // The first of a group that wants to be together is let in where nobody is.
  return found || (isEmpty(affinityCounts) && isAboutAll(affinity, pod));
}

function antiAffinityMet(node: Node, { antiAffinity, antiAffinityCounts }: Affinities): boolean {
  for (const term of antiAffinity) {
    const value = node.metadata.labels?.[term.topologyKey];
    if (value !== undefined && at(antiAffinityCounts, term, value) > 0) return false;
  }
  return true;
}

function existingMet(node: Node, { existingCounts }: Affinities): boolean {
  for (const [key, values] of existingCounts) {
    const value = node.metadata.labels?.[key];
    if (value !== undefined && (values.get(value) ?? 0) > 0) return false;
  }
  return true;
}

function addWeighted(
  sums: Sums,
  terms: readonly WeightedTerm[],
  pod: PodInfo,
  labels: Labels | undefined,
  node: Node,
  sign: 1 | -1,
): void {
  for (const term of terms) if (isAbout(term, pod, labels)) addTo(sums, term, node, sign * term.weight);
}

/** Values between the least and the most found, on a scale of 0..100. */
function normalize(scores: Float64Array, count: number): void {
  let min = Infinity;
  let max = -Infinity;
  for (let i = 0; i < count; i++) {
    const score = scores[i] as number;
    if (score < min) min = score;
    if (score > max) max = score;
  }
  const range = max - min;
  for (let i = 0; i < count; i++)
    scores[i] = range > 0 ? Math.trunc(maxNodeScore * (((scores[i] as number) - min) / range)) : 0;
}

const noSums: Counts = new Map();

/** The labels of its namespace. */
const labelsOf = (pod: PodInfo, { listers }: Snapshot): Labels | undefined =>
  listers.namespaces.objects.get(pod.namespace)?.metadata.labels;

type InterPodAffinity = FilterPlugin<Affinities> & ScorePlugin<Preferences> & EnqueuePlugin;

export function interPodAffinity(args: PluginArguments['InterPodAffinity']): InterPodAffinity {
  const { hardPodAffinityWeight, ignorePreferredTermsOfExistingPods, exactNamespaceSelector } = args;

  const requiredBy = (pod: PodInfo, snapshot: Snapshot): Required => {
    const { namespaces } = snapshot.listers;
    const own = termsOf(pod);
    return {
      affinity: resolved(own.affinity, namespaces, exactNamespaceSelector),
      antiAffinity: resolved(own.antiAffinity, namespaces, exactNamespaceSelector),
      namespaceLabels: labelsOf(pod, snapshot),
    };
  };

  function sumsFor(pod: PodInfo, snapshot: Snapshot): Sums {
    const { namespaces } = snapshot.listers;
    const own = termsOf(pod);
    const affinity = resolved(own.preferredAffinity, namespaces, exactNamespaceSelector);
    const antiAffinity = resolved(own.preferredAntiAffinity, namespaces, exactNamespaceSelector);
    const prefers = affinity.length > 0 || antiAffinity.length > 0;
    const labels = labelsOf(pod, snapshot);
    const sums: Sums = new Map();
    if (ignorePreferredTermsOfExistingPods && !prefers) return sums;
    eachConcerned(prefers, snapshot, (info, node) => {
      for (const other of prefers ? info.pods : info.podsWithAffinity) {
        addWeighted(sums, affinity, other, undefined, node, 1);
        addWeighted(sums, antiAffinity, other, undefined, node, -1);
        const terms = termsOf(other);
        if (hardPodAffinityWeight > 0)
          for (const term of terms.affinity)
            if (isAbout(term, pod, labels)) addTo(sums, term, node, hardPodAffinityWeight);
        addWeighted(sums, terms.preferredAffinity, pod, labels, node, 1);
        addWeighted(sums, terms.preferredAntiAffinity, pod, labels, node, -1);
      }
    });
    return sums;
  }

  function preferencesByRow(pod: PodInfo, snapshot: Snapshot, columns: Columns): readonly WeightedCounts[] {
    const { preferredAffinity, preferredAntiAffinity } = termsOf(pod);
    const prefers = preferredAffinity.length > 0 || preferredAntiAffinity.length > 0;
    if (!prefers && snapshot.affinityNodes.size === 0) return [];
    const { namespaces } = snapshot.listers;
    return weightedCounts(columns, pod, {
      affinity: resolved(preferredAffinity, namespaces, exactNamespaceSelector),
      antiAffinity: resolved(preferredAntiAffinity, namespaces, exactNamespaceSelector),
      namespaceLabels: labelsOf(pod, snapshot),
      hardPodAffinityWeight,
      ignorePreferredTermsOfExistingPods,
    });
  }

  return {
    name,
    bySpec: ({ affinity }) => affinity?.podAffinity === undefined && affinity?.podAntiAffinity === undefined,
    preFilter(pod, snapshot) {
      if (!hasTerms(termsOf(pod)) && snapshot.affinityNodes.size === 0) return { outcome: 'skip' };
      const terms = requiredBy(pod, snapshot);
      const sums = counted(pod, terms, snapshot);
      if (!hasTerms(terms) && sums.existingCounts.size === 0) return { outcome: 'skip' };
      return { outcome: 'filter', state: { ...terms, ...sums } };
    },
    preFilterRows(pod, snapshot, columns) {
      if (!hasTerms(termsOf(pod)) && snapshot.affinityNodes.size === 0) return { outcome: 'skip' };
      const terms = requiredBy(pod, snapshot);
      const byRow = requiredByRow(columns, pod, terms);
      if (!hasTerms(terms) && byRow.existing.length === 0) return { outcome: 'skip' };
      const state = new LazyAffinities(terms, byRow, () => counted(pod, terms, snapshot));
      return { outcome: 'filter', state };
    },
    filter(pod, { node }, state) {
      if (node === undefined || !affinityMet(pod, node, state)) return affinityUnmet;
      if (!antiAffinityMet(node, state)) return antiAffinityUnmet;
      return existingMet(node, state) ? undefined : existingUnmet;
    },
    filterRows(pod, batch, state) {
      const { byRow } = state;
      if (byRow === undefined) {
        filterEach(this, pod, batch, state);
        return;
      }
      const { rows, from, to, verdicts } = batch;
      for (let i = from; i < to; i++) {
        if (verdicts[i] !== undefined) continue;
        const row = rows[i] as number;
        if (!isNearAll(byRow, row)) verdicts[i] = affinityUnmet;
        else if (isNearAny(byRow.antiAffinity, row)) verdicts[i] = antiAffinityUnmet;
        else if (isNearAny(byRow.existing, row)) verdicts[i] = existingUnmet;
      }
    },
    changed: (pod, state, other, node, by) => countsWith(state, pod, other, node, by),
    alike: (pod, snapshot, columns) =>
      preferencesByRow(pod, snapshot, columns).length === 0 ? 'nothing' : undefined,
    preScore(pod, snapshot) {
      const sums = sumsFor(pod, snapshot);
      return sums.size === 0 ? undefined : { state: { sums } };
    },
    preScoreRows(pod, snapshot, { columns }) {
      const byRow = preferencesByRow(pod, snapshot, columns);
      return byRow.length === 0 ? undefined : { state: { sums: noSums, byRow } };
    },
    score(_pod, { node }, { sums }) {
      let score = 0;
      for (const [key, values] of sums) {
        const value = node?.metadata.labels?.[key];
        if (value !== undefined) score += values.get(value) ?? 0;
      }
      return score;
    },
    scoreRows(pod, feasible, state, scores) {
      if (state.byRow === undefined) scoreEach(this, pod, feasible, state, scores);
      else sumUp(state.byRow, feasible, scores);
    },
    normalize,
    mayHelp(event, pod) {
      const { affinity, antiAffinity } = termsOf(pod);
      switch (event.resource) {
        case 'Node':
          return nodeMayHelp(event, affinity, antiAffinity);
        case 'AssignedPod': {
          const other = assignedPodOf(event);
          const mentions = (terms: readonly AffinityTerm[], whom: PodInfo): boolean =>
            terms.some((term) => mayBeAbout(term, whom));
          if (event.action === 'UpdatePodScaleDown') return false;
          if (event.action === 'UpdatePodLabel')
            return (
              (!areAbout(affinity, event.before) && areAbout(affinity, event.after)) ||
              (areAbout(antiAffinity, event.before) && !areAbout(antiAffinity, event.after))
            );
          if (event.action === 'Delete')
            return mentions(antiAffinity, other) || mentions(termsOf(other).antiAffinity, pod);
          return areAbout(affinity, other);
        }
        default:
          return false;
      }
    },
  };
}

/** plugin.go, podMatchesAllAffinityTerms */
const areAbout = (terms: readonly AffinityTerm[], pod: PodInfo): boolean =>
  terms.length > 0 && terms.every((term) => mayBeAbout(term, pod));

/**
 * A node helps who wants to be near others if it comes into a domain, and who wants to be apart also if it leaves one. Who
 * wants neither was rejected for what others want: any other domain may help. (plugin.go, isSchedulableAfterNodeChange)
 */
function nodeMayHelp(
  event: ClusterEvent & { readonly resource: 'Node' },
  affinity: readonly AffinityTerm[],
  antiAffinity: readonly AffinityTerm[],
): boolean {
  if (event.action !== 'Add' && event.action !== 'UpdateNodeLabel') return false;
  if (affinity.length + antiAffinity.length === 0) return true;
  const after = event.after.metadata.labels;
  const before = event.action === 'Add' ? undefined : event.before.metadata.labels;
  const moved = ({ topologyKey }: AffinityTerm): boolean => before?.[topologyKey] !== after?.[topologyKey];
  return (
    affinity.some((term) => after?.[term.topologyKey] !== undefined && moved(term)) ||
    antiAffinity.some(moved)
  );
}

/** As far as can be told without the labels of its namespace. */
const mayBeAbout = (term: AffinityTerm, pod: PodInfo): boolean =>
  (term.namespaces.has(pod.namespace) || term.namespaceSelector !== undefined) &&
  matchesLabels(term.selector, pod.labels);
