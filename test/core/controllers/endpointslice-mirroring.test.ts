/** Aim: Endpoints written by hand are what proxies see. Method: the kube-controller-manager in a small world; its writes, and the slices after them. */
import { expect, test } from 'vitest';
import type { EndpointSlice } from '../../../core/api/generated/types.ts';
import { second } from '../../../core/time/time.ts';
import { World, type Plain } from './world.ts';

const service: Plain = {
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name: 'db', namespace: 'default' },
  spec: { clusterIP: '10.96.0.9', ipFamilies: ['IPv4'], ports: [{ port: 5432 }] },
};
const endpoints = (...subsets: readonly Plain[]): Plain => ({
  apiVersion: 'v1',
  kind: 'Endpoints',
  metadata: { name: 'db', namespace: 'default', labels: { team: 'data' } },
  subsets,
});
const subset = (ips: readonly string[], notReady: readonly string[] = []): Plain => ({
  addresses: ips.map((ip) => ({ ip })),
  ...(notReady.length === 0 ? {} : { notReadyAddresses: notReady.map((ip) => ({ ip })) }),
  ports: [{ name: 'pg', port: 5432, protocol: 'TCP' }],
});

const mirrored = (world: World): readonly string[] =>
  world
    .list<EndpointSlice>('endpointslices')
    .map(({ addressType, endpoints = [], metadata }) =>
      [
        addressType,
        ...endpoints.map(
          ({ addresses, conditions }) => `${addresses[0] ?? ''}${conditions?.ready === true ? '' : '?'}`,
        ),
        metadata.labels?.['endpointslice.kubernetes.io/managed-by'],
        metadata.labels?.['team'],
      ].join(' '),
    );

test('Endpoints of a Service without a selector are mirrored, a slice for each family of addresses', () => {
  const world = new World().start().run(second);
  world.create('services', service);
  world.create('endpoints', endpoints(subset(['192.0.2.1', '2001:db8::1'], ['192.0.2.2'])));
  world.run(2 * second);
  expect(mirrored(world)).toEqual([
    'IPv4 192.0.2.1 192.0.2.2? endpointslicemirroring-controller.k8s.io data',
    'IPv6 2001:db8::1 endpointslicemirroring-controller.k8s.io data',
  ]);
  world.change('endpoints', 'default/db', { subsets: [subset(['192.0.2.3'])] });
  world.run(3 * second);
  expect(mirrored(world)).toEqual(['IPv4 192.0.2.3 endpointslicemirroring-controller.k8s.io data']);
  expect(world.lines).toMatchInlineSnapshot(`
    [
      "1.0022 endpointslicemirroring-controller create endpointslices db-aaaa0",
      "1.0022 endpointslicemirroring-controller create endpointslices db-aaaa1",
      "2.0022 endpointslicemirroring-controller update endpointslices db-aaaa0",
      "2.0022 endpointslicemirroring-controller delete endpointslices db-aaaa1",
    ]
  `);
});

test('who asks for no mirror, or gives the Service a selector, has none', () => {
  const world = new World().start().run(second);
  world.create('services', service);
  world.create('endpoints', endpoints(subset(['192.0.2.1'])));
  world.run(2 * second);
  world.change('endpoints', 'default/db', {
    metadata: { labels: { 'endpointslice.kubernetes.io/skip-mirror': 'true' } },
  });
  world.run(3 * second);
  expect(mirrored(world)).toEqual([]);
  world.change('endpoints', 'default/db', {
    metadata: { labels: { 'endpointslice.kubernetes.io/skip-mirror': null } },
  });
  world.run(4 * second);
  expect(mirrored(world)).toHaveLength(1);
  world.change('services', 'default/db', { spec: { selector: { app: 'db' } } });
  world.run(6 * second);
  expect(mirrored(world)).toEqual(['IPv4 endpointslice-controller.k8s.io ']);
});
