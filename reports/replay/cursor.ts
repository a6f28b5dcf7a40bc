/** Where a replay is, and what a key or the passing of time does to it. */
import { second } from '../../core/time/time.ts';
import { parseClock } from '../terminal.ts';
import { lastEventAt } from '../trace/trace-index.ts';
import { writersUpTo, type ReplayIndex } from './replay-index.ts';

export interface Cursor {
  /** The event at hand: it has just happened. 0: before the first. */
  readonly event: number;
  /** The virtual clock, in microseconds: at or after the event at hand, before the next. */
  readonly clock: number;
  readonly playing: boolean;
  /** An index into `speeds`. */
  readonly speed: number;
  /** The first node that is drawn. */
  readonly firstNode: number;
  /** What has been typed of a time to jump to; undefined when nobody is typing. */
  readonly jump: string | undefined;
  readonly notice: string;
  readonly quit: boolean;
}

/** Virtual seconds in a second. */
export const speeds = [0.001, 0.01, 0.1, 0.5, 1, 2, 5, 10, 60, 600, 3_600, 86_400] as const;

export type Input =
  /** Time has passed in the outer world, in milliseconds. */
  | { readonly type: 'tick'; readonly elapsedMs: number }
  | { readonly type: 'key'; readonly key: KeyName }
  | { readonly type: 'text'; readonly text: string };

export type KeyName =
  'left' | 'right' | 'up' | 'down' | 'pageUp' | 'pageDown' | 'return' | 'escape' | 'backspace';

export const startCursor = (playing: boolean): Cursor => ({
  event: 0,
  clock: 0,
  playing,
  speed: speeds.indexOf(1),
  firstNode: 0,
  jump: undefined,
  notice: '',
  quit: false,
});

/** The cursor after an input. */
export function moved(index: ReplayIndex, cursor: Cursor, input: Input): Cursor {
  if (input.type === 'tick') return cursor.playing ? played(index, cursor, input.elapsedMs) : cursor;
  const fresh: Cursor = cursor.notice === '' ? cursor : { ...cursor, notice: '' };
  if (fresh.jump !== undefined) return typed(index, fresh, fresh.jump, input);
  return input.type === 'key'
    ? onKey(index, fresh, input.key)
    : [...input.text].reduce((at, letter) => onLetter(index, at, letter), fresh);
}

function played(index: ReplayIndex, cursor: Cursor, elapsedMs: number): Cursor {
  const end = index.trace.at[index.trace.events] ?? 0;
  const clock = Math.min(
    end,
    cursor.clock + Math.round((elapsedMs * (speeds[cursor.speed] ?? 1) * second) / 1_000),
  );
  const event = Math.max(cursor.event, lastEventAt(index.trace, clock));
  const over = event >= index.trace.events;
  return { ...cursor, clock, event, playing: !over, notice: over ? 'the end of the trace' : cursor.notice };
}

function onKey(index: ReplayIndex, cursor: Cursor, key: KeyName): Cursor {
  switch (key) {
    case 'right':
      return atEvent(index, cursor, cursor.event + 1);
    case 'left':
      return atEvent(index, cursor, cursor.event - 1);
    case 'down':
      return { ...cursor, firstNode: cursor.firstNode + 1 };
    case 'up':
      return { ...cursor, firstNode: Math.max(0, cursor.firstNode - 1) };
    case 'pageDown':
      return { ...cursor, firstNode: cursor.firstNode + 10 };
    case 'pageUp':
      return { ...cursor, firstNode: Math.max(0, cursor.firstNode - 10) };
    case 'escape':
    case 'return':
    case 'backspace':
      return cursor;
  }
}

function onLetter(index: ReplayIndex, cursor: Cursor, letter: string): Cursor {
  switch (letter) {
    case ' ':
      return cursor.event >= index.trace.events
        ? { ...startCursor(true), speed: cursor.speed }
        : { ...cursor, playing: !cursor.playing };
    case '+':
    case '=':
      return { ...cursor, speed: Math.min(speeds.length - 1, cursor.speed + 1) };
    case '-':
    case '_':
      return { ...cursor, speed: Math.max(0, cursor.speed - 1) };
    case '.':
      return atEvent(index, cursor, cursor.event + 1);
    case ',':
      return atEvent(index, cursor, cursor.event - 1);
    case 'n':
      return atEvent(
        index,
        cursor,
        index.writers[writersUpTo(index.writers, cursor.event)] ?? index.trace.events,
      );
    case 'p':
      return atEvent(index, cursor, index.writers[writersUpTo(index.writers, cursor.event - 1) - 1] ?? 0);
    case '<':
      return atEvent(index, cursor, 0);
    case '>':
      return atEvent(index, cursor, index.trace.events);
    case 'g':
      return { ...cursor, jump: '', playing: false };
    case 'q':
      return { ...cursor, quit: true };
    default:
      return cursor;
  }
}

/** Steps to an event, and stops there. */
function atEvent(index: ReplayIndex, cursor: Cursor, event: number): Cursor {
  const there = Math.max(0, Math.min(index.trace.events, event));
  return { ...cursor, event: there, clock: there === 0 ? 0 : (index.trace.at[there] ?? 0), playing: false };
}

/** The longest time somebody would type. */
const longestJump = 32;

function typed(
  index: ReplayIndex,
  cursor: Cursor,
  jump: string,
  input: Exclude<Input, { type: 'tick' }>,
): Cursor {
  if (input.type === 'text') return { ...cursor, jump: (jump + input.text).slice(0, longestJump) };
  switch (input.key) {
    case 'return':
      return jumped(index, cursor, jump);
    case 'escape':
      return { ...cursor, jump: undefined };
    case 'backspace':
      return { ...cursor, jump: jump.slice(0, -1) };
    case 'left':
    case 'right':
    case 'up':
    case 'down':
    case 'pageUp':
    case 'pageDown':
      return cursor;
  }
}

function jumped(index: ReplayIndex, cursor: Cursor, jump: string): Cursor {
  const time = parseClock(jump.trim());
  if (time === undefined)
    return { ...cursor, jump: undefined, notice: `${jump} is no time: 12.5s, 5m, 1h30m` };
  return { ...atTime(index, cursor, time), jump: undefined };
}

/** The cursor at a virtual time: everything up to it has happened. */
export function atTime(index: ReplayIndex, cursor: Cursor, time: number): Cursor {
  const end = index.trace.at[index.trace.events] ?? 0;
  const notice = time > end ? 'the trace ends before that' : '';
  return {
    ...cursor,
    clock: Math.min(time, end),
    event: lastEventAt(index.trace, time),
    playing: false,
    notice,
  };
}
