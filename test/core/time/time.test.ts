/** Aim: times and durations read and print as Kubernetes prints them. */
import { test as property, fc } from '@fast-check/vitest';
import { expect, test } from 'vitest';
import { durationText, parseDuration } from '../../../core/time/duration.ts';
import {
  hour,
  millisecond,
  microTimeText,
  parseTimeText,
  timeOfOrder,
  timeOrder,
  timeText,
} from '../../../core/time/time.ts';

test.each([
  [0, '2025-01-01T00:00:00.000000Z'],
  [1_500_000, '2025-01-01T00:00:01.500000Z'],
  [59 * 86_400_000_000, '2025-03-01T00:00:00.000000Z'],
  [(365 + 59) * 86_400_000_000, '2026-03-01T00:00:00.000000Z'],
  [(3 * 365 + 59) * 86_400_000_000, '2028-02-29T00:00:00.000000Z'],
])('%d us after the epoch is %s', (at, text) => {
  expect(microTimeText(at)).toBe(text);
  expect(timeText(at)).toBe(`${text.slice(0, 19)}Z`);
});

property.prop([fc.nat({ max: 4_000_000_000_000_000 })])(
  'a time that was printed is read again, and agrees with the calendar',
  (at) => {
    expect(parseTimeText(microTimeText(at))).toBe(at);
    expect(parseTimeText(timeText(at))).toBe(at - (at % 1_000_000));
    expect(timeText(at)).toBe(
      `${new Date(1_735_689_600_000 + Math.floor(at / 1_000)).toISOString().slice(0, 19)}Z`,
    );
  },
);

test.each([
  '2025-01-01T00:00:0xZ',
  '2025-01-01T00:00:00+',
  '2025-1--01T00:00:00Z',
  '-025-01-01T00:00:00Z',
  '',
])('%j is no time', (text) => {
  expect(parseTimeText(text)).toBeUndefined();
});

test.each([
  ['1h30m', 5_400_000_000],
  ['1.5s', 1_500_000],
  ['300ms', 300_000],
  ['0', 0],
  ['0s', 0],
  ['-5s', -5_000_000],
  ['.5m', 30_000_000],
])('%s is %d us', (text, microseconds) => {
  expect(parseDuration(text)).toBe(microseconds);
});

test.each(['', '5', '5 s', 's', '5x', '1h-5m', '--5s'])('%j is no duration', (text) => {
  expect(parseDuration(text)).toBeUndefined();
});

test.each([
  [80_000_000, '1m20s'],
  [300_000_000, '5m0s'],
  [1_500_000, '1.5s'],
  [300_000, '300ms'],
  [7, '7µs'],
  [3_600_000_000, '1h0m0s'],
])('%d us prints as %s', (duration, text) => {
  expect(durationText(duration)).toBe(text);
});

const someTime = fc.integer({ min: -100 * hour, max: 200 * 365 * 24 * hour });

property.prop([someTime, someTime])(
  'the order of texts is the order of times, before the beginning too',
  (a, b) => {
    expect(timeOrder(a) < timeOrder(b)).toBe(a < b);
    expect(timeOfOrder(`${timeOrder(a)}/web`)).toBe(a);
  },
);

test('whole milliseconds are written as the number is', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1_000, max: 59_999 }), (count) => {
      expect(durationText(count * millisecond)).toBe(`${count / 1_000}s`);
    }),
  );
});
