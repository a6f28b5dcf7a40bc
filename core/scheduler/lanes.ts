/**
 * The places of nodes in lanes, one for each group of nodes that some plugin scores alike: within a lane the order of
 * nodes by score is the same whatever the plugin gives, so only the lanes have to be compared. An index like the columns
 * themselves: dropping it changes nothing but time.
 */
import type { Columns } from './columns.ts';
import type { Grouping } from './framework.ts';
import type { NodeTree } from './node-tree.ts';
import { noScore, ScoreTree } from './score-tree.ts';
import type { SharedResults } from './shared-results.ts';

/** With more groups than these, looking at every node is quicker. */
const mostLanes = 48;

export class Lanes {
  /** Of every group that has a node with a score. */
  readonly trees = new Map<number, ScoreTree>();
  private readonly order: Int32Array;
  private readonly groupOfPlace: (number | undefined)[];
  /** Trees in which no place has a score. */
  private readonly empty: ScoreTree[] = [];
  private position: number;

  constructor(columns: Columns, nodeTree: NodeTree, shared: SharedResults, grouping: Grouping) {
    this.order = columns.rowsInOrder(nodeTree);
    this.groupOfPlace = new Array<number | undefined>(this.order.length).fill(undefined);
    for (let place = 0; place < this.order.length && this.usable; place++) this.put(place, shared, grouping);
    this.position = columns.changes;
  }

  get usable(): boolean {
    return this.trees.size <= mostLanes;
  }

  /** Moves the nodes that changed. False: too much has, and the lanes must be made anew. */
  update(columns: Columns, nodeTree: NodeTree, shared: SharedResults, grouping: Grouping): boolean {
    if (this.order !== columns.rowsInOrder(nodeTree) || !this.usable) return false;
    if (columns.changes - this.position > columns.remembered) return false;
    for (; this.position < columns.changes; this.position++) {
      const row = columns.changedRow(this.position);
      if (columns.infoAt(row)?.node !== undefined) this.put(columns.placeOf(row), shared, grouping);
    }
    return true;
  }

  private put(place: number, shared: SharedResults, grouping: Grouping): void {
    const row = this.order[place] as number;
    const score = shared.leafOf(row);
    const group = score === noScore ? undefined : grouping.groupOf(row);
    const before = this.groupOfPlace[place];
    if (before !== undefined && before !== group) this.take(place, before);
    this.groupOfPlace[place] = group;
    if (group !== undefined) this.treeOf(group).set(place, score);
  }

  private take(place: number, group: number): void {
    const tree = this.treeOf(group);
    tree.set(place, noScore);
    if (tree.size > 0) return;
    this.trees.delete(group);
    this.empty.push(tree);
  }

  private treeOf(group: number): ScoreTree {
    let tree = this.trees.get(group);
    if (tree === undefined) {
      tree = this.empty.pop() ?? new ScoreTree(this.order.length, () => noScore);
      this.trees.set(group, tree);
    }
    return tree;
  }
}

/** How likely a grouping is met with again: so many times, after no more changes than that. */
const usualAfter = 3;
const patience = 64;
/** After so many times groupings that had too many groups are tried again. */
const unusableFor = 1_000;
/** Lanes that are kept beside one set of columns, at the most. */
const bound = 16;

interface Met {
  readonly shared: SharedResults;
  times: number;
  last: number;
  lanes: Lanes | undefined;
}

const kept = new WeakMap<Columns, Map<Grouping, Met>>();

/** The lanes of a grouping, where it comes often enough. */
export function lanesOf(
  columns: Columns,
  nodeTree: NodeTree,
  shared: SharedResults,
  grouping: Grouping,
): Lanes | undefined {
  const met = metWith(columns, shared, grouping);
  if (columns.changes - met.last > patience) met.times = Math.min(met.times, 0);
  met.last = columns.changes;
  met.times++;
  if (met.times < usualAfter) return undefined;
  if (met.lanes?.update(columns, nodeTree, shared, grouping) !== true)
    met.lanes = new Lanes(columns, nodeTree, shared, grouping);
  if (met.lanes.usable) return met.lanes;
  met.lanes = undefined;
  met.times = -unusableFor;
  return undefined;
}

function metWith(columns: Columns, shared: SharedResults, grouping: Grouping): Met {
  let all = kept.get(columns);
  if (all === undefined) {
    all = new Map();
    kept.set(columns, all);
  }
  let met = all.get(grouping);
  if (met?.shared === shared) return met;
  for (const oldest of all.keys()) {
    if (all.size < bound) break;
    all.delete(oldest);
  }
  met = { shared, times: 0, last: columns.changes, lanes: undefined };
  all.set(grouping, met);
  return met;
}
