/**
 * What a replay needs of a trace, built in one pass: the columns of its events, what each event caused, the events that
 * wrote something, and the picture of the cluster every so many of them. Any moment is then the checkpoint before it
 * and a few hundred writes, forwards or backwards alike.
 */
import { lineText } from '../trace/lines.ts';
import { parseRecord } from '../trace/event.ts';
import { expectParsed } from '../trace/reader.ts';
import { isWrite } from '../trace/registry.ts';
import type { TraceSource } from '../trace/source.ts';
import { effectsOf, indexTrace, recordsAt, type Effects, type TraceIndex } from '../trace/trace-index.ts';
import { emptyPicture, pictureWith, type Picture } from './picture.ts';

interface Checkpoint {
  /** The picture is that after this event. */
  readonly event: number;
  /** How many writing events there are up to it. */
  readonly writers: number;
  readonly picture: Picture;
}

export interface ReplayIndex {
  readonly trace: TraceIndex;
  readonly effects: Effects;
  /** Events that wrote something, ascending. */
  readonly writers: readonly number[];
  readonly checkpoints: readonly Checkpoint[];
}

/** Writing events between two checkpoints. Reading one back costs some 20 us: a step back is at most 5 ms. */
const stride = 256;

/** Reads a trace for a replay. */
export function replayIndex(source: TraceSource): ReplayIndex {
  const writers: number[] = [];
  const checkpoints: Checkpoint[] = [{ event: 0, writers: 0, picture: emptyPicture }];
  let picture = emptyPicture;
  const trace = indexTrace(source, {
    onRecord(event, line) {
      const record = expectParsed(source, line.number, parseRecord(lineText(line)));
      if (!isWrite(record)) return;
      const last = writers.at(-1) ?? 0;
      if (last !== event) {
        if (writers.length > 0 && writers.length % stride === 0)
          checkpoints.push({ event: last, writers: writers.length, picture });
        writers.push(event);
      }
      picture = pictureWith(picture, record);
    },
  });
  return { trace, effects: effectsOf(trace), writers, checkpoints };
}

/** The last picture asked for: the next one is mostly a few writes further. Dropping it changes only the time taken. */
const lastAsked = new WeakMap<ReplayIndex, Checkpoint>();

/** The cluster after an event. */
export function pictureAt(index: ReplayIndex, event: number): Picture {
  const wanted = writersUpTo(index.writers, event);
  const near =
    index.checkpoints[Math.min(Math.floor(wanted / stride), index.checkpoints.length - 1)] ??
    index.checkpoints[0];
  const last = lastAsked.get(index);
  const from =
    last !== undefined && last.writers <= wanted && last.writers > (near?.writers ?? 0) ? last : near;
  let picture = from?.picture ?? emptyPicture;
  for (let i = from?.writers ?? 0; i < wanted; i++)
    for (const record of recordsAt(index.trace, index.writers[i] ?? 0))
      if (isWrite(record)) picture = pictureWith(picture, record);
  lastAsked.set(index, { event, writers: wanted, picture });
  return picture;
}

/** How many of the events that wrote something are not after an event. */
export function writersUpTo(writers: readonly number[], event: number): number {
  let low = 0;
  let high = writers.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((writers[middle] ?? 0) <= event) low = middle + 1;
    else high = middle;
  }
  return low;
}
