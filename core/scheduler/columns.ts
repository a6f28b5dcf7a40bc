/**
 * Columns: what the plugins compare, as typed arrays by row, one row a node. An index derived from the cache's nodes
 * and never a second truth: it is kept for one root of the persistent map, patched by the node that changed when the
 * next root is made from it, and built anew for any other root. Dropping it at any moment changes nothing but time.
 */
import type { HashedMap } from '../collections/hashed-map.ts';
import type { NodeInfo } from './node-info.ts';
import { nodesInOrder, type NodeTree } from './node-tree.ts';
import { PodClasses } from './pod-classes.ts';
import type { PodInfo } from './pod-info.ts';

/** Some columns that belong together: a plugin brings its own. */
export interface ColumnGroup<C> {
  /** Columns of so many rows, all zero. */
  readonly make: (rows: number) => C;
  /** `isSameNode`: since the row was written last, no more than Pods have come or gone. */
  readonly write: (columns: C, row: number, node: NodeInfo, isSameNode: boolean) => void;
}

interface Group {
  readonly group: ColumnGroup<unknown>;
  readonly columns: unknown;
}

type Nodes = HashedMap<NodeInfo>;

/**
 * So many changes can be asked for at the most, a power of two: to go through them takes a millisecond, and to look at
 * each of 150,000 Pods ten.
 */
const mostRecalled = 0x4_0000;

export class Columns {
  readonly capacity: number;
  /** How many changes there have been. */
  changes = 0;
  /** So many of the last changes are remembered at least: more are not worth going through where a look at each row would do. */
  readonly remembered: number;
  /** The rows that changed, as a ring, and what Pod of which class came or went there. */
  private changed: Int32Array;
  private marks: Int32Array;
  readonly classes = new PodClasses();
  /** There was no Pod on any node when they were made: every one that is there has come by a change. */
  readonly beganEmpty: boolean;
  private readonly infos: (NodeInfo | undefined)[];
  private readonly rows = new Map<string, number>();
  private readonly free: number[] = [];
  private readonly groups = new Map<ColumnGroup<unknown>, unknown>();
  /** The same in a list. */
  private readonly written: Group[] = [];
  private tree: NodeTree | undefined;
  private treeRows = new Int32Array(0);
  private readonly places: Int32Array;

  constructor(nodes: Nodes) {
    this.capacity = Math.max(64, nodes.size * 2);
    this.remembered = this.capacity;
    let length = 64;
    while (length < this.capacity) length *= 2;
    this.changed = new Int32Array(length);
    this.marks = new Int32Array(length);
    this.places = new Int32Array(this.capacity);
    this.infos = new Array<NodeInfo | undefined>(this.capacity).fill(undefined);
    for (let row = this.capacity - 1; row >= 0; row--) this.free.push(row);
    let pods = 0;
    nodes.scan((name, info) => {
      this.write(name, info, 0);
      pods += info.pods.length;
    });
    this.beganEmpty = pods === 0;
  }

  /** Takes in one node as it is now, undefined where it is gone. False: there is no row left for it. */
  write(name: string, info: NodeInfo | undefined, mark: number): boolean {
    let row = this.rows.get(name);
    if (info === undefined) {
      if (row === undefined) return true;
      this.rows.delete(name);
      this.infos[row] = undefined;
      this.free.push(row);
      this.note(row, mark);
      return true;
    }
    if (row === undefined) {
      row = this.free.pop();
      if (row === undefined) return false;
      this.rows.set(name, row);
    }
    const before = this.infos[row];
    const isSameNode = before !== undefined && before.node === info.node;
    this.infos[row] = info;
    this.note(row, mark);
    for (const { group, columns } of this.written) group.write(columns, row, info, isSameNode);
    return true;
  }

  private note(row: number, mark: number): void {
    const { length } = this.changed;
    if (this.changes === length && length < mostRecalled) {
      this.changed = doubled(this.changed);
      this.marks = doubled(this.marks);
    }
    const at = this.changes & (this.changed.length - 1);
    this.changed[at] = row;
    this.marks[at] = mark;
    this.changes++;
  }

  /** Whether all changes from this one on can still be asked for, be they more than `remembered`. */
  recalls(change: number): boolean {
    return this.changes - change <= this.changed.length;
  }

  /** The row of a change; only the last ones can be asked for. */
  changedRow(change: number): number {
    return this.changed[change & (this.changed.length - 1)] as number;
  }

  /** What changed: 0: the node; else one more than the class of a Pod that came, or the negative of that: went. */
  markOf(change: number): number {
    return this.marks[change & (this.marks.length - 1)] as number;
  }

  infoAt(row: number): NodeInfo | undefined {
    return this.infos[row];
  }

  group<C>(group: ColumnGroup<C>): C {
    const found = this.groups.get(group as ColumnGroup<unknown>) as C | undefined;
    if (found !== undefined) return found;
    const columns = group.make(this.capacity);
    for (let row = 0; row < this.capacity; row++) {
      const info = this.infos[row];
      if (info !== undefined) group.write(columns, row, info, false);
    }
    this.groups.set(group as ColumnGroup<unknown>, columns);
    this.written.push({ group: group as ColumnGroup<unknown>, columns });
    return columns;
  }

  nodeAt(row: number): NodeInfo {
    const info = this.infos[row];
    if (info === undefined) throw new Error(`no node in row ${row}`);
    return info;
  }

  rowOf(name: string): number | undefined {
    return this.rows.get(name);
  }

  /** The rows of the tree's nodes in the order they are examined. */
  rowsInOrder(tree: NodeTree): Int32Array {
    if (this.tree !== tree) {
      this.treeRows = Int32Array.from(nodesInOrder(tree), (name) => this.rows.get(name) ?? -1);
      this.treeRows.forEach((row, place) => (this.places[row] = place));
      this.tree = tree;
    }
    return this.treeRows;
  }

  /** The rows in the order that was asked for last. */
  get lastOrder(): Int32Array {
    return this.treeRows;
  }

  /** The place of a row in that order, in which it is. */
  placeOf(row: number): number {
    return this.places[row] as number;
  }
}

/** The columns of one root. One is enough: a run goes on from its last root, and a fork pays for building once. */
let kept: { nodes: Nodes; readonly columns: Columns } | undefined;

export function columnsOf(nodes: Nodes): Columns {
  if (kept?.nodes !== nodes) kept = { nodes, columns: new Columns(nodes) };
  return kept.columns;
}

/** Says that `after` is `before` with one node otherwise, so that the columns go along. */
export function noteChange(before: Nodes, after: Nodes, name: string, info: NodeInfo | undefined): void {
  if (kept?.nodes === before) goAlong(kept.columns.write(name, info, 0), after);
}

/** The same for a node of which no more has changed than that a Pod came (1) or went (-1). */
export function notePod(
  before: Nodes,
  after: Nodes,
  name: string,
  info: NodeInfo | undefined,
  pod: PodInfo,
  by: 1 | -1,
): void {
  if (kept?.nodes !== before) return;
  const { columns } = kept;
  const { classes } = columns;
  goAlong(classes.hasRoom && columns.write(name, info, by * (1 + classes.of(pod, columns.changes))), after);
}

function goAlong(written: boolean, after: Nodes): void {
  if (!written) kept = undefined;
  else if (kept !== undefined) kept.nodes = after;
}

/** Drops what is kept. Only the time of the next decision tells. */
export function dropColumns(): void {
  kept = undefined;
}

function doubled(ring: Int32Array): Int32Array {
  const larger = new Int32Array(2 * ring.length);
  larger.set(ring);
  return larger;
}
