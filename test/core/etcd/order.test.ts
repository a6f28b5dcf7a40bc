/** Aim: keys are ordered as etcd orders them, by their UTF-8 bytes. Method: the bytes themselves as the model. */
import { fc, test } from '@fast-check/vitest';
import { describe, expect } from 'vitest';
import { boundsOf, compareBytes, orderKey, prefixEnd } from '../../../core/etcd/order.ts';

const text = fc.string({
  unit: fc.constantFrom(
    'a',
    'b',
    '/',
    '\0',
    'é',
    '\ud7ff',
    '\ue000',
    '\uff5e',
    '\uffff',
    '\u{10000}',
    '\u{1f600}',
  ),
});

test.prop([text, text])('the order of bytes', (a, b) => {
  expect(Math.sign(compareBytes(a, b))).toBe(Buffer.compare(Buffer.from(a), Buffer.from(b)));
});

test.prop([text, text])('different keys stay different', (a, b) => {
  expect(orderKey(a) === orderKey(b)).toBe(a === b);
});

test('an ordinary key is its own order', () => {
  expect(orderKey('/registry/pods/default/web-0')).toBe('/registry/pods/default/web-0');
});

describe('a range ends', () => {
  test('a prefix, at its last character one up', () => {
    expect(prefixEnd('/registry/pods/')).toBe('/registry/pods0');
  });
  test.each([
    ['one key', undefined, { single: true, from: 'k', to: undefined }],
    ['an empty end is one key', '', { single: true, from: 'k', to: undefined }],
    ['the zero byte: from the key on', '\0', { single: false, from: 'k', to: undefined }],
    ['before another key', 'z', { single: false, from: 'k', to: 'z' }],
  ])('%s', (_, rangeEnd, bounds) => {
    expect(boundsOf('k', rangeEnd)).toEqual(bounds);
  });
});
