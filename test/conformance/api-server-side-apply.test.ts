/** Aim: server-side apply merges, owns and refuses as in Kubernetes 1.34.1. Method: all recorded sequences, in a compact copy. */
import { expect, test } from 'vitest';
import { apiResults, printedOf } from './api-results.ts';

test('every recorded sequence agrees', () => {
  expect(printedOf('server-side-apply')).toEqual(['51 passed, 0 failed']);
});

test('a recording that says otherwise is noticed', () => {
  const object = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'x' }, data: { k: 'v' } };
  const managed = { manager: 'a', operation: 'Apply', apiVersion: 'v1', fieldsV1: { 'f:data': { 'f:k': {} } } };
  const step = { op: 'apply', manager: 'a', force: false, in: object };
  const recorded = (paths: readonly string[]): object => ({
    name: 'made here',
    op: 'sequence',
    steps: [{ ...step, result: { object, managedFields: [{ ...managed, paths }] } }],
  });
  const cases = [recorded(['.data.k']), recorded(['.data'])];
  expect(apiResults({ family: 'server-side-apply', cases }).map(({ difference }) => difference)).toEqual([
    undefined,
    'step 1, apply by a: result.managedFields[0].paths[0]: want ".data", got ".data.k"',
  ]);
});
