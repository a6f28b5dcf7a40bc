/** Random workloads whose containers end now and again, on nodes whose kubelets are away now and again. */
import fc from 'fast-check';
import { fixed, type Distribution } from '../../core/random/distribution.ts';
import { millisecond, second, type Duration } from '../../core/time/time.ts';
import type { Action, ClusterSpec, FaultAction, ImageSpec } from '../../sim/cluster/spec.ts';
import { defaultCluster, defaultNodes } from '../../sim/scenario/defaults.ts';

const image = (startup: Duration, exitAfter: Distribution): ImageSpec => ({
  pull: fixed(2 * second),
  startup: fixed(startup),
  exitAfter,
  exitCode: 1,
});

/** Each lasts long enough to become ready: one that does not is never. */
const images: Readonly<Record<string, ImageSpec>> = {
  'short:1': image(100 * millisecond, fixed(5 * second)),
  'moody:1': image(second, { kind: 'uniform', min: 10 * second, max: 300 * second }),
  'long:1': image(4 * second, { kind: 'uniform', min: 60 * second, max: 1_200 * second }),
};

/** A kubelet is away for up to 30 s; four pulls one after another, a start, the look at containers every second. */
export const besidesBackoff: Duration = (30 + 4 * 2 + 4 + 4) * second;

/** The back-off reaches its end after 630 s of short runs. */
export const watchedFor: Duration = 1_500 * second;

const readinessProbe = { httpGet: { port: 80 }, periodSeconds: 2 };

const workload = fc
  .record({
    kind: fc.constantFrom('Deployment', 'StatefulSet', 'DaemonSet'),
    replicas: fc.integer({ min: 1, max: 4 }),
    of: fc.constantFrom(...Object.keys(images)),
    probed: fc.boolean(),
  })
  .map(({ kind, replicas, of, probed }) => ({
    apiVersion: 'apps/v1',
    kind,
    metadata: { name: kind.toLowerCase() },
    spec: {
      ...(kind === 'DaemonSet' ? {} : { replicas }),
      ...(kind === 'StatefulSet' ? { serviceName: 'db', podManagementPolicy: 'Parallel' } : {}),
      selector: { matchLabels: { app: kind } },
      template: {
        metadata: { labels: { app: kind } },
        spec: {
          // Of several the one may end before the other comes back: the Pod need not be ready in between.
          containers: [{ name: 'main', image: of, ...(probed ? { readinessProbe } : {}) }],
        },
      },
    },
  }));

const action = fc
  .record({ at: fc.integer({ min: 1, max: 60 }), object: workload })
  .map(({ at, object }): Action => ({ at: at * second, do: 'apply', objects: [object] }));

const away = fc
  .record({
    at: fc.integer({ min: 10, max: 1_200 }).map((seconds) => seconds * second),
    for: fc.integer({ min: 1, max: 30 }).map((seconds) => seconds * second),
    process: fc.constantFrom('kubelet/node-1', 'kubelet/node-2'),
  })
  .map((fault): FaultAction => ({ ...fault, do: 'crash' }));

export const restless: fc.Arbitrary<ClusterSpec> = fc
  .record({
    seed: fc.nat({ max: 99_999 }).map((n) => `${n}`),
    actions: fc.array(action, { minLength: 1, maxLength: 3 }),
    faults: fc.array(away, { maxLength: 3 }),
  })
  .map((drawn) => ({
    ...defaultCluster,
    ...drawn,
    images: { ...defaultCluster.images, byName: images },
    nodes: defaultNodes(2),
    workload: [],
  }));
