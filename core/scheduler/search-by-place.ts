/**
 * A search among places that are in order of score already: for Pods whose results are shared as a whole, which are
 * those that want nothing of the Pods on other nodes. It takes as many steps as the number of nodes has digits, and
 * comes to what looking at one node after another comes to.
 */
import { contributionsTo, sameOf, type Contribution } from './contributions.ts';
import type { Quest } from './find-feasible.ts';
import type { Found } from './schedule-one.ts';
import { noScore, type ScoreTree } from './score-tree.ts';
import { nodeScoreAlone, type Choice, type NodeScore } from './select-host.ts';

/** Places from `start` on, as many as were looked at: past the last place comes the first. */
export interface Window {
  readonly tree: ScoreTree;
  readonly start: number;
  readonly evaluated: number;
  /** How many of them passed. */
  readonly count: number;
  /** The window as two ranges, `start` to `end` and 0 to `wrapped`. */
  readonly end: number;
  readonly wrapped: number;
}

/** Undefined: the nodes have to be looked at. */
export function searchByPlace(quest: Quest): Found | undefined {
  const { shared, rows, attempt, search } = quest;
  if (shared === undefined || rows.length === 0) return undefined;
  if (!search.running.every(({ plugin }) => plugin.byNode === true)) return undefined;
  const contributions = contributionsTo(quest);
  if (contributions.some(({ kind }) => kind === 'relative')) return undefined;
  const window = windowOf(quest, shared.treeFor(quest.columns, attempt.tree));
  const { evaluated, count } = window;
  if (evaluated > count) tellRejections(quest, window);
  if (count === 0) return { node: undefined, evaluated, feasible: 0, scores: [] };
  const { node, scores } = choose(quest, window, contributions);
  return { node, evaluated, feasible: count, scores };
}

/** The search stops before the feasible node that is one too many. */
function windowOf({ attempt, rows, wanted }: Quest, tree: ScoreTree): Window {
  const total = rows.length;
  const start = attempt.startIndex % total;
  const feasible = tree.scoredIn(0, total);
  if (feasible <= wanted)
    return { tree, start, evaluated: total, count: feasible, end: total, wrapped: start };
  const ahead = tree.scoredIn(start, total);
  if (ahead > wanted) {
    const end = tree.nthScored(start, wanted);
    return { tree, start, evaluated: end - start, count: wanted, end, wrapped: 0 };
  }
  const wrapped = tree.nthScored(0, wanted - ahead);
  return { tree, start, evaluated: total - start + wrapped, count: wanted, end: total, wrapped };
}

function tellRejections({ rows, shared, diagnosis }: Quest, { start, end, wrapped }: Window): void {
  if (shared === undefined) return;
  const tell = (from: number, to: number): void => {
    for (let place = from; place < to; place++) {
      const verdict = shared.verdictOfRow[rows[place] as number];
      if (verdict !== undefined) diagnosis.reject(verdict);
    }
  };
  tell(start, end);
  tell(0, wrapped);
}

function choose(quest: Quest, window: Window, contributions: readonly Contribution[]): Choice {
  const { tree, count } = window;
  const { columns, rows, attempt } = quest;
  const nameAt = (place: number): string => columns.nodeAt(rows[place] ?? -1).name;
  const best = bestOf(window);
  if (count === 1) return { node: nameAt(placeOf(window, best, 0)), scores: [] };
  const ties = tree.tiesIn(window.start, window.end, best) + tree.tiesIn(0, window.wrapped, best);
  const chosen = placeOf(window, best, ties === 1 ? 0 : attempt.pick(ties));
  const same = sameOf(contributions);
  const told = (place: number, score: number): NodeScore =>
    nodeScoreAlone(quest, contributions, rows[place] as number, same + score);
  const scores = [told(chosen, best)];
  // The next best are the best once these are out of the way.
  tree.set(chosen, noScore);
  const second = bestOf(window);
  const secondPlace = placeOf(window, second, 0);
  scores.push(told(secondPlace, second));
  if (count > 2) {
    tree.set(secondPlace, noScore);
    const third = bestOf(window);
    scores.push(told(placeOf(window, third, 0), third));
    tree.set(secondPlace, second);
  }
  tree.set(chosen, best);
  return { node: nameAt(chosen), scores };
}

const bestOf = ({ tree, start, end, wrapped }: Window): number =>
  Math.max(tree.bestIn(start, end), tree.bestIn(0, wrapped));

/** The first place of the window with its best score that has `skip` such before it. */
function placeOf({ tree, start, end, wrapped }: Window, best: number, skip: number): number {
  const ahead = tree.tiesIn(start, end, best);
  return skip < ahead ? tree.nthBest(start, end, best, skip) : tree.nthBest(0, wrapped, best, skip - ahead);
}
