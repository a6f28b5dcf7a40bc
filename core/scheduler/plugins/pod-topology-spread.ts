/**
 * Spreads Pods over the values of node labels: a domain may not be ahead of the emptiest by more than maxSkew, or is
 * liked less the more it is. (kubernetes v1.34.1 plugins/podtopologyspread/filtering.go and scoring.go)
 */
import type { Node } from '../../api/generated/types.ts';
import { matchesLabels, selectorText } from '../../api/selector.ts';
import type { PluginArguments } from '../arguments.ts';
import type { Columns } from '../columns.ts';
import { domainCounts, noDomain, type DomainCounts } from '../domain-counts.ts';
import {
  eachNode,
  maxNodeScore,
  unresolvable,
  unschedulable,
  type EnqueuePlugin,
  type Feasible,
  type FilterPlugin,
  type Listers,
  type ScorePlugin,
  type Snapshot,
} from '../framework.ts';
import type { NodeInfo } from '../node-info.ts';
import type { PodInfo } from '../pod-info.ts';
import {
  constraintsOf,
  countMatching,
  countsEveryNode,
  hasAllKeys,
  hostname,
  isCounted,
  isMatching,
  type SpreadConstraint,
} from '../spread-constraints.ts';
import { spreadGroups } from '../spread-groups.ts';
import { spreadMayChange } from '../spread-hints.ts';

const name = 'PodTopologySpread';
const skewed = unschedulable(name, "node(s) didn't match pod topology spread constraints");
const unlabelled = unresolvable(
  name,
  "node(s) didn't match pod topology spread constraints (missing required label)",
);

/** What stands for a minimum where no domain is counted. */
const noMinimum = 2_147_483_647;

/** Counts by domain. */
type DomainSums = Pick<ReadonlyMap<string, number>, 'get' | 'size' | 'entries'>;

interface Spread {
  readonly constraint: SpreadConstraint;
  readonly counts: DomainSums;
  /** Of the counted domains; 0 where they are too few. */
  readonly minimum: number;
  /** Whether the Pod itself is one of those that are counted. */
  readonly self: 0 | 1;
}

interface SoftSpread {
  readonly constraints: readonly SpreadConstraint[];
  /** By constraint; for hostnames, which are counted node by node, nothing. */
  readonly counts: readonly DomainSums[];
  /** The same by row, where the columns have it. */
  readonly rows?: readonly DomainCounts[];
  readonly weights: readonly number[];
  /** By place among the feasible nodes: nodes that lack a key. Empty where all of them count. */
  readonly ignored: Uint8Array;
  /** Keys that a node may lack are not counted on it. */
  readonly requiresAll: boolean;
}

function spreadOf(constraint: SpreadConstraint, counts: ReadonlyMap<string, number>, self: 0 | 1): Spread {
  let minimum = noMinimum;
  for (const count of counts.values()) if (count < minimum) minimum = count;
  return withMinimum(constraint, counts, minimum, self);
}

function withMinimum(constraint: SpreadConstraint, counts: DomainSums, minimum: number, self: 0 | 1): Spread {
  return { constraint, counts, minimum: counts.size < constraint.minDomains ? 0 : minimum, self };
}

function hardSpread(pod: PodInfo, constraints: readonly SpreadConstraint[], snapshot: Snapshot): Spread[] {
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

const domainOf = (node: Node, { topologyKey }: SpreadConstraint): string =>
  node.metadata.labels?.[topologyKey] ?? '';

const addTo = (counts: Map<string, number>, domain: string, by: number): void => {
  counts.set(domain, (counts.get(domain) ?? 0) + by);
};

/** The domains among the feasible nodes, and how many of the Pods are in each of them. */
function softSpread(
  pod: PodInfo,
  constraints: readonly SpreadConstraint[],
  requiresAll: boolean,
  snapshot: Snapshot,
  feasible: Feasible,
): SoftSpread {
  const { columns, rows, count } = feasible;
  const counts = constraints.map(() => new Map<string, number>());
  const ignored = new Uint8Array(count);
  let nodes = 0;
  for (let i = 0; i < count; i++) {
    const { node } = columns.nodeAt(rows[i] ?? -1);
    if (node === undefined) continue;
    if (requiresAll && !hasAllKeys(node, constraints)) {
      ignored[i] = 1;
      continue;
    }
    nodes++;
    constraints.forEach((constraint, c) => {
      if (constraint.topologyKey !== hostname)
        addTo(counts[c] as Map<string, number>, domainOf(node, constraint), 0);
    });
  }
  eachNode(snapshot, (info, node) => {
    if (requiresAll && !hasAllKeys(node, constraints)) return;
    constraints.forEach((constraint, c) => {
      const domains = counts[c] as Map<string, number>;
      const domain = domainOf(node, constraint);
      if (domains.has(domain) && isCounted(constraint, pod, node))
        addTo(domains, domain, countMatching(info, constraint.selector, pod.namespace));
    });
  });
  const weights = constraints.map(({ topologyKey }, c) =>
    Math.log((topologyKey === hostname ? nodes : (counts[c] as Map<string, number>).size) + 2),
  );
  return { constraints, counts, weights, ignored, requiresAll };
}

function softScore(pod: PodInfo, info: NodeInfo, soft: SoftSpread): number {
  const { node } = info;
  if (node === undefined || (soft.requiresAll && !hasAllKeys(node, soft.constraints))) return 0;
  let score = 0;
  soft.constraints.forEach((constraint, c) => {
    const domain = node.metadata.labels?.[constraint.topologyKey];
    if (domain === undefined) return;
    const count =
      constraint.topologyKey === hostname
        ? countMatching(info, constraint.selector, pod.namespace)
        : (soft.counts[c]?.get(domain) ?? 0);
    score += count * (soft.weights[c] ?? 0) + (constraint.maxSkew - 1);
  });
  return Math.round(score);
}

/** The fewer the better; a node that lacks a key gets nothing. */
function normalize(scores: Float64Array, count: number, { ignored }: SoftSpread): void {
  const some = ignored.length > 0;
  let min = Infinity;
  let max = 0;
  for (let i = 0; i < count; i++) {
    if (some && ignored[i] === 1) continue;
    const score = scores[i] as number;
    if (score < min) min = score;
    if (score > max) max = score;
  }
  for (let i = 0; i < count; i++)
    if (some && ignored[i] === 1) scores[i] = 0;
    else if (max === 0) scores[i] = maxNodeScore;
    else scores[i] = Math.trunc((maxNodeScore * (max + min - (scores[i] as number))) / max);
}

const countsFor = (
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

const keysOf = (constraints: readonly SpreadConstraint[]): readonly string[] =>
  constraints.map(({ topologyKey }) => topologyKey);

function hardSpreadByRows(
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

const none = new Uint8Array(0);

/** Marks of the domains among the feasible nodes, cleared after use. */
let marks = new Uint8Array(0);

function softSpreadByRows(
  pod: PodInfo,
  constraints: readonly SpreadConstraint[],
  requiresAll: boolean,
  { columns, rows, count }: Feasible,
): SoftSpread {
  const keys = requiresAll ? keysOf(constraints) : [];
  const counts = constraints.map((constraint) => countsFor(columns, pod, constraint, keys));
  const ignored = requiresAll ? lackingKeys(counts[0], rows, count) : none;
  let nodes = count;
  for (let i = 0; i < ignored.length; i++) nodes -= ignored[i] as number;
  const weights = constraints.map(({ topologyKey }, c) =>
    Math.log((topologyKey === hostname ? nodes : domainsAmong(counts[c], rows, count)) + 2),
  );
  return { constraints, counts, weights, ignored, requiresAll, rows: counts };
}

/** Marks the nodes that are in no domain, which are those that lack any of the keys. */
function lackingKeys(counts: DomainCounts | undefined, rows: Int32Array, count: number): Uint8Array {
  const lacking = new Uint8Array(count);
  if (counts === undefined) return lacking;
  for (let i = 0; i < count; i++) if (counts.domainOfRow[rows[i] as number] === noDomain) lacking[i] = 1;
  return lacking;
}

/** How many domains there are among nodes. */
function domainsAmong(counts: DomainCounts | undefined, rows: Int32Array, count: number): number {
  if (counts === undefined) return 0;
  if (marks.length < counts.pods.length) marks = new Uint8Array(counts.pods.length * 2);
  let found = 0;
  for (let i = 0; i < count && found < counts.size; i++) {
    const domain = counts.domainOfRow[rows[i] as number] as number;
    if (domain === noDomain || marks[domain] === 1) continue;
    marks[domain] = 1;
    found++;
  }
  marks.fill(0, 0, counts.pods.length);
  return found;
}

/** Scratch: by number of the domain, what a constraint adds to the score of a node there. */
let addition = new Float64Array(0);

/** The nodes that have no value for a key are scored without that constraint. */
function softScoreRows(
  { columns, rows, count }: Feasible,
  { constraints, rows: counts = [], weights }: SoftSpread,
  scores: Float64Array,
): void {
  scores.fill(0, 0, count);
  constraints.forEach(({ topologyKey, maxSkew }, c) => {
    const found = counts[c];
    const weight = weights[c] ?? 0;
    if (found === undefined) return;
    const { domainOfRow, podsOfRow, pods, unlabelled } = found;
    const lacksKey = (row: number): boolean =>
      columns.nodeAt(row).node?.metadata.labels?.[topologyKey] === undefined;
    if (topologyKey === hostname)
      for (let i = 0; i < count; i++) {
        const row = rows[i] as number;
        const domain = domainOfRow[row] as number;
        if (domain === noDomain || (domain === unlabelled && lacksKey(row))) continue;
        scores[i] = (scores[i] as number) + ((podsOfRow[row] as number) * weight + (maxSkew - 1));
      }
    else {
      if (addition.length < pods.length) addition = new Float64Array(pods.length * 2);
      for (let id = 0; id < pods.length; id++) addition[id] = (pods[id] as number) * weight + (maxSkew - 1);
      for (let i = 0; i < count; i++) {
        const row = rows[i] as number;
        const domain = domainOfRow[row] as number;
        if (domain === noDomain || (domain === unlabelled && lacksKey(row))) continue;
        scores[i] = (scores[i] as number) + (addition[domain] as number);
      }
    }
  });
  for (let i = 0; i < count; i++) scores[i] = Math.round(scores[i] as number);
}

type PodTopologySpread = FilterPlugin<readonly Spread[]> & ScorePlugin<SoftSpread> & EnqueuePlugin;

export function podTopologySpread(args: PluginArguments['PodTopologySpread']): PodTopologySpread {
  /** With the system's own constraints a node without a zone is spread over by hostname all the same. */
  const requiresAllKeys = ({ spec }: PodInfo): boolean =>
    (spec.topologySpreadConstraints ?? []).length > 0 || args.defaultingType !== 'System';
  /** The constraints that were asked for last: one attempt asks several times. */
  let last:
    | { readonly pod: PodInfo; readonly listers: Listers; readonly soft: readonly SpreadConstraint[] }
    | undefined;
  const softConstraints = (pod: PodInfo, { listers }: Snapshot): readonly SpreadConstraint[] => {
    if (last?.pod !== pod || last.listers !== listers)
      last = { pod, listers, soft: constraintsOf(pod, 'ScheduleAnyway', args, listers) };
    return last.soft;
  };
  return {
    name,
    preFilter(pod, snapshot) {
      const constraints = constraintsOf(pod, 'DoNotSchedule', args, snapshot.listers);
      return constraints.length === 0
        ? { outcome: 'skip' }
        : { outcome: 'filter', state: hardSpread(pod, constraints, snapshot) };
    },
    preFilterRows(pod, snapshot, columns) {
      const constraints = constraintsOf(pod, 'DoNotSchedule', args, snapshot.listers);
      if (constraints.length === 0) return { outcome: 'skip' };
      const state = constraints.every((constraint) => countsEveryNode(constraint, pod))
        ? hardSpreadByRows(pod, constraints, columns)
        : hardSpread(pod, constraints, snapshot);
      return { outcome: 'filter', state };
    },
    filter(_pod, { node }, spreads) {
      for (const { constraint, counts, minimum, self } of spreads) {
        const domain = node?.metadata.labels?.[constraint.topologyKey];
        if (domain === undefined) return unlabelled;
        if ((counts.get(domain) ?? 0) + self - minimum > constraint.maxSkew) return skewed;
      }
      return undefined;
    },
    changed(pod, spreads, other, node, by) {
      const constraints = spreads.map(({ constraint }) => constraint);
      if (other.namespace !== pod.namespace || !hasAllKeys(node, constraints)) return spreads;
      return spreads.map((spread) => {
        const { constraint, counts, self } = spread;
        if (!matchesLabels(constraint.selector, other.labels) || !isCounted(constraint, pod, node))
          return spread;
        const after = new Map(counts.entries());
        addTo(after, domainOf(node, constraint), by);
        return spreadOf(constraint, after, self);
      });
    },
    alike: (pod, snapshot) => (softConstraints(pod, snapshot).length === 0 ? 'nothing' : undefined),
    groups(pod, snapshot, columns) {
      const constraints = softConstraints(pod, snapshot);
      if (!constraints.every((constraint) => countsEveryNode(constraint, pod))) return undefined;
      const keys = requiresAllKeys(pod) ? keysOf(constraints) : [];
      const counts = constraints.map((constraint) => countsFor(columns, pod, constraint, keys));
      return spreadGroups(columns, constraints, counts);
    },
    preScore(pod, snapshot, feasible) {
      const constraints = constraintsOf(pod, 'ScheduleAnyway', args, snapshot.listers);
      if (constraints.length === 0) return undefined;
      return { state: softSpread(pod, constraints, requiresAllKeys(pod), snapshot, feasible) };
    },
    preScoreRows(pod, snapshot, feasible) {
      const constraints = softConstraints(pod, snapshot);
      if (constraints.length === 0) return undefined;
      const requiresAll = requiresAllKeys(pod);
      const state = constraints.every((constraint) => countsEveryNode(constraint, pod))
        ? softSpreadByRows(pod, constraints, requiresAll, feasible)
        : softSpread(pod, constraints, requiresAll, snapshot, feasible);
      return { state };
    },
    score: softScore,
    scoreRows(pod, feasible, state, scores) {
      const { columns, rows, count } = feasible;
      if (state.rows === undefined)
        for (let i = 0; i < count; i++) scores[i] = softScore(pod, columns.nodeAt(rows[i] ?? -1), state);
      else softScoreRows(feasible, state, scores);
    },
    normalize,
    mayHelp: (event, pod, listers) =>
      spreadMayChange(event, pod, constraintsOf(pod, 'DoNotSchedule', args, listers)),
  };
}
