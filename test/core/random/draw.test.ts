/** Aim: draws are uniform, belong to their purpose and key alone, and are the same bits for ever. */
import { expect, test } from 'vitest';
import { bits, bitsAt, bitsOfTwo, draw, integer, purposeOf, uniform } from '../../../core/random/draw.ts';
import {
  lognormal,
  normalQuantile,
  quantile,
  sampleTable,
  tabulate,
} from '../../../core/random/distribution.ts';

test('known draws stay what they were', () => {
  expect(draw('42', 'tie-break', 'default/web-1', 3)).toMatchInlineSnapshot(`0.8358645432567076`);
  expect(bitsAt(purposeOf('42', 'latency'), 7, 123_456_789)).toMatchInlineSnapshot(`3048741791`);
});

test('a draw depends on seed, purpose and each part of the key', () => {
  const values = [
    draw('1', 'a', 'k', 1),
    draw('2', 'a', 'k', 1),
    draw('1', 'b', 'k', 1),
    draw('1', 'a', 'l', 1),
    draw('1', 'a', 'k', 2),
  ];
  expect(new Set(values).size).toBe(values.length);
});

test.each([
  ['numbers in a row', (i: number): readonly (string | number)[] => [i]],
  ['names in a row', (i: number): readonly (string | number)[] => [`default/web-${i}`]],
  ['large numbers', (i: number): readonly (string | number)[] => [i * 0x1_0000_0000]],
])('draws for %s are uniform', (_, keyOf) => {
  const purpose = purposeOf('seed', 'uniformity');
  const buckets = new Array<number>(16).fill(0);
  for (let i = 0; i < 16_000; i++) {
    const bucket = Math.floor(uniform(purpose, ...keyOf(i)) * 16);
    buckets[bucket] = (buckets[bucket] ?? 0) + 1;
  }
  const chiSquare = buckets.reduce((sum, count) => sum + (count - 1_000) * (count - 1_000) * 0.001, 0);
  expect(chiSquare).toBeLessThan(37.7); // 99.9 % quantile of chi-square with 15 degrees of freedom
});

test('an integer draw covers its range', () => {
  const purpose = purposeOf('seed', 'die');
  const faces = new Set(Array.from({ length: 200 }, (_, i) => integer(purpose, 6, i)));
  expect([...faces].sort()).toEqual([0, 1, 2, 3, 4, 5]);
});

test('the normal quantile is right in the middle and in both tails', () => {
  expect(normalQuantile(0.5)).toBe(0);
  expect(normalQuantile(0.975)).toBeCloseTo(1.959963984540054, 8);
  expect(normalQuantile(0.001)).toBeCloseTo(-3.090232306167813, 8);
});

test('a lognormal has the median and the 99th percentile it was given', () => {
  const pull = lognormal(2_000_000, 20_000_000);
  expect(quantile(pull, 0.5)).toBe(2_000_000);
  expect(quantile(pull, 0.99)).toBeCloseTo(20_000_000, -2);
  const table = tabulate(pull);
  const purpose = purposeOf('seed', 'pull');
  const drawn = Float64Array.from({ length: 20_001 }, (_, i) => sampleTable(table, purpose, 1, i)).sort();
  expect((drawn[10_000] ?? 0) / 2_000_000).toBeCloseTo(1, 1);
});

test('the bits of two purposes are those of each', () => {
  const [one, other] = [purposeOf('seed', 'uid'), purposeOf('seed', 'uid-again')];
  for (const at of [0, 7, 2 ** 40])
    expect(bitsOfTwo(one, other, '/registry/pods/default/a', at)).toEqual([
      bits(one, '/registry/pods/default/a', at),
      bits(other, '/registry/pods/default/a', at),
    ]);
});
