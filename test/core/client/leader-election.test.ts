/**
 * Aim: of several replicas one works; it is followed when it is gone, and only clocks that run at another speed make two
 * of them. Method: whole clusters; the scenario of the same name as a transcript, and a property of clocks.
 */
import fc from 'fast-check';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Deployment, Event, Lease } from '../../../core/api/generated/types.ts';
import type { Electing } from '../../../core/client/leader-election.ts';
import { hour, millisecond, minute, second, type VirtualTime } from '../../../core/time/time.ts';
import { Simulation } from '../../../sim/engine/simulation.ts';
import { loadScenario } from '../../../sim/scenario/load.ts';
import { clusterSpec } from '../../sim/engine/cluster.ts';

const managers = ['kube-controller-manager-1', 'kube-controller-manager-2'] as const;

const leading = (simulation: Simulation, processes: readonly string[]): readonly string[] =>
  processes.filter((process) => (simulation.stateOf(process) as Electing<unknown>).leads);

const leaseOf = (simulation: Simulation, name: string): Lease['spec'] | undefined =>
  (simulation.registry().get('leases', `kube-system/${name}`) as Lease | undefined)?.spec;

const clock = (at: VirtualTime): string => `${(at / second).toFixed(1).padStart(6)} s`;

test('a leader is killed, and a clock runs too fast', async () => {
  const { spec } = await loadScenario([join(import.meta.dirname, '../../../scenarios/leader-election.yaml')]);
  const simulation = Simulation.create(spec);
  const lines: string[] = [];
  let [last, most] = ['', 0];
  for (let at = 0; at <= 6 * minute; at += 100 * millisecond) {
    simulation.run({ time: at });
    const lease = leaseOf(simulation, 'kube-controller-manager');
    if (at > 3 * minute) most = Math.max(most, leading(simulation, managers).length);
    const told = `holder ${(lease?.holderIdentity ?? 'nobody').split('_')[0]}  transitions ${lease?.leaseTransitions ?? '-'}`;
    if (told !== last) lines.push(`${clock(at)}  ${told}`);
    last = told;
  }
  const events = (simulation.registry().list('events') as readonly Event[])
    .filter(({ reason }) => reason === 'LeaderElection')
    .map(({ firstTimestamp = '', message, source }) => {
      return `${firstTimestamp.slice(14, 19)}  ${source?.component}: ${message?.replace(/_\S+/, '')}`;
    });
  expect(most).toBe(2);
  expect(leading(simulation, managers)).toEqual([managers[0]]);
  await expect(`${[...lines, '', ...events.sort()].join('\n')}\n`).toMatchFileSnapshot('leader-election.txt');
});

test('a Lease has the fields of the real one', () => {
  const simulation = Simulation.create({ ...clusterSpec({ replicas: 1 }), leaderElection: true });
  simulation.run({ time: 10 * second });
  const lease = leaseOf(simulation, 'kube-scheduler');
  expect(lease?.holderIdentity).toMatch(/^kube-scheduler_[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
  expect(lease?.leaseDurationSeconds).toBe(15);
  expect(lease?.leaseTransitions).toBe(0);
  expect(lease?.acquireTime).toMatch(/^2025-01-01T00:00:00\.\d{6}Z$/);
  expect(lease?.renewTime).toMatch(/^2025-01-01T00:00:0[89]\.\d{6}Z$/);
});

test('a leader that cannot reach the apiserver ends, and another one follows', () => {
  const simulation = Simulation.create({ ...clusterSpec({ replicas: 2 }), controllerManagers: 2 });
  simulation.run({ time: minute });
  const [first = ''] = leading(simulation, managers);
  simulation.fault({ do: 'expireCertificate', process: first });
  simulation.run({ time: minute + 12.5 * second });
  // It has ended when its deadline was over: before its Lease was, so there were never two.
  expect(leading(simulation, managers)).toEqual([]);
  simulation.run({ time: minute + 30 * second });
  expect(leading(simulation, managers)).toEqual(managers.filter((other) => other !== first));
  expect((simulation.registry().get('deployments', 'default/web') as Deployment).status.readyReplicas).toBe(
    2,
  );
});

test('clocks that are wrong and run at the same speed never make two leaders', () => {
  const wrong = fc.integer({ min: -hour, max: hour });
  fc.assert(
    fc.property(
      wrong,
      wrong,
      fc.integer({ min: 90, max: 110 }),
      fc.nat(1_000),
      (one, other, percent, seed) => {
        const rate = percent / 100;
        const simulation = Simulation.create({
          ...clusterSpec({ replicas: 0, seed: String(seed) }),
          controllerManagers: 2,
          faults: [
            { at: 0, do: 'clock', process: managers[0], offset: one, rate },
            { at: 0, do: 'clock', process: managers[1], offset: other, rate },
          ],
        });
        for (let at = 10 * second; at <= minute; at += second) {
          simulation.run({ time: at });
          expect(leading(simulation, managers)).toHaveLength(1);
        }
      },
    ),
    { numRuns: 30 },
  );
});
