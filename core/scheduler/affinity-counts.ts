/**
 * Affinity between Pods, reckoned by the Pods of every node: how many of those that matter are in each domain.
 * (kubernetes v1.34.1 plugins/interpodaffinity/filtering.go)
 */
import type { Node } from '../api/generated/types.ts';
import type { Labels } from '../api/selector.ts';
import type { RequiredByRow } from './affinity-by-row.ts';
import { isAbout, isAboutAll, termsOf, type AffinityTerm } from './affinity-terms.ts';
import { eachNode, type Snapshot } from './framework.ts';
import type { NodeInfo } from './node-info.ts';
import type { PodInfo } from './pod-info.ts';

/** Sums by topology key and value. An entry that is down to zero is gone. */
export type Counts = ReadonlyMap<string, ReadonlyMap<string, number>>;
export type Sums = Map<string, Map<string, number>>;

/** The required terms of a Pod. */
export interface Required {
  readonly affinity: readonly AffinityTerm[];
  readonly antiAffinity: readonly AffinityTerm[];
  readonly namespaceLabels: Labels | undefined;
}

export interface Affinities extends Required {
  /** Pods that every required term is about. */
  readonly affinityCounts: Counts;
  readonly antiAffinityCounts: Counts;
  /** Pods whose anti-affinity is about the Pod. */
  readonly existingCounts: Counts;
  /** The same by the columns; absent once a Pod was added or taken away. */
  readonly byRow?: RequiredByRow | undefined;
}

/** The counts by the columns. The plain ones are made when somebody asks for them, as preemption does. */
export class LazyAffinities implements Affinities {
  readonly affinity: readonly AffinityTerm[];
  readonly antiAffinity: readonly AffinityTerm[];
  readonly namespaceLabels: Labels | undefined;
  readonly byRow: RequiredByRow;
  private readonly make: () => Counting;
  private made: Counting | undefined;

  constructor(
    { affinity, antiAffinity, namespaceLabels }: Required,
    byRow: RequiredByRow,
    make: () => Counting,
  ) {
    this.affinity = affinity;
    this.antiAffinity = antiAffinity;
    this.namespaceLabels = namespaceLabels;
    this.byRow = byRow;
    this.make = make;
  }

  get affinityCounts(): Counts {
    return (this.made ??= this.make()).affinityCounts;
  }

  get antiAffinityCounts(): Counts {
    return (this.made ??= this.make()).antiAffinityCounts;
  }

  get existingCounts(): Counts {
    return (this.made ??= this.make()).existingCounts;
  }
}

export function addTo(sums: Sums, { topologyKey }: AffinityTerm, node: Node, by: number): void {
  const value = node.metadata.labels?.[topologyKey];
  if (value === undefined) return;
  let values = sums.get(topologyKey);
  if (values === undefined) {
    values = new Map();
    sums.set(topologyKey, values);
  }
  values.set(value, (values.get(value) ?? 0) + by);
}

export interface Counting {
  readonly affinityCounts: Sums;
  readonly antiAffinityCounts: Sums;
  readonly existingCounts: Sums;
}

function addPod(sums: Counting, pod: PodInfo, state: Required, other: PodInfo, node: Node, by: 1 | -1): void {
  for (const term of termsOf(other).antiAffinity)
    if (isAbout(term, pod, state.namespaceLabels)) addTo(sums.existingCounts, term, node, by);
  if (isAboutAll(state.affinity, other))
    for (const term of state.affinity) addTo(sums.affinityCounts, term, node, by);
  for (const term of state.antiAffinity)
    if (isAbout(term, other, undefined)) addTo(sums.antiAffinityCounts, term, node, by);
}

export function counted(pod: PodInfo, terms: Required, snapshot: Snapshot): Counting {
  const sums: Counting = {
    affinityCounts: new Map(),
    antiAffinityCounts: new Map(),
    existingCounts: new Map(),
  };
  const some = hasTerms(terms);
  eachConcerned(some, snapshot, (info, node) => {
    for (const other of some ? info.pods : info.podsWithRequiredAntiAffinity)
      addPod(sums, pod, terms, other, node, 1);
  });
  return sums;
}

export const hasTerms = ({ affinity, antiAffinity }: Pick<Required, 'affinity' | 'antiAffinity'>): boolean =>
  affinity.length > 0 || antiAffinity.length > 0;

/** The nodes whose Pods have to be looked at: all, where the Pod itself has terms. */
export function eachConcerned(
  all: boolean,
  snapshot: Snapshot,
  visit: (info: NodeInfo, node: Node) => void,
): void {
  if (all) eachNode(snapshot, visit);
  else
    snapshot.affinityNodes.scan(undefined, undefined, (nodeName) => {
      const info = snapshot.nodes.get(nodeName);
      if (info?.node !== undefined) visit(info, info.node);
    });
}

const copied = (counts: Counts): Sums =>
  new Map([...counts].map(([key, values]) => [key, new Map(values)] as const));

/** The counts with one more Pod on a node, or without one of its Pods. */
export function countsWith(
  state: Affinities,
  pod: PodInfo,
  other: PodInfo,
  node: Node,
  by: 1 | -1,
): Affinities {
  const sums: Counting = {
    affinityCounts: copied(state.affinityCounts),
    antiAffinityCounts: copied(state.antiAffinityCounts),
    existingCounts: copied(state.existingCounts),
  };
  addPod(sums, pod, state, other, node, by);
  const { affinity, antiAffinity, namespaceLabels } = state;
  return { affinity, antiAffinity, namespaceLabels, ...sums };
}
