/** Aim: a patch applied to what was before gives what is after, and what is shared costs nothing. */
import { test, fc } from '@fast-check/vitest';
import { describe, expect, it } from 'vitest';
import { mergePatch, same } from '../../../core/api/merge-patch.ts';
import { writeMergePatch } from '../../../sim/trace/patch.ts';
import { writtenBy } from './written.ts';

function patchOf(before: unknown, after: unknown): unknown {
  let isWritten = false;
  const text = writtenBy((out) => (isWritten = writeMergePatch(out, before, after)));
  expect(isWritten).toBe(text !== '');
  return isWritten ? JSON.parse(text) : undefined;
}

/** JSON without nulls: a merge patch cannot write one. */
const values = fc.letrec((tie) => ({
  value: fc.oneof(
    { depthSize: 'small' },
    fc.constantFrom(0, 1, 'a', 'b', true),
    fc.array(tie('value'), { maxLength: 3 }),
    fc.dictionary(fc.constantFrom('a', 'b', 'c', '__proto__', 'constructor'), tie('value'), { maxKeys: 3 }),
  ),
})).value;
const objects = fc.dictionary(fc.constantFrom('x', 'y', 'z'), values, { maxKeys: 3 });

test.prop([objects, objects])('the diff, applied, makes the second object of the first', (before, after) => {
  const patch = patchOf(before, after);
  const result = patch === undefined ? before : mergePatch(before, patch);
  expect(JSON.stringify(sorted(result))).toBe(JSON.stringify(sorted(after)));
  expect(patch === undefined).toBe(same(before, after));
});

/** Own fields by name, also one called `__proto__`. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  return Object.entries(value)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([field, inner]) => [field, sorted(inner)]);
}

describe('a diff', () => {
  it('names only what changed, null for what is gone', () => {
    const before = { metadata: { name: 'web', labels: { a: '1', b: '2' } }, status: { phase: 'Pending' } };
    const after = { metadata: { name: 'web', labels: { a: '1', c: '3' } }, status: { phase: 'Running' } };
    expect(patchOf(before, after)).toEqual({
      metadata: { labels: { b: null, c: '3' } },
      status: { phase: 'Running' },
    });
  });

  it('does not look into a part that both share', () => {
    const shared = Object.defineProperty({}, 'inside', {
      enumerable: true,
      get: () => {
        throw new Error('looked at');
      },
    });
    expect(patchOf({ spec: shared, a: 1 }, { spec: shared, a: 2 })).toEqual({ a: 2 });
  });

  it('takes an undefined field for an absent one, and a list for a whole', () => {
    expect(patchOf({ a: undefined, list: [1, 2] }, { list: [1, 2], b: undefined })).toBeUndefined();
    expect(patchOf({ list: [1, 2] }, { list: [1, 2, 3] })).toEqual({ list: [1, 2, 3] });
  });
});
