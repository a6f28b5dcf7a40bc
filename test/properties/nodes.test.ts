/**
 * Aim: however nodes go out, no Pod runs twice, no kubelet takes on more than it has or kills too soon, and the control plane
 * drives Pods away only when and as fast as it may.
 * Method: random clusters with outages. `WAVETANK_RUNS=1000 npx vitest run test/properties/nodes.test.ts` runs more.
 */
import { test } from '@fast-check/vitest';
import { afterAll, describe, expect } from 'vitest';
import type { Node } from '../../core/api/generated/types.ts';
import type { NewObject } from '../../core/api/request.ts';
import { conditionOf } from '../../core/api/pod.ts';
import type { Image } from '../../core/kubelet/spec.ts';
import { fixed } from '../../core/random/distribution.ts';
import { second } from '../../core/time/time.ts';
import type { ClusterSpec } from '../../sim/cluster/spec.ts';
import { Simulation } from '../../sim/engine/simulation.ts';
import type { Observer } from '../../sim/engine/world.ts';
import { defaultCluster, defaultNodes } from '../../sim/scenario/defaults.ts';
import { KubeletLaws, kubernetesRules, type KubeletRules } from './kubelet-laws.ts';
import { lastLook, outages } from './node-arbitrary.ts';
import { kubernetesNodeRules, NodeLaws, type NodeRules } from './node-laws.ts';
import { counting, runs } from './runs.ts';

const asked = counting();

test.prop([outages], runs(12))(
  'nodes go out, and the laws hold',
  (spec) => {
    const books = [new KubeletLaws(), new NodeLaws()];
    const simulation = observed(spec, books);
    expect(books.flatMap(({ broken }) => broken)).toEqual([]);
    expect(unreadyIn(simulation)).toEqual([]);
    for (const book of books) asked.add(book.looked);
  },
  3_600_000,
);

afterAll(() => {
  // A law that nothing was held against has not been tested.
  const laws = ['P18', 'P23 grace', 'P23 rate', 'P23 total', 'P24', 'P28 room', 'P28 grace', 'P28 back-off'];
  expect(asked.neverAsked(laws)).toEqual([]);
});

/** The nodes that are not Ready: there are none when the outages are long over. */
const unreadyIn = (simulation: Simulation): readonly string[] =>
  (simulation.registry().list('nodes') as readonly Node[])
    .filter(({ status }) => conditionOf(status, 'Ready')?.status !== 'True')
    .map(({ metadata }) => metadata.name);

function observed(spec: ClusterSpec, books: readonly Observer[]): Simulation {
  const stepped: Observer['stepped'] = (...step) => books.forEach((book) => book.stepped(...step));
  const simulation = Simulation.create(spec, { observer: { stepped } });
  simulation.run({ time: lastLook });
  return simulation;
}

describe('the laws can be broken', () => {
  /** The laws that are broken when runs are held against other rules than Kubernetes has. */
  const brokenIn = (specs: readonly ClusterSpec[], book: () => KubeletLaws | NodeLaws): readonly string[] => {
    const broken = specs.flatMap((spec) => {
      const its = book();
      observed(spec, [its]);
      return its.broken.map((text) => text.slice(0, text.indexOf(':')));
    });
    return [...new Set(broken)];
  };
  const nodes = (rules: Partial<NodeRules>) => () => new NodeLaws({ ...kubernetesNodeRules, ...rules });
  const kubelets = (rules: Partial<KubeletRules>) => () => new KubeletLaws({ ...kubernetesRules, ...rules });

  test('P23, P24: by rules that ask for more than Kubernetes does', () => {
    expect(brokenIn([twoOfFiveOut], nodes({}))).toEqual([]);
    expect(brokenIn([twoOfFiveOut], nodes({ grace: 60 * second }))).toEqual(['P23 grace']);
    expect(brokenIn([twoOfFiveOut], nodes({ rate: 0.09 }))).toEqual(['P23 rate']);
    expect(brokenIn([twoOfFiveOut], nodes({ few: 3 }))).toEqual(['P23 total']);
    expect(brokenIn([twoOfFiveOut], nodes({ patience: 1 * second }))).toEqual(['P24']);
  });

  test('P28: by rules that ask for more than Kubernetes does', () => {
    expect(brokenIn([restless], kubelets({}))).toEqual([]);
    expect(brokenIn([restless], kubelets({ shortestGrace: 5 * second }))).toEqual(['P28 grace']);
    expect(brokenIn([restless], kubelets({ firstBackoff: 11 * second }))).toEqual(['P28 back-off']);
    expect(brokenIn([restless], kubelets({ share: 0.5 }))).toEqual(['P28 room']);
  });

  test('P18: by Pods of a StatefulSet without a grace period, as Kubernetes warns', () => {
    const laws = new KubeletLaws();
    Simulation.create(withoutGrace, { observer: laws }).run({ time: 180 * second });
    expect(laws.broken).toEqual(['P18: kubelet/node-2 starts default/db-0 while another of it runs']);
  });
});

const patient = {
  key: 'node.kubernetes.io/unreachable',
  operator: 'Exists',
  effect: 'NoExecute',
  tolerationSeconds: 5,
};

const tenPods: NewObject & Readonly<Record<string, unknown>> = {
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'web' },
  spec: {
    replicas: 10,
    selector: { matchLabels: { app: 'web' } },
    template: {
      metadata: { labels: { app: 'web' } },
      spec: { tolerations: [patient], containers: [{ name: 'main', image: 'registry.example/web:1' }] },
    },
  },
};

/** Two nodes of a zone stop at once; three are left. The Pods on them may stay for five seconds. */
const twoOfFiveOut: ClusterSpec = {
  ...defaultCluster,
  nodes: defaultNodes(5).map((node) => ({ ...node, labels: { 'topology.kubernetes.io/zone': 'a' } })),
  actions: [{ at: 2 * second, do: 'apply', objects: [tenPods] }],
  faults: ['kubelet/node-1', 'kubelet/node-2'].map((process) => ({ at: 20 * second, do: 'crash', process })),
  workload: [],
};

const dedicated = { key: 'example.com/spare', effect: 'PreferNoSchedule' };

const pod = (name: string, image: string, cpu: string): NewObject & Readonly<Record<string, unknown>> => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name },
  spec: {
    terminationGracePeriodSeconds: 1,
    containers: [{ name: 'main', image, resources: { requests: { cpu } } }],
  },
});

const stubborn: Image = { pull: fixed(0), startup: fixed(0), stop: fixed(60 * second) };
const failing: Image = { pull: fixed(0), startup: fixed(0), exitAfter: fixed(1 * second), exitCode: 1 };

/** One Pod fails again and again, another does not want to stop; together they ask for most of the node. */
const restless: ClusterSpec = {
  ...defaultCluster,
  nodes: defaultNodes(1),
  images: { ...defaultCluster.images, byName: { stubborn, failing } },
  actions: [
    {
      at: 2 * second,
      do: 'apply',
      objects: [pod('stubborn', 'stubborn', '2'), pod('failing', 'failing', '1')],
    },
    { at: 60 * second, do: 'delete', resource: 'pods', namespace: 'default', name: 'stubborn' },
  ],
  faults: [],
  workload: [],
};

/** db-0 is on a node that is cut off when it is deleted: its object goes at once, its container does not. */
const withoutGrace: ClusterSpec = {
  ...defaultCluster,
  nodes: defaultNodes(2).map((node, i) => (i === 0 ? node : { ...node, taints: [dedicated] })),
  images: { default: { pull: fixed(0), startup: fixed(0) }, byName: {} },
  actions: [
    {
      at: 2 * second,
      do: 'apply',
      objects: [
        {
          apiVersion: 'apps/v1',
          kind: 'StatefulSet',
          metadata: { name: 'db' },
          spec: {
            replicas: 1,
            serviceName: 'db',
            selector: { matchLabels: { app: 'db' } },
            template: {
              metadata: { labels: { app: 'db' } },
              spec: {
                terminationGracePeriodSeconds: 0,
                containers: [{ name: 'main', image: 'registry.example/db:1' }],
              },
            },
          },
        } as never,
      ],
    },
    { at: 150 * second, do: 'delete', resource: 'pods', namespace: 'default', name: 'db-0' },
  ],
  faults: [
    { at: 20 * second, do: 'expireCertificate', process: 'kubelet/node-1' },
    { at: 20 * second, do: 'pauseWatch', process: 'kubelet/node-1', stream: '*' },
  ],
  workload: [],
};
