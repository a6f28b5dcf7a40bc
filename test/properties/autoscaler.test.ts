/**
 * Aim: whatever is asked of a workload, its autoscaler keeps to its bounds, its speed and its patience (P26).
 * Method: random autoscalers under random demands; more with `WAVETANK_RUNS=1000 npx vitest run test/properties/autoscaler.test.ts`.
 */
import { test } from '@fast-check/vitest';
import { join } from 'node:path';
import { afterAll, expect } from 'vitest';
import type { Scale } from '../../core/api/generated/types.ts';
import type { NewObject } from '../../core/api/request.ts';
import type { ClientRequest } from '../../core/client/component.ts';
import type { Observer } from '../../sim/engine/world.ts';
import { loadScenario } from '../../sim/scenario/load.ts';
import { Simulation } from '../../sim/engine/simulation.ts';
import { AutoscalerLaws } from './autoscaler-laws.ts';
import { autoscaled, autoscalerRun } from './autoscaler-arbitrary.ts';
import { counting, runs } from './runs.ts';

const count = counting();

test.prop([autoscaled], runs(10))(
  'an autoscaler goes neither too far nor too fast, and down only when nothing has asked for more lately',
  (spec) => {
    const laws = new AutoscalerLaws(spec.loads);
    const simulation = Simulation.create(spec, { observer: laws });
    simulation.run({ time: autoscalerRun });
    expect(laws.broken).toEqual([]);
    count.add(laws.looked);
  },
  3_600_000,
);

afterAll(() => {
  expect(count.neverAsked(['P26 bounds', 'P26 up', 'P26 steady up', 'P26 steady down', 'P26 down'])).toEqual(
    [],
  );
});

test.each([
  { law: 'P26 bounds', forged: (replicas: number) => replicas + 10 },
  { law: 'P26 up', forged: (replicas: number) => replicas + 3 },
  { law: 'P26 steady up', forged: (replicas: number) => replicas + 1 },
  { law: 'P26 steady down', forged: (replicas: number) => replicas - 1 },
])('$law can be broken', async ({ law, forged }) => {
  const { spec } = await loadScenario([join(import.meta.dirname, '../../scenarios/autoscaling.yaml')]);
  const laws = new AutoscalerLaws(spec.loads ?? []);
  Simulation.create(spec, { observer: forging(laws, forged) }).run({ time: autoscalerRun });
  expect(laws.broken.map((what) => what.split(':')[0])).toContain(law);
});

/** Shows the laws other sizes than those that the autoscaler asked for. */
function forging(laws: Observer, forged: (replicas: number) => number): Observer {
  const other = (asked: ClientRequest<unknown>): ClientRequest<unknown> => {
    if (asked.do !== 'call' || asked.request.verb !== 'update' || asked.request.subresource !== 'scale')
      return asked;
    const scale = asked.request.object as unknown as Scale;
    const object = { ...scale, spec: { replicas: forged(scale.spec.replicas ?? 0) } } as NewObject;
    return { ...asked, request: { ...asked.request, object } };
  };
  return {
    stepped: (process, before, step, now, event, clock) => {
      laws.stepped(process, before, { ...step, requests: step.requests.map(other) }, now, event, clock);
    },
  };
}
