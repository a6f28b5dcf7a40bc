/**
 * Virtual time: integer microseconds since the run began. Nothing in core/ knows any other clock.
 *
 * Kubernetes writes times as RFC 3339 text; a run begins at a fixed instant, so that the same scenario
 * writes the same text on every machine and every day.
 */

import { dateOfDay, dayOfDate } from './civil.ts';

/** Integer microseconds since the run began. */
export type VirtualTime = number & { readonly unit?: 'us' };
/** Integer microseconds. */
export type Duration = number & { readonly unit?: 'us' };

/** Virtual time counts in these. */
export const microsecond = 1;
/** In microseconds, as all that follow. */
export const millisecond = 1_000;
export const second = 1_000_000;
export const minute = 60 * second;
export const hour = 60 * minute;

/** The instant a run begins: 2025-01-01T00:00:00Z, in seconds since 1970. */
const epochSeconds = 1_735_689_600;

/** The whole second of a virtual time, counted from 1970. */
export const unixSeconds = (at: VirtualTime): number => epochSeconds + Math.floor(at / second);

/** The virtual time of a second counted from 1970. */
export const virtualTimeOf = (unix: number): VirtualTime => (unix - epochSeconds) * second;

/** 31 years: so far from the beginning a text of 16 digits can tell of a time. */
const farthest = 1_000_000_000_000_000;

/** A text whose order is the order of time, also before the beginning: a process's own clock may be wrong by hours. */
export const timeOrder = (at: VirtualTime): string => `${at + farthest}`.padStart(16, '0');

/** The time that a text begins with. */
export const timeOfOrder = (text: string): VirtualTime => Number(text.slice(0, 16)) - farthest;

const twoDigits = (n: number): string => (n < 10 ? `0${n}` : `${n}`);

function secondText(seconds: number): string {
  const days = Math.floor(seconds / 86_400);
  const rest = seconds - days * 86_400;
  const hours = Math.floor(rest / 3_600);
  const minutes = Math.floor((rest % 3_600) / 60);
  const { year, month, day } = dateOfDay(days);
  return `${year}-${twoDigits(month)}-${twoDigits(day)}T${twoDigits(hours)}:${twoDigits(minutes)}:${twoDigits(rest % 60)}`;
}

/** How many answers `timeText` keeps: those of the last seconds. */
const kept = 16;
const keptSeconds = new Array<number>(kept).fill(-1);
const keptTexts = new Array<string>(kept).fill('');

/** `metav1.Time`: RFC 3339 truncated to the second, as in `creationTimestamp`. Answers are kept: a second lasts many events. */
export function timeText(at: VirtualTime): string {
  const whole = epochSeconds + Math.floor(at / second);
  const place = whole & (kept - 1);
  if (whole !== keptSeconds[place]) {
    keptSeconds[place] = whole;
    keptTexts[place] = `${secondText(whole)}Z`;
  }
  return keptTexts[place] as string;
}

/** `metav1.MicroTime`: RFC 3339 with six digits, as in `eventTime` and a Lease's `renewTime`. */
export function microTimeText(at: VirtualTime): string {
  const fraction = `${at - Math.floor(at / second) * second}`.padStart(6, '0');
  return `${timeText(at).slice(0, -1)}.${fraction}Z`;
}

/** The virtual time that `timeText` or `microTimeText` wrote, or undefined when the text is no such time. */
export function parseTimeText(text: string): VirtualTime | undefined {
  return parseWholeSeconds(text) ?? parseAnyTime(text);
}

/** A text that `timeText` wrote, which is nearly every one that is read: its digits are where they must be. */
function parseWholeSeconds(text: string): VirtualTime | undefined {
  if (text.length !== 20 || text[4] !== '-' || text[7] !== '-' || text[10] !== 'T') return undefined;
  if (text[13] !== ':' || text[16] !== ':' || text[19] !== 'Z') return undefined;
  const days = dayOfDate(100 * pairAt(text, 0) + pairAt(text, 2), pairAt(text, 5), pairAt(text, 8));
  const seconds = 3_600 * pairAt(text, 11) + 60 * pairAt(text, 14) + pairAt(text, 17);
  const at = (days * 86_400 + seconds - epochSeconds) * second;
  return Number.isNaN(at) ? undefined : at;
}

/** The number of two digits; NaN where they are none. */
function pairAt(text: string, at: number): number {
  const [tens, ones] = [text.charCodeAt(at) - zero, text.charCodeAt(at + 1) - zero];
  return tens >= 0 && tens <= 9 && ones >= 0 && ones <= 9 ? 10 * tens + ones : NaN;
}

const zero = 48;

function parseAnyTime(text: string): VirtualTime | undefined {
  const match = /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:\.(\d{1,9}))?Z$/.exec(text);
  if (match === null) return undefined;
  const [year = 0, month = 0, day = 0, hours = 0, minutes = 0, seconds = 0] = match.slice(1, 7).map(Number);
  const days = dayOfDate(year, month, day);
  const whole = days * 86_400 + hours * 3_600 + minutes * 60 + seconds - epochSeconds;
  return whole * second + Number((match[7] ?? '').padEnd(6, '0').slice(0, 6));
}
