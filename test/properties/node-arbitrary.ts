/**
 * Random clusters whose nodes go out: small nodes in up to three zones, Pods that stay and Pods that end, people who come and go,
 * kubelets that crash or are cut off, and watches that lag. The control plane itself has no other fault.
 */
import { fc } from '@fast-check/vitest';
import type { NewObject } from '../../core/api/request.ts';
import type { Image } from '../../core/kubelet/spec.ts';
import { fixed } from '../../core/random/distribution.ts';
import { millisecond, second, type VirtualTime } from '../../core/time/time.ts';
import type { Action, ClusterSpec, FaultAction, NodeSpec } from '../../sim/cluster/spec.ts';
import { defaultCluster } from '../../sim/scenario/defaults.ts';

type Manifest = NewObject & Readonly<Record<string, unknown>>;

const pull = fixed(500 * millisecond);

const images: Readonly<Record<string, Image>> = {
  'registry.example/stays:1': { pull, startup: fixed(200 * millisecond) },
  'registry.example/slow:1': { pull, startup: fixed(6 * second) },
  'registry.example/stubborn:1': { pull, startup: fixed(0), stop: fixed(120 * second) },
  'registry.example/ends:1': { pull, startup: fixed(0), exitAfter: fixed(3 * second), exitCode: 0 },
  'registry.example/fails:1': { pull, startup: fixed(0), exitAfter: fixed(1 * second), exitCode: 1 },
};

const image = fc.constantFrom(...Object.keys(images));

/** How long a Pod stays on a node that is not well: not at all, for a while, as long as Kubernetes says, or for ever. */
const patience = fc.constantFrom<readonly object[] | undefined>(
  undefined,
  notWell(0, 0),
  notWell(20, 45),
  notWell(60, 5),
  [{ operator: 'Exists' }],
  [{ key: 'example.com/broken', operator: 'Exists', effect: 'NoExecute', tolerationSeconds: 15 }],
);

function notWell(notReady: number, unreachable: number): readonly object[] {
  const toleration = { operator: 'Exists', effect: 'NoExecute' };
  return [
    { ...toleration, key: 'node.kubernetes.io/not-ready', tolerationSeconds: notReady },
    { ...toleration, key: 'node.kubernetes.io/unreachable', tolerationSeconds: unreachable },
  ];
}

const mainContainer = fc.record({
  image,
  cpu: fc.constantFrom('100m', '700m', '1200m'),
  preStop: fc.constantFrom(0, 0, 3, 9, 30),
  liveness: fc.constantFrom(undefined, undefined, 1, 40),
});

/** Two failures within 2 s: a slow image is killed by it again and again. */
const probe = (terminationGracePeriodSeconds: number): object => ({
  httpGet: { path: '/', port: 8080 },
  periodSeconds: 1,
  failureThreshold: 2,
  terminationGracePeriodSeconds,
});

const podSpec = (graces: readonly number[]): fc.Arbitrary<object> =>
  fc
    .record({
      main: mainContainer,
      tolerations: patience,
      terminationGracePeriodSeconds: fc.constantFrom(...graces),
    })
    .map(({ main: { image: name, cpu, preStop, liveness }, tolerations, terminationGracePeriodSeconds }) => ({
      terminationGracePeriodSeconds,
      containers: [
        {
          name: 'main',
          image: name,
          resources: { requests: { cpu, memory: '64Mi' } },
          // A hook that takes longer than the grace period is refused.
          ...(preStop === 0 || preStop > terminationGracePeriodSeconds
            ? {}
            : { lifecycle: { preStop: { sleep: { seconds: preStop } } } }),
          ...(liveness === undefined ? {} : { livenessProbe: probe(liveness) }),
        },
      ],
      ...(tolerations === undefined ? {} : { tolerations }),
    }));

/** No grace period makes each deletion one by force: then two Pods of one name may run, in the real one too. */
const graceful = podSpec([1, 10, 30]);
const forced = podSpec([0, 10]);

const nodeNumber = fc.integer({ min: 1, max: 7 });

/** A Pod of its own, perhaps bound by whoever made it: then nobody but the kubelet looks whether there is room. */
const pod = fc
  .record({
    name: fc.constantFrom('one', 'two', 'three'),
    spec: graceful,
    restartPolicy: fc.constantFrom('Always', 'OnFailure', 'Never'),
    node: fc.option(nodeNumber, { nil: undefined }),
  })
  .map(({ name, spec, restartPolicy, node }): Manifest => ({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name },
    spec: { ...spec, restartPolicy, ...(node === undefined ? {} : { nodeName: `node-${node}` }) },
  }));

const replicas = fc.integer({ min: 1, max: 5 });

const deployment = fc.record({ replicas, spec: forced }).map(({ replicas: count, spec }): Manifest => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'web' },
  spec: { replicas: count, ...ofApp('web', spec) },
}));

const statefulSet = fc
  .record({
    replicas,
    spec: graceful,
    podManagementPolicy: fc.constantFrom('OrderedReady', 'Parallel'),
  })
  .map(({ replicas: count, spec, podManagementPolicy }): Manifest => ({
    apiVersion: 'apps/v1',
    kind: 'StatefulSet',
    metadata: { name: 'db' },
    spec: { replicas: count, serviceName: 'db', podManagementPolicy, ...ofApp('db', spec) },
  }));

const ofApp = (app: string, spec: object): object => ({
  selector: { matchLabels: { app } },
  template: { metadata: { labels: { app } }, spec },
});

/** Somebody says that a node is broken, or that it is not any more. */
const taint = fc.record({ node: nodeNumber, broken: fc.boolean() }).map(({ node, broken }): Manifest => ({
  apiVersion: 'v1',
  kind: 'Node',
  metadata: { name: `node-${node}` },
  spec: broken ? { taints: [{ key: 'example.com/broken', effect: 'NoExecute' }] } : { taints: [] },
}));

/** When the last action and the last fault begin. */
const lastBeginning = 150;
const at: fc.Arbitrary<VirtualTime> = fc
  .integer({ min: 6, max: 2 * lastBeginning })
  .map((halves) => halves * 0.5 * second);

const apply = (object: fc.Arbitrary<Manifest>): fc.Arbitrary<Action> =>
  fc
    .record({ at, object })
    .map(({ at: when, object: given }): Action => ({ at: when, do: 'apply', objects: [given] }));

const remove: fc.Arbitrary<Action> = fc
  .record({
    at,
    what: fc.constantFrom(
      ['pods', 'one'],
      ['pods', 'two'],
      ['pods', 'db-0'],
      ['pods', 'db-1'],
      ['statefulsets', 'db'],
      ['deployments', 'web'],
    ),
    // Nothing is deleted by force: that would let two Pods of one name run, in the real one too.
    gracePeriodSeconds: fc.constantFrom(undefined, undefined, 1, 5),
  })
  .map(({ at: when, what: [resource = '', name = ''], gracePeriodSeconds }): Action => ({
    at: when,
    do: 'delete',
    resource,
    namespace: 'default',
    name,
    ...(resource === 'pods' ? { gracePeriodSeconds } : {}),
  }));

const action: fc.Arbitrary<Action> = fc.oneof(
  { weight: 4, arbitrary: apply(pod) },
  { weight: 3, arbitrary: apply(deployment) },
  { weight: 3, arbitrary: apply(statefulSet) },
  { weight: 2, arbitrary: apply(taint) },
  { weight: 3, arbitrary: remove },
);

const howLong = fc.constantFrom(2, 15, 40, 70, 120, 300).map((seconds) => seconds * second);

interface Outage {
  readonly at: VirtualTime;
  readonly lasting: VirtualTime;
  readonly how: 'crash' | 'cut off';
}

/** The kubelet's process is dead, or nothing comes through between it and the apiserver; its containers run on. */
const outageOf = (node: string, { at: when, lasting, how }: Outage): readonly FaultAction[] => {
  const process = `kubelet/${node}`;
  if (how === 'crash') return [{ at: when, do: 'crash', process, for: lasting }];
  return [
    { at: when, do: 'expireCertificate', process, for: lasting },
    { at: when, do: 'pauseWatch', process, stream: '*' },
    { at: when + lasting, do: 'resumeWatch', process, stream: '*' },
  ];
};

/** One node goes out, or several at the same time: a zone, or all there are. */
const outage = fc.record({
  at,
  lasting: howLong,
  how: fc.constantFrom<Outage['how']>('crash', 'cut off'),
  who: fc.constantFrom('one', 'one', 'zone', 'all'),
  node: nodeNumber,
});

const lag = fc
  .record({
    at,
    process: fc.constantFrom('kube-controller-manager', 'kube-scheduler', 'kubelet/node-1'),
    stream: fc.constantFrom('pods', 'nodes', 'leases', '*'),
    by: fc.integer({ min: 1, max: 8 }).map((seconds) => seconds * second),
    lasting: howLong,
  })
  .map(({ at: when, process, stream, by, lasting }): readonly FaultAction[] => [
    { at: when, do: 'lagWatch', process, stream, by },
    { at: when + lasting, do: 'lagWatch', process, stream, by: 0 },
  ]);

const zoneLabel = 'topology.kubernetes.io/zone';

const nodesIn = (count: number, zones: number): readonly NodeSpec[] =>
  Array.from({ length: count }, (_, i) => ({
    name: `node-${i + 1}`,
    labels: { [zoneLabel]: `zone-${i % zones}` },
    taints: [],
    capacity: { cpu: '2', memory: '4Gi', pods: '6' },
  }));

/** To apply a Node that is not there would make one that nobody runs. */
const appliesUnknownNode = (done: Action, most: number): boolean =>
  done.do === 'apply' &&
  done.objects.some(({ kind, metadata }) => kind === 'Node' && Number(metadata.name?.slice(5)) > most);

/** When everything that was done and everything that failed is long over. */
export const lastLook = 540 * second;

export const outages: fc.Arbitrary<ClusterSpec> = fc
  .record({
    seed: fc.nat({ max: 99_999 }).map((n) => `${n}`),
    nodes: fc.integer({ min: 2, max: 7 }),
    zones: fc.integer({ min: 1, max: 3 }),
    heartbeats: fc.constantFrom('exact' as const, 'derived' as const),
    actions: fc.array(action, { minLength: 2, maxLength: 8 }),
    outages: fc.array(outage, { minLength: 1, maxLength: 4 }),
    lags: fc.array(lag, { maxLength: 2 }),
  })
  .map(({ seed, nodes: count, zones, heartbeats, actions, outages: out, lags }) => {
    const nodes = nodesIn(count, zones);
    const faults = out.flatMap(({ who, node, ...how }) => {
      const first = nodes[(node - 1) % count];
      const concerned = nodes.filter(
        ({ labels }) => who === 'all' || (who === 'zone' && labels[zoneLabel] === first?.labels[zoneLabel]),
      );
      const names = who === 'one' ? [first?.name ?? ''] : concerned.map(({ name }) => name);
      return names.flatMap((name) => outageOf(name, how));
    });
    return {
      ...defaultCluster,
      seed,
      heartbeats,
      images: { ...defaultCluster.images, byName: images },
      nodes,
      actions: actions.filter((done) => !appliesUnknownNode(done, count)),
      faults: [...faults, ...lags.flat()],
      workload: [],
      compactionInterval: 0,
    };
  });
