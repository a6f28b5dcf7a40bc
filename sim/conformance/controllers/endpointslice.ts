/**
 * endpointslice: series of syncs of one Service: what is written, the slices after it, Events and errors. Every field is
 * compared, the actions as a set; where the real code takes any endpoint or any slice, the recording took the smallest address and slices by name.
 */
import type { ApiObject } from '../../../core/api/object.ts';
import type { Endpoint, EndpointSlice, Node, Pod, Service } from '../../../core/api/generated/types.ts';
import { reconcile } from '../../../core/controllers/service-slices.ts';
import { cpuShares, type ByZone } from '../../../core/controllers/topology-hints.ts';
import { firstDifference } from '../difference.ts';
import type { Family } from '../family.ts';

interface Case {
  readonly name: string;
  readonly maxEndpointsPerSlice: number;
  readonly publishNotReadyAddresses: boolean;
  /** `none`, `annotation Auto` or a trafficDistribution. */
  readonly topology: string;
  readonly nodes: readonly { readonly name: string; readonly zone: string; readonly cpu: string }[];
  readonly steps: readonly Step[];
}

interface Step {
  readonly targetPort: number | string;
  readonly pods: readonly RecordedPod[];
}

interface RecordedPod {
  readonly name: string;
  readonly node: string;
  readonly ip: string;
  readonly phase: string;
  readonly ready: string;
  readonly terminating: boolean;
  readonly hostname: string;
  readonly subdomain: string;
}

export const endpointSliceFamily: Family = {
  name: 'endpointslice',
  *answer(cases) {
    for (const recorded of cases) {
      const asked = recorded as unknown as Case;
      yield { name: asked.name, difference: differenceIn(asked) };
    }
  },
};

function differenceIn(asked: Case): string | undefined {
  const nodes = new Map(asked.nodes.map((node) => [node.name, nodeOf(node)]));
  let slices: readonly EndpointSlice[] = [];
  let hinted: ByZone | undefined;
  let made = 0;
  for (const [at, step] of asked.steps.entries()) {
    const service = serviceOf(asked, step);
    const plan = reconcile(
      service,
      step.pods.map(podOf),
      slices,
      (name) => nodes.get(name),
      hinted,
      () => cpuShares(nodes.values()),
      asked.maxEndpointsPerSlice,
    );
    ({ hinted } = plan);
    const created = plan.create.map((slice): EndpointSlice => ({
      ...slice,
      ...newSlice(service, `svc-${`${++made}`.padStart(3, '0')}`),
    }));
    slices = written(slices, created, plan);
    const got = {
      ...step,
      actions: [
        ...created.map(() => 'create '),
        ...plan.update.map(({ metadata }) => `update ${metadata.name}`),
        ...plan.delete.map(({ metadata }) => `delete ${metadata.name}`),
      ].sort(),
      events: plan.events.map(({ type, reason, message }) => `${type} ${reason} ${message}`),
      slices: slices.map(told),
      ...(plan.errors.length === 0 ? {} : { error: aggregate(plan.errors) }),
    };
    const difference = firstDifference(step, got, `steps[${at}]`);
    if (difference !== undefined) return difference;
  }
  return undefined;
}

/** Several errors as Go's aggregate prints them: each once. */
const aggregate = (errors: readonly string[]): string =>
  errors.length === 1 ? (errors[0] ?? '') : `[${[...new Set(errors)].join(', ')}]`;

function written(
  slices: readonly EndpointSlice[],
  created: readonly EndpointSlice[],
  plan: ReturnType<typeof reconcile>,
): readonly EndpointSlice[] {
  const byName = new Map(slices.map((slice) => [slice.metadata.name, slice]));
  for (const slice of [...created, ...plan.update]) byName.set(slice.metadata.name, slice);
  for (const slice of plan.delete) byName.delete(slice.metadata.name);
  return [...byName.values()].sort((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1));
}

const orNull = <T>(list: readonly T[]): readonly T[] | null => (list.length === 0 ? null : list);

const told = ({ metadata, endpoints = [], ports = [] }: EndpointSlice): object => ({
  name: metadata.name,
  endpoints: orNull(endpoints.map(toldEndpoint)),
  ports: orNull(ports.map(({ name = '', port, protocol = '' }) => `${name} ${port ?? ''}/${protocol}`)),
});

function toldEndpoint({
  addresses,
  conditions,
  hints,
  hostname,
  nodeName,
  targetRef,
  zone,
}: Endpoint): object {
  const all = [
    ...(hints?.forZones ?? []).map(({ name }) => `zone:${name}`),
    ...(hints?.forNodes ?? []).map(({ name }) => `node:${name}`),
  ];
  return {
    address: addresses[0],
    ...conditions,
    node: nodeName,
    pod: targetRef?.name,
    ...(zone === undefined ? {} : { zone }),
    ...(hostname === undefined ? {} : { hostname }),
    ...(all.length === 0 ? {} : { hints: all }),
  };
}

const newSlice = (
  service: Service,
  name: string,
): Pick<EndpointSlice, 'metadata' | 'apiVersion' | 'kind' | 'addressType'> => ({
  apiVersion: 'discovery.k8s.io/v1',
  kind: 'EndpointSlice',
  addressType: 'IPv4',
  metadata: {
    namespace: 'ns',
    name,
    uid: name,
    creationTimestamp: '',
    resourceVersion: '1',
    labels: {
      'kubernetes.io/service-name': 'svc',
      'endpointslice.kubernetes.io/managed-by': 'endpointslice-controller.k8s.io',
    },
    ownerReferences: [
      { apiVersion: 'v1', kind: 'Service', name: 'svc', uid: service.metadata.uid, controller: true },
    ],
  },
});

const serviceOf = ({ topology, publishNotReadyAddresses }: Case, { targetPort }: Step): Service =>
  ({
    apiVersion: 'v1',
    kind: 'Service',
    metadata: {
      namespace: 'ns',
      name: 'svc',
      uid: 'svc',
      ...(topology === 'annotation Auto'
        ? { annotations: { 'service.kubernetes.io/topology-mode': 'Auto' } }
        : {}),
    },
    spec: {
      clusterIP: '10.0.0.1',
      ipFamilies: ['IPv4'],
      publishNotReadyAddresses,
      ports: [{ name: 'http', port: 80, protocol: 'TCP', targetPort }],
      ...(topology.startsWith('Prefer') ? { trafficDistribution: topology } : {}),
    },
  }) as unknown as Service;

const podOf = ({ name, node, ip, phase, ready, terminating, hostname, subdomain }: RecordedPod): Pod =>
  ({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      namespace: 'ns',
      name,
      uid: name,
      ...(terminating ? { deletionTimestamp: '2025-01-01T00:00:00Z' } : {}),
    },
    spec: { nodeName: node, hostname, subdomain, containers: [] },
    status: {
      phase,
      ...(ip === '' ? {} : { podIP: ip, podIPs: [{ ip }] }),
      conditions: [{ type: 'Ready', status: ready }],
    },
  }) as unknown as ApiObject as Pod;

const nodeOf = ({ name, zone, cpu }: Case['nodes'][number]): Node =>
  ({
    metadata: { name, ...(zone === '' ? {} : { labels: { 'topology.kubernetes.io/zone': zone } }) },
    spec: {},
    status: { allocatable: { cpu }, conditions: [{ type: 'Ready', status: 'True' }] },
  }) as unknown as Node;
