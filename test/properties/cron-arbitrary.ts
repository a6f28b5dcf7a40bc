/** Random CronJobs over two thirds of an hour: people change and delete them and their Jobs, watches lag, the controllers are down for a while. */
import { fc } from '@fast-check/vitest';
import type { NewObject } from '../../core/api/request.ts';
import { fixed } from '../../core/random/distribution.ts';
import { millisecond, minute, second } from '../../core/time/time.ts';
import type { Action, ClusterSpec, FaultAction, ImageSpec } from '../../sim/cluster/spec.ts';
import { defaultCluster, defaultNodes } from '../../sim/scenario/defaults.ts';

const ending = (after: number, exitCode: number): ImageSpec => ({
  pull: fixed(300 * millisecond),
  startup: fixed(0),
  exitAfter: fixed(after),
  exitCode,
});

const images: Readonly<Record<string, ImageSpec>> = {
  'registry.example/quick:1': ending(2 * second, 0),
  'registry.example/slow:1': ending(100 * second, 0),
  'registry.example/fails:1': ending(1 * second, 1),
};

const names = ['often', 'seldom'];

const cronJob = fc
  .record({
    name: fc.constantFrom(...names),
    schedule: fc.constantFrom('* * * * *', '*/3 * * * *', '7-59/10 * * * *', '0,30 * * * *'),
    timeZone: fc.constantFrom(undefined, 'Asia/Kolkata'),
    concurrencyPolicy: fc.constantFrom('Allow', 'Forbid', 'Replace'),
    startingDeadlineSeconds: fc.constantFrom(undefined, 20, 200),
    successfulJobsHistoryLimit: fc.constantFrom(0, 1, 3),
    suspend: fc.constantFrom(false, false, false, true),
    image: fc.constantFrom(...Object.keys(images)),
    ttlSecondsAfterFinished: fc.constantFrom(undefined, 0, 90),
  })
  .map(({ name, timeZone, startingDeadlineSeconds, ttlSecondsAfterFinished, image, ...spec }) => ({
    apiVersion: 'batch/v1',
    kind: 'CronJob',
    metadata: { name },
    spec: {
      ...spec,
      ...(timeZone === undefined ? {} : { timeZone }),
      ...(startingDeadlineSeconds === undefined ? {} : { startingDeadlineSeconds }),
      jobTemplate: {
        spec: {
          backoffLimit: 0,
          ...(ttlSecondsAfterFinished === undefined ? {} : { ttlSecondsAfterFinished }),
          template: { spec: { restartPolicy: 'Never', containers: [{ name: 'main', image }] } },
        },
      },
    },
  })) satisfies fc.Arbitrary<NewObject>;

/** How long a run is; the last quarter of an hour is quiet. */
export const watched = 40 * minute;
const at = fc.integer({ min: 2, max: 300 }).map((fives) => fives * 5 * second);

const action: fc.Arbitrary<Action> = fc.oneof(
  {
    weight: 3,
    arbitrary: fc
      .record({ at, object: cronJob })
      .map(({ at: when, object }): Action => ({ at: when, do: 'apply', objects: [object] })),
  },
  {
    weight: 1,
    arbitrary: fc.record({ at, name: fc.constantFrom(...names) }).map(({ at: when, name }): Action => ({
      at: when,
      do: 'delete',
      resource: 'cronjobs',
      namespace: 'default',
      name,
    })),
  },
);

const process = fc.constant('kube-controller-manager');

const fault: fc.Arbitrary<readonly FaultAction[]> = fc.oneof(
  fc
    .record({ at, process, for: fc.constantFrom(5, 50, 130, 900).map((seconds) => seconds * second) })
    .map((crash) => [{ ...crash, do: 'crash' as const }]),
  fc
    .record({
      at,
      process,
      stream: fc.constantFrom('cronjobs', 'jobs', '*'),
      by: fc.integer({ min: 1, max: 30 }).map((seconds) => seconds * second),
    })
    .map((lag) => [
      { ...lag, do: 'lagWatch' as const },
      { ...lag, at: lag.at + 10 * minute, by: 0, do: 'lagWatch' as const },
    ]),
);

export const schedules: fc.Arbitrary<ClusterSpec> = fc
  .record({
    seed: fc.nat({ max: 99_999 }).map((n) => `${n}`),
    first: cronJob,
    actions: fc.array(action, { maxLength: 5 }),
    faults: fc.array(fault, { maxLength: 3 }),
  })
  .map(({ seed, first, actions, faults }) => ({
    ...defaultCluster,
    seed,
    images: { ...defaultCluster.images, byName: images },
    nodes: defaultNodes(2),
    actions: [{ at: 3 * second, do: 'apply' as const, objects: [first] }, ...actions],
    faults: faults.flat(),
    workload: [],
    compactionInterval: 0,
  }));
