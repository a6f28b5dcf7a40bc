#!/usr/bin/env node
/**
 * Starts the command line. The sources are TypeScript in two hundred files, which tsx loads in about a second of CPU; as
 * one bundle they load in a third of that. So the bundle is made once for each state of the sources, with the esbuild
 * that tsx brings, and kept under node_modules/.cache. Where it cannot be made or kept, tsx loads the files one by one.
 */
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '../..');
const cache = join(root, 'node_modules/.cache/wavetank');

/** A name for the sources as they are: it changes when any file does. */
function stateOfSources() {
  const hash = createHash('sha256').update(process.version);
  for (const room of ['core', 'sim', 'reports'])
    for (const name of readdirSync(join(root, room), { recursive: true }).sort()) {
      if (!/\.(ts|tsx|mjs)$/.test(name)) continue;
      const { mtimeMs, size } = statSync(join(root, room, name));
      hash.update(`${room}/${name} ${mtimeMs} ${size}\n`);
    }
  return hash.digest('hex').slice(0, 16);
}

/** The file to import, made if it is not there. A half-made bundle is never seen: it is moved into place. */
async function bundle() {
  const folder = join(cache, stateOfSources());
  const main = join(folder, 'main.js');
  if (existsSync(main)) return main;
  const { build } = createRequire(import.meta.resolve('tsx/package.json'))('esbuild');
  const making = `${folder}.${process.pid}`;
  await build({
    entryPoints: [join(root, 'sim/cli/main.ts')],
    outdir: making,
    bundle: true,
    splitting: true,
    packages: 'external',
    format: 'esm',
    platform: 'node',
    target: 'node20',
    keepNames: true,
    jsx: 'automatic',
    logLevel: 'silent',
  });
  try {
    renameSync(making, folder);
  } catch {
    // Another process was quicker.
    rmSync(making, { recursive: true, force: true });
  }
  for (const name of readdirSync(cache)) {
    // A run of older sources may still be loading from its bundle.
    const age = Date.now() - statSync(join(cache, name)).mtimeMs;
    if (age > 24 * 3_600_000) rmSync(join(cache, name), { recursive: true, force: true });
  }
  return main;
}

async function startWithTsx() {
  const { register } = await import('tsx/esm/api');
  register();
  await import('./main.ts');
}

let main;
try {
  mkdirSync(cache, { recursive: true });
  main = await bundle();
} catch {
  main = undefined;
}
if (main === undefined) await startWithTsx();
else await import(pathToFileURL(main).href);
