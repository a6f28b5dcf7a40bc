/**
 * Aim: a cluster of which nothing new is asked does not go round in circles (Q2, Q3, Q4), and each Pod that has a node is ready
 * again before long, whatever becomes of its containers (L6). Method: random clusters that do not come to rest, for an hour
 * after they have had the time to settle; more with `WAVETANK_RUNS=1000 npx vitest run test/properties/steady.test.ts`.
 */
import { test } from '@fast-check/vitest';
import { expect } from 'vitest';
import type { ApiObject } from '../../core/api/object.ts';
import type { EtcdServerState } from '../../core/etcd/server.ts';
import type { Store } from '../../core/etcd/store.ts';
import { hour, minute } from '../../core/time/time.ts';
import { Simulation } from '../../sim/engine/simulation.ts';
import { commitsBetween, contested, prolific, upheavals } from './rate-laws.ts';
import { runs } from './runs.ts';
import { calmFrom, steady } from './steady-arbitrary.ts';
import { Writers } from './writers.ts';

/** A node that is gone is noticed in 55 s, its Pods are evicted 300 s later; a Job that fails waits up to 320 s for its last try. */
const settledBy = 25 * minute;

/** Containers that end all the time and Jobs by the clock come to a tenth of it: who works for nothing is told from who works. */
const mostEventsAnHour = 150_000;

const storeOf = (simulation: Simulation): Store<ApiObject> =>
  (simulation.stateOf('etcd') as EtcdServerState<ApiObject>).store;

test.prop([steady], runs(8))(
  'nothing goes round in circles',
  (spec) => {
    const writers = new Writers();
    const simulation = Simulation.create(spec, { observer: writers });
    const revisionAt = (time: number): number => {
      simulation.run({ time });
      return storeOf(simulation).revision;
    };
    const calm = revisionAt(calmFrom);
    const settled = revisionAt(settledBy);
    const events = simulation.events;
    const end = revisionAt(settledBy + hour);
    expect(simulation.events - events).toBeLessThan(mostEventsAnHour);
    const store = storeOf(simulation);
    const lastHour = commitsBetween(store, settled, end);
    expect(prolific(lastHour)).toEqual([]);
    expect(upheavals(lastHour)).toEqual([]);
    expect(contested(commitsBetween(store, calm, end), (revision) => writers.of(revision))).toEqual([]);
  },
  3_600_000,
);

/** A history that nobody has lived. */
const forged = (
  count: number,
  commit: (i: number) => { readonly is: object; readonly was?: object },
): Commits =>
  Array.from({ length: count }, (_, i) => {
    const { is, was } = commit(i);
    const kv = (object: object): NonNullable<Commits[number]['kv']> => ({
      key: 'k',
      value: object as ApiObject,
      createRevision: 1,
      modRevision: i,
      version: 1,
      lease: 0,
    });
    return {
      type: 'PUT',
      key: 'k',
      modRevision: i,
      kv: kv(is),
      ...(was === undefined ? {} : { prevKv: kv(was) }),
    };
  });
type Commits = ReturnType<typeof commitsBetween>;

const podOf = (i: number, status: object = {}): object => ({
  kind: 'Pod',
  metadata: {
    name: `web-${i}`,
    uid: `pod-${i}`,
    ownerReferences: [{ kind: 'ReplicaSet', name: 'web', uid: 'rs', controller: true }],
  },
  status,
});

test('Q2 can be broken: by who makes a Pod whenever one has failed', () => {
  expect(prolific(forged(12, (i) => ({ is: podOf(i) })))).toEqual([]);
  expect(prolific(forged(13, (i) => ({ is: podOf(i) })))).toEqual([
    'Q2: ReplicaSet web has made 13 Pods in an hour',
  ]);
});

test('Q3 can be broken: by two who want a field each in their own way', () => {
  const sized = (replicas: number): object => ({
    kind: 'Deployment',
    metadata: { name: 'web', uid: 'd' },
    spec: { replicas },
  });
  const quarrel = (times: number): readonly string[] =>
    contested(
      forged(times, (i) => ({ is: sized(i % 2), was: sized(1 - (i % 2)) })),
      (revision) => (revision % 2 === 0 ? 'horizontal-pod-autoscaler' : 'flux'),
    );
  expect(quarrel(4)).toEqual([]);
  expect(quarrel(5)).toEqual([
    'Q3: Deployment web d: .spec.replicas goes to and fro: horizontal-pod-autoscaler, flux, horizontal-pod-autoscaler, flux, horizontal-pod-autoscaler',
  ]);
});

test('Q4 can be broken: by an eviction, a preemption, a node', () => {
  const condition = (reason: string): object => ({
    conditions: [{ type: 'DisruptionTarget', status: 'True', reason }],
  });
  const history = forged(3, (i) =>
    i === 2
      ? { is: { kind: 'Node', metadata: { name: 'node-9', uid: 'n' } } }
      : {
          is: podOf(i, condition(['EvictionByEvictionAPI', 'PreemptionByScheduler'][i] ?? '')),
          was: podOf(i),
        },
  );
  expect(upheavals(history)).toEqual([
    'Q4: Pod web-0: EvictionByEvictionAPI',
    'Q4: Pod web-1: PreemptionByScheduler',
    'Q4: Node node-9 is new',
  ]);
});
