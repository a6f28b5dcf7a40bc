/**
 * Aim: the server serves what a CustomResourceDefinition defines. Method: one definition with everything in it over a real
 * etcd, and small stories of its instances, each told in the words of the answers.
 */
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import type { CustomResourceDefinition, Json } from '../../../core/api/generated/types.ts';
import { itemsOf } from '../../../core/api/list-items.ts';
import type { ApiObject } from '../../../core/api/object.ts';
import type { ApiAnswer, NewObject, PatchRequest } from '../../../core/api/request.ts';
import { second } from '../../../core/time/time.ts';
import { Cluster } from './cluster.ts';
import { namespace } from './objects.ts';

const definition = parse(`
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: { name: widgets.example.com }
spec:
  group: example.com
  scope: Namespaced
  names: { plural: widgets, kind: Widget, shortNames: [wd] }
  versions:
    - name: v1
      served: true
      storage: true
      subresources:
        status: {}
        scale: { specReplicasPath: .spec.replicas, statusReplicasPath: .status.replicas }
      selectableFields: [{ jsonPath: .spec.color }]
      schema: &schema
        openAPIV3Schema:
          type: object
          properties:
            spec:
              type: object
              required: [size]
              x-kubernetes-validations:
                - { rule: 'self.size < 100', message: too large }
                - { rule: 'self.size >= oldSelf.size', message: must not shrink }
              properties:
                size: { type: integer, minimum: 1 }
                color: { type: string, default: red, enum: [red, blue] }
                replicas: { type: integer, default: 1 }
            status:
              type: object
              properties: { replicas: { type: integer } }
    - name: v1beta1
      served: true
      storage: false
      schema: *schema
    - name: v1alpha1
      served: false
      storage: false
      schema: *schema
`) as NewObject;

const resource = 'widgets.example.com';
const crds = 'customresourcedefinitions';
const at = { resource, namespace: 'default' } as const;

type Widget = ApiObject & { readonly spec: Readonly<Record<string, Json>>; readonly status?: Json };

const widget = (
  name: string,
  spec: Readonly<Record<string, Json>> = { size: 1 },
  version = 'v1',
): NewObject & object =>
  ({ apiVersion: `example.com/${version}`, kind: 'Widget', metadata: { name }, spec }) as NewObject;

/** A cluster in which widgets have been defined for a while. */
function withWidgets(servers = 1): Cluster {
  const cluster = new Cluster(servers);
  cluster.object({ verb: 'create', resource: crds, object: definition });
  cluster.advance(3 * second);
  return cluster;
}

const create = (cluster: Cluster, object: NewObject, fieldValidation?: string, server = 0): ApiAnswer =>
  cluster.call({ verb: 'create', ...at, object, fieldValidation }, server);

const get = (cluster: Cluster, name: string, version?: string): Widget =>
  cluster.object<Widget>({ verb: 'get', ...at, name, version });

const patch = (cluster: Cluster, name: string, body: Json, more: Partial<PatchRequest> = {}): ApiAnswer =>
  cluster.call({ verb: 'patch', ...at, name, patchType: 'merge', patch: body, ...more });

const told = (answer: ApiAnswer): string =>
  answer.ok ? `${answer.code}` : `${answer.code} ${answer.status.message ?? ''}`;

const definitionIn = (cluster: Cluster): CustomResourceDefinition =>
  cluster.object({ verb: 'get', resource: crds, name: resource }) as unknown as CustomResourceDefinition;

const conditions = (crd: CustomResourceDefinition): readonly string[] =>
  (crd.status.conditions ?? []).map(({ type, status, reason }) => `${type}=${status} ${reason ?? ''}`);

const nothingThere = '404 the server could not find the requested resource';

describe('a definition', () => {
  test('is accepted, then established, and says what it stores', () => {
    const { spec, status } = definitionIn(withWidgets());
    expect(spec.names).toMatchObject({ singular: 'widget', listKind: 'WidgetList' });
    expect(conditions({ status } as CustomResourceDefinition)).toEqual([
      'NamesAccepted=True NoConflicts',
      'Established=True InitialNamesAccepted',
    ]);
    expect(status).toMatchObject({ storedVersions: ['v1'], acceptedNames: { plural: 'widgets' } });
  });

  test('that is wrong is refused by its own rules', () => {
    const wrong = { ...definition, metadata: { name: 'gadgets.example.com' } };
    expect(told(new Cluster().call({ verb: 'create', resource: crds, object: wrong }))).toBe(
      '422 CustomResourceDefinition.apiextensions.k8s.io "gadgets.example.com" is invalid: metadata.name: Invalid value: "gadgets.example.com": must be spec.names.plural+"."+spec.group',
    );
  });

  test('whose names are taken gets them when the other is gone', () => {
    const cluster = withWidgets();
    const rival = structuredClone(definition) as unknown as {
      metadata: { name: string };
      spec: { names: object };
    };
    rival.metadata.name = 'gizmos.example.com';
    rival.spec.names = { plural: 'gizmos', kind: 'Gizmo', shortNames: ['wd'] };
    cluster.object({ verb: 'create', resource: crds, object: rival as unknown as NewObject });
    const gizmos = (): readonly string[] =>
      conditions(
        cluster.object({
          verb: 'get',
          resource: crds,
          name: 'gizmos.example.com',
        }) as unknown as CustomResourceDefinition,
      );
    expect(gizmos()).toEqual(['NamesAccepted=False ShortNamesConflict', 'Established=False NotAccepted']);
    expect(told(cluster.call({ verb: 'list', resource: 'gizmos.example.com' }))).toBe(nothingThere);
    cluster.call({ verb: 'delete', resource: crds, name: resource });
    expect(gizmos()).toEqual(['NamesAccepted=True NoConflicts', 'Established=True InitialNamesAccepted']);
  });

  test('is needed: before and after it there is nothing', () => {
    const cluster = new Cluster();
    expect(told(create(cluster, widget('a')))).toBe(nothingThere);
    cluster.object({ verb: 'create', resource: crds, object: definition });
    const before = cluster.now;
    expect(told(create(cluster, widget('a')))).toBe('201');
    // A creation waits two seconds for the other servers to learn of the definition.
    expect(cluster.now - before).toBeGreaterThanOrEqual(2 * second);
    cluster.call({ verb: 'delete', resource: crds, name: resource });
    expect(told(cluster.call({ verb: 'get', ...at, name: 'a' }))).toBe(nothingThere);
    expect(told(cluster.call({ verb: 'get', resource: crds, name: resource }))).toContain('404');
  });

  test('takes its instances with it, and waits for their finalizers', () => {
    const cluster = withWidgets();
    create(cluster, { ...widget('held'), metadata: { name: 'held', finalizers: ['example.com/hold'] } });
    create(cluster, widget('free'));
    const watched = cluster.watch({ ...at, resourceVersion: '0' });
    cluster.call({ verb: 'delete', resource: crds, name: resource });
    expect(conditions(definitionIn(cluster)).at(-1)).toBe('Terminating=True InstanceDeletionInProgress');
    expect(definitionIn(cluster).metadata.finalizers).toEqual(['customresourcecleanup.apiextensions.k8s.io']);
    expect(told(cluster.call({ verb: 'get', ...at, name: 'free' }))).toBe(
      '404 widgets.example.com "free" not found',
    );
    expect(told(create(cluster, widget('late')))).toBe(
      '403 widgets.example.com "late" is forbidden: create not allowed while custom resource definition is terminating',
    );
    patch(cluster, 'held', { metadata: { finalizers: null } });
    expect(told(cluster.call({ verb: 'get', resource: crds, name: resource }))).toContain('404');
    expect(watched.closed).toBe(true);
  });

  test('is known to every server', () => {
    const cluster = withWidgets(2);
    create(cluster, widget('a'), undefined, 1);
    expect(get(cluster, 'a').spec['size']).toBe(1);
  });
});

describe('an instance', () => {
  test('is pruned, given its defaults, and lies under its group', () => {
    const cluster = withWidgets();
    const answer = create(cluster, widget('a', { size: 2, colour: 'blue' }));
    expect(answer.ok && answer.warnings).toEqual(['unknown field "spec.colour"']);
    expect(get(cluster, 'a')).toMatchObject({
      apiVersion: 'example.com/v1',
      metadata: { generation: 1 },
      spec: { size: 2, color: 'red', replicas: 1 },
    });
    expect(get(cluster, 'a').spec).not.toHaveProperty('colour');
  });

  test.each<readonly [what: string, given: NewObject, told: string]>([
    [
      'a field nobody knows',
      widget('a', { size: 2, colour: 'blue' }),
      '400 Widget in version "v1" cannot be handled as a Widget: strict decoding error: unknown field "spec.colour"',
    ],
    [
      'what is required',
      widget('a', {}),
      '422 Widget.example.com "a" is invalid: [spec.size: Required value, <nil>: Invalid value: null: some validation rules were not checked because the object was invalid; correct the existing errors to complete validation]',
    ],
    [
      'a value that is not allowed',
      widget('a', { size: 2, color: 'green' }),
      '422 Widget.example.com "a" is invalid: [spec.color: Unsupported value: "green": supported values: "red", "blue", <nil>: Invalid value: null: some validation rules were not checked because the object was invalid; correct the existing errors to complete validation]',
    ],
    [
      'a rule',
      widget('a', { size: 200 }),
      '422 Widget.example.com "a" is invalid: spec: Invalid value: "object": too large',
    ],
    [
      'another kind',
      { ...widget('a'), kind: 'Gadget' },
      '422 Widget.example.com "a" is invalid: kind: Invalid value: "Gadget": must be Widget',
    ],
    ['a version that is not served', widget('a', { size: 1 }, 'v1alpha1'), nothingThere],
    ['a version nobody has', widget('a', { size: 1 }, 'v7'), nothingThere],
  ])('is refused for %s', (_what, given, expected) => {
    expect(told(create(withWidgets(), given, 'Strict'))).toBe(expected);
  });

  test('may not shrink: a rule of transition looks at what was there', () => {
    const cluster = withWidgets();
    create(cluster, widget('a', { size: 5 }));
    expect(told(patch(cluster, 'a', { spec: { size: 6 } }))).toBe('200');
    expect(told(patch(cluster, 'a', { spec: { size: 4 } }))).toContain(
      'spec: Invalid value: "object": must not shrink',
    );
    expect(get(cluster, 'a')).toMatchObject({ metadata: { generation: 2 }, spec: { size: 6 } });
  });

  test('is updated only by who has seen it, and patched in two of the ways', () => {
    const cluster = withWidgets();
    create(cluster, widget('a', { size: 5 }));
    const { resourceVersion } = get(cluster, 'a').metadata;
    const update = (metadata: object): string =>
      told(
        cluster.call({
          verb: 'update',
          ...at,
          name: 'a',
          object: { ...widget('a', { size: 7 }), metadata: { name: 'a', ...metadata } },
        }),
      );
    expect(update({})).toContain('must be specified for an update');
    expect(update({ resourceVersion })).toBe('200');
    expect(update({ resourceVersion })).toContain(
      '409 Operation cannot be fulfilled on widgets.example.com "a"',
    );
    const json = [{ op: 'replace', path: '/spec/color', value: 'blue' }];
    expect(told(patch(cluster, 'a', json, { patchType: 'json' }))).toBe('200');
    expect(told(patch(cluster, 'a', { spec: {} }, { patchType: 'strategic' }))).toContain('415');
    expect(get(cluster, 'a').spec).toEqual({ size: 7, color: 'blue', replicas: 1 });
  });

  test('has a status of its own, and the rest is not its business', () => {
    const cluster = withWidgets();
    create(cluster, { ...widget('a'), status: { replicas: 9 } } as NewObject);
    expect(get(cluster, 'a').status).toBeUndefined();
    patch(cluster, 'a', { status: { replicas: 2 }, spec: { size: 50 } }, { subresource: 'status' });
    patch(cluster, 'a', { status: { replicas: 3 }, metadata: { labels: { a: 'b' } } });
    const { spec, status, metadata } = get(cluster, 'a');
    expect({ spec, status, generation: metadata.generation, labels: metadata.labels }).toEqual({
      spec: { size: 1, color: 'red', replicas: 1 },
      status: { replicas: 2 },
      generation: 1,
      labels: { a: 'b' },
    });
  });

  test('is scaled by the path its definition says', () => {
    const cluster = withWidgets();
    create(cluster, widget('a'));
    const scale = patch(cluster, 'a', { spec: { replicas: 4 } }, { subresource: 'scale' });
    expect(scale.ok && scale.object).toMatchObject({
      apiVersion: 'autoscaling/v1',
      kind: 'Scale',
      spec: { replicas: 4 },
      status: { replicas: 0 },
    });
    expect(get(cluster, 'a').spec['replicas']).toBe(4);
    expect(
      told(patch(cluster, 'a', { spec: { replicas: 4 } }, { subresource: 'scale', version: 'v1beta1' })),
    ).toBe(nothingThere);
  });

  test('is stored in one version and shown in the one asked for', () => {
    const cluster = withWidgets();
    expect(told(create(cluster, widget('a', { size: 3 }, 'v1beta1')))).toBe('201');
    const inBeta = { ...at, version: 'v1beta1' };
    expect(get(cluster, 'a').apiVersion).toBe('example.com/v1');
    expect(get(cluster, 'a', 'v1beta1').apiVersion).toBe('example.com/v1beta1');
    const list = cluster.call({ verb: 'list', ...inBeta });
    expect(list.ok && list.list && itemsOf(list.list).map(({ apiVersion }) => apiVersion)).toEqual([
      'example.com/v1beta1',
    ]);
    const watched = cluster.watch({ ...inBeta, resourceVersion: '0' });
    const patched = patch(cluster, 'a', { spec: { size: 4 } }, { version: 'v1beta1' });
    expect(patched.ok && patched.object?.apiVersion).toBe('example.com/v1beta1');
    expect(watched.events.map(({ type, object }) => `${type} ${object.apiVersion}`)).toEqual([
      'ADDED example.com/v1beta1',
      'MODIFIED example.com/v1beta1',
    ]);
  });

  test('is selected by the fields its definition allows', () => {
    const cluster = withWidgets();
    create(cluster, widget('a'));
    create(cluster, widget('b', { size: 1, color: 'blue' }));
    const list = cluster.call({ verb: 'list', ...at, fieldSelector: 'spec.color=blue' });
    expect(list.ok && list.list && itemsOf(list.list).map(({ metadata }) => metadata.name)).toEqual(['b']);
    expect(told(cluster.call({ verb: 'list', ...at, fieldSelector: 'spec.size=1' }))).toBe(
      '400 field label not supported: spec.size',
    );
  });

  test('is deleted alone and with others, and needs its namespace', () => {
    const cluster = withWidgets();
    for (const name of ['a', 'b', 'c']) create(cluster, widget(name));
    const one = cluster.call({ verb: 'delete', ...at, name: 'a' });
    expect(one.ok && one.status?.details).toMatchObject({ name: 'a', group: 'example.com', kind: 'widgets' });
    cluster.call({ verb: 'deletecollection', ...at });
    const left = cluster.call({ verb: 'list', ...at });
    expect(left.ok && left.list && itemsOf(left.list)).toEqual([]);
    const elsewhere = { verb: 'create', resource, namespace: 'team', object: widget('a') } as const;
    expect(told(cluster.call(elsewhere))).toBe('404 namespaces "team" not found');
    cluster.object({ verb: 'create', resource: 'namespaces', object: namespace('team') });
    expect(told(cluster.call(elsewhere))).toBe('201');
  });
});

test('an admission policy judges instances, and goes by them', () => {
  const cluster = withWidgets();
  const api = 'admissionregistration.k8s.io/v1';
  const policy = {
    apiVersion: api,
    kind: 'ValidatingAdmissionPolicy',
    metadata: { name: 'largest' },
    spec: {
      paramKind: { apiVersion: 'example.com/v1', kind: 'Widget' },
      matchConstraints: {
        resourceRules: [
          {
            apiGroups: ['example.com'],
            apiVersions: ['v1'],
            operations: ['CREATE', 'UPDATE'],
            resources: ['widgets'],
          },
        ],
      },
      validations: [
        { expression: 'object.spec.size <= params.spec.size', message: 'larger than the largest' },
      ],
    },
  };
  const binding = {
    apiVersion: api,
    kind: 'ValidatingAdmissionPolicyBinding',
    metadata: { name: 'largest' },
    spec: {
      policyName: 'largest',
      paramRef: { name: 'largest', namespace: 'default', parameterNotFoundAction: 'Allow' },
      validationActions: ['Deny'],
    },
  };
  create(cluster, widget('largest', { size: 5 }));
  cluster.object({ verb: 'create', resource: 'validatingadmissionpolicies', object: policy });
  cluster.object({ verb: 'create', resource: 'validatingadmissionpolicybindings', object: binding });
  const denied =
    "422 widgets.example.com \"a\" is forbidden: ValidatingAdmissionPolicy 'largest' with binding 'largest' denied request: larger than the largest";
  expect(told(create(cluster, widget('a', { size: 6 })))).toBe(denied);
  expect(told(create(cluster, widget('a', { size: 4 })))).toBe('201');
  expect(told(patch(cluster, 'a', { spec: { size: 6 } }))).toBe(denied);
  expect(told(patch(cluster, 'a', { spec: { size: 5 } }))).toBe('200');
});
