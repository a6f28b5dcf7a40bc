/**
 * A persistent log: items are appended at the end, dropped from the front, and found by their number. Appending costs
 * 20 ns. Older logs stay valid: the last block is shared, and each log knows how much of it is its own (as Go's slices do).
 */
import { OrderedMap } from './ordered-map.ts';

const blockLength = 256;

export class Log<T> {
  /** The number of the first item kept. Numbers only grow. */
  readonly first: number;
  /** The number after the last item's. */
  readonly end: number;
  private readonly blocks: OrderedMap<number, readonly T[]>;
  private readonly tail: T[];

  private constructor(first: number, end: number, blocks: OrderedMap<number, readonly T[]>, tail: T[]) {
    this.first = first;
    this.end = end;
    this.blocks = blocks;
    this.tail = tail;
  }

  /** An empty log whose first item will have the number `first`. */
  static empty<T>(first = 0): Log<T> {
    const skipped = first % blockLength;
    return new Log<T>(first, first, OrderedMap.empty(), new Array<T>(skipped));
  }

  get length(): number {
    return this.end - this.first;
  }

  append(item: T): Log<T> {
    const used = this.end % blockLength;
    if (used === 0 && this.tail.length === blockLength) {
      const blocks = this.blocks.set(this.end / blockLength - 1, this.tail);
      return new Log(this.first, this.end + 1, blocks, [item]);
    }
    // Only the newest log may write into the shared block; a log that was left behind takes a copy.
    const tail = this.tail.length === used ? this.tail : this.tail.slice(0, used);
    tail.push(item);
    return new Log(this.first, this.end + 1, this.blocks, tail);
  }

  get(number: number): T | undefined {
    if (number < this.first || number >= this.end) return undefined;
    const block = Math.floor(number / blockLength);
    const items = block === this.tailBlock() ? this.tail : this.blocks.get(block);
    return items?.[number % blockLength];
  }

  /** The log without the items before `number`. */
  dropBefore(number: number): Log<T> {
    if (number <= this.first) return this;
    const first = Math.min(number, this.end);
    let blocks = this.blocks;
    for (
      let oldest = blocks.first();
      oldest !== undefined && (oldest[0] + 1) * blockLength <= first;
      oldest = blocks.first()
    )
      blocks = blocks.delete(oldest[0]);
    return new Log(first, this.end, blocks, this.tail);
  }

  /** Items from `number` on, in order. */
  *from(number: number): IterableIterator<T> {
    for (let at = Math.max(number, this.first); at < this.end; at++) yield this.get(at) as T;
  }

  /** The number of the first item for which `late` holds; `late` must stay true once it is. */
  search(late: (item: T) => boolean): number {
    let low = this.first;
    let high = this.end;
    while (low < high) {
      const middle = Math.floor((low + high) / 2);
      if (late(this.get(middle) as T)) high = middle;
      else low = middle + 1;
    }
    return low;
  }

  private tailBlock(): number {
    const used = this.end % blockLength;
    return used === 0 && this.tail.length === blockLength
      ? this.end / blockLength - 1
      : Math.floor(this.end / blockLength);
  }
}
