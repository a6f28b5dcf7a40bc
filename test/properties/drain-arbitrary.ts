/**
 * Random workloads whose budgets each allow one Pod to go at least, on nodes of which some are drained, together or one after
 * another; watches of the controllers lag.
 */
import fc from 'fast-check';
import type { NewObject } from '../../core/api/request.ts';
import type { DrainOptions } from '../../core/client/drain/filter.ts';
import { fixed } from '../../core/random/distribution.ts';
import { millisecond, minute, second } from '../../core/time/time.ts';
import type { Action, ClusterSpec, FaultAction } from '../../sim/cluster/spec.ts';
import { defaultCluster, defaultNodes } from '../../sim/scenario/defaults.ts';

type Manifest = NewObject & Readonly<Record<string, unknown>>;

const images = {
  'quick:1': { pull: fixed(500 * millisecond), startup: fixed(100 * millisecond) },
  'slow:2': { pull: fixed(3 * second), startup: fixed(4 * second) },
};

const podTemplate = (app: string, image: string): object => ({
  metadata: { labels: { app } },
  spec: {
    containers: [
      {
        name: 'main',
        image,
        resources: { requests: { cpu: '100m' } },
        readinessProbe: { httpGet: { port: 80 }, periodSeconds: 5 },
      },
    ],
  },
});

const replicas = fc.integer({ min: 1, max: 6 });
const image = fc.constantFrom(...Object.keys(images));

/** At most all but one must stay: otherwise a drain waits for ever, as it should. */
const allowance = (count: number): fc.Arbitrary<object> =>
  fc.oneof(
    fc.constantFrom(1, 2, '25%', '100%').map((maxUnavailable) => ({ maxUnavailable })),
    fc.integer({ min: 0, max: count - 1 }).map((minAvailable) => ({ minAvailable })),
  );

const guarded = (kind: string, app: string): fc.Arbitrary<readonly Manifest[]> =>
  fc
    .record({ replicas, image })
    .chain((drawn) => fc.tuple(fc.constant(drawn), fc.option(allowance(drawn.replicas), { nil: undefined })))
    .map(([drawn, allowed]) => [
      {
        apiVersion: 'apps/v1',
        kind,
        metadata: { name: app },
        spec: {
          replicas: drawn.replicas,
          ...(kind === 'StatefulSet' ? { serviceName: app } : {}),
          selector: { matchLabels: { app } },
          template: podTemplate(app, drawn.image),
        },
      },
      ...(allowed === undefined
        ? []
        : [
            {
              apiVersion: 'policy/v1',
              kind: 'PodDisruptionBudget',
              metadata: { name: app },
              spec: { ...allowed, selector: { matchLabels: { app } } },
            },
          ]),
    ]);

/** A drain leaves it alone. */
const agent: Manifest = {
  apiVersion: 'apps/v1',
  kind: 'DaemonSet',
  metadata: { name: 'agent' },
  spec: {
    selector: { matchLabels: { app: 'agent' } },
    template: {
      metadata: { labels: { app: 'agent' } },
      spec: { containers: [{ name: 'main', image: 'quick:1' }] },
    },
  },
};

export const drainOptions: DrainOptions = {
  ignoreDaemonSets: true,
  deleteEmptyDirData: true,
  force: false,
  gracePeriodSeconds: undefined,
  timeout: 0,
  podSelector: '',
};

/** Workloads are up by then. */
const begin = 60 * second;

const drain = (nodes: number): fc.Arbitrary<readonly Action[]> =>
  fc
    .uniqueArray(fc.integer({ min: 1, max: nodes }), { minLength: 1, maxLength: nodes - 1 })
    .chain((which) =>
      fc.tuple(...which.map((n) => fc.integer({ min: 0, max: 60 }).map((later) => ({ n, later })))),
    )
    .map((all) =>
      all.map(({ n, later }): Action => ({
        at: begin + later * second,
        do: 'drain',
        node: `node-${n}`,
        options: drainOptions,
      })),
    );

const lag = fc
  .record({
    at: fc.integer({ min: 50, max: 120 }),
    stream: fc.constantFrom('pods', 'poddisruptionbudgets', 'replicasets', '*'),
    by: fc.integer({ min: 1, max: 8 }),
  })
  .map(({ at, stream, by }): readonly FaultAction[] => [
    { at: at * second, do: 'lagWatch', process: 'kube-controller-manager', stream, by: by * second },
    { at: (at + 20) * second, do: 'lagWatch', process: 'kube-controller-manager', stream, by: 0 },
  ]);

/** Six Pods one after another, each with its way out, its successor's way in, and a new attempt every 5 s. */
export const drainedBy = begin + 10 * minute;

export const drains: fc.Arbitrary<ClusterSpec> = fc
  .record({
    seed: fc.nat({ max: 99_999 }).map((n) => `${n}`),
    nodes: fc.integer({ min: 2, max: 5 }),
    web: guarded('Deployment', 'web'),
    db: guarded('StatefulSet', 'db'),
    lags: fc.array(lag, { maxLength: 2 }),
  })
  .chain((drawn) => fc.tuple(fc.constant(drawn), drain(drawn.nodes)))
  .map(([{ seed, nodes, web, db, lags }, actions]) => ({
    ...defaultCluster,
    seed,
    nodes: defaultNodes(nodes),
    images: { ...defaultCluster.images, byName: images },
    actions: [{ at: second, do: 'apply', objects: [...web, ...db, agent] }, ...actions],
    faults: lags.flat(),
    workload: [],
    compactionInterval: 0,
  }));
