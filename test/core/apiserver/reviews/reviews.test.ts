/**
 * Aim: an apiserver answers who may do what by the same rules by which it lets them do it, and makes tokens that it believes.
 * Method: questions to a server with RBAC, and their answers as a person reads them.
 */
import { expect, test } from 'vitest';
import type { ApiAnswer, CreateRequest, NewObject } from '../../../../core/api/request.ts';
import {
  adminUser,
  nodeUser,
  superAdminUser,
  userNamed,
  type UserInfo,
} from '../../../../core/apiserver/authentication/identities.ts';
import { minute } from '../../../../core/time/time.ts';
import { Cluster } from '../cluster.ts';
import { configMap, pod } from '../objects.ts';

const authorization = 'authorization.k8s.io/v1';
const authentication = 'authentication.k8s.io/v1';
const jane = userNamed('jane', ['team']);

const ask = (
  kind: string,
  spec: object,
  metadata: object = {},
  apiVersion = authorization,
): CreateRequest => ({
  verb: 'create',
  resource: `${kind.toLowerCase()}s`,
  namespace: kind.startsWith('Local') ? 'default' : undefined,
  object: { apiVersion, kind, metadata, spec } as NewObject,
});

const rbac = (kind: string, name: string, rest: object): CreateRequest => ({
  verb: 'create',
  resource: `${kind.toLowerCase()}s`,
  namespace: 'default',
  object: {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind,
    metadata: { name, namespace: 'default' },
    ...rest,
  } as NewObject,
});

/** A server on which jane's team may read Pods in `default` and see one ConfigMap. */
function started(): Cluster {
  const cluster = new Cluster(1, { authorizationMode: 'Node,RBAC' });
  cluster.callAs(
    superAdminUser,
    rbac('Role', 'reader', {
      rules: [
        { apiGroups: [''], resources: ['pods', 'pods/log'], verbs: ['get', 'list'] },
        { apiGroups: [''], resources: ['configmaps'], resourceNames: ['settings'], verbs: ['get'] },
      ],
    }),
  );
  for (const [name, role] of [
    ['team-reads', 'reader'],
    ['team-more', 'gone'],
  ] as const)
    cluster.callAs(
      superAdminUser,
      rbac('RoleBinding', name, {
        roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: role },
        subjects: [{ apiGroup: 'rbac.authorization.k8s.io', kind: 'Group', name: 'team' }],
      }),
    );
  return cluster;
}

const statusOf = (answer: ApiAnswer): unknown =>
  answer.ok ? (answer.object as unknown as { readonly status: unknown }).status : answer.status.message;

const pods = (verb: string, more: object = {}): object => ({
  resourceAttributes: { verb, resource: 'pods', namespace: 'default', ...more },
});

test.each<[what: string, who: UserInfo, asked: CreateRequest, told: unknown]>([
  [
    'what one may oneself',
    jane,
    ask('SelfSubjectAccessReview', pods('list')),
    {
      allowed: true,
      reason: 'RBAC: allowed by RoleBinding "team-reads/default" of Role "reader" to Group "team"',
    },
  ],
  [
    'what one may not, with what is wrong with the roles',
    jane,
    ask('SelfSubjectAccessReview', pods('delete')),
    { allowed: false, reason: 'RBAC: role.rbac.authorization.k8s.io "gone" not found' },
  ],
  [
    'the same elsewhere',
    jane,
    ask('SelfSubjectAccessReview', pods('list', { namespace: 'kube-system' })),
    { allowed: false },
  ],
  [
    'a path',
    jane,
    ask('SelfSubjectAccessReview', { nonResourceAttributes: { path: '/healthz', verb: 'get' } }),
    {
      allowed: true,
      reason:
        'RBAC: allowed by ClusterRoleBinding "system:discovery" of ClusterRole "system:discovery" to Group "system:authenticated"',
    },
  ],
  [
    'others, whose groups have to be said',
    superAdminUser,
    ask('SubjectAccessReview', {
      user: 'jane',
      groups: ['team'],
      ...pods('get', { name: 'web', subresource: 'log' }),
    }),
    {
      allowed: true,
      reason: 'RBAC: allowed by RoleBinding "team-reads/default" of Role "reader" to Group "team"',
    },
  ],
  [
    'others, without their groups',
    superAdminUser,
    ask('SubjectAccessReview', { user: 'jane', ...pods('get') }),
    { allowed: false },
  ],
  [
    'masters',
    superAdminUser,
    ask('SubjectAccessReview', { groups: ['system:masters'], ...pods('drown') }),
    { allowed: true },
  ],
  [
    'a node, by what it selects',
    superAdminUser,
    ask('SubjectAccessReview', {
      user: 'system:node:a',
      groups: ['system:nodes'],
      ...pods('list', {
        fieldSelector: { requirements: [{ key: 'spec.nodeName', operator: 'In', values: ['a'] }] },
      }),
    }),
    { allowed: true },
  ],
  [
    'others in a namespace',
    superAdminUser,
    ask('LocalSubjectAccessReview', { groups: ['team'], ...pods('get') }),
    {
      allowed: true,
      reason: 'RBAC: allowed by RoleBinding "team-reads/default" of Role "reader" to Group "team"',
    },
  ],
  [
    'others, which not everybody may ask',
    jane,
    ask('SubjectAccessReview', { user: 'joe', ...pods('get') }),
    'subjectaccessreviews.authorization.k8s.io is forbidden: User "jane" cannot create resource "subjectaccessreviews" in API group "authorization.k8s.io" at the cluster scope',
  ],
  [
    'nothing of nobody',
    superAdminUser,
    ask('SubjectAccessReview', {}, { name: 'x' }),
    '.authorization.k8s.io "" is invalid: [spec.resourceAttributes: Invalid value: "null": exactly one of nonResourceAttributes or resourceAttributes must be specified, spec.user: Invalid value: "": at least one of user or group must be specified, metadata: Invalid value: {"name":"x"}: must be empty]',
  ],
  [
    'both at once, of another namespace',
    superAdminUser,
    ask('LocalSubjectAccessReview', {
      user: 'jane',
      ...pods('get', { namespace: 'x' }),
      nonResourceAttributes: { path: '/', verb: 'get' },
    }),
    '.authorization.k8s.io "" is invalid: [spec.nonResourceAttributes: Invalid value: {"Path":"/","Verb":"get"}: cannot be specified in combination with resourceAttributes, spec.resourceAttributes.namespace: Invalid value: "x": must match metadata.namespace, spec.nonResourceAttributes: Invalid value: {"Path":"/","Verb":"get"}: disallowed on this kind of request]',
  ],
  ['the rules of nowhere', jane, ask('SelfSubjectRulesReview', {}), 'no namespace on request'],
  [
    'who one is',
    jane,
    ask('SelfSubjectReview', {}, {}, authentication),
    { userInfo: { username: 'jane', groups: ['team', 'system:authenticated'] } },
  ],
])('asked %s', (_, who, asked, told) => {
  expect(statusOf(started().callAs(who, asked))).toEqual(told);
});

test('questions are created, and neither read nor kept', () => {
  const cluster = started();
  const answer = cluster.callAs(adminUser, { verb: 'list', resource: 'subjectaccessreviews' });
  expect([answer.code, statusOf(answer)]).toEqual([
    405,
    'the server does not allow this method on the requested resource',
  ]);
});

test('the rules that one has in a namespace, one by one', () => {
  const { resourceRules, nonResourceRules, ...rest } = statusOf(
    started().callAs(jane, ask('SelfSubjectRulesReview', { namespace: 'default' })),
  ) as { readonly resourceRules: readonly unknown[]; readonly nonResourceRules: readonly unknown[] };
  expect(resourceRules.slice(-2)).toEqual([
    { verbs: ['get', 'list'], apiGroups: [''], resources: ['pods', 'pods/log'] },
    { verbs: ['get'], apiGroups: [''], resources: ['configmaps'], resourceNames: ['settings'] },
  ]);
  expect(JSON.stringify(resourceRules)).toContain('selfsubjectaccessreviews');
  expect(JSON.stringify(nonResourceRules)).toContain('/healthz');
  expect(rest).toEqual({
    incomplete: false,
    evaluationError: 'role.rbac.authorization.k8s.io "gone" not found',
  });
});

test('where everybody may everything, that is the answer', () => {
  const cluster = new Cluster();
  expect(statusOf(cluster.callAs(jane, ask('SelfSubjectAccessReview', pods('drown'))))).toEqual({
    allowed: true,
  });
  expect(statusOf(cluster.callAs(jane, ask('SelfSubjectRulesReview', { namespace: 'default' })))).toEqual({
    resourceRules: [{ verbs: ['*'], apiGroups: ['*'], resources: ['*'] }],
    nonResourceRules: [{ verbs: ['*'], nonResourceURLs: ['*'] }],
    incomplete: false,
  });
});

const tokenFor = (name: string, spec: object = {}, metadata: object = {}): CreateRequest => ({
  verb: 'create',
  resource: 'serviceaccounts',
  namespace: 'default',
  name,
  subresource: 'token',
  object: { apiVersion: authentication, kind: 'TokenRequest', metadata, spec } as NewObject,
});

/** A server with an account, and a Pod that runs as it on node-1. */
function withAccount(): Cluster {
  const cluster = new Cluster(1, { authorizationMode: 'Node,RBAC' });
  const make = (resource: string, object: NewObject): void => {
    cluster.callAs(superAdminUser, { verb: 'create', resource, namespace: 'default', object });
  };
  make('serviceaccounts', { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'build' } });
  make('nodes', { apiVersion: 'v1', kind: 'Node', metadata: { name: 'node-1' } });
  make('configmaps', configMap('any'));
  const spec = {
    containers: [{ name: 'c', image: 'img:1' }],
    serviceAccountName: 'build',
    nodeName: 'node-1',
  };
  make('pods', pod('runner', {}, spec));
  return cluster;
}

type Granted = { readonly token: string; readonly expirationTimestamp: string };

const claimsOf = (token: string): Readonly<Record<string, unknown>> =>
  JSON.parse(atob((token.split('.')[1] ?? '').replaceAll('-', '+').replaceAll('_', '/'))) as never;

test('a token that was asked for is believed until it ends', () => {
  const cluster = withAccount();
  const asked = cluster.callAs(superAdminUser, tokenFor('build', { expirationSeconds: 600 }));
  const { token, expirationTimestamp } = statusOf(asked) as Granted;
  expect(asked.code).toBe(201);
  expect(expirationTimestamp).toBe('2025-01-01T00:10:05Z');
  const review = ask('TokenReview', { token }, {}, authentication);
  expect(statusOf(cluster.callAs(superAdminUser, review))).toMatchObject({
    authenticated: true,
    user: {
      username: 'system:serviceaccount:default:build',
      groups: ['system:serviceaccounts', 'system:serviceaccounts:default', 'system:authenticated'],
    },
    audiences: ['https://kubernetes.default.svc.cluster.local'],
  });
  cluster.now += 10 * minute;
  expect(statusOf(cluster.callAs(superAdminUser, review))).toEqual({
    user: {},
    error: '[invalid bearer token]',
  });
});

test('a token of a Pod names its node; the one that a kubelet asks for is good for a year', () => {
  const cluster = withAccount();
  const found = cluster.callAs(superAdminUser, {
    verb: 'get',
    resource: 'pods',
    namespace: 'default',
    name: 'runner',
  });
  const ref = {
    apiVersion: 'v1',
    kind: 'Pod',
    name: 'runner',
    uid: found.ok ? found.object?.metadata.uid : '',
  };
  const other = tokenFor('build', { boundObjectRef: { ...ref, uid: 'x' } });
  expect(statusOf(cluster.callAs(nodeUser('node-1'), other))).toContain('does not match the UID in record');
  const spec = { expirationSeconds: 3_607, boundObjectRef: ref };
  const { token, expirationTimestamp } = statusOf(
    cluster.callAs(nodeUser('node-1'), tokenFor('build', spec)),
  ) as Granted;
  const claims = claimsOf(token);
  expect(expirationTimestamp).toBe('2025-01-01T01:00:14Z');
  expect(Number(claims['exp']) - Number(claims['iat'])).toBe(365 * 86_400);
  expect(claims['kubernetes.io']).toMatchObject({
    node: { name: 'node-1' },
    pod: { name: 'runner' },
    warnafter: Number(claims['iat']) + 3_607,
  });
  const review = ask('TokenReview', { token }, {}, authentication);
  expect(statusOf(cluster.callAs(superAdminUser, review))).toMatchObject({ authenticated: true });
  cluster.callAs(superAdminUser, {
    verb: 'delete',
    resource: 'pods',
    namespace: 'default',
    name: 'runner',
    gracePeriodSeconds: 0,
  });
  expect(statusOf(cluster.callAs(superAdminUser, review))).toEqual({
    user: {},
    error: '[invalid bearer token]',
  });
});

test.each<[what: string, who: UserInfo, asked: CreateRequest, told: string]>([
  ['of nobody', superAdminUser, tokenFor('nobody'), 'serviceaccounts "nobody" not found'],
  [
    'for five minutes',
    superAdminUser,
    tokenFor('build', { expirationSeconds: 300 }),
    'TokenRequest.authentication.k8s.io "" is invalid: spec.expirationSeconds: Invalid value: 300: may not specify a duration less than 10 minutes',
  ],
  [
    'under another name',
    superAdminUser,
    tokenFor('build', {}, { name: 'other' }),
    'TokenRequest.authentication.k8s.io "build" is invalid: metadata.name: Invalid value: "other": must match the service account name if specified',
  ],
  [
    'bound to a ConfigMap',
    superAdminUser,
    tokenFor('build', { boundObjectRef: { apiVersion: 'v1', kind: 'ConfigMap', name: 'any' } }),
    'cannot bind token to object of type v1, Kind=ConfigMap',
  ],
  [
    'bound to a Pod of another uid',
    superAdminUser,
    tokenFor('build', { boundObjectRef: { apiVersion: 'v1', kind: 'Pod', name: 'runner', uid: 'x' } }),
    'Operation cannot be fulfilled on Pod "runner": the UID in the bound object reference (x) does not match the UID in record. The object might have been deleted and then recreated',
  ],
  [
    'by a node, and bound to nothing',
    nodeUser('node-1'),
    tokenFor('build'),
    'serviceaccounts "build" is forbidden: node requested token not bound to a pod',
  ],
  [
    'by a node, and bound to any Pod of a name',
    nodeUser('node-1'),
    tokenFor('build', { boundObjectRef: { apiVersion: 'v1', kind: 'Pod', name: 'runner' } }),
    'serviceaccounts "build" is forbidden: node requested token with a pod binding without a uid',
  ],
  [
    'by a node, and bound to a Pod that is gone',
    nodeUser('node-1'),
    tokenFor('build', { boundObjectRef: { apiVersion: 'v1', kind: 'Pod', name: 'gone', uid: 'x' } }),
    'pods "gone" not found',
  ],
  [
    'by a node that has no Pod of it',
    nodeUser('node-2'),
    tokenFor('build'),
    'serviceaccounts "build" is forbidden: User "system:node:node-2" cannot create resource "serviceaccounts/token" in API group "" in the namespace "default": no relationship found between node \'node-2\' and this object',
  ],
])('a token %s is refused', (_, who, asked, told) => {
  expect(statusOf(withAccount().callAs(who, asked))).toBe(told);
});
