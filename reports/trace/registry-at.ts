/** The registry as etcd held it at a time of a run. */
import type { VirtualTime } from '../../core/time/time.ts';
import { parseRecord } from './event.ts';
import { lineText, type Line } from './lines.ts';
import { expectParsed } from './reader.ts';
import { applyWrite, emptyRegistry, isWrite, type Registry, type WriteRecord } from './registry.ts';
import type { TraceSource } from './source.ts';
import { indexTrace } from './trace-index.ts';

export interface RegistryAt {
  /** Of the keys in lines that have a needle; its revision is that of the last write of all. */
  readonly registry: Registry;
  /** The number of events up to then. */
  readonly events: number;
  /** When the last of them was. */
  readonly last: VirtualTime;
  /** The trace was cut off in its last line. */
  readonly truncated: boolean;
}

/** The registry at a time (absent: at the end), of the writes whose lines have one of the needles; without needles, all of it. */
export function registryAt(
  source: TraceSource,
  needles: readonly string[],
  at: VirtualTime | undefined,
): RegistryAt {
  let registry = emptyRegistry;
  const index = indexTrace(source, {
    needles,
    until: at,
    onRecord(_event, line) {
      if (needles.length > 0 && !line.hit) {
        registry = { revision: revisionIn(line) ?? registry.revision, entries: registry.entries };
        return;
      }
      const record = expectParsed(source, line.number, parseRecord(lineText(line)));
      if (isWrite(record)) registry = applyWrite(registry, record);
    },
  });
  const { events, truncated } = index;
  return { registry, events, last: index.at[events] ?? 0, truncated };
}

/** Something that was written, and when. */
export interface TimedWrite {
  readonly at: VirtualTime;
  readonly write: WriteRecord;
}

/** What was written after the first `events` events, up to a time (absent: the end), in lines that have one of the needles. */
export function writesAfter(
  source: TraceSource,
  needles: readonly string[],
  events: number,
  until: VirtualTime | undefined,
): readonly TimedWrite[] {
  const found: { readonly event: number; readonly write: WriteRecord }[] = [];
  const index = indexTrace(source, {
    needles,
    until,
    onRecord(event, line) {
      if (event <= events || !line.hit) return;
      const record = expectParsed(source, line.number, parseRecord(lineText(line)));
      if (isWrite(record)) found.push({ event, write: record });
    },
  });
  return found.map(({ event, write }) => ({ at: index.at[event] ?? 0, write }));
}

const writeStart = '{"rev":';

/** The revision of a write's record, without reading the object in it. */
function revisionIn(line: Line): number | undefined {
  const head = line.block.toString('latin1', line.start, Math.min(line.end, line.start + 24));
  return head.startsWith(writeStart) ? Number.parseInt(head.slice(writeStart.length), 10) : undefined;
}

/** For a person who is shown such a trace. */
export const cutOffNote = ({ name }: TraceSource): string =>
  `${name}: the trace was cut off in its last line; it is read up to there`;
