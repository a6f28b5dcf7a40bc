/** Aim: quantities are what Kubernetes 1.34.1 makes of them. Method: all recorded cases, in a compact copy. */
import { expect, test } from 'vitest';
import { apiResults, printedOf } from './api-results.ts';

test('every recorded quantity agrees', () => {
  expect(printedOf('quantity')).toEqual(['687 passed, 0 failed']);
});

test('a recording that says otherwise is noticed', () => {
  const cases = [{ op: 'cmp', a: '1', b: '1000m', equal: true, result: 1 }];
  expect(apiResults({ family: 'quantity', cases })).toEqual([
    { name: 'quantity: cmp 1 1000m', passed: false, difference: 'result: want 1, got 0' },
  ]);
});
