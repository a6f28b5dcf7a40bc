/**
 * A search among places whose scores are known already: for Pods whose results are shared, up to one plugin that scores
 * nodes by groups. It goes over the window twice, over numbers that lie in the order in which they are read, and comes
 * to what asking every plugin about one node after another comes to.
 */
import { contributionsTo, sameOf, scoreOfOne, type Contribution } from './contributions.ts';
import type { Quest } from './find-feasible.ts';
import type { Grouping } from './framework.ts';
import type { Found } from './schedule-one.ts';
import type { NodeScore } from './select-host.ts';
import { noScore } from './shared-results.ts';

/** The nodes that are searched, by place in their order. */
interface Places {
  readonly scores: Float64Array;
  readonly groups: Int32Array;
  readonly start: number;
  /** How many were looked at, from `start` on, past the last place from the first on. */
  readonly evaluated: number;
  /** How many of them passed. */
  readonly count: number;
}

/** Who adds what: `grouped`, where there is one, by the groups of the nodes. */
interface Scoring {
  readonly contributions: readonly Contribution[];
  readonly grouped: Contribution | undefined;
}

/** Scratch, by number of the group. What is in it is written before it is read. */
let nodesOfGroup = new Int32Array(64);
let scoreOfGroup = new Float64Array(64);

/** Where no plugin scores by groups, all nodes are in one, for which nothing is added. */
let oneGroup = new Int32Array(0);

/** Undefined: the nodes have to be looked at. */
export function searchByPlace(quest: Quest): Found | undefined {
  const { shared, rows, search, columns, attempt } = quest;
  if (shared === undefined || rows.length === 0) return undefined;
  for (const { plugin } of search.running) if (plugin.byNode !== true) return undefined;
  const contributions = contributionsTo(quest);
  let grouped: Contribution | undefined;
  for (const contribution of contributions)
    if (contribution.kind === 'relative') {
      if (grouped !== undefined || contribution.scoreOfRow !== undefined) return undefined;
      grouped = contribution;
    }
  const grouping = grouped?.plugin.groups?.(attempt.pod, attempt.snapshot, columns);
  if (grouped !== undefined && grouping === undefined) return undefined;
  if (oneGroup.length < rows.length) oneGroup = new Int32Array(rows.length);
  const groups = grouping?.groupsInOrder(attempt.tree) ?? oneGroup;
  const places = look(quest, shared.scoresInOrder(columns, attempt.tree), groups, grouping?.size ?? 1);
  const { evaluated, count } = places;
  if (evaluated > count) tellRejections(quest, places);
  if (count === 0) return { node: undefined, evaluated, feasible: 0, scores: [] };
  scoreGroups(grouping);
  return choose(quest, places, { contributions, grouped });
}

/** The search stops before the feasible node that is one too many. Counts the nodes of every group on its way. */
function look(
  { attempt, rows, wanted }: Quest,
  scores: Float64Array,
  groups: Int32Array,
  size: number,
): Places {
  if (nodesOfGroup.length < size) {
    nodesOfGroup = new Int32Array(size * 2);
    scoreOfGroup = new Float64Array(size * 2);
  }
  nodesOfGroup.fill(0, 0, size);
  const total = rows.length;
  const start = attempt.startIndex % total;
  let place = start;
  let evaluated = 0;
  let count = 0;
  for (; evaluated < total; evaluated++) {
    if (scores[place] !== noScore) {
      if (count === wanted) break;
      count++;
      (nodesOfGroup[groups[place] as number] as number)++;
    }
    if (++place === total) place = 0;
  }
  return { scores, groups, start, evaluated, count };
}

function tellRejections({ rows, shared, diagnosis }: Quest, { start, evaluated }: Places): void {
  for (let i = 0; i < evaluated; i++) {
    const verdict = shared?.verdictOfRow[rows[(start + i) % rows.length] as number];
    if (verdict !== undefined) diagnosis.reject(verdict);
  }
}

function scoreGroups(grouping: Grouping | undefined): void {
  if (grouping === undefined) scoreOfGroup[0] = 0;
  else grouping.scores(nodesOfGroup, scoreOfGroup);
}

function choose(quest: Quest, places: Places, scoring: Scoring): Found {
  const { columns, rows, attempt } = quest;
  const { evaluated, count } = places;
  const weight = scoring.grouped?.weight ?? 0;
  const { ties, total, best } = bestOf(places, rows.length, weight);
  const nodeAt = (place: number): string => columns.nodeAt(rows[place] ?? -1).name;
  if (count === 1) return { node: nodeAt(best[0]), evaluated, feasible: 1, scores: [] };
  const skip = ties === 1 ? 0 : attempt.pick(ties);
  const chosen = best[skip] ?? tieAt(places, rows.length, weight, total, skip);
  const scores = [nodeScoreAt(quest, places, scoring, chosen)];
  for (const place of best)
    if (place !== chosen && scores.length < Math.min(mostTold, count))
      scores.push(nodeScoreAt(quest, places, scoring, place));
  return { node: nodeAt(chosen), evaluated, feasible: count, scores };
}

/** The chosen node and the next best. */
const mostTold = 3;

interface Best {
  /** How many have the best score, and what it is, but for what all nodes get. */
  readonly ties: number;
  readonly total: number;
  /** The three best places, the first of equals; -1 where there is none. */
  readonly best: readonly [number, number, number];
}

function bestOf({ scores, groups, start, evaluated }: Places, length: number, weight: number): Best {
  let first = -1;
  let second = -1;
  let third = -1;
  let most = noScore;
  let next = noScore;
  let last = noScore;
  let ties = 0;
  let place = start;
  for (let i = 0; i < evaluated; i++) {
    const score = scores[place] as number;
    const total = score + weight * (scoreOfGroup[groups[place] as number] as number);
    if (score !== noScore && total >= last) {
      if (total === most) ties++;
      if (total > next) {
        third = second;
        last = next;
        if (total > most) {
          second = first;
          next = most;
          first = place;
          most = total;
          ties = 1;
        } else {
          second = place;
          next = total;
        }
      } else if (total > last) {
        third = place;
        last = total;
      }
    }
    if (++place === length) place = 0;
  }
  return { ties, total: most, best: [first, second, third] };
}

/** The place with that score that has `skip` such before it. */
function tieAt(
  { scores, groups, start, evaluated }: Places,
  length: number,
  weight: number,
  total: number,
  skip: number,
): number {
  let left = skip;
  for (let i = 0; i < evaluated; i++) {
    const place = (start + i) % length;
    const score = scores[place] as number;
    if (score === noScore || score + weight * (scoreOfGroup[groups[place] as number] as number) !== total)
      continue;
    if (left-- === 0) return place;
  }
  throw new Error(`no ${skip} nodes of a score`);
}

function nodeScoreAt(
  { attempt: { pod }, columns, rows }: Quest,
  places: Places,
  { contributions, grouped }: Scoring,
  place: number,
): NodeScore {
  const row = rows[place] as number;
  const added = scoreOfGroup[places.groups[place] as number] as number;
  const plugins: Record<string, number> = {};
  for (const contribution of contributions) {
    const { plugin, weight, kind, same } = contribution;
    const score =
      contribution === grouped ? added : kind === 'same' ? same : scoreOfOne(contribution, pod, columns, row);
    plugins[plugin.name] = weight * score;
  }
  const total = sameOf(contributions) + (places.scores[place] as number) + (grouped?.weight ?? 0) * added;
  return { node: columns.nodeAt(row).name, total, plugins };
}
