/** Aim: schedules are due, and starts are missed, as in Kubernetes 1.34.1. Method: all recorded cases but those that hang. */
import { expect, test } from 'vitest';
import { apiResults, printedOf } from './api-results.ts';

test('every recorded schedule agrees', () => {
  expect(printedOf('cron')).toEqual(['309 passed, 0 failed']);
});

test('a recording that says otherwise is noticed', () => {
  const recorded = { op: 'next', schedule: '@hourly', timeZone: '', effective: '@hourly' };
  const cases = [{ ...recorded, from: '2024-01-15T10:20:30Z', next: ['2024-01-15T11:00:01Z'] }];
  expect(apiResults({ family: 'cron', cases }).map(({ difference }) => difference)).toEqual([
    'next[0]: want "2024-01-15T11:00:01Z", got "2024-01-15T11:00:00Z"',
  ]);
});
