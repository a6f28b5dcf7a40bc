/** What a run is made of where nothing else is said. */
import type { NewObject } from '../../core/api/request.ts';
import type { FlowSpec } from '../../core/apiserver/flow.ts';
import { fixed, lognormal } from '../../core/random/distribution.ts';
import { microsecond, millisecond, minute, second } from '../../core/time/time.ts';
import type { ClusterSpec, ImageSpec, NodeSpec } from '../cluster/spec.ts';

/** On a StorageClass. */
export const defaultClassAnnotation = 'storageclass.kubernetes.io/is-default-class';

export const defaultImage: ImageSpec = {
  pull: lognormal(2 * second, 20 * second),
  startup: fixed(300 * millisecond),
};

export const defaultCapacity: Readonly<Record<string, string>> = { cpu: '4', memory: '16Gi', pods: '110' };

/** All of a cluster but its nodes and what people do to it. */
export const defaultCluster: Omit<ClusterSpec, 'nodes' | 'actions' | 'faults' | 'workload'> = {
  seed: '1',
  apiservers: 1,
  authorizationMode: 'AlwaysAllow',
  webhooks: {},
  images: { default: defaultImage, byName: {} },
  network: {
    clientToApiserver: lognormal(300 * microsecond, 2 * millisecond),
    apiserverToEtcd: lognormal(150 * microsecond, 1 * millisecond),
    etcdCommit: lognormal(1 * millisecond, 5 * millisecond),
  },
  limits: {
    controllerManager: { qps: 20, burst: 30 },
    scheduler: { qps: 50, burst: 100 },
    kubelet: { qps: 50, burst: 100 },
  },
  heartbeats: 'derived',
  percentageOfNodesToScore: 0,
  compactionInterval: 5 * minute,
};

/**
 * What a cluster that one is given has, and the manifests of tutorials take for granted: a class that makes volumes for claims
 * that name none, as kind and the clouds set it up, and programs of Jobs that come to an end.
 */
export const defaultStorageClass: NewObject = {
  apiVersion: 'storage.k8s.io/v1',
  kind: 'StorageClass',
  metadata: { name: 'default', annotations: { [defaultClassAnnotation]: 'true' } },
  provisioner: 'volumes.wavetank',
  volumeBindingMode: 'WaitForFirstConsumer',
} as NewObject;

export const defaultFinishAfter = fixed(10 * second);

/** What serving costs where a scenario says that it costs. The costs are assumed: a real server's depend on its machine. */
export const defaultFlow: FlowSpec = {
  cores: 4,
  cost: {
    read: 300 * microsecond,
    listedObject: 10 * microsecond,
    write: 1 * millisecond,
    watchEvent: 15 * microsecond,
  },
  maxRequestsInflight: 400,
  maxMutatingRequestsInflight: 200,
};

const zones = ['a', 'b', 'c'] as const;

/** `count` nodes of the default shape, spread over three zones: node-1, node-2, … */
export function defaultNodes(count = 3): readonly NodeSpec[] {
  return Array.from({ length: count }, (_, i) => ({
    name: `node-${i + 1}`,
    labels: { 'topology.kubernetes.io/zone': zones[i % zones.length] ?? 'a' },
    taints: [],
    capacity: defaultCapacity,
  }));
}
