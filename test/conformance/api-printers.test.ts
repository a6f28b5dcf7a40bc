/** Aim: objects are shown as kubectl 1.34.1 shows them. Method: all recorded cases, in a compact copy. */
import { expect, test } from 'vitest';
import { apiResults, printedOf } from './api-results.ts';

test('every recorded Table and its text agree', () => {
  expect(printedOf('printers')).toEqual(['176 passed, 0 failed']);
});

test('a recording that says otherwise is noticed', () => {
  const metadata = { name: 'x', namespace: 'default', creationTimestamp: '2026-01-15T11:59:00Z' };
  const column = (name: string, format = ''): object => ({ name, type: 'string', format, priority: 0 });
  const cases = [
    { op: 'now', now: '2026-01-15T12:00:00Z' },
    {
      op: 'table',
      kind: 'ConfigMap',
      name: 'two',
      in: { apiVersion: 'v1', kind: 'ConfigMap', metadata, data: { a: '1' } },
      columns: [column('Name', 'name'), column('Data'), column('Age')],
      rows: [{ cells: ['x', 2, '60s'] }],
    },
  ];
  expect(apiResults({ family: 'printers', cases })).toEqual([
    { name: 'printers: table ConfigMap two', passed: false, difference: 'rows[0].cells[1]: want 2, got 1' },
  ]);
});
