/** How a node becomes known, and stays so. Method: the requests of a kubelet that runs no Pod. */
import { expect, test } from 'vitest';
import type { ApiRequest } from '../../../core/api/request.ts';
import { minute, second } from '../../../core/time/time.ts';
import { failure, spec, World } from './world.ts';

const texts = (world: World): string[] =>
  world.requests.map(({ request }) => {
    const event =
      request.resource === 'events' && request.verb === 'create'
        ? ` ${(request.object as { reason?: string }).reason}`
        : '';
    const subresource =
      'subresource' in request && request.subresource !== undefined ? `/${request.subresource}` : '';
    return `${request.verb} ${request.resource}${subresource}${event}`;
  });

test('a kubelet registers its Node, says that it is ready, and makes its Lease', () => {
  const world = new World().run();
  expect(texts(world)).toMatchInlineSnapshot(`
    [
      "create events Starting",
      "create nodes",
      "list pods",
      "create events NodeHasSufficientMemory",
      "create events NodeHasNoDiskPressure",
      "create events NodeHasSufficientPID",
      "create events NodeAllocatableEnforced",
      "patch nodes/status",
      "create events NodeReady",
      "create leases",
    ]
  `);
  const ready = world.node?.status.conditions?.find((condition) => condition.type === 'Ready');
  expect(ready).toMatchObject({
    status: 'True',
    reason: 'KubeletReady',
    message: 'kubelet is posting ready status',
  });
  expect(world.node).toMatchObject({
    metadata: { name: 'node-1', labels: { 'kubernetes.io/hostname': 'node-1', 'kubernetes.io/os': 'linux' } },
    spec: { podCIDR: '10.0.3.0/24' },
    status: {
      allocatable: { cpu: '4' },
      addresses: [{ type: 'InternalIP', address: '10.200.0.4' }, { type: 'Hostname' }],
    },
  });
});

test('a kubelet that starts again goes on with the Node that is there', () => {
  const world = new World().run();
  const since = world.node?.status.conditions?.[3]?.lastTransitionTime;
  const before = world.requests.length;
  world.run(world.now + minute).restart();
  world.run();
  expect(texts(world).slice(before)).toMatchInlineSnapshot(`
    [
      "create events Starting",
      "create nodes",
      "list pods",
      "get nodes",
      "patch nodes/status",
      "create leases",
    ]
  `);
  expect(world.node?.status.conditions?.[3]?.lastTransitionTime).toBe(since);
});

test('registration is tried until it succeeds', () => {
  const world = new World();
  world.fail = (request: ApiRequest) =>
    request.resource === 'nodes' && world.now < 3 * second ? failure(0) : undefined;
  world.run();
  expect(world.node?.status.conditions?.[3]).toMatchObject({ type: 'Ready', status: 'True' });
});

test('with exact heartbeats the Lease is renewed every ten seconds, and the status written every five minutes', () => {
  const world = new World({ ...spec, heartbeats: 'exact' }).run(11 * minute);
  const count = (verb: string, resource: string): number =>
    world.requests.filter(({ request }) => request.verb === verb && request.resource === resource).length;
  expect(count('update', 'leases')).toBeGreaterThanOrEqual(60);
  expect(count('update', 'leases')).toBeLessThanOrEqual(66);
  expect(count('patch', 'nodes')).toBe(3);
});

test('a Node that was deleted is not registered again', () => {
  const world = new World({ ...spec, heartbeats: 'exact' }).run(minute);
  world.node = undefined;
  world.run(20 * minute);
  expect(world.node).toBeUndefined();
});

test('who was cut off says that it is ready, when the apiserver is there again', () => {
  const world = new World({ ...spec, heartbeats: 'exact' }).run(minute);
  world.fail = () => (world.now < 3 * minute ? failure(0) : undefined);
  world.run(2 * minute);
  world.markUnknown();
  world.run(3 * minute + 25 * second);
  expect(world.node?.status.conditions?.[3]).toMatchObject({ type: 'Ready', status: 'True' });
});

test('a Lease whose answer was lost is asked for again, though its renewals are not written', () => {
  const world = new World();
  let losses = 2;
  world.fail = ({ resource }) => (resource === 'leases' && losses-- > 0 ? failure(0) : undefined);
  world.run();
  expect(texts(world).filter((text) => text.includes('leases'))).toMatchInlineSnapshot(`
    [
      "create leases",
      "get leases",
      "get leases",
      "create leases",
    ]
  `);
});

test('a kubelet whose certificate has ended asks for its Lease no more', () => {
  const world = new World();
  world.fail = ({ resource }) => (resource === 'leases' ? failure(401) : undefined);
  world.run(10 * minute);
  expect(texts(world).filter((text) => text.includes('leases'))).toEqual(['create leases']);
});
