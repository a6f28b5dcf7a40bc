/**
 * Aim: a controller that dies between two writes of one piece of work takes it up again: what is asked for comes about whichever
 * write was its last (L11, and A03 of the corpus of real failures). Method: random workloads, and the death of the
 * controller-manager after a random write; a controller of one's own, and its death after each of its writes. More with
 * `WAVETANK_RUNS=1000 npx vitest run test/properties/interrupted.test.ts`.
 */
import { test } from '@fast-check/vitest';
import fc from 'fast-check';
import { join } from 'node:path';
import { expect } from 'vitest';
import type { Deployment } from '../../core/api/generated/types.ts';
import type { ApiObject } from '../../core/api/object.ts';
import type { EtcdServerState } from '../../core/etcd/server.ts';
import { minute, second } from '../../core/time/time.ts';
import type { ClusterSpec } from '../../sim/cluster/spec.ts';
import { Simulation } from '../../sim/engine/simulation.ts';
import type { Observer } from '../../sim/engine/world.ts';
import { loadScenario } from '../../sim/scenario/load.ts';
import { unsettledIn } from './rest-laws.ts';
import { runs } from './runs.ts';
import { workloads } from './workload-arbitrary.ts';

const longest = 60 * minute;
const mostEvents = 300_000;

/** Who dies as his write of that number is under way is there again so much later. */
const awayFor = 3 * second;

test.prop([workloads, fc.integer({ min: 1, max: 120 })], runs(20))(
  'a controller-manager that dies between two writes is taken up where it was',
  (spec, write) => {
    const simulation = interrupted({ ...spec, compactionInterval: 0 }, 'kube-controller-manager', write);
    simulation.run({ settled: true, time: longest, events: mostEvents });
    expect(simulation.settled).toBe(true);
    expect(unsettledIn((simulation.stateOf('etcd') as EtcdServerState<ApiObject>).store)).toEqual([]);
  },
  3_600_000,
);

test('a controller of one’s own may die after any of its writes', async () => {
  const { spec } = await loadScenario([join(import.meta.dirname, '../../scenarios/own-controller.yaml')]);
  const process = 'controller/website-operator';
  // The last size is asked for at 45 s; the deletion is another story.
  const actions = spec.actions.filter((action) => action.do !== 'delete');
  let [write, died] = [1, true];
  for (; died; write++) {
    const simulation = interrupted({ ...spec, actions, faults: [] }, process, write);
    died = simulation.now < minute;
    simulation.run({ settled: true, time: 5 * minute });
    const blog = simulation.registry().get('deployments', 'default/blog') as Deployment | undefined;
    expect([write, blog?.status.readyReplicas]).toEqual([write, 4]);
    expect(simulation.registry().get('services', 'default/blog')).toBeDefined();
  }
  expect(write).toBeGreaterThan(4);
});

/** A run up to the death of a process as a write of its is under way; up to 90 s where it makes fewer. */
function interrupted(spec: ClusterSpec, process: string, write: number): Simulation {
  let writes = 0;
  const counting: Observer = {
    stepped: (who, _before, { requests }) => {
      if (who !== process) return;
      for (const request of requests) if (request.do === 'call' && isWrite(request.request)) writes++;
    },
  };
  const simulation = Simulation.create(spec, { observer: counting });
  while (writes < write && simulation.now < 90 * second && simulation.step());
  if (writes < write) return simulation;
  simulation.fault({ do: 'crash', process });
  simulation.fault({ do: 'restart', process }, simulation.now + awayFor);
  return simulation;
}

const isWrite = ({ verb, resource }: { readonly verb: string; readonly resource: string }): boolean =>
  verb !== 'get' && verb !== 'list' && resource !== 'events' && resource !== 'leases';
