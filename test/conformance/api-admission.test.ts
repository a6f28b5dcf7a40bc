/** Aim: the admission plugins change, refuse and charge as those of Kubernetes 1.34.1. Method: all recorded cases, in a compact copy. */
import { expect, test } from 'vitest';
import { apiResults, printedOf } from './api-results.ts';

test('206 of 206 cases agree', () => {
  expect(printedOf('admission')).toEqual(['206 passed, 0 failed']);
});

test('a recording that says otherwise is noticed', () => {
  const node = { apiVersion: 'v1', kind: 'Node', metadata: { name: 'x' }, spec: {} };
  const cases = [{ op: 'taintNodesByCondition', in: node, taints: [] }];
  expect(apiResults({ family: 'admission', cases }).map(({ difference }) => difference)).toEqual([
    '[0]: want nothing, got {"key":"node.kubernetes.io/not-ready","effect":"NoSchedule"}',
  ]);
});
