/** Random autoscalers of a Deployment, and a random demand for it; people who resize it all the same; no fault but a restart. */
import fc from 'fast-check';
import type { HPAScalingRules } from '../../core/api/generated/types.ts';
import type { NewObject } from '../../core/api/request.ts';
import type { Demand } from '../../core/metrics/demand.ts';
import type { Load } from '../../core/metrics/load.ts';
import { fixed } from '../../core/random/distribution.ts';
import { millisecond, second } from '../../core/time/time.ts';
import type { Action, ClusterSpec, FaultAction } from '../../sim/cluster/spec.ts';
import { defaultCluster, defaultNodes } from '../../sim/scenario/defaults.ts';

type Manifest = NewObject & Readonly<Record<string, unknown>>;

const target = { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' };
const ofTarget = { namespace: 'default', resource: 'deployments', name: 'web' };

/** All that is done to the autoscaler and to the demand happens in this time. */
const busySeconds = 480;
/** Long enough for the demand to end, the stabilisation to run out, and new Pods to grow old. */
export const autoscalerRun = 1_200 * second;

const deployment = fc.integer({ min: 0, max: 9 }).map((replicas): Manifest => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'web' },
  spec: {
    replicas,
    selector: { matchLabels: { app: 'web' } },
    template: {
      metadata: { labels: { app: 'web' } },
      spec: { containers: [{ name: 'main', image: 'web:1', resources: { requests: { cpu: '100m' } } }] },
    },
  },
}));

const metric = fc.constantFrom<object>(
  { type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 60 } } },
  { type: 'Resource', resource: { name: 'cpu', target: { type: 'AverageValue', averageValue: '80m' } } },
  { type: 'Pods', pods: { metric: { name: 'hits' }, target: { type: 'AverageValue', averageValue: '10' } } },
  {
    type: 'External',
    external: { metric: { name: 'queue' }, target: { type: 'AverageValue', averageValue: '5' } },
  },
);

const policy = fc.record({
  type: fc.constantFrom('Pods', 'Percent'),
  value: fc.integer({ min: 1, max: 100 }),
  periodSeconds: fc.constantFrom(15, 30, 60, 180),
});
const rules: fc.Arbitrary<HPAScalingRules> = fc.record(
  {
    stabilizationWindowSeconds: fc.constantFrom(0, 30, 60, 400),
    selectPolicy: fc.constantFrom('Max', 'Min', 'Disabled'),
    policies: fc.array(policy, { minLength: 1, maxLength: 3 }),
  },
  { requiredKeys: [] },
);
const behavior = fc.option(fc.record({ scaleUp: rules, scaleDown: rules }, { requiredKeys: [] }), {
  nil: undefined,
  freq: 1,
});

/** One has the same behavior all the time: the real one forgets changes by the policies it had when they were made. */
const autoscaler = fc
  .record({
    minReplicas: fc.integer({ min: 1, max: 4 }),
    more: fc.integer({ min: 0, max: 16 }),
    metrics: fc.array(metric, { minLength: 1, maxLength: 2 }),
  })
  .map(({ minReplicas, more, metrics }) => ({ minReplicas, maxReplicas: minReplicas + more, metrics }));

const at = fc.integer({ min: 2, max: busySeconds }).map((seconds) => seconds * second);

const action: fc.Arbitrary<(given: HPAScalingRules | object | undefined) => Action> = fc.oneof(
  fc.record({ at, spec: autoscaler }).map(
    ({ at: when, spec }) =>
      (given: object | undefined) =>
        applied(when, [ofAutoscaler(spec, given)]),
  ),
  fc
    .record({ at, replicas: fc.integer({ min: 0, max: 12 }) })
    .map(({ at: when, replicas }) => (): Action => ({ at: when, do: 'scale', ...ofTarget, replicas })),
);

const applied = (when: number, objects: readonly Manifest[]): Action => ({ at: when, do: 'apply', objects });

const ofAutoscaler = (spec: object, given: object | undefined): Manifest => ({
  apiVersion: 'autoscaling/v2',
  kind: 'HorizontalPodAutoscaler',
  metadata: { name: 'web' },
  spec: { scaleTargetRef: target, ...spec, ...(given === undefined ? {} : { behavior: given }) },
});

const demand = (most: number): fc.Arbitrary<Demand> =>
  fc
    .array(fc.record({ at, value: fc.integer({ min: 0, max: most }), over: fc.constantFrom(0, 1, 60) }), {
      minLength: 1,
      maxLength: 6,
    })
    .map((points) => {
      const ordered = points.sort((a, b) => a.at - b.at);
      return ordered.map(({ at: when, value, over }, i) => ({
        at: when,
        value,
        over: Math.min(over * second, (ordered[i + 1]?.at ?? Infinity) - when),
      }));
    });

const loads = fc
  .record({ cpu: demand(1_500), hits: demand(150_000), queue: demand(80_000) })
  .map(({ cpu, hits, queue }): readonly Load[] => [
    { of: 'resource', metric: 'cpu', pods: ofTarget, perPod: 5, demand: cpu },
    { of: 'pods', metric: 'hits', pods: ofTarget, perPod: 0, demand: hits },
    { of: 'external', metric: 'queue', namespace: 'default', labels: {}, demand: queue },
  ]);

const restart = fc.option(
  at.map((when): FaultAction => ({
    at: when,
    do: 'crash',
    process: 'kube-controller-manager',
    for: 20 * second,
  })),
  { nil: undefined },
);

export const autoscaled: fc.Arbitrary<ClusterSpec & { readonly loads: readonly Load[] }> = fc
  .record({
    seed: fc.nat({ max: 99_999 }).map((n) => `${n}`),
    deployment,
    autoscaler,
    behavior,
    actions: fc.array(action, { maxLength: 4 }),
    loads,
    restart,
    startup: fc.constantFrom(100 * millisecond, 20 * second),
  })
  .map((drawn) => ({
    ...defaultCluster,
    seed: drawn.seed,
    images: { default: { pull: fixed(second), startup: fixed(drawn.startup) }, byName: {} },
    nodes: defaultNodes(3),
    loads: drawn.loads,
    actions: [
      applied(second, [drawn.deployment, ofAutoscaler(drawn.autoscaler, drawn.behavior)]),
      ...drawn.actions.map((act) => act(drawn.behavior)),
    ],
    faults: drawn.restart === undefined ? [] : [drawn.restart],
    workload: [],
  }));
