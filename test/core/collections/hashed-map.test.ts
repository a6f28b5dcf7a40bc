/**
 * Aim: the map whose newest member is a hash table is a map as any other: none of its versions ever changes, in whatever
 * order they are read and grown from. Method: fast-check against plain maps.
 */
import { test as property, fc } from '@fast-check/vitest';
import { expect, test } from 'vitest';
import { HashedMap } from '../../../core/collections/hashed-map.ts';

/** What is done, and to which of the versions that there are by then. */
interface Change {
  readonly to: number;
  readonly key: string;
  /** Undefined: the key is deleted. */
  readonly value: number | undefined;
  readonly ordered: boolean;
}

const change: fc.Arbitrary<Change> = fc.record({
  to: fc.oneof({ weight: 4, arbitrary: fc.constant(0) }, fc.nat(200)),
  key: fc.nat(20).map((n) => `k${n}`),
  value: fc.option(fc.nat(5), { nil: undefined, freq: 3 }),
  ordered: fc.boolean(),
});

interface Pair {
  readonly map: HashedMap<number>;
  readonly model: ReadonlyMap<string, number>;
}

function changed({ map, model }: Pair, { key, value }: Change): Pair {
  const next = new Map(model);
  if (value === undefined) next.delete(key);
  else next.set(key, value);
  return { map: value === undefined ? map.delete(key) : map.set(key, value), model: next };
}

const keys = Array.from({ length: 21 }, (_, n) => `k${n}`).sort();

/** All that a version can answer, and what it should. */
const told = ({ map }: Pair): unknown => [keys.map((key) => map.get(key)), map.size, [...map.ordered()]];
const wanted = ({ model }: Pair): unknown => {
  const values = keys.map((key) => model.get(key));
  return [values, model.size, keys.filter((key) => model.has(key)).map((key) => [key, model.get(key)])];
};

property.prop([fc.array(change, { maxLength: 200, size: 'max' })])(
  'every version is what it was, whichever is grown from and read next',
  (list) => {
    const versions: Pair[] = [{ map: HashedMap.empty(), model: new Map() }];
    for (const each of list) {
      const from = versions.at(-1 - (each.to % versions.length)) as Pair;
      const next = changed(from, each);
      if (each.ordered) next.map.ordered();
      versions.push(next);
    }
    expect(versions.map(told)).toEqual(versions.map(wanted));
    expect(versions.reverse().map(told)).toEqual(versions.map(wanted));
  },
);

test('an old version that much was written after has entries of its own from then on', () => {
  const counted = (map: HashedMap<number>, from: number, to: number): HashedMap<number> => {
    let next = map;
    for (let i = from; i < to; i++) next = next.set(`k${i % 21}`, i);
    return next;
  };
  const old = counted(HashedMap.empty(), 0, 100);
  const between = counted(old, 100, 110);
  const newest = counted(between, 110, 5_000);
  expect(old.get('k0')).toBe(84);
  expect(between.get('k0')).toBe(105);
  expect(newest.get('k0')).toBe(4_998);
  const fork = counted(old, 200, 210);
  expect([old.get('k11'), fork.get('k11'), newest.get('k11')]).toEqual([95, 200, 4_988]);
  expect([...old.ordered().values()].sort((a, b) => a - b)).toEqual(
    Array.from({ length: 21 }, (_, i) => 79 + i),
  );
});

test('an order that nobody asks for is given up, and made anew', () => {
  let map = HashedMap.empty<number>();
  for (let i = 0; i < 3_000; i++) map = map.set(`k${i % 1_500}`, i);
  expect(map.ordered().size).toBe(1_500);
  for (let i = 3_000; i < 13_000; i++) map = map.set(`k${i % 1_600}`, i);
  expect([...map.ordered().keys()]).toEqual(Array.from({ length: 1_600 }, (_, i) => `k${i}`).sort());
  expect(map.ordered().get('k7')).toBe(12_807);
  expect(map.ordered().shape().sound).toBe(true);
});

test('what is there already changes nothing', () => {
  const map = HashedMap.empty<number>().set('a', 1);
  expect(map.set('a', 1)).toBe(map);
  expect(map.delete('b')).toBe(map);
  expect(HashedMap.empty<number>().delete('a').size).toBe(0);
  expect(map.delete('a').size).toBe(0);
  expect(map.delete('a').set('c', 2).get('c')).toBe(2);
});
