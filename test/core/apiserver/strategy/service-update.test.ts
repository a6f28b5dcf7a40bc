/** Aim: what becomes of a Service's addresses and ports when its type changes. Method: on a cluster, applied twice; then its spec. */
import { expect, test } from 'vitest';
import type { Service } from '../../../../core/api/generated/types.ts';
import type { NewObject } from '../../../../core/api/request.ts';
import { second } from '../../../../core/time/time.ts';
import { allocate } from '../../../../core/apiserver/strategy/service.ts';
import { clusterSpec, runTo } from '../../../sim/engine/cluster.ts';

type Spec = Partial<Service['spec']>;

const service = (spec: Spec): NewObject =>
  ({
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'web' },
    spec: { selector: { app: 'web' }, ports: [{ name: 'http', port: 80 }], ...spec },
  }) as NewObject;

/** The spec after each of these was applied. */
function applied(...specs: readonly Spec[]): readonly Service['spec'][] {
  const actions = specs.map((spec, i) => ({
    at: (10 + i) * second,
    do: 'apply' as const,
    objects: [service(spec)],
  }));
  return specs.map((_, i) => {
    const registry = runTo(clusterSpec({ replicas: 0, actions }), (10.5 + i) * second).registry();
    return (registry.get('services', 'default/web') as Service).spec;
  });
}

test('one that becomes a NodePort gets a node port, and loses it with what only the outside needs', () => {
  const [plain, outside, again] = applied({}, { type: 'NodePort' }, { type: 'ClusterIP' });
  expect(plain?.ports?.[0]?.nodePort).toBeUndefined();
  expect(outside?.ports?.[0]?.nodePort).toBeGreaterThanOrEqual(30_000);
  expect(outside?.externalTrafficPolicy).toBe('Cluster');
  expect(outside?.clusterIP).toBe(plain?.clusterIP);
  expect(again).toEqual(plain);
});

test('a port of another number keeps the node port of its name', () => {
  const type = 'NodePort' as const;
  const [first, second_] = applied({ type }, { type, ports: [{ name: 'http', port: 8080 }] });
  expect(second_?.ports?.map(({ port, nodePort }) => [port, nodePort])).toEqual([
    [8080, first?.ports?.[0]?.nodePort],
  ]);
});

test('one that is a name for something outside has no address, and gets one when it is not', () => {
  const [address, name, another] = applied(
    {},
    { type: 'ExternalName', externalName: 'example.com' },
    { type: 'ClusterIP' },
  );
  expect(address?.clusterIP).toMatch(/^10\./);
  expect(name?.clusterIP).toBeUndefined();
  expect(name?.clusterIPs).toBeUndefined();
  expect(another?.clusterIP).toMatch(/^10\./);
  expect(another?.clusterIPs).toEqual([another?.clusterIP]);
});

test.each([
  [{ ipFamilies: ['IPv6'] }, 'spec.ipFamilies[0]: not configured on this cluster'],
  [
    { ipFamilies: ['IPv4', 'IPv6'], ipFamilyPolicy: 'PreferDualStack' },
    'spec.ipFamilies[1]: not configured on this cluster',
  ],
  [
    { ipFamilyPolicy: 'RequireDualStack' },
    'spec.ipFamilyPolicy: this cluster is not configured for dual-stack services',
  ],
  [
    { clusterIP: 'None', ipFamilies: ['IPv6'], selector: { app: 'web' } },
    'spec.ipFamilies[0]: not configured on this cluster',
  ],
  [{ clusterIP: 'None', ipFamilies: ['IPv6'] }, undefined],
] as const)('a cluster of IPv4 alone: %j', (spec, why) => {
  const asked = { ...service({}), spec: { ports: [], ...spec } } as unknown as Service;
  // A headless Service needs nothing of the server, and one that is refused gets nothing.
  const answer = allocate(asked, {} as Parameters<typeof allocate>[1]);
  expect('field' in answer ? `${answer.field}: ${answer.detail}` : undefined).toBe(why);
});
