/** Affinity between Pods, reckoned by the columns: how many of the Pods that matter are in the domain of each node. */
import type { Labels } from '../api/selector.ts';
import { isAbout, isAboutAll, textOf, type AffinityTerm, type WeightedTerm } from './affinity-terms.ts';
import type { Columns } from './columns.ts';
import { domainCounts } from './domain-counts.ts';
import type { Feasible } from './framework.ts';
import { heldTerms } from './held-terms.ts';
import { noDomain } from './node-domains.ts';
import type { PodInfo } from './pod-info.ts';

/** Pods by the number of the domain, and the domain of every node. */
interface RowCounts {
  readonly domainOfRow: Int32Array;
  readonly pods: readonly number[];
  readonly total: number;
}

export interface RequiredByRow {
  /** For each term, the Pods that all of them are about. */
  readonly affinity: readonly RowCounts[];
  readonly antiAffinity: readonly RowCounts[];
  /** Pods whose anti-affinity is about the Pod. */
  readonly existing: readonly RowCounts[];
  /** The first of a group that wants to be together is let in where nobody is. */
  readonly first: boolean;
}

interface Terms<T extends AffinityTerm> {
  readonly affinity: readonly T[];
  readonly antiAffinity: readonly T[];
  readonly namespaceLabels: Labels | undefined;
}

/** How many Pods the terms are about, all of them, by the label of one. */
function countsOf(
  columns: Columns,
  terms: readonly AffinityTerm[],
  { topologyKey }: AffinityTerm,
): RowCounts {
  return domainCounts(columns, {
    key: `affinity ${terms.map(textOf).join(' ')}`,
    counts: (other) => isAboutAll(terms, other),
    topologyKey,
    requiredKeys: [topologyKey],
  });
}

export function requiredByRow(columns: Columns, pod: PodInfo, terms: Terms<AffinityTerm>): RequiredByRow {
  const affinity = terms.affinity.map((term) => countsOf(columns, terms.affinity, term));
  const existing: RowCounts[] = [];
  for (const held of heldTerms(columns).terms())
    if (held.sort === 'antiAffinity' && held.total > 0 && isAbout(held.term, pod, terms.namespaceLabels))
      existing.push(held);
  return {
    affinity,
    antiAffinity: terms.antiAffinity.map((term) => countsOf(columns, [term], term)),
    existing,
    first: affinity.every(({ total }) => total === 0) && isAboutAll(terms.affinity, pod),
  };
}

/** Whether a node is where every term of affinity wants the Pod to be. */
export function isNearAll({ affinity, first }: RequiredByRow, row: number): boolean {
  let found = true;
  for (const { domainOfRow, pods } of affinity) {
    const domain = domainOfRow[row] as number;
    if (domain === noDomain) return false;
    if ((pods[domain] ?? 0) === 0) found = false;
  }
  return found || first;
}

/** Whether any of the Pods are in a node's domain. */
export function isNearAny(counts: readonly RowCounts[], row: number): boolean {
  for (const { domainOfRow, pods } of counts) {
    const domain = domainOfRow[row] as number;
    if (domain !== noDomain && (pods[domain] ?? 0) > 0) return true;
  }
  return false;
}

/** What each Pod in the domain of a node adds to its score. */
export interface WeightedCounts {
  readonly counts: RowCounts;
  readonly weight: number;
}

interface Preferring extends Terms<WeightedTerm> {
  readonly hardPodAffinityWeight: number;
  readonly ignorePreferredTermsOfExistingPods: boolean;
}

/** Empty: nothing that is preferred concerns anybody. */
export function weightedCounts(columns: Columns, pod: PodInfo, terms: Preferring): readonly WeightedCounts[] {
  const { affinity, antiAffinity, namespaceLabels, hardPodAffinityWeight } = terms;
  const prefers = affinity.length > 0 || antiAffinity.length > 0;
  const found: WeightedCounts[] = [];
  const add = (counts: RowCounts, weight: number): void => {
    if (counts.total > 0) found.push({ counts, weight });
  };
  for (const term of affinity) add(countsOf(columns, [term], term), term.weight);
  for (const term of antiAffinity) add(countsOf(columns, [term], term), -term.weight);
  if (terms.ignorePreferredTermsOfExistingPods && !prefers) return found;
  for (const held of heldTerms(columns).terms()) {
    const { sort, weight } = held;
    if (sort === 'antiAffinity' || (sort === 'affinity' && hardPodAffinityWeight === 0)) continue;
    if (!isAbout(held.term, pod, namespaceLabels)) continue;
    add(held, sort === 'affinity' ? hardPodAffinityWeight : sort === 'preferredAffinity' ? weight : -weight);
  }
  return found;
}

export function sumUp(
  found: readonly WeightedCounts[],
  { rows, count }: Feasible,
  scores: Float64Array,
): void {
  scores.fill(0, 0, count);
  for (const { counts, weight } of found) {
    const { domainOfRow, pods } = counts;
    for (let i = 0; i < count; i++) {
      const domain = domainOfRow[rows[i] as number] as number;
      if (domain !== noDomain) scores[i] = (scores[i] as number) + weight * (pods[domain] ?? 0);
    }
  }
}
