/** NodeRestriction: what a kubelet may write. Aim: the rules and messages of Kubernetes 1.34.1. Method: a table of requests of node n1. */
import { describe, expect, test } from 'vitest';
import { nodeRestriction } from '../../../../core/apiserver/admission/node-restriction.ts';
import { nodeUser, userNamed } from '../../../../core/apiserver/authentication/identities.ts';
import { judgedBy, podThing, thing, type Asked } from './admitting.ts';

const n1 = nodeUser('n1');
const known = {
  nodes: [thing('Node', 'n1', { metadata: { uid: 'u1' } })],
  pods: [podThing({ nodeName: 'n2' })],
};
const ask = (asked: Asked): string => judgedBy(nodeRestriction, { user: n1, ...asked }, known);

const mirror = (owner: object | undefined, spec: object = {}): Asked => ({
  resource: 'pods',
  object: podThing(
    { nodeName: 'n1', ...spec },
    { annotations: { 'kubernetes.io/config.mirror': 'x' }, ...(owner && { ownerReferences: [owner] }) },
  ),
});
const self = { apiVersion: 'v1', kind: 'Node', name: 'n1', uid: 'u1', controller: true };

describe('Pods', () => {
  test.each<readonly [string, Asked, string]>([
    [
      'only mirror Pods are created',
      { resource: 'pods', object: podThing({ nodeName: 'n1' }) },
      'pods "p" is forbidden: pod does not have "kubernetes.io/config.mirror" annotation, node "n1" can only create mirror pods',
    ],
    ['a mirror Pod of its own', mirror(self), 'admitted'],
    [
      'for another node',
      mirror(self, { nodeName: 'n2' }),
      'pods "p" is forbidden: node "n1" can only create pods with spec.nodeName set to itself',
    ],
    [
      'of nobody',
      mirror(undefined),
      'pods "p" is forbidden: node "n1" can only create pods with an owner reference set to itself',
    ],
    [
      'of an earlier node of its name',
      mirror({ ...self, uid: 'u0' }),
      'pods "p" is forbidden: node n1 UID mismatch: expected u0 got u1',
    ],
    [
      'with an account',
      mirror(self, { serviceAccountName: 'default' }),
      'pods "p" is forbidden: node "n1" can not create pods that reference a service account',
    ],
    [
      'with a secret',
      mirror(self, { volumes: [{ name: 'v', secret: { secretName: 's' } }] }),
      'pods "p" is forbidden: node "n1" can not create pods that reference secrets',
    ],
    [
      'a Pod of its own goes',
      { resource: 'pods', operation: 'DELETE', oldObject: podThing({ nodeName: 'n1' }) },
      'admitted',
    ],
    [
      'a Pod of another stays',
      { resource: 'pods', operation: 'DELETE', oldObject: podThing({ nodeName: 'n2' }) },
      'pods "p" is forbidden: node "n1" can only delete pods with spec.nodeName set to itself',
    ],
    [
      'a status of its own',
      {
        resource: 'pods',
        subresource: 'status',
        operation: 'UPDATE',
        oldObject: podThing({ nodeName: 'n1' }),
        object: podThing({ nodeName: 'n1' }),
      },
      'admitted',
    ],
    [
      'labels in a status',
      {
        resource: 'pods',
        subresource: 'status',
        operation: 'UPDATE',
        oldObject: podThing({ nodeName: 'n1' }),
        object: podThing({ nodeName: 'n1' }, { labels: { a: 'b' } }),
      },
      'pods "p" is forbidden: node "n1" cannot update labels through pod status',
    ],
    [
      'an eviction from another node',
      {
        resource: 'pods',
        subresource: 'eviction',
        object: thing('Eviction', 'p', { metadata: { namespace: 'default' } }),
      },
      'pods "p" is forbidden: node n1 can only evict pods with spec.nodeName set to itself',
    ],
    [
      'a binding',
      { resource: 'pods', subresource: 'binding', object: thing('Binding', 'p') },
      `pods "p" is forbidden: unexpected pod subresource "binding", only 'status' and 'eviction' are allowed`,
    ],
  ])('%s', (_what, asked, answer) => {
    expect(ask(asked)).toBe(answer);
  });
});

const node = (labels: object, name = 'n1', spec: object = {}) =>
  thing('Node', name, { metadata: { labels }, spec });

describe('Nodes and Leases', () => {
  test.each<readonly [string, Asked, string]>([
    [
      'its own, with labels of a kubelet',
      { resource: 'nodes', object: node({ 'kubernetes.io/hostname': 'n1', mine: '1' }) },
      'admitted',
    ],
    [
      'another',
      { resource: 'nodes', object: node({}, 'n2') },
      'nodes "n2" is forbidden: node "n1" is not allowed to modify node "n2"',
    ],
    [
      'labels that keep Pods apart',
      {
        resource: 'nodes',
        object: node({ 'node-restriction.kubernetes.io/team': 'a', 'node-role.kubernetes.io/x': '' }),
      },
      'nodes "n1" is forbidden: node "n1" is not allowed to set the following labels: node-restriction.kubernetes.io/team, node-role.kubernetes.io/x',
    ],
    [
      'taints of a node that is there',
      {
        resource: 'nodes',
        operation: 'UPDATE',
        oldObject: node({}, 'n1', { taints: [{ key: 'a', effect: 'NoSchedule' }] }),
        object: node({}),
      },
      'nodes "n1" is forbidden: node "n1" is not allowed to modify taints',
    ],
    [
      'its Lease',
      { resource: 'leases', object: thing('Lease', 'n1', { metadata: { namespace: 'kube-node-lease' } }) },
      'admitted',
    ],
    [
      'the Lease of another',
      { resource: 'leases', object: thing('Lease', 'n2', { metadata: { namespace: 'kube-node-lease' } }) },
      'leases.coordination.k8s.io "n2" is forbidden: can only access node lease with the same name as the requesting node',
    ],
    [
      'a Lease elsewhere',
      { resource: 'leases', object: thing('Lease', 'n1', { metadata: { namespace: 'default' } }) },
      'leases.coordination.k8s.io "n1" is forbidden: can only access leases in the "kube-node-lease" system namespace',
    ],
  ])('%s', (_what, asked, answer) => {
    expect(ask(asked)).toBe(answer);
  });
});

test('who is no node is not restricted', () => {
  expect(ask({ resource: 'pods', object: podThing(), user: userNamed('jane') })).toBe('admitted');
});
