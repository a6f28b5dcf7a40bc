/**
 * The house checks itself. Aim: every import runs in the direction the architecture allows (ARCHITECTURE.md, "The
 * rooms"), every source file stands in a room that has a rule, and the check has really looked. Method: the imports of
 * each tracked source file are read as text; no compiler is needed.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** What any room of core/ may stand on. */
const ground = ['core', 'core/time', 'core/random', 'core/collections', 'core/text'];
const component = [...ground, 'core/api', 'core/client'];

/** Each room, and the rooms it may import from (itself always). */
const mayImport: Readonly<Record<string, readonly string[]>> = {
  core: ['core/time'],
  'core/time': [],
  'core/random': ['core/time'],
  'core/collections': [],
  'core/text': [],
  'core/cel': ground,
  // Custom resources and admission policies have rules in CEL.
  'core/api': [...ground, 'core/cel'],
  'core/etcd': [...ground, 'core/api'],
  'core/apiserver': [...ground, 'core/api', 'core/cel', 'core/etcd'],
  'core/client': [...ground, 'core/api'],
  // What the metrics API would serve.
  'core/metrics': [...ground, 'core/api'],
  'core/scheduler': component,
  'core/controllers': [...component, 'core/metrics'],
  'core/kubelet': component,
  'core/proxy': component,
  'sim/network': ['core/*'],
  'sim/process': ['core/*', 'sim/network'],
  'sim/cluster': ['core/*', 'sim/network', 'sim/process'],
  'sim/trace': ['core/*', 'sim/cluster', 'sim/network', 'sim/process'],
  'sim/engine': ['core/*', 'sim/cluster', 'sim/network', 'sim/process', 'sim/trace'],
  'sim/input': ['core/*'],
  'sim/checks': ['core/*', 'sim/cluster', 'sim/engine'],
  'sim/workload': ['core/*', 'sim/cluster', 'sim/input', 'sim/trace'],
  'sim/scenario': ['core/*', 'sim/checks', 'sim/cluster', 'sim/input', 'sim/network', 'sim/workload'],
  // Recorded scenarios are done again in whole clusters.
  'sim/conformance': [
    'core/*',
    'sim/cluster',
    'sim/engine',
    'sim/process',
    'sim/scenario',
    'sim/trace',
    'sim/workload',
  ],
  'sim/openapi': [],
  'sim/zones': [],
  // The command line stands on top of all: it runs simulations and prints the reports.
  'sim/cli': ['core/*', 'sim/*', 'reports/*'],
  reports: ['core/*', 'sim/trace', 'sim/cluster', 'reports/*'],
  'reports/trace': ['core/*', 'sim/process', 'sim/trace', 'reports'],
  'reports/story': ['core/*', 'sim/trace', 'reports', 'reports/trace'],
  'reports/attempts': ['core/*', 'sim/trace', 'sim/cluster', 'reports', 'reports/trace', 'reports/story'],
  'reports/get': ['core/*', 'sim/trace', 'reports', 'reports/trace'],
  'reports/flow': ['core/*', 'sim/trace', 'reports', 'reports/trace', 'reports/story'],
  'reports/replay': ['core/*', 'sim/trace', 'reports', 'reports/trace', 'reports/story'],
  bench: ['core/*', 'sim/*', 'reports/*', 'bench/frame', 'bench/rig'],
  'bench/frame': [],
  'bench/rig': ['core/*', 'sim/cluster', 'sim/scenario'],
};

function sourcesIn(folder: string): readonly string[] {
  return readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = `${folder}/${entry.name}`;
    if (entry.isDirectory()) return sourcesIn(path);
    return /\.tsx?$/.test(entry.name) && !entry.name.endsWith('.d.ts') ? [path] : [];
  });
}

const sources = ['core', 'sim', 'reports', 'bench'].flatMap(sourcesIn);

/** The first two folders of a file; deeper ones belong to the room they lie in. */
function roomOf(file: string): string {
  const folders = dirname(file).split('/');
  return folders.slice(0, 2).join('/');
}

const importPattern =
  /^(?:import|export)\s[^;]*?\sfrom\s*'([^']+)'|^import\s*'([^']+)'|import\(\s*'([^']+)'/gm;

const importsOf = (file: string): readonly string[] =>
  [...readFileSync(join(root, file), 'utf8').matchAll(importPattern)].map(
    ([, from, bare, dynamic]) => from ?? bare ?? dynamic ?? '',
  );

const localTargets = (file: string): readonly string[] =>
  importsOf(file)
    .filter((target) => target.startsWith('.'))
    .map((target) => relative(root, normalize(join(root, dirname(file), target))));

const allowed = (from: string, to: string): boolean =>
  from === to ||
  (mayImport[from] ?? []).some(
    (room) => room === to || (room.endsWith('/*') && `${to}/`.startsWith(room.slice(0, -1))),
  );

test('every source file is in a room that has a rule', () => {
  const lawless = sources
    .filter((file) => mayImport[roomOf(file)] === undefined)
    .map((file) => `${file} is in ${roomOf(file)}, which has no rule`);
  expect(lawless).toEqual([]);
});

test('every import runs in the direction the house allows', () => {
  const trespasses = sources.flatMap((file) =>
    localTargets(file)
      .filter((target) => !allowed(roomOf(file), roomOf(target)))
      .map((target) => `${file} may not import ${target}`),
  );
  expect(trespasses).toEqual([]);
});

test('the rooms of core/ and sim/ lie one above another: none may import, around whatever corners, what imports it', () => {
  const rooms = Object.keys(mayImport);
  const importedBy = (room: string): readonly string[] =>
    rooms.filter((to) => to !== room && allowed(room, to));
  const below = (found: readonly string[]): readonly string[] => {
    const more = found.flatMap(importedBy).filter((room) => !found.includes(room));
    return more.length === 0 ? found : below([...new Set([...found, ...more])]);
  };
  const circles = rooms
    .filter((room) => /^(core|sim)\//.test(room) && below(importedBy(room)).includes(room))
    .map((room) => `${room} is below itself`);
  expect(circles).toEqual([]);
});

test('a scheduler plugin imports no other plugin but through the registry', () => {
  const plugins = sources.filter(
    (file) => file.startsWith('core/scheduler/plugins/') && !file.endsWith('/registry.ts'),
  );
  const others = plugins.flatMap((file) =>
    localTargets(file)
      .filter((target) => target.startsWith('core/scheduler/plugins/') && plugins.includes(target))
      .map((target) => `${file} may not import ${target}`),
  );
  expect(others).toEqual([]);
});

/** What core/ takes from elsewhere. */
const packages = [
  'immer',
  'seedrandom/lib/alea.js',
  '@marcbachmann/cel-js',
  '@marcbachmann/cel-js/evaluator',
];

test('core/ imports nothing from node and nothing that reads a clock or rolls dice', () => {
  const bound = sources
    .filter((file) => file.startsWith('core/'))
    .flatMap((file) => importsOf(file).map((target) => ({ file, target })))
    .filter(({ target }) => !target.startsWith('.') && !packages.includes(target))
    .map(({ file, target }) => `${file} imports ${target}`);
  expect(bound).toEqual([]);
});

test('no file is a drawer for what has no place', () => {
  const drawers = sources.filter((file) =>
    /(^|\/)(utils?|helpers?|common|misc|index)(\/|\.tsx?$)/.test(file),
  );
  expect(drawers).toEqual([]);
});

test('the check has looked at the whole house', () => {
  expect(sources.length).toBeGreaterThan(60);
  expect(sources.flatMap(localTargets).length).toBeGreaterThan(150);
  const empty = Object.keys(mayImport).filter((room) => !sources.some((file) => roomOf(file) === room));
  expect(empty, 'rooms with a rule and no file').toEqual([]);
});
