/** Aim: a Table is laid out as kubectl lays it out. Method: texts that put its rules to the test, and a property of columns. */
import { test as property, fc } from '@fast-check/vitest';
import { expect, test } from 'vitest';
import type { Table } from '../../../../core/api/printers/table.ts';
import { tableText } from '../../../../core/api/printers/text.ts';

const tableWith = (rows: readonly (readonly (string | number | null)[])[], namespace = 'default'): Table => ({
  columns: ['Name', 'Message', 'More'].map((name, i) => ({
    name,
    type: 'string',
    format: i === 0 ? 'name' : '',
    priority: i === 2 ? 1 : 0,
  })),
  rows: rows.map((cells) => ({
    cells,
    object: {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: `${cells[0]}`, namespace, creationTimestamp: '', resourceVersion: '1', uid: '' },
    },
  })),
});

test('without headers a column is at least six wide', () => {
  expect(tableText(tableWith([['x', 'y', '']]), { noHeaders: true })).toBe('x     y\n');
});

test('nothing at all is printed of no rows', () => {
  expect(tableText(tableWith([]))).toBe('');
});

test('namespaces stand in front, kinds in front of names', () => {
  expect(
    tableText(tableWith([['x', 'y', 1]], 'kube-system'), {
      withNamespace: true,
      kind: 'configmap',
      wide: true,
    }),
  ).toBe('NAMESPACE     NAME          MESSAGE   MORE\nkube-system   configmap/x   y         1\n');
});

test('of a text of several lines the first is shown; escapes are made visible; nothing is empty', () => {
  expect(
    tableText(
      tableWith([
        ['a', 'one\ntwo', 0],
        ['b', '\u001b[31mred', 0],
        ['c', null, 0],
      ]),
      { noHeaders: true },
    ),
  ).toBe('a     one...\nb     ^[[31mred\nc     \n');
});

test('a tab begins a cell; its column is as wide as it was for any line before, but a line that ends there may be longer', () => {
  expect(
    tableText(
      tableWith([
        ['a', 'long text\tz', 0],
        ['b', 'y', 0],
        ['c', 'w\tz', 0],
      ]),
      { noHeaders: true },
    ),
  ).toBe('a     long text   z\nb     y\nc     w           z\n');
});

const word = fc.stringMatching(/^[a-zé]{0,12}$/);

property.prop([fc.array(fc.tuple(word, word, word), { minLength: 1, maxLength: 5 })])(
  'every cell of a column begins at the same place, three spaces after the longest before it',
  (rows) => {
    const lines = tableText(tableWith(rows), { wide: true }).split('\n').slice(0, -1);
    const begin = (column: number): number =>
      [0, 1]
        .slice(0, column)
        .reduce(
          (sum, i) =>
            sum + Math.max(6, 3 + Math.max(...rows.map((row) => row[i]?.length ?? 0), i === 0 ? 4 : 7)),
          0,
        );
    for (const [i, row] of [['NAME', 'MESSAGE', 'MORE'], ...rows].entries())
      for (const column of [0, 1, 2])
        expect(lines[i]?.slice(begin(column)).startsWith(row[column] ?? '')).toBe(true);
  },
);

test('labels stand behind: the values of some, and all of them by key', () => {
  const table = tableWith([
    ['a', 'x', 0],
    ['b', 'y', 0],
  ]);
  const labels = { tier: 'web', 'app.kubernetes.io/name': 'shop' };
  const rows = table.rows.map(({ cells, object }, i) => ({
    cells,
    object: i === 0 ? { ...object, metadata: { ...object.metadata, labels } } : object,
  }));
  expect(
    tableText({ ...table, rows }, { labelColumns: ['app.kubernetes.io/name', 'zone'], showLabels: true }),
  ).toBe(
    `NAME   MESSAGE   NAME   ZONE   LABELS
a      x         shop          app.kubernetes.io/name=shop,tier=web
b      y                       <none>
`,
  );
});

test('what is printed later stays in line with what was printed before, and what is longer widens it', () => {
  const widths: number[] = [];
  const later = (name: string): string => tableText(tableWith([[name, 'm', 0]]), { noHeaders: true }, widths);
  expect(
    tableText(tableWith([['abcdefgh', 'm', 0]]), {}, widths) +
      later('a') +
      later('abcdefghijkl') +
      later('b'),
  ).toBe(`NAME       MESSAGE
abcdefgh   m
a          m
abcdefghijkl   m
b              m
`);
});
