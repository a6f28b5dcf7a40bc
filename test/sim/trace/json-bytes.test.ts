/** Aim: what is written by hand is what JSON says. Method: fast-check against `JSON.stringify`, and edges by example. */
import { test as property, fc } from '@fast-check/vitest';
import { expect, test } from 'vitest';
import { JsonBytes } from '../../../sim/trace/json-bytes.ts';
import { writtenBy } from './written.ts';

property.prop([fc.string({ unit: 'binary' })])('a text is quoted as JSON quotes it', (text) => {
  expect(writtenBy((out) => out.quoted(text))).toBe(JSON.stringify(text));
});

test.each([
  '',
  'web-5c68884cd8-mkc4f',
  '"',
  '\\',
  '\n',
  '\u001f',
  '\u007f',
  '\ud800',
  '\udfff',
  'é',
  '\u2028',
  '😀',
])('quoted %j', (text) => {
  expect(writtenBy((out) => out.quoted(text))).toBe(JSON.stringify(text));
});

property.prop([fc.jsonValue()])('a value is written as JSON writes it', (value) => {
  expect(writtenBy((out) => out.json(value))).toBe(JSON.stringify(value));
});

property.prop([fc.maxSafeNat()])('a number is written in all its digits', (number) => {
  expect(writtenBy((out) => out.natural(number))).toBe(`${number}`);
});

test.each([0, 9, 10, 99, 100, 2 ** 31 - 1, 2 ** 31, 1e9, 999_999_999, 1e15, -1, -0, 0.5, NaN, 1e21])(
  'the number %d',
  (number) => {
    expect(writtenBy((out) => out.json(number))).toBe(JSON.stringify(number));
  },
);

test('what is undefined is left out of an object, and null in a list', () => {
  const value = { a: undefined, b: [undefined, 1], c: { d: undefined } };
  expect(writtenBy((out) => out.json(value))).toBe('{"b":[null,1],"c":{}}');
});

test('fields can be left out, and what was written be taken back', () => {
  expect(writtenBy((out) => out.fields({ a: 1, b: 2, c: 3 }, 'b'))).toBe('"a":1,"c":3');
  const out = new JsonBytes();
  out.ascii('abc');
  const { length } = out;
  out.quoted('d');
  out.cutTo(length);
  expect(new TextDecoder().decode(out.written())).toBe('abc');
});
