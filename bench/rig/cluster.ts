/** The clusters that benchmarks of the whole pipeline run in: large nodes in three zones, and Deployments of small Pods. */
import type { NewObject } from '../../core/api/request.ts';
import type { ClusterSpec, NodeSpec } from '../../sim/cluster/spec.ts';
import { defaultCluster } from '../../sim/scenario/defaults.ts';

/** Clients' rate limits are as large clusters set them; everything else is as by default. */
export const largeCluster = (nodes: number, actions: ClusterSpec['actions']): ClusterSpec => ({
  ...defaultCluster,
  seed: 'bench',
  nodes: Array.from({ length: nodes }, (_, i) => node(i)),
  limits: {
    controllerManager: { qps: 1_000, burst: 1_000 },
    scheduler: { qps: 1_000, burst: 1_000 },
    kubelet: { qps: 50, burst: 100 },
  },
  actions,
  faults: [],
  workload: [],
});

const node = (i: number): NodeSpec => ({
  name: `node-${i}`,
  labels: { 'topology.kubernetes.io/zone': `zone-${i % 3}` },
  taints: [],
  capacity: { cpu: '32', memory: '128Gi', pods: '110' },
});

export const deploymentOf = (
  app: string,
  replicas: number,
  image: string,
): NewObject & Readonly<Record<string, unknown>> => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: app, namespace: 'default', labels: { app } },
  spec: {
    replicas,
    selector: { matchLabels: { app } },
    template: {
      metadata: { labels: { app } },
      spec: {
        containers: [{ name: 'server', image, resources: { requests: { cpu: '100m', memory: '256Mi' } } }],
      },
    },
  },
});
