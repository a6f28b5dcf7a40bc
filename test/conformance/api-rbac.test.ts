/** Aim: authorisation decides and speaks as Kubernetes 1.34.1 does. Method: all recorded cases, in a compact copy. */
import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { apiSuite } from '../../sim/conformance/api/suite.ts';

const text = gunzipSync(readFileSync(new URL('./api/rbac.json.gz', import.meta.url))).toString('utf8');

test('157 of 157 cases agree', () => {
  const results = [...apiSuite.run(text, 'rbac.json')];
  expect(results.filter(({ passed }) => !passed)).toEqual([]);
  expect(results).toHaveLength(157);
});

test('a recording that says otherwise is noticed', () => {
  const doctored = text.replace('"decision":"allow"', '"decision":"noOpinion"');
  const failed = [...apiSuite.run(doctored, 'rbac.json')].filter(({ passed }) => !passed);
  expect(failed.map(({ difference }) => difference)).toEqual(['decision: want "noOpinion", got "allow"']);
});
