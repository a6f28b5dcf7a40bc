/** Go's `time.ParseDuration`, to the nanosecond and with its own words for what is wrong. (time/format.go) */
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

/** Go reckons the part in floating point, and passes over the digits that would not fit into 63 bits. */
function partOf(unit: bigint, fraction: string): bigint {
  let [digits, scale] = [0n, 1];
  for (const digit of fraction) {
    const next = digits * 10n + BigInt(digit);
    if (next > most || digits > (most - 1n) / 10n) break;
    [digits, scale] = [next, scale * 10];
  }
  return BigInt(Math.trunc(Number(digits) * (Number(unit) / scale)));
}
