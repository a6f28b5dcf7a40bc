/**
 * When a schedule is due. A schedule in a zone follows the zone's clocks: what falls into the hour that a change leaves
 * out is left out, what falls into the hour that comes twice is due twice. (robfig/cron v3.0.1 spec.go, SpecSchedule.Next;
 * its steps are kept because the answer around a change of clocks is made of them)
 */
import { unixSeconds, virtualTimeOf, type VirtualTime } from '../time.ts';
import { instantOf, localTimeAt, utc, type LocalTime, type UnixSeconds, type Zone } from '../zone.ts';
import type { CronField } from './field.ts';
import type { CronSchedule, FieldSchedule } from './parse.ts';

/** A schedule that is not due within so many years after the current one never is. */
const yearsAhead = 5;

/**
 * The first time after `from` at which a schedule is due, always a whole second; undefined when it never is.
 * @param local the zone of a schedule that names none: controllers run in UTC
 */
export function nextTime(
  schedule: CronSchedule,
  from: VirtualTime,
  local: Zone = utc,
): VirtualTime | undefined {
  const after = unixSeconds(from);
  if ('everySeconds' in schedule) return virtualTimeOf(after + schedule.everySeconds);
  if (!canBeDue(schedule)) return undefined;
  const due = find(schedule, after + 1, schedule.zone ?? local);
  return due === undefined ? undefined : virtualTimeOf(due);
}

/** A list of nothing but commas chooses no value. */
const canBeDue = ({ minute, hour, month }: FieldSchedule): boolean =>
  [minute, hour, month].every(({ chosen }) => chosen.includes(true));

/** One search, from field to field; it lives for one call. */
interface Search {
  readonly schedule: FieldSchedule;
  readonly zone: Zone;
  at: UnixSeconds;
  /** What clocks show at `at`. */
  local: LocalTime;
  /** A field was moved: what is smaller than it has started from its beginning. */
  moved: boolean;
}

function find(schedule: FieldSchedule, at: UnixSeconds, zone: Zone): UnixSeconds | undefined {
  const search: Search = { schedule, zone, at, local: localTimeAt(zone, at), moved: false };
  const lastYear = search.local.year + yearsAhead;
  while (search.local.year <= lastYear)
    if (findMonth(search) && findDay(search) && findHour(search) && findMinute(search) && findSecond(search))
      return search.at;
  return undefined;
}

function goTo(search: Search, at: UnixSeconds): void {
  search.at = at;
  search.local = localTimeAt(search.zone, at);
}

/** The first time that a search moves, it moves from the beginning of the field. */
function restart(search: Search, beginning: UnixSeconds): void {
  if (search.moved) return;
  search.moved = true;
  goTo(search, beginning);
}

/** Each of these goes on to what is chosen, and is false if that began the next larger field anew. */
function findMonth(search: Search): boolean {
  const { schedule, zone } = search;
  while (!has(schedule.month, search.local.month)) {
    restart(search, instantOf(zone, search.local.year, search.local.month, 1, 0));
    const { year, month, day } = search.local;
    goTo(search, instantOf(zone, year, month + 1, day, secondOfDay(search.local)));
    if (search.local.month === 1) return false;
  }
  return true;
}

function findDay(search: Search): boolean {
  const { schedule, zone } = search;
  while (!dayMatches(schedule, search.local)) {
    restart(search, instantOf(zone, search.local.year, search.local.month, search.local.day, 0));
    const before = search.at;
    const { year, month, day } = search.local;
    goTo(search, instantOf(zone, year, month, day + 1, secondOfDay(search.local)));
    toMidnight(search);
    // A zone that left a whole day out: the library never comes past it.
    if (search.at <= before) goTo(search, before + 86_400);
    if (search.local.day === 1) return false;
  }
  return true;
}

/** Where midnight does not exist the day begins an hour later, or the day before was left an hour too early. */
function toMidnight(search: Search): void {
  const { hour } = search.local;
  if (hour !== 0) goTo(search, search.at + (hour > 12 ? 24 - hour : -hour) * 3_600);
}

function findHour(search: Search): boolean {
  const { schedule, zone } = search;
  while (!has(schedule.hour, search.local.hour)) {
    const { year, month, day, hour } = search.local;
    restart(search, instantOf(zone, year, month, day, hour * 3_600));
    goTo(search, search.at + 3_600);
    if (search.local.hour === 0) return false;
  }
  return true;
}

function findMinute(search: Search): boolean {
  while (!has(search.schedule.minute, search.local.minute)) {
    restart(search, Math.floor(search.at / 60) * 60);
    goTo(search, search.at + 60);
    if (search.local.minute === 0) return false;
  }
  return true;
}

/** Schedules of five fields are due at the full minute; every offset is one of whole minutes. */
function findSecond(search: Search): boolean {
  const { second } = search.local;
  if (second === 0) return true;
  search.moved = true;
  goTo(search, search.at + 60 - second);
  return false;
}

function dayMatches({ dayOfMonth, dayOfWeek }: FieldSchedule, { day, weekday }: LocalTime): boolean {
  const byDate = has(dayOfMonth, day);
  const byWeekday = has(dayOfWeek, weekday);
  return dayOfMonth.star || dayOfWeek.star ? byDate && byWeekday : byDate || byWeekday;
}

const has = (field: CronField, value: number): boolean => field.chosen[value] === true;

const secondOfDay = ({ hour, minute, second }: LocalTime): number => hour * 3_600 + minute * 60 + second;
