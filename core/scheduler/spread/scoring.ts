/**
 * The less a domain is filled the better: counted node by node, or from the columns where every node counts.
 * (kubernetes v1.34.1 plugins/podtopologyspread/scoring.go)
 */
import type { DomainCounts } from '../domain-counts.ts';
import { eachNode, maxNodeScore, type Feasible, type Snapshot } from '../framework.ts';
import { noDomain } from '../node-domains.ts';
import type { NodeInfo } from '../node-info.ts';
import type { PodInfo } from '../pod-info.ts';
import { countMatching, hasAllKeys, hostname, isCounted, type SpreadConstraint } from './constraints.ts';
import { addTo, countsFor, domainOf, keysOf, type DomainSums } from './domains.ts';

export interface SoftSpread {
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

/** The domains among the feasible nodes, and how many of the Pods are in each of them. */
export function softSpread(
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

export function softScore(pod: PodInfo, info: NodeInfo, soft: SoftSpread): number {
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
export function normalize(scores: Float64Array, count: number, { ignored }: SoftSpread): void {
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

const none = new Uint8Array(0);

/** Marks of the domains among the feasible nodes, cleared after use. */
let marks = new Uint8Array(0);

/** The same from the columns: for constraints that count every node. */
export function softSpreadByRows(
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
export function softScoreRows(
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
