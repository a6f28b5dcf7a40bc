/** What all reports share in how they write: colours (none in a pipe, none under NO_COLOR), times, columns. */
import chalk, { Chalk, type ChalkInstance } from 'chalk';
import { parseDuration } from '../core/time/duration.ts';
import { hour, minute, parseTimeText, second, type VirtualTime } from '../core/time/time.ts';

/** Where a report is written. `process.stdout` is one; a test gives its own. */
export interface Output {
  readonly isTTY?: boolean | undefined;
  readonly columns?: number | undefined;
  write(text: string): unknown;
}

/** The colours for an output: chalk's own judgement of the terminal (which respects NO_COLOR and FORCE_COLOR), none in a pipe. */
export function coloursFor(output: Output): ChalkInstance {
  const forced = process.env['FORCE_COLOR'] !== undefined && process.env['FORCE_COLOR'] !== '0';
  return output.isTTY === true || forced ? chalk : noColours;
}

export const noColours: ChalkInstance = new Chalk({ level: 0 });

/** `0.012s`, `59.123s`, `5m03.250s`, `1h05m03s`, `3d04h05m`: a time of a run, to be read. */
export function clockText(at: VirtualTime): string {
  if (at < minute) return `${(at / second).toFixed(3)}s`;
  if (at < hour) return `${Math.floor(at / minute)}m${((at % minute) / second).toFixed(3).padStart(6, '0')}s`;
  const seconds = Math.floor(at / second);
  const [days, hours, minutes] = [
    Math.floor(seconds / 86_400),
    Math.floor(seconds / 3_600) % 24,
    Math.floor(seconds / 60) % 60,
  ];
  if (days > 0) return `${days}d${two(hours)}h${two(minutes)}m${two(seconds % 60)}s`;
  return `${hours}h${two(minutes)}m${two(seconds % 60)}s`;
}

const two = (n: number): string => `${n}`.padStart(2, '0');

/** A time of a run as a person gives it: `12.5s`, `5m`, `12.5` (seconds), or RFC 3339 text; undefined when it is none. */
export function parseClock(text: string): VirtualTime | undefined {
  if (/^\d+(\.\d+)?$/.test(text)) return Math.round(Number(text) * second);
  const time = parseDuration(text) ?? parseTimeText(text);
  return time === undefined || time < 0 ? undefined : time;
}

/** The text cut to a width, with an ellipsis where something is lost. Widths are those of plain text. */
export const cut = (text: string, width: number): string =>
  text.length <= width ? text : width < 1 ? '' : `${text.slice(0, width - 1)}…`;

/** The text in exactly a width. */
export const fitted = (text: string, width: number): string => cut(text, width).padEnd(width);
