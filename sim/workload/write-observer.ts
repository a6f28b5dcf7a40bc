/**
 * Follows what is written under some keys of the registry, to the microsecond, by reading the trace as it is made. It
 * sees exactly what a reader of the trace file would, and the run cannot tell whether anybody looks.
 */
import type { Json } from '../../core/api/generated/types.ts';
import type { VirtualTime } from '../../core/time/time.ts';
import type { TraceSink } from '../trace/sink.ts';

export interface Write {
  readonly at: VirtualTime;
  /** The key in etcd. */
  readonly key: string;
  /** The whole object where it is new. */
  readonly put?: Json;
  /** The merge patch from what was there before. */
  readonly patch?: Json;
  readonly delete?: true;
}

const lineFeed = 10;

/** A sink that tells of the writes under the prefixes, and hands every block on to `next`. */
export function observeWrites(
  prefixes: readonly string[],
  tell: (write: Write) => void,
  next?: TraceSink,
): TraceSink {
  const needles = prefixes.map((prefix) => Buffer.from(`"key":"${prefix}`));
  let time: VirtualTime = 0;
  return {
    write(bytes) {
      const block = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
      for (const start of recordsWith(block, needles)) {
        const eventStart = lastEventBefore(block, start);
        if (eventStart >= 0) time = timeAt(block, eventStart);
        const end = block.indexOf(lineFeed, start);
        const record = JSON.parse(block.toString('utf8', start, end)) as Write & { readonly rev: number };
        tell({ ...record, at: time });
      }
      const last = lastEventBefore(block, block.length);
      if (last >= 0) time = timeAt(block, last);
      next?.write(bytes);
    },
    close() {
      next?.close();
    },
  };
}

/** Where the lines begin that hold a needle near their beginning, in order. */
function recordsWith(block: Buffer, needles: readonly Buffer[]): readonly number[] {
  const starts: number[] = [];
  for (const needle of needles) {
    for (let at = block.indexOf(needle); at >= 0; at = block.indexOf(needle, at + needle.length)) {
      const start = block.lastIndexOf(lineFeed, at) + 1;
      if (block.toString('latin1', start, start + 7) === '{"rev":' && at - start < 32) starts.push(start);
    }
  }
  return needles.length > 1 ? starts.sort((a, b) => a - b) : starts;
}

/** The beginning of the event line before `end`; -1 where it is in an earlier block. */
function lastEventBefore(block: Buffer, end: number): number {
  // A negative offset would be counted from the block's end.
  const at = end === 0 ? -1 : block.lastIndexOf('\n[', end - 1);
  if (at >= 0) return at + 1;
  return end > 0 && block[0] === 0x5b ? 0 : -1;
}

const timeAt = (block: Buffer, start: number): VirtualTime =>
  Number.parseInt(block.toString('latin1', start + 1, start + 20), 10);
