/**
 * Random clusters of which nothing new is asked after a while, and which do not come to rest: containers that end again and
 * again, Jobs by the clock, more Pods than there is room for, a node that is gone, a demand that stays.
 */
import fc from 'fast-check';
import type { NewObject } from '../../core/api/request.ts';
import type { Load } from '../../core/metrics/load.ts';
import { fixed, lognormal } from '../../core/random/distribution.ts';
import { millisecond, second } from '../../core/time/time.ts';
import type { Action, ClusterSpec, FaultAction, ImageSpec } from '../../sim/cluster/spec.ts';
import { defaultCluster, defaultNodes } from '../../sim/scenario/defaults.ts';

type Manifest = NewObject & Readonly<Record<string, unknown>>;

const image = (startup: number, exitAfter?: ImageSpec['exitAfter'], exitCode = 1): ImageSpec => ({
  pull: fixed(500 * millisecond),
  startup: fixed(startup),
  ...(exitAfter === undefined ? {} : { exitAfter, exitCode }),
});

const images: Readonly<Record<string, ImageSpec>> = {
  'stays:1': image(100 * millisecond),
  'slow:1': image(4 * second),
  /** Each of its containers is ready for a while. */
  'moody:1': image(second, lognormal(240 * second, 1_800 * second)),
  'crashes:1': image(100 * millisecond, fixed(6 * second)),
  'ends:1': image(0, fixed(2 * second), 0),
  'fails:1': image(0, fixed(second), 1),
};

/** Nobody does anything after this, and no node goes. */
export const calmFrom = 60 * second;

const at = fc.integer({ min: 2, max: 50 }).map((seconds) => seconds * second);
const server = fc.constantFrom('stays:1', 'slow:1', 'moody:1', 'crashes:1');

const podSpec = (name: string, cpu: string, spec: object = {}): object => ({
  containers: [{ name: 'main', image: name, resources: { requests: { cpu } } }],
  ...spec,
});
const template = (app: string, spec: object): object => ({ metadata: { labels: { app } }, spec });
const selector = (app: string): object => ({ matchLabels: { app } });

const workload = (kind: string, app: string): fc.Arbitrary<Manifest> =>
  fc.record({ replicas: fc.integer({ min: 0, max: 4 }), of: server }).map(({ replicas, of }) => ({
    apiVersion: 'apps/v1',
    kind,
    metadata: { name: app },
    spec: {
      ...(kind === 'DaemonSet' ? {} : { replicas }),
      ...(kind === 'StatefulSet' ? { serviceName: app } : {}),
      selector: selector(app),
      template: template(app, podSpec(of, '50m')),
    },
  }));

/** Some of these find no room; those of higher priority make some. */
const greedy = fc
  .record({ name: fc.constantFrom('low', 'high'), replicas: fc.integer({ min: 2, max: 5 }) })
  .map(({ name, replicas }): Manifest => ({
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name },
    spec: {
      replicas,
      selector: selector(name),
      template: template(name, podSpec('stays:1', '3', name === 'high' ? { priorityClassName: 'high' } : {})),
    },
  }));

const priority: Manifest = {
  apiVersion: 'scheduling.k8s.io/v1',
  kind: 'PriorityClass',
  metadata: { name: 'high' },
  value: 1_000,
};

const job = fc
  .record({ of: fc.constantFrom('ends:1', 'fails:1'), backoffLimit: fc.integer({ min: 0, max: 6 }) })
  .map(({ of, backoffLimit }): Manifest => ({
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: { name: 'batch' },
    spec: { backoffLimit, template: template('batch', podSpec(of, '50m', { restartPolicy: 'Never' })) },
  }));

const cronJob = fc
  .record({
    of: fc.constantFrom('ends:1', 'fails:1'),
    concurrencyPolicy: fc.constantFrom('Allow', 'Forbid', 'Replace'),
    minutes: fc.constantFrom(5, 15),
  })
  .map(({ of, concurrencyPolicy, minutes }): Manifest => ({
    apiVersion: 'batch/v1',
    kind: 'CronJob',
    metadata: { name: 'tick' },
    spec: {
      schedule: `*/${minutes} * * * *`,
      concurrencyPolicy,
      jobTemplate: {
        spec: { backoffLimit: 2, template: template('tick', podSpec(of, '50m', { restartPolicy: 'Never' })) },
      },
    },
  }));

/** Its Pods stay: those that end take their metrics with them, and the real one's sizes follow that. */
const autoscaled: readonly Manifest[] = [
  {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'scaled' },
    spec: { selector: selector('scaled'), template: template('scaled', podSpec('stays:1', '100m')) },
  },
  {
    apiVersion: 'autoscaling/v2',
    kind: 'HorizontalPodAutoscaler',
    metadata: { name: 'scaled' },
    spec: {
      scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'scaled' },
      maxReplicas: 8,
      metrics: [
        {
          type: 'Resource',
          resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 60 } },
        },
      ],
    },
  },
];

const service = fc.constantFrom('web', 'db', 'scaled').map((app): Manifest => ({
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name: app },
  spec: { selector: { app }, ports: [{ port: 80 }] },
}));

const budget = fc.constantFrom('web', 'db').map((app): Manifest => ({
  apiVersion: 'policy/v1',
  kind: 'PodDisruptionBudget',
  metadata: { name: app },
  spec: { maxUnavailable: 1, selector: selector(app) },
}));

const one = (given: fc.Arbitrary<Manifest>): fc.Arbitrary<readonly Manifest[]> => given.map((only) => [only]);

const objects: fc.Arbitrary<readonly Manifest[]> = fc.oneof(
  one(workload('Deployment', 'web')),
  one(workload('StatefulSet', 'db')),
  one(workload('DaemonSet', 'agent')),
  one(greedy),
  one(greedy),
  one(job),
  one(cronJob),
  one(service),
  one(budget),
  fc.constant(autoscaled),
);

const action = fc
  .record({ at, objects })
  .map(({ at: when, objects: all }): Action => ({ at: when, do: 'apply', objects: all }));

/** The kubelet of a node dies, for ever or for a while. */
const loss = fc
  .record({
    at,
    node: fc.integer({ min: 1, max: 3 }),
    for: fc.constantFrom(undefined, 20 * second, 120 * second),
  })
  .map(({ node, ...when }): FaultAction => ({ ...when, do: 'crash', process: `kubelet/node-${node}` }));

const loads = fc.integer({ min: 0, max: 600 }).map((value): readonly Load[] => [
  {
    of: 'resource',
    metric: 'cpu',
    pods: { namespace: 'default', resource: 'deployments', name: 'scaled' },
    perPod: 5,
    demand: [{ at: 0, value, over: 0 }],
  },
]);

export const steady: fc.Arbitrary<ClusterSpec> = fc
  .record({
    seed: fc.nat({ max: 99_999 }).map((n) => `${n}`),
    actions: fc.array(action, { minLength: 1, maxLength: 5 }),
    losses: fc.array(loss, { maxLength: 1 }),
    loads,
  })
  .map(({ seed, actions, losses, loads: demand }) => ({
    ...defaultCluster,
    seed,
    images: { ...defaultCluster.images, byName: images },
    nodes: defaultNodes(3),
    loads: demand,
    actions: [{ at: second, do: 'apply', objects: [priority] }, ...actions],
    faults: losses,
    workload: [],
    compactionInterval: 0,
  }));
