/** Aim: a field chooses what robfig/cron would choose, and is refused in its words. Method: texts and their values. */
import { expect, test } from 'vitest';
import {
  dayOfMonth,
  dayOfWeek,
  hours,
  minutes,
  months,
  parseField,
  type FieldBounds,
} from '../../../../core/time/cron/field.ts';
import { loadZone } from '../../../../core/time/cron/parse.ts';
import { utc, zoneNamed } from '../../../../core/time/zone.ts';

function chosen(text: string, bounds: FieldBounds): string {
  const field = parseField(text, bounds);
  if ('error' in field) return field.error;
  const values = field.chosen.flatMap((is, value) => (is ? [value] : []));
  return `${values.join(' ')}${field.star ? ' star' : ''}`;
}

const everyHour = Array.from({ length: 24 }, (_, hour) => hour).join(' ');

test.each<readonly [string, FieldBounds, string]>([
  ['5', minutes, '5'],
  ['1-5/2,50', minutes, '1 3 5 50'],
  ['50/4', minutes, '50 54 58'],
  ['*/20', minutes, '0 20 40'],
  ['*', hours, `${everyHour} star`],
  ['?', hours, `${everyHour} star`],
  ['*/1', hours, `${everyHour} star`],
  ['29-31', dayOfMonth, '29 30 31'],
  ['jan,MAR,11-dec', months, '1 3 11 12'],
  ['sun,5-SAT', dayOfWeek, '0 5 6'],
  [',,7', minutes, '7'],
  ['', minutes, ''],
  ['60', minutes, 'end of range (60) above maximum (59): 60'],
  ['0', dayOfMonth, 'beginning of range (0) below minimum (1): 0'],
  ['5-1', minutes, 'beginning of range (5) beyond end of range (1): 5-1'],
  ['7', dayOfWeek, 'end of range (7) above maximum (6): 7'],
  ['1-2-3', minutes, 'too many hyphens: 1-2-3'],
  ['1/2/3', minutes, 'too many slashes: 1/2/3'],
  ['*/0', minutes, 'step of range should be a positive number: */0'],
  ['a', minutes, 'failed to parse int from a: strconv.Atoi: parsing "a": invalid syntax'],
  ['-1', minutes, 'failed to parse int from : strconv.Atoi: parsing "": invalid syntax'],
])('%s', (text, bounds, values) => {
  expect(chosen(text, bounds)).toBe(values);
});

test.each([
  ['', utc],
  ['UTC', utc],
  ['Local', undefined],
  ['Asia/Tokyo', zoneNamed('Asia/Tokyo')],
  ['Asia/Tokio', { error: 'unknown time zone Asia/Tokio' }],
  ['../etc', { error: 'time: invalid location name' }],
  ['/etc', { error: 'time: invalid location name' }],
])('the zone %j', (name, zone) => {
  expect(loadZone(name)).toEqual(zone);
});
