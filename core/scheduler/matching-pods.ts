/**
 * How many of certain Pods are on each node. Kept with the columns, and brought along by what they remember of the Pods
 * that came and went, without a look at any of them. An index like the columns themselves: dropping it changes nothing
 * but time.
 */
import type { Columns } from './columns.ts';
import type { PodInfo } from './pod-info.ts';

export class MatchingPods {
  readonly podsOfRow: Int32Array;
  private readonly columns: Columns;
  private readonly matches: (pod: PodInfo) => boolean;
  /** By class of Pods. */
  private readonly verdicts: boolean[] = [];
  private position: number;

  /** `matches` goes by what classes of Pods have in common. */
  constructor(columns: Columns, matches: (pod: PodInfo) => boolean) {
    this.columns = columns;
    this.matches = matches;
    this.podsOfRow = new Int32Array(columns.capacity);
    // Their first change has to be one that is remembered; else they are counted.
    this.position = columns.beganEmpty
      ? Math.min(columns.changes, columns.classes.firstChangeAbout(matches))
      : -Infinity;
    this.update();
  }

  /** Counts what changed. */
  update(): void {
    const { columns, podsOfRow } = this;
    const { changes } = columns;
    if (!columns.recalls(this.position)) this.countAll();
    else
      for (let at = this.position; at < changes; at++) {
        const mark = columns.markOf(at);
        if (mark !== 0 && this.isAbout(mark))
          (podsOfRow[columns.changedRow(at)] as number) += mark > 0 ? 1 : -1;
      }
    this.position = changes;
  }

  /** Whether the Pod that came or went is one of them. */
  isAbout(mark: number): boolean {
    const number = (mark > 0 ? mark : -mark) - 1;
    const known = this.verdicts[number];
    if (known !== undefined) return known;
    while (this.verdicts.length <= number)
      this.verdicts.push(this.matches(this.columns.classes.exampleOf(this.verdicts.length)));
    return this.verdicts[number] as boolean;
  }

  private countAll(): void {
    for (let row = 0; row < this.columns.capacity; row++) {
      let count = 0;
      for (const pod of this.columns.infoAt(row)?.pods ?? noPods) if (this.matches(pod)) count++;
      this.podsOfRow[row] = count;
    }
  }
}

const noPods: readonly PodInfo[] = [];

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
