/**
 * One decision: which node a Pod goes to. Filters over the nodes in their order from where the last search stopped,
 * until enough have passed; scores over those; the best, or one of the best by a draw.
 * (kubernetes v1.34.1 pkg/scheduler/schedule_one.go)
 */
import { columnsOf, type Columns } from './columns.ts';
import { Diagnosis } from './diagnosis.ts';
import {
  filterEach,
  scoreEach,
  type Batch,
  type Feasible,
  type Profile,
  type Rejection,
  type ScorePlugin,
  type Snapshot,
} from './framework.ts';
import type { NodeTree } from './node-tree.ts';
import type { PodInfo } from './pod-info.ts';
import {
  filterWithNominated,
  leftOut,
  nominatedBefore,
  preFilter,
  type Running,
  type Search,
} from './search.ts';

export interface Attempt {
  readonly pod: PodInfo;
  readonly nominatedNodeName: string;
  readonly snapshot: Snapshot;
  readonly tree: NodeTree;
  readonly profile: Profile;
  /** Where in the order of nodes the last search stopped. */
  readonly startIndex: number;
  readonly percentageOfNodesToScore: number;
  /** Chooses among so many equals. */
  readonly pick: (count: number) => number;
}

export interface NodeScore {
  readonly node: string;
  readonly total: number;
  /** By plugin, weighted. Plugins that had nothing to say are left out. */
  readonly plugins: Readonly<Record<string, number>>;
}

export interface Decision {
  /** Undefined: no node will do, and `diagnosis` says why. */
  readonly node: string | undefined;
  readonly evaluated: number;
  readonly feasible: number;
  readonly nextStartIndex: number;
  /** The chosen node and the next best, two at the most; empty where there was nothing to choose. */
  readonly scores: readonly NodeScore[];
  readonly diagnosis: Diagnosis;
  /** What every node was asked; undefined: the Pod was rejected before, or needs no more than its node. */
  readonly search: Search | undefined;
}

const minFeasibleNodesToFind = 100;
const minFeasibleNodesPercentageToFind = 5;

/** With how many feasible nodes the search stops. */
export function numFeasibleNodesToFind(percentageOfNodesToScore: number, nodes: number): number {
  if (nodes < minFeasibleNodesToFind) return nodes;
  let percentage = percentageOfNodesToScore;
  if (percentage === 0) percentage = Math.max(50 - Math.floor(nodes / 125), minFeasibleNodesPercentageToFind);
  return Math.max(Math.floor((nodes * percentage) / 100), minFeasibleNodesToFind);
}

export function scheduleOne(attempt: Attempt): Decision {
  const { snapshot, startIndex } = attempt;
  const diagnosis = new Diagnosis(snapshot.nodeCount);
  const columns = columnsOf(snapshot.nodes);
  const search = preFilter(attempt.profile, attempt.pod, snapshot, columns);
  if ('code' in search) {
    diagnosis.rejectAll(search);
    return failed(0, startIndex, diagnosis, undefined);
  }
  if (attempt.nominatedNodeName !== '') {
    const decision = tryNominated(attempt, search, columns);
    if (decision !== undefined) return decision;
  }
  const found = findFeasible(attempt, search, columns, diagnosis);
  const nextStartIndex = snapshot.nodeCount === 0 ? 0 : (startIndex + found.evaluated) % snapshot.nodeCount;
  if (found.count === 0) return failed(found.evaluated, nextStartIndex, diagnosis, search);
  const chosen = choose(attempt, { columns, rows: found.rows, count: found.count });
  return {
    node: chosen.node,
    evaluated: found.evaluated,
    feasible: found.count,
    nextStartIndex,
    scores: chosen.scores,
    diagnosis,
    search,
  };
}

const failed = (
  evaluated: number,
  nextStartIndex: number,
  diagnosis: Diagnosis,
  search: Search | undefined,
): Decision => ({
  node: undefined,
  evaluated,
  feasible: 0,
  nextStartIndex,
  scores: [],
  diagnosis,
  search,
});

/** The node a preemption was for is likely the only one that will do: it is taken unseen of the others. */
function tryNominated(attempt: Attempt, { running }: Search, columns: Columns): Decision | undefined {
  const info = attempt.snapshot.nodes.get(attempt.nominatedNodeName);
  if (info?.node === undefined) return undefined;
  if (filterWithNominated(running, attempt.pod, info, attempt.snapshot) !== undefined) return undefined;
  const row = columns.rowOf(info.name);
  if (row === undefined) return undefined;
  const diagnosis = new Diagnosis(attempt.snapshot.nodeCount);
  return {
    node: info.name,
    evaluated: 1,
    feasible: 1,
    nextStartIndex: attempt.startIndex,
    scores: [],
    diagnosis,
    search: undefined,
  };
}

/** Scratch of the search, as long as the longest order of nodes so far. What is in it is written before it is read. */
let verdicts: (Rejection | undefined)[] = [];
let feasibleRows = new Int32Array(0);

function provideScratch(length: number): void {
  if (feasibleRows.length >= length) return;
  verdicts = new Array<Rejection | undefined>(length * 2).fill(undefined);
  feasibleRows = new Int32Array(length * 2);
}

interface Found {
  readonly rows: Int32Array;
  readonly count: number;
  /** Nodes that passed or were rejected. */
  readonly evaluated: number;
}

/**
 * Looks at the nodes in turn, in stretches as long as what is still to be found. The search ends where one node too
 * many would pass: that one is not counted, and the next search begins with it.
 */
function findFeasible(attempt: Attempt, search: Search, columns: Columns, diagnosis: Diagnosis): Found {
  const rows = rowsToSearch(attempt, search, columns, diagnosis);
  const total = rows.length;
  provideScratch(total);
  if (total === 0) return { rows: feasibleRows, count: 0, evaluated: 0 };
  const wanted = numFeasibleNodesToFind(attempt.percentageOfNodesToScore, total);
  const batch: Batch = { columns, rows, from: 0, to: 0, verdicts };
  let position = attempt.startIndex % total;
  let seen = 0;
  let count = 0;
  while (seen < total) {
    const length = Math.min(total - position, total - seen, wanted - count + 1);
    judge(attempt.pod, search.running, batch, position, position + length);
    judgeNominated(attempt, search, batch);
    for (let i = position; i < position + length; i++) {
      const verdict = verdicts[i];
      if (verdict !== undefined) diagnosis.reject(verdict);
      else if (count === wanted) return { rows: feasibleRows, count, evaluated: seen };
      else feasibleRows[count++] = rows[i] as number;
      seen++;
    }
    position += length;
    if (position === total) position = 0;
  }
  return { rows: feasibleRows, count, evaluated: seen };
}

function rowsToSearch(
  { snapshot, tree }: Attempt,
  search: Search,
  columns: Columns,
  diagnosis: Diagnosis,
): Int32Array {
  const all = columns.rowsInOrder(tree);
  if (search.nodeNames === undefined) return all;
  const named = search.nodeNames.filter((name) => snapshot.nodes.get(name)?.node !== undefined);
  diagnosis.rejectAbsent(leftOut(search), all.length - named.length);
  for (const plugin of search.narrowedBy) diagnosis.blame(plugin);
  return Int32Array.from(named, (name) => columns.rowOf(name) ?? -1);
}

function judge(pod: PodInfo, running: readonly Running[], batch: Batch, from: number, to: number): void {
  batch.verdicts.fill(undefined, from, to);
  batch.from = from;
  batch.to = to;
  for (const { plugin, state } of running)
    if (plugin.filterRows !== undefined) plugin.filterRows(pod, batch, state);
    else filterEach(plugin, pod, batch, state);
}

/** Nodes to which other Pods are nominated are judged with those on them. */
function judgeNominated(attempt: Attempt, { running }: Search, batch: Batch): void {
  const { pod, snapshot } = attempt;
  if (snapshot.nominated.size === 0) return;
  for (let i = batch.from; i < batch.to; i++) {
    const info = batch.columns.nodeAt(batch.rows[i] ?? -1);
    if (nominatedBefore(pod, info.name, snapshot).length > 0)
      batch.verdicts[i] = filterWithNominated(running, pod, info, snapshot);
  }
}

let totals = new Float64Array(0);
/** Scores by plugin, in the order of the profile. */
const pluginScores: Float64Array[] = [];

function scoresOf(plugin: number, length: number): Float64Array {
  let scores = pluginScores[plugin];
  if (scores === undefined || scores.length < length) {
    scores = new Float64Array(length * 2);
    pluginScores[plugin] = scores;
  }
  return scores;
}

interface Choice {
  readonly node: string;
  readonly scores: readonly NodeScore[];
}

/** One feasible node is taken as it is; of several the best, and among equals any. */
function choose(attempt: Attempt, feasible: Feasible): Choice {
  const { columns, rows, count } = feasible;
  if (count === 1) return { node: columns.nodeAt(rows[0] ?? -1).name, scores: [] };
  const scored = scoreAll(attempt, feasible);
  const chosen = selectHost(count, attempt.pick);
  const [second, third] = runnersUp(count, chosen);
  const scores = [chosen, second, third]
    .filter((i) => i >= 0)
    .map((i) => nodeScore(columns.nodeAt(rows[i] ?? -1).name, i, attempt.profile, scored));
  return { node: columns.nodeAt(rows[chosen] ?? -1).name, scores };
}

/** Fills `totals`; answers with the plugins that took part, by their place in the profile. */
function scoreAll({ pod, snapshot, profile }: Attempt, feasible: Feasible): readonly number[] {
  const { count } = feasible;
  if (totals.length < count) totals = new Float64Array(count * 2);
  totals.fill(0, 0, count);
  const scored: number[] = [];
  for (let p = 0; p < profile.scores.length; p++) {
    const entry = profile.scores[p];
    if (entry === undefined) continue;
    const { plugin, weight } = entry;
    const prepared = prepare(plugin, pod, snapshot, feasible);
    if (prepared === undefined) continue;
    const scores = scoresOf(p, count);
    if (plugin.scoreRows !== undefined) plugin.scoreRows(pod, feasible, prepared.state, scores);
    else scoreEach(plugin, pod, feasible, prepared.state, scores);
    plugin.normalize?.(scores, count, prepared.state);
    for (let i = 0; i < count; i++) totals[i] = (totals[i] as number) + weight * (scores[i] as number);
    scored.push(p);
  }
  return scored;
}

function prepare(
  plugin: ScorePlugin,
  pod: PodInfo,
  snapshot: Snapshot,
  feasible: Feasible,
): { readonly state: unknown } | undefined {
  if (plugin.preScoreRows !== undefined) return plugin.preScoreRows(pod, snapshot, feasible);
  return plugin.preScore === undefined ? { state: undefined } : plugin.preScore(pod, snapshot, feasible);
}

function selectHost(count: number, pick: (count: number) => number): number {
  let best = -1;
  let ties = 0;
  for (let i = 0; i < count; i++) {
    const total = totals[i] as number;
    if (total > best) {
      best = total;
      ties = 1;
    } else if (total === best) ties++;
  }
  let skip = ties === 1 ? 0 : pick(ties);
  for (let i = 0; i < count; i++) if (totals[i] === best && skip-- === 0) return i;
  return 0;
}

/** The two best beside the chosen one, the first of equals; -1 where there is none. */
function runnersUp(count: number, chosen: number): readonly [number, number] {
  let second = -1;
  let third = -1;
  for (let i = 0; i < count; i++) {
    if (i === chosen) continue;
    const total = totals[i] as number;
    if (second < 0 || total > (totals[second] as number)) {
      third = second;
      second = i;
    } else if (third < 0 || total > (totals[third] as number)) third = i;
  }
  return [second, third];
}

function nodeScore(node: string, at: number, profile: Profile, scored: readonly number[]): NodeScore {
  const plugins: Record<string, number> = {};
  for (const p of scored) {
    const entry = profile.scores[p];
    if (entry !== undefined) plugins[entry.plugin.name] = entry.weight * (pluginScores[p]?.[at] ?? 0);
  }
  return { node, total: totals[at] ?? 0, plugins };
}
