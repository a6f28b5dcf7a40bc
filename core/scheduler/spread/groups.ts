/**
 * Spreading by groups: nodes in the same domains, and with as many of the Pods where it goes by hostname, get the same
 * score from PodTopologySpread, so the score is worked out for a handful of groups and not for every node.
 */
import { groupsBelow, type Groups } from '../best-places.ts';
import type { Columns } from '../columns.ts';
import type { DomainCounts } from '../domain-counts.ts';
import { maxNodeScore, type Grouping } from '../framework.ts';
import { noDomain } from '../node-domains.ts';
import type { NodeTree } from '../node-tree.ts';
import { hostname, type SpreadConstraint } from './constraints.ts';

/** For each constraint a number: of the domain, or how many Pods the node has where the domain is the node. */
interface SpreadGroup {
  readonly numbers: readonly number[];
  /** Likewise: the nodes lack the key, and are scored without the constraint. */
  readonly lacking: readonly boolean[];
  /** The nodes lack a key that they need: they get nothing and are not counted. */
  readonly ignored: boolean;
}

/** Groups by number and lack for the first constraint, then the second, and so on; at the end the number of the group. */
type Branching = Map<number, Branching | number>;

export class SpreadGroups implements Grouping {
  readonly counts: readonly DomainCounts[];
  private readonly columns: Columns;
  private readonly constraints: readonly SpreadConstraint[];
  private readonly groups: SpreadGroup[] = [];
  private readonly known: Branching = new Map();
  private order: Int32Array = new Int32Array(0);
  private groupOfPlace: Groups = new Uint16Array(0);
  private position = 0;

  constructor(columns: Columns, constraints: readonly SpreadConstraint[], counts: readonly DomainCounts[]) {
    this.columns = columns;
    this.constraints = constraints;
    this.counts = counts;
  }

  get size(): number {
    return this.groups.length;
  }

  /** Every row may be in a group of its own when `update` has found that there is room for some more. */
  private get bound(): number {
    return mostStale + 2 * this.columns.capacity + 2;
  }

  /** Takes in the Pods that came and went. False: too many groups are left from before, and there should be new ones. */
  update(): boolean {
    for (const counts of this.counts) counts.update();
    return this.size <= mostStale + this.columns.capacity;
  }

  groupsInOrder(tree: NodeTree): Groups {
    const { columns } = this;
    const { changes } = columns;
    const order = columns.rowsInOrder(tree);
    if (order !== this.order || changes - this.position > columns.remembered) {
      if (this.groupOfPlace.length !== order.length)
        this.groupOfPlace = groupsBelow(this.bound, order.length);
      this.order = order;
      for (let place = 0; place < order.length; place++)
        this.groupOfPlace[place] = this.groupOf(order[place] as number);
    } else
      for (let at = this.position; at < changes; at++) {
        const row = columns.changedRow(at);
        if (!this.concerns(columns.markOf(at))) continue;
        if (columns.infoAt(row)?.node !== undefined)
          this.groupOfPlace[columns.placeOf(row)] = this.groupOf(row);
      }
    this.position = changes;
    return this.groupOfPlace;
  }

  private concerns(mark: number): boolean {
    for (const counts of this.counts) if (counts.concerns(mark)) return true;
    return false;
  }

  groupOf(row: number): number {
    const { constraints, counts } = this;
    let branch = this.known;
    for (let c = 0; c < constraints.length; c++) {
      const { topologyKey } = constraints[c] as SpreadConstraint;
      const { domainOfRow, podsOfRow, unlabelled } = counts[c] as DomainCounts;
      const domain = domainOfRow[row] as number;
      if (domain === noDomain) return this.groupFor(this.known, noDomain, row);
      const number = topologyKey === hostname ? (podsOfRow[row] as number) : domain;
      const key = domain === unlabelled && this.lacks(row, topologyKey) ? number * 2 + 1 : number * 2;
      if (c === constraints.length - 1) return this.groupFor(branch, key, row);
      let next = branch.get(key) as Branching | undefined;
      if (next === undefined) {
        next = new Map();
        branch.set(key, next);
      }
      branch = next;
    }
    return this.groupFor(this.known, noDomain, row);
  }

  private lacks(row: number, topologyKey: string): boolean {
    return this.columns.infoAt(row)?.node?.metadata.labels?.[topologyKey] === undefined;
  }

  private groupFor(branch: Branching, key: number, row: number): number {
    const found = branch.get(key) as number | undefined;
    if (found !== undefined) return found;
    this.groups.push(this.groupWith(row));
    branch.set(key, this.groups.length - 1);
    return this.groups.length - 1;
  }

  /** The group of a node, in words. */
  private groupWith(row: number): SpreadGroup {
    const { constraints, counts } = this;
    return {
      numbers: constraints.map(
        ({ topologyKey }, c) =>
          (topologyKey === hostname ? counts[c]?.podsOfRow[row] : counts[c]?.domainOfRow[row]) as number,
      ),
      lacking: constraints.map(({ topologyKey }) => this.lacks(row, topologyKey)),
      ignored: counts.some(({ domainOfRow }) => domainOfRow[row] === noDomain),
    };
  }

  scores(nodes: Int32Array, scores: Float64Array): void {
    const { groups, constraints } = this;
    const weights: number[] = [];
    for (let c = 0; c < constraints.length; c++) {
      const { topologyKey } = constraints[c] as SpreadConstraint;
      const size = topologyKey === hostname ? countedNodes(groups, nodes) : domainsAmong(groups, nodes, c);
      weights.push(Math.log(size + 2));
    }
    let min = Infinity;
    let max = 0;
    for (let g = 0; g < groups.length; g++) {
      const group = groups[g] as SpreadGroup;
      if (nodes[g] === 0 || group.ignored) continue;
      const score = this.raw(group, weights);
      scores[g] = score;
      if (score < min) min = score;
      if (score > max) max = score;
    }
    for (let g = 0; g < groups.length; g++)
      if (nodes[g] === 0) continue;
      else if ((groups[g] as SpreadGroup).ignored) scores[g] = 0;
      else if (max === 0) scores[g] = maxNodeScore;
      else scores[g] = Math.trunc((maxNodeScore * (max + min - (scores[g] as number))) / max);
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

/** Groups that no node is in any more stay, until there are so many. */
const mostStale = 1_000;

function countedNodes(groups: readonly SpreadGroup[], nodes: Int32Array): number {
  let sum = 0;
  for (let g = 0; g < groups.length; g++)
    if ((groups[g] as SpreadGroup).ignored === false) sum += nodes[g] as number;
  return sum;
}

/** Marks of the domains that were met, cleared after use. */
let marks = new Uint8Array(64);

/** Nodes that lack the key are a domain together, where they count at all. */
function domainsAmong(groups: readonly SpreadGroup[], nodes: Int32Array, constraint: number): number {
  let found = 0;
  for (let g = 0; g < groups.length; g++) {
    const { numbers, ignored } = groups[g] as SpreadGroup;
    if (nodes[g] === 0 || ignored) continue;
    const number = numbers[constraint] as number;
    if (number >= marks.length) marks = grown(marks, number);
    if (marks[number] === 1) continue;
    marks[number] = 1;
    found++;
  }
  marks.fill(0);
  return found;
}

function grown(bytes: Uint8Array<ArrayBuffer>, number: number): Uint8Array<ArrayBuffer> {
  const larger = new Uint8Array(number * 2);
  larger.set(bytes);
  return larger;
}

/** Groupings that are kept beside one set of columns, at the most. */
const bound = 1_000;
const kept = new WeakMap<Columns, Map<string, SpreadGroups>>();

/** The groups by constraints whose Pods have been counted. */
export function spreadGroups(
  columns: Columns,
  constraints: readonly SpreadConstraint[],
  counts: readonly DomainCounts[],
): SpreadGroups {
  let all = kept.get(columns);
  if (all === undefined) {
    all = new Map();
    kept.set(columns, all);
  }
  const key = constraints.map(({ maxSkew }, c) => `${maxSkew} ${counts[c]?.key ?? ''}`).join('\n');
  const known = all.get(key);
  if (known?.update() === true && known.counts.every((each, c) => each === counts[c])) return known;
  if (all.size >= bound) all.clear();
  const made = new SpreadGroups(columns, constraints, counts);
  all.set(key, made);
  return made;
}
