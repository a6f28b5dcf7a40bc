/**
 * Aim: what is wrong with an object, and what a client is told of one that is right, are as Kubernetes 1.34.1 says them.
 * Method: all recorded creations and updates, in a compact copy: errors with their values, the Status, warnings, generations.
 */
import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { apiSuite } from '../../sim/conformance/api/suite.ts';

const text = gunzipSync(readFileSync(new URL('./api/validation.json.gz', import.meta.url))).toString('utf8');
const results = [...apiSuite.run(text, 'validation.json')];

test.each([
  ['create', 453],
  ['update', 102],
  ['strictDecode', 21],
])('every %s of %i agrees', (op, count) => {
  const own = results.filter(({ name }) => name.includes(`validation: ${op} `));
  expect(own.filter(({ passed }) => !passed).map(({ name, difference }) => `${name}: ${difference ?? ''}`)).toEqual([]);
  expect(own).toHaveLength(count);
});

test('a recording that says otherwise is noticed', () => {
  const doctored = text.replace('must be greater than or equal to 0', 'must be positive');
  const failed = [...apiSuite.run(doctored, 'validation.json')].filter(({ passed }) => !passed);
  expect(failed.length).toBeGreaterThan(results.filter(({ passed }) => !passed).length);
});
