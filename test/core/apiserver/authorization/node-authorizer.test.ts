/**
 * Aim: a kubelet may what its own Pods need, and no more, with the authorizer's own reasons (kubernetes v1.34.1
 * plugin/pkg/auth/authorizer/node/node_authorizer.go). Method: a table; `mine` is a Pod of node-1 that names a secret, a
 * config map, a claim and an account, `other` one of node-2.
 */
import { expect, test } from 'vitest';
import type { ApiObject } from '../../../../core/api/object.ts';
import { emptyView, withObject, type View } from '../../../../core/api/view.ts';
import { nodeUser, userNamed } from '../../../../core/apiserver/authentication/identities.ts';
import { authorizeNode } from '../../../../core/apiserver/authorization/node-authorizer.ts';

function filled(resource: string, objects: readonly object[]): View {
  let view: View = emptyView(resource);
  (objects as readonly ApiObject[]).forEach((object, i) => {
    const { namespace, name } = object.metadata;
    view = withObject(
      view,
      namespace === undefined ? name : `${namespace}/${name}`,
      object,
      i + 1,
      undefined,
    );
  });
  return view;
}

const pod = (name: string, nodeName: string, annotations?: object) => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, namespace: 'team', uid: name, resourceVersion: '1', annotations },
  spec: {
    nodeName,
    serviceAccountName: `${name}-account`,
    containers: [{ name: 'c', image: 'i', envFrom: [{ configMapRef: { name: `${name}-settings` } }] }],
    volumes: [
      { name: 's', secret: { secretName: `${name}-secret` } },
      { name: 'd', persistentVolumeClaim: { claimName: `${name}-data` } },
    ],
  },
  status: {},
});

const views = {
  pods: filled('pods', [
    pod('mine', 'node-1'),
    pod('other', 'node-2'),
    pod('mirror', 'node-1', { 'kubernetes.io/config.mirror': 'x' }),
  ]),
  persistentVolumes: filled('persistentvolumes', [
    {
      apiVersion: 'v1',
      kind: 'PersistentVolume',
      metadata: { name: 'disk', uid: 'disk', resourceVersion: '1' },
      spec: { claimRef: { namespace: 'team', name: 'mine-data' } },
    },
  ]),
};

/** `verb resource[.group][/subresource] [namespace/]name[?selector]` */
function ask(text: string, user = nodeUser('node-1')): string {
  const [verb = '', what = '', target = ''] = text.split(' ');
  const [path = '', subresource = ''] = what.split('/');
  const dot = path.indexOf('.');
  const [key = '', fieldSelector = ''] = target.split('?');
  const slash = key.indexOf('/');
  const { allowed, reason } = authorizeNode(views, user, {
    verb,
    apiGroup: dot < 0 ? '' : path.slice(dot + 1),
    resource: dot < 0 ? path : path.slice(0, dot),
    subresource,
    namespace: slash < 0 ? '' : key.slice(0, slash),
    name: slash < 0 ? key : key.slice(slash + 1),
    fieldSelector,
  });
  return allowed ? 'yes' : reason === '' ? 'no opinion' : reason;
}

const questions = `
get secrets team/mine-secret
get secrets team/other-secret
get secrets team/mirror-secret
list secrets team/
create secrets team/mine-secret
get configmaps team/mine-settings
get configmaps team/other-settings
get persistentvolumeclaims team/mine-data
list persistentvolumeclaims team/mine-data
update persistentvolumeclaims/status team/mine-data
get persistentvolumes disk
get persistentvolumes elsewhere
create serviceaccounts/token team/mine-account
create serviceaccounts/token team/other-account
create serviceaccounts team/mine-account
list pods ?spec.nodeName=node-1
list pods ?spec.nodeName=node-2
get pods team/mine
get pods team/other
patch pods/status team/mine
create pods/eviction team/mine
patch pods team/mine
get nodes node-1
get nodes node-2
list nodes
patch nodes/status node-1
delete nodes node-1
update leases.coordination.k8s.io kube-node-lease/node-1
update leases.coordination.k8s.io kube-node-lease/node-2
update leases.coordination.k8s.io default/node-1
create csinodes.storage.k8s.io node-1
get csinodes.storage.k8s.io node-2
list services
create events default/
delete deployments.apps team/web`.trim();

test('what the kubelet of node-1 may', () => {
  const width = 58;
  const told = questions.split('\n').map((question) => `${question.padEnd(width)} ${ask(question)}`);
  expect(told.join('\n')).toMatchInlineSnapshot(`
    "get secrets team/mine-secret                               yes
    get secrets team/other-secret                              no relationship found between node 'node-1' and this object
    get secrets team/mirror-secret                             no relationship found between node 'node-1' and this object
    list secrets team/                                         No Object name found
    create secrets team/mine-secret                            can only read resources of this type
    get configmaps team/mine-settings                          yes
    get configmaps team/other-settings                         no relationship found between node 'node-1' and this object
    get persistentvolumeclaims team/mine-data                  yes
    list persistentvolumeclaims team/mine-data                 can only get individual resources of this type
    update persistentvolumeclaims/status team/mine-data        yes
    get persistentvolumes disk                                 yes
    get persistentvolumes elsewhere                            no relationship found between node 'node-1' and this object
    create serviceaccounts/token team/mine-account             yes
    create serviceaccounts/token team/other-account            no relationship found between node 'node-1' and this object
    create serviceaccounts team/mine-account                   can only create token subresource of serviceaccount
    list pods ?spec.nodeName=node-1                            yes
    list pods ?spec.nodeName=node-2                            can only list/watch pods with spec.nodeName field selector
    get pods team/mine                                         yes
    get pods team/other                                        no relationship found between node 'node-1' and this object
    patch pods/status team/mine                                yes
    create pods/eviction team/mine                             yes
    patch pods team/mine                                       no opinion
    get nodes node-1                                           yes
    get nodes node-2                                           node 'node-1' cannot read 'node-2', only its own Node object
    list nodes                                                 node 'node-1' cannot read all nodes, only its own Node object
    patch nodes/status node-1                                  yes
    delete nodes node-1                                        no opinion
    update leases.coordination.k8s.io kube-node-lease/node-1   yes
    update leases.coordination.k8s.io kube-node-lease/node-2   can only access node lease with the same name as the requesting node
    update leases.coordination.k8s.io default/node-1           can only access leases in the "kube-node-lease" system namespace
    create csinodes.storage.k8s.io node-1                      yes
    get csinodes.storage.k8s.io node-2                         can only access CSINode with the same name as the requesting node
    list services                                              yes
    create events default/                                     yes
    delete deployments.apps team/web                           no opinion"
  `);
});

test('only who is of system:nodes and named as a node is one', () => {
  expect(ask('get nodes node-1', userNamed('system:node:node-1'))).toBe('no opinion');
  expect(ask('get nodes node-1', userNamed('jane', ['system:nodes']))).toBe('no opinion');
  expect(ask('get nodes node-1', userNamed('system:node:', ['system:nodes']))).toBe(
    'unknown node for user "system:node:"',
  );
});
