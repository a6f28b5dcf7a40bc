import { hour, microsecond, millisecond, minute, second, type Duration } from './time.ts';

const unitOf: Readonly<Record<string, number>> = {
  ns: microsecond / 1_000,
  us: microsecond,
  µs: microsecond,
  ms: millisecond,
  s: second,
  m: minute,
  h: hour,
};

/**
 * A duration as Go writes one (`1h30m`, `1.5s`, `300ms`, `0`), in whole microseconds; undefined when the text is none.
 * A sign is read, so that a caller can say that a duration must not be negative.
 */
export function parseDuration(text: string): Duration | undefined {
  const match = /^([+-]?)((?:\d+(?:\.\d*)?|\.\d+)(?:ns|us|µs|ms|s|m|h))+$/.exec(text);
  if (text === '0') return 0;
  if (match === null) return undefined;
  let total = 0;
  for (const [, amount = '0', unit = 's'] of text.matchAll(/(\d+(?:\.\d*)?|\.\d+)(ns|us|µs|ms|s|m|h)/g))
    total += Number(amount) * (unitOf[unit] ?? 0);
  const whole = Math.round(total);
  return match[1] === '-' ? -whole : whole;
}

/** A duration as Go's `Duration.String()` prints it: `1m20s`, `2m40s`, `5m0s`, `1.5s`, `300ms`, `0s`. */
export function durationText(duration: Duration): string {
  if (duration < 0) return `-${durationText(-duration)}`;
  if (duration === 0) return '0s';
  if (duration < millisecond) return `${duration}µs`;
  if (duration < second) return `${duration / millisecond}ms`;
  const hours = Math.floor(duration / hour);
  const minutes = Math.floor((duration % hour) / minute);
  const seconds = secondsText(duration % minute);
  if (hours > 0) return `${hours}h${minutes}m${seconds}`;
  return minutes > 0 ? `${minutes}m${seconds}` : seconds;
}

/** Without the conversion of a fraction, which takes ten times as long, where the milliseconds are whole. */
function secondsText(duration: Duration): string {
  const rest = duration % second;
  if (rest % millisecond !== 0) return `${duration / second}s`;
  const whole = (duration - rest) / second;
  if (rest === 0) return `${whole}s`;
  const digits = `${1_000 + rest / millisecond}`.slice(1);
  return `${whole}.${digits.endsWith('0') ? withoutZeros(digits) : digits}s`;
}

const withoutZeros = (digits: string): string =>
  digits.endsWith('00') ? digits.slice(0, 1) : digits.slice(0, 2);
