/** Random workloads of every kind that has a controller, what people do to them, and watches that lag: no other fault. */
import { fc } from '@fast-check/vitest';
import type { NewObject } from '../../core/api/request.ts';
import { fixed } from '../../core/random/distribution.ts';
import { millisecond, second } from '../../core/time/time.ts';
import type { Action, ClusterSpec, FaultAction, ImageSpec } from '../../sim/cluster/spec.ts';
import { defaultCluster, defaultNodes } from '../../sim/scenario/defaults.ts';

type Manifest = NewObject & Readonly<Record<string, unknown>>;

const images: Readonly<Record<string, ImageSpec>> = {
  'registry.example/quick:1': { pull: fixed(500 * millisecond), startup: fixed(100 * millisecond) },
  'registry.example/slow:2': { pull: fixed(3 * second), startup: fixed(4 * second) },
  'registry.example/done:1': {
    pull: fixed(500 * millisecond),
    startup: fixed(0),
    exitAfter: fixed(2 * second),
    exitCode: 0,
  },
  'registry.example/fails:1': {
    pull: fixed(500 * millisecond),
    startup: fixed(0),
    exitAfter: fixed(1 * second),
    exitCode: 1,
  },
};

const serverImage = fc.constantFrom('registry.example/quick:1', 'registry.example/slow:2');
const replicas = fc.integer({ min: 0, max: 7 });
const intOrPercent = fc.constantFrom(0, 1, 2, '25%', '50%', '100%');

const podTemplate = (app: string, image: string, spec: object = {}): object => ({
  metadata: { labels: { app } },
  spec: {
    containers: [{ name: 'main', image, resources: { requests: { cpu: '100m', memory: '64Mi' } } }],
    ...spec,
  },
});
const selectorOf = (app: string): object => ({ matchLabels: { app } });

/**
 * A Deployment keeps its kind of strategy: one that becomes Recreate and gets another size while two of its ReplicaSets have Pods
 * hangs, in the real one too. (deployment/sync.go scale, isScalingEvent)
 */
const rollingUpdate = fc
  .tuple(intOrPercent, intOrPercent)
  .filter(([surge, unavailable]) => surge !== 0 || unavailable !== 0)
  .map(([maxSurge, maxUnavailable]): object => ({
    type: 'RollingUpdate',
    rollingUpdate: { maxSurge, maxUnavailable },
  }));

const deployment = fc
  .record({
    named: fc.oneof(
      fc.record({ name: fc.constant('web'), strategy: rollingUpdate }),
      fc.record({ name: fc.constant('once'), strategy: fc.constant<object>({ type: 'Recreate' }) }),
    ),
    replicas,
    image: serverImage,
    minReadySeconds: fc.constantFrom(0, 2),
  })
  .map(({ named: { name, strategy }, image, ...spec }): Manifest => ({
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name },
    spec: { ...spec, strategy, selector: selectorOf(name), template: podTemplate(name, image) },
  }));

const statefulSet = fc
  .record({
    replicas,
    image: serverImage,
    podManagementPolicy: fc.constantFrom('OrderedReady', 'Parallel'),
  })
  .map(({ image, ...spec }): Manifest => ({
    apiVersion: 'apps/v1',
    kind: 'StatefulSet',
    metadata: { name: 'db' },
    spec: { ...spec, serviceName: 'db', selector: selectorOf('db'), template: podTemplate('db', image) },
  }));

const job = fc
  .record({
    name: fc.constantFrom('batch-1', 'batch-2'),
    parallelism: fc.integer({ min: 1, max: 4 }),
    completions: fc.integer({ min: 1, max: 6 }),
    backoffLimit: fc.integer({ min: 0, max: 2 }),
    image: fc.constantFrom('registry.example/done:1', 'registry.example/fails:1'),
    completionMode: fc.constantFrom('NonIndexed', 'Indexed'),
  })
  .map(({ name, image, ...spec }): Manifest => ({
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: { name },
    spec: { ...spec, template: podTemplate(name, image, { restartPolicy: 'Never' }) },
  }));

/**
 * A surge with minReadySeconds can come to a halt, in the real one too: the look that is due when the new Pod becomes available is
 * dropped for an earlier one, and ready and available count the old Pods. (daemon_controller.go updateDaemonSetStatus)
 */
const daemonStrategy = fc.constantFrom(
  { maxSurge: 0, maxUnavailable: 1, minReadySeconds: 0 },
  { maxSurge: 0, maxUnavailable: '50%', minReadySeconds: 2 },
  { maxSurge: 1, maxUnavailable: 0, minReadySeconds: 0 },
  { maxSurge: '100%', maxUnavailable: 0, minReadySeconds: 0 },
);

const daemonSet = fc
  .record({ image: serverImage, strategy: daemonStrategy })
  .map(({ image, strategy: { minReadySeconds, ...rollingUpdate } }): Manifest => ({
    apiVersion: 'apps/v1',
    kind: 'DaemonSet',
    metadata: { name: 'agent' },
    spec: {
      minReadySeconds,
      updateStrategy: { type: 'RollingUpdate', rollingUpdate },
      selector: selectorOf('agent'),
      template: podTemplate('agent', image),
    },
  }));

const service = fc.constantFrom('web', 'db').map((app): Manifest => ({
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name: app },
  spec: { selector: { app }, ports: [{ port: 80, targetPort: 8080 }] },
}));

const budget = fc.constantFrom('web', 'db').map((app): Manifest => ({
  apiVersion: 'policy/v1',
  kind: 'PodDisruptionBudget',
  metadata: { name: app },
  spec: { maxUnavailable: 1, selector: selectorOf(app) },
}));

const workload = fc.oneof(deployment, deployment, statefulSet, daemonSet, job, service, budget);

/** Half seconds, so that things meet. */
const at = fc.integer({ min: 4, max: 60 }).map((halves) => halves * 0.5 * second);

const action: fc.Arbitrary<Action> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc
      .record({ at, object: workload })
      .map(({ at: when, object }): Action => ({ at: when, do: 'apply', objects: [object] })),
  },
  {
    weight: 2,
    arbitrary: fc
      .record({
        at,
        replicas,
        what: fc.constantFrom(['deployments', 'web'], ['deployments', 'once'], ['statefulsets', 'db']),
      })
      .map(({ at: when, replicas: n, what: [resource = '', name = ''] }): Action => ({
        at: when,
        do: 'scale',
        resource,
        namespace: 'default',
        name,
        replicas: n,
      })),
  },
  {
    weight: 1,
    arbitrary: fc
      .record({
        at,
        what: fc.constantFrom(
          ['deployments', 'web'],
          ['statefulsets', 'db'],
          ['daemonsets', 'agent'],
          ['jobs', 'batch-1'],
          ['services', 'web'],
        ),
      })
      .map(({ at: when, what: [resource = '', name = ''] }): Action => ({
        at: when,
        do: 'delete',
        resource,
        namespace: 'default',
        name,
      })),
  },
);

const consumer = fc.constantFrom('kube-scheduler', 'kube-controller-manager', 'kubelet/node-1');

/** A watch that lags and, in the end, does not any more. */
const lag: fc.Arbitrary<readonly FaultAction[]> = fc
  .record({
    at,
    process: consumer,
    stream: fc.constantFrom('pods', 'replicasets', '*'),
    by: fc.integer({ min: 1, max: 16 }).map((halves) => halves * 0.5 * second),
  })
  .map(({ at: when, process, stream, by }) => [
    { at: when, do: 'lagWatch', process, stream, by },
    { at: when + 10 * second, do: 'lagWatch', process, stream, by: 0 },
  ]);

/** When the last action and the last lag are over: from then on everything comes to rest. */
export const calmFrom = 42 * second;

export const workloads: fc.Arbitrary<ClusterSpec> = fc
  .record({
    seed: fc.nat({ max: 99_999 }).map((n) => `${n}`),
    nodes: fc.integer({ min: 2, max: 4 }),
    actions: fc.array(action, { minLength: 1, maxLength: 6 }),
    lags: fc.array(lag, { maxLength: 3 }),
  })
  .map(({ seed, nodes, actions, lags }) => ({
    ...defaultCluster,
    seed,
    images: { ...defaultCluster.images, byName: images },
    nodes: defaultNodes(nodes),
    actions,
    faults: lags.flat(),
    workload: [],
  }));
