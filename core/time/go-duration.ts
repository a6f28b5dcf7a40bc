/** Go's `time.ParseDuration`, exact to the nanosecond and with its own words for what is wrong. */
import { goQuoted } from './go-quote.ts';

const unitNanos: ReadonlyMap<string, bigint> = new Map([
  ['ns', 1n],
  ['us', 1_000n],
  ['µs', 1_000n],
  ['μs', 1_000n],
  ['ms', 1_000_000n],
  ['s', 1_000_000_000n],
  ['m', 60_000_000_000n],
  ['h', 3_600_000_000_000n],
]);

const most = 1n << 63n;

/** The nanoseconds of a duration text, or why it is none. */
export function parseGoDuration(text: string): bigint | { readonly error: string } {
  const invalid = { error: `time: invalid duration ${goQuoted(text)}` };
  const negative = text.startsWith('-');
  let rest = /^[+-]/.test(text) ? text.slice(1) : text;
  if (rest === '0') return 0n;
  if (rest === '') return invalid;
  let total = 0n;
  while (rest !== '') {
    const [number = '', whole = '', fraction = ''] = /^(\d*)(?:\.(\d*))?/.exec(rest) ?? [];
    if (whole === '' && fraction === '') return invalid;
    rest = rest.slice(number.length);
    const unitText = /^[^.\d]*/.exec(rest)?.[0] ?? '';
    if (unitText === '') return { error: `time: missing unit in duration ${goQuoted(text)}` };
    const unit = unitNanos.get(unitText);
    if (unit === undefined)
      return { error: `time: unknown unit ${goQuoted(unitText)} in duration ${goQuoted(text)}` };
    rest = rest.slice(unitText.length);
    total += BigInt(whole === '' ? '0' : whole) * unit + partOf(unit, fraction);
    if (total > most) return invalid;
  }
  if (negative) return -total;
  return total === most ? invalid : total;
}

/** A unit has at most 13 digits of nanoseconds: the digits of a fraction behind those change nothing. */
function partOf(unit: bigint, fraction: string): bigint {
  const digits = fraction.slice(0, 18);
  return digits === '' ? 0n : (unit * BigInt(digits)) / BigInt(`1${'0'.repeat(digits.length)}`);
}
