/**
 * Spreading by groups: nodes in the same domains, and with as many of the Pods where it goes by hostname, get the same
 * score from PodTopologySpread, so the score is worked out for a handful of groups and not for every node.
 */
import type { Columns } from '../columns.ts';
import { noDomain, type DomainCounts } from '../domain-counts.ts';
import { maxNodeScore, type Grouping } from '../framework.ts';
import { hostname, type SpreadConstraint } from './constraints.ts';

/** For each constraint a number: of the domain, or how many Pods the node has where the domain is the node. */
interface SpreadGroup {
  readonly numbers: readonly number[];
  /** Likewise: the nodes lack the key, and are scored without the constraint. */
  readonly lacking: readonly boolean[];
  /** The nodes lack a key that they need: they get nothing and are not counted. */
  readonly ignored: boolean;
}

class SpreadGroups implements Grouping<SpreadGroup> {
  readonly counts: readonly DomainCounts[];
  private readonly columns: Columns;
  private readonly constraints: readonly SpreadConstraint[];
  private readonly groups = new Map<string, SpreadGroup>();

  constructor(columns: Columns, constraints: readonly SpreadConstraint[], counts: readonly DomainCounts[]) {
    this.columns = columns;
    this.constraints = constraints;
    this.counts = counts;
  }

  groupOf(row: number): SpreadGroup {
    const labels = this.columns.infoAt(row)?.node?.metadata.labels;
    let ignored = false;
    const numbers: number[] = [];
    const lacking: boolean[] = [];
    for (let c = 0; c < this.constraints.length; c++) {
      const { topologyKey } = this.constraints[c] as SpreadConstraint;
      const { domainOfRow, podsOfRow } = this.counts[c] as DomainCounts;
      const domain = domainOfRow[row] as number;
      if (domain === noDomain) ignored = true;
      numbers.push(topologyKey === hostname ? (podsOfRow[row] as number) : domain);
      lacking.push(labels?.[topologyKey] === undefined);
    }
    const key = ignored ? '' : `${numbers.join()} ${lacking.join()}`;
    let group = this.groups.get(key);
    if (group === undefined) {
      group = { numbers, lacking, ignored };
      this.groups.set(key, group);
    }
    return group;
  }

  scores(groups: readonly SpreadGroup[], nodes: readonly number[]): readonly number[] {
    const weights = this.constraints.map(({ topologyKey }, c) =>
      Math.log((topologyKey === hostname ? countedNodes(groups, nodes) : domainsAmong(groups, c)) + 2),
    );
    const scores = groups.map((group) => (group.ignored ? 0 : this.raw(group, weights)));
    let min = Infinity;
    let max = 0;
    scores.forEach((score, g) => {
      if (groups[g]?.ignored === true) return;
      if (score < min) min = score;
      if (score > max) max = score;
    });
    return scores.map((score, g) => {
      if (groups[g]?.ignored === true) return 0;
      return max === 0 ? maxNodeScore : Math.trunc((maxNodeScore * (max + min - score)) / max);
    });
  }

  private raw({ numbers, lacking }: SpreadGroup, weights: readonly number[]): number {
    let score = 0;
    for (let c = 0; c < this.constraints.length; c++) {
      const { topologyKey, maxSkew } = this.constraints[c] as SpreadConstraint;
      const number = numbers[c] as number;
      if (lacking[c] === true) continue;
      const pods = topologyKey === hostname ? number : (this.counts[c]?.pods[number] ?? 0);
      score += pods * (weights[c] as number) + (maxSkew - 1);
    }
    return Math.round(score);
  }
}

function countedNodes(groups: readonly SpreadGroup[], nodes: readonly number[]): number {
  let sum = 0;
  groups.forEach(({ ignored }, g) => (sum += ignored ? 0 : (nodes[g] as number)));
  return sum;
}

/** Nodes that lack the key are a domain together, where they count at all. */
function domainsAmong(groups: readonly SpreadGroup[], constraint: number): number {
  const domains = new Set<number>();
  for (const { numbers, ignored } of groups) if (!ignored) domains.add(numbers[constraint] as number);
  return domains.size;
}

/** Groupings that are kept beside one set of columns, at the most. */
const bound = 1_000;
const kept = new WeakMap<Columns, Map<string, SpreadGroups>>();

/** The groups by constraints whose Pods have been counted. */
export function spreadGroups(
  columns: Columns,
  constraints: readonly SpreadConstraint[],
  counts: readonly DomainCounts[],
): Grouping<SpreadGroup> {
  let all = kept.get(columns);
  if (all === undefined) {
    all = new Map();
    kept.set(columns, all);
  }
  const key = constraints.map(({ maxSkew }, c) => `${maxSkew} ${counts[c]?.key ?? ''}`).join('\n');
  const known = all.get(key);
  if (known?.counts.every((each, c) => each === counts[c]) === true) return known;
  if (all.size >= bound) all.clear();
  const made = new SpreadGroups(columns, constraints, counts);
  all.set(key, made);
  return made;
}
