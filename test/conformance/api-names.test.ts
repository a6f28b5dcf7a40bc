/** Names, addresses and the hashes in names are judged and made as by Kubernetes 1.34.1. */
import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { apiSuite } from '../../sim/conformance/api/suite.ts';
import { printedOf } from './api-results.ts';

test('159 of 159 cases agree', () => {
  expect(printedOf('names')).toEqual(['159 passed, 0 failed']);
});

test('a recording that says otherwise is noticed', () => {
  const file = gunzipSync(readFileSync(new URL('./api/names.json.gz', import.meta.url))).toString('utf8');
  const doctored = file.replace('"hash":"6b8744ff4f"', '"hash":"6b8744ff4g"').replace('TTY:(bool)false', 'TTY:(bool)true');
  const failed = [...apiSuite.run(doctored, 'names.json')].filter(({ passed }) => !passed);
  expect(failed).toHaveLength(1);
});
