/** Random Deployments behind Services on a few nodes in three zones, of which one or two are lost for good. */
import fc from 'fast-check';
import type { NewObject } from '../../core/api/request.ts';
import { fixed } from '../../core/random/distribution.ts';
import { millisecond, second } from '../../core/time/time.ts';
import type { ClusterSpec } from '../../sim/cluster/spec.ts';
import { defaultCluster, defaultNodes } from '../../sim/scenario/defaults.ts';
import type { Loss } from './node-loss-laws.ts';

type Manifest = NewObject & Readonly<Record<string, unknown>>;

/** How long a Pod takes from its making to being ready: a pull and a start, and what lies between. */
export const slowestStart = 12 * second;

const images = {
  'quick:1': { pull: fixed(500 * millisecond), startup: fixed(100 * millisecond) },
  'slow:2': { pull: fixed(3 * second), startup: fixed(4 * second) },
};

const workload = (name: string): fc.Arbitrary<readonly Manifest[]> =>
  fc
    .record({ replicas: fc.integer({ min: 1, max: 8 }), image: fc.constantFrom('quick:1', 'slow:2') })
    .map(({ replicas, image }) => [
      {
        apiVersion: 'apps/v1',
        kind: 'Deployment',
        metadata: { name },
        spec: {
          replicas,
          selector: { matchLabels: { app: name } },
          template: {
            metadata: { labels: { app: name } },
            spec: {
              containers: [
                {
                  name: 'main',
                  image,
                  resources: { requests: { cpu: '100m' } },
                },
              ],
            },
          },
        },
      },
      {
        apiVersion: 'v1',
        kind: 'Service',
        metadata: { name },
        spec: { selector: { app: name }, ports: [{ port: 80 }] },
      },
    ]);

const at = fc.integer({ min: 300, max: 1_200 }).map((tenths) => tenths * 100 * millisecond);

export const losses: fc.Arbitrary<{ readonly spec: ClusterSpec; readonly lost: readonly Loss[] }> = fc
  .record({
    seed: fc.nat({ max: 99_999 }).map((n) => `${n}`),
    nodes: fc.integer({ min: 4, max: 7 }),
    heartbeats: fc.constantFrom('exact' as const, 'derived' as const),
    web: workload('web'),
    api: workload('api'),
    gone: fc.uniqueArray(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 2 }),
    times: fc.tuple(at, at),
  })
  .map(({ seed, nodes, heartbeats, web, api, gone, times }) => {
    const lost = gone.map((node, i) => ({ node: `node-${node}`, at: times[i] ?? 0 }));
    return {
      lost,
      spec: {
        ...defaultCluster,
        seed,
        heartbeats,
        nodes: defaultNodes(nodes),
        images: { ...defaultCluster.images, byName: images },
        actions: [{ at: second, do: 'apply', objects: [...web, ...api] }],
        faults: lost.map(({ node, at: when }) => ({ at: when, do: 'crash', process: `kubelet/${node}` })),
        workload: [],
        compactionInterval: 0,
      },
    };
  });
