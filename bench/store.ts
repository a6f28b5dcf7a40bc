/**
 * The store at full size: 150,000 Pods in 500 namespaces on 5,000 nodes, in etcd alone and with an apiserver's watch cache
 * before it. Updates are those of the apiserver: a txn that compares the mod revision and puts.
 */
import type { ApiObject } from '../core/api/object.ts';
import { objectsIn } from '../core/api/view.ts';
import type { ApiserverTag } from '../core/apiserver/apiserver.ts';
import type { ApiserverEvent } from '../core/apiserver/message.ts';
import type {
  EtcdEvent,
  EtcdServerEvent,
  EtcdServerRequest,
  RangeResponse,
  TxnRequest,
} from '../core/etcd/message.ts';
import { prefixEnd } from '../core/etcd/order.ts';
import { newEtcd, reduceEtcd, type EtcdServerState } from '../core/etcd/server.ts';
import { getKey } from '../core/etcd/store.ts';
import { check, microsecondsEach, type Bench } from './frame/bench.ts';
import { Servers } from './rig/servers.ts';

const namespaces = 500;
const perNamespace = 300;
const nodes = 5_000;
const pods = namespaces * perNamespace;

const namespaceOf = (pod: number): string => `team-${pod % namespaces}`;
const nameOf = (pod: number): string => `web-7d4b9c6f5-${pod.toString(36).padStart(5, '0')}`;
const keys = Array.from({ length: pods }, (_, pod) => `/registry/pods/${namespaceOf(pod)}/${nameOf(pod)}`);
const keyOf = (pod: number): string => keys[pod] ?? '';

export const subject: Bench = {
  about:
    '150,000 Pods of 500 namespaces: update, list, watch delivery in etcd and through an apiserver; compaction',
  cases: [
    { name: `update ${pods}`, run: update },
    { name: `list ${perNamespace} of ${pods}`, run: list },
    { name: 'etcd watch, 25 prefixes and 1000 keys', run: () => watch(1_000) },
    { name: 'etcd watch, 25 prefixes and 10000 keys', run: () => watch(10_000) },
    { name: 'apiserver watch, 50 kubelets', run: () => delivery(50) },
    { name: `apiserver watch, ${nodes} kubelets`, run: () => delivery(nodes) },
    { name: `apiserver list ${perNamespace} of ${pods}`, run: cachedList },
    { name: `compact ${pods}`, run: compaction },
  ],
};

function update() {
  const store = new Store();
  const revisions = store.revisions();
  const write = (i: number): void => {
    const pod = (i * 7_919) % pods;
    const before = revisions[pod] ?? 0;
    store.kv(updateOf(pod, before, ready(objectOf(pod), i)));
    revisions[pod] = store.revision;
  };
  write(0);
  check('revision', store.revision, pods + 2);
  check('the updated Pod', store.get(0)?.metadata.resourceVersion, `${pods + 2}`);
  const conflict = store.kv(updateOf(0, 17, ready(objectOf(0), 0)));
  check(
    'an update of another revision',
    conflict.map((request) => request.do),
    ['answer'],
  );
  return [{ figure: 'update', value: microsecondsEach(50_000, 6, write), unit: 'us', atMost: 5 }];
}

function list() {
  const store = new Store();
  const read = (i: number, countOnly: boolean): RangeResponse<ApiObject> => {
    const key = `/registry/pods/team-${i % namespaces}/`;
    const [answer] = store.kv({ type: 'range', key, rangeEnd: prefixEnd(key), countOnly });
    if (answer?.do !== 'answer' || answer.response.type !== 'range')
      throw new Error('a range answers a range');
    return answer.response;
  };
  const found = read(7, false);
  check('keys listed', [found.kvs.length, found.count], [perNamespace, perNamespace]);
  check('first of the namespace', found.kvs[0]?.key, keyOf(7));
  check('namespaces listed', new Set(found.kvs.map((kv) => kv.value.metadata.namespace)).size, 1);
  check('keys counted', read(7, true).count, perNamespace);
  return [
    { figure: 'list', value: microsecondsEach(2_000, 6, (i) => void read(i, false)), unit: 'us', atMost: 50 },
    { figure: 'count', value: microsecondsEach(10_000, 6, (i) => void read(i, true)), unit: 'us' },
  ];
}

/** Every update is heard by one watch of a prefix and one of its key: of 1,000 Pods, however many others are watched. */
function watch(single: number) {
  const store = new Store();
  for (let i = 0; i < single; i++)
    store.send({ type: 'watch', stream: 100, create: { key: keyOf(i), prevKv: true } });
  const revisions = store.revisions();
  const write = (i: number): readonly EtcdServerRequest<ApiObject>[] => {
    const pod = i % 1_000;
    const done = store.kv(updateOf(pod, revisions[pod] ?? 0, ready(objectOf(pod), i)));
    revisions[pod] = store.revision;
    return done;
  };
  const heard = write(0).flatMap((request) => (request.do === 'deliver' ? [request] : []));
  check(
    'streams that hear',
    heard.map((delivery) => delivery.stream),
    [0, 100],
  );
  const [event] = heard.flatMap((delivery): readonly EtcdEvent<ApiObject>[] => delivery.response.events);
  check(
    'what they hear',
    [event?.key, event?.modRevision, event?.prevKv?.modRevision],
    [keyOf(0), pods + 2, 2],
  );
  return [
    {
      figure: 'update and delivery',
      value: microsecondsEach(50_000, 6, (i) => void write(i)),
      unit: 'us',
      atMost: 5,
    },
  ];
}

/** The whole way of an update to the one kubelet it concerns: etcd's txn, its watch, the watch cache, the dispatch. */
function delivery(kubelets: number) {
  const store = new Store(0);
  const revisions = store.revisions();
  const servers = new Servers(store.state);
  const listed = servers.revision;
  for (let node = 0; node < kubelets; node++) servers.tell(watchOfKubelet(node, listed));
  // The Pods of the same 50 nodes, however many kubelets there are: the same work and the same memory.
  const perNode = pods / nodes;
  const write = (i: number): void => {
    const turn = (i * 7) % (50 * perNode);
    const pod = (turn % 50) + Math.floor(turn / 50) * nodes;
    servers.heard = [];
    const request = updateOf(pod, revisions[pod] ?? 0, ready(objectOf(pod), i));
    servers.tellEtcd({ type: 'kv', call: 1, request });
    revisions[pod] = servers.revision;
  };
  write(1);
  check(
    'kubelets that hear',
    servers.heard.map((request) => request.watcher),
    [7],
  );
  const [told] = servers.heard;
  check('what they hear', [told?.event.type, told?.event.object.metadata['name']], ['MODIFIED', nameOf(7)]);
  check('of which revision', told?.event.object.metadata['resourceVersion'], `${servers.revision}`);
  return [{ figure: 'update and delivery', value: microsecondsEach(30_000, 6, write), unit: 'us' }];
}

function watchOfKubelet(node: number, revision: number): ApiserverEvent<ApiserverTag> {
  const fieldSelector = `spec.nodeName=node-${node}`;
  const request = {
    verb: 'watch',
    resource: 'pods',
    fieldSelector,
    resourceVersion: `${revision}`,
  } as const;
  return { type: 'watch', watcher: node, userAgent: 'kubelet', request };
}

function cachedList() {
  const servers = new Servers(new Store(0).state);
  const read = (i: number): readonly ApiObject[] => {
    const namespace = `team-${i % namespaces}`;
    const answer = servers.ask({ verb: 'list', resource: 'pods', namespace, resourceVersion: '0' });
    if (!answer.ok || answer.list === undefined) throw new Error('a list is answered by a list');
    return [...objectsIn(answer.list.view, answer.list.namespace)];
  };
  check('first of the namespace', read(7)[0]?.metadata.name, nameOf(7));
  check('Pods listed', read(8).length, perNamespace);
  return [{ figure: 'list', value: microsecondsEach(2_000, 6, (i) => void read(i)), unit: 'us', atMost: 50 }];
}

function compaction() {
  const store = new Store();
  const revisions = store.revisions();
  for (let i = 0; i < 2 * pods; i++) {
    const pod = i % pods;
    store.kv(updateOf(pod, revisions[pod] ?? 0, ready(objectOf(pod), i)));
    revisions[pod] = store.revision;
  }
  const start = performance.now();
  const [answer] = store.send({
    type: 'kv',
    call: 0,
    request: { type: 'compact', revision: store.revision },
  });
  const took = performance.now() - start;
  check('compaction', answer?.do === 'answer' && answer.response, {
    type: 'compact',
    revision: 3 * pods + 1,
  });
  check('a Pod afterwards', store.get(5)?.metadata.name, nameOf(5));
  return [{ figure: `compaction of ${3 * pods} revisions`, value: took, unit: 'ms' }];
}

/** An etcd with every Pod in it, and watches of as many resources: one apiserver has 25. */
class Store {
  state: EtcdServerState<ApiObject> = newEtcd();

  constructor(watches = 25) {
    for (let i = 0; i < watches; i++) {
      const prefix = i === 0 ? '/registry/pods/' : `/registry/resource-${i}/`;
      this.send({
        type: 'watch',
        stream: i,
        create: { key: prefix, rangeEnd: prefixEnd(prefix), prevKv: true },
      });
    }
    for (let pod = 0; pod < pods; pod++) this.kv(updateOf(pod, 0, objectOf(pod)));
    check('Pods created', this.state.store.live.size, pods);
  }

  get revision(): number {
    return this.state.store.revision;
  }

  /** The mod revision of every Pod. */
  revisions(): number[] {
    return Array.from({ length: pods }, (_, pod) => getKey(this.state.store, keyOf(pod))?.modRevision ?? 0);
  }

  get(pod: number): ApiObject | undefined {
    return getKey(this.state.store, keyOf(pod))?.value;
  }

  kv(
    request: Extract<EtcdServerEvent<ApiObject>, { type: 'kv' }>['request'],
  ): readonly EtcdServerRequest<ApiObject>[] {
    return this.send({ type: 'kv', call: 1, request });
  }

  send(event: EtcdServerEvent<ApiObject>): readonly EtcdServerRequest<ApiObject>[] {
    const { state, requests } = reduceEtcd(this.state, event, 0);
    this.state = state;
    return requests;
  }
}

/** The apiserver's write: only if nobody else has written since, else tell me what is there. */
function updateOf(pod: number, revision: number, value: ApiObject): TxnRequest<ApiObject> {
  const key = keyOf(pod);
  return {
    type: 'txn',
    compare: [{ key, target: 'MOD', result: 'EQUAL', operand: revision }],
    success: [{ type: 'put', key, value }],
    failure: [{ type: 'range', key }],
  };
}

interface Pod extends ApiObject {
  readonly spec: unknown;
  readonly status: unknown;
}

const objects: readonly Pod[] = Array.from({ length: pods }, (_, pod) => podObject(pod));
const objectOf = (pod: number): Pod => objects[pod] ?? podObject(pod);

function podObject(pod: number): Pod {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name: nameOf(pod),
      generateName: 'web-7d4b9c6f5-',
      namespace: namespaceOf(pod),
      uid: `00000000-0000-4000-8000-${pod.toString(16).padStart(12, '0')}`,
      resourceVersion: '',
      creationTimestamp: '2025-01-01T00:00:00Z',
      labels: { app: 'web', 'pod-template-hash': '7d4b9c6f5' },
      ownerReferences: [
        {
          apiVersion: 'apps/v1',
          kind: 'ReplicaSet',
          name: 'web-7d4b9c6f5',
          uid: 'rs',
          controller: true,
          blockOwnerDeletion: true,
        },
      ],
    },
    spec: { nodeName: `node-${pod % nodes}`, containers: [{ name: 'web', image: 'nginx:1.27' }] },
    status: { phase: 'Pending' },
  };
}

/** What a kubelet's status update leaves: the same object with another status. */
const ready = (before: Pod, at: number): Pod => ({
  apiVersion: before.apiVersion,
  kind: before.kind,
  metadata: before.metadata,
  spec: before.spec,
  status: { phase: 'Running', conditions: [{ type: 'Ready', status: 'True' }], startTime: at },
});
