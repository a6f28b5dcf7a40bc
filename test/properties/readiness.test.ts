/**
 * Aim: whatever becomes of its containers, a Pod is ready again after its back-off, a pull and a start (L6). Method: containers
 * that end now and again, and kubelets that are away; more with `WAVETANK_RUNS=1000 npx vitest run test/properties/readiness.test.ts`.
 */
import { test } from '@fast-check/vitest';
import { afterAll, expect } from 'vitest';
import type { Pod } from '../../core/api/generated/types.ts';
import { second } from '../../core/time/time.ts';
import { Simulation } from '../../sim/engine/simulation.ts';
import { besidesBackoff, restless, watchedFor } from './readiness-arbitrary.ts';
import { ReadinessLaws } from './readiness-laws.ts';
import { runs } from './runs.ts';

let longest = 0;

test.prop([restless], runs(8))(
  'a Pod that has a node is ready before long, again and again',
  (spec) => {
    const laws = new ReadinessLaws(besidesBackoff);
    const simulation = Simulation.create(spec);
    for (let at = 0; at <= watchedFor; at += second) {
      simulation.run({ time: at });
      laws.show(simulation.registry().list('pods') as readonly Pod[], at);
    }
    expect(laws.broken).toEqual([]);
    longest = Math.max(longest, laws.longest);
  },
  3_600_000,
);

afterAll(() => {
  // The longest back-off has been seen, and its end.
  expect(longest).toBeGreaterThan(250 * second);
});

test('L6 can be broken: by a Pod that is never started', () => {
  const laws = new ReadinessLaws(10 * second);
  const pod: Pod = {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'web', namespace: 'default', uid: 'u', resourceVersion: '1', creationTimestamp: '' },
    spec: { containers: [], nodeName: 'node-1' },
    status: { phase: 'Pending' },
  };
  laws.show([pod], 0);
  laws.show([pod], 310 * second);
  expect(laws.broken).toEqual([]);
  laws.show([pod], 311 * second);
  expect(laws.broken).toEqual(['L6: web on node-1 has not been ready for 311 s']);
});
