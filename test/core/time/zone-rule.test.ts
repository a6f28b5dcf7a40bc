/** Aim: the rule of a zone gives its offset in any year. Method: rules of known zones, and the instants of their changes. */
import { expect, test } from 'vitest';
import { parseZoneRule, ruleSpanAt } from '../../../core/time/zone-rule.ts';
import { unixSeconds, virtualTimeOf } from '../../../core/time/time.ts';

const at = (text: string): number => Date.parse(text) / 1_000;

test.each([
  ['CET-1CEST,M3.5.0,M10.5.0/3', '2040-03-25T00:59:59Z', 3_600],
  ['CET-1CEST,M3.5.0,M10.5.0/3', '2040-03-25T01:00:00Z', 7_200],
  ['CET-1CEST,M3.5.0,M10.5.0/3', '2040-10-28T00:59:59Z', 7_200],
  ['CET-1CEST,M3.5.0,M10.5.0/3', '2040-10-28T01:00:00Z', 3_600],
  ['EST5EDT,M3.2.0,M11.1.0', '2041-03-10T06:59:59Z', -18_000],
  ['EST5EDT,M3.2.0,M11.1.0', '2041-03-10T07:00:00Z', -14_400],
  ['AEST-10AEDT,M10.1.0,M4.1.0/3', '2040-01-01T00:00:00Z', 39_600],
  ['AEST-10AEDT,M10.1.0,M4.1.0/3', '2040-06-01T00:00:00Z', 36_000],
  ['<+1030>-10:30<+11>-11,M10.1.0,M4.1.0', '2040-01-01T00:00:00Z', 39_600],
  ['<+1030>-10:30<+11>-11,M10.1.0,M4.1.0', '2040-07-01T00:00:00Z', 37_800],
  ['JST-9', '2040-07-01T00:00:00Z', 32_400],
])('%s at %s', (rule, instant, offset) => {
  const span = ruleSpanAt(parseZoneRule(rule), 0, at(instant));
  expect(span.offset).toBe(offset);
  expect(span.start).toBeLessThanOrEqual(at(instant));
  expect(span.end).toBeGreaterThan(at(instant));
});

test('spans follow one another without a gap', () => {
  const rule = parseZoneRule('CET-1CEST,M3.5.0,M10.5.0/3');
  let instant = at('2040-01-01T00:00:00Z');
  const offsets: number[] = [];
  for (let i = 0; i < 6; i++) {
    const { offset, start, end } = ruleSpanAt(rule, 0, instant);
    expect(start).toBe(instant);
    offsets.push(offset);
    instant = end;
  }
  expect(offsets).toEqual([3_600, 7_200, 3_600, 3_600, 7_200, 3_600]);
  expect(instant).toBe(at('2042-01-01T00:00:00Z'));
});

test('a text that is no rule is refused', () => {
  expect(() => parseZoneRule('CET')).toThrow('not a rule of the zone table: CET');
});

test('virtual time and seconds since 1970 are told from one another', () => {
  expect(unixSeconds(0)).toBe(at('2025-01-01T00:00:00Z'));
  expect(unixSeconds(1_999_999)).toBe(at('2025-01-01T00:00:01Z'));
  expect(virtualTimeOf(at('2025-01-01T00:01:00Z'))).toBe(60_000_000);
});
