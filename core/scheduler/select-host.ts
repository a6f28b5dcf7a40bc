/** The best of the feasible nodes: all are scored by every plugin, and among equals any is taken. */
import { contributionsTo, sameOf, scoreOfOne, type Contribution } from './contributions.ts';
import type { FeasibleRows, Quest } from './find-feasible.ts';
import { scoreRowsBy, type Feasible, type ScorePlugin, type Snapshot } from './framework.ts';
import type { PodInfo } from './pod-info.ts';

export interface NodeScore {
  readonly node: string;
  readonly total: number;
  /** By plugin, weighted. Plugins that had nothing to say are left out. */
  readonly plugins: Readonly<Record<string, number>>;
}

export interface Choice {
  readonly node: string;
  readonly scores: readonly NodeScore[];
}

/** Scratch. What is in it is written before it is read. */
let totals = new Float64Array(0);
const scratch: Float64Array[] = [];

function scratchOf(index: number, length: number): Float64Array {
  let scores = scratch[index];
  if (scores === undefined || scores.length < length) {
    scores = new Float64Array(length * 2);
    scratch[index] = scores;
  }
  return scores;
}

/** One feasible node is taken as it is; of several the best, and among equals any. */
export function selectHost(quest: Quest, { rows, count }: FeasibleRows): Choice {
  const { columns, attempt } = quest;
  if (count === 1) return { node: columns.nodeAt(rows[0] ?? -1).name, scores: [] };
  const feasible: Feasible = { columns, rows, count };
  const scored = scoreAll(quest, feasible);
  const chosen = oneOfTheBest(count, attempt.pick);
  const [second, third] = runnersUp(count, chosen);
  const scores = [chosen, second, third]
    .filter((i) => i >= 0)
    .map((i) => nodeScore(quest, scored, rows[i] as number, totals[i] as number, i));
  return { node: columns.nodeAt(rows[chosen] ?? -1).name, scores };
}

/** A plugin that took part; `scores`: what it gave, by place among the feasible nodes, where it was asked of them. */
interface Scored {
  readonly contribution: Contribution;
  readonly scores: Float64Array | undefined;
}

/** Fills `totals`. */
function scoreAll(quest: Quest, feasible: Feasible): readonly Scored[] {
  const { attempt, shared } = quest;
  const { rows, count } = feasible;
  if (totals.length < count) totals = new Float64Array(count * 2);
  const contributions = contributionsTo(quest);
  const same = sameOf(contributions);
  if (shared === undefined) totals.fill(same, 0, count);
  else for (let i = 0; i < count; i++) totals[i] = same + (shared.scoreOfRow[rows[i] as number] as number);
  const scored: Scored[] = [];
  for (const contribution of contributions) {
    const { kind, weight } = contribution;
    if (kind !== 'relative') {
      scored.push({ contribution, scores: undefined });
      continue;
    }
    const scores = scratchOf(scored.length, count);
    if (!relativeScores(contribution, attempt, feasible, scores)) continue;
    for (let i = 0; i < count; i++) totals[i] = (totals[i] as number) + weight * (scores[i] as number);
    scored.push({ contribution, scores });
  }
  return scored;
}

/** False: the plugin adds nothing for this Pod. */
function relativeScores(
  { plugin, state, scoreOfRow }: Contribution,
  { pod, snapshot }: Quest['attempt'],
  feasible: Feasible,
  scores: Float64Array,
): boolean {
  const { rows, count } = feasible;
  if (scoreOfRow !== undefined) {
    for (let i = 0; i < count; i++) scores[i] = scoreOfRow[rows[i] as number] as number;
    plugin.normalize?.(scores, count, state);
    return true;
  }
  const prepared = prepare(plugin, pod, snapshot, feasible);
  if (prepared === undefined) return false;
  scoreRowsBy(plugin, pod, feasible, prepared.state, scores);
  plugin.normalize?.(scores, count, prepared.state);
  return true;
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

function oneOfTheBest(count: number, pick: (count: number) => number): number {
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

function nodeScore(
  { attempt: { pod }, columns }: Quest,
  scored: readonly Scored[],
  row: number,
  total: number,
  at: number,
): NodeScore {
  const plugins: Record<string, number> = {};
  for (const { contribution, scores } of scored) {
    const { plugin, weight, kind, same } = contribution;
    const score =
      scores !== undefined
        ? (scores[at] as number)
        : kind === 'same'
          ? same
          : scoreOfOne(contribution, pod, columns, row);
    plugins[plugin.name] = weight * score;
  }
  return { node: columns.nodeAt(row).name, total, plugins };
}

/** The same for a node of which the total is known, where no plugin had to be asked of them all. */
export const nodeScoreAlone = (
  quest: Quest,
  contributions: readonly Contribution[],
  row: number,
  total: number,
): NodeScore =>
  nodeScore(
    quest,
    contributions.map((contribution) => ({ contribution, scores: undefined })),
    row,
    total,
    0,
  );
