/** Endpoints and EndpointSlices of Services and Pods that differ in one thing each. */
import { describe, expect, test } from 'vitest';
import type { Endpoint, EndpointSlice, Pod, Service } from '../../../core/api/generated/types.ts';
import { subsetsOf } from '../../../core/controllers/endpoint.ts';
import { planSlices } from '../../../core/controllers/slice-reconcile.ts';

interface Said {
  readonly ip?: string;
  readonly ready?: boolean;
  readonly phase?: string;
  readonly deleting?: boolean;
  readonly port?: number;
  readonly hostname?: string;
}

const pod = (name: string, said: Said = {}): Pod =>
  ({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name,
      namespace: 'default',
      uid: name,
      deletionTimestamp: said.deleting === true ? 'now' : undefined,
    },
    spec: {
      nodeName: 'node-1',
      hostname: said.hostname,
      subdomain: said.hostname === undefined ? undefined : 'web',
      containers: [{ name: 'c', ports: [{ name: 'http', containerPort: said.port ?? 8080 }] }],
    },
    status: {
      phase: said.phase ?? 'Running',
      podIP: said.ip ?? `10.0.0.${name.charCodeAt(0) - 96}`,
      conditions: [{ type: 'Ready', status: said.ready === false ? 'False' : 'True' }],
    },
  }) as unknown as Pod;

const service = (spec: object = {}): Service =>
  ({
    metadata: { name: 'web', namespace: 'default' },
    spec: { selector: { app: 'web' }, ports: [{ port: 80, targetPort: 'http' }], ...spec },
  }) as unknown as Service;

/** `ready|not ready:ports`, a subset each. */
function shown(of: Service, pods: readonly Pod[]): string {
  return subsetsOf(of, pods)
    .subsets.map(({ addresses = [], notReadyAddresses = [], ports = [] }) => {
      const names = (list: typeof addresses): string =>
        list.map(({ targetRef }) => targetRef?.name ?? '').join(',');
      return `${names(addresses)}|${names(notReadyAddresses)}:${ports.map((port) => port.port).join(',')}`;
    })
    .join(' ');
}

describe('subsets of Endpoints', () => {
  test.each<[string, Service, readonly Pod[], string]>([
    ['a Pod that is ready', service(), [pod('a')], 'a|:8080'],
    ['a Pod that is not', service(), [pod('a'), pod('b', { ready: false })], 'a|b:8080'],
    [
      'publishNotReadyAddresses',
      service({ publishNotReadyAddresses: true }),
      [pod('b', { ready: false })],
      'b|:8080',
    ],
    ['a Pod without an address', service(), [pod('a', { ip: '' })], ''],
    ['a Pod being deleted', service(), [pod('a', { deleting: true })], ''],
    ['a Pod that has ended', service(), [pod('a', { phase: 'Succeeded' })], ''],
    [
      'in order of their addresses, as text',
      service(),
      [pod('a', { ip: '10.0.0.9' }), pod('b', { ip: '10.0.0.10' })],
      'b,a|:8080',
    ],
    ['a port by number', service({ ports: [{ port: 80, targetPort: 9090 }] }), [pod('a')], 'a|:9090'],
    ['a port without target', service({ ports: [{ port: 80 }] }), [pod('a')], 'a|:80'],
    ['a name no container has', service({ ports: [{ port: 80, targetPort: 'https' }] }), [pod('a')], ''],
    [
      'Pods that give one name to two numbers',
      service(),
      [pod('a'), pod('b', { port: 9090 })],
      'a|:8080 b|:9090',
    ],
    ['a Service without ports', service({ ports: [] }), [pod('a')], 'a|:'],
  ])('%s', (_, of, pods, expected) => {
    expect(shown(of, pods)).toBe(expected);
  });

  test('a hostname is published under the subdomain that is the Service', () => {
    expect(subsetsOf(service(), [pod('a', { hostname: 'db-0' })]).subsets[0]?.addresses?.[0]?.hostname).toBe(
      'db-0',
    );
  });

  test('a thousand addresses and no more', () => {
    const many = Array.from({ length: 1_001 }, (_, i) => pod(`p${i}`, { ip: `10.0.${i >> 8}.${i & 255}` }));
    const { subsets, left } = subsetsOf(service(), many);
    expect(subsets[0]?.addresses).toHaveLength(1_000);
    expect(left).toBe(true);
  });
});

describe('slices', () => {
  const endpoint = (name: string, ready = true): Endpoint => ({
    addresses: [name],
    conditions: { ready, serving: ready, terminating: false },
    targetRef: { kind: 'Pod', namespace: 'default', name, uid: name },
  });
  const endpoints = (from: number, to: number): readonly Endpoint[] =>
    Array.from({ length: to - from }, (_, i) => endpoint(`${from + i}`.padStart(3, '0')));
  const ports = [{ name: '', port: 80, protocol: 'TCP' }];
  const slice = (name: string, holds: readonly Endpoint[]): EndpointSlice =>
    ({ metadata: { name }, ports, endpoints: holds }) as unknown as EndpointSlice;
  const asIs = (same: EndpointSlice): EndpointSlice => same;
  /** `created sizes / updated name=size / deleted names` */
  const plan = (existing: readonly EndpointSlice[], wanted: readonly Endpoint[]): string => {
    const {
      create,
      update,
      delete: gone,
    } = planSlices(existing, wanted.length === 0 ? [] : [{ ports, endpoints: wanted }], asIs);
    return [
      create.map((made) => made.endpoints.length).join(','),
      update.map(({ metadata, endpoints: holds }) => `${metadata.name}=${holds.length}`).join(','),
      gone.map(({ metadata }) => metadata.name).join(','),
    ].join(' / ');
  };

  test.each<[string, readonly EndpointSlice[], readonly Endpoint[], string]>([
    ['no endpoints: one empty slice', [], [], '0 /  / '],
    ['250 endpoints: two full slices and a half', [], endpoints(0, 250), '100,100,50 /  / '],
    ['nothing new: no write', [slice('a', endpoints(0, 3))], endpoints(0, 3), ' /  / '],
    ['one more goes where there is room', [slice('a', endpoints(0, 3))], endpoints(0, 4), ' / a=4 / '],
    [
      'one more goes into the fuller slice',
      [slice('a', endpoints(0, 3)), slice('b', endpoints(3, 50))],
      endpoints(0, 51),
      ' / b=48 / ',
    ],
    [
      'one more where all are full: another slice',
      [slice('a', endpoints(0, 100))],
      endpoints(0, 101),
      '1 /  / ',
    ],
    [
      'a slice that changes anyway is filled first',
      [slice('a', endpoints(0, 10)), slice('b', endpoints(10, 60))],
      endpoints(1, 61),
      ' / a=10 / ',
    ],
    [
      'slices are not evened out',
      [slice('a', endpoints(0, 100)), slice('b', endpoints(100, 200))],
      [...endpoints(0, 10), ...endpoints(100, 110)],
      ' / a=10,b=10 / ',
    ],
    [
      'an empty slice goes',
      [slice('a', endpoints(0, 2)), slice('b', endpoints(2, 4))],
      endpoints(0, 2),
      ' /  / b',
    ],
    ['the last one stays, empty', [slice('a', endpoints(0, 2))], [], ' / a=0 / '],
    ['readiness is a change', [slice('a', [endpoint('x')])], [endpoint('x', false)], ' / a=1 / '],
  ])('%s', (_, existing, wanted, expected) => {
    expect(plan(existing, wanted)).toBe(expected);
  });
});
