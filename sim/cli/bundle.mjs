/**
 * The sources are TypeScript in two hundred files, which tsx loads in about a second of CPU; as one bundle they load in
 * a third of that. So a program's bundle is made once for each state of the sources, with the esbuild that tsx brings,
 * and kept under node_modules/.cache. Where it cannot be made or kept, tsx loads the files one by one.
 *
 * Functions keep no names of their own in the bundle (esbuild's keepNames): setting a name whenever a closure is made
 * cost a quarter of a run.
 */
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '../..');
const cache = join(root, 'node_modules/.cache/wavetank');

/** Runs the program whose main file is `entry`, a path from the root of the repository. */
export async function start(entry) {
  const main = await bundled(entry);
  if (main !== undefined) return import(pathToFileURL(main).href);
  const { register } = await import('tsx/esm/api');
  register();
  return import(pathToFileURL(join(root, entry)).href);
}

/** The file to import, made if it is not there; undefined where none can be made. */
async function bundled(entry) {
  try {
    mkdirSync(cache, { recursive: true });
    return await make(entry);
  } catch {
    return undefined;
  }
}

/** A half-made bundle is never seen: it is moved into place. */
async function make(entry) {
  const folder = join(cache, stateOfSources(entry));
  const main = join(folder, 'main.js');
  if (existsSync(main)) return main;
  const { build } = createRequire(import.meta.resolve('tsx/package.json'))('esbuild');
  const making = `${folder}.${process.pid}`;
  await build({
    entryPoints: [join(root, entry)],
    outdir: making,
    bundle: true,
    splitting: true,
    packages: 'external',
    format: 'esm',
    platform: 'node',
    target: 'node20',
    jsx: 'automatic',
    logLevel: 'silent',
  });
  try {
    renameSync(making, folder);
  } catch {
    // Another process was quicker.
    rmSync(making, { recursive: true, force: true });
  }
  forgetOld();
  return main;
}

/** A name for the program and the sources as they are: it changes when any file does. */
function stateOfSources(entry) {
  const hash = createHash('sha256').update(`${process.version} ${entry}\n`);
  for (const room of ['core', 'sim', 'reports', 'bench'])
    for (const name of readdirSync(join(root, room), { recursive: true }).sort()) {
      if (!/\.(ts|tsx|mjs)$/.test(name)) continue;
      const { mtimeMs, size } = statSync(join(root, room, name));
      hash.update(`${room}/${name} ${mtimeMs} ${size}\n`);
    }
  return hash.digest('hex').slice(0, 16);
}

/** Bundles a day old go; a run of older sources may still be loading from a younger one. */
function forgetOld() {
  for (const name of readdirSync(cache)) {
    const age = Date.now() - statSync(join(cache, name)).mtimeMs;
    if (age > 24 * 3_600_000) rmSync(join(cache, name), { recursive: true, force: true });
  }
}
