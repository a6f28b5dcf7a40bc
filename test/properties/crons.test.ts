/**
 * Aim: of a CronJob and a minute there is one Job, whatever the controllers miss.
 * Method: random CronJobs over forty minutes. `WAVETANK_RUNS=1000 npx vitest run test/properties/crons.test.ts` runs more.
 */
import { test } from '@fast-check/vitest';
import { afterAll, expect } from 'vitest';
import type { ApiObject } from '../../core/api/object.ts';
import type { KeyValue } from '../../core/etcd/message.ts';
import type { EtcdServerState } from '../../core/etcd/server.ts';
import { Simulation } from '../../sim/engine/simulation.ts';
import { CronLaws, historyOf } from './cron-laws.ts';
import { schedules, watched } from './cron-arbitrary.ts';
import { counting, runs } from './runs.ts';

const asked = counting();

test.prop([schedules], runs(6))(
  'P20: each start of a CronJob has one Job',
  (spec) => {
    const laws = new CronLaws();
    const simulation = Simulation.create(spec, { observer: laws });
    simulation.run({ time: watched });
    laws.judge(historyOf((simulation.stateOf('etcd') as EtcdServerState<ApiObject>).store));
    expect(laws.broken).toEqual([]);
    asked.add(laws.looked);
  },
  3_600_000,
);

afterAll(() => {
  // A law that nothing was held against has not been tested.
  expect(asked.neverAsked(['P20 due', 'P20 new', 'P20 one'])).toEqual([]);
});

test('P20 can be broken: by another Job of the same minute, while the first is there', () => {
  const laws = new CronLaws();
  laws.judge([{ kv: jobOf('a') }, { prevKv: jobOf('a') }, { kv: jobOf('b') }]);
  expect(laws.broken).toEqual([]);
  laws.judge([{ kv: jobOf('a') }, { kv: jobOf('b') }]);
  expect(laws.broken).toEqual([`P20 one: b is another Job of u ${Date.UTC(2025, 0, 1) / 60_000}`]);
});

const jobOf = (name: string): KeyValue<ApiObject> => ({
  createRevision: 2,
  modRevision: 2,
  version: 1,
  lease: 0,
  key: `/registry/jobs/default/${name}`,
  value: {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: {
      name,
      uid: name,
      resourceVersion: '2',
      creationTimestamp: '2025-01-01T00:00:00Z',
      annotations: { 'batch.kubernetes.io/cronjob-scheduled-timestamp': '2025-01-01T05:30:00+05:30' },
      ownerReferences: [
        { apiVersion: 'batch/v1', kind: 'CronJob', name: 'often', uid: 'u', controller: true },
      ],
    },
  },
});
