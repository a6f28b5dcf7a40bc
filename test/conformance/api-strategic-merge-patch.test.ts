/** Aim: strategic merge patches are computed and applied as in Kubernetes 1.34.1. Method: all recorded cases, in a compact copy. */
import { expect, test } from 'vitest';
import { apiResults, printedOf } from './api-results.ts';

test('every recorded strategic merge patch agrees', () => {
  expect(printedOf('strategic-merge-patch')).toEqual(['235 passed, 0 failed']);
});

test('a recording that says otherwise is noticed', () => {
  const original = { metadata: { finalizers: ['a', 'b'] } };
  const modified = { metadata: { finalizers: ['b'] } };
  const cases = [
    { op: 'twoWay', kind: 'Pod', original, modified, patch: { metadata: { finalizers: ['b'] } } },
    { op: 'apply', kind: 'Pod', original, patch: modified, result: modified },
  ];
  expect(apiResults({ family: 'strategic-merge-patch', cases }).map(({ difference }) => difference)).toEqual([
    'patch.metadata.finalizers: want ["b"], got nothing',
    'result.metadata.finalizers[0]: want "b", got "a"',
  ]);
});
