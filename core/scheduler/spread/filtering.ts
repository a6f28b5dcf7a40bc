/**
 * By how much each domain may still be ahead of the emptiest: counted node by node, or from the columns where every node
 * counts. (kubernetes v1.34.1 plugins/podtopologyspread/filtering.go)
 */
import { matchesLabels } from '../../api/selector.ts';
import type { Columns } from '../columns.ts';
import { eachNode, type Snapshot } from '../framework.ts';
import type { PodInfo } from '../pod-info.ts';
import { countMatching, hasAllKeys, isCounted, type SpreadConstraint } from './constraints.ts';
import { addTo, countsFor, domainOf, keysOf, type DomainSums } from './domains.ts';

/** What stands for a minimum where no domain is counted. */
const noMinimum = 2_147_483_647;

export interface Spread {
  readonly constraint: SpreadConstraint;
  readonly counts: DomainSums;
  /** Of the counted domains; 0 where they are too few. */
  readonly minimum: number;
  /** Whether the Pod itself is one of those that are counted. */
  readonly self: 0 | 1;
}

/** Of the counted domains, node by node. */
export function hardSpread(
  pod: PodInfo,
  constraints: readonly SpreadConstraint[],
  snapshot: Snapshot,
): Spread[] {
  const counts = constraints.map(() => new Map<string, number>());
  eachNode(snapshot, (info, node) => {
    if (!hasAllKeys(node, constraints)) return;
    for (let i = 0; i < constraints.length; i++) {
      const constraint = constraints[i] as SpreadConstraint;
      if (!isCounted(constraint, pod, node)) continue;
      addTo(
        counts[i] as Map<string, number>,
        domainOf(node, constraint),
        countMatching(info, constraint.selector, pod.namespace),
      );
    }
  });
  return constraints.map((constraint, i) =>
    spreadOf(
      constraint,
      counts[i] as Map<string, number>,
      matchesLabels(constraint.selector, pod.labels) ? 1 : 0,
    ),
  );
}

/** The same from the columns: for constraints that count every node. */
export function hardSpreadByRows(
  pod: PodInfo,
  constraints: readonly SpreadConstraint[],
  columns: Columns,
): readonly Spread[] {
  const keys = keysOf(constraints);
  return constraints.map((constraint) => {
    const counts = countsFor(columns, pod, constraint, keys);
    const minimum = Math.min(noMinimum, counts.minimum());
    return withMinimum(constraint, counts, minimum, matchesLabels(constraint.selector, pod.labels) ? 1 : 0);
  });
}

/** A constraint with counts that are not those of the columns. */
export function spreadOf(
  constraint: SpreadConstraint,
  counts: ReadonlyMap<string, number>,
  self: 0 | 1,
): Spread {
  let minimum = noMinimum;
  for (const count of counts.values()) if (count < minimum) minimum = count;
  return withMinimum(constraint, counts, minimum, self);
}

function withMinimum(constraint: SpreadConstraint, counts: DomainSums, minimum: number, self: 0 | 1): Spread {
  return { constraint, counts, minimum: counts.size < constraint.minDomains ? 0 : minimum, self };
}
