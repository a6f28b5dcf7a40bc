/**
 * Aim: a user's controller runs like one of Kubernetes' own, and a file that is no controller, or a reconcile that fails,
 * is told in one line. Method: the example of scenarios/ as it is, and files that are wrong in one way each.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import type { Deployment, Event } from '../../../core/api/generated/types.ts';
import { minute, second } from '../../../core/time/time.ts';
import { failureOf } from '../../../sim/cli/failure.ts';
import { Simulation } from '../../../sim/engine/simulation.ts';
import { loadScenario } from '../../../sim/scenario/load.ts';

const scenarios = join(import.meta.dirname, '../../../scenarios');
const folder = mkdtempSync(join(tmpdir(), 'wavetank-controllers-'));
afterAll(() => {
  rmSync(folder, { recursive: true });
});

test('an operator makes what is missing, hears of what it missed, and what it owned goes with the owner', async () => {
  const { spec, storedOnly } = await loadScenario([join(scenarios, 'own-controller.yaml')]);
  expect(storedOnly).toEqual([]);
  const simulation = Simulation.create(spec);
  const registry = (): ReturnType<Simulation['registry']> => simulation.registry();
  const blog = (): Deployment | undefined =>
    registry().get('deployments', 'default/blog') as Deployment | undefined;
  simulation.run({ time: 30 * second });
  expect(blog()?.status.readyReplicas).toBe(2);
  expect(blog()?.metadata.ownerReferences).toMatchObject([
    { kind: 'Website', name: 'blog', controller: true },
  ]);
  expect(registry().get('services', 'default/blog')).toBeDefined();
  simulation.run({ time: 59 * second });
  expect(blog()?.spec.replicas, 'the operator is down').toBe(2);
  simulation.run({ time: 90 * second });
  expect(blog()?.status.readyReplicas).toBe(4);
  simulation.run({ time: 3 * minute });
  expect(blog()).toBeUndefined();
  expect(registry().get('services', 'default/blog')).toBeUndefined();
  expect(registry().list('pods')).toEqual([]);
  const said = (registry().list('events') as readonly Event[])
    .filter(({ source }) => source?.component === 'website-operator')
    .map(({ reason, message }) => `${reason}: ${message}`);
  expect(said.sort()).toEqual(['Created: Created deployment blog', 'Updated: Updated deployment blog']);
});

test('a run that is resumed in the middle of a reconcile goes on as the first did', async () => {
  const { spec } = await loadScenario([join(scenarios, 'own-controller.yaml')]);
  const whole = Simulation.create(spec);
  whole.run({ time: minute });
  for (const events of [60, 100, 140, 200, 300]) {
    const first = Simulation.create(spec);
    first.run({ events });
    const resumed = Simulation.resume(first.checkpoint());
    resumed.run({ time: minute });
    expect(resumed.hash()).toBe(whole.hash());
  }
});

function written(name: string, text: string): string {
  const file = join(folder, name);
  writeFileSync(file, text);
  return file;
}

const plain = join(scenarios, 'pod-creation.yaml');

async function said(file: string): Promise<string> {
  try {
    const { spec } = await loadScenario([plain], { controller: [file] });
    const simulation = Simulation.create(spec);
    simulation.run({ time: minute });
    return 'nothing is wrong';
  } catch (error) {
    const { text = '', status } = failureOf(error);
    return `${status} ${text.replaceAll(`${folder}/`, '')}`;
  }
}

const controllerWith = (parts: string): string =>
  `export const controller = { name: 'mine', for: { apiVersion: 'apps/v1', kind: 'Deployment' }, ${parts} };`;

describe('what is wrong with a file is told in one line, and ends with status 2', () => {
  const files: Readonly<Record<string, readonly [text: string, message: string]>> = {
    'no-export.ts': [
      'export const something = 1;',
      '2 no-export.ts:1:1: exports no controller; expected `export const controller = { name, for, *reconcile(cluster) { … } }`, or `controllers` as a list',
    ],
    'number.ts': [
      'export const controller = 3;',
      '2 number.ts:1:1: exports 3 as a controller; expected an object',
    ],
    'no-name.ts': [
      'export const controller = { for: {}, *reconcile() {} };',
      '2 no-name.ts:1:1: exports a controller whose name is nothing; expected lower case letters, digits and dashes',
    ],
    'no-reconcile.ts': [
      controllerWith(''),
      '2 no-reconcile.ts:1:1: controller mine: reconcile is nothing; expected *reconcile(cluster) { … }',
    ],
    'no-kind.ts': [
      "export const controller = { name: 'mine', for: 'Pod', *reconcile() {} };",
      '2 no-kind.ts:1:1: controller mine: for: expected { apiVersion, kind }, found "Pod"',
    ],
    'unknown-kind.ts': [
      "export const controller = { name: 'mine', for: { apiVersion: 'a.b/v1', kind: 'C' }, *reconcile() {} };",
      "2 unknown-kind.ts:1:1: controller mine: no kind a.b/v1 C: it is not Kubernetes' own, and no CustomResourceDefinition of the scenario defines it",
    ],
    'taken.ts': [
      "export const controller = { name: 'job-controller', for: { apiVersion: 'v1', kind: 'Pod' }, *reconcile() {} };",
      '2 taken.ts:1:1: controller job-controller: the name is taken by one of kube-controller-manager',
    ],
    'throws-at-load.ts': [
      "throw new TypeError('not today');",
      '2 throws-at-load.ts:1:1: cannot be loaded: TypeError: not today',
    ],
    'throws.ts': [
      controllerWith("*reconcile() { throw new RangeError('too much'); }"),
      '2 error: controller mine (throws.ts): reconcile of Deployment default/web: RangeError: too much',
    ],
    'throws-later.ts': [
      controllerWith(
        "*reconcile(cluster) { yield* cluster.create({ apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'x' } }); }",
      ),
      'nothing is wrong',
    ],
    'no-generator.ts': [
      controllerWith('reconcile() { return {}; }'),
      '2 error: controller mine (no-generator.ts): reconcile of Deployment default/web: it is no generator; write *reconcile(cluster) { … }',
    ],
    'yields.ts': [
      controllerWith('*reconcile() { yield 3; }'),
      '2 error: controller mine (yields.ts): reconcile of Deployment default/web: it yielded what is no request; write yield* cluster.create(…)',
    ],
    'requeue.ts': [
      controllerWith("*reconcile() { return { requeueAfterSeconds: 'soon' }; }"),
      '2 error: controller mine (requeue.ts): reconcile of Deployment default/web: requeueAfterSeconds is soon; expected a number above 0',
    ],
    'other-kind.ts': [
      controllerWith("*reconcile(cluster) { cluster.list({ apiVersion: 'v1', kind: 'Pod' }); }"),
      '2 error: controller mine (other-kind.ts): it does not follow v1 Pod, only apps/v1 Deployment',
    ],
  };

  test.each(Object.entries(files))('%s', async (name, [text, message]) => {
    expect(await said(written(name, text))).toBe(message);
  });

  test('a file that is not there', async () => {
    expect(await said(join(folder, 'none.ts'))).toBe('2 none.ts:1:1: no such file');
  });
});

test('what is refused ends a reconcile, and can be caught', async () => {
  const file = written(
    'catches.ts',
    controllerWith(`*reconcile(cluster) {
      const found = cluster.object();
      if (found === undefined) return undefined;
      try {
        yield* cluster.create({ ...found, metadata: { name: found.metadata.name } });
      } catch (error) {
        cluster.event(found, 'Warning', 'Refused', error.status.reason);
      }
      return undefined;
    }`),
  );
  const { spec } = await loadScenario([plain], { controller: [file] });
  const simulation = Simulation.create(spec);
  simulation.run({ time: minute });
  const messages = (simulation.registry().list('events') as readonly Event[])
    .filter(({ reason }) => reason === 'Refused')
    .map(({ message }) => message);
  expect(messages).toEqual(['AlreadyExists']);
});
