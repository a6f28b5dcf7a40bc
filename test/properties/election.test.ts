/**
 * Aim: nobody takes a Lease that he has not seen unchanged for as long as it says (P27), and when all is well again somebody
 * leads before long (L1). Method: several replicas, whose leaders crash, halt, lose answers and certificates, and have clocks
 * that are wrong; more with `WAVETANK_RUNS=1000 npx vitest run test/properties/election.test.ts`.
 */
import { test } from '@fast-check/vitest';
import { afterAll, expect } from 'vitest';
import type { Lease } from '../../core/api/generated/types.ts';
import type { ApiObject } from '../../core/api/object.ts';
import type { ClientEvent } from '../../core/client/component.ts';
import type { Electing } from '../../core/client/leader-election.ts';
import type { EtcdServerState } from '../../core/etcd/server.ts';
import { second } from '../../core/time/time.ts';
import { Simulation } from '../../sim/engine/simulation.ts';
import type { Observer } from '../../sim/engine/world.ts';
import { elections, healedBy } from './election-arbitrary.ts';
import { leaderless, LeaseLaws } from './lease-laws.ts';
import { counting, runs } from './runs.ts';

const count = counting();

/**
 * Who waits sees the last renewal up to a retry (2.2 x 2 s) late, and that it has run out up to another one; then he asks twice. A
 * leader who halts sees that he is none when his deadline is over, which is no longer.
 */
const deadline = (15 + 2 * 4.4 + 0.5) * second;

test.prop([elections], runs(25))(
  'a Lease is taken from who has not renewed it, and is not left to nobody',
  (spec) => {
    const laws = new LeaseLaws();
    const simulation = Simulation.create(spec, { observer: laws });
    simulation.run({ time: healedBy + deadline });
    laws.againstHistory((simulation.stateOf('etcd') as EtcdServerState<ApiObject>).store);
    expect(laws.broken).toEqual([]);
    const leases = simulation.registry().list('leases', 'kube-system') as readonly Lease[];
    expect(leaderless(leases, leadsIn(simulation))).toEqual([]);
    count.add(laws.looked);
  },
  3_600_000,
);

afterAll(() => {
  expect(count.neverAsked(['P27 waited', 'P27 asked'])).toEqual([]);
});

const leadsIn =
  (simulation: Simulation) =>
  (component: string, identity: string): boolean =>
    simulation
      .processes()
      .filter((process) => process.startsWith(component))
      .map((process) => simulation.stateOf(process) as Electing<unknown>)
      .some(({ leads, identity: own }) => leads && own === identity);

test('P27 can be broken: by who has a clock that jumps, and by who writes what nobody asked for', () => {
  const laws = new LeaseLaws();
  const lease = (resourceVersion: string, holderIdentity: string): Lease => ({
    apiVersion: 'coordination.k8s.io/v1',
    kind: 'Lease',
    metadata: {
      name: 'kube-scheduler',
      namespace: 'kube-system',
      uid: 'u',
      resourceVersion,
      creationTimestamp: '',
    },
    spec: { holderIdentity, leaseDurationSeconds: 15 },
  });
  const target = { resource: 'leases', namespace: 'kube-system', name: 'kube-scheduler' };
  const sees = (seen: Lease): ClientEvent<unknown> => ({
    type: 'answer',
    tag: undefined,
    request: { verb: 'get', ...target },
    answer: { ok: true, code: 200, object: seen },
  });
  const takes = (clock: number, seen: Lease): void =>
    laws.stepped(
      'kube-scheduler-2',
      undefined,
      {
        state: undefined,
        requests: [
          {
            do: 'call',
            tag: undefined,
            userAgent: 'kube-scheduler',
            request: { verb: 'update', ...target, object: lease('7', 'two') },
          },
        ],
      },
      0,
      sees(seen),
      clock,
    );
  const nothing: Parameters<Observer['stepped']>[2] = { state: undefined, requests: [] };
  laws.stepped('kube-scheduler-2', undefined, nothing, 0, sees(lease('7', 'one')), 0);
  takes(14.9 * second, lease('7', 'one'));
  expect(laws.broken).toEqual(['P27 waited: kube-scheduler-2 takes kube-scheduler from one after 14.9 s']);
  takes(15 * second, lease('7', 'one'));
  expect(laws.broken).toHaveLength(1);
  // Renewed in between, it is another one: he has not seen that for long.
  takes(16 * second, lease('8', 'one'));
  expect(laws.broken.slice(1)).toEqual([
    'P27 seen: kube-scheduler-2 writes kube-scheduler as it has not seen it',
  ]);
});

test('L1 can be broken', () => {
  expect(leaderless([], () => false)).toEqual([
    'L1: kube-controller-manager is held by nobody, who does not lead',
    'L1: kube-scheduler is held by nobody, who does not lead',
  ]);
});
