/**
 * Aim: what goes wrong is overcome: when the faults are over, watches go on (L2), and the cluster comes to what was asked for
 * (L11, of which L3 to L9 are the parts). Method: random workloads and every kind of fault;
 * more with `WAVETANK_RUNS=1000 npx vitest run test/properties/recovery.test.ts`.
 */
import { test } from '@fast-check/vitest';
import { expect } from 'vitest';
import type { ApiObject } from '../../core/api/object.ts';
import type { EtcdServerState } from '../../core/etcd/server.ts';
import { minute, second } from '../../core/time/time.ts';
import { Simulation } from '../../sim/engine/simulation.ts';
import { clusterSpec } from '../sim/engine/cluster.ts';
import { informersAway, informersBehind, reflectorBackoff } from './informer-laws.ts';
import { healedFrom, recoveries } from './recovery-arbitrary.ts';
import { unsettledIn } from './rest-laws.ts';
import { runs } from './runs.ts';
import { objectsOfStore } from './store-objects.ts';

/** Long enough for what waits for a Job's longest back-off after it began anew. */
const longest = 60 * minute;
/** Who goes on and on is told from who is slow. */
const mostEvents = 300_000;

test.prop([recoveries], runs(20))(
  'when the faults are over everybody knows what there is, and there is what was asked for',
  (spec) => {
    const simulation = Simulation.create({ ...spec, compactionInterval: 0 });
    simulation.run({ time: healedFrom + reflectorBackoff + second });
    expect(informersAway(simulation)).toEqual([]);
    simulation.run({ settled: true, time: longest, events: mostEvents });
    expect(simulation.settled).toBe(true);
    const { store } = simulation.stateOf('etcd') as EtcdServerState<ApiObject>;
    expect(informersBehind(simulation, objectsOfStore(store))).toEqual([]);
    expect(unsettledIn(store)).toEqual([]);
  },
  3_600_000,
);

test('L2 can be broken: by a watch that halts, or has not begun', () => {
  const simulation = Simulation.create(clusterSpec({ replicas: 2 }));
  simulation.run({ time: second / 1_000 });
  expect(informersAway(simulation)).toContain('L2: kube-controller-manager pods is listing');
  simulation.run({ time: 4 * second });
  simulation.fault({ do: 'pauseWatch', process: 'kube-controller-manager', stream: 'deployments' });
  simulation.run({ time: 30 * second });
  const { store } = simulation.stateOf('etcd') as EtcdServerState<ApiObject>;
  const [missed] = informersBehind(simulation, objectsOfStore(store));
  expect(missed).toMatch(
    /^L2: kube-controller-manager deployments: Deployment \S+ is at \d+, and held at none$/,
  );
});
