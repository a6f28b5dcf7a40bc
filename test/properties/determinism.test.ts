/**
 * Aim: a run is a function of its scenario and seed, and a run that was resumed is the run that was not interrupted.
 * Method: 200 random scenarios with faults; the hash of the trace covers every event and every byte that was written.
 */
import { fc, test } from '@fast-check/vitest';
import { expect } from 'vitest';
import { Simulation } from '../../sim/engine/simulation.ts';
import { scenario, scenarioLength } from './scenario-arbitrary.ts';

const runs = { numRuns: 200 };

test.prop([scenario, fc.double({ min: 0, max: 1, noNaN: true })], runs)(
  'the same scenario has the same hash twice, with and without a trace, and resumed from anywhere',
  (spec, where) => {
    const whole = Simulation.create(spec);
    whole.run({ time: scenarioLength });

    let bytes = 0;
    const traced = Simulation.create(spec, {
      trace: { write: (block) => void (bytes += block.length), close: () => undefined },
    });
    traced.run({ events: Math.floor(whole.events * where) });
    const checkpoint = traced.checkpoint();
    traced.run({ time: scenarioLength });
    traced.close();
    expect(traced.hash()).toBe(whole.hash());
    expect(traced.events).toBe(whole.events);
    expect(bytes).toBeGreaterThan(0);

    const resumed = Simulation.resume(checkpoint);
    resumed.run({ time: scenarioLength });
    expect(resumed.hash()).toBe(whole.hash());
    expect(resumed.now).toBe(scenarioLength);
  },
  300_000,
);

test.prop([scenario], { numRuns: 20 })('forks of one checkpoint do not meet', (spec) => {
  const trunk = Simulation.create(spec);
  trunk.run({ time: scenarioLength / 4 });
  const checkpoint = trunk.checkpoint();
  const calm = Simulation.resume(checkpoint);
  const stormy = Simulation.resume(checkpoint);
  stormy.fault({ do: 'crash', process: 'kube-scheduler' });
  stormy.run({ time: scenarioLength });
  calm.run({ time: scenarioLength });
  trunk.run({ time: scenarioLength });
  expect(calm.hash()).toBe(trunk.hash());
  expect(stormy.hash()).not.toBe(trunk.hash());
});
