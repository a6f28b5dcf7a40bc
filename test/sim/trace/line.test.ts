/** Aim: what the trace writes by hand is what JSON says. Method: fast-check against `JSON.stringify`, and one line by example. */
import { test as property, fc } from '@fast-check/vitest';
import { expect, test } from 'vitest';
import { eventLine, quoted } from '../../../sim/trace/line.ts';

property.prop([fc.string({ unit: 'binary' })])('a text is quoted as JSON quotes it', (text) => {
  expect(quoted(text)).toBe(JSON.stringify(text));
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
  expect(quoted(text)).toBe(JSON.stringify(text));
});

test.each([
  ['sync', 'sync'],
  [{ of: 'pod', key: 'default/web', stage: 'pull', after: 3 }, 'pod pull default/web'],
  [{ after: 3 }, ''],
  [undefined, ''],
])('the timer of %j', (tag, text) => {
  expect(eventLine(5, 4, 3, { type: 'timer', tag })).toBe(`[5,4,3,"timer","${text}"]`);
});
