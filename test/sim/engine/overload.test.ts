/**
 * Aim: a server that gets more than it can take turns requests away and falls behind, and in the end nothing is lost.
 * Method: the scenario `overload`, looked at every tenth of a second.
 */
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { ApiserverState } from '../../../core/apiserver/state.ts';
import { second } from '../../../core/time/time.ts';
import { Simulation } from '../../../sim/engine/simulation.ts';
import { loadScenario } from '../../../sim/scenario/load.ts';
import { defaultFlow } from '../../../sim/scenario/defaults.ts';
import { running, traceOf } from './cluster.ts';

const file = join(import.meta.dirname, '../../../scenarios/overload.yaml');
const pods = 80;

/** How many Pods etcd has more than the server's cache knows. */
function lag(simulation: Simulation): number {
  const { caches } = simulation.stateOf('kube-apiserver') as ApiserverState;
  const known = caches.find(({ info }) => info.resource === 'pods')?.view.objects.size ?? 0;
  return simulation.registry().count('pods') - known;
}

test('too many writes are turned away and come again, the cache lags, and all Pods run in the end', async () => {
  const { spec } = await loadScenario([file]);
  const simulation = Simulation.create(spec);
  let mostLag = 0;
  for (let at = 5 * second; at < 30 * second; at += second / 10) {
    simulation.run({ time: at });
    mostLag = Math.max(mostLag, lag(simulation));
  }
  expect(mostLag).toBeGreaterThan(3);
  simulation.run({ time: 60 * second });
  expect(running(simulation)).toBe(pods);
  expect(lag(simulation)).toBe(0);
  const codes = traceOf(spec, 20 * second).flatMap((line) =>
    Array.isArray(line) && line[3] === 'answer' ? [Number(line[8])] : [],
  );
  expect(codes.filter((code) => code === 429).length).toBeGreaterThan(100);
});

test('with the defaults of a server that costs, the same is no overload', async () => {
  const { spec } = await loadScenario([file]);
  const calm = { ...spec, flow: defaultFlow };
  const refused = traceOf(calm, 20 * second).filter(
    (line) => Array.isArray(line) && line[3] === 'answer' && line[8] === 429,
  );
  expect(refused).toEqual([]);
});
