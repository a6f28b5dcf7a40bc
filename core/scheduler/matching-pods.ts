/**
 * How many of certain Pods are on each node. Kept with the columns: of a node that changed only the Pods that came or
 * went are looked at. An index like the columns themselves: dropping it changes nothing but time.
 */
import type { Columns } from './columns.ts';
import type { PodInfo } from './pod-info.ts';

const noPods: readonly PodInfo[] = [];

export class MatchingPods {
  readonly podsOfRow: Int32Array;
  private readonly columns: Columns;
  private readonly matches: (pod: PodInfo) => boolean;
  private readonly seenOfRow: (readonly PodInfo[])[];
  private position: number;

  constructor(columns: Columns, matches: (pod: PodInfo) => boolean) {
    this.columns = columns;
    this.matches = matches;
    this.podsOfRow = new Int32Array(columns.capacity);
    this.seenOfRow = new Array<readonly PodInfo[]>(columns.capacity).fill(noPods);
    for (let row = 0; row < columns.capacity; row++) this.count(row);
    this.position = columns.changes;
  }

  /** Counts what changed. */
  update(): void {
    const { columns } = this;
    const { changes } = columns;
    if (changes - this.position > columns.remembered)
      for (let row = 0; row < columns.capacity; row++) this.count(row);
    else for (let at = this.position; at < changes; at++) this.count(columns.changedRow(at));
    this.position = changes;
  }

  private count(row: number): void {
    const now = this.columns.infoAt(row)?.pods ?? noPods;
    const before = this.seenOfRow[row] as readonly PodInfo[];
    if (now === before) return;
    this.seenOfRow[row] = now;
    const shared = sharedLength(before, now);
    let change = 0;
    for (let i = shared; i < before.length; i++) if (this.matches(before[i] as PodInfo)) change--;
    for (let i = shared; i < now.length; i++) if (this.matches(now[i] as PodInfo)) change++;
    (this.podsOfRow[row] as number) += change;
  }
}

/** How long the part is that two lists of a node begin with both. */
export function sharedLength(a: readonly PodInfo[], b: readonly PodInfo[]): number {
  const length = Math.min(a.length, b.length);
  // Pods come at the end of the list, so one that has kept its place has all before it where they were.
  if (length > 0 && a[length - 1] === b[length - 1]) return length;
  let shared = 0;
  while (shared < length && a[shared] === b[shared]) shared++;
  return shared;
}

/** Counts that are kept beside one set of columns, at the most. */
const bound = 1_000;
const kept = new WeakMap<Columns, Map<string, MatchingPods>>();

/** The counts of the Pods that `matches` is true of. `key`: the same for the same Pods. */
export function matchingPods(
  columns: Columns,
  key: string,
  matches: (pod: PodInfo) => boolean,
): MatchingPods {
  let all = kept.get(columns);
  if (all === undefined) {
    all = new Map();
    kept.set(columns, all);
  }
  let known = all.get(key);
  if (known === undefined) {
    if (all.size >= bound) all.clear();
    known = new MatchingPods(columns, matches);
    all.set(key, known);
  }
  return known;
}
