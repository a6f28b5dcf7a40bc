/** Aim: dates and days of the Gregorian calendar are the same thing. Method: known days, and properties over 8,000 years. */
import { test as property, fc } from '@fast-check/vitest';
import { expect, test } from 'vitest';
import { dateOfDay, dayOfDate, weekdayOfDay } from '../../../core/time/civil.ts';

test.each([
  ['the first day', 0, 1970, 1, 1, 4],
  ['the day before it', -1, 1969, 12, 31, 3],
  ['a leap day', 11_016, 2000, 2, 29, 2],
  ['the day a run begins', 20_089, 2025, 1, 1, 3],
  ['the last day of February in a year that is no leap year', 47_540, 2100, 2, 28, 0],
  ['the day after it', 47_541, 2100, 3, 1, 1],
])('%s', (_, days, year, month, day, weekday) => {
  expect(dateOfDay(days)).toEqual({ year, month, day });
  expect(dayOfDate(year, month, day)).toBe(days);
  expect(weekdayOfDay(days)).toBe(weekday);
});

test('months and days that are too large or too small count on', () => {
  expect(dayOfDate(2025, 13, 1)).toBe(dayOfDate(2026, 1, 1));
  expect(dayOfDate(2025, 0, 1)).toBe(dayOfDate(2024, 12, 1));
  expect(dayOfDate(2025, 2, 29)).toBe(dayOfDate(2025, 3, 1));
  expect(dayOfDate(2025, 3, 0)).toBe(dayOfDate(2025, 2, 28));
});

const day = fc.integer({ min: -1_500_000, max: 1_500_000 });

property.prop([day])('a day is that of its own date', (days) => {
  const { year, month, day: dayOfMonth } = dateOfDay(days);
  expect(dayOfDate(year, month, dayOfMonth)).toBe(days);
});

property.prop([day])('the next day is the next date and the next weekday', (days) => {
  const [today, tomorrow] = [dateOfDay(days), dateOfDay(days + 1)];
  const sameMonth = today.month === tomorrow.month && tomorrow.day === today.day + 1;
  const nextMonth = tomorrow.day === 1 && tomorrow.month === (today.month % 12) + 1 && today.day >= 28;
  expect(sameMonth || nextMonth).toBe(true);
  expect(weekdayOfDay(days + 1)).toBe((weekdayOfDay(days) + 1) % 7);
});
