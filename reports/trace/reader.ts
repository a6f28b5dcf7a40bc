/**
 * Reads a trace from front to back: the header, then every event with the records that belong to it. Nothing of the
 * trace is kept, so its length does not matter.
 */
import type { RecordLine, TraceHeader } from '../../sim/trace/format.ts';
import { parseEvent, parseHeader, parseRecord, type TraceEvent } from './event.ts';
import { linesOf, lineText, type Line } from './lines.ts';
import { TraceInputError, type TraceSource } from './source.ts';

/** An event and what belongs to it. The records above the first event have `event` undefined. */
export interface EventWithRecords {
  readonly event: TraceEvent | undefined;
  readonly records: readonly RecordLine[];
}

const leftBracket = 91;

export const isEventLine = (line: Line): boolean => line.block[line.start] === leftBracket;

/** True for a last line that was cut off in its middle: a trace that was cut off is a trace up to there. */
export function isCutOff(line: Line): boolean {
  if (line.terminated) return false;
  try {
    JSON.parse(lineText(line));
    return false;
  } catch {
    return true;
  }
}

/** The header of a trace; a TraceInputError where the source is none. */
export function readHeader(source: TraceSource): TraceHeader {
  for (const line of linesOf(source)) return headerOf(source, line);
  throw new TraceInputError(source.name, 0, 'is empty: no trace');
}

/** Line 1 as the header. */
export function headerOf(source: TraceSource, line: Line): TraceHeader {
  const header = parseHeader(lineText(line));
  if (typeof header === 'string') throw new TraceInputError(source.name, 1, header);
  return header;
}

/** What a line says, or the error that names it. */
export function expectParsed<T extends object>(
  source: TraceSource,
  lineNumber: number,
  parsed: T | string,
): T {
  if (typeof parsed === 'string') throw new TraceInputError(source.name, lineNumber, parsed);
  return parsed;
}

/**
 * Every event of a trace in order, with its records.
 *
 * @example
 * for (const { event, records } of readTrace(fileSource('run.trace'))) …
 */
export function* readTrace(source: TraceSource): Generator<EventWithRecords, void, undefined> {
  let event: TraceEvent | undefined;
  let records: RecordLine[] = [];
  let id = 0;
  readHeader(source);
  for (const line of linesOf(source)) {
    if (line.number === 1 || isCutOff(line)) continue;
    if (isEventLine(line)) {
      if (event !== undefined || records.length > 0) yield { event, records };
      event = expectParsed(source, line.number, parseEvent(++id, lineText(line)));
      records = [];
    } else records.push(expectParsed(source, line.number, parseRecord(lineText(line))));
  }
  if (event !== undefined || records.length > 0) yield { event, records };
}
