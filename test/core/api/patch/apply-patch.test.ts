/** Aim: a patch that cannot be applied is refused in the apiserver's words. Method: a table; a merge patch against core/api/merge-patch.ts. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Json } from '../../../../core/api/generated/types.ts';
import { mergePatch } from '../../../../core/api/merge-patch.ts';
import { applyPatch, type Patch } from '../../../../core/api/patch/apply-patch.ts';
import { mergeTypeOfDefinition } from '../../../../core/api/patch/merge-type-of-kind.ts';

const pod = {
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'x', labels: { a: '1' } },
  spec: { containers: [{ name: 'c', image: 'i' }] },
};
const type = mergeTypeOfDefinition('Pod');
const generic = 'the server rejected our request due to an error in our request';

const refusals: readonly (readonly [string, Patch, number, string])[] = [
  [
    'a JSON patch whose test fails',
    { type: 'json', body: [{ op: 'test', path: '/kind', value: 'Node' }] },
    422,
    generic,
  ],
  [
    'a JSON patch of a missing path',
    { type: 'json', body: [{ op: 'remove', path: '/spec/nope' }] },
    422,
    generic,
  ],
  [
    'a JSON patch that is an object',
    { type: 'json', body: { op: 'test' } },
    400,
    'json: cannot unmarshal object into Go value of type jsonpatch.Patch',
  ],
  [
    'a JSON patch of too many operations',
    { type: 'json', body: new Array<Json>(10_001).fill({ op: 'test', path: '/kind', value: 'Pod' }) },
    413,
    'Request entity too large: The allowed maximum operations in a JSON patch is 10000, got 10001',
  ],
  [
    'a merge patch that is a list',
    { type: 'merge', body: [] },
    400,
    'error decoding patch: json: cannot unmarshal array into Go value of type map[string]interface {}',
  ],
  ['a merge patch that is null', { type: 'merge', body: null }, 400, 'Invalid JSON Patch'],
  [
    'a strategic merge patch without a merge key',
    { type: 'strategic', body: { spec: { containers: [{ image: 'j' }] } } },
    500,
    'map: map[image:j] does not contain declared merge key: name',
  ],
  [
    '$retainKeys that leaves a key out',
    { type: 'strategic', body: { spec: { $retainKeys: ['volumes'], containers: [] } } },
    400,
    'invalid patch format of retainKeys',
  ],
];

test.each(refusals)('%s is refused', (_, patch, code, message) => {
  const patched = applyPatch(type, pod, patch);
  expect('failure' in patched ? patched.failure : patched).toMatchObject({
    code,
    message,
    status: 'Failure',
  });
});

test('a kind without a Go type does not know strategic merge patches', () => {
  const patched = applyPatch(undefined, pod, { type: 'strategic', body: {} });
  expect(patched).toMatchObject({ failure: { code: 415, reason: 'UnsupportedMediaType' } });
});

test('no patch changes the object it is applied to', () => {
  const kept = JSON.stringify(pod);
  applyPatch(type, pod, {
    type: 'json',
    body: [{ op: 'replace', path: '/spec/containers/0/image', value: 'j' }],
  });
  applyPatch(type, pod, {
    type: 'strategic',
    body: { spec: { containers: [{ name: 'c', $patch: 'delete' }] } },
  });
  applyPatch(type, pod, { type: 'merge', body: { metadata: { labels: { a: null } } } });
  expect(JSON.stringify(pod)).toBe(kept);
});

test('a merge patch without nulls in lists does what the hot path does', () => {
  const leaf = fc.oneof(
    fc.constant(null),
    fc.integer(),
    fc.string(),
    fc.array(fc.integer(), { maxLength: 2 }),
  );
  const { object } = fc.letrec((tie) => ({
    object: fc.dictionary(
      fc.constantFrom('a', 'b', 'c'),
      fc.oneof({ depthSize: 'small' }, leaf, tie('object')),
    ),
  }));
  fc.assert(
    fc.property(object, object, (document, patch) => {
      const patched = applyPatch(undefined, document as object, { type: 'merge', body: patch as Json });
      expect(patched).toEqual({ object: mergePatch(document, patch) });
    }),
  );
});
