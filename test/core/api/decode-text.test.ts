/** What the decoder says of a body's text, in the words of Go. */
import { describe, expect, test } from 'vitest';
import { decodeText } from '../../../core/api/decode-text.ts';
import { base64Error } from '../../../core/api/go/base64-text.ts';
import { rfc3339, rfc3339Micro, timeError } from '../../../core/api/go/time-text.ts';

const pod = (rest: string): string => `{"apiVersion":"v1","kind":"Pod"${rest}}`;

describe('a text', () => {
  test.each<[string, string]>([
    [
      '[]',
      `couldn't get version/kind; json parse error: json: cannot unmarshal array into Go value of type struct { APIVersion string "json:\\"apiVersion,omitempty\\""; Kind string "json:\\"kind,omitempty\\"" }`,
    ],
    [
      '{"kind":1}',
      `couldn't get version/kind; json parse error: json: cannot unmarshal number into Go struct field .kind of type string`,
    ],
    ['{"kind":"Pod"}', `Object 'apiVersion' is missing in '{"kind":"Pod"}'`],
    [
      pod(',"spec":{"nope":{"nope":1,"nope":2},"hostname":"a","hostname":"b"},"kind":"Pod"'),
      'strict decoding error: unknown field "spec.nope", duplicate field "spec.hostname", duplicate field "kind"',
    ],
    [
      pod(',"spec":{"hostname":1}'),
      'json: cannot unmarshal number into Go struct field PodSpec.spec.hostname of type string',
    ],
  ])('%s', (text, error) => {
    expect(decodeText(text).error).toBe(error);
  });

  test('of a field that is there twice the last is kept, and an unknown one is told once', () => {
    const decoded = decodeText(pod(',"a":1,"a":2,"metadata":{"name":"x","name":"y"}'));
    expect(decoded).toMatchObject({
      object: { metadata: { name: 'y' } },
      strictErrors: ['unknown field "a"', 'duplicate field "metadata.name"'],
    });
  });
});

const at = (text: string, layout: string, rest: string, part: string): string =>
  `parsing time "${text}" as "${layout}": cannot parse "${rest}" as "${part}"`;

test.each<[string, string, string | undefined]>([
  ['2024-01-31T23:59:59Z', rfc3339, undefined],
  ['2024-02-29T00:00:00.5+01:00', rfc3339, undefined],
  ['2023-02-29T00:00:00Z', rfc3339, 'parsing time "2023-02-29T00:00:00Z": day out of range'],
  ['2023-13-01T00:00:00Z', rfc3339, 'parsing time "2023-13-01T00:00:00Z": month out of range'],
  ['2023-01-32T25:00:00Z', rfc3339, 'parsing time "2023-01-32T25:00:00Z": hour out of range'],
  ['2023-01-01', rfc3339, at('2023-01-01', rfc3339, '', 'T')],
  ['x', rfc3339, at('x', rfc3339, 'x', '2006')],
  ['2024-01-01T00:00:00Z!', rfc3339, 'parsing time "2024-01-01T00:00:00Z!": extra text: "!"'],
  ['2024-01-01T00:00:00.000001Z', rfc3339Micro, undefined],
  ['2024-01-01T00:00:00Z', rfc3339Micro, at('2024-01-01T00:00:00Z', rfc3339Micro, 'Z', '.000000')],
])('the time %s', (text, layout, error) => {
  expect(timeError(text, layout)).toBe(error);
});

test.each<[string, number | undefined]>([
  ['', undefined],
  ['YQ==', undefined],
  ['YW\nJj\n', undefined],
  ['%%', 0],
  ['YWJj!', 4],
  ['YWJjZ', 4],
  ['YQ=', 3],
  ['YQ=a', 2],
  ['YQ==YQ==', 4],
  ['=', 0],
])('base64 %j', (text, offset) => {
  expect(base64Error(text)).toBe(
    offset === undefined ? undefined : `illegal base64 data at input byte ${offset}`,
  );
});
