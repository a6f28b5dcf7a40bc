/** How many Pods that a constraint counts are in each domain: by name, or from the columns by row. */
import type { Node } from '../../api/generated/types.ts';
import { selectorText } from '../../api/selector.ts';
import type { Columns } from '../columns.ts';
import { domainCounts, type DomainCounts } from '../domain-counts.ts';
import type { PodInfo } from '../pod-info.ts';
import { isMatching, type SpreadConstraint } from './constraints.ts';

/** Counts by domain. */
export type DomainSums = Pick<ReadonlyMap<string, number>, 'get' | 'size' | 'entries'>;

export const domainOf = (node: Node, { topologyKey }: SpreadConstraint): string =>
  node.metadata.labels?.[topologyKey] ?? '';

export const addTo = (counts: Map<string, number>, domain: string, by: number): void => {
  counts.set(domain, (counts.get(domain) ?? 0) + by);
};

export const countsFor = (
  columns: Columns,
  pod: PodInfo,
  constraint: SpreadConstraint,
  requiredKeys: readonly string[],
): DomainCounts =>
  domainCounts(columns, {
    key: `spread ${pod.namespace} ${selectorText(constraint.selector)}`,
    counts: (other) => isMatching(other, constraint.selector, pod.namespace),
    topologyKey: constraint.topologyKey,
    requiredKeys,
  });

export const keysOf = (constraints: readonly SpreadConstraint[]): readonly string[] =>
  constraints.map(({ topologyKey }) => topologyKey);
