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
import { calmFrom, workloads } from './workload-arbitrary.ts';

/** The same 40 every time, or as many others as are asked for. */
const more = process.env['WAVETANK_RUNS'];
const runs = more === undefined ? { numRuns: 40, seed: 7 } : { numRuns: Number(more) };
const looked: Record<string, number> = {};

/** Long enough for a Deployment's deadline and a Job's longest back-off; compaction would take the history before it is read. */
const longest = 30 * minute;
/** Ten times what the busiest takes: who goes on and on is told from who is slow. */
const mostEvents = 300_000;

test.prop([workloads], runs)(
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
    for (const [law, count] of Object.entries(laws.looked)) looked[law] = (looked[law] ?? 0) + count;
  },
  3_600_000,
);

afterAll(() => {
  // A law that nothing was held against has not been tested.
  for (const law of ['P14', 'P16 surge', 'P16 available', 'P17', 'P22'])
    expect([law, (looked[law] ?? 0) > 0]).toEqual([law, true]);
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
