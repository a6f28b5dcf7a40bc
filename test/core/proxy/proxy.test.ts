/**
 * Where a connection to a Service goes. Method: a table of endpoints and connections, and a property: each candidate is
 * reached as often as any other, and nothing but a candidate ever is.
 */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Endpoint, EndpointSlice, Service, ServiceSpec } from '../../../core/api/generated/types.ts';
import { emptyView, withObject, type View } from '../../../core/api/view.ts';
import { probability, route, type Connection } from '../../../core/proxy/proxy.ts';
import { second } from '../../../core/time/time.ts';

const metadata = (name: string, labels: Readonly<Record<string, string>> = {}) => ({
  name,
  namespace: 'default',
  uid: name,
  resourceVersion: '1',
  creationTimestamp: '2025-01-01T00:00:00Z',
  labels,
});

const service = (spec: Partial<ServiceSpec> = {}): Service => ({
  apiVersion: 'v1',
  kind: 'Service',
  metadata: metadata('web'),
  spec: { type: 'ClusterIP', clusterIP: '10.96.0.10', ports: [{ name: 'http', port: 80 }], ...spec },
  status: {},
});

type State = 'ready' | 'unready' | 'leaving' | 'left' | 'unset';
const conditions = {
  ready: { ready: true, serving: true, terminating: false },
  unready: { ready: false, serving: false, terminating: false },
  leaving: { ready: false, serving: true, terminating: true },
  left: { ready: false, serving: false, terminating: true },
  unset: undefined,
};

function endpoint(
  ip: string,
  state: State,
  node = 'node-1',
  zones: readonly string[] = [],
  nodes: readonly string[] = [],
): Endpoint {
  return {
    addresses: [ip],
    conditions: conditions[state],
    nodeName: node,
    targetRef: { kind: 'Pod', namespace: 'default', name: `pod-${ip}` },
    ...(zones.length + nodes.length === 0
      ? {}
      : { hints: { forZones: zones.map((name) => ({ name })), forNodes: nodes.map((name) => ({ name })) } }),
  };
}

const slice = (name: string, endpoints: readonly Endpoint[]): EndpointSlice => ({
  apiVersion: 'discovery.k8s.io/v1',
  kind: 'EndpointSlice',
  metadata: metadata(name, { 'kubernetes.io/service-name': 'web' }),
  addressType: 'IPv4',
  ports: [{ name: 'http', port: 8080, protocol: 'TCP' }],
  endpoints,
});

interface World {
  readonly services: View<'services'>;
  readonly slices: View<'endpointslices'>;
}

function worldOf(of: Service, ...slices: readonly EndpointSlice[]): World {
  return {
    services: withObject(emptyView('services'), 'default/web', of, 1),
    slices: slices.reduce<View<'endpointslices'>>(
      (view, each) => withObject(view, `default/${each.metadata.name}`, each, 1),
      emptyView('endpointslices'),
    ),
  };
}

const toWeb: Connection = { from: { node: 'node-1', zone: 'a' }, to: { clusterIP: '10.96.0.10' }, port: 80 };

/** Every address that some draw reaches, in the order of the rules; or why none is. */
function reached({ services, slices }: World, connection: Connection = toWeb): readonly string[] {
  const found = new Set<string>();
  for (let i = 0; i < 64; i++) {
    const result = route(services, slices, connection, i / 64);
    found.add(result.verdict === 'DNAT' ? result.endpoint.ip : `${result.verdict}: ${result.refused}`);
  }
  return [...found];
}

describe('candidates', () => {
  test.each<{
    why: string;
    spec?: Partial<ServiceSpec>;
    endpoints: readonly Endpoint[];
    expected: readonly string[];
  }>([
    {
      why: 'are the ready endpoints, in the byte order of their addresses',
      endpoints: [
        endpoint('10.0.0.9', 'ready'),
        endpoint('10.0.0.10', 'unset'),
        endpoint('10.0.0.8', 'unready'),
      ],
      expected: ['10.0.0.10', '10.0.0.9'],
    },
    {
      why: 'are those that serve while they terminate only when none is ready',
      endpoints: [
        endpoint('10.0.0.1', 'leaving'),
        endpoint('10.0.0.2', 'left'),
        endpoint('10.0.0.3', 'unready'),
      ],
      expected: ['10.0.0.1'],
    },
    {
      why: 'do not hold those that terminate beside a ready one',
      endpoints: [endpoint('10.0.0.1', 'leaving'), endpoint('10.0.0.2', 'ready')],
      expected: ['10.0.0.2'],
    },
    {
      why: 'are missing: the connection is refused',
      endpoints: [],
      expected: ['REJECT: default/web:http has no endpoints'],
    },
    {
      why: 'of policy Local are those of the node',
      spec: { internalTrafficPolicy: 'Local' },
      endpoints: [endpoint('10.0.0.1', 'ready', 'node-2'), endpoint('10.0.0.2', 'ready')],
      expected: ['10.0.0.2'],
    },
    {
      why: 'of policy Local are missing here but not elsewhere: the packet is dropped',
      spec: { internalTrafficPolicy: 'Local' },
      endpoints: [endpoint('10.0.0.1', 'ready', 'node-2')],
      expected: ['DROP: default/web:http has no local endpoints'],
    },
    {
      why: 'of policy Local may be leaving ones of the node, whoever is ready elsewhere',
      spec: { internalTrafficPolicy: 'Local' },
      endpoints: [endpoint('10.0.0.1', 'ready', 'node-2'), endpoint('10.0.0.2', 'leaving')],
      expected: ['10.0.0.2'],
    },
    {
      why: 'are those of the zone when every ready one has a hint',
      endpoints: [
        endpoint('10.0.0.1', 'ready', 'node-2', ['b']),
        endpoint('10.0.0.2', 'ready', 'node-2', ['a', 'c']),
      ],
      expected: ['10.0.0.2'],
    },
    {
      why: 'are all when one ready one has no hint',
      endpoints: [endpoint('10.0.0.1', 'ready'), endpoint('10.0.0.2', 'ready', 'node-2', ['a'])],
      expected: ['10.0.0.1', '10.0.0.2'],
    },
    {
      why: 'are all when no hint is for this zone',
      endpoints: [
        endpoint('10.0.0.1', 'ready', 'node-2', ['b']),
        endpoint('10.0.0.2', 'ready', 'node-2', ['c']),
      ],
      expected: ['10.0.0.1', '10.0.0.2'],
    },
    {
      why: 'are those of the node before those of the zone',
      endpoints: [
        endpoint('10.0.0.1', 'ready', 'node-1', ['a'], ['node-1']),
        endpoint('10.0.0.2', 'ready', 'node-2', ['a'], ['node-2']),
      ],
      expected: ['10.0.0.1'],
    },
  ])('$why', ({ spec = {}, endpoints, expected }) => {
    expect(reached(worldOf(service(spec), slice('web-1', endpoints)))).toEqual(expected);
  });

  test('come from all slices of the Service, each address once', () => {
    const slices = [
      slice('web-1', [endpoint('10.0.0.2', 'ready')]),
      slice('web-2', [endpoint('10.0.0.1', 'ready'), endpoint('10.0.0.2', 'ready')]),
    ];
    expect(reached(worldOf(service(), ...slices))).toEqual(['10.0.0.1', '10.0.0.2']);
  });
});

describe('a connection that no rule touches', () => {
  const one = slice('web-1', [endpoint('10.0.0.1', 'ready')]);
  test.each<{ why: string; spec?: Partial<ServiceSpec>; connection: Connection; expected: string }>([
    {
      why: 'to an address of no Service',
      connection: { to: { clusterIP: '10.96.9.9' }, port: 80 },
      expected: 'NONE: no Service has the address 10.96.9.9',
    },
    {
      why: 'to a port of no Service',
      connection: { ...toWeb, port: 81 },
      expected: 'NONE: Service default/web has no port 81/TCP',
    },
    {
      why: 'of another protocol',
      connection: { ...toWeb, protocol: 'UDP' },
      expected: 'NONE: Service default/web has no port 80/UDP',
    },
    {
      why: 'to a headless Service',
      spec: { clusterIP: 'None' },
      connection: { to: { namespace: 'default', name: 'web' }, port: 'http' },
      expected:
        'NONE: Service default/web is headless: DNS answers with the addresses of its endpoints, and kube-proxy has no rule',
    },
    {
      why: 'to an alias',
      spec: { type: 'ExternalName', externalName: 'example.com' },
      connection: { to: { namespace: 'default', name: 'web' }, port: 80 },
      expected:
        'NONE: Service default/web is an alias: DNS answers with example.com, and kube-proxy has no rule',
    },
  ])('$why', ({ spec = {}, connection, expected }) => {
    expect(reached(worldOf(service(spec), one), connection)).toEqual([expected]);
  });
});

describe('session affinity', () => {
  const endpoints = ['10.0.0.1', '10.0.0.2', '10.0.0.3'].map((ip) => endpoint(ip, 'ready'));
  const world = worldOf(
    service({ sessionAffinity: 'ClientIP', sessionAffinityConfig: { clientIP: { timeoutSeconds: 60 } } }),
    slice('web-1', endpoints),
  );
  const after = (seconds: number, address: string): Connection => ({
    ...toWeb,
    last: { address, age: seconds * second },
  });

  test('sends a client where it went before', () => {
    expect(reached(world, after(60, '10.0.0.2:8080'))).toEqual(['10.0.0.2']);
  });
  test('ends with its timeout, and with its endpoint', () => {
    expect(reached(world, after(61, '10.0.0.2:8080'))).toHaveLength(3);
    expect(reached(world, after(1, '10.0.0.7:8080'))).toHaveLength(3);
  });
  test('is no matter for a Service without it', () => {
    expect(reached(worldOf(service(), slice('web-1', endpoints)), after(1, '10.0.0.2:8080'))).toHaveLength(3);
  });
});

test.each([
  [0, 3, '-m statistic --mode random --probability 0.3333333333'],
  [1, 3, '-m statistic --mode random --probability 0.5000000000'],
  [2, 3, 'no condition'],
])('rule %i of %i matches with %s', (index, count, text) => {
  expect(probability(index, count)).toBe(text);
});

test('every candidate has the same share of the draws', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 40 }), fc.integer({ min: 1, max: 5 }), (count, rounds) => {
      const endpoints = Array.from({ length: count }, (_, i) => endpoint(`10.0.0.${i + 1}`, 'ready'));
      const { services, slices } = worldOf(service(), slice('web-1', endpoints));
      const hits: Record<string, number> = {};
      const draws = count * rounds;
      for (let i = 0; i < draws; i++) {
        const result = route(services, slices, toWeb, (i + 0.5) / draws);
        if (result.verdict === 'DNAT') hits[result.endpoint.ip] = (hits[result.endpoint.ip] ?? 0) + 1;
      }
      expect(Object.keys(hits)).toHaveLength(count);
      expect(Object.values(hits).every((share) => share === rounds)).toBe(true);
    }),
    { numRuns: 50 },
  );
});
