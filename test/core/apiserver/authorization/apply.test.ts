/**
 * Aim: who applies what is not there creates it, and must be allowed to; a patch alone is not enough. Method: one
 * ConfigMap, and users whose roles differ by a verb or a name, under Node,RBAC.
 */
import { expect, test } from 'vitest';
import type { Json } from '../../../../core/api/generated/types.ts';
import type { PatchRequest } from '../../../../core/api/request.ts';
import { superAdminUser, userNamed } from '../../../../core/apiserver/authentication/identities.ts';
import { Cluster } from '../cluster.ts';

const group = 'rbac.authorization.k8s.io';

/** A cluster in which jane has these rules in the namespace default. */
function clusterWhereJane(rules: readonly object[]): Cluster {
  const cluster = new Cluster(1, { authorizationMode: 'Node,RBAC' });
  const given = [
    { kind: 'Role', metadata: { name: 'janes' }, rules },
    {
      kind: 'RoleBinding',
      metadata: { name: 'janes' },
      roleRef: { apiGroup: group, kind: 'Role', name: 'janes' },
      subjects: [{ apiGroup: group, kind: 'User', name: 'jane' }],
    },
  ];
  for (const object of given) {
    const resource = `${object.kind.toLowerCase()}s`;
    const answer = cluster.callAs(superAdminUser, {
      verb: 'create',
      resource,
      namespace: 'default',
      object: { apiVersion: `${group}/v1`, ...object },
    });
    expect(answer.code).toBe(201);
  }
  return cluster;
}

const applied = (data: Json, dryRun?: string): PatchRequest => ({
  verb: 'patch',
  resource: 'configmaps',
  namespace: 'default',
  name: 'settings',
  patchType: 'apply',
  fieldManager: 'jane',
  dryRun,
  patch: { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'settings' }, data },
});

const jane = userNamed('jane');
const rule = (verbs: readonly string[], more: object = {}) => ({
  apiGroups: [''],
  resources: ['configmaps'],
  verbs,
  ...more,
});

const cases: Readonly<Record<string, readonly [rules: readonly object[], code: number]>> = {
  'patch alone': [[rule(['patch'])], 403],
  'patch and create': [[rule(['patch', 'create'])], 201],
  // Of a POST nobody knows the name; an apply has it in its path.
  'both, of this name': [[rule(['patch', 'create'], { resourceNames: ['settings'] })], 201],
  'both, and the creation of another name': [
    [rule(['patch']), rule(['create'], { resourceNames: ['other'] })],
    403,
  ],
  'create alone': [[rule(['create'])], 403],
};

test.each(Object.entries(cases))('%s', (_, [rules, code]) => {
  const cluster = clusterWhereJane(rules);
  expect(cluster.callAs(jane, applied({ a: '1' }, 'All')).code).toBe(code);
  expect(cluster.callAs(jane, applied({ a: '1' })).code).toBe(code);
});

test('who may only patch hears of the name and of no reason, and may apply to what is there', () => {
  const cluster = clusterWhereJane([rule(['patch'])]);
  const before = cluster.revision;
  const refused = cluster.callAs(jane, applied({ a: '1' }));
  expect(refused).toEqual({
    ok: false,
    code: 403,
    status: {
      kind: 'Status',
      apiVersion: 'v1',
      metadata: {},
      status: 'Failure',
      message: 'configmaps "settings" is forbidden: ',
      reason: 'Forbidden',
      details: { name: 'settings', kind: 'configmaps' },
      code: 403,
    },
  });
  expect(cluster.revision).toBe(before);
  expect(cluster.callAs(superAdminUser, applied({ a: '1' })).code).toBe(201);
  expect(cluster.callAs(jane, applied({ a: '1', b: '2' })).code).toBe(200);
});

test('what is wrong with the object is told before', () => {
  const cluster = clusterWhereJane([rule(['patch'])]);
  expect(cluster.callAs(jane, applied({ 'a/b': '1' })).code).toBe(422);
});
