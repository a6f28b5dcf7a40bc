/**
 * Starts a program of this repository. The sources are TypeScript in eight hundred files, which tsx loads in more than a
 * second of CPU; so they are made into a bundle (bundle.mjs) whenever one of them has changed, and V8 keeps beside it
 * what it had compiled of it when a command ended well. Where no bundle can be made or kept, tsx loads the files one by
 * one. All that is here is run at every start: what makes bundles is loaded only when one is to be made.
 */
import { mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createRequire, isBuiltin } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { Script } from 'node:vm';

const root = join(dirname(fileURLToPath(import.meta.url)), '../..');
const cache = join(root, 'node_modules/.cache/wavetank');

/** Runs the program whose main file is `entry`, a path from the root of the repository. */
export async function start(entry) {
  const main = found(entry) ?? (await made(entry));
  if (main !== undefined) return run(main);
  const { register } = await import('tsx/esm/api');
  register();
  return import(pathToFileURL(join(root, entry)).href);
}

/** A bundle is good for as long as each file it was made of is what it was. */
function found(entry) {
  try {
    const [main, ...inputs] = readFileSync(recordOf(entry), 'utf8').split('\n');
    for (const input of inputs) {
      const [path, stamp] = input.split('\t');
      if (stampOf(path) !== stamp) return undefined;
    }
    return existing(join(cache, main));
  } catch {
    return undefined;
  }
}

/** Where it is written which bundle is the program's, and what that was made of: a name, then a line for each file. */
const recordOf = (entry) => join(cache, `${entry.replaceAll('/', '-')}.inputs`);

/** Changes when the file does; empty where there is none. */
function stampOf(path) {
  const stats = statSync(`${root}/${path}`, { throwIfNoEntry: false });
  return stats === undefined ? '' : `${stats.mtimeMs} ${stats.size}`;
}

const existing = (file) => (statSync(file, { throwIfNoEntry: false }) === undefined ? undefined : file);

/** The main file of a new bundle; undefined where none can be made or kept. */
async function made(entry) {
  try {
    mkdirSync(cache, { recursive: true });
    const { makeBundle } = await import('./bundle.mjs');
    const { main, inputs } = await makeBundle({ root, cache, entry, stampOf });
    put(recordOf(entry), [main, ...inputs].join('\n'));
    return join(cache, main);
  } catch {
    return undefined;
  }
}

/** What is half written is never seen: it is moved into place. */
function put(file, content) {
  const writing = `${file}.${process.pid}`;
  try {
    writeFileSync(writing, content);
    renameSync(writing, file);
  } catch (error) {
    rmSync(writing, { force: true });
    throw error;
  }
}

/** Runs a bundle as Node runs a CommonJS file, but with what V8 has kept of it. */
function run(main) {
  // esbuild escapes what is not ASCII, and so the text takes one byte a character in memory.
  const text = `(function (require, module, __filename) { ${readFileSync(main, 'latin1')}\n})`;
  const code = codeFile(main);
  const cachedData = kept(code);
  const script = new Script(text, { filename: main, cachedData });
  if (cachedData === undefined || script.cachedDataRejected) keepCode(script, code, require('node:v8'));
  script.runInThisContext()(requireFor(main), { exports: {} }, main);
}

const require = createRequire(import.meta.url);

/**
 * What a bundle does not hold is parts of Node, and modules that are imported when they are wanted. A script cannot
 * import, so esbuild has made that a `require` below a promise, and a promise waits for what has a `then`.
 */
const requireFor = (main) => (name) => {
  if (isBuiltin(name)) return require(name);
  const module = name.startsWith('./') ? new URL(name, pathToFileURL(main)).href : name;
  return { then: (...heard) => void import(module).then(...heard) };
};

/** Each command needs other functions; V8 takes what it has kept only under the version and options it was kept under. */
function codeFile(main) {
  const [, , command = ''] = process.argv;
  const engine = [process.version, process.arch, ...process.execArgv, process.env.NODE_OPTIONS ?? ''];
  const name = [/^[a-z]+$/.test(command) ? command : '', ...engine].join(' ');
  return `${main.slice(0, -'.cjs'.length)}.${name.replace(/[^\w.=-]+/g, '_').slice(0, 200)}.code`;
}

function kept(file) {
  try {
    return readFileSync(file);
  } catch {
    return undefined;
  }
}

/** Keeps what will have been compiled when the process ends, if its command did its work. */
function keepCode(script, file, v8) {
  // V8 forgets functions that have long not been called: those of the start, when a run takes minutes.
  v8.setFlagsFromString('--no-flush-bytecode');
  process.once('exit', (status) => {
    // What is kept is taken under the same options only.
    v8.setFlagsFromString('--flush-bytecode');
    if (status !== 0 && status !== 1) return;
    try {
      put(file, script.createCachedData());
    } catch {
      // Nothing can be written here: the next start compiles again.
    }
  });
}
