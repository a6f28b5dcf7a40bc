/**
 * Aim: rollouts that go wrong do in a whole cluster what they do in a real one, whoever crashes meanwhile, and a run that was
 * saved in the midst of a sync goes on as if nothing had been. Method: the scenario `rollouts`, alone, resumed, and with a
 * controller-manager that crashes.
 */
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Deployment, PersistentVolumeClaim, ReplicaSet } from '../../../core/api/generated/types.ts';
import { minute, second } from '../../../core/time/time.ts';
import type { ClusterSpec } from '../../../sim/cluster/spec.ts';
import { Simulation } from '../../../sim/engine/simulation.ts';
import { loadScenario } from '../../../sim/scenario/load.ts';
import { pods, runTo } from './cluster.ts';

const end = 6 * minute;
const scenario = async (): Promise<ClusterSpec> =>
  (await loadScenario([join(import.meta.dirname, '../../../scenarios/rollouts.yaml')])).spec;
const listed = <T>(of: Simulation, resource: string): readonly T[] =>
  [...of.registry().list(resource)] as unknown as readonly T[];

/** `name image` of each Pod of the StatefulSet. */
const databases = (of: Simulation): readonly string[] =>
  pods(of)
    .filter(({ metadata }) => metadata.labels?.['app'] === 'db')
    .map(({ metadata, spec }) => `${metadata.name} ${spec.containers[0]?.image?.split('/')[1] ?? ''}`);
/** `image size revision` of each ReplicaSet. */
const sets = (of: Simulation): readonly string[] =>
  listed<ReplicaSet>(of, 'replicasets')
    .map(({ metadata, spec }) =>
      [
        spec.template?.spec?.containers[0]?.image?.split('/')[1],
        spec.replicas,
        metadata.annotations?.['deployment.kubernetes.io/revision'],
      ].join(' '),
    )
    .toSorted();
const claims = (of: Simulation): readonly string[] =>
  listed<PersistentVolumeClaim>(of, 'persistentvolumeclaims').map(({ metadata }) => metadata.name);

/** What holds at the end, whatever has happened before. */
function expectDone(simulation: Simulation): void {
  expect(sets(simulation)).toEqual(['broken 0 2', 'good 4 3']);
  const web = simulation.registry().get('deployments', 'default/web') as Deployment | undefined;
  expect(web?.metadata.annotations?.['deprecated.deployment.rollback.to']).toBeUndefined();
  expect([databases(simulation), claims(simulation)]).toEqual([[], []]);
}

describe('rollouts', () => {
  test('stop, are rolled back, wait for a hand, and give their claims away', async () => {
    const simulation = Simulation.create(await scenario());
    simulation.run({ time: 110 * second });
    expect(sets(simulation)).toEqual(['broken 2 2', 'good 3 1']);
    expect(databases(simulation)).toEqual(['db-0 good', 'db-1 good', 'db-2 broken']);
    simulation.run({ time: 175 * second });
    expect(databases(simulation)).toEqual(['db-0 good', 'db-1 good', 'db-2 broken']);
    simulation.run({ time: 235 * second });
    expect(databases(simulation)).toEqual(['db-0 good', 'db-1 good', 'db-2 good']);
    expect(claims(simulation)).toEqual(['data-db-0', 'data-db-1', 'data-db-2']);
    simulation.run({ time: 295 * second });
    expect([databases(simulation), claims(simulation)]).toEqual([['db-0 good'], ['data-db-0']]);
    simulation.run({ time: end });
    expectDone(simulation);
  });

  test('are the same when they are resumed from the midst of a sync', async () => {
    const spec = await scenario();
    const whole = runTo(spec, end);
    const part = Simulation.create(spec);
    const checkpoints = [];
    for (let events = 60; events < whole.events; events += 501) {
      part.run({ events });
      checkpoints.push(part.checkpoint());
    }
    expect(checkpoints.length).toBeGreaterThan(4);
    for (const checkpoint of checkpoints) {
      const resumed = Simulation.resume(checkpoint);
      resumed.run({ time: end });
      expect(resumed.hash()).toBe(whole.hash());
    }
  });

  test.each([40, 121, 240])('end alike when the controllers crash at %i s', async (at) => {
    const simulation = Simulation.create(await scenario());
    simulation.run({ time: at * second + 20_000 });
    simulation.fault({ do: 'crash', process: 'kube-controller-manager' });
    simulation.run({ time: (at + 5) * second });
    simulation.fault({ do: 'restart', process: 'kube-controller-manager' });
    simulation.run({ time: end });
    expectDone(simulation);
  });
});
