/**
 * What Pods that are alike share: the verdict on every node and its score, as far as they follow from the node by
 * itself. Kept with the columns, so that a decision judges only the nodes that changed since the last one. An index like
 * the columns themselves: dropping it changes nothing but time.
 */
import { nowhereIn, scoresUpTo, type Scores } from './best-places.ts';
import type { Columns } from './columns.ts';
import { sameForAll, type Contribution } from './contributions.ts';
import {
  filterEach,
  maxNodeScore,
  scoreRowsBy,
  type Batch,
  type Feasible,
  type Profile,
  type Rejection,
  type ScorePlugin,
  type Snapshot,
} from './framework.ts';
import { likenessOf } from './likeness.ts';
import type { NodeTree } from './node-tree.ts';
import type { PodInfo } from './pod-info.ts';
import { noScore, ScoreTree } from './score-tree.ts';
import type { Running, Search } from './search.ts';

/** A plugin whose scores depend on one another in the end, unless all of them are 0. */
interface Relative {
  readonly contribution: Contribution & { readonly scoreOfRow: Float64Array };
  /** Where all of them are 0. */
  readonly ofZeros: Contribution;
  /** How many of them are not 0. */
  nonZero: number;
}

/** Scratch. What is in it is written before it is read. */
let verdicts: (Rejection | undefined)[] = [];
let passing = new Int32Array(0);
let scores = new Float64Array(0);
let sums = new Float64Array(0);
let changed = new Int32Array(64);

function provideScratch(length: number): void {
  if (passing.length >= length) return;
  verdicts = new Array<Rejection | undefined>(length).fill(undefined);
  passing = new Int32Array(length);
  scores = new Float64Array(length);
  sums = new Float64Array(length);
}

export class SharedResults {
  readonly verdictOfRow: (Rejection | undefined)[];
  /** The weighted sum of the scores that are final. */
  readonly scoreOfRow: Float64Array;
  private readonly final: readonly Contribution[];
  private readonly relative: readonly Relative[];
  /** Counts up when what `contribution` answers is otherwise. */
  version = 0;
  /** By place in the profile. */
  private readonly parts: readonly (Contribution | Relative | undefined)[];
  /** One of the Pods. */
  private readonly pod: PodInfo;
  private readonly filters: readonly Running[];
  private position: number;
  private order: Int32Array = new Int32Array(0);
  private tree: ScoreTree | undefined;
  private scoreOfPlace: Scores | undefined;
  /** No node has more, with whatever other plugins add. */
  private readonly mostScore: number;

  constructor(columns: Columns, profile: Profile, pod: PodInfo, snapshot: Snapshot, search: Search) {
    const { capacity } = columns;
    this.pod = pod;
    this.mostScore = profile.scores.reduce((sum, { weight }) => sum + weight * maxNodeScore, 0);
    this.filters = search.running.filter(({ plugin }) => plugin.byNode === true);
    this.verdictOfRow = new Array<Rejection | undefined>(capacity).fill(undefined);
    this.scoreOfRow = new Float64Array(capacity);
    this.parts = profile.scores.map(({ plugin, weight }) =>
      plugin.byNode === true ? partOf(plugin, weight, pod, snapshot, columns) : undefined,
    );
    this.final = this.parts.filter(
      (part) => part !== undefined && !isRelative(part),
    ) as readonly Contribution[];
    this.relative = this.parts.filter(
      (part) => part !== undefined && isRelative(part),
    ) as readonly Relative[];
    const present = Int32Array.from({ length: capacity }, (_, row) => row).filter(
      (row) => columns.infoAt(row)?.node !== undefined,
    );
    this.judge(columns, present, present.length);
    this.position = columns.changes;
  }

  /** Judges what changed. False: too much has, and the results must be made anew. */
  update(columns: Columns): boolean {
    const { changes } = columns;
    if (changes - this.position > columns.remembered) return false;
    if (this.order !== columns.lastOrder) this.takeOrder(columns.lastOrder);
    if (changed.length < changes - this.position) changed = new Int32Array(columns.remembered);
    let count = 0;
    for (; this.position < changes; this.position++) {
      const row = columns.changedRow(this.position);
      if (columns.infoAt(row)?.node === undefined) this.clear(row);
      else changed[count++] = row;
    }
    this.judge(columns, changed, count);
    const { scoreOfPlace, tree } = this;
    for (let i = 0; i < count; i++) {
      const row = changed[i] as number;
      const place = columns.placeOf(row);
      if (scoreOfPlace !== undefined) scoreOfPlace[place] = this.scoreIn(scoreOfPlace, row);
      tree?.set(place, this.leafOf(row));
    }
    return true;
  }

  private clear(row: number): void {
    this.verdictOfRow[row] = undefined;
    for (const part of this.relative) this.setRelative(part, row, 0);
  }

  private setRelative(part: Relative, row: number, score: number): void {
    const { scoreOfRow } = part.contribution;
    const before = scoreOfRow[row];
    if (before === score) return;
    const { nonZero } = part;
    if (before === 0) part.nonZero++;
    if (score === 0) part.nonZero--;
    if ((nonZero === 0) !== (part.nonZero === 0)) this.version++;
    scoreOfRow[row] = score;
  }

  private judge(columns: Columns, rows: Int32Array, length: number): void {
    if (length === 0) return;
    const { pod, verdictOfRow, scoreOfRow } = this;
    provideScratch(length);
    for (let i = 0; i < length; i++) verdicts[i] = undefined;
    const batch: Batch = { columns, rows, from: 0, to: length, verdicts };
    for (const { plugin, state } of this.filters)
      if (plugin.filterRows !== undefined) plugin.filterRows(pod, batch, state);
      else filterEach(plugin, pod, batch, state);
    let count = 0;
    for (let i = 0; i < length; i++) {
      const row = rows[i] as number;
      verdictOfRow[row] = verdicts[i];
      sums[i] = 0;
      if (verdicts[i] === undefined) passing[count++] = row;
      else for (const part of this.relative) this.setRelative(part, row, 0);
    }
    if (count === 0) return;
    const feasible: Feasible = { columns, rows: passing, count };
    for (const part of this.final) {
      scoreRowsBy(part.plugin, pod, feasible, part.state, scores);
      for (let i = 0; i < count; i++) (sums[i] as number) += part.weight * (scores[i] as number);
    }
    // A row that has changed more than once is there more than once, with the same sum.
    for (let i = 0; i < count; i++) scoreOfRow[passing[i] as number] = sums[i] as number;
    for (const part of this.relative) {
      const { plugin, state } = part.contribution;
      scoreRowsBy(plugin, pod, feasible, state, scores);
      for (let i = 0; i < count; i++) this.setRelative(part, passing[i] as number, scores[i] as number);
    }
  }

  /** What a plugin of the profile adds; undefined: nothing. */
  contribution(at: number): Contribution | undefined {
    const part = this.parts[at];
    if (part === undefined || !isRelative(part)) return part;
    return part.nonZero === 0 ? part.ofZeros : part.contribution;
  }

  /** The final score of a node, or none where it was rejected. */
  leafOf(row: number): number {
    return this.verdictOfRow[row] === undefined ? (this.scoreOfRow[row] as number) : noScore;
  }

  /** The final scores by place in the order of nodes. */
  treeFor(columns: Columns, nodeTree: NodeTree): ScoreTree {
    const order = this.orderIn(columns, nodeTree);
    this.tree ??= new ScoreTree(order.length, (place) => this.leafOf(order[place] as number));
    return this.tree;
  }

  /** The same one after another. */
  scoresInOrder(columns: Columns, nodeTree: NodeTree): Scores {
    const order = this.orderIn(columns, nodeTree);
    if (this.scoreOfPlace !== undefined) return this.scoreOfPlace;
    const scores = scoresUpTo(this.mostScore, order.length);
    for (let place = 0; place < order.length; place++)
      scores[place] = this.scoreIn(scores, order[place] as number);
    this.scoreOfPlace = scores;
    return scores;
  }

  private scoreIn(scores: Scores, row: number): number {
    return this.verdictOfRow[row] === undefined ? (this.scoreOfRow[row] as number) : nowhereIn(scores);
  }

  private orderIn(columns: Columns, nodeTree: NodeTree): Int32Array {
    const order = columns.rowsInOrder(nodeTree);
    if (this.order !== order) this.takeOrder(order);
    return order;
  }

  private takeOrder(order: Int32Array): void {
    this.order = order;
    this.tree = undefined;
    this.scoreOfPlace = undefined;
  }
}

/** Undefined: the plugin has nothing to say of these Pods. */
function partOf(
  plugin: ScorePlugin,
  weight: number,
  pod: PodInfo,
  snapshot: Snapshot,
  columns: Columns,
): Contribution | Relative | undefined {
  const nobody: Feasible = { columns, rows: new Int32Array(0), count: 0 };
  const prepared =
    plugin.preScore === undefined ? { state: undefined } : plugin.preScore(pod, snapshot, nobody);
  if (prepared === undefined) return undefined;
  const { state } = prepared;
  if (plugin.normalize === undefined)
    return { plugin, weight, state, kind: 'shared', same: 0, scoreOfRow: undefined };
  const zero = new Float64Array(1);
  plugin.normalize(zero, 1, state);
  const scoreOfRow = new Float64Array(columns.capacity);
  return {
    contribution: { plugin, weight, state, kind: 'relative', same: 0, scoreOfRow },
    ofZeros: sameForAll(plugin, weight, zero[0] as number),
    nonZero: 0,
  };
}

const isRelative = (part: Contribution | Relative): part is Relative => 'nonZero' in part;

/** How likely Pods of a kind are met with again: so many, after no more changes than that. */
const usualAfter = 3;
const patience = 512;
/** Kinds that are kept beside one set of columns, at the most. */
const bound = 64;

export interface Kind {
  met: number;
  lastMet: number;
  results: SharedResults | undefined;
}

const kept = new WeakMap<Columns, Map<Profile, Map<string, Kind>>>();

/** The kind of the Pod, which has results where such Pods come often enough, and where the profile lets them be shared. */
export function sharedBy(
  columns: Columns,
  profile: Profile,
  pod: PodInfo,
  snapshot: Snapshot,
  search: Search,
): Kind | undefined {
  if (!comeFirst(search.running)) return undefined;
  const kind = kindOf(columns, profile, pod);
  const { lastMet } = kind;
  kind.lastMet = columns.changes;
  if (columns.changes - lastMet > patience) kind.met = 0;
  kind.met++;
  if (kind.met < usualAfter) return undefined;
  if (kind.results?.update(columns) !== true)
    kind.results = new SharedResults(columns, profile, pod, snapshot, search);
  return kind;
}

/** Whether a kind that has results is met with again soon enough; they are up to date then. */
export function isMetAgain(kind: Kind, columns: Columns): boolean {
  if (columns.changes - kind.lastMet > patience) return false;
  kind.lastMet = columns.changes;
  return kind.results?.update(columns) === true;
}

/** Whether the plugins that judge a node by itself, if there are any, come before all others: the first rejection counts. */
function comeFirst(running: readonly Running[]): boolean {
  let first = 0;
  while (running[first]?.plugin.byNode === true) first++;
  for (let i = first; i < running.length; i++) if (running[i]?.plugin.byNode === true) return false;
  return first > 0;
}

function kindOf(columns: Columns, profile: Profile, pod: PodInfo): Kind {
  let profiles = kept.get(columns);
  if (profiles === undefined) {
    profiles = new Map();
    kept.set(columns, profiles);
  }
  let kinds = profiles.get(profile);
  if (kinds === undefined) {
    kinds = new Map();
    profiles.set(profile, kinds);
  }
  const likeness = likenessOf(pod);
  let kind = kinds.get(likeness);
  if (kind === undefined) {
    if (kinds.size >= bound) kinds.clear();
    kind = { met: 0, lastMet: columns.changes, results: undefined };
    kinds.set(likeness, kind);
  }
  return kind;
}
