/**
 * Makes a program into one file, with the esbuild that tsx brings. Packages go into it too: to find and to load them file
 * by file took longer than the smallest run. Only what a terminal is drawn with stays outside (ink is made of modules that
 * wait while they load, which a CommonJS file cannot hold), and each of its views (.tsx) becomes a module beside the bundle.
 *
 * Functions keep no names of their own (esbuild's keepNames): setting a name whenever a closure is made cost a quarter of
 * a run.
 */
import { readdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { basename, dirname, join, resolve } from 'node:path';
import { createHash } from 'node:crypto';

const rooms = ['core', 'sim', 'reports', 'bench'];

/** What is not imported but says how a bundle is made, and of which packages. */
const recipe = ['sim/cli/bundle.mjs', 'package.json', 'tsconfig.json', 'node_modules/.package-lock.json'];

/**
 * The path of the bundle of `entry` in the folder `cache`, and what it was made of: lines of path and stamp. Stamps are
 * those from before it was made, so that a file that changes meanwhile makes the next start make it again.
 */
export async function makeBundle({ root, cache, entry, stampOf }) {
  const before = new Map(rooms.flatMap((room) => sourcesIn(root, room)).map((path) => [path, stampOf(path)]));
  const { build } = createRequire(import.meta.resolve('tsx/package.json'))('esbuild');
  const making = join(cache, `making.${process.pid}`);
  const views = new Set();
  const common = {
    absWorkingDir: root,
    outdir: making,
    bundle: true,
    platform: 'node',
    target: 'node20',
    jsx: 'automatic',
    legalComments: 'none',
    logLevel: 'silent',
    metafile: true,
  };
  const program = await build({
    ...common,
    entryPoints: [entry],
    outExtension: { '.js': '.cjs' },
    format: 'cjs',
    supported: { 'dynamic-import': false },
    external: ['ink', 'react', 'tsx'],
    define: { 'import.meta.url': 'moduleUrl' },
    banner: { js: "const moduleUrl = require('node:url').pathToFileURL(__filename).href;" },
    plugins: [viewsApart(views)],
  });
  const beside = await build({
    ...common,
    entryPoints: [...views],
    outExtension: { '.js': '.mjs' },
    format: 'esm',
    packages: 'external',
  });
  const paths = [program, beside].flatMap(({ metafile }) => Object.keys(metafile.inputs));
  // The folder of the main file, too: a program may import whatever is beside it.
  const inputs = [...new Set([...paths, ...recipe, dirname(entry)])]
    .sort()
    .map((path) => `${path}\t${before.get(path) ?? stampOf(path)}`);
  const name = createHash('sha256')
    .update([entry, ...inputs].join('\n'))
    .digest('hex')
    .slice(0, 16);
  moveInto(join(cache, name), making);
  forgetOld(cache);
  return { main: join(name, `${basename(entry, '.ts')}.cjs`), inputs };
}

const sourcesIn = (root, room) =>
  readdirSync(join(root, room), { recursive: true })
    .filter((name) => /\.tsx?$/.test(name))
    .map((name) => join(room, name));

/** Notes each view that is imported when it is wanted, and leaves that import to Node. */
const viewsApart = (views) => ({
  name: 'views apart',
  setup({ onResolve }) {
    onResolve({ filter: /\.tsx$/ }, ({ path, kind, resolveDir }) => {
      if (kind !== 'dynamic-import') return undefined;
      views.add(resolve(resolveDir, path));
      return { path: `./${basename(path, '.tsx')}.mjs`, external: true };
    });
  },
});

function moveInto(folder, making) {
  try {
    renameSync(making, folder);
  } catch {
    // Another process was quicker.
    rmSync(making, { recursive: true, force: true });
  }
}

/** What is a day old goes; a run of older sources may still be loading from what is younger. */
function forgetOld(cache) {
  for (const name of readdirSync(cache)) {
    const age = Date.now() - statSync(join(cache, name)).mtimeMs;
    if (age > 24 * 3_600_000) rmSync(join(cache, name), { recursive: true, force: true });
  }
}
