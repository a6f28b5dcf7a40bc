/** Aim: JSON patches and JSON merge patches do what they do in Kubernetes 1.34.1. Method: all recorded cases, in a compact copy. */
import { expect, test } from 'vitest';
import { apiResults, printedOf } from './api-results.ts';

test('every recorded JSON patch agrees', () => {
  expect(printedOf('json-patch')).toEqual(['120 passed, 0 failed']);
});

test('a recording that says otherwise is noticed', () => {
  const patch = '[{"op":"remove","path":"/b"}]';
  const cases = [{ op: 'jsonPatch', doc: { a: 1 }, patch, result: { a: 1 } }];
  expect(apiResults({ family: 'json-patch', cases }).map(({ difference }) => difference)).toEqual([
    'result: want {"a":1}, got nothing',
  ]);
});
