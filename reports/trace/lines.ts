/** The lines of a trace, in blocks: what is held at once does not grow with the file. */
import { TraceInputError, type TraceSource } from './source.ts';

/** One line where it lies. The same value is filled anew for every line: copy what must stay. */
export interface Line {
  /** Counted from 1. */
  number: number;
  /** In the source, in bytes. */
  offset: number;
  /** The block it lies in, and where it begins and ends there, without its line feed. */
  block: Buffer;
  start: number;
  end: number;
  /** False for a last line without a line feed: the writer may have been stopped in its middle. */
  terminated: boolean;
  /** One of the needles is somewhere in it. */
  hit: boolean;
}

export const lineText = (line: Line): string => line.block.toString('utf8', line.start, line.end);

const blockBytes = 1 << 20;
/** A line holds one object at most, and etcd refuses values above 1.5 MiB; escapes may make text of it a few times longer. */
const longestLine = 1 << 24;
const lineFeed = 10;

/** Every line of a source. Lines that contain one of `needles` say so at almost no cost for all the others. */
export function* linesOf(
  source: TraceSource,
  needles: readonly string[] = [],
): Generator<Line, void, undefined> {
  const finder = newFinder(needles);
  const line: Line = {
    number: 0,
    offset: 0,
    block: Buffer.alloc(0),
    start: 0,
    end: 0,
    terminated: true,
    hit: false,
  };
  for (let offset = 0; offset < source.size;) {
    const block = blockAt(source, offset, line.number + 1);
    finder.enter(block);
    const whole = block.lastIndexOf(lineFeed) + 1;
    const used = whole === 0 ? block.length : whole;
    line.block = block;
    for (let start = 0; start < used; start = line.end + 1) {
      const feed = block.indexOf(lineFeed, start);
      line.number++;
      line.offset = offset + start;
      line.start = start;
      line.end = feed < 0 ? block.length : feed;
      line.terminated = feed >= 0;
      line.hit = finder.within(start, line.end);
      yield line;
    }
    offset += used;
  }
}

/** A block with at least one whole line in it, unless it is the file's last piece. */
function blockAt(source: TraceSource, offset: number, number: number): Buffer {
  for (let length = blockBytes; ; length *= 4) {
    const block = source.read(offset, length);
    if (offset + block.length >= source.size || block.includes(lineFeed)) return block;
    if (length > longestLine)
      throw new TraceInputError(source.name, number, 'no line of a trace is this long: this is no trace');
    if (block.length < length) return block;
  }
}

interface Finder {
  enter(block: Buffer): void;
  within(start: number, end: number): boolean;
}

/** Looks for each needle once over a whole block, not once a line. */
function newFinder(needles: readonly string[]): Finder {
  const bytes = needles.map((needle) => Buffer.from(needle));
  const next = bytes.map(() => 0);
  let block: Buffer = Buffer.alloc(0);
  const found = (from: number, i: number): number => {
    const at = block.indexOf(bytes[i] ?? '', from);
    return at < 0 ? Infinity : at;
  };
  return {
    enter(entered) {
      block = entered;
      for (let i = 0; i < bytes.length; i++) next[i] = found(0, i);
    },
    within(start, end) {
      let hit = false;
      for (let i = 0; i < bytes.length; i++) {
        if ((next[i] ?? 0) < start) next[i] = found(start, i);
        if ((next[i] ?? 0) < end) hit = true;
      }
      return hit;
    },
  };
}
