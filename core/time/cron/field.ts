/** One field of a cron schedule: a comma list of ranges, `1-5/2`. (robfig/cron v3.0.1 parser.go getField, getRange) */
import { goQuoted } from '../go-quote.ts';

/** What a field chooses. */
export interface CronField {
  /** Whether a value is chosen, by the value itself. */
  readonly chosen: readonly boolean[];
  /** `*` or `?`, without a step. */
  readonly star: boolean;
}

/** The values a field may have, and the names of some. */
export interface FieldBounds {
  readonly least: number;
  readonly most: number;
  readonly names?: readonly string[];
}

/** The first field. */
export const minutes: FieldBounds = { least: 0, most: 59 };
/** The second field. */
export const hours: FieldBounds = { least: 0, most: 23 };
/** The third field. */
export const dayOfMonth: FieldBounds = { least: 1, most: 31 };
/** The fourth field. A name stands for its place after the least value. */
export const months: FieldBounds = {
  least: 1,
  most: 12,
  names: ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'],
};
/** The fifth field; Sunday is 0, and only 0. */
export const dayOfWeek: FieldBounds = {
  least: 0,
  most: 6,
  names: ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'],
};

interface FieldError {
  readonly error: string;
}

/** Reads a field. Empty parts of the list are passed over. */
export function parseField(text: string, bounds: FieldBounds): CronField | FieldError {
  const chosen = new Array<boolean>(bounds.most + 1).fill(false);
  let star = false;
  for (const part of text.split(',')) {
    if (part === '') continue;
    const range = parseRange(part, bounds);
    if ('error' in range) return range;
    for (let value = range.start; value <= range.end; value += range.step) chosen[value] = true;
    star ||= range.star;
  }
  return { chosen, star };
}

interface Range {
  readonly start: number;
  readonly end: number;
  readonly step: number;
  readonly star: boolean;
}

function parseRange(text: string, bounds: FieldBounds): Range | FieldError {
  const [rangeText = '', stepText, ...moreSteps] = text.split('/');
  const [low = '', high, ...moreHighs] = rangeText.split('-');
  const isStar = low === '*' || low === '?';
  const start = isStar ? bounds.least : parseValue(low, bounds);
  if (typeof start !== 'number') return start;
  let end: number | FieldError = start;
  if (isStar) end = bounds.most;
  else if (moreHighs.length > 0) return { error: `too many hyphens: ${text}` };
  else if (high !== undefined) end = parseValue(high, bounds);
  if (typeof end !== 'number') return end;
  if (moreSteps.length > 0) return { error: `too many slashes: ${text}` };
  const step = stepText === undefined ? 1 : parseNumber(stepText);
  if (typeof step !== 'number') return step;
  // `5/10` means `5-59/10`.
  if (stepText !== undefined && high === undefined) end = bounds.most;
  return checked({ start, end, step, star: isStar && step <= 1 }, bounds, text);
}

function checked(range: Range, { least, most }: FieldBounds, text: string): Range | FieldError {
  const { start, end, step } = range;
  if (start < least) return { error: `beginning of range (${start}) below minimum (${least}): ${text}` };
  if (end > most) return { error: `end of range (${end}) above maximum (${most}): ${text}` };
  if (start > end) return { error: `beginning of range (${start}) beyond end of range (${end}): ${text}` };
  if (step === 0) return { error: `step of range should be a positive number: ${text}` };
  return range;
}

function parseValue(text: string, { least, names }: FieldBounds): number | FieldError {
  const place = names?.indexOf(text.toLowerCase()) ?? -1;
  return place < 0 ? parseNumber(text) : least + place;
}

const int64End = 1n << 63n;

/** Go's `strconv.Atoi`, and no negative numbers. */
function parseNumber(text: string): number | FieldError {
  const failed = (why: string): FieldError => ({
    error: `failed to parse int from ${text}: strconv.Atoi: parsing ${goQuoted(text)}: ${why}`,
  });
  if (!/^[+-]?\d+$/.test(text)) return failed('invalid syntax');
  const value = BigInt(text.replace(/^\+/, ''));
  if (value >= int64End || value < -int64End) return failed('value out of range');
  return value < 0n ? { error: `negative number (${value}) not allowed: ${text}` } : Number(value);
}
