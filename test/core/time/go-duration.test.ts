/** Aim: durations and quoted texts are what Go makes of them. Method: texts, and what time.ParseDuration and strconv.Quote answer. */
import { expect, test } from 'vitest';
import { parseGoDuration } from '../../../core/time/go-duration.ts';
import { goQuoted } from '../../../core/time/go-quote.ts';

test.each<readonly [string, bigint]>([
  ['0', 0n],
  ['-0', 0n],
  ['5s', 5_000_000_000n],
  ['+5s', 5_000_000_000n],
  ['-5s', -5_000_000_000n],
  ['1h30m', 5_400_000_000_000n],
  ['1.5h', 5_400_000_000_000n],
  ['.5s', 500_000_000n],
  ['1.s', 1_000_000_000n],
  ['1ns2us3ms', 3_002_001n],
  ['3µs', 3_000n],
  ['3μs', 3_000n],
  ['0.3333333333333333333h', 1_200_000_000_000n],
  ['9223372036854775807ns', 9223372036854775807n],
  ['-9223372036854775808ns', -9223372036854775808n],
])('%s', (text, nanos) => {
  expect(parseGoDuration(text)).toBe(nanos);
});

test.each([
  ['', 'time: invalid duration ""'],
  ['-', 'time: invalid duration "-"'],
  ['.', 'time: invalid duration "."'],
  ['s', 'time: invalid duration "s"'],
  ['.s', 'time: invalid duration ".s"'],
  ['3', 'time: missing unit in duration "3"'],
  ['1h3', 'time: missing unit in duration "1h3"'],
  ['3d', 'time: unknown unit "d" in duration "3d"'],
  ['3 s', 'time: unknown unit " s" in duration "3 s"'],
  ['9223372036854775808ns', 'time: invalid duration "9223372036854775808ns"'],
  ['3000000h', 'time: invalid duration "3000000h"'],
  ['1"', String.raw`time: unknown unit "\"" in duration "1\""`],
])('%j is none', (text, error) => {
  expect(parseGoDuration(text)).toEqual({ error });
});

test.each([
  ['', '""'],
  ['a "b" \\', String.raw`"a \"b\" \\"`],
  ['\t\n\r\u0007\b\f\v', String.raw`"\t\n\r\a\b\f\v"`],
  ['\0\u001b\u007f', String.raw`"\x00\x1b\x7f"`],
  ['é 世 \u{1f600}', '"é 世 \u{1f600}"'],
])('%j quoted', (text, quoted) => {
  expect(goQuoted(text)).toBe(quoted);
});
