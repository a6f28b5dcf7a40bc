/** Aim: files and suites that cannot be used are refused with one clear sentence. Method: a table. */
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { firstDifference } from '../../../sim/conformance/difference.ts';
import { ConformanceInputError, runConformance } from '../../../sim/conformance/run.ts';

const folder = mkdtempSync(join(tmpdir(), 'conformance-'));

function file(name: string, content: string): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

const sequence = (steps: string): string =>
  `{"etcd":"3.6.4","family":"f","sequences":[{"name":"one","steps":[${steps}]}]}`;

const refusals: readonly (readonly [
  sentence: string,
  suite: string,
  files: readonly string[],
  message: RegExp,
])[] = [
  ['a suite that is nearly there', 'ectd', ['x'], /unknown suite "ectd": did you mean etcd\?/],
  ['a suite that is not there', 'constructor', ['x'], /unknown suite "constructor": the suites are: etcd/],
  ['no files', 'etcd', [], /no file of cases/],
  ['a file that is not there', 'etcd', [join(folder, 'absent.json')], /absent\.json: no such file/],
  ['a directory', 'etcd', [folder], /: is a directory/],
  ['an empty file', 'etcd', [file('empty.json', '')], /empty\.json: not JSON/],
  ['a file that is no gzip', 'etcd', [file('text.json.gz', 'text')], /text\.json\.gz: not gzip/],
  ['another object', 'etcd', [file('other.json', '{}')], /other\.json: etcd: /],
  [
    'cases of the apiserver',
    'etcd',
    [file('api.json', '{"kubernetes":"1.34.1"}')],
    /cases of kube-apiserver, not of etcd/,
  ],
  [
    'an unknown operation',
    'etcd',
    [file('op.json', sequence('{"op":{"type":"get"},"want":{}}'))],
    /sequences\[0\]\.steps\[0\]\.op\.type/,
  ],
  [
    'two operations in one',
    'etcd',
    [
      file(
        'two.json',
        sequence('{"op":{"type":"txn","success":[{"put":{"key":"a"},"range":{"key":"a"}}]},"want":{}}'),
      ),
    ],
    /op\.success\[0\]: wants exactly one of/,
  ],
  [
    'a watch that was never created',
    'etcd',
    [file('watch.json', sequence('{"op":{"type":"watch_cancel","id":"w9"},"want":{}}'))],
    /step 0: no watch w9/,
  ],
];

test.each(refusals)('refused: %s', (_, suite, files, message) => {
  const run = (): unknown => runConformance(suite, files, () => undefined);
  expect(run).toThrow(ConformanceInputError);
  expect(run).toThrow(message);
});

test('a failing case is printed with its first difference, the others are counted', () => {
  const steps = '{"op":{"type":"put","key":"a","value":"1"},"want":{"header":{"revision":3}}}';
  const wrong = file('wrong.json', sequence(steps));
  const right = file('right.json', sequence(steps.replace('3', '2')));
  const printed: string[] = [];
  expect(runConformance('etcd', [wrong, right], (line) => printed.push(line))).toEqual({
    passed: 1,
    failed: 1,
  });
  expect(printed).toEqual([
    'FAILED one',
    '  step 0: header.revision: want 3, got 2',
    '  op {"type":"put","key":"a","value":"1"}',
    '  want {"header":{"revision":3}}',
    '1 passed, 1 failed',
  ]);
});

describe('the first difference', () => {
  test.each([
    ['nothing differs', { a: [1, { b: null }] }, { a: [1, { b: null }] }, undefined],
    ['a number', { a: [1, 2] }, { a: [1, 3] }, 'a[1]: want 2, got 3'],
    ['a field too many', { a: 1 }, { a: 1, b: 2 }, 'b: want nothing, got 2'],
    ['an item missing', [1, 2], [1], '[1]: want 2, got nothing'],
    ['another type', { a: null }, { a: {} }, 'a: want null, got {}'],
  ])('%s', (_, want, got, difference) => {
    expect(firstDifference(want, got)).toBe(difference);
  });
});
