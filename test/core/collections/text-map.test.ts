/** Aim: every version of a text map, the newest and those it grew from, has what a plain Map had at that point. */
import { test as property, fc } from '@fast-check/vitest';
import { expect } from 'vitest';
import { TextMap } from '../../../core/collections/text-map.ts';

const keys = ['a', 'b', 'c', 'node-1', 'node-10'];
const change = fc.record({
  /** Which version is changed: mostly the newest. */
  back: fc.oneof({ weight: 4, arbitrary: fc.constant(0) }, fc.nat(5)),
  key: fc.constantFrom(...keys),
  value: fc.option(fc.nat(3), { nil: undefined }),
});

property.prop([fc.array(change, { maxLength: 40 })])('every version stays what it was', (changes) => {
  const versions: { map: TextMap<number>; model: ReadonlyMap<string, number> }[] = [
    { map: TextMap.empty<number>(), model: new Map() },
  ];
  for (const { back, key, value } of changes) {
    const from = versions.at(-1 - Math.min(back, versions.length - 1));
    if (from === undefined) throw new Error('there is a first version');
    const model = new Map(from.model);
    if (value === undefined) model.delete(key);
    else model.set(key, value);
    versions.push({ map: value === undefined ? from.map.delete(key) : from.map.set(key, value), model });
  }
  for (const { map, model } of versions) {
    expect(map.size).toBe(model.size);
    expect(keys.map((key) => map.get(key))).toEqual(keys.map((key) => model.get(key)));
  }
});
