/**
 * The whole chain of a request on one core: who asks, admission, defaults and validation in the apiserver, the
 * transaction in etcd, its watch, the watch cache, the answer. With 10,000 and with 150,000 Pods in the store, in
 * namespaces of 300. A Pod is what a Deployment's template makes: two containers with requests, a probe, environment
 * and volumes. Nothing lies between the two servers; the network is measured by the benchmark `pods`.
 */
import type { Pod, PodSpec } from '../core/api/generated/types.ts';
import type { ApiObject } from '../core/api/object.ts';
import type { ApiAnswer, ApiRequest, NewObject } from '../core/api/request.ts';
import { objectsIn } from '../core/api/view.ts';
import {
  check,
  microsecondsEach,
  microsecondsEachGiven,
  type Bench,
  type Case,
  type Figure,
} from './frame/bench.ts';
import { Servers, type Stage } from './rig/servers.ts';

const perNamespace = 300;

export const subject: Bench = {
  about:
    'creations, updates of status and lists of Pods through apiserver and etcd, by what each stage costs',
  cases: [10_000, 150_000].flatMap((pods): readonly Case[] => [
    { name: `create beside ${pods}`, run: () => creations(pods) },
    { name: `create each of its own spec beside ${pods}`, run: () => ownSpecs(pods) },
    { name: `update status beside ${pods}`, run: () => updates(pods) },
    { name: `patch status beside ${pods}`, run: () => patches(pods) },
    { name: `list ${perNamespace} of ${pods}`, run: () => lists(pods) },
  ]),
};

/** Requests a second that the issue asks for, by how many Pods there are. */
const asked = (pods: number, beside10000: number): number => (pods <= 10_000 ? beside10000 : 30_000);

function creations(pods: number): readonly Figure[] {
  const cluster = new Cluster(pods);
  return measured(cluster, 'creates', asked(pods, 50_000), 5_000, (i) => ({
    pod: pods + i,
    request: newPod(pods + i, template),
  }));
}

/** As a client sends them that writes one Pod at a time: nothing is known of the spec. */
function ownSpecs(pods: number): readonly Figure[] {
  const cluster = new Cluster(pods);
  return measured(cluster, 'creates', asked(pods, 50_000), 3_000, (i) => ({
    pod: pods + i,
    request: newPod(pods + i, JSON.parse(JSON.stringify(template)) as PodSpec),
  }));
}

function updates(pods: number): readonly Figure[] {
  const cluster = new Cluster(pods);
  return measured(cluster, 'updates', asked(pods, 80_000), 5_000, (i) => {
    const pod = (i * 7_919) % pods;
    const current = cluster.known(pod);
    const { apiVersion, kind, metadata, spec } = current as Pod;
    const { namespace, name } = metadata;
    const object = { apiVersion, kind, metadata, spec, status: runningStatus(i) };
    return {
      pod,
      request: { verb: 'update', resource: 'pods', subresource: 'status', namespace, name, object },
    };
  });
}

/** As a kubelet writes it. */
function patches(pods: number): readonly Figure[] {
  const cluster = new Cluster(pods);
  return measured(cluster, 'patches', asked(pods, 80_000), 5_000, (i) => {
    const pod = (i * 7_919) % pods;
    const { namespace, name, uid } = cluster.known(pod).metadata;
    return {
      pod,
      request: {
        verb: 'patch',
        resource: 'pods',
        subresource: 'status',
        namespace,
        name,
        patchType: 'merge',
        patch: { metadata: { uid }, status: runningStatus(i) },
      },
    };
  });
}

function lists(pods: number): readonly Figure[] {
  const cluster = new Cluster(pods);
  const namespaces = Math.floor(pods / perNamespace);
  const read = (i: number): number => {
    const answer = cluster.ask({ verb: 'list', resource: 'pods', namespace: `team-${i % namespaces}` });
    if (!answer.ok || answer.list === undefined) throw new Error('a list is answered by a list');
    let count = 0;
    for (const pod of objectsIn(answer.list.view, answer.list.namespace)) count += pod.kind === 'Pod' ? 1 : 0;
    return count;
  };
  check('Pods listed', read(3), perNamespace);
  return [{ figure: 'list', value: microsecondsEach(1_000, 6, read), unit: 'us' }];
}

/** A request about a Pod. */
interface AboutPod {
  readonly pod: number;
  readonly request: ApiRequest;
}

/** Times the requests, which clients have made before the clock runs, then a round of them stage by stage. */
function measured(
  cluster: Cluster,
  what: string,
  atLeast: number,
  count: number,
  requestOf: (index: number) => AboutPod,
): readonly Figure[] {
  // A creation makes the store larger, so there are fewer rounds of them.
  const rounds = what === 'creates' ? 6 : 20;
  const revision = cluster.revision;
  const serve = ({ pod, request }: AboutPod): void => {
    const answer = cluster.askAbout(pod, request);
    if (!answer.ok) throw new Error(`Pod ${pod}: ${answer.status.message ?? ''}`);
  };
  const each = microsecondsEachGiven(count, rounds, requestOf, serve);
  check('revisions', cluster.revision - revision, (rounds + 1) * count);
  const stages = cluster.stages(count, () => {
    for (let i = 0; i < count; i++) serve(requestOf((rounds + 1) * count + i));
  });
  return [
    { figure: what, value: 1_000_000 / each, unit: '/s', atLeast },
    { figure: 'request', value: each, unit: 'us' },
    ...stages,
  ];
}

const stageNames: readonly Stage[] = ['decide', 'etcd', 'answer', 'watch cache'];

/** The servers with so many Pods in them, and a client that knows each Pod as the last answer about it was. */
class Cluster {
  private readonly servers = new Servers();
  private readonly pods: ApiObject[] = [];

  constructor(pods: number) {
    for (let i = 0; i < Math.ceil((pods * 2) / perNamespace) + 100; i++) {
      this.make('namespaces', { apiVersion: 'v1', kind: 'Namespace', metadata: { name: `team-${i}` } });
      this.make('serviceaccounts', {
        apiVersion: 'v1',
        kind: 'ServiceAccount',
        metadata: { name: 'default', namespace: `team-${i}` },
      });
    }
    for (let i = 0; i < pods; i++) this.askAbout(i, newPod(i, template));
    check('Pods created', this.known(pods - 1).metadata.name, placeOf(pods - 1).name);
  }

  get revision(): number {
    return this.servers.revision;
  }

  known(pod: number): ApiObject {
    const object = this.pods[pod];
    if (object === undefined) throw new Error(`no Pod ${pod}`);
    return object;
  }

  ask(request: ApiRequest): ApiAnswer {
    return this.servers.ask(request);
  }

  askAbout(pod: number, request: ApiRequest): ApiAnswer {
    const answer = this.servers.ask(request);
    if (answer.ok && answer.object !== undefined) this.pods[pod] = answer.object;
    return answer;
  }

  /** What one of `count` requests costs by stage, the servers having served them meanwhile. */
  stages(count: number, serve: () => void): readonly Figure[] {
    const spent = { decide: 0, etcd: 0, answer: 0, 'watch cache': 0 };
    this.servers.spent = spent;
    serve();
    return stageNames.map((stage) => ({ figure: stage, value: (spent[stage] * 1_000) / count, unit: 'us' }));
  }

  private make(resource: string, object: NewObject): void {
    const answer = this.ask({ verb: 'create', resource, namespace: object.metadata.namespace, object });
    if (!answer.ok) throw new Error(answer.status.message);
  }
}

const placeOf = (pod: number): { readonly namespace: string; readonly name: string } => ({
  namespace: `team-${Math.floor(pod / perNamespace)}`,
  name: `web-7d4b9c6f5-${pod.toString(36).padStart(5, '0')}`,
});

function newPod(pod: number, spec: PodSpec): ApiRequest {
  const { namespace, name } = placeOf(pod);
  const object = {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace, labels, ownerReferences: ownersOf(namespace) },
    spec,
  };
  return { verb: 'create', resource: 'pods', namespace, object };
}

const labels = { app: 'web', 'pod-template-hash': '7d4b9c6f5' };

/** Each namespace has one ReplicaSet. */
const ownersOf = (namespace: string) => [
  {
    apiVersion: 'apps/v1',
    kind: 'ReplicaSet',
    name: 'web-7d4b9c6f5',
    uid: `5d9c1c83-8a43-4a3a-9c8b-${namespace}`,
    controller: true,
    blockOwnerDeletion: true,
  },
];

const template: PodSpec = {
  containers: [
    {
      name: 'web',
      image: 'nginx:1.27',
      ports: [{ containerPort: 8080, name: 'http' }],
      env: [
        { name: 'PORT', value: '8080' },
        { name: 'POD_NAME', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } },
      ],
      resources: { requests: { cpu: '100m', memory: '256Mi' }, limits: { memory: '512Mi' } },
      readinessProbe: { httpGet: { path: '/healthz', port: 'http' }, periodSeconds: 5 },
      volumeMounts: [{ name: 'settings', mountPath: '/etc/web' }],
    },
    {
      name: 'log',
      image: 'fluent-bit:3.1',
      resources: { requests: { cpu: '10m', memory: '32Mi' } },
      volumeMounts: [{ name: 'settings', mountPath: '/etc/log', readOnly: true }],
    },
  ],
  volumes: [{ name: 'settings', configMap: { name: 'web' } }],
};

/** What a kubelet says of a Pod that runs. */
function runningStatus(turn: number) {
  const podIP = `10.244.${(turn >> 8) & 255}.${turn & 255}`;
  const status = turn % 2 === 0 ? 'True' : 'False';
  return {
    phase: 'Running',
    observedGeneration: 1,
    conditions: [
      condition('PodReadyToStartContainers', status),
      condition('Initialized', status),
      condition('Ready', status),
      condition('ContainersReady', status),
      condition('PodScheduled', status),
    ],
    hostIP: '10.0.0.7',
    hostIPs: [{ ip: '10.0.0.7' }],
    podIP,
    podIPs: [{ ip: podIP }],
    startTime: '2025-01-01T00:00:05Z',
    qosClass: 'Burstable',
    containerStatuses: [running('web', turn), running('log', turn)],
  };
}

const condition = (type: string, status: string) => ({
  type,
  status,
  lastProbeTime: null,
  lastTransitionTime: '2025-01-01T00:00:10Z',
  observedGeneration: 1,
});

const running = (name: string, turn: number) => ({
  name,
  ready: true,
  started: true,
  restartCount: 0,
  image: 'nginx:1.27',
  imageID: 'nginx@sha256:0',
  containerID: `containerd://${turn}`,
  lastState: {},
  state: { running: { startedAt: '2025-01-01T00:00:09Z' } },
});
