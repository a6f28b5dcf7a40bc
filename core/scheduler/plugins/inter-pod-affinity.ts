/**
 * Pods that want to be near to others, or far from them, by the values of a node label; and the Pods that are there
 * already have a say too. (kubernetes v1.34.1 plugins/interpodaffinity/filtering.go and scoring.go)
 */
import type { Node } from '../../api/generated/types.ts';
import { matchesLabels, type Labels } from '../../api/selector.ts';
import { isAbout, resolved, termsOf, type AffinityTerm, type WeightedTerm } from '../affinity-terms.ts';
import type { PluginArguments } from '../arguments.ts';
import {
  assignedPodOf,
  eachNode,
  maxNodeScore,
  unresolvable,
  unschedulable,
  type EnqueuePlugin,
  type FilterPlugin,
  type ScorePlugin,
  type Snapshot,
} from '../framework.ts';
import type { NodeInfo } from '../node-info.ts';
import type { PodInfo } from '../pod-info.ts';

const name = 'InterPodAffinity';
const affinityUnmet = unresolvable(name, "node(s) didn't match pod affinity rules");
const antiAffinityUnmet = unschedulable(name, "node(s) didn't match pod anti-affinity rules");
const existingUnmet = unschedulable(name, "node(s) didn't satisfy existing pods anti-affinity rules");

/** Sums by topology key and value. An entry that is down to zero is gone. */
type Counts = ReadonlyMap<string, ReadonlyMap<string, number>>;
type Sums = Map<string, Map<string, number>>;

interface Affinities {
  readonly affinity: readonly AffinityTerm[];
  readonly antiAffinity: readonly AffinityTerm[];
  readonly namespaceLabels: Labels | undefined;
  /** Pods that every required term is about. */
  readonly affinityCounts: Counts;
  readonly antiAffinityCounts: Counts;
  /** Pods whose anti-affinity is about the Pod. */
  readonly existingCounts: Counts;
}

function addTo(sums: Sums, { topologyKey }: AffinityTerm, node: Node, by: number): void {
  const value = node.metadata.labels?.[topologyKey];
  if (value === undefined) return;
  let values = sums.get(topologyKey);
  if (values === undefined) {
    values = new Map();
    sums.set(topologyKey, values);
  }
  values.set(value, (values.get(value) ?? 0) + by);
}

/** An own term is about a Pod by the namespaces that were looked up; its selector is asked of no labels again. */
const isAboutAll = (terms: readonly AffinityTerm[], pod: PodInfo): boolean =>
  terms.length > 0 && terms.every((term) => isAbout(term, pod, undefined));

interface Counting {
  readonly affinityCounts: Sums;
  readonly antiAffinityCounts: Sums;
  readonly existingCounts: Sums;
}

function count(
  sums: Counting,
  pod: PodInfo,
  state: Pick<Affinities, 'affinity' | 'antiAffinity' | 'namespaceLabels'>,
  other: PodInfo,
  node: Node,
  by: 1 | -1,
): void {
  for (const term of termsOf(other).antiAffinity)
    if (isAbout(term, pod, state.namespaceLabels)) addTo(sums.existingCounts, term, node, by);
  if (isAboutAll(state.affinity, other))
    for (const term of state.affinity) addTo(sums.affinityCounts, term, node, by);
  for (const term of state.antiAffinity)
    if (isAbout(term, other, undefined)) addTo(sums.antiAffinityCounts, term, node, by);
}

/** The nodes whose Pods have to be looked at: all, where the Pod itself has terms. */
function eachConcerned(all: boolean, snapshot: Snapshot, visit: (info: NodeInfo, node: Node) => void): void {
  if (all) eachNode(snapshot, visit);
  else
    snapshot.affinityNodes.scan(undefined, undefined, (nodeName) => {
      const info = snapshot.nodes.get(nodeName);
      if (info?.node !== undefined) visit(info, info.node);
    });
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

const copied = (counts: Counts): Sums =>
  new Map([...counts].map(([key, values]) => [key, new Map(values)] as const));

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

type InterPodAffinity = FilterPlugin<Affinities> & ScorePlugin<Counts> & EnqueuePlugin;

export function interPodAffinity(args: PluginArguments['InterPodAffinity']): InterPodAffinity {
  const { hardPodAffinityWeight, ignorePreferredTermsOfExistingPods, exactNamespaceSelector } = args;

  function sumsFor(pod: PodInfo, snapshot: Snapshot): Sums {
    const { namespaces } = snapshot.listers;
    const own = termsOf(pod);
    const affinity = resolved(own.preferredAffinity, namespaces, exactNamespaceSelector);
    const antiAffinity = resolved(own.preferredAntiAffinity, namespaces, exactNamespaceSelector);
    const prefers = affinity.length > 0 || antiAffinity.length > 0;
    const labels = namespaces.objects.get(pod.namespace)?.metadata.labels;
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

  return {
    name,
    preFilter(pod, snapshot) {
      const { namespaces } = snapshot.listers;
      const own = termsOf(pod);
      const affinity = resolved(own.affinity, namespaces, exactNamespaceSelector);
      const antiAffinity = resolved(own.antiAffinity, namespaces, exactNamespaceSelector);
      const namespaceLabels = namespaces.objects.get(pod.namespace)?.metadata.labels;
      const terms = { affinity, antiAffinity, namespaceLabels };
      const sums: Counting = {
        affinityCounts: new Map(),
        antiAffinityCounts: new Map(),
        existingCounts: new Map(),
      };
      const some = affinity.length > 0 || antiAffinity.length > 0;
      if (!some && snapshot.affinityNodes.size === 0) return { outcome: 'skip' };
      eachConcerned(some, snapshot, (info, node) => {
        for (const other of some ? info.pods : info.podsWithRequiredAntiAffinity)
          count(sums, pod, terms, other, node, 1);
      });
      if (!some && sums.existingCounts.size === 0) return { outcome: 'skip' };
      return { outcome: 'filter', state: { ...terms, ...sums } };
    },
    filter(pod, { node }, state) {
      if (node === undefined || !affinityMet(pod, node, state)) return affinityUnmet;
      if (!antiAffinityMet(node, state)) return antiAffinityUnmet;
      return existingMet(node, state) ? undefined : existingUnmet;
    },
    changed(pod, state, other, node, by) {
      const sums: Counting = {
        affinityCounts: copied(state.affinityCounts),
        antiAffinityCounts: copied(state.antiAffinityCounts),
        existingCounts: copied(state.existingCounts),
      };
      count(sums, pod, state, other, node, by);
      return { ...state, ...sums };
    },
    alike(pod, { affinityNodes }) {
      const { preferredAffinity, preferredAntiAffinity } = termsOf(pod);
      const wants = preferredAffinity.length > 0 || preferredAntiAffinity.length > 0;
      return !wants && affinityNodes.size === 0 ? 'nothing' : undefined;
    },
    preScore(pod, snapshot) {
      const sums = sumsFor(pod, snapshot);
      return sums.size === 0 ? undefined : { state: sums };
    },
    score(_pod, { node }, sums) {
      let score = 0;
      for (const [key, values] of sums) {
        const value = node?.metadata.labels?.[key];
        if (value !== undefined) score += values.get(value) ?? 0;
      }
      return score;
    },
    normalize,
    mayHelp(event, pod) {
      const { affinity, antiAffinity } = termsOf(pod);
      switch (event.resource) {
        case 'Node':
          return event.action !== 'UpdateNodeAllocatable';
        case 'AssignedPod': {
          const other = assignedPodOf(event);
          const mentions = (terms: readonly AffinityTerm[], whom: PodInfo): boolean =>
            terms.some((term) => mayBeAbout(term, whom));
          if (event.action === 'Delete')
            return mentions(antiAffinity, other) || mentions(termsOf(other).antiAffinity, pod);
          return mentions(affinity, other);
        }
        default:
          return false;
      }
    },
  };
}

/** As far as can be told without the labels of its namespace. */
const mayBeAbout = (term: AffinityTerm, pod: PodInfo): boolean =>
  (term.namespaces.has(pod.namespace) || term.namespaceSelector !== undefined) &&
  matchesLabels(term.selector, pod.labels);
