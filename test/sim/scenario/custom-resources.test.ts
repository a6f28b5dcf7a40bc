/**
 * Aim: a definition and its instances may be applied in one go. Method: the scenario that does so, told by what kubectl was
 * answered; the definition in another file than what it defines.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { KubectlState } from '../../../core/client/kubectl-state.ts';
import { second } from '../../../core/time/time.ts';
import type { ClusterSpec } from '../../../sim/cluster/spec.ts';
import { Simulation } from '../../../sim/engine/simulation.ts';
import { loadScenario } from '../../../sim/scenario/load.ts';

/** What kubectl did, and at which second. */
function outcomesOf(spec: ClusterSpec, until: number): readonly string[] {
  const simulation = Simulation.create(spec);
  simulation.run({ time: until * second });
  const { outcomes } = simulation.stateOf('kubectl') as KubectlState;
  return outcomes.map(({ at, object, done, status }) =>
    `${(at / second).toFixed(1)}s ${object} ${done} ${status?.message ?? ''}`.trimEnd(),
  );
}

test('a kind is defined, used, scaled, and deleted with all that is of it', async () => {
  const file = join(import.meta.dirname, '../../../scenarios/custom-resources.yaml');
  const { spec, storedOnly } = await loadScenario([file]);
  expect(storedOnly).toEqual([{ kind: 'Gear', count: 2 }]);
  expect(outcomesOf(spec, 60).join('\n')).toMatchInlineSnapshot(`
    "1.0s customresourcedefinitions/gears.machines.example.com created
    4.0s gears.machines.example.com/default/odd refused Gear.machines.example.com "odd" is invalid: spec: Invalid value: "object": a gear has an even number of teeth
    4.0s gears.machines.example.com/default/large created
    10.0s gears.machines.example.com/default/large scaled
    40.0s customresourcedefinitions/gears.machines.example.com deleted"
  `);
});

test('the definition may stand in another file, in a list, or come later in the same one', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'wavetank-'));
  const write = (name: string, text: string): string => {
    const file = join(folder, name);
    writeFileSync(file, text);
    return file;
  };
  const gear = 'apiVersion: example.com/v1\nkind: Gear\nmetadata: { name: g }\n';
  const definition = `apiVersion: v1
kind: List
items:
  - apiVersion: apiextensions.k8s.io/v1
    kind: CustomResourceDefinition
    metadata: { name: gears.example.com }
    spec:
      group: example.com
      scope: Cluster
      names: { plural: gears, kind: Gear }
      versions: [{ name: v1, served: true, storage: true, schema: { openAPIV3Schema: { type: object } } }]
`;
  const files = [
    write('gear.yaml', `${gear}---\n${gear.replace('name: g', 'name: h')}`),
    write('definition.yaml', definition),
  ];
  const { spec } = await loadScenario(files);
  const outcomes = outcomesOf(spec, 300);
  rmSync(folder, { recursive: true });
  expect(outcomes.map((line) => line.split(' ').slice(1, 3).join(' '))).toEqual([
    'storageclasses/default created',
    'customresourcedefinitions/gears.example.com created',
    'gears.example.com/h created',
    'gears.example.com/g created',
  ]);
});

test('a namespace takes the custom resources in it along', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'wavetank-'));
  const file = join(folder, 'scenario.yaml');
  writeFileSync(
    file,
    `apiVersion: wavetank/v1
kind: Scenario
spec:
  nodes: [{ count: 0 }]
  timeline:
    - at: 1s
      apply:
        - { apiVersion: v1, kind: Namespace, metadata: { name: team } }
        - apiVersion: apiextensions.k8s.io/v1
          kind: CustomResourceDefinition
          metadata: { name: gears.example.com }
          spec:
            group: example.com
            scope: Namespaced
            names: { plural: gears, kind: Gear }
            versions: [{ name: v1, served: true, storage: true, schema: { openAPIV3Schema: { type: object } } }]
        - { apiVersion: example.com/v1, kind: Gear, metadata: { name: g, namespace: team } }
    - { at: 20s, delete: { kind: namespace, name: team } }
`,
  );
  const { spec } = await loadScenario([file]);
  rmSync(folder, { recursive: true });
  const simulation = Simulation.create(spec);
  const there = (): readonly [gears: number, namespaces: number] => [
    simulation.registry().count('gears.example.com'),
    simulation
      .registry()
      .list('namespaces')
      .filter(({ metadata }) => metadata.name === 'team').length,
  ];
  simulation.run({ time: 15 * second });
  expect(there()).toEqual([1, 1]);
  simulation.run({ time: 60 * second });
  expect(there()).toEqual([0, 0]);
});
