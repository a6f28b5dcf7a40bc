/** The nodes that pass every filter, as many as are wanted, in the order they are examined. */
import type { Columns } from './columns.ts';
import type { Diagnosis } from './diagnosis.ts';
import { filterEach, type Batch, type Rejection } from './framework.ts';
import type { Attempt } from './schedule-one.ts';
import { filterWithNominated, nominatedBefore, type Search } from './search.ts';
import type { SharedResults } from './shared-results.ts';

/** What is looked for, and where. */
export interface Quest {
  readonly attempt: Attempt;
  readonly search: Search;
  readonly columns: Columns;
  /** The nodes that may do, in the order they are examined. */
  readonly rows: Int32Array;
  /** With so many feasible nodes the search stops. */
  readonly wanted: number;
  readonly shared: SharedResults | undefined;
  readonly diagnosis: Diagnosis;
}

/** Scratch of the search, as long as the longest order of nodes so far. What is in it is written before it is read. */
let verdicts: (Rejection | undefined)[] = [];
let feasibleRows = new Int32Array(0);

function provideScratch(length: number): void {
  if (feasibleRows.length >= length) return;
  verdicts = new Array<Rejection | undefined>(length * 2).fill(undefined);
  feasibleRows = new Int32Array(length * 2);
}

export interface FeasibleRows {
  readonly rows: Int32Array;
  readonly count: number;
  /** Nodes that passed or were rejected. */
  readonly evaluated: number;
}

export function findFeasible(quest: Quest): FeasibleRows {
  const { attempt, rows, wanted, diagnosis } = quest;
  const total = rows.length;
  provideScratch(total);
  if (total === 0) return { rows: feasibleRows, count: 0, evaluated: 0 };
  const batch: Batch = { columns: quest.columns, rows, from: 0, to: 0, verdicts };
  let position = attempt.startIndex % total;
  let seen = 0;
  let count = 0;
  while (seen < total) {
    const length = Math.min(total - position, total - seen, wanted - count + 1);
    batch.from = position;
    batch.to = position + length;
    judge(quest, batch);
    judgeNominated(quest, batch);
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

/** The first rejection decides: what is shared are the verdicts of the filters that come first. */
function judge({ attempt: { pod }, search, shared }: Quest, batch: Batch): void {
  const { rows, from, to } = batch;
  if (shared === undefined) batch.verdicts.fill(undefined, from, to);
  else for (let i = from; i < to; i++) batch.verdicts[i] = shared.verdictOfRow[rows[i] as number];
  for (const { plugin, state } of search.running)
    if (shared !== undefined && plugin.byNode === true) continue;
    else if (plugin.filterRows !== undefined) plugin.filterRows(pod, batch, state);
    else filterEach(plugin, pod, batch, state);
}

/** Nodes to which other Pods are nominated are judged with those on them. */
function judgeNominated({ attempt: { pod, snapshot }, search }: Quest, batch: Batch): void {
  if (snapshot.nominated.size === 0) return;
  for (let i = batch.from; i < batch.to; i++) {
    const info = batch.columns.nodeAt(batch.rows[i] ?? -1);
    if (nominatedBefore(pod, info.name, snapshot).length > 0)
      batch.verdicts[i] = filterWithNominated(search.running, pod, info, snapshot);
  }
}
