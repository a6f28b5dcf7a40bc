/** Aim: what the trace writes by hand is what JSON says. Method: fast-check against `JSON.stringify`, and one line by example. */
import { test as property, fc } from '@fast-check/vitest';
import { expect, test } from 'vitest';
import type { ApiObject } from '../../../core/api/object.ts';
import { commitLine, eventLine, quoted } from '../../../sim/trace/line.ts';

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

const metadata = { name: 'web', uid: 'u', resourceVersion: '7', creationTimestamp: '2025-01-01T00:00:00Z' };

property.prop([fc.dictionary(fc.string(), fc.jsonValue()), fc.jsonValue()])(
  'the object of a first write is all there, its spec last',
  (spec, status) => {
    const value = { apiVersion: 'v1', kind: 'Pod', metadata, spec, status } as ApiObject;
    const key = '/registry/pods/default/web';
    const kv = { key, value, createRevision: 7, modRevision: 7, version: 1, lease: 0 };
    const put = JSON.stringify({ apiVersion: 'v1', kind: 'Pod', metadata, status, spec });
    expect(commitLine({ type: 'PUT', key, modRevision: 7, kv })).toBe(
      `{"rev":7,"key":"${key}","put":${put}}`,
    );
  },
);

test.each([
  ['sync', 'sync'],
  [{ of: 'pod', key: 'default/web', stage: 'pull', after: 3 }, 'pod pull default/web'],
  [{ after: 3 }, ''],
  [undefined, ''],
])('the timer of %j', (tag, text) => {
  expect(eventLine(5, 4, 3, { type: 'timer', tag })).toBe(`[5,4,3,"timer","${text}"]`);
});
