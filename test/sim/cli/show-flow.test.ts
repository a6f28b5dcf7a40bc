/** Aim: `run --show flow` shows how the first Pod came to be, and says the same in JSON. Method: one Pod, both formats. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { said } from './said.ts';

const folder = mkdtempSync(join(tmpdir(), 'wavetank-'));
const manifest = join(folder, 'pod.yaml');
writeFileSync(
  manifest,
  'apiVersion: v1\nkind: Pod\nmetadata: { name: a }\nspec: { containers: [{ name: a, image: a }] }\n',
);
afterAll(() => {
  rmSync(folder, { recursive: true });
});

interface Said {
  readonly hash: string;
  readonly flow?: { readonly pod: string; readonly rows: readonly unknown[] };
}

test('a picture above the summary, or one object with both', { timeout: 60_000 }, async () => {
  const text = await said(['run', manifest, '--show', 'flow']);
  expect(text).toContain('How Pod/a came to be');
  const { flow, hash } = JSON.parse(
    await said(['run', manifest, '--show', 'flow', '--format', 'json']),
  ) as Said;
  expect(text).toContain(hash);
  expect(flow?.pod).toBe('default/a');
  expect(flow?.rows.length).toBeGreaterThan(10);
  expect(JSON.parse(await said(['run', manifest, '--format', 'json']))).not.toHaveProperty('flow');
});
