/**
 * What reconciling costs. `sync`: one sync of a Deployment or ReplicaSet at rest, of 10 and of 10,000 Pods, in a cluster of
 * 100,000. `rollout`: a Deployment of 5,000 Pods gets another image, from the apply until it is complete. `drain`: 1,000 of
 * 2,000 nodes are cordoned and the Pods on them evicted, until their replacements run; the whole pipeline both times, with
 * clients' rate limits of 1,000 requests a second.
 */
import type { Deployment, Pod, ReplicaSet } from '../core/api/generated/types.ts';
import { keyOf, type ApiObject, type Resource } from '../core/api/object.ts';
import { itemsOf } from '../core/api/list-items.ts';
import type { ApiRequest, NewObject } from '../core/api/request.ts';
import { emptyView, withObject, type View } from '../core/api/view.ts';
import { adminUser, certificateOf } from '../core/apiserver/authentication/identities.ts';
import type { ClientEvent, ClientRequest } from '../core/client/component.ts';
import { informersOf } from '../core/client/informer.ts';
import { controllers } from '../core/controllers/registry.ts';
import { millisecond, minute, second } from '../core/time/time.ts';
import type { ClusterSpec } from '../sim/cluster/spec.ts';
import { keyringOf } from '../sim/process/keyring.ts';
import { clientProgram, type ClientProgram } from '../sim/process/program.ts';
import { Simulation } from '../sim/engine/simulation.ts';
import type { Observer } from '../sim/engine/world.ts';
import { check, microsecondsEach, type Bench, type Case, type Figure } from './frame/bench.ts';
import { deploymentOf, largeCluster } from './rig/cluster.ts';

const cluster = 100_000;
const perOther = 1_000;

export const subject: Bench = {
  about: 'syncs of controllers, a rollout and a drain: what they cost and what they write',
  cases: [
    ...(['deployment', 'replicaset'] as const).flatMap((kind) =>
      [10, 10_000].map((pods): Case => ({
        name: `sync/${kind}/${pods} of ${cluster}`,
        run: () => syncs(kind, pods),
      })),
    ),
    { name: 'rollout/5000', run: () => rollout(5_000) },
    { name: 'drain/1000', run: () => drain(1_000) },
  ],
};

const controllerOfKind = {
  deployment: 'deployment-controller',
  replicaset: 'replicaset-controller',
} as const;

function syncs(kind: keyof typeof controllerOfKind, pods: number): readonly Figure[] {
  const settled = atRest(pods);
  const sync = syncOf(controllerOfKind[kind], settled, pods);
  check('asks for nothing at rest', sync().done, true);
  check('asks for one more', syncOf(controllerOfKind[kind], wantingOneMore(settled), pods)().done, false);
  const each = microsecondsEach(5_000, 5, sync);
  return [
    { figure: 'sync', value: each, unit: 'us' },
    { figure: 'syncs', value: 1_000_000 / each, unit: '/s' },
  ];
}

/** The first step of a sync, in a process that has heard of everything. */
function syncOf(name: string, settled: AtRest, pods: number): () => { readonly done?: boolean | undefined } {
  const controller = controllers.find((known) => known.name === name);
  if (controller === undefined) throw new Error(`no controller ${name}`);
  const views = viewsOf(settled, pods);
  const caches = informersOf(views);
  let { initial: memory } = controller;
  for (const view of views) {
    if (!controller.follows.includes(view.resource)) continue;
    for (const [key, object] of view.objects.objects.entries()) {
      const delta = { stream: view.resource, type: 'added', key, object, before: undefined } as const;
      const context = { seed: 'bench', caches, memory, now: settled.now };
      memory = controller.handle(context, delta)?.memory ?? memory;
    }
  }
  const context = { seed: 'bench', caches, memory, now: settled.now };
  const key = keyOf(name === controllerOfKind.deployment ? settled.deployment : settled.set);
  return () => controller.sync(context, key).next();
}

const wantingOneMore = ({ deployment, set, pod, now }: AtRest): AtRest => ({
  deployment: { ...deployment, spec: { ...deployment.spec, replicas: (deployment.spec.replicas ?? 1) + 1 } },
  set: { ...set, spec: { ...set.spec, replicas: (set.spec.replicas ?? 1) + 1 } },
  pod,
  now,
});

interface AtRest {
  readonly deployment: Deployment;
  readonly set: ReplicaSet;
  readonly pod: Pod;
  readonly now: number;
}

/** A Deployment that has all its Pods, as a cluster has made it of ten, with as many as are wanted. */
function atRest(pods: number): AtRest {
  const small = 10;
  const simulation = Simulation.create(specOf(3, small, []));
  simulation.run({ settled: true });
  const registry = simulation.registry();
  const [deployment] = registry.list('deployments') as readonly Deployment[];
  const [set] = registry.list('replicasets') as readonly ReplicaSet[];
  const [pod] = registry.list('pods') as readonly Pod[];
  if (deployment === undefined || set === undefined || pod === undefined) throw new Error('nothing was made');
  const counts = { replicas: pods, readyReplicas: pods, availableReplicas: pods };
  const annotations = {
    ...set.metadata.annotations,
    'deployment.kubernetes.io/desired-replicas': `${pods}`,
    'deployment.kubernetes.io/max-replicas': `${Math.ceil(pods * 1.25)}`,
  };
  return {
    deployment: {
      ...deployment,
      spec: { ...deployment.spec, replicas: pods },
      status: { ...deployment.status, ...counts, updatedReplicas: pods },
    },
    set: {
      ...set,
      metadata: { ...set.metadata, annotations },
      spec: { ...set.spec, replicas: pods },
      status: { ...set.status, ...counts, fullyLabeledReplicas: pods },
    },
    pod,
    now: simulation.now,
  };
}

/** The caches of a cluster with the Deployment's own Pods, and as many others of other ReplicaSets as it takes. */
function viewsOf({ deployment, set, pod }: AtRest, own: number): readonly View[] {
  let pods = emptyView<Resource>('pods');
  const add = (name: string, owner: string, uid: string, app: string): void => {
    const metadata = {
      ...pod.metadata,
      name,
      uid: name,
      labels: { ...pod.metadata.labels, app },
      ownerReferences: [{ apiVersion: 'apps/v1', kind: 'ReplicaSet', name: owner, uid, controller: true }],
    };
    const object = { ...pod, metadata } as unknown as ApiObject;
    pods = withObject(pods, keyOf(object), object, 1);
  };
  const app = pod.metadata.labels?.['app'] ?? '';
  for (let i = 0; i < own; i++) add(`own-${i}`, set.metadata.name, set.metadata.uid, app);
  for (let i = own; i < cluster; i++) {
    const other = Math.floor(i / perOther);
    add(`other-${i}`, `other-${other}`, `uid-${other}`, `other-${other}`);
  }
  check('Pods', pods.objects.size, cluster);
  const of = (resource: Resource, object?: ApiObject): View =>
    object === undefined ? emptyView(resource) : withObject(emptyView(resource), keyOf(object), object, 1);
  const others = [...new Set(controllers.flatMap(({ follows }) => follows))].filter(
    (resource) => !['pods', 'deployments', 'replicasets'].includes(resource),
  );
  return [pods, of('deployments', deployment), of('replicasets', set), ...others.map((other) => of(other))];
}

function rollout(pods: number): readonly Figure[] {
  const seen = new Counting();
  const simulation = Simulation.create(
    specOf(500, pods, [{ at: 10 * minute, do: 'apply', objects: [web(pods, 2)] }]),
    { observer: seen },
  );
  simulation.run({ time: 10 * minute - 1 });
  const figures = measured(simulation, seen);
  const [deployment] = simulation.registry().list('deployments') as readonly Deployment[];
  check('updated', deployment?.status.updatedReplicas, pods);
  check('available', deployment?.status.availableReplicas, pods);
  check('Pods', simulation.registry().count('pods'), pods);
  return figures;
}

function drain(nodes: number): readonly Figure[] {
  const pods = 5 * nodes;
  const seen = new Counting();
  const names = Array.from({ length: nodes }, (_, i) => `node-${2 * i}`);
  const simulation = Simulation.create(specOf(2 * nodes, pods, []), {
    observer: seen,
    programs: [drainer(new Set(names), 10 * minute)],
  });
  simulation.run({ time: 10 * minute - 1 });
  const figures = measured(simulation, seen);
  const left = (simulation.registry().list('pods') as readonly Pod[]).map(({ spec }) => spec.nodeName ?? '');
  check('Pods', left.length, pods);
  check('Pods on drained nodes', left.filter((node) => names.includes(node)).length, 0);
  return figures;
}

/** Runs until the cluster has settled. */
function measured(simulation: Simulation, seen: Counting): readonly Figure[] {
  seen.reset();
  const events = simulation.events;
  const from = simulation.now;
  const cpuBefore = process.cpuUsage();
  const start = performance.now();
  simulation.run({ settled: true });
  const wall = (performance.now() - start) / 1_000;
  const cpu = process.cpuUsage(cpuBefore);
  return [
    { figure: 'wall', value: wall, unit: 's' },
    { figure: 'cpu', value: (cpu.user + cpu.system) / 1_000_000, unit: 's' },
    { figure: 'events', value: simulation.events - events, unit: '' },
    { figure: 'syncs that asked for something', value: seen.syncs, unit: '' },
    { figure: 'syncs that asked for something, a second', value: seen.syncs / wall, unit: '/s' },
    { figure: 'writes of controllers', value: seen.writes, unit: '' },
    { figure: 'writes of controllers, a second', value: seen.writes / wall, unit: '/s' },
    { figure: 'virtual time', value: (simulation.now - from) / 1_000_000, unit: 's' },
  ];
}

/** Counts what the controller-manager asks for; Events are not counted. */
class Counting implements Observer {
  syncs = 0;
  writes = 0;

  reset(): void {
    this.syncs = 0;
    this.writes = 0;
  }

  stepped(process: string, _before: unknown, step: Parameters<Observer['stepped']>[2]): void {
    if (process !== 'kube-controller-manager') return;
    for (const request of step.requests) {
      if (request.do !== 'call' || request.request.resource === 'events') continue;
      const { of, step: at, index } = request.tag as { of: string; step?: number; index?: number };
      if (of === 'sync' && at === 0 && index === 0) this.syncs++;
      if (request.request.verb !== 'get' && request.request.verb !== 'list') this.writes++;
    }
  }
}

/** Somebody who cordons nodes and evicts the Pods on them, 500 a second. */
function drainer(nodes: ReadonlySet<string>, at: number): ClientProgram {
  const pace = 2 * millisecond;
  const call = (request: ApiRequest, after: number): ClientRequest<string> => ({
    do: 'call',
    tag: '',
    userAgent: 'drainer',
    after,
    request,
  });
  const reduce = (
    state: undefined,
    event: ClientEvent<string>,
  ): { readonly state: undefined; readonly requests: readonly ClientRequest<string>[] } => {
    if (event.type === 'start') return { state, requests: [{ do: 'timer', tag: 'begin', after: at }] };
    if (event.type === 'timer') {
      const cordons = [...nodes].map((name) => call(cordonOf(name), 0));
      return { state, requests: [...cordons, call({ verb: 'list', resource: 'pods' }, second)] };
    }
    if (event.type !== 'answer' || !event.answer.ok || event.answer.list === undefined)
      return { state, requests: [] };
    const pods = itemsOf(event.answer.list) as readonly Pod[];
    const evicted = pods.filter(({ spec }) => nodes.has(spec.nodeName ?? ''));
    return { state, requests: evicted.map((pod, i) => call(evictionOf(pod), i * pace)) };
  };
  return clientProgram({
    name: 'drainer',
    kind: 'user',
    keyring: keyringOf(certificateOf(adminUser)),
    first: undefined,
    reduce,
  });
}

const cordonOf = (name: string): ApiRequest => ({
  verb: 'patch',
  resource: 'nodes',
  name,
  patchType: 'merge',
  patch: { spec: { unschedulable: true } },
});

const evictionOf = ({ metadata: { namespace, name } }: Pod): ApiRequest => ({
  verb: 'create',
  resource: 'pods',
  subresource: 'eviction',
  namespace,
  name,
  object: { apiVersion: 'policy/v1', kind: 'Eviction', metadata: { name, namespace } },
});

const specOf = (nodes: number, pods: number, actions: ClusterSpec['actions']): ClusterSpec =>
  largeCluster(nodes, [{ at: 1 * minute, do: 'apply', objects: [web(pods, 1)] }, ...actions]);

const web = (pods: number, version: number): NewObject =>
  deploymentOf('web', pods, `registry.example/web:${version}`);
