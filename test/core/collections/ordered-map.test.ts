/** Aim: the persistent map is a sorted map, and no version of it ever changes. Method: fast-check against a plain array. */
import { test as property, fc } from '@fast-check/vitest';
import { expect, test } from 'vitest';
import { OrderedMap } from '../../../core/collections/ordered-map.ts';

type Change = { readonly set: number; readonly value: number } | { readonly delete: number };
const change: fc.Arbitrary<Change> = fc.oneof(
  { weight: 3, arbitrary: fc.record({ set: fc.nat(400), value: fc.nat(5) }) },
  { weight: 2, arbitrary: fc.record({ delete: fc.nat(400) }) },
);

const apply = (map: OrderedMap<number, number>, change: Change): OrderedMap<number, number> =>
  'set' in change ? map.set(change.set, change.value) : map.delete(change.delete);

function applyToModel(model: ReadonlyMap<number, number>, change: Change): ReadonlyMap<number, number> {
  const next = new Map(model);
  if ('set' in change) next.set(change.set, change.value);
  else next.delete(change.delete);
  return next;
}

const sorted = (model: ReadonlyMap<number, number>): readonly (readonly [number, number])[] =>
  [...model].sort(([a], [b]) => a - b);
const changes = fc.array(change, { maxLength: 600, size: 'max' });

property.prop([changes])('holds what a sorted array would hold, in a sound tree', (list) => {
  let map = OrderedMap.empty<number, number>();
  let model: ReadonlyMap<number, number> = new Map();
  for (const next of list) {
    map = apply(map, next);
    model = applyToModel(model, next);
  }
  expect([...map]).toEqual(sorted(model));
  expect(map.size).toBe(model.size);
  expect(map.shape().sound).toBe(true);
});

property.prop([fc.nat(3_000), changes])('is made of what is in order already', (count, list) => {
  const keys = Array.from({ length: count }, (_, i) => i);
  const map = OrderedMap.ascending(keys, keys);
  expect([...map.keys()]).toEqual(keys);
  expect(map.shape().sound).toBe(true);
  const grown = list.reduce(apply, map);
  expect(grown.shape().sound).toBe(true);
  expect([...grown]).toEqual([...list.reduce(apply, OrderedMap.from(map))]);
});

property.prop([changes, changes])('an older version stays as it was', (first, then) => {
  const old = first.reduce(apply, OrderedMap.empty<number, number>());
  const before = [...old];
  then.reduce(apply, old);
  expect([...old]).toEqual(before);
});

property.prop([changes, fc.nat(400), fc.nat(400)])(
  'scan, entries, rank and at agree with the array',
  (list, from, to) => {
    const map = list.reduce(apply, OrderedMap.empty<number, number>());
    const all = [...map];
    const wanted = all.filter(([key]) => key >= from && key < to);
    const scanned: [number, number][] = [];
    map.scan(from, to, (key, value) => {
      scanned.push([key, value]);
    });
    expect(scanned).toEqual(wanted);
    expect([...map.entries(from, to)]).toEqual(wanted);
    expect(map.rank(from)).toBe(all.filter(([key]) => key < from).length);
    expect(map.rankAfter(from)).toBe(all.filter(([key]) => key <= from).length);
    expect(map.floor(from)).toEqual(all.filter(([key]) => key <= from).at(-1));
    expect(map.at(map.rank(from))).toEqual(all.find(([key]) => key >= from));
    expect(map.has(from)).toBe(map.get(from) !== undefined);
  },
);

property.prop([changes, changes])('difference leads from one version to the other', (first, then) => {
  const before = first.reduce(apply, OrderedMap.empty<number, number>());
  const after = then.reduce(apply, before);
  const difference = before.difference(after);
  const led = difference.reduce(
    (map, { key, after: value }) => (value === undefined ? map.delete(key) : map.set(key, value)),
    before,
  );
  expect([...led]).toEqual([...after]);
  for (const { key, before: old, after: now } of difference) {
    expect(before.get(key)).toBe(old);
    expect(now).not.toBe(old);
  }
});

test('a set that changes nothing gives the same map', () => {
  const map = OrderedMap.from<string, number>([['a', 1]]);
  expect(map.set('a', 1)).toBe(map);
  expect(map.delete('b')).toBe(map);
});

test('a map of 100,000 ascending keys is filled well', () => {
  const map = OrderedMap.from(Array.from({ length: 100_000 }, (_, i) => [i, i] as const));
  expect(map.shape().leaves).toBeLessThan(100_000 / 24);
});

/** Of few ends, so that the prints of many keys are the same. */
const textKey = fc
  .tuple(fc.nat(30), fc.constantFrom('', 'a', 'web', 'default'))
  .map(([place, end]) => `/registry/pods/${place}/${end}`);
const textChanges = fc.array(fc.tuple(textKey, fc.option(fc.nat(5))), { maxLength: 400, size: 'max' });

property.prop([textChanges, fc.array(textKey)])(
  'finds texts that were written more than once',
  (list, asked) => {
    let map = OrderedMap.empty<string, number>();
    const model = new Map<string, number>();
    for (const [key, value] of list) {
      map = value === null ? map.delete(key) : map.set(key, value);
      if (value === null) model.delete(key);
      else model.set(key, value);
    }
    expect([...map]).toEqual([...model].sort(([a], [b]) => (a < b ? -1 : 1)));
    for (const key of asked) expect(map.get(key)).toBe(model.get(key));
  },
);
