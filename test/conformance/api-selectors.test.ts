/** Aim: selectors select what Kubernetes 1.34.1 selects. Method: all recorded cases, in a compact copy. */
import { expect, test } from 'vitest';
import { apiResults, printedOf } from './api-results.ts';

test('every recorded selector agrees', () => {
  expect(printedOf('selectors')).toEqual(['325 passed, 0 failed']);
});

test('a recording that says otherwise is noticed', () => {
  const cases = [
    { op: 'labelSets', sets: [{ a: '1' }, {}] },
    { op: 'parseLabels', in: '!a', requirements: [{ key: 'a', operator: '!', values: [] }], string: '!a', matches: [true, true] },
  ];
  expect(apiResults({ family: 'selectors', cases }).map(({ difference }) => difference)).toEqual([
    'matches[0]: want true, got false',
  ]);
});
