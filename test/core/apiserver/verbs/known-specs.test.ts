/** Specs that say the same are one: what stands for a spec is what its JSON text would stand for. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { PodSpec } from '../../../../core/api/generated/types.ts';
import { firstLike } from '../../../../core/apiserver/verbs/known-specs.ts';

const spec = (image: string, more: object = {}): PodSpec => ({
  containers: [{ name: 'web', image, ...more }],
});

describe('specs that come as copies', () => {
  test('are the first that said the same', () => {
    const first = spec('nginx:1.27');
    expect(firstLike(first)).toBe(first);
    expect(firstLike(spec('nginx:1.27'))).toBe(first);
    expect(firstLike(spec('nginx:1.27', { args: undefined }))).toBe(first);
  });

  test.each([
    ['another value', spec('nginx:1.28')],
    ['a field more', spec('nginx:1.27', { args: [] })],
    ['a list that is longer', spec('nginx:1.27', { args: ['a'] })],
    ['the same fields in another order', { containers: [{ image: 'nginx:1.27', name: 'web' }] }],
    ['a text for a number', spec('nginx:1.27', { ports: [{ containerPort: '80' }] })],
    ['a number', spec('nginx:1.27', { ports: [{ containerPort: 80 }] })],
    ['null', spec('nginx:1.27', { args: null })],
  ])('%s makes a spec another one', (_, other) => {
    expect(firstLike(spec('nginx:1.27'))).not.toBe(firstLike(other));
    expect(firstLike(structuredClone(other))).toBe(firstLike(other));
  });

  test('as a property: two are one exactly where their texts are equal', () => {
    fc.assert(
      fc.property(fc.array(fc.object(alike), { minLength: 2, maxLength: 20 }), (specs) => {
        const texts = specs.map((each) => JSON.stringify(each));
        const stands = specs.map((each) => firstLike(each as unknown as PodSpec));
        for (let i = 0; i < specs.length; i++)
          for (let j = 0; j < i; j++) expect(stands[i] === stands[j]).toBe(texts[i] === texts[j]);
      }),
    );
  });
});

/** Of few words, so that many of them begin alike and some are equal. */
const alike = {
  maxDepth: 3,
  maxKeys: 3,
  key: fc.constantFrom('a', 'b', 'c'),
  values: [fc.constantFrom('a', 'b', ''), fc.integer({ min: 0, max: 2 }), fc.boolean(), fc.constant(null)],
};
