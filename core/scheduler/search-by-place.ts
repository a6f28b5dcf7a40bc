/**
 * A search among places that are in order of score already: for Pods whose results are shared, up to one plugin that
 * scores nodes by groups. It takes as many steps as the number of nodes has digits, for each group, and comes to what
 * looking at one node after another comes to.
 */
import { goesByGroups, sameForAll, sameOf, type Contribution, type Scoring } from './contributions.ts';
import type { Quest } from './find-feasible.ts';
import type { Grouping } from './framework.ts';
import { lanesOf, type Lanes } from './lanes.ts';
import type { Found } from './schedule-one.ts';
import { noScore, type ScoreTree } from './score-tree.ts';
import { searchWindow } from './search-window.ts';
import { nodeScoreAlone, type Choice, type NodeScore } from './select-host.ts';
import type { SharedResults } from './shared-results.ts';

/** The places that were looked at, as two ranges: from `start` on, and past the last place from the first on. */
interface Window {
  readonly start: number;
  readonly end: number;
  readonly wrapped: number;
  readonly evaluated: number;
  /** How many of them passed. */
  readonly count: number;
}

/** Nodes whose scores differ by the tree alone. */
interface Lane {
  readonly tree: ScoreTree;
  /** What their group gives to each of them, weighted. */
  readonly added: number;
  readonly contributions: readonly Contribution[];
}

export function searchByPlace(quest: Quest, shared: SharedResults, scoring: Scoring): Found {
  const { columns, attempt, wanted } = quest;
  const { contributions } = scoring;
  if (!goesByGroups(scoring)) {
    const tree = shared.treeFor(columns, attempt.tree);
    return searchLanes(quest, windowOf(quest, tree), [{ tree, added: 0, contributions }]);
  }
  const { grouped, grouping } = scoring;
  const lanes = wanted <= fewNodes ? undefined : lanesOf(columns, attempt.tree, shared, grouping);
  if (lanes === undefined) return searchWindow(quest, shared, scoring);
  const window = windowOf(quest, shared.treeFor(columns, attempt.tree));
  return searchLanes(quest, window, lanesIn(window, lanes, grouping, contributions, grouped));
}

/** So many are looked at one by one sooner than by lanes. */
const fewNodes = 1_024;

function searchLanes(quest: Quest, window: Window, lanes: readonly Lane[]): Found {
  const { evaluated, count } = window;
  if (evaluated > count) tellRejections(quest, window);
  if (count === 0) return { node: undefined, evaluated, feasible: 0, scores: [] };
  const { node, scores } = choose(quest, window, lanes);
  return { node, evaluated, feasible: count, scores };
}

/** The search stops before the feasible node that is one too many. */
function windowOf({ attempt, rows, wanted }: Quest, tree: ScoreTree): Window {
  const total = rows.length;
  const start = attempt.startIndex % total;
  if (tree.size <= wanted) return { start, end: total, wrapped: start, evaluated: total, count: tree.size };
  const ahead = tree.scoredIn(start, total);
  if (ahead > wanted) {
    const end = tree.nthScored(start, wanted);
    return { start, end, wrapped: 0, evaluated: end - start, count: wanted };
  }
  const wrapped = tree.nthScored(0, wanted - ahead);
  return { start, end: total, wrapped, evaluated: total - start + wrapped, count: wanted };
}

/** A lane for each group that has nodes in the window. */
function lanesIn(
  { start, end, wrapped }: Window,
  lanes: Lanes,
  grouping: Grouping,
  contributions: readonly Contribution[],
  grouped: Contribution,
): readonly Lane[] {
  const { plugin, weight } = grouped;
  const nodes = new Int32Array(grouping.size);
  const scores = new Float64Array(grouping.size);
  for (const [group, tree] of lanes.trees)
    nodes[group] = tree.scoredIn(start, end) + tree.scoredIn(0, wrapped);
  grouping.scores(nodes, scores);
  const found: Lane[] = [];
  for (const [group, tree] of lanes.trees) {
    if (nodes[group] === 0) continue;
    const score = scores[group] as number;
    found.push({
      tree,
      added: weight * score,
      contributions: contributions.map((each) =>
        each === grouped ? sameForAll(plugin, weight, score) : each,
      ),
    });
  }
  return found;
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

/** A place, and the lane it is in. */
interface Placed {
  readonly place: number;
  readonly lane: Lane;
}

function choose(quest: Quest, window: Window, lanes: readonly Lane[]): Choice {
  const { columns, rows, attempt } = quest;
  const nameOf = ({ place }: Placed): string => columns.nodeAt(rows[place] ?? -1).name;
  const best = bestOf(window, lanes);
  if (window.count === 1) return { node: nameOf(placedAt(window, best, 0)), scores: [] };
  let ties = 0;
  for (const lane of best) ties += tiesBefore(window, lane, window.evaluated);
  const chosen = placedAt(window, best, ties === 1 ? 0 : attempt.pick(ties));
  const told: Placed[] = [chosen];
  const taken: number[] = [];
  const scores: NodeScore[] = [];
  // The next best are the best once those before them are out of the way.
  for (let next = 0; next < told.length; next++) {
    const { place, lane } = told[next] as Placed;
    const score = lane.tree.bestIn(place, place + 1);
    taken.push(score);
    scores.push(
      nodeScoreAlone(quest, lane.contributions, rows[place] as number, sameOf(lane.contributions) + score),
    );
    if (next + 1 === mostTold || next + 1 === window.count) break;
    lane.tree.set(place, noScore);
    told.push(placedAt(window, bestOf(window, lanes), 0));
  }
  told.forEach(({ place, lane }, i) => {
    lane.tree.set(place, taken[i] as number);
  });
  return { node: nameOf(chosen), scores };
}

/** The chosen node and the next best. */
const mostTold = 3;

const bestIn = ({ tree }: Lane, { start, end, wrapped }: Window): number =>
  Math.max(tree.bestIn(start, end), tree.bestIn(0, wrapped));

/** The lanes that have the best node of the window, or one like it. */
function bestOf(window: Window, lanes: readonly Lane[]): readonly Lane[] {
  if (lanes.length === 1) return lanes;
  let most = noScore;
  let found: Lane[] = [];
  for (const lane of lanes) {
    const here = bestIn(lane, window);
    if (here === noScore || here + lane.added < most) continue;
    if (here + lane.added > most) found = [];
    most = here + lane.added;
    found.push(lane);
  }
  return found;
}

/** How many nodes of a lane have its best score, among so many places from the start of the window on. */
function tiesBefore(window: Window, lane: Lane, places: number): number {
  const { tree } = lane;
  const best = bestIn(lane, window);
  const ahead = Math.min(places, window.end - window.start);
  return tree.tiesIn(window.start, window.start + ahead, best) + tree.tiesIn(0, places - ahead, best);
}

/** The first place among the best of some lanes that has `skip` such before it. */
function placedAt(window: Window, lanes: readonly Lane[], skip: number): Placed {
  let few = 0;
  let enough = window.evaluated;
  const [only] = lanes;
  if (lanes.length > 1)
    while (few + 1 < enough) {
      const middle = (few + enough) >> 1;
      let ties = 0;
      for (const lane of lanes) ties += tiesBefore(window, lane, middle);
      if (ties > skip) enough = middle;
      else few = middle;
    }
  else if (only !== undefined) return { place: nthBest(window, only, skip), lane: only };
  const place = window.start + few < window.end ? window.start + few : window.start + few - window.end;
  const lane = lanes.find((each) => each.tree.bestIn(place, place + 1) !== noScore);
  if (lane === undefined) throw new Error(`no node in place ${place}`);
  return { place, lane };
}

function nthBest(window: Window, lane: Lane, skip: number): number {
  const { start, end, wrapped } = window;
  const { tree } = lane;
  const best = bestIn(lane, window);
  const ahead = tree.tiesIn(start, end, best);
  return skip < ahead ? tree.nthBest(start, end, best, skip) : tree.nthBest(0, wrapped, best, skip - ahead);
}
