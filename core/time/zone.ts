/**
 * Time zones by name, from a table generated from the time zone database (core/time/generated/zones.ts): what a zone's
 * offset is at an instant, and the instant of a local time. The data of the engine's own Intl would differ from
 * one Node to the next; the answers here are the same everywhere. Before 2000 a zone keeps the offset it had then.
 *
 * Where a local time does not exist or exists twice, the answer is the one Go's time package gives, because robfig/cron,
 * and so Kubernetes, builds on it.
 */
import { dateOfDay, dayOfDate, weekdayOfDay } from './civil.ts';
import { zoneLines } from './generated/zones.ts';
import { parseZoneRule, ruleSpanAt, type ZoneRule } from './zone-rule.ts';

/** Seconds since 1970-01-01T00:00:00Z. */
export type UnixSeconds = number & { readonly unit?: 's' };

/** How long an offset holds: from `start`, up to but not at `end`. */
export interface OffsetSpan {
  /** Seconds east of UTC. */
  readonly offset: number;
  readonly start: UnixSeconds;
  readonly end: UnixSeconds;
}

/** A time zone: what its offset was between its changes, and the rule after the last. */
export interface Zone {
  readonly name: string;
  readonly spans: readonly OffsetSpan[];
  /** Holds after the last change. */
  readonly rule: ZoneRule;
}

/** What clocks in a zone show. */
export interface LocalTime {
  readonly year: number;
  /** 1 to 12. */
  readonly month: number;
  readonly day: number;
  readonly hour: number;
  readonly minute: number;
  readonly second: number;
  /** 0 is Sunday. */
  readonly weekday: number;
}

/** A zone that never changes its offset. */
export const fixedZone = (name: string, offset: number): Zone => ({
  name,
  spans: [{ offset, start: -Infinity, end: Infinity }],
  rule: { standard: offset },
});

/** Without offset, all year. */
export const utc: Zone = fixedZone('UTC', 0);

const read = new Map<string, Zone>();

/** A zone of the time zone database by its name, spelt exactly as there; undefined when there is none. */
export function zoneNamed(name: string): Zone | undefined {
  const line = lineOf().get(name);
  if (line === undefined) return undefined;
  const known = read.get(name);
  if (known !== undefined) return known;
  const zone = parseZone(name, line);
  read.set(name, zone);
  return zone;
}

let lines: ReadonlyMap<string, string> | undefined;

/** The data of each zone by name. The table is cut up when a zone is first asked for. */
function lineOf(): ReadonlyMap<string, string> {
  lines ??= new Map(
    zoneLines
      .trim()
      .split('\n')
      .flatMap((line) => {
        const [names = '', data = ''] = line.split('|');
        return names.split(' ').map((name) => [name, data] as const);
      }),
  );
  return lines;
}

/** 2000-01-01T00:00:00Z, from where the table counts. */
const tableBegin = 946_684_800;

function parseZone(name: string, data: string): Zone {
  const [first = '', changes = '', rule = ''] = data.split(';');
  const spans: OffsetSpan[] = [];
  let offset = Number(first);
  let start = -Infinity;
  let at = tableBegin;
  for (const change of changes === '' ? [] : changes.split(' ')) {
    const [delta = '', next = ''] = change.split(':');
    at += Number.parseInt(delta, 36);
    spans.push({ offset, start, end: at });
    [offset, start] = [Number(next), at];
  }
  spans.push({ offset, start, end: Infinity });
  return { name, spans, rule: parseZoneRule(rule) };
}

/** The offset of a zone at an instant, and how long it holds. */
export function offsetAt(zone: Zone, at: UnixSeconds): OffsetSpan {
  const { spans, rule } = zone;
  let low = 0;
  let high = spans.length - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (at < (spans[middle] as OffsetSpan).end) high = middle;
    else low = middle + 1;
  }
  const span = spans[low] as OffsetSpan;
  return low === spans.length - 1 ? ruleSpanAt(rule, span.start, at) : span;
}

/** What clocks in a zone show at an instant. */
export function localTimeAt(zone: Zone, at: UnixSeconds): LocalTime {
  const local = at + offsetAt(zone, at).offset;
  const days = Math.floor(local / 86_400);
  const second = local - days * 86_400;
  return {
    ...dateOfDay(days),
    hour: Math.floor(second / 3_600),
    minute: Math.floor((second % 3_600) / 60),
    second: second % 60,
    weekday: weekdayOfDay(days),
  };
}

/** What clocks in a zone show at an instant, as RFC 3339 text with the offset. */
export function localTimeText(zone: Zone, at: UnixSeconds): string {
  const { year, month, day, hour, minute, second } = localTimeAt(zone, at);
  const { offset } = offsetAt(zone, at);
  const minutes = Math.floor(Math.abs(offset) / 60);
  const east = `${offset < 0 ? '-' : '+'}${two(Math.floor(minutes / 60))}:${two(minutes % 60)}`;
  const date = `${`${year}`.padStart(4, '0')}-${two(month)}-${two(day)}`;
  return `${date}T${two(hour)}:${two(minute)}:${two(second)}${offset === 0 ? 'Z' : east}`;
}

const two = (n: number): string => (n < 10 ? `0${n}` : `${n}`);

/** The instant of a local time, as Go's `time.Date` has it: parts that are too large count on. */
export function instantOf(
  zone: Zone,
  year: number,
  month: number,
  day: number,
  secondOfDay: number,
): UnixSeconds {
  const naive = dayOfDate(year, month, day) * 86_400 + secondOfDay;
  const { offset, start, end } = offsetAt(zone, naive);
  if (offset === 0) return naive;
  const guess = naive - offset;
  return guess >= start && guess < end ? guess : naive - offsetAt(zone, guess).offset;
}
