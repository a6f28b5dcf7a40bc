/** The rule a zone follows for ever after its last known change: a POSIX TZ text such as `CET-1CEST,M3.5.0,M10.5.0/3`. */
import { dateOfDay, dayOfDate, weekdayOfDay } from './civil.ts';
import type { OffsetSpan, UnixSeconds } from './zone.ts';

/** The day of a month's change: its week (5 is the last) and weekday, and the local time in seconds after midnight. */
interface Change {
  readonly month: number;
  readonly week: number;
  readonly weekday: number;
  readonly second: number;
}

/** A zone's offset in winter, and in summer where its clocks are changed. */
export interface ZoneRule {
  /** Seconds east of UTC. */
  readonly standard: number;
  /** Undefined where clocks are never changed. */
  readonly summer?: { readonly offset: number; readonly begins: Change; readonly ends: Change };
}

const name = '(?:<[^>]*>|[A-Za-z]+)';
const clock = '[+-]?\\d+(?::\\d+)*';
const change = 'M(\\d+)\\.(\\d+)\\.(\\d+)(?:/([+-]?\\d+(?::\\d+)*))?';
const rulePattern = new RegExp(`^${name}(${clock})(?:${name}(${clock})?,${change},${change})?$`);

/** Reads a rule of the table. */
export function parseZoneRule(text: string): ZoneRule {
  const match = rulePattern.exec(text);
  if (match === null) throw new Error(`not a rule of the zone table: ${text}`);
  // POSIX counts west of Greenwich.
  const standard = -seconds(match[1] ?? '0');
  if (match[3] === undefined) return { standard };
  const offset = match[2] === undefined ? standard + 3_600 : -seconds(match[2]);
  return { standard, summer: { offset, begins: changeOf(match, 3), ends: changeOf(match, 7) } };
}

const changeOf = (match: RegExpExecArray, at: number): Change => ({
  month: Number(match[at]),
  week: Number(match[at + 1]),
  weekday: Number(match[at + 2]),
  second: seconds(match[at + 3] ?? '2'),
});

/** `[+-]hh[:mm[:ss]]` in seconds. */
function seconds(text: string): number {
  const [hours = 0, minutes = 0, rest = 0] = text.replace(/^[+-]/, '').split(':').map(Number);
  const total = hours * 3_600 + minutes * 60 + rest;
  return text.startsWith('-') && total !== 0 ? -total : total;
}

const day = 86_400;

/** The offset a rule gives at an instant after `since`, and how long it holds, to the end of the year at most. */
export function ruleSpanAt(rule: ZoneRule, since: UnixSeconds, at: UnixSeconds): OffsetSpan {
  const { standard, summer } = rule;
  if (summer === undefined) return { offset: standard, start: since, end: Infinity };
  const { year } = dateOfDay(Math.floor(at / day));
  const begins = instantOf(summer.begins, year) - standard;
  const ends = instantOf(summer.ends, year) - summer.offset;
  const [first, second] = begins < ends ? [begins, ends] : [ends, begins];
  const [outside, inside] = begins < ends ? [standard, summer.offset] : [summer.offset, standard];
  if (at < first) return { offset: outside, start: dayOfDate(year, 1, 1) * day, end: first };
  if (at >= second) return { offset: outside, start: second, end: dayOfDate(year + 1, 1, 1) * day };
  return { offset: inside, start: first, end: second };
}

/** The local time of a change as if it were UTC. */
function instantOf({ month, week, weekday, second }: Change, year: number): UnixSeconds {
  const first = dayOfDate(year, month, 1);
  const toWeekday = (weekday - weekdayOfDay(first) + 7) % 7;
  let found = first + toWeekday + 7 * (week - 1);
  if (found >= dayOfDate(year, month + 1, 1)) found -= 7;
  return found * day + second;
}
