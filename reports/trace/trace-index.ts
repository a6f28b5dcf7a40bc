/**
 * A trace as columns: time, cause, process, kind and place of every event, in typed arrays, and from there any event
 * at once. Ten million events take about 250 MB, whatever their lines hold; the lines stay where they are and are read
 * when somebody asks.
 */
import type { RecordLine, TraceHeader } from '../../sim/trace/format.ts';
import type { ProcessKind } from '../../sim/process/program.ts';
import { eventKinds, parseEvent, parseRecord, type EventKind, type TraceEvent } from './event.ts';
import { linesOf, lineText, type Line } from './lines.ts';
import { expectParsed, headerOf, isCutOff, isEventLine } from './reader.ts';
import { TraceInputError, type TraceSource } from './source.ts';

interface Process {
  readonly id: number;
  readonly name: string;
  readonly kind: ProcessKind;
}

/** Columns have a row for each event at its id; row 0 stands for what is above the first event. */
export interface TraceIndex {
  readonly source: TraceSource;
  readonly header: TraceHeader;
  readonly events: number;
  readonly at: Float64Array;
  readonly cause: Uint32Array;
  readonly process: Uint32Array;
  /** An index into `eventKinds`. */
  readonly kind: Uint8Array;
  /** Where the event's line begins, in bytes; the row behind the last event is the trace's end. */
  readonly offset: Float64Array;
  readonly processes: ReadonlyMap<number, Process>;
  /** Events with a needle in their line or in a record of theirs, in order. */
  readonly hits: readonly number[];
  /** The last line was cut off in its middle. */
  readonly truncated: boolean;
}

export interface IndexOptions {
  /** Texts to look for: `hits` names the events that have one. */
  readonly needles?: readonly string[];
  /** Reads no further than the last event at this time; absent: all. */
  readonly until?: number | undefined;
  /** Sees every record in order, with the id of its event. */
  readonly onRecord?: (event: number, line: Line) => void;
}

/** Reads a trace once and gives its columns. */
export function indexTrace(source: TraceSource, options: IndexOptions = {}): TraceIndex {
  const columns = newColumns();
  const processes = new Map<number, Process>();
  const hits: number[] = [];
  let header: TraceHeader | undefined;
  let truncated = false;
  let end = source.size;
  let events = 0;
  for (const line of linesOf(source, options.needles)) {
    if (line.number === 1) header = headerOf(source, line);
    else if (isCutOff(line)) {
      truncated = true;
      end = line.offset;
    } else if (isEventLine(line)) {
      addEvent(columns, events + 1, line, source);
      if (options.until !== undefined && (columns.at[events + 1] ?? 0) > options.until) {
        end = line.offset;
        break;
      }
      events++;
      if (line.hit) hits.push(events);
    } else {
      if (events === 0 && columns.offset[0] === 0) columns.offset[0] = line.offset;
      if (startsProcess(line))
        addProcess(processes, expectParsed(source, line.number, parseRecord(lineText(line))));
      options.onRecord?.(events, line);
      if (line.hit && hits.at(-1) !== events) hits.push(events);
    }
  }
  if (header === undefined) throw new TraceInputError(source.name, 0, 'is empty: no trace');
  grow(columns, events + 1);
  columns.offset[events + 1] = end;
  if (columns.offset[0] === 0) columns.offset[0] = columns.offset[1] ?? end;
  return { source, header, events, ...columns, processes, hits, truncated };
}

interface Columns {
  at: Float64Array;
  cause: Uint32Array;
  process: Uint32Array;
  kind: Uint8Array;
  offset: Float64Array;
}

const newColumns = (): Columns => ({
  at: new Float64Array(1_024),
  cause: new Uint32Array(1_024),
  process: new Uint32Array(1_024),
  kind: new Uint8Array(1_024),
  offset: new Float64Array(1_024),
});

/** Makes room for `row` and the one behind it. */
function grow(columns: Columns, row: number): void {
  const length = columns.at.length;
  if (row + 1 < length) return;
  const wider = <T extends Float64Array | Uint32Array | Uint8Array>(column: T, copy: T): T => {
    copy.set(column);
    return copy;
  };
  columns.at = wider(columns.at, new Float64Array(length * 2));
  columns.cause = wider(columns.cause, new Uint32Array(length * 2));
  columns.process = wider(columns.process, new Uint32Array(length * 2));
  columns.kind = wider(columns.kind, new Uint8Array(length * 2));
  columns.offset = wider(columns.offset, new Float64Array(length * 2));
}

const kindCodes = new Map(eventKinds.map((kind, code) => [kind as string, code]));

function addEvent(columns: Columns, id: number, line: Line, source: TraceSource): void {
  grow(columns, id);
  const head = readHead(line);
  const code = head === undefined ? undefined : kindCodes.get(head.kind);
  if (head === undefined || code === undefined || head.cause >= id) {
    const event = expectParsed(source, line.number, parseEvent(id, lineText(line)));
    addRow(columns, id, event, kindCodes.get(event.kind) ?? 0, line.offset);
  } else addRow(columns, id, head, code, line.offset);
}

function addRow(
  columns: Columns,
  id: number,
  head: Omit<HeadText, 'kind'>,
  code: number,
  offset: number,
): void {
  columns.at[id] = head.at;
  columns.cause[id] = head.cause;
  columns.process[id] = head.process;
  columns.kind[id] = code;
  columns.offset[id] = offset;
}

interface HeadText {
  readonly at: number;
  readonly cause: number;
  readonly process: number;
  readonly kind: string;
}

/** `[at,cause,process,"kind"` without parsing the rest of the line; undefined where it is written in any other way. */
function readHead(line: Line): HeadText | undefined {
  const { block, end } = line;
  const numbers = [0, 0, 0];
  let i = line.start + 1;
  for (let n = 0; n < 3; n++) {
    const first = i;
    let value = 0;
    for (; i < end; i++) {
      const digit = (block[i] ?? 0) - 48;
      if (digit < 0 || digit > 9) break;
      value = value * 10 + digit;
    }
    if (i === first || block[i++] !== 44) return undefined;
    numbers[n] = value;
  }
  if (block[i] !== 34) return undefined;
  const close = block.indexOf(34, i + 1);
  const [at = 0, cause = 0, process = 0] = numbers;
  return { at, cause, process, kind: block.toString('latin1', i + 1, close) };
}

const processStart = Buffer.from('{"process":');

const startsProcess = (line: Line): boolean =>
  line.end - line.start > processStart.length &&
  line.block.compare(processStart, 0, processStart.length, line.start, line.start + processStart.length) ===
    0;

function addProcess(processes: Map<number, Process>, record: RecordLine): void {
  if ('process' in record)
    processes.set(record.process, { id: record.process, name: record.name, kind: record.kind });
}

/** The event of a row, read where it lies. */
export function eventAt(index: TraceIndex, id: number): TraceEvent {
  const text = textAt(index, id);
  const feed = text.indexOf('\n');
  const event = parseEvent(id, feed < 0 ? text : text.slice(0, feed));
  if (typeof event === 'string') throw new TraceInputError(index.source.name, 0, `event ${id}: ${event}`);
  return event;
}

/** The records of a row, read where they lie. */
export function recordsAt(index: TraceIndex, id: number): readonly RecordLine[] {
  const lines = textAt(index, id).split('\n');
  return lines.slice(id === 0 ? 0 : 1).flatMap((text) => {
    if (text === '') return [];
    const record = parseRecord(text);
    if (typeof record === 'string')
      throw new TraceInputError(index.source.name, 0, `a record of event ${id}: ${record}`);
    return [record];
  });
}

function textAt(index: TraceIndex, id: number): string {
  const from = index.offset[id] ?? 0;
  return index.source.read(from, (index.offset[id + 1] ?? from) - from).toString('utf8');
}

export const kindAt = (index: TraceIndex, id: number): EventKind =>
  eventKinds[index.kind[id] ?? 0] ?? 'start';

export const processName = (index: TraceIndex, id: number): string =>
  index.processes.get(id)?.name ?? `process ${id}`;

/** The last event at or before a time; 0 when none is. */
export function lastEventAt(index: TraceIndex, time: number): number {
  let low = 1;
  let high = index.events + 1;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((index.at[middle] ?? 0) <= time) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}

/** What each event caused: the ids of `of(event)`, ascending. */
export interface Effects {
  of(event: number): Uint32Array;
}

/** Turns the cause column round, in two passes over it. */
export function effectsOf(index: TraceIndex): Effects {
  const first = new Uint32Array(index.events + 2);
  for (let id = 1; id <= index.events; id++)
    first[(index.cause[id] ?? 0) + 1] = (first[(index.cause[id] ?? 0) + 1] ?? 0) + 1;
  for (let row = 1; row < first.length; row++) first[row] = (first[row] ?? 0) + (first[row - 1] ?? 0);
  const next = first.slice();
  const effects = new Uint32Array(index.events);
  for (let id = 1; id <= index.events; id++) {
    const cause = index.cause[id] ?? 0;
    const place = next[cause] ?? 0;
    effects[place] = id;
    next[cause] = place + 1;
  }
  return { of: (event) => effects.subarray(first[event] ?? 0, first[event + 1] ?? 0) };
}
