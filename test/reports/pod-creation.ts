/** The trace of one Pod's creation behind a Service, by hand: kubectl to proxy, with every hop. */
import { TraceByHand } from './by-hand.ts';

const meta = (name: string, more: object = {}): object => ({
  name,
  namespace: 'default',
  uid: `uid-${name}`,
  ...more,
});
const owned = (kind: string, name: string): object => ({
  ownerReferences: [{ apiVersion: 'apps/v1', kind, name, uid: `uid-${name}`, controller: true }],
});

export function podCreation(): TraceByHand {
  const t = new TraceByHand();
  t.process('etcd', 'etcd');
  const apiserver = t.process('apiserver-0', 'apiserver');
  const scheduler = t.process('scheduler', 'scheduler');
  const controllers = t.process('controller-manager', 'controller-manager');
  const kubelet = t.process('kubelet/node-1', 'kubelet');
  const person = t.process('kubectl', 'user');
  for (const process of [apiserver, scheduler, controllers, kubelet, person]) t.event(0, 0, process, 'start');
  const kubeletStart = 4;

  const nodeWritten = t.write({
    cause: kubeletStart,
    from: kubelet,
    userAgent: 'kubelet',
    verb: 'create',
    resource: 'nodes',
    key: 'node-1',
    registryKey: 'minions/node-1',
    put: {
      apiVersion: 'v1',
      kind: 'Node',
      metadata: { name: 'node-1', uid: 'uid-node-1' },
      status: {
        allocatable: { cpu: '4', memory: '16Gi', pods: '110' },
        conditions: [{ type: 'Ready', status: 'True' }],
      },
    },
  });
  t.heard(nodeWritten, scheduler, 'nodes', 'ADDED', 'node-1');

  const begin = t.event(1_000, 5, person, 'timer', 'kubectl begin');
  const service = {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: meta('web'),
    spec: {
      clusterIP: '10.96.0.10',
      clusterIPs: ['10.96.0.10'],
      selector: { app: 'web' },
      ports: [{ protocol: 'TCP', port: 80, targetPort: 8080 }],
      type: 'ClusterIP',
    },
  };
  const s = t.write({
    cause: begin,
    from: person,
    userAgent: 'kubectl',
    verb: 'create',
    resource: 'services',
    key: 'default/web',
    registryKey: 'services/specs/default/web',
    put: service,
  });
  const d = t.write({
    cause: s.answer,
    from: person,
    userAgent: 'kubectl',
    verb: 'create',
    resource: 'deployments',
    key: 'default/web',
    registryKey: 'deployments/default/web',
    put: {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: meta('web'),
      spec: { replicas: 1 },
      status: {},
    },
  });
  const heardD = t.heard(d, controllers, 'deployments', 'ADDED', 'default/web');

  const rs = t.write({
    cause: heardD,
    from: controllers,
    userAgent: 'deployment-controller',
    verb: 'create',
    resource: 'replicasets',
    key: 'default/web-5d4f8',
    registryKey: 'replicasets/default/web-5d4f8',
    put: {
      apiVersion: 'apps/v1',
      kind: 'ReplicaSet',
      metadata: meta('web-5d4f8', owned('Deployment', 'web')),
      spec: { replicas: 1 },
      status: { replicas: 0 },
    },
  });
  const heardRs = t.heard(rs, controllers, 'replicasets', 'ADDED', 'default/web-5d4f8');

  const name = 'web-5d4f8-x7k2p';
  const pod = `default/${name}`;
  const regarding = { kind: 'Pod', namespace: 'default', name, uid: `uid-${name}`, apiVersion: 'v1' };
  const event = (
    cause: number,
    from: number,
    userAgent: string,
    n: number,
    reason: string,
    message: string,
  ): void => {
    const key = `default/${name}.${n}`;
    t.write({
      cause,
      from,
      userAgent,
      verb: 'create',
      resource: 'events',
      key,
      registryKey: `events/${key}`,
      put: {
        apiVersion: 'v1',
        kind: 'Event',
        metadata: meta(`${name}.${n}`),
        involvedObject: regarding,
        reason,
        message,
        type: 'Normal',
      },
    });
  };
  const p = t.write({
    cause: heardRs,
    from: controllers,
    userAgent: 'replicaset-controller',
    verb: 'create',
    resource: 'pods',
    key: 'default/web-5d4f8-*',
    registryKey: `pods/${pod}`,
    put: {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: meta(name, { ...owned('ReplicaSet', 'web-5d4f8'), labels: { app: 'web' } }),
      spec: { containers: [{ name: 'web', image: 'nginx:1.27' }] },
      status: { phase: 'Pending', qosClass: 'BestEffort' },
    },
  });
  const heardP = t.heard(p, scheduler, 'pods', 'ADDED', pod);
  t.record({
    explain: 'schedule',
    resource: 'pods',
    key: pod,
    detail: {
      attempt: 1,
      chosen: 'node-1',
      nodes: 2,
      evaluated: 2,
      feasible: 1,
      rejected: { 'Insufficient cpu': 1 },
      scores: [
        {
          node: 'node-1',
          total: 183,
          plugins: { NodeResourcesFit: 83, NodeResourcesBalancedAllocation: 100 },
        },
      ],
    },
  });
  const bind = t.write({
    cause: heardP,
    from: scheduler,
    userAgent: 'scheduler',
    verb: 'create',
    resource: 'pods',
    key: pod,
    subresource: 'binding',
    registryKey: `pods/${pod}`,
    patch: {
      spec: { nodeName: 'node-1' },
      status: { conditions: [{ type: 'PodScheduled', status: 'True' }] },
    },
  });
  event(bind.answer, scheduler, 'scheduler', 1, 'Scheduled', `Successfully assigned ${pod} to node-1`);
  const heardBind = t.heard(bind, kubelet, 'pods', 'ADDED', pod);
  event(heardBind, kubelet, 'kubelet', 2, 'Pulling', 'Pulling image "nginx:1.27"');
  const pulled = t.event(1_200_000, heardBind, kubelet, 'timer', `kubelet pulled ${pod}`);
  event(
    pulled,
    kubelet,
    'kubelet',
    3,
    'Pulled',
    'Successfully pulled image "nginx:1.27" in 1.2s (1.2s including waiting). Image size: 0 bytes.',
  );
  const running = t.write({
    cause: pulled,
    from: kubelet,
    userAgent: 'kubelet',
    verb: 'patch',
    resource: 'pods',
    key: pod,
    subresource: 'status',
    registryKey: `pods/${pod}`,
    patch: {
      status: {
        phase: 'Running',
        podIP: '10.244.1.5',
        podIPs: [{ ip: '10.244.1.5' }],
        conditions: [
          { type: 'PodScheduled', status: 'True' },
          { type: 'Ready', status: 'True' },
        ],
        containerStatuses: [{ name: 'web', ready: true, restartCount: 0, state: { running: {} } }],
      },
    },
  });
  const heardRunning = t.heard(running, controllers, 'pods', 'MODIFIED', pod);
  t.write({
    cause: heardRunning,
    from: controllers,
    userAgent: 'endpointslice-controller',
    verb: 'create',
    resource: 'endpointslices',
    key: 'default/web-abcde',
    registryKey: 'endpointslices/default/web-abcde',
    put: {
      apiVersion: 'discovery.k8s.io/v1',
      kind: 'EndpointSlice',
      metadata: meta('web-abcde', { labels: { 'kubernetes.io/service-name': 'web' } }),
      addressType: 'IPv4',
      ports: [{ name: '', port: 8080, protocol: 'TCP' }],
      endpoints: [
        {
          addresses: ['10.244.1.5'],
          conditions: { ready: true, serving: true, terminating: false },
          nodeName: 'node-1',
          targetRef: { kind: 'Pod', namespace: 'default', name, uid: `uid-${name}` },
        },
      ],
    },
  });
  t.write({
    cause: heardRunning,
    from: controllers,
    userAgent: 'replicaset-controller',
    verb: 'update',
    resource: 'replicasets',
    key: 'default/web-5d4f8',
    subresource: 'status',
    registryKey: 'replicasets/default/web-5d4f8',
    patch: { status: { replicas: 1, readyReplicas: 1 } },
  });
  return t;
}
