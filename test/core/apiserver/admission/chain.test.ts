/**
 * Aim: admission looks at every verb and subresource, and at nothing it need not look at. Method: a policy that denies what
 * is said in its rules, asked of a whole apiserver; and the lengths of the chains on the paths that are hot.
 */
import { describe, expect, test } from 'vitest';
import type { ApiRequest, Subresource } from '../../../../core/api/request.ts';
import { chainOf } from '../../../../core/apiserver/admission/chain.ts';
import { Cluster } from '../cluster.ts';
import { binding, configMap, deployment, namespace, pod } from '../objects.ts';

interface Rule {
  readonly operations: readonly string[];
  readonly resources: readonly string[];
}

/** A cluster with a Pod and a Deployment, and then a policy that denies what the rule is about. */
function denying({ operations, resources }: Rule): Cluster {
  const cluster = new Cluster();
  const make = (resource: string, object: ReturnType<typeof pod>): unknown =>
    cluster.object({ verb: 'create', resource, namespace: 'default', object });
  make('pods', pod('p'));
  make('deployments', deployment('d'));
  make('configmaps', configMap('c'));
  const apiVersion = 'admissionregistration.k8s.io/v1';
  const policy = {
    apiVersion,
    kind: 'ValidatingAdmissionPolicy',
    metadata: { name: 'deny' },
    spec: {
      matchConstraints: {
        resourceRules: [{ apiGroups: ['*'], apiVersions: ['*'], operations, resources }],
      },
      validations: [{ expression: 'false', message: 'not here' }],
    },
  };
  cluster.object({ verb: 'create', resource: 'validatingadmissionpolicies', object: policy });
  const bound = {
    apiVersion,
    kind: 'ValidatingAdmissionPolicyBinding',
    metadata: { name: 'deny' },
    spec: { policyName: 'deny', validationActions: ['Deny'] },
  };
  cluster.object({ verb: 'create', resource: 'validatingadmissionpolicybindings', object: bound });
  return cluster;
}

const patch = (resource: string, name: string, body: object, subresource?: Subresource): ApiRequest => ({
  verb: 'patch',
  resource,
  namespace: 'default',
  name,
  patchType: 'merge',
  patch: body as never,
  subresource: subresource as never,
});

const scale = { apiVersion: 'autoscaling/v1', kind: 'Scale', metadata: { name: 'd' }, spec: { replicas: 3 } };

const rows: readonly (readonly [string, Rule, ApiRequest])[] = [
  [
    'an update',
    { operations: ['UPDATE'], resources: ['configmaps'] },
    {
      verb: 'update',
      resource: 'configmaps',
      namespace: 'default',
      name: 'c',
      object: configMap('c', { a: '1' }),
    },
  ],
  [
    'a patch, which is an update too',
    { operations: ['UPDATE'], resources: ['configmaps'] },
    patch('configmaps', 'c', { data: { a: '1' } }),
  ],
  [
    'an update that changes nothing',
    { operations: ['UPDATE'], resources: ['configmaps'] },
    patch('configmaps', 'c', {}),
  ],
  [
    'a status',
    { operations: ['UPDATE'], resources: ['pods/status'] },
    patch('pods', 'p', { status: { phase: 'Running' } }, 'status'),
  ],
  [
    'a Scale',
    { operations: ['UPDATE'], resources: ['deployments/scale'] },
    {
      verb: 'update',
      resource: 'deployments',
      namespace: 'default',
      name: 'd',
      subresource: 'scale',
      object: scale,
    },
  ],
  [
    'a binding, which is created',
    { operations: ['CREATE'], resources: ['pods/binding'] },
    {
      verb: 'create',
      resource: 'pods',
      namespace: 'default',
      name: 'p',
      subresource: 'binding',
      object: binding('p', 'node-1'),
    },
  ],
  [
    'an eviction, which is created',
    { operations: ['CREATE'], resources: ['pods/eviction'] },
    {
      verb: 'create',
      resource: 'pods',
      namespace: 'default',
      name: 'p',
      subresource: 'eviction',
      object: { apiVersion: 'policy/v1', kind: 'Eviction', metadata: { name: 'p' } },
    },
  ],
  [
    'a deletion',
    { operations: ['DELETE'], resources: ['configmaps'] },
    { verb: 'delete', resource: 'configmaps', namespace: 'default', name: 'c' },
  ],
  [
    'a deletion of a collection, object by object',
    { operations: ['DELETE'], resources: ['configmaps'] },
    { verb: 'deletecollection', resource: 'configmaps', namespace: 'default' },
  ],
];

describe('what a policy is about is denied, and what it is not about is not', () => {
  test.each(rows)('%s', (_what, rule, request) => {
    const answer = denying(rule).call(request);
    expect(answer.ok ? 'admitted' : answer.status.message).toContain('denied request: not here');
    const other = { ...rule, resources: ['secrets', 'pods/scale', 'deployments'] };
    expect(denying(other).call(request)).toMatchObject({ ok: true });
  });
});

test('an eviction asks nobody for leave to delete', () => {
  const cluster = denying({ operations: ['DELETE'], resources: ['pods'] });
  const [, , evict] = rows[6] ?? [];
  if (evict === undefined) throw new Error('there is an eviction among the rows');
  expect(cluster.call(evict)).toMatchObject({ ok: true });
});

describe('NamespaceLifecycle', () => {
  test.each(['default', 'kube-system', 'kube-public'])('%s stays', (name) => {
    const answer = new Cluster().call({ verb: 'delete', resource: 'namespaces', name });
    expect(answer).toMatchObject({
      code: 403,
      status: {
        reason: 'Forbidden',
        message: `namespaces "${name}" is forbidden: this namespace may not be deleted`,
      },
    });
  });

  test('another goes', () => {
    const cluster = new Cluster();
    cluster.object({ verb: 'create', resource: 'namespaces', object: namespace('n') });
    expect(cluster.call({ verb: 'delete', resource: 'namespaces', name: 'n' })).toMatchObject({ ok: true });
  });

  test('without the plugin there is no namespace that stays, and none that must be there', () => {
    const cluster = new Cluster(1, { disabledAdmission: ['NamespaceLifecycle'] });
    expect(cluster.call({ verb: 'delete', resource: 'namespaces', name: 'default' })).toMatchObject({
      ok: true,
    });
    const object = configMap('c');
    expect(
      cluster.call({ verb: 'create', resource: 'configmaps', namespace: 'nowhere', object }),
    ).toMatchObject({ ok: true });
  });
});

test.each([
  ['pods', 'UPDATE', 'status'],
  ['pods', 'CREATE', 'binding'],
  ['pods', 'DELETE', ''],
  ['leases', 'UPDATE', ''],
  ['nodes', 'UPDATE', 'status'],
  ['events', 'CREATE', ''],
  ['endpointslices', 'UPDATE', ''],
] as const)('no plugin looks at %s: %s %s', (resource, operation, subresource) => {
  const chain = chainOf(['NodeRestriction'], resource, operation, subresource);
  expect(chain).toEqual({ admitting: [], validating: [] });
});
