/**
 * Aim: a user's plugin runs where it is enabled, and what is wrong with one is one clear error with status 2. Method: the
 * examples of scenarios/ in a run, and tables of bad files and of plugins that fail.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import type { Pod } from '../../../core/api/generated/types.ts';
import { explain } from '../../../reports/explain.ts';
import type { AttemptTold } from '../../../reports/attempts/attempts.ts';
import { memorySource } from '../../../reports/trace/source.ts';
import { Simulation } from '../../../sim/engine/simulation.ts';
import { loadScenario } from '../../../sim/scenario/load.ts';
import { said } from '../cli/said.ts';

const scenarios = join(import.meta.dirname, '../../../scenarios');
const folder = mkdtempSync(join(tmpdir(), 'wavetank-'));
afterAll(() => {
  rmSync(folder, { recursive: true });
});

const podsOf = (simulation: Simulation, app: string): readonly Pod[] =>
  (simulation.registry().list('pods') as readonly Pod[]).filter(
    (pod) => pod.metadata.labels?.['app'] === app,
  );

test('the examples: a bin-packing score, and a filter that keeps an app on different racks', async () => {
  const { spec } = await loadScenario([join(scenarios, 'own-plugins.yaml')]);
  const blocks: Uint8Array[] = [];
  const simulation = Simulation.create(spec, {
    trace: { write: (block) => blocks.push(block), close: () => undefined },
  });
  simulation.run({ time: 60_000_000 });
  simulation.close();
  const packed = podsOf(simulation, 'packed').map((pod) => pod.spec.nodeName);
  expect(new Set(packed).size).toBeLessThanOrEqual(2);
  const racks = podsOf(simulation, 'spread').map(({ spec: { nodeName } }) =>
    nodeName === undefined ? 'none' : `r${Math.ceil(Number(nodeName.slice(5)) / 2)}`,
  );
  expect(racks.sort()).toEqual(['none', 'r1', 'r2', 'r3']);

  const pending = podsOf(simulation, 'spread').find((pod) => pod.spec.nodeName === undefined);
  const target = `pod/${pending?.metadata.name ?? ''}`;
  const source = memorySource('t', blocks);
  const steps = JSON.parse(explain(source, { target, format: 'json', plugins: spec.scheduler?.plugins })) as {
    readonly scheduling?: AttemptTold;
  }[];
  expect(steps.find(({ scheduling }) => scheduling !== undefined)?.scheduling?.rejected).toEqual([
    { plugin: 'RackAntiAffinity', reason: 'node(s) were on a rack with a Pod of the app', nodes: 6 },
  ]);
}, 30_000);

const file = (name: string, text: string): string => {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
};

const pods = file(
  'pods.yaml',
  ['a', 'b']
    .map(
      (name) =>
        `---\napiVersion: v1\nkind: Pod\nmetadata: { name: ${name} }\nspec: { containers: [{ name: c, image: i }] }\n`,
    )
    .join(''),
);

const runWith = async (...words: readonly string[]): Promise<string> =>
  (await said(['run', pods, ...words])).replaceAll(`${folder}/`, '');

test.each([
  ['nothing.ts', 'export const x = 1;', 'nothing.ts:1:1: exports no scheduler plugin; expected'],
  ['number.ts', 'export const plugin = 7;', 'number.ts:1:1: exports 7 as a plugin; expected an object'],
  [
    'nameless.ts',
    'export const plugin = { filter() {} };',
    'nameless.ts:1:1: exports a plugin without a name',
  ],
  [
    'idle.ts',
    "export const plugin = { name: 'Idle' };",
    'plugin Idle takes part nowhere; expected at least one of',
  ],
  [
    'no-function.ts',
    "export const plugin = { name: 'A', filter: 1 };",
    'plugin A: filter is 1; expected a function',
  ],
  [
    'taken.ts',
    "export const plugin = { name: 'NodeName', filter() {} };",
    "taken by one of the scheduler's own",
  ],
  ['throws.ts', "throw new Error('no luck');", 'throws.ts:1:1: cannot be loaded: Error: no luck'],
  ['broken.ts', 'export const plugin = {\n  name: 7 8 };', 'broken.ts:2:11: Expected "}" but found "8"'],
])('%s is refused', async (name, text, message) => {
  const told = await runWith('--scheduler-plugin', file(name, text));
  expect(told).toContain(message);
  expect(told.split('\n')).toHaveLength(3);
  expect(told).toContain('! exit status 2');
});

test('no such file; one name twice; a scenario that names a file which is not there', async () => {
  expect(await runWith('--scheduler-plugin', join(folder, 'gone.ts'))).toBe(
    '! gone.ts:1:1: no such file\n! exit status 2\n',
  );
  const one = file('one.ts', "export const plugin = { name: 'One', filter() {} };");
  const two = file('two.ts', "export const plugin = { name: 'One', filter() {} };");
  expect(await runWith('--scheduler-plugin', one, '--scheduler-plugin', two)).toBe(
    '! two.ts:1:1: plugin One: the name is taken by the plugin of one.ts\n! exit status 2\n',
  );
  const scenario = file(
    's.yaml',
    'apiVersion: wavetank/v1\nkind: Scenario\nspec: { components: { scheduler: { plugins: [gone.ts] } } }\n',
  );
  expect((await said(['run', scenario])).replaceAll(`${folder}/`, '')).toBe(
    '! s.yaml:3:46: gone.ts: no such file\n! exit status 2\n',
  );
});

test.each([
  ["filter() { throw new TypeError('oops'); }", 'threw in filter for Pod default/a on node node-'],
  ['filter: () => 7', 'answered filter for Pod default/a on node node-'],
  ["preFilter() { throw 'a text'; }", 'threw in preFilter for Pod default/a: "a text"'],
  [
    'preFilter: () => ({ outcome: "maybe" })',
    'answered preFilter for Pod default/a with {"outcome":"maybe"}',
  ],
  ['score: () => NaN', /answered score for Pod default\/[ab] on node node-/],
  ['score: () => 101', /gave a score of 101 for Pod default\/[ab];/],
  ['score: () => 1, normalize(scores) { scores[0] = 0.5; }', /gave a score of 0.5 for Pod default\/[ab];/],
  ['less: () => undefined', /answered less for Pod default\/[ab]/],
  ['permit() { throw new Error("no"); }', /threw in permit for Pod default\/[ab] on node node-/],
])('a plugin that fails during a run: %s', async (method, message) => {
  const told = await runWith(
    '--scheduler-plugin',
    file('fails.ts', `export const plugin = { name: 'F', ${method} };`),
  );
  expect(told).toContain(`! error: scheduler plugin F (fails.ts) `);
  expect(told).toMatch(message);
  expect(told).toContain('! exit status 2');
  expect(told).not.toMatch(/\n\s+at /);
});

test.each(['swarm-spread', 'swarm-binpack', 'swarm-random', 'mesos-marathon'])(
  'one workload by the ready profile %s',
  async (profile) => {
    const { spec } = await loadScenario([join(scenarios, 'schedulers/workload.yaml')], {
      schedulerConfig: join(scenarios, `schedulers/${profile}.yaml`),
    });
    const simulation = Simulation.create(spec);
    simulation.run({ time: 60_000_000 });
    const nodesOf = (app: string): readonly number[] =>
      podsOf(simulation, app).map(({ spec: { nodeName = 'node-0' } }) => Number(nodeName.slice(5)));
    const web = nodesOf('web');
    const ssd = nodesOf('ssd');
    expect([web.length, ssd.length]).toEqual([16, 4]);
    expect(Math.min(...web, ...ssd)).toBeGreaterThan(0);
    expect(Math.max(...ssd)).toBeLessThanOrEqual(4);
    const used = new Set([...web, ...ssd]).size;
    if (profile === 'swarm-spread') expect(used).toBe(8);
    if (profile === 'swarm-binpack') expect(used).toBeLessThanOrEqual(4);
    if (profile === 'mesos-marathon')
      expect(ssd.filter((at) => ssd.filter((other) => other === at).length > 2)).toEqual([]);
  },
  30_000,
);

test('Reserve and Permit may reject, PreEnqueue keeps out, and a queue may be ordered otherwise', async () => {
  const never = file('never.ts', "export const plugin = { name: 'Never', permit: () => 'not today' };");
  const trace = join(folder, 'never.trace');
  await runWith('--scheduler-plugin', never, '--until', '10s', '--trace', trace);
  expect(await said(['explain', 'pod/a', trace])).toContain('0/1 nodes are available: 1 not today.');
  const gate = file('gate.ts', "export const plugin = { name: 'Gate', preEnqueue: () => 'closed' };");
  expect(await runWith('--scheduler-plugin', gate, '--until', '10s')).toContain('2 Pending');
  const order = file(
    'order.ts',
    "export const plugins = [{ name: 'Order', less: (a: { info: { key: string } }, b: { info: { key: string } }) => a.info.key > b.info.key }];",
  );
  expect(await runWith('--scheduler-plugin', order)).toContain('2 Running');
});
