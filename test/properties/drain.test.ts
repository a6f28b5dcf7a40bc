/**
 * Aim: a drain ends where budgets allow it, and the workloads are whole afterwards (L10). Method: random workloads with budgets, of
 * whose nodes some are drained; more with `WAVETANK_RUNS=1000 npx vitest run test/properties/drain.test.ts`.
 */
import { test } from '@fast-check/vitest';
import { expect } from 'vitest';
import type { Pod } from '../../core/api/generated/types.ts';
import type { ApiObject } from '../../core/api/object.ts';
import type { KubectlState } from '../../core/client/kubectl-state.ts';
import type { EtcdServerState } from '../../core/etcd/server.ts';
import { second } from '../../core/time/time.ts';
import { Simulation } from '../../sim/engine/simulation.ts';
import { clusterSpec } from '../sim/engine/cluster.ts';
import { drainedBy, drainOptions, drains } from './drain-arbitrary.ts';
import { undrained } from './drain-laws.ts';
import { unsettledIn } from './rest-laws.ts';
import { runs } from './runs.ts';

test.prop([drains], runs(8))(
  'a drain ends, and what it has driven out is elsewhere',
  (spec) => {
    const simulation = Simulation.create(spec);
    simulation.run({ settled: true, time: drainedBy });
    const { outcomes } = simulation.stateOf('kubectl') as KubectlState;
    const pods = simulation.registry().list('pods') as readonly Pod[];
    expect(undrained(spec.actions, outcomes, pods)).toEqual([]);
    const { store } = simulation.stateOf('etcd') as EtcdServerState<ApiObject>;
    expect(unsettledIn(store)).toEqual([]);
  },
  3_600_000,
);

test('L10 can be broken: by a budget that lets nobody go', () => {
  const budget = {
    apiVersion: 'policy/v1',
    kind: 'PodDisruptionBudget',
    metadata: { name: 'web' },
    spec: { maxUnavailable: 0, selector: { matchLabels: { app: 'web' } } },
  };
  const spec = clusterSpec({
    replicas: 3,
    actions: [
      { at: second, do: 'apply', objects: [budget] },
      { at: 30 * second, do: 'drain', node: 'node-1', options: drainOptions },
    ],
  });
  const simulation = Simulation.create(spec);
  simulation.run({ time: drainedBy });
  const { outcomes } = simulation.stateOf('kubectl') as KubectlState;
  const pods = simulation.registry().list('pods') as readonly Pod[];
  const [drain, left] = undrained(spec.actions, outcomes, pods);
  expect(drain).toBe('L10: the drain of node-1 has come to no end');
  expect(left).toMatch(/^L10: web-\S+ is left on node-1$/);
});
