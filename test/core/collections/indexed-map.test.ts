/** Aim: an index always says what a walk over all objects would say. Method: fast-check against that walk. */
import { test as property, fc } from '@fast-check/vitest';
import { expect, test } from 'vitest';
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
const step = fc.oneof(fc.record({ set: key, tags }), fc.record({ delete: key }), fc.constant('ask' as const));

property.prop([fc.array(step, { maxLength: 200 })])(
  'an index finds what a walk finds, whenever it is asked',
  (steps) => {
    let map = IndexedMap.empty<Thing>([byTag]);
    for (const next of steps) {
      if (next === 'ask') expectLikeWalk(map);
      else map = 'set' in next ? map.set(next.set, { tags: next.tags }) : map.delete(next.delete);
    }
    expectLikeWalk(map);
  },
);

property.prop([fc.array(step, { maxLength: 100 }), fc.array(step, { maxLength: 100 })])(
  'two futures of one map do not know of one another',
  (steps, others) => {
    const go = (from: IndexedMap<Thing>, through: typeof steps): IndexedMap<Thing> =>
      through.reduce((map, next) => {
        if (next === 'ask') return map;
        return 'set' in next ? map.set(next.set, { tags: next.tags }) : map.delete(next.delete);
      }, from);
    const root = go(IndexedMap.empty<Thing>([byTag]), steps);
    const futures = [go(root, others), go(root, steps), root];
    for (const future of futures) expectLikeWalk(future);
  },
);

test('who was asked long ago and has changed much is made anew', () => {
  let map = IndexedMap.empty<Thing>([byTag]);
  for (let i = 0; i < 1_000; i++) {
    if (i === 400 || i === 460) expectLikeWalk(map);
    map = map.set(`a/${(i * 7) % 300}`, { tags: [['x', 'y', 'xy'][i % 3] ?? ''] });
  }
  expectLikeWalk(map);
});

function expectLikeWalk(map: IndexedMap<Thing>): void {
  for (const term of ['x', 'y', 'xy', '', 'z']) {
    const walked = [...map.objects].filter(([, thing]) => thing.tags.includes(term)).map(([name]) => name);
    expect([...map.keysOf('tag', term)]).toEqual(walked);
    expect(map.countOf('tag', term)).toBe(walked.length);
  }
}
