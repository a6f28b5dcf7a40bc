// Every mistake in a file is told in one line with its place, what was found, and what is allowed. The files are in
// bad-input/; what is said of them is bad-input.txt, which a person can read.
import { mkdtempSync, readdirSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { loadScenario } from '../../../sim/scenario/load.ts';
import { BadInput } from '../../../sim/input/problem.ts';

const folder = join(import.meta.dirname, 'bad-input');

async function complaint(file: string): Promise<string> {
  try {
    await loadScenario([file]);
    return 'nothing is wrong';
  } catch (error) {
    if (error instanceof BadInput) return error.message;
    throw error;
  }
}

test('each bad file has its message', async () => {
  const files = readdirSync(folder).sort();
  const said = [];
  for (const file of files) said.push(await complaint(join(folder, file)));
  const table = said.map((text) => text.replaceAll(`${folder}/`, '').replaceAll(folder, 'bad-input'));
  expect(files.length).toBeGreaterThanOrEqual(40);
  await expect(`${table.join('\n\n')}\n`).toMatchFileSnapshot('bad-input.txt');
});

test('every line of every message has a file, a line and a column', async () => {
  for (const file of readdirSync(folder))
    for (const line of (await complaint(join(folder, file))).split('\n'))
      expect(line).toMatch(/^\S+:[1-9]\d*:[1-9]\d*: \S/);
});

test('what is no file one can read is refused before it is read', async () => {
  const temporary = mkdtempSync(join(tmpdir(), 'wavetank-'));
  try {
    const large = join(temporary, 'large.yaml');
    writeFileSync(large, '');
    truncateSync(large, 100 * 1024 * 1024);
    expect(await complaint(large)).toBe(`${large}:1:1: is 100 MiB; files above 16 MiB are not read`);
    expect(await complaint(temporary)).toBe(`${temporary}:1:1: is a directory; name the files in it`);
    expect(await complaint(`${temporary}/none.yaml`)).toBe(`${temporary}/none.yaml:1:1: no such file`);
    expect(await complaint('/dev/null')).toBe('/dev/null:1:1: is not a regular file');
  } finally {
    rmSync(temporary, { recursive: true });
  }
});

test('the problems of several files are told together', async () => {
  const names = ['unknown-kind.yaml', 'tabs.yaml'].map((name) => join(folder, name));
  await expect(loadScenario(names)).rejects.toThrow(BadInput);
  await expect(loadScenario(names)).rejects.toThrow(/tabs/);
});
