/**
 * Aim: a schedule is due at exactly the minutes its fields name. Method: a model that walks minute by minute in UTC, and
 * what the recordings cannot ask: zones that left out a day, schedules that are never due.
 */
import { test as property, fc } from '@fast-check/vitest';
import { expect, test } from 'vitest';
import { nextTime } from '../../../../core/time/cron/next.ts';
import { isCronError, parseSchedule, type CronSchedule } from '../../../../core/time/cron/parse.ts';
import { minute, parseTimeText, timeText, type VirtualTime } from '../../../../core/time/time.ts';

function schedule(text: string): CronSchedule {
  const parsed = parseSchedule(text);
  if (isCronError(parsed)) throw new Error(parsed.error);
  return parsed;
}

const time = (text: string): VirtualTime => parseTimeText(text) ?? Number.NaN;

function after(text: string, from: string, count: number): readonly string[] {
  const times: string[] = [];
  for (let at = nextTime(schedule(text), time(from)); at !== undefined && times.length < count;) {
    times.push(timeText(at));
    at = nextTime(schedule(text), at);
  }
  return times;
}

test('a day that a zone left out is left out', () => {
  expect(after('TZ=Pacific/Apia 15 2 * * *', '2011-12-29T00:00:00Z', 3)).toEqual([
    '2011-12-29T12:15:00Z',
    '2011-12-30T12:15:00Z',
    '2011-12-31T12:15:00Z',
  ]);
  expect(after('TZ=Pacific/Apia 15 2 * * 0', '2011-12-29T00:00:00Z', 1)).toEqual(['2011-12-31T12:15:00Z']);
});

test.each(['0 0 30 2 *', ', * * * *', '* , * * *', '* * , * ,', '* * * , *'])('%j is never due', (text) => {
  expect(nextTime(schedule(text), 0)).toBeUndefined();
});

test('a schedule without a time zone behind TZ= is refused, not a panic', () => {
  expect(parseSchedule('TZ=UTC')).toEqual({ error: 'expected exactly 5 fields, found 0: []' });
});

test.each([
  ['@every 1x', 'failed to parse duration @every 1x: time: unknown unit "x" in duration "1x"'],
  ['@every 5', 'failed to parse duration @every 5: time: missing unit in duration "5"'],
  ['@every h', 'failed to parse duration @every h: time: invalid duration "h"'],
  ['@every 9999999h', 'failed to parse duration @every 9999999h: time: invalid duration "9999999h"'],
  ['5-1 * * * *', 'beginning of range (5) beyond end of range (1): 5-1'],
  ['*/0 * * * *', 'step of range should be a positive number: */0'],
  [
    '99999999999999999999 * * * *',
    'failed to parse int from 99999999999999999999: strconv.Atoi: parsing "99999999999999999999": value out of range',
  ],
])('%j: %s', (text, error) => {
  expect(parseSchedule(text)).toEqual({ error });
});

const part = (least: number, most: number): fc.Arbitrary<string> =>
  fc.oneof(
    fc.constant('*'),
    fc.integer({ min: 1, max: 20 }).map((step) => `*/${step}`),
    fc.integer({ min: least, max: most }).map(String),
    fc
      .tuple(fc.integer({ min: least, max: most }), fc.nat({ max: 10 }))
      .map(([low, more]) => `${low}-${Math.min(most, low + more)}`),
  );
const fields = fc.tuple(part(0, 59), part(0, 23), part(1, 31), part(1, 12), part(0, 6));

const matches = (text: string, value: number): boolean => {
  const [range = '', step = '1'] = text.split('/');
  if (range === '*') return step === '1' || value % Number(step) === 0;
  const [low = '0', high = low] = range.split('-');
  return value >= Number(low) && value <= Number(high);
};

/** From 1 for days and months, a star's step counts from 1. */
const fromOne = (text: string, value: number): boolean =>
  matches(text, text.startsWith('*') ? value - 1 : value);

property.prop([fields, fc.nat({ max: 400 * 24 * 60 })])(
  'due is the first minute whose fields all match',
  (texts, start) => {
    const [m, h, dom, mon, dow] = texts;
    const star = (text: string): boolean => text === '*' || text === '*/1';
    const due = (at: number): boolean => {
      const date = new Date(1_735_689_600_000 + at / 1_000);
      const byDate = fromOne(dom, date.getUTCDate());
      const byDay = matches(dow, date.getUTCDay());
      return (
        matches(m, date.getUTCMinutes()) &&
        matches(h, date.getUTCHours()) &&
        fromOne(mon, date.getUTCMonth() + 1) &&
        (star(dom) || star(dow) ? byDate && byDay : byDate || byDay)
      );
    };
    const from = start * minute;
    const got = nextTime(schedule(texts.join(' ')), from) ?? Number.POSITIVE_INFINITY;
    let want = from + minute;
    // The model looks a week ahead; what lies further need only be later than that.
    const end = from + 7 * 24 * 60 * minute;
    while (want < end && !due(want)) want += minute;
    if (want < end) expect(got).toBe(want);
    else expect(got).toBeGreaterThanOrEqual(end);
  },
);
