/**
 * Aim: logs, exec and the like are answered as by an apiserver that finds the Pod, the container and the node, and no
 * kubelet to listen. Method: one table; the texts are those of 1.34's pkg/registry/core/pod/strategy.go.
 */
import { expect, test } from 'vitest';
import type { GetRequest } from '../../../core/api/request.ts';
import { Cluster } from './cluster.ts';
import { binding, pod, podSpec } from './objects.ts';

const pods = { resource: 'pods', namespace: 'default' } as const;
const two = podSpec({ containers: ['a', 'b'].map((name) => ({ name, image: 'img:1' })) });
const refused = 'dial tcp 10.0.0.7:10250: connect: connection refused';

function clusterWithPods(): Cluster {
  const cluster = new Cluster();
  const node = { apiVersion: 'v1', kind: 'Node', metadata: { name: 'node-1' } };
  cluster.object({ verb: 'create', resource: 'nodes', object: node });
  const addresses = [{ type: 'InternalIP', address: '10.0.0.7' }];
  cluster.object({
    verb: 'patch',
    resource: 'nodes',
    name: 'node-1',
    subresource: 'status',
    patchType: 'merge',
    patch: { status: { addresses } },
  });
  for (const object of [pod('free'), pod('bound'), pod('astray'), pod('pair', {}, two)])
    cluster.object({ verb: 'create', ...pods, object });
  for (const [name, host] of [
    ['bound', 'node-1'],
    ['astray', 'gone'],
  ] as const)
    cluster.call({ verb: 'create', ...pods, name, subresource: 'binding', object: binding(name, host) });
  return cluster;
}

test.each<[string, GetRequest['subresource'], string | undefined, string]>([
  ['none', 'log', undefined, '404 pods "none" not found'],
  ['free', 'log', undefined, '200'],
  ['free', 'exec', undefined, '400 pod free does not have a host assigned'],
  ['free', 'portforward', undefined, '400 pod free does not have a host assigned'],
  ['free', 'proxy', undefined, '400 address not allowed'],
  ['pair', 'log', undefined, '400 a container name must be specified for pod pair, choose one of: [a b]'],
  ['pair', 'attach', 'c', '400 container c is not valid for pod pair'],
  ['bound', 'log', undefined, `500 Get "https://10.0.0.7:10250/containerLogs/default/bound/c": ${refused}`],
  ['bound', 'exec', 'c', `500 Internal error occurred: error dialing backend: ${refused}`],
  ['astray', 'attach', undefined, '404 nodes "gone" not found'],
])('%s %s %s', (name, subresource, container, text) => {
  const answer = clusterWithPods().call({ verb: 'get', ...pods, name, subresource, container });
  expect(answer.ok ? `${answer.code}` : `${answer.code} ${answer.status.message ?? ''}`).toBe(text);
});

test('only Pods have them', () => {
  const answer = new Cluster().call({
    verb: 'get',
    resource: 'namespaces',
    name: 'default',
    subresource: 'log',
  });
  expect(answer).toMatchObject({ ok: false, code: 404 });
});
