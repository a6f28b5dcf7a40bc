/**
 * Aim: what `-o yaml` prints is what go-yaml v2 prints. Method: values with the texts that go-yaml's own tests and public
 * outputs of kubectl have for them; and, as properties, any value is read back as itself by a reader of YAML 1.1, and
 * keys are ordered as numbers and letters.
 */
import { test as property, fc } from '@fast-check/vitest';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import type { Json } from '../../../core/api/generated/types.ts';
import { yamlText } from '../../../reports/get/go-yaml.ts';

const long = 'abcdefghijklmnopqrstuvwxyz ABCDEFGHIJKLMNOPQRSTUVWXYZ 1234567890';

const strings: readonly (readonly [value: string, text: string])[] = [
  ['hi', 'hi'],
  ['', '""'],
  ['~', '"~"'],
  ['null', '"null"'],
  ['true', '"true"'],
  ['yes', '"yes"'],
  ['y', '"y"'],
  ['Off', '"Off"'],
  ['oFF', 'oFF'],
  ['10', '"10"'],
  ['-1', '"-1"'],
  ['0755', '"0755"'],
  ['08', '"08"'],
  ['1_000', '"1_000"'],
  ['0x1F', '"0x1F"'],
  ['0b101', '"0b101"'],
  ['1.5', '"1.5"'],
  ['.5', '".5"'],
  ['1e3', '"1e3"'],
  ['7e999999', '7e999999'],
  ['.inf', '".inf"'],
  ['1:1', '"1:1"'],
  ['10:30:15', '"10:30:15"'],
  ['10.96.0.1', '10.96.0.1'],
  ['100m', '100m'],
  ['64Mi', '64Mi'],
  ['1.29', '"1.29"'],
  ['1.29.1', '1.29.1'],
  ['2015-02-24T18:19:39Z', '"2015-02-24T18:19:39Z"'],
  ['2025-01-01T00:00:10.123456Z', '"2025-01-01T00:00:10.123456Z"'],
  ['2025-02-30', '2025-02-30'],
  ['2025-2-3', '"2025-2-3"'],
  ['-', "'-'"],
  ['- a', "'- a'"],
  ['-a', '-a'],
  ['--', '--'],
  ['---', "'---'"],
  ['*', "'*'"],
  ['@daily', "'@daily'"],
  ['*/5 * * * *', "'*/5 * * * *'"],
  ['0 0 * * *', '0 0 * * *'],
  ['b: c', "'b: c'"],
  ['b:', "'b:'"],
  ['nginx:1.29', 'nginx:1.29'],
  ['Hello #comment', "'Hello #comment'"],
  ['Hello#comment', 'Hello#comment'],
  ['你好 #comment', "'你好 #comment'"],
  ["it's", "it's"],
  ["it's: so", "'it''s: so'"],
  ['"quoted"', `'"quoted"'`],
  ['<foo>', '<foo>'],
  ['{}', "'{}'"],
  ['[a]', "'[a]'"],
  ['a, b', 'a, b'],
  ['%', "'%'"],
  [' a', "' a'"],
  ['a ', "'a '"],
  ['a\tb', '"a\\tb"'],
  ['\0', '"\\0"'],
  ['a\rb', '"a\\rb"'],
  ['\u00e9', '\u00e9'],
  ['\u{1f600}', '"\\U0001F600"'],
  ['a\nb', '|-\n  a\n  b'],
  ['a\nb\n', '|\n  a\n  b'],
  ['a\n\n', '|+\n  a\n'],
  ['a\n\nb', '|-\n  a\n\n  b'],
  [' a\nb', '|2-\n   a\n  b'],
  ['a \nb', '"a \\nb"'],
  ['a\tb\n', '"a\\tb\\n"'],
];

test.each(strings)('%j', (value, text) => {
  expect(yamlText({ v: value })).toBe(`v: ${text}\n`);
});

test.each<readonly [Json, string]>([
  [null, 'null'],
  [true, 'true'],
  [10, '10'],
  [-10, '-10'],
  [4294967296, '4294967296'],
  [0.1, '0.1'],
  [1234567.5, '1.2345675e+06'],
  [0.00001, '1e-05'],
  [{}, '{}'],
  [[], '[]'],
])('%j', (value, text) => {
  expect(yamlText({ v: value })).toBe(`v: ${text}\n`);
});

test('lists are not indented below their key, and what is in them is', () => {
  const value = { v: ['A', 1, { B: [2, 3] }, ['x', ['z']], { c: { d: 'e' }, f: 'g\nh' }, [], {}] };
  expect(yamlText(value)).toBe(`v:
- A
- 1
- B:
  - 2
  - 3
- - x
  - - z
- c:
    d: e
  f: |-
    g
    h
- []
- {}
`);
});

test('a line that has grown longer than 80 ends at its next space', () => {
  expect(yamlText({ a: `${long} ${long} ` })).toBe(
    `a: '${long} abcdefghijklmnopqrstuvwxyz\n  ABCDEFGHIJKLMNOPQRSTUVWXYZ 1234567890 '\n`,
  );
  // kubernetes issue 32335 shows this line as kubectl printed it.
  const limits = 'LimitRanger plugin set: cpu request for container hostnames';
  expect(yamlText({ metadata: { annotations: { 'kubernetes.io/limit-ranger': limits } } })).toBe(`metadata:
  annotations:
    kubernetes.io/limit-ranger: 'LimitRanger plugin set: cpu request for container
      hostnames'
`);
  expect(yamlText([{ message: `${long} ${long}` }])).toBe(
    `- message: ${long} abcdefghijklmnopqrstuvwxyz\n    ABCDEFGHIJKLMNOPQRSTUVWXYZ 1234567890\n`,
  );
  expect(yamlText({ a: `\t${long}  ${long} x` })).toBe(
    `a: "\\t${long}  abcdefghijklmnopqrstuvwxyz\n  ABCDEFGHIJKLMNOPQRSTUVWXYZ 1234567890 x"\n`,
  );
});

test('a text without a space stays in one line', () => {
  const image = `registry.example.com/${'a'.repeat(100)}@sha256:${'0'.repeat(64)}`;
  expect(yamlText({ image })).toBe(`image: ${image}\n`);
});

test('keys are quoted too; a very long one stands behind a question mark', () => {
  expect(yamlText({ '1': 'a', yes: 'b', 'a b': 'c', 'a: b': 'd' })).toBe(
    '"1": a\na b: c\n\'a: b\': d\n"yes": b\n',
  );
  const key = 'k'.repeat(129);
  expect(yamlText({ a: { [key]: 'v' } })).toBe(`a:\n  ? ${key}\n  : v\n`);
});

/** The order of go-yaml's own test of it. */
const ordered = [
  ['', '.1', '.2', '.a', '1', '2', 'a!10', 'a/0001', 'a/002', 'a/3', 'a/10', 'a/11', 'a/0012', 'a/100'],
  ['a~10', 'ab/1', 'b/1', 'b/01', 'b/2', 'b/02', 'b/3', 'b/03', 'b1', 'b01', 'b3', 'c2.10', 'c10.2'],
  ['d1', 'd7', 'd7abc', 'd12', 'd12a'],
].flat();

property.prop([fc.shuffledSubarray(ordered, { minLength: 2 })])('keys are in their natural order', (keys) => {
  const lines = yamlText(Object.fromEntries(keys.map((key) => [key, 0]))).split('\n');
  const found = lines.slice(0, -1).map((line) => line.slice(0, -': 0'.length).replaceAll('"', ''));
  expect(found).toEqual(ordered.filter((key) => keys.includes(key)));
});

/** The reader takes `.` and `e0` for numbers, which neither YAML 1.1 nor go-yaml does. */
const isMisread = (text: string): boolean => text !== '' && /^[-+]?[._]*(?:[eE][-+]?[\d_]*)?$/.test(text);

const text = fc
  .oneof(
    fc.string({ unit: 'grapheme' }),
    fc.string({
      unit: fc.constantFrom('a', ' ', '\n', ':', '#', '-', "'", '"', '1', '.', '\t', '\\', '0', 'e'),
    }),
    fc
      .array(fc.constantFrom('word', 'w', '', "it's", 'x:'), { maxLength: 40 })
      .map((words) => words.join(' ')),
  )
  .filter((each) => !isMisread(each));

const value: fc.Arbitrary<Json> = fc.letrec<{ node: Json }>((tie) => ({
  node: fc.oneof(
    { maxDepth: 4 },
    text,
    fc.boolean(),
    fc.integer(),
    fc.constant(null),
    fc.array(tie('node'), { maxLength: 4 }),
    fc.dictionary(text, tie('node'), { maxKeys: 4, noNullPrototype: true }),
  ),
})).node;

property.prop([fc.dictionary(text, value, { maxKeys: 3, noNullPrototype: true })])(
  'what is printed is read back as it was',
  (object) => {
    expect(parse(yamlText(object), { version: '1.1', strict: false })).toEqual(object);
  },
);
