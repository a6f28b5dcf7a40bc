/**
 * What is going to happen, in order of (time, sequence): a heap. Entries are never changed once they are in it,
 * so a checkpoint is a copy of one array of references.
 */
import type { VirtualTime } from '../../core/time/time.ts';

export interface Entry<Message> {
  readonly at: VirtualTime;
  /** Order among entries of one instant: first in, first out. */
  readonly sequence: number;
  /** The id of the event that asked for this one; 0: none did. */
  readonly cause: number;
  /** The process it happens to. */
  readonly to: number;
  /** The life of that process it is meant for: what was meant for an earlier life is dropped. */
  readonly incarnation: number;
  /** A periodic matter that alone must not keep a run from being over. */
  readonly background: boolean;
  readonly message: Message;
}

/** A node of the heap has four children: half as deep as with two, and the times of four lie side by side in memory. */
const arity = 4;

export class Agenda<Message> {
  private readonly heap: Entry<Message>[];
  /** The times of the entries, at the same places: to compare two of them touches no entry. */
  private times: Float64Array;
  /** Entries that are not background. */
  private foreground: number;

  /** `entries`: none, or what `entries()` of another gave. */
  constructor(entries: readonly Entry<Message>[] = []) {
    this.heap = entries.slice();
    this.times = new Float64Array(Math.max(64, 2 * entries.length));
    entries.forEach((entry, index) => (this.times[index] = entry.at));
    this.foreground = entries.reduce((count, entry) => count + (entry.background ? 0 : 1), 0);
  }

  get size(): number {
    return this.heap.length;
  }

  /** True while anything but background timers is to come. */
  get busy(): boolean {
    return this.foreground > 0;
  }

  /** The array of the heap itself: what a checkpoint keeps. */
  entries(): readonly Entry<Message>[] {
    return this.heap.slice();
  }

  peek(): Entry<Message> | undefined {
    return this.heap[0];
  }

  push(entry: Entry<Message>): void {
    const { heap } = this;
    const { at, sequence } = entry;
    if (!entry.background) this.foreground++;
    let index = heap.length;
    heap.push(entry);
    if (index === this.times.length) this.times = doubled(this.times);
    const { times } = this;
    while (index > 0) {
      const parent = Math.floor((index - 1) / arity);
      const above = heap[parent] as Entry<Message>;
      const time = times[parent] as number;
      if (time < at || (time === at && above.sequence < sequence)) break;
      heap[index] = above;
      times[index] = time;
      index = parent;
    }
    heap[index] = entry;
    times[index] = at;
  }

  pop(): Entry<Message> | undefined {
    const { heap } = this;
    const first = heap[0];
    const last = heap.pop();
    if (first === undefined || last === undefined) return undefined;
    if (!first.background) this.foreground--;
    if (heap.length > 0) this.sink(last);
    return first;
  }

  /** Puts `entry` at the root and lets it sink to its place. */
  private sink(entry: Entry<Message>): void {
    const { heap, times } = this;
    const { at, sequence } = entry;
    const length = heap.length;
    let index = 0;
    for (let first = 1; first < length; first = arity * index + 1) {
      const least = this.leastOf(first, Math.min(first + arity, length));
      const below = heap[least] as Entry<Message>;
      const time = times[least] as number;
      if (at < time || (at === time && sequence < below.sequence)) break;
      heap[index] = below;
      times[index] = time;
      index = least;
    }
    heap[index] = entry;
    times[index] = at;
  }

  /** The place of the entry that comes first among those at `first` (inclusive) to `end` (exclusive). */
  private leastOf(first: number, end: number): number {
    const { heap, times } = this;
    let least = first;
    let time = times[first] as number;
    for (let place = first + 1; place < end; place++) {
      const other = times[place] as number;
      if (other > time) continue;
      if (
        other === time &&
        (heap[place] as Entry<Message>).sequence > (heap[least] as Entry<Message>).sequence
      )
        continue;
      least = place;
      time = other;
    }
    return least;
  }
}

function doubled(times: Float64Array): Float64Array {
  const next = new Float64Array(2 * times.length);
  next.set(times);
  return next;
}
