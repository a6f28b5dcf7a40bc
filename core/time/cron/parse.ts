/**
 * Cron schedules as Kubernetes reads them: five fields, the descriptors (`@daily`, `@every 1h30m`), a time zone in
 * front (`TZ=Asia/Tokyo 0 9 * * *`). (robfig/cron v3.0.1 parser.go, ParseStandard)
 */
import { parseGoDuration } from '../go-duration.ts';
import { utc, zoneNamed, type Zone } from '../zone.ts';
import { dayOfMonth, dayOfWeek, hours, minutes, months, parseField, type CronField } from './field.ts';

/** Days match by both fields if one of them is a star, else by either. */
export interface FieldSchedule {
  readonly minute: CronField;
  readonly hour: CronField;
  readonly dayOfMonth: CronField;
  readonly month: CronField;
  readonly dayOfWeek: CronField;
  /** Undefined: that of the time it is asked with, which is the controller's own. */
  readonly zone: Zone | undefined;
}

/** Every so many seconds after the time before. */
export interface EverySchedule {
  readonly everySeconds: number;
}

/** When a CronJob is due. */
export type CronSchedule = FieldSchedule | EverySchedule;

/** Why a text is no schedule, in the library's words. */
export interface CronError {
  readonly error: string;
}

/** Whether reading a schedule failed. */
export const isCronError = (value: CronSchedule | CronError): value is CronError => 'error' in value;

/** What Go takes for white space. */
const space = /[\t-\r \u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]+/;

const words = (text: string): readonly string[] => text.split(space).filter((word) => word !== '');

/** Reads a schedule, or says in the library's words what is wrong with it. */
export function parseSchedule(text: string): CronSchedule | CronError {
  if (text === '') return { error: 'empty spec string' };
  if (!text.startsWith('TZ=') && !text.startsWith('CRON_TZ=')) return inZone(text, undefined);
  const end = text.indexOf(' ');
  // The library panics here.
  if (end < 0) return { error: `expected exactly 5 fields, found 0: []` };
  const name = text.slice(text.indexOf('=') + 1, end);
  const zone = loadZone(name);
  if (zone !== undefined && 'error' in zone) return { error: `provided bad location ${name}: ${zone.error}` };
  return inZone(words(text.slice(end)).join(' '), zone);
}

/** Go's `time.LoadLocation`: no name is UTC, `Local` is the controller's own zone. */
export function loadZone(name: string): Zone | undefined | CronError {
  if (name === '' || name === 'UTC') return utc;
  if (name === 'Local') return undefined;
  if (name.includes('..') || name.startsWith('/') || name.startsWith('\\'))
    return { error: 'time: invalid location name' };
  return zoneNamed(name) ?? { error: `unknown time zone ${name}` };
}

function inZone(text: string, zone: Zone | undefined): CronSchedule | CronError {
  if (text.startsWith('@')) return parseDescriptor(text, zone);
  const fields = words(text);
  if (fields.length !== 5)
    return { error: `expected exactly 5 fields, found ${fields.length}: [${fields.join(' ')}]` };
  return fieldSchedule(fields, zone);
}

const bounds = [minutes, hours, dayOfMonth, months, dayOfWeek];

function fieldSchedule(texts: readonly string[], zone: Zone | undefined): FieldSchedule | CronError {
  const fields: CronField[] = [];
  for (const [i, bound] of bounds.entries()) {
    const field = parseField(texts[i] ?? '', bound);
    if ('error' in field) return field;
    fields.push(field);
  }
  const [minute, hour, day, month, weekday] = fields as [
    CronField,
    CronField,
    CronField,
    CronField,
    CronField,
  ];
  return { minute, hour, dayOfMonth: day, month, dayOfWeek: weekday, zone };
}

const descriptors: ReadonlyMap<string, string> = new Map([
  ['@yearly', '0 0 1 1 *'],
  ['@annually', '0 0 1 1 *'],
  ['@monthly', '0 0 1 * *'],
  ['@weekly', '0 0 * * 0'],
  ['@daily', '0 0 * * *'],
  ['@midnight', '0 0 * * *'],
  ['@hourly', '0 * * * *'],
]);

const every = '@every ';
const nanosInSecond = 1_000_000_000n;

function parseDescriptor(text: string, zone: Zone | undefined): CronSchedule | CronError {
  const fields = descriptors.get(text);
  if (fields !== undefined) return fieldSchedule(words(fields), zone);
  if (!text.startsWith(every)) return { error: `unrecognized descriptor: ${text}` };
  const nanos = parseGoDuration(text.slice(every.length));
  if (typeof nanos !== 'bigint') return { error: `failed to parse duration ${text}: ${nanos.error}` };
  return { everySeconds: nanos < nanosInSecond ? 1 : Number(nanos / nanosInSecond) };
}
