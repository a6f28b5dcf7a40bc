/**
 * What is going to happen, in order of (time, sequence): a binary heap. Entries are never changed once they are in it,
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

const before = <M>(a: Entry<M>, b: Entry<M>): boolean =>
  a.at < b.at || (a.at === b.at && a.sequence < b.sequence);

export class Agenda<Message> {
  private readonly heap: Entry<Message>[];
  /** Entries that are not background. */
  private foreground: number;

  constructor(entries: readonly Entry<Message>[] = []) {
    this.heap = entries.slice();
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
    const heap = this.heap;
    if (!entry.background) this.foreground++;
    let index = heap.length;
    heap.push(entry);
    while (index > 0) {
      const parent = (index - 1) >> 1;
      const above = heap[parent] as Entry<Message>;
      if (!before(entry, above)) break;
      heap[index] = above;
      index = parent;
    }
    heap[index] = entry;
  }

  pop(): Entry<Message> | undefined {
    const heap = this.heap;
    const first = heap[0];
    const last = heap.pop();
    if (first === undefined || last === undefined) return undefined;
    if (!first.background) this.foreground--;
    if (heap.length > 0) this.sink(last);
    return first;
  }

  /** Puts `entry` at the root and lets it sink to its place. */
  private sink(entry: Entry<Message>): void {
    const heap = this.heap;
    const length = heap.length;
    let index = 0;
    for (let child = 1; child < length; child = 2 * index + 1) {
      const right = child + 1;
      if (right < length && before(heap[right] as Entry<Message>, heap[child] as Entry<Message>))
        child = right;
      const below = heap[child] as Entry<Message>;
      if (!before(below, entry)) break;
      heap[index] = below;
      index = child;
    }
    heap[index] = entry;
  }
}
