/**
 * Aim: manifests such as people find in the documentation of Kubernetes are accepted, and wrong ones refused, as Kubernetes
 * does it. Method: one run of manifests/scenario.yaml, which applies those of every kind and then refused.yaml; what the server
 * says of the latter, and where they were written, is refused.txt.
 */
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { RunSummary } from '../../../reports/run-summary.ts';
import { said } from '../cli/said.ts';

const folder = join(import.meta.dirname, 'manifests');

test('manifests of every kind are accepted or refused as Kubernetes would', async () => {
  const text = await said(['run', join(folder, 'scenario.yaml'), '--format', 'json']);
  const { applied, expectations, refused } = JSON.parse(text.replace(/^! .*$/gm, '')) as RunSummary;
  expect(applied.length).toBeGreaterThanOrEqual(38);
  expect(expectations.filter(({ met }) => !met)).toEqual([]);
  const told = refused.map(
    ({ source = '?', object, message }) => `${source.replace(`${folder}/`, '')}: ${object}\n${message}`,
  );
  await expect(`${told.join('\n\n')}\n`).toMatchFileSnapshot('manifests/refused.txt');
}, 60_000);
