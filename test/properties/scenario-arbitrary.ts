/** Random scenarios: small clusters, what people do to them, and every kind of fault. */
import { fc } from '@fast-check/vitest';
import type { NewObject } from '../../core/api/request.ts';
import { minute, second } from '../../core/time/time.ts';
import type { Action, ClusterSpec, FaultAction } from '../../sim/cluster/spec.ts';
import { defaultCluster, defaultNodes } from '../../sim/scenario/defaults.ts';

const labels = { app: 'web' };
const container = {
  name: 'c',
  image: 'registry.example/web:1',
  resources: { requests: { cpu: '500m', memory: '1Gi' } },
};
const template = { metadata: { labels }, spec: { containers: [container] } };

const deployment = (name: string, replicas: number): NewObject & Readonly<Record<string, unknown>> => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name },
  spec: { replicas, selector: { matchLabels: labels }, template },
});
const controller = (name: string, replicas: number): NewObject & Readonly<Record<string, unknown>> => ({
  apiVersion: 'v1',
  kind: 'ReplicationController',
  metadata: { name },
  spec: { replicas, selector: labels, template },
});
const service = (name: string): NewObject & Readonly<Record<string, unknown>> => ({
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name },
  spec: { selector: labels, ports: [{ port: 80, targetPort: 8080 }] },
});
const pod = (name: string): NewObject & Readonly<Record<string, unknown>> => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, labels },
  spec: { containers: [container] },
});

const at = fc.integer({ min: 0, max: 40 }).map((tenths) => tenths * 0.5 * second);
const replicas = fc.integer({ min: 0, max: 5 });

const action: fc.Arbitrary<Action> = fc.oneof(
  fc
    .record({ at, replicas })
    .map(({ at: when, replicas: n }): Action => ({ at: when, do: 'apply', objects: [deployment('web', n)] })),
  fc
    .record({ at, replicas })
    .map(({ at: when, replicas: n }): Action => ({ at: when, do: 'apply', objects: [controller('old', n)] })),
  fc
    .record({ at })
    .map(({ at: when }): Action => ({ at: when, do: 'apply', objects: [service('web'), pod('lone')] })),
  fc.record({ at, replicas }).map(({ at: when, replicas: n }): Action => ({
    at: when,
    do: 'scale',
    resource: 'deployments',
    namespace: 'default',
    name: 'web',
    replicas: n,
  })),
  fc
    .record({ at, what: fc.constantFrom(['deployments', 'web'], ['pods', 'lone'], ['services', 'web']) })
    .map(({ at: when, what: [resource = '', name = ''] }): Action => ({
      at: when,
      do: 'delete',
      resource,
      namespace: 'default',
      name,
    })),
);

const consumer = fc.constantFrom('kube-scheduler', 'kube-controller-manager', 'kubelet/node-1');
const stream = fc.constantFrom('pods', 'replicasets', '*');

const fault: fc.Arbitrary<FaultAction> = fc.oneof(
  fc
    .record({ at, process: consumer, for: fc.integer({ min: 1, max: 10 }).map((n) => n * second) })
    .map((f) => ({ ...f, do: 'crash' as const })),
  fc
    .record({ at, process: consumer, stream, by: fc.integer({ min: 0, max: 5 }).map((n) => n * second) })
    .map((f) => ({ ...f, do: 'lagWatch' as const })),
  fc.record({ at, process: consumer, stream }).map((f) => ({ ...f, do: 'pauseWatch' as const })),
  fc.record({ at, process: consumer, stream }).map((f) => ({ ...f, do: 'resumeWatch' as const })),
  fc.record({ at, process: consumer, stream }).map((f) => ({ ...f, do: 'dropWatch' as const })),
  fc
    .record({ at, process: consumer, count: fc.integer({ min: 1, max: 3 }) })
    .map((f) => ({ ...f, do: 'loseAnswers' as const })),
  fc
    .record({
      at,
      process: consumer,
      offset: fc.integer({ min: 0, max: 3 }).map((n) => n * second),
      rate: fc.constantFrom(1, 0.5, 1.25),
    })
    .map((f) => ({ ...f, do: 'clock' as const })),
);

/** How long a random scenario runs: every fault and action happens in the first 25 s. */
export const scenarioLength = 1 * minute;

export const scenario: fc.Arbitrary<ClusterSpec> = fc
  .record({
    seed: fc.nat({ max: 9_999 }).map((n) => `${n}`),
    nodes: fc.integer({ min: 1, max: 4 }),
    apiservers: fc.integer({ min: 1, max: 2 }),
    actions: fc.array(action, { minLength: 1, maxLength: 5 }),
    faults: fc.array(fault, { maxLength: 4 }),
  })
  .map(({ seed, nodes, apiservers, actions, faults }) => ({
    ...defaultCluster,
    seed,
    apiservers,
    nodes: defaultNodes(nodes),
    actions,
    faults,
    workload: [],
  }));
