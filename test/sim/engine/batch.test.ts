/**
 * Aim: Jobs, CronJobs and DaemonSets do in a whole cluster what they are for, whatever fails on the way, and a run that was
 * saved in the midst of their work goes on as if nothing had been. Method: the scenario `batch`, alone, resumed, and with
 * a controller-manager that crashes.
 */
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { CronJob, DaemonSet, Job, Pod } from '../../../core/api/generated/types.ts';
import { minute, second } from '../../../core/time/time.ts';
import type { ClusterSpec } from '../../../sim/cluster/spec.ts';
import { Simulation } from '../../../sim/engine/simulation.ts';
import { loadScenario } from '../../../sim/scenario/load.ts';
import { pods, runTo } from './cluster.ts';

const end = 8 * minute;
const scenario = async (): Promise<ClusterSpec> =>
  (await loadScenario([join(import.meta.dirname, '../../../scenarios/batch.yaml')])).spec;
const job = (of: Simulation, name: string): Job | undefined =>
  of.registry().get('jobs', `default/${name}`) as Job | undefined;
const ofJob = (of: Simulation, name: string): readonly Pod[] =>
  pods(of).filter(({ metadata }) => metadata.labels?.['job-name'] === name);

/** What holds at the end, whatever has happened before. */
function expectDone(simulation: Simulation): void {
  const done = job(simulation, 'import');
  expect(done?.status).toMatchObject({ succeeded: 6, ready: 0, terminating: 0, uncountedTerminatedPods: {} });
  expect(done?.status.conditions?.map(({ type }) => type)).toEqual(['SuccessCriteriaMet', 'Complete']);
  const failedConditions = job(simulation, 'broken')?.status.conditions?.map(({ type }) => type);
  expect(failedConditions).toEqual(['FailureTarget', 'Failed']);
  for (const name of ['import', 'broken'])
    for (const pod of ofJob(simulation, name)) expect(pod.metadata.finalizers ?? []).toEqual([]);
  const report = simulation.registry().get('cronjobs', 'default/report') as CronJob | undefined;
  expect(report?.status.active ?? []).toHaveLength(1);
  const agent = simulation.registry().get('daemonsets', 'default/agent') as DaemonSet | undefined;
  expect(agent?.status).toMatchObject({
    desiredNumberScheduled: 3,
    numberAvailable: 3,
    updatedNumberScheduled: 3,
  });
}

describe('batch', () => {
  test('ends its Jobs, and is the same when it is resumed from the midst of a sync', async () => {
    const spec = await scenario();
    const whole = runTo(spec, end);
    expectDone(whole);
    expect(ofJob(whole, 'broken').map((pod) => pod.status.phase)).toEqual(Array(4).fill('Failed'));
    const part = Simulation.create(spec);
    const checkpoints = [];
    for (let events = 150; events < whole.events; events += 331) {
      part.run({ events });
      checkpoints.push(part.checkpoint());
    }
    expect(checkpoints.length).toBeGreaterThan(5);
    for (const checkpoint of checkpoints) {
      const resumed = Simulation.resume(checkpoint);
      resumed.run({ time: end });
      expect(resumed.hash()).toBe(whole.hash());
    }
  });

  test.each([8, 14, 30, 47, 62])(
    'loses and counts nothing twice when the controllers crash at %i s',
    async (at) => {
      const simulation = Simulation.create(await scenario());
      simulation.run({ time: at * second });
      simulation.fault({ do: 'crash', process: 'kube-controller-manager' });
      simulation.run({ time: (at + 5) * second });
      simulation.fault({ do: 'restart', process: 'kube-controller-manager' });
      simulation.run({ time: end });
      expectDone(simulation);
      expect(ofJob(simulation, 'import')).toHaveLength(6);
    },
  );
});
