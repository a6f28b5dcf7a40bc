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

/**
 * The heap is of numbers alone: the time and the sequence of each entry, and its place in a table. What sinks or rises moves
 * numbers, and to compare two entries touches neither.
 */
export class Agenda<Message> {
  private size = 0;
  private times: Float64Array;
  private sequences: Float64Array;
  /** Where in the table the entry is. */
  private places: Int32Array;
  private readonly table: (Entry<Message> | undefined)[];
  /** Places in the table that are not in use. */
  private readonly free: number[] = [];
  /** Entries that are not background. */
  private foreground = 0;

  /** `entries`: none, or what `entries()` of another gave. */
  constructor(entries: readonly Entry<Message>[] = []) {
    const room = Math.max(64, 2 * entries.length);
    this.times = new Float64Array(room);
    this.sequences = new Float64Array(room);
    this.places = new Int32Array(room);
    this.table = [];
    for (const entry of entries) this.push(entry);
  }

  /** True while anything but background timers is to come. */
  get busy(): boolean {
    return this.foreground > 0;
  }

  /** The entries in an order from which an agenda is made: what a checkpoint keeps. */
  entries(): readonly Entry<Message>[] {
    return Array.from(
      { length: this.size },
      (_, index) => this.table[this.places[index] as number] as Entry<Message>,
    );
  }

  peek(): Entry<Message> | undefined {
    return this.size === 0 ? undefined : this.table[this.places[0] as number];
  }

  push(entry: Entry<Message>): void {
    if (!entry.background) this.foreground++;
    const place = this.free.pop() ?? this.table.length;
    this.table[place] = entry;
    if (this.size === this.times.length) this.grow();
    this.rise(this.size++, entry.at, entry.sequence, place);
  }

  pop(): Entry<Message> | undefined {
    if (this.size === 0) return undefined;
    const { times, sequences, places, table } = this;
    const place = places[0] as number;
    const first = table[place] as Entry<Message>;
    table[place] = undefined;
    this.free.push(place);
    if (!first.background) this.foreground--;
    const last = --this.size;
    if (last > 0) this.sink(times[last] as number, sequences[last] as number, places[last] as number);
    return first;
  }

  /** Puts an entry at `index`, which is the last, and lets it rise to where it belongs. */
  private rise(index: number, at: number, sequence: number, place: number): void {
    const { times, sequences, places } = this;
    while (index > 0) {
      const parent = Math.floor((index - 1) / arity);
      const time = times[parent] as number;
      if (time < at || (time === at && (sequences[parent] as number) < sequence)) break;
      times[index] = time;
      sequences[index] = sequences[parent] as number;
      places[index] = places[parent] as number;
      index = parent;
    }
    times[index] = at;
    sequences[index] = sequence;
    places[index] = place;
  }

  /** Puts an entry at the root and lets it sink to where it belongs. */
  private sink(at: number, sequence: number, place: number): void {
    const { times, sequences, places, size } = this;
    let index = 0;
    for (let first = 1; first < size; first = arity * index + 1) {
      const least = this.leastOf(first, Math.min(first + arity, size));
      const time = times[least] as number;
      if (at < time || (at === time && sequence < (sequences[least] as number))) break;
      times[index] = time;
      sequences[index] = sequences[least] as number;
      places[index] = places[least] as number;
      index = least;
    }
    times[index] = at;
    sequences[index] = sequence;
    places[index] = place;
  }

  /** The index of what comes first among those from `first` (inclusive) to `end` (exclusive). */
  private leastOf(first: number, end: number): number {
    const { times, sequences } = this;
    let least = first;
    let time = times[first] as number;
    for (let index = first + 1; index < end; index++) {
      const other = times[index] as number;
      if (other > time) continue;
      if (other === time && (sequences[index] as number) > (sequences[least] as number)) continue;
      least = index;
      time = other;
    }
    return least;
  }

  private grow(): void {
    this.times = copied(this.times, new Float64Array(2 * this.size));
    this.sequences = copied(this.sequences, new Float64Array(2 * this.size));
    this.places = copied(this.places, new Int32Array(2 * this.size));
  }
}

function copied<Numbers extends Float64Array | Int32Array>(numbers: Numbers, larger: Numbers): Numbers {
  larger.set(numbers);
  return larger;
}
