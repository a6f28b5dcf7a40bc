/**
 * A small run, written by hand: what etcd was told, and when. Two nodes, a Deployment that is rolled out, Pods in several
 * states, Events, and a definition with resources of its kind.
 */
import type { Json } from '../../../core/api/generated/types.ts';
import { timeText } from '../../../core/time/time.ts';

interface Write {
  /** Seconds. */
  readonly at: number;
  /** Under /registry/. */
  readonly key: string;
  readonly put?: Json;
  readonly patch?: Json;
}

/** The lines of a trace in which nothing happens but writes. */
export function traceOf(writes: readonly Write[]): string {
  const header = { wavetank: 1, scenario: 'by hand', seed: '1', epoch: '2025-01-01T00:00:00Z' };
  const lines = [JSON.stringify(header), '{"process":0,"name":"etcd","kind":"etcd"}'];
  writes.forEach(({ at, key, put, patch }, i) => {
    const write = put !== undefined ? { put } : patch !== undefined ? { patch } : { delete: true };
    lines.push(JSON.stringify([at * 1_000_000, i, 0, 'timer', key]));
    lines.push(JSON.stringify({ rev: i + 1, key: `/registry/${key}`, ...write }));
  });
  return `${lines.join('\n')}\n`;
}

type Fields = Readonly<Record<string, Json>>;

let revision = 0;

function object(at: number, apiVersion: string, kind: string, name: string, rest: Fields): Json {
  const { metadata = {}, ...others } = rest;
  return {
    apiVersion,
    kind,
    metadata: {
      name,
      uid: `uid-${name}`,
      resourceVersion: `${++revision}`,
      creationTimestamp: timeText(at * 1_000_000),
      ...(metadata as Fields),
    },
    ...others,
  };
}

const inDefault = { namespace: 'default' };

const node = (name: string, ready: string, spec: Fields = {}): Write => ({
  at: 0,
  key: `minions/${name}`,
  put: object(0, 'v1', 'Node', name, {
    metadata: { labels: { 'kubernetes.io/hostname': name } },
    spec,
    status: {
      conditions: [{ type: 'Ready', status: ready }],
      nodeInfo: { kubeletVersion: 'v1.34.1' },
    },
  }),
});

const podOf = (name: string, namespace: string, labels: Fields, image: string, at: number): Write => ({
  at,
  key: `pods/${namespace}/${name}`,
  put: object(at, 'v1', 'Pod', name, {
    metadata: {
      namespace,
      labels,
      managedFields: [{ manager: 'kubectl', operation: 'Update', fieldsV1: {} }],
    },
    spec: { containers: [{ name: 'main', image, args: ['--verbose', 'yes', '1', 'a: b'], resources: {} }] },
    status: { phase: 'Pending' },
  }),
});

const running = (name: string, at: number, nodeName: string): Write => ({
  at,
  key: `pods/default/${name}`,
  patch: {
    spec: { nodeName },
    status: {
      phase: 'Running',
      podIP: '10.0.1.2',
      podIPs: [{ ip: '10.0.1.2' }],
      containerStatuses: [{ name: 'main', ready: true, restartCount: 0, state: { running: {} } }],
    },
  },
});

const event = (name: string, at: number, type: string, message: string): Write => ({
  at,
  key: `events/default/${name}`,
  put: object(at, 'v1', 'Event', name, {
    metadata: inDefault,
    involvedObject: { kind: 'Pod', name: 'web-b', namespace: 'default' },
    type,
    reason: type === 'Normal' ? 'Scheduled' : 'BackOff',
    message,
    firstTimestamp: null,
    lastTimestamp: null,
    eventTime: `${timeText(at * 1_000_000).slice(0, -1)}.000000Z`,
  }),
});

const columns = [
  { name: 'Size', type: 'integer', jsonPath: '.spec.size' },
  { name: 'Colour', type: 'string', jsonPath: '.spec.colour', priority: 1 },
  { name: 'Age', type: 'date', jsonPath: '.metadata.creationTimestamp' },
];

const schema = {
  type: 'object',
  properties: {
    spec: {
      type: 'object',
      properties: {
        size: { type: 'integer' },
        colour: { type: 'string', default: 'red' },
      },
    },
  },
};

const definition = (at: number): Write => ({
  at,
  key: 'apiextensions.k8s.io/customresourcedefinitions/widgets.example.com',
  put: object(at, 'apiextensions.k8s.io/v1', 'CustomResourceDefinition', 'widgets.example.com', {
    spec: {
      group: 'example.com',
      scope: 'Namespaced',
      names: {
        plural: 'widgets',
        singular: 'widget',
        kind: 'Widget',
        shortNames: ['wd'],
        categories: ['all'],
      },
      versions: [
        { name: 'v1beta1', served: true, storage: false, schema: { openAPIV3Schema: schema } },
        {
          name: 'v1',
          served: true,
          storage: true,
          schema: { openAPIV3Schema: schema },
          additionalPrinterColumns: columns,
          selectableFields: [{ jsonPath: '.spec.colour' }],
        },
      ],
    },
    status: { conditions: [{ type: 'Established', status: 'True' }] },
  }),
});

const widget = (name: string, at: number, spec: Fields): Write => ({
  at,
  key: `example.com/widgets/default/${name}`,
  put: object(at, 'example.com/v1', 'Widget', name, { metadata: inDefault, spec }),
});

const web = { app: 'web' };

/** The run. Between 20 s and 30 s a new ReplicaSet's Pod takes the place of an old one. */
export const cluster = (): string => {
  revision = 0;
  return traceOf([
    { at: 0, key: 'namespaces/default', put: object(0, 'v1', 'Namespace', 'default', phase('Active')) },
    { at: 0, key: 'namespaces/shop', put: object(0, 'v1', 'Namespace', 'shop', phase('Active')) },
    node('node-1', 'True'),
    node('node-2', 'Unknown', { unschedulable: true }),
    {
      at: 10,
      key: 'deployments/default/web',
      put: object(10, 'apps/v1', 'Deployment', 'web', {
        metadata: { ...inDefault, labels: web },
        spec: { replicas: 2, selector: { matchLabels: web }, template: { spec: { containers: [] } } },
        status: { replicas: 2, updatedReplicas: 1, readyReplicas: 2, availableReplicas: 2 },
      }),
    },
    {
      at: 10,
      key: 'services/specs/default/web',
      put: object(10, 'v1', 'Service', 'web', {
        metadata: inDefault,
        spec: {
          type: 'ClusterIP',
          clusterIP: '10.96.0.7',
          clusterIPs: ['10.96.0.7'],
          ports: [{ port: 80, protocol: 'TCP' }],
        },
        status: { loadBalancer: {} },
      }),
    },
    podOf('web-a', 'default', { ...web, tier: 'front' }, 'nginx:1.28', 10),
    podOf('web-b', 'default', web, 'nginx:1.28', 10),
    podOf('till', 'shop', { app: 'till' }, 'till:2', 11),
    event('web-b.1', 12, 'Normal', 'Successfully assigned default/web-b to node-1'),
    running('web-a', 14, 'node-1'),
    event('web-b.0', 15, 'Warning', 'Back-off pulling image "nginx:1.28"'),
    running('web-b', 16, 'node-1'),
    podOf('web-c', 'default', web, 'nginx:1.29', 20),
    running('web-c', 24, 'node-2'),
    { at: 25, key: 'pods/default/web-a', patch: { metadata: { deletionTimestamp: timeText(55_000_000) } } },
    { at: 27, key: 'pods/default/web-a' },
    definition(40),
    widget('cog', 41, { size: 3 }),
    widget('bolt', 42, { size: 12, colour: 'blue' }),
    {
      at: 60,
      key: 'configmaps/default/settings',
      put: object(60, 'v1', 'ConfigMap', 'settings', {
        metadata: inDefault,
        data: {
          'app.conf': 'listen 80\nserver <a> & "b"\n',
          enabled: 'yes',
          note: 'a text that is long enough to be folded by the printer, since it goes on behind the 80th column',
          since: '2025-01-01',
        },
      }),
    },
  ]);
};

const phase = (text: string): Fields => ({ status: { phase: text } });
