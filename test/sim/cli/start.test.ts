// How a program is started: a small repository of its own, with the real start.mjs and bundle.mjs in it. Whatever has
// become of the cache, what is run is the sources as they are.
import { execFile } from 'node:child_process';
import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';

const real = join(import.meta.dirname, '../../..');
const folder = mkdtempSync(join(tmpdir(), 'wavetank-start-'));
afterAll(() => {
  rmSync(folder, { recursive: true });
});

const sources = {
  'package.json': '{ "type": "module" }',
  'tsconfig.json': '{ "compilerOptions": { "target": "ES2022", "jsx": "react-jsx" } }',
  'core/greeting.ts': "export const greeting: string = 'hello';\n",
  'sim/cli/bin.mjs': "import { start } from './start.mjs';\nawait start('sim/cli/main.ts');\n",
  'sim/cli/main.ts': `
    import { greeting } from '../../core/greeting.ts';
    process.exitCode = Number(process.argv[3] ?? 0);
    if (process.argv[2] === 'draw') import('../../reports/view.tsx').then(({ view }) => console.log(view));
    else if (process.argv[2] === 'beside') import(\`./\${process.argv[4]}.ts\`).then(({ what }) => console.log(what));
    else console.log(greeting);
  `,
  'reports/view.tsx': "export const view: string = 'drawn';\n",
  'bench/nothing.ts': '',
};

/** A repository that has never been started. */
function repository(name: string): string {
  const root = join(folder, name);
  for (const [path, text] of Object.entries(sources)) write(root, path, text);
  for (const path of ['sim/cli/start.mjs', 'sim/cli/bundle.mjs'])
    copyFileSync(join(real, path), join(root, path));
  mkdirSync(join(root, 'node_modules'));
  symlinkSync(join(real, 'node_modules/tsx'), join(root, 'node_modules/tsx'));
  return root;
}

function write(root: string, path: string, text: string): void {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), text);
}

/** What it printed, and its exit status where that is not 0. */
const started = (root: string, ...args: readonly string[]): Promise<string> =>
  new Promise((resolve) => {
    execFile(process.execPath, [join(root, 'sim/cli/bin.mjs'), ...args], (error, out, err) => {
      resolve(`${out.trim()}${err}${error === null ? '' : ` (status ${String(error.code)})`}`);
    });
  });

const cacheOf = (root: string): string => join(root, 'node_modules/.cache/wavetank');

/** The files of the cache, by their endings: what is half written has another one. */
const cached = (root: string): readonly string[] =>
  readdirSync(cacheOf(root), { recursive: true, encoding: 'utf8' })
    .map((name) => /(making)?\.[^.]*$/.exec(name)?.[0] ?? 'folder')
    .sort();

const whole = ['.cjs', '.code', '.inputs', '.mjs', 'folder'];

describe.concurrent('a program', () => {
  test('is made once, and started from what was made', async () => {
    const root = repository('once');
    expect(await started(root)).toBe('hello');
    expect(cached(root)).toEqual(whole);
    const [name = ''] = readdirSync(cacheOf(root));
    const main = join(cacheOf(root), name, 'main.cjs');
    // Nobody does this: it shows what is run.
    writeFileSync(main, readFileSync(main, 'utf8').replace('hello', 'again'));
    rmSync(join(cacheOf(root), name, readdirSync(join(cacheOf(root), name)).find(isCode) ?? ''));
    expect(await started(root)).toBe('again');
  });

  test('is made again when a file has changed, even to one as long', async () => {
    const root = repository('changed');
    expect(await started(root)).toBe('hello');
    write(root, 'core/greeting.ts', "export const greeting: string = 'hullo';\n");
    expect(await started(root)).toBe('hullo');
    expect(await started(root)).toBe('hullo');
  });

  test('may import what has come beside it since', async () => {
    const root = repository('beside');
    expect(await started(root)).toBe('hello');
    write(root, 'sim/cli/new.ts', "export const what: string = 'new';\n");
    expect(await started(root, 'beside', '0', 'new')).toBe('new');
  });

  test('imports a view when it is wanted', async () => {
    const root = repository('view');
    expect(await started(root, 'draw')).toBe('drawn');
    expect(await started(root, 'draw')).toBe('drawn');
    write(root, 'reports/view.tsx', "export const view: string = 'erased';\n");
    expect(await started(root, 'draw')).toBe('erased');
  });

  test('may be started many times at once before it is made', async () => {
    const root = repository('at-once');
    const all = await Promise.all(Array.from({ length: 5 }, () => started(root)));
    expect(all).toEqual(Array.from({ length: 5 }, () => 'hello'));
    expect(cached(root)).toEqual(whole);
  });

  test('runs where nothing can be kept', async () => {
    const root = repository('read-only');
    write(root, 'node_modules/.cache', 'a file, and no folder');
    expect(await started(root)).toBe('hello');
    write(root, 'core/greeting.ts', "export const greeting: string = 'hullo';\n");
    expect(await started(root, 'any', '1')).toBe('hullo (status 1)');
  });

  test('is made again where the cache is broken', async () => {
    const root = repository('broken');
    expect(await started(root)).toBe('hello');
    for (const name of readdirSync(cacheOf(root))) {
      if (name.endsWith('.inputs')) continue;
      rmSync(join(cacheOf(root), name), { recursive: true });
    }
    expect(await started(root)).toBe('hello');
    for (const name of readdirSync(cacheOf(root)))
      if (name.endsWith('.inputs')) writeFileSync(join(cacheOf(root), name), 'nothing\nof use');
    expect(await started(root)).toBe('hello');
    expect(cached(root)).toEqual(whole);
  });

  test('runs with code that V8 does not take, and keeps it anew', async () => {
    const root = repository('rejected');
    expect(await started(root)).toBe('hello');
    const name = readdirSync(cacheOf(root), { recursive: true, encoding: 'utf8' }).find(isCode) ?? '';
    const file = join(cacheOf(root), name);
    const taken = readFileSync(file).length;
    writeFileSync(file, 'no code');
    expect(await started(root)).toBe('hello');
    expect(readFileSync(file).length).toBeGreaterThan(taken / 2);
  });

  test('keeps no code of a command that did not do its work', async () => {
    const root = repository('bad-input');
    expect(await started(root, 'any', '2')).toBe('hello (status 2)');
    expect(cached(root)).toEqual(whole.filter((ending) => ending !== '.code'));
    expect(await started(root, 'any', '1')).toBe('hello (status 1)');
    expect(cached(root)).toEqual(whole);
  });
});

const isCode = (name: string): boolean => name.endsWith('.code');
