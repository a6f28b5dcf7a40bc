/**
 * A search for Pods whose results are shared up to one plugin that scores nodes by groups: over numbers that lie in the
 * order in which they are read, once for how many nodes each group has, then for the best. Of some hundred nodes that is
 * quicker than a tree for each group, most of which would have to be fetched from memory.
 */
import { bestOf, tieAt, type Groups, type Places, type Scores } from './best-places.ts';
import type { Contribution, GroupedScoring } from './contributions.ts';
import type { Quest } from './find-feasible.ts';
import { scoreRowsBy, type Feasible, type Grouping } from './framework.ts';
import type { Found } from './schedule-one.ts';
import type { NodeScore } from './select-host.ts';
import type { SharedResults } from './shared-results.ts';

/** Scratch, by number of the group: its nodes, what the plugin gives to them, and that weighted. */
let nodesOfGroup = new Int32Array(64);
let scoreOfGroup = new Float64Array(64);
let addedToGroup = new Int32Array(64);

export function searchWindow(quest: Quest, shared: SharedResults, scoring: GroupedScoring): Found {
  const { grouping } = scoring;
  const places = placesInGroups(quest, shared, grouping);
  const { evaluated, count } = places;
  if (evaluated > count) tellRejections(quest, places);
  if (count === 0) return { node: undefined, evaluated, feasible: 0, scores: [] };
  scoreGroups(grouping, scoring.grouped.weight);
  return choose(quest, places, scoring);
}

function placesInGroups(
  { attempt, rows, wanted, columns }: Quest,
  shared: SharedResults,
  grouping: Grouping,
): Places {
  const groups = grouping.groupsInOrder(attempt.tree);
  const scores = shared.scoresInOrder(columns, attempt.tree);
  const nodes = scratchFor(grouping.size);
  const start = attempt.startIndex % rows.length;
  const evaluated = endOf(scores, groups, start, wanted, nodes);
  let count = 0;
  for (let g = 0; g < grouping.size; g++) count += nodes[g] as number;
  return { scores, groups, added: addedToGroup, start, evaluated, count };
}

function scratchFor(groups: number): Int32Array {
  if (nodesOfGroup.length < groups) {
    nodesOfGroup = new Int32Array(groups * 2);
    scoreOfGroup = new Float64Array(groups * 2);
    addedToGroup = new Int32Array(groups * 2);
  }
  nodesOfGroup.fill(0, 0, groups);
  return nodesOfGroup;
}

/** How many are looked at before the feasible node that is one too many. Counts the nodes of every group on the way. */
function endOf(scores: Scores, groups: Groups, start: number, wanted: number, nodes: Int32Array): number {
  const total = scores.length;
  let left = wanted;
  for (let i = 0, place = start; i < total; i++) {
    if ((scores[place] as number) >= 0) {
      if (left === 0) return i;
      left--;
      (nodes[groups[place] as number] as number)++;
    }
    if (++place === total) place = 0;
  }
  return total;
}

function scoreGroups(grouping: Grouping, weight: number): void {
  grouping.scores(nodesOfGroup, scoreOfGroup);
  for (let g = 0; g < grouping.size; g++) addedToGroup[g] = weight * (scoreOfGroup[g] as number);
}

function tellRejections({ rows, shared, diagnosis }: Quest, { start, evaluated }: Places): void {
  for (let i = 0; i < evaluated; i++) {
    const verdict = shared?.verdictOfRow[rows[(start + i) % rows.length] as number];
    if (verdict !== undefined) diagnosis.reject(verdict);
  }
}

function choose(quest: Quest, places: Places, scoring: GroupedScoring): Found {
  const { columns, rows, attempt } = quest;
  const { evaluated, count } = places;
  const { ties, first, second, third } = bestOf(places);
  const nodeAt = (place: number): string => columns.nodeAt(rows[place] ?? -1).name;
  if (count === 1) return { node: nodeAt(first), evaluated, feasible: 1, scores: [] };
  const chosen = ties === 1 ? first : tieAt(attempt.pick(ties));
  told[0] = chosen;
  let length = 1;
  for (const place of [first, second, third])
    if (place !== chosen && length < Math.min(mostTold, count)) told[length++] = place;
  const scores = nodeScores(quest, places, scoring, length);
  return { node: nodeAt(chosen), evaluated, feasible: count, scores };
}

/** The chosen node and the next best. */
const mostTold = 3;

/** Scratch: the places that are told of, their rows, what one plugin gives to them, and what all do, one node after another. */
const told: number[] = [];
const rowsTold = new Int32Array(mostTold);
const scoresTold = new Float64Array(mostTold);
const values: number[][] = Array.from({ length: mostTold }, () => []);

function nodeScores(
  { attempt: { pod }, columns, rows }: Quest,
  { scores, groups, added }: Places,
  { contributions, grouped, same, given }: GroupedScoring,
  count: number,
): readonly NodeScore[] {
  for (let t = 0; t < count; t++) rowsTold[t] = rows[told[t] as number] as number;
  const feasible: Feasible = { columns, rows: rowsTold, count };
  for (let i = 0; i < contributions.length; i++) {
    const contribution = contributions[i] as Contribution;
    const { plugin, weight, kind, state } = contribution;
    if (kind === 'shared') scoreRowsBy(plugin, pod, feasible, state, scoresTold);
    for (let t = 0; t < count; t++)
      (values[t] as number[])[i] =
        contribution === grouped
          ? (added[groups[told[t] as number] as number] as number)
          : weight * (kind === 'shared' ? (scoresTold[t] as number) : contribution.same);
  }
  const found: NodeScore[] = [];
  for (let t = 0; t < count; t++) {
    const place = told[t] as number;
    const all = values[t] as number[];
    all.length = contributions.length;
    const total = same + (scores[place] as number) + (added[groups[place] as number] as number);
    found.push({ node: columns.nodeAt(rowsTold[t] as number).name, total, plugins: given.of(all) });
  }
  return found;
}
