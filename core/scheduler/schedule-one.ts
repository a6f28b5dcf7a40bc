/**
 * One decision: which node a Pod goes to. Filters over the nodes in their order from where the last search stopped,
 * until enough have passed; scores over those; the best, or one of the best by a draw.
 * (kubernetes v1.34.1 pkg/scheduler/schedule_one.go)
 */
import { columnsOf, type Columns } from './columns.ts';
import { Diagnosis } from './diagnosis.ts';
import { scoringOf } from './contributions.ts';
import { findFeasible, type Quest } from './find-feasible.ts';
import type { Profile, Snapshot } from './framework.ts';
import type { NodeTree } from './node-tree.ts';
import type { PodInfo } from './pod-info.ts';
import { keepRoutine, routineFor } from './routines.ts';
import { filterWithNominated, leftOut, preFilter, type Search } from './search.ts';
import { selectHost, type NodeScore } from './select-host.ts';
import { searchByPlace } from './search-by-place.ts';
import { sharedBy, type SharedResults } from './shared-results.ts';

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

/** What a search came to. */
export type Found = Pick<Decision, 'node' | 'evaluated' | 'feasible' | 'scores'>;

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
  const inOrder = columns.rowsInOrder(attempt.tree);
  const routine = inOrder.length === 0 ? undefined : routineFor(attempt, columns);
  if (routine !== undefined) {
    const { search, shared, scoring } = routine;
    const quest = questOf(attempt, search, columns, inOrder, shared, diagnosis);
    return decisionOf(quest, searchByPlace(quest, shared, scoring));
  }
  const search = preFilter(attempt.profile, attempt.pod, snapshot, columns);
  if ('code' in search) {
    diagnosis.rejectAll(search);
    return failed(0, startIndex, diagnosis, undefined);
  }
  if (attempt.nominatedNodeName !== '') {
    const decision = tryNominated(attempt, search, columns);
    if (decision !== undefined) return decision;
  }
  const rows = rowsToSearch(attempt, search, columns, inOrder, diagnosis);
  // Pods that are nominated to a node count there, for those that come after them.
  const kind =
    search.nodeNames === undefined && snapshot.nominated.size === 0
      ? sharedBy(columns, attempt.profile, attempt.pod, snapshot, search)
      : undefined;
  const shared = kind?.results;
  const quest = questOf(attempt, search, columns, rows, shared, diagnosis);
  const scoring = rows.length === 0 ? undefined : scoringOf(quest);
  if (kind === undefined || shared === undefined || scoring === undefined)
    return decisionOf(quest, searchByRow(quest));
  keepRoutine(attempt, columns, { search, kind, shared, scoring });
  return decisionOf(quest, searchByPlace(quest, shared, scoring));
}

const questOf = (
  attempt: Attempt,
  search: Search,
  columns: Columns,
  rows: Int32Array,
  shared: SharedResults | undefined,
  diagnosis: Diagnosis,
): Quest => ({
  attempt,
  search,
  columns,
  rows,
  wanted: numFeasibleNodesToFind(attempt.percentageOfNodesToScore, rows.length),
  shared,
  diagnosis,
});

function decisionOf({ attempt, search, diagnosis }: Quest, found: Found): Decision {
  const { snapshot, startIndex } = attempt;
  const nextStartIndex = snapshot.nodeCount === 0 ? 0 : (startIndex + found.evaluated) % snapshot.nodeCount;
  if (found.node === undefined) return failed(found.evaluated, nextStartIndex, diagnosis, search);
  return {
    node: found.node,
    evaluated: found.evaluated,
    feasible: found.feasible,
    nextStartIndex,
    scores: found.scores,
    diagnosis,
    search,
  };
}

function searchByRow(quest: Quest): Found {
  const found = findFeasible(quest);
  const { evaluated, count } = found;
  if (count === 0) return { node: undefined, evaluated, feasible: 0, scores: [] };
  const { node, scores } = selectHost(quest, found);
  return { node, evaluated, feasible: count, scores };
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

function rowsToSearch(
  { snapshot }: Attempt,
  search: Search,
  columns: Columns,
  all: Int32Array,
  diagnosis: Diagnosis,
): Int32Array {
  if (search.nodeNames === undefined) return all;
  const named = search.nodeNames.filter((name) => snapshot.nodes.get(name)?.node !== undefined);
  diagnosis.rejectAbsent(leftOut(search), all.length - named.length);
  for (const plugin of search.narrowedBy) diagnosis.blame(plugin);
  return Int32Array.from(named, (name) => columns.rowOf(name) ?? -1);
}
