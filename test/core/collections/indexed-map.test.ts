/** Aim: an index always says what a walk over all objects would say. Method: fast-check against that walk. */
import { test as property, fc } from '@fast-check/vitest';
import { expect } from 'vitest';
import { IndexedMap, type IndexDefinition } from '../../../core/collections/indexed-map.ts';

interface Thing {
  readonly tags: readonly string[];
}
const byTag: IndexDefinition<Thing> = {
  name: 'tag',
  terms: (thing) => thing.tags,
  same: (a, b) => a.tags === b.tags,
};

const key = fc.constantFrom('a/1', 'a/2', 'b/1', 'b/10', 'b/2');
const tags = fc.uniqueArray(fc.constantFrom('x', 'y', 'xy', ''), { maxLength: 3 });
const step = fc.oneof(fc.record({ set: key, tags }), fc.record({ delete: key }));

property.prop([fc.array(step, { maxLength: 60 })])('an index finds what a walk finds', (steps) => {
  let map = IndexedMap.empty<Thing>([byTag]);
  for (const next of steps)
    map = 'set' in next ? map.set(next.set, { tags: next.tags }) : map.delete(next.delete);
  for (const term of ['x', 'y', 'xy', '', 'z']) {
    const walked = [...map.objects].filter(([, thing]) => thing.tags.includes(term)).map(([name]) => name);
    expect([...map.keysOf('tag', term)]).toEqual(walked);
    expect(map.countOf('tag', term)).toBe(walked.length);
  }
});
