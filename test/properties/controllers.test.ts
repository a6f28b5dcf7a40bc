/**
 * Aim: whatever people do to workloads, and however far watches lag, the controllers never break a law that holds in real
 * Kubernetes; left alone, the cluster comes to what was asked for, and then writes nothing but heartbeats.
 * Method: random scenarios without other faults. `WAVETANK_RUNS=1000 npx vitest run test/properties/controllers.test.ts` runs more.
 */
import { test } from '@fast-check/vitest';
import { afterAll, expect } from 'vitest';
import type { ApiObject } from '../../core/api/object.ts';
import type { EtcdServerState } from '../../core/etcd/server.ts';
import { eventsAt, type Store } from '../../core/etcd/store.ts';
import { minute } from '../../core/time/time.ts';
import { Simulation } from '../../sim/engine/simulation.ts';
import { DecisionLaws } from './decision-laws.ts';
import { brokenInHistory } from './history-laws.ts';
import { unsettledIn } from './rest-laws.ts';
import { counting, runs } from './runs.ts';
import { calmFrom, workloads } from './workload-arbitrary.ts';

const count = counting();

/** Long enough for a Deployment's deadline and a Job's longest back-off; compaction would take the history before it is read. */
const longest = 30 * minute;
/** Ten times what the busiest takes: who goes on and on is told from who is slow. */
const mostEvents = 300_000;

test.prop([workloads], runs(40))(
  'the laws hold, and in the end there is what was asked for',
  (spec) => {
    const laws = new DecisionLaws();
    const simulation = Simulation.create({ ...spec, compactionInterval: 0 }, { observer: laws });
    simulation.run({ time: calmFrom });
    simulation.run({ settled: true, time: longest, events: mostEvents });
    expect(simulation.settled).toBe(true);
    const store = storeOf(simulation);
    expect(laws.broken).toEqual([]);
    expect(brokenInHistory(store)).toEqual([]);
    expect(unsettledIn(store)).toEqual([]);
    simulation.run({ time: simulation.now + 10 * minute });
    expect(writesBetween(store, storeOf(simulation))).toEqual([]);
    count.add(laws.looked);
  },
  3_600_000,
);

afterAll(() => {
  expect(count.neverAsked(['P14', 'P16 surge', 'P16 available', 'P17', 'P22'])).toEqual([]);
});

const storeOf = (simulation: Simulation): Store<ApiObject> =>
  (simulation.stateOf('etcd') as EtcdServerState<ApiObject>).store;

/** Q1: the keys that were written at rest, heartbeats and Events aside. */
function writesBetween(before: Store<ApiObject>, after: Store<ApiObject>): readonly string[] {
  const keys: string[] = [];
  for (let revision = before.revision + 1; revision <= after.revision; revision++)
    for (const { key } of eventsAt(after, revision))
      if (!/^\/registry\/(leases|events|minions|masterleases)\//.test(key)) keys.push(`${revision} ${key}`);
  return keys;
}
