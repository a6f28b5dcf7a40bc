/** Aim: zones are what the time zone database says. Method: changes of clocks anybody can look up, and round trips. */
import { test as property, fc } from '@fast-check/vitest';
import { expect, test } from 'vitest';
import {
  fixedZone,
  instantOf,
  localTimeAt,
  localTimeText,
  offsetAt,
  zoneNamed,
  type Zone,
} from '../../../core/time/zone.ts';

const zone = (name: string): Zone => {
  const found = zoneNamed(name);
  if (found === undefined) throw new Error(`no zone ${name}`);
  return found;
};
const unix = (text: string): number => Date.parse(text) / 1_000;

test.each([
  ['America/New_York', '2024-03-10T06:59:59Z', '2024-03-10T01:59:59-05:00'],
  ['America/New_York', '2024-03-10T07:00:00Z', '2024-03-10T03:00:00-04:00'],
  ['America/New_York', '2024-11-03T06:00:00Z', '2024-11-03T01:00:00-05:00'],
  ['Europe/Berlin', '2050-07-01T00:00:00Z', '2050-07-01T02:00:00+02:00'],
  ['Europe/Berlin', '2050-12-01T00:00:00Z', '2050-12-01T01:00:00+01:00'],
  ['Europe/London', '2025-01-01T00:00:00Z', '2025-01-01T00:00:00Z'],
  ['Asia/Kolkata', '2025-01-01T00:00:00Z', '2025-01-01T05:30:00+05:30'],
  ['Australia/Lord_Howe', '2025-07-01T00:00:00Z', '2025-07-01T10:30:00+10:30'],
  ['Australia/Lord_Howe', '2025-12-01T00:00:00Z', '2025-12-01T11:00:00+11:00'],
  ['America/Nuuk', '2026-03-28T22:00:00Z', '2026-03-28T20:00:00-02:00'],
  ['Pacific/Apia', '2011-12-30T09:59:59Z', '2011-12-29T23:59:59-10:00'],
  ['Pacific/Apia', '2011-12-30T10:00:00Z', '2011-12-31T00:00:00+14:00'],
  ['Europe/Dublin', '2025-07-01T00:00:00Z', '2025-07-01T01:00:00+01:00'],
  ['US/Eastern', '2025-07-01T00:00:00Z', '2025-06-30T20:00:00-04:00'],
])('in %s, %s is %s', (name, at, local) => {
  expect(localTimeText(zone(name), unix(at))).toBe(local);
});

test('names are spelt as in the database', () => {
  expect(['europe/berlin', 'Local', '', 'Mars/Base'].map(zoneNamed)).toEqual(Array(4).fill(undefined));
});

test('a local time that does not exist, or exists twice, is taken as Go takes it', () => {
  const at = (day: number, month: number, hours: number): string =>
    localTimeText(
      zone('America/New_York'),
      instantOf(zone('America/New_York'), 2024, month, day, hours * 3_600),
    );
  expect(at(10, 3, 2.5)).toBe('2024-03-10T01:30:00-05:00');
  expect(at(3, 11, 1.5)).toBe('2024-11-03T01:30:00-04:00');
});

const zones = [
  'America/New_York',
  'Africa/Casablanca',
  'Asia/Tehran',
  'Pacific/Chatham',
  'America/Havana',
  'UTC',
];

property.prop([fc.constantFrom(...zones), fc.integer({ min: 950_000_000, max: 4_000_000_000 })])(
  'the instant of a local time is the one it was made of, or the other of two an offset apart',
  (name, at) => {
    const { year, month, day, hour, minute, second } = localTimeAt(zone(name), at);
    const back = instantOf(zone(name), year, month, day, hour * 3_600 + minute * 60 + second);
    expect(localTimeAt(zone(name), back)).toEqual(localTimeAt(zone(name), at));
    const { start, end } = offsetAt(zone(name), at);
    expect(start <= at && at < end).toBe(true);
  },
);

test('a fixed zone never changes', () => {
  expect(localTimeText(fixedZone('x', -5_400), unix('2025-01-01T00:00:00Z'))).toBe(
    '2024-12-31T22:30:00-01:30',
  );
});
