/**
 * Aim: who applies owns, gives up and is refused as field managers say; applying again changes nothing; nothing is paid for an object that
 * nobody tracks. Method: properties over small objects, and tables after sigs.k8s.io/structured-merge-diff and the real apiserver.
 */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Json } from '../../../../core/api/generated/types.ts';
import { resourceNamed } from '../../../../core/api/kinds.ts';
import { objectSchemaOf, type ObjectSchema } from '../../../../core/api/patch/object-schema.ts';
import { serverSideApply, trackUpdate } from '../../../../core/api/patch/server-side-apply.ts';
import { objectSchemaOfCustom } from '../../../../core/api/patch/structural-merge-type.ts';
import type { NewObject, Status } from '../../../../core/api/request.ts';
import { deployments, pods, services } from './objects.ts';

const schemaOf = (resource: string): ObjectSchema => {
  const info = resourceNamed(resource);
  const schema = info === undefined ? undefined : objectSchemaOf(info);
  if (schema === undefined) throw new Error(`${resource} has a schema`);
  return schema;
};

const now = '2026-01-15T12:00:00Z';
const later = '2026-01-15T12:00:09Z';

function apply(
  schema: ObjectSchema,
  live: NewObject | undefined,
  config: Json,
  manager: string,
  force = false,
  at = now,
): NewObject {
  const applied = serverSideApply(schema, live, config as object, { manager, force, now: at });
  if ('failure' in applied) throw new Error(applied.failure.message);
  return applied.object;
}

function refusal(schema: ObjectSchema, live: NewObject | undefined, config: Json, manager = 'b'): Status {
  const applied = serverSideApply(schema, live, config as object, { manager, force: false, now });
  if ('object' in applied) throw new Error('it was applied');
  return applied.failure;
}

/** Who owns what: `a Apply f:data{f:k}`. */
const owners = ({ metadata }: NewObject): readonly string[] =>
  (metadata.managedFields ?? []).map(
    ({ manager = '', operation = '', subresource, fieldsV1 }) =>
      `${manager} ${operation}${subresource === undefined ? '' : `/${subresource}`} ${JSON.stringify(fieldsV1).replaceAll('{}', '').replaceAll('"', '').replaceAll(':,', ',').replaceAll(':}', '}')}`,
  );

/** What an object says once it is decoded: nothing that is empty, nothing of its managers; nobody owns the order of a list. */
function content(value: unknown): unknown {
  if (Array.isArray(value)) return value.map((item) => JSON.stringify(content(item))).sort();
  if (typeof value !== 'object' || value === null) return value;
  const fields = Object.entries(value)
    .filter(([name]) => name !== 'managedFields')
    .map(([name, inner]) => [name, content(inner)] as const)
    .filter(
      ([, inner]) =>
        inner !== null && !(typeof inner === 'object' && Object.keys(inner as object).length === 0),
    );
  return Object.fromEntries(fields);
}

describe.each([
  ['pods', pods],
  ['services', services],
  ['deployments', deployments],
] as const)('%s', (resource, small) => {
  const schema = schemaOf(resource);
  // Who applies nothing but empty lists owns nothing, and the object stays untracked.
  const objects = small.map((object) => {
    const { metadata, ...rest } = object as { readonly metadata: object };
    return { ...rest, metadata: { ...metadata, generateName: 'x-' } } as Json;
  });

  test('applying the same again changes nothing, not even the time', () => {
    fc.assert(
      fc.property(objects, (config) => {
        const once = apply(schema, undefined, config, 'a');
        expect(apply(schema, once, config, 'a', false, later)).toBe(once);
      }),
    );
  });

  test('a forced apply is followed by one without force', () => {
    fc.assert(
      fc.property(objects, objects, (theirs, ours) => {
        const live = apply(schema, apply(schema, undefined, theirs, 'a'), ours, 'b', true);
        expect(apply(schema, live, ours, 'b')).toBe(live);
      }),
    );
  });

  test('what a manager applies no more is gone, and only that', () => {
    fc.assert(
      fc.property(objects, objects, (theirs, ours) => {
        const name = { ...(ours as object), metadata: { name: 'x' }, spec: undefined } as unknown as Json;
        const alone = apply(schema, undefined, theirs, 'a');
        const shared = serverSideApply(schema, alone, ours as object, { manager: 'b', force: false, now });
        if ('failure' in shared) return;
        const left = apply(schema, shared.object, name, 'b');
        expect(content(left)).toEqual(content(alone));
        expect(owners(left).filter((owner) => owner.startsWith('b '))).toEqual([]);
      }),
    );
  });

  test('an update that changes nothing takes nothing', () => {
    fc.assert(
      fc.property(objects, (config) => {
        const live = apply(schema, undefined, config, 'a');
        expect(trackUpdate(schema, live, live, { manager: 'u', now: later })).toBe(live);
      }),
    );
  });
});

describe('ConfigMaps', () => {
  const schema = schemaOf('configmaps');
  const map = (data: object, metadata: object = {}): NewObject =>
    ({
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'x', namespace: 'd', ...metadata },
      data,
    }) as NewObject;
  const config = (data: object): Json => map(data) as unknown as Json;

  test('an update of an object that nobody tracks is the object itself', () => {
    const before = map({ k: 'v' }, { uid: 'u' });
    const after = map({ k: 'w' }, { uid: 'u' });
    expect(trackUpdate(schema, before, after, { manager: 'u', now })).toBe(after);
  });

  test('the first apply finds everything in the hands of before-first-apply', () => {
    const live = map({ k: 'v' }, { uid: 'u' });
    expect(refusal(schema, live, config({ k: 'w' }))).toMatchObject({
      code: 409,
      reason: 'Conflict',
      message: 'Apply failed with 1 conflict: conflict with "before-first-apply" using v1: .data.k',
      details: {
        causes: [
          {
            reason: 'FieldManagerConflict',
            message: 'conflict with "before-first-apply" using v1',
            field: '.data.k',
          },
        ],
      },
    });
    expect(owners(apply(schema, live, config({ l: '1' }), 'b'))).toEqual([
      'b Apply {f:data:{f:l}}',
      'before-first-apply Update {f:data:{.,f:k}}',
    ]);
  });

  test('kubectl takes over what its own annotation says it applied, and keeps the annotation', () => {
    const annotation = 'kubectl.kubernetes.io/last-applied-configuration';
    const text = JSON.stringify(map({ k: 'v' }));
    const live = map({ k: 'v', l: '1' }, { uid: 'u', annotations: { [annotation]: text } });
    const applied = apply(schema, live, config({ k: 'w' }), 'kubectl');
    expect((applied as { data?: object }).data).toEqual({ k: 'w', l: '1' });
    expect(applied.metadata.annotations?.[annotation]).toBe(
      '{"apiVersion":"v1","data":{"k":"w"},"kind":"ConfigMap","metadata":{"name":"x","namespace":"d"}}\n',
    );
    expect(refusal(schema, live, config({ l: '2' }), 'kubectl').message).toBe(
      'Apply failed with 1 conflict: conflict with "before-first-apply" using v1: .data.l',
    );
  });

  test('more than ten updaters: the oldest become ancient-changes', () => {
    let live = trackUpdate(schema, undefined, map({ k: '0' }, { uid: 'u' }), { manager: 'm0', now });
    for (let i = 1; i <= 11; i++) {
      const at = `2026-01-15T12:00:${String(i).padStart(2, '0')}Z`;
      const data = { ...(live as { data?: object }).data, [`k${i}`]: '1' };
      live = trackUpdate(schema, live, { ...live, data } as NewObject, { manager: `m${i}`, now: at });
    }
    expect(live.metadata.managedFields?.map(({ manager }) => manager)).toEqual([
      'ancient-changes',
      ...[3, 4, 5, 6, 7, 8, 9, 10, 11].map((i) => `m${i}`),
    ]);
  });

  test('an empty list of managedFields in an update resets them', () => {
    const live = apply(schema, map({ k: 'v' }, { uid: 'u' }), config({ l: '1' }), 'a');
    const reset = { ...live, metadata: { ...live.metadata, managedFields: [] } };
    expect(trackUpdate(schema, live, reset, { manager: 'u', now }).metadata.managedFields).toBeUndefined();
  });

  const refusals: readonly (readonly [string, Json, number, string])[] = [
    [
      'another kind',
      { apiVersion: 'v1', kind: 'Secret', metadata: {} },
      400,
      'invalid object type: /v1, Kind=Secret',
    ],
    [
      'a number for a text',
      { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'x', namespace: 'd' }, data: { k: 1 } },
      500,
      'failed to create typed patch object (d/x; /v1, Kind=ConfigMap): .data.k: expected string, got &value.valueUnstructured{Value:1}',
    ],
    [
      'two misfits',
      {
        apiVersion: 'v1',
        kind: 'ConfigMap',
        metadata: { name: 'x', namespace: 'd' },
        data: 'no',
        immutable: 'no',
      },
      500,
      'failed to create typed patch object (d/x; /v1, Kind=ConfigMap): errors:\n  .data: expected map, got &{no}\n  .immutable: expected boolean, got &{no}',
    ],
  ];
  test.each(refusals)('%s is refused', (_, given, code, message) => {
    expect(refusal(schema, undefined, given)).toMatchObject({ code, message });
  });
});

describe('subresources', () => {
  const schema = schemaOf('deployments');
  const deployment = (spec: object, status?: object): NewObject =>
    ({
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: 'x', uid: 'u' },
      spec,
      status,
    }) as unknown as NewObject;

  test('a write of the status owns nothing of the spec, and has an entry of its own', () => {
    const live = apply(schema, undefined, deployment({ replicas: 1 }) as unknown as Json, 'a');
    const next = { ...live, spec: { replicas: 2 }, status: { replicas: 1 } } as unknown as NewObject;
    expect(owners(trackUpdate(schema, live, next, { manager: 'a', now, subresource: 'status' }))).toEqual([
      'a Apply {f:spec:{f:replicas}}',
      'a Update/status {f:status:{f:replicas}}',
    ]);
  });

  test('a conflict names the subresource', () => {
    const live = apply(schema, undefined, deployment({ replicas: 1 }) as unknown as Json, 'a');
    const scaled = trackUpdate(schema, live, { ...live, spec: { replicas: 2 } } as unknown as NewObject, {
      manager: 'hpa',
      now,
      subresource: 'scale',
    });
    expect(owners(scaled)).toEqual(['hpa Update/scale {f:spec:{f:replicas}}']);
    expect(refusal(schema, scaled, deployment({ replicas: 1 }) as unknown as Json, 'a').message).toBe(
      'Apply failed with 1 conflict: conflict with "hpa" with subresource "scale" using apps/v1: .spec.replicas',
    );
  });
});

describe('lists', () => {
  const schema = schemaOf('services');
  const service = (ports: readonly object[]): Json =>
    ({
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: 'x', namespace: 'd' },
      spec: { ports },
    }) as unknown as Json;

  test('the protocol of a port is TCP where it is not said', () => {
    const live = apply(schema, undefined, service([{ port: 80 }]), 'a');
    expect(owners(live)).toEqual([
      'a Apply {f:spec:{f:ports:{k:{\\port\\:80,\\protocol\\:\\TCP\\}:{.,f:port}}}}',
    ]);
    expect(refusal(schema, live, service([{ port: 80, protocol: 'TCP' }, { port: 80 }])).message).toBe(
      'failed to create typed patch object (d/x; /v1, Kind=Service): .spec.ports: duplicate entries for key [port=80,protocol="TCP"]',
    );
  });

  test('the order of shared items is that of the configuration, the others stay between them', () => {
    const live = apply(schema, undefined, service([{ port: 1 }, { port: 2 }, { port: 3 }]), 'a');
    const both = apply(schema, live, service([{ port: 3 }, { port: 4 }, { port: 1 }]), 'b');
    const ports = (both as unknown as { spec: { ports: readonly { port: number }[] } }).spec.ports;
    expect(ports.map(({ port }) => port)).toEqual([2, 3, 4, 1]);
  });

  test('an item without its key is refused', () => {
    expect(refusal(schema, undefined, service([{ name: 'x' }])).message).toBe(
      'failed to create typed patch object (d/x; /v1, Kind=Service): .spec.ports: element 0: associative list with keys has an element that omits key field "port" (and doesn\'t have default value)',
    );
  });
});

describe('custom resources', () => {
  const properties = {
    items: {
      type: 'array',
      'x-kubernetes-list-type': 'map',
      'x-kubernetes-list-map-keys': ['id'],
      items: { type: 'object', properties: { id: { type: 'string' }, on: { type: 'boolean' } } },
    },
    tags: { type: 'array', 'x-kubernetes-list-type': 'set', items: { type: 'string' } },
    plain: { type: 'array', items: { type: 'string' } },
    whole: { type: 'object', 'x-kubernetes-map-type': 'atomic', additionalProperties: { type: 'string' } },
    free: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
  } as const;
  const apiVersion = 'example.com/v1';
  const structural = { type: 'object', properties: { spec: { type: 'object', properties } } } as const;
  const schema = objectSchemaOfCustom('Thing', apiVersion, [{ apiVersion, schema: structural }], true);
  const thing = (spec: object): Json =>
    ({ apiVersion, kind: 'Thing', metadata: { name: 'x' }, spec }) as unknown as Json;

  test('lists and maps merge as the schema says', () => {
    const live = apply(
      schema,
      undefined,
      thing({ items: [{ id: 'a', on: true }], tags: ['x'], free: { p: { q: [1] } } }),
      'a',
    );
    const both = apply(
      schema,
      live,
      thing({ items: [{ id: 'b' }], tags: ['y'], plain: ['z'], whole: { k: 'v' } }),
      'b',
    );
    expect((both as unknown as { spec: object }).spec).toEqual({
      items: [{ id: 'a', on: true }, { id: 'b' }],
      tags: ['x', 'y'],
      plain: ['z'],
      whole: { k: 'v' },
      free: { p: { q: [1] } },
    });
    expect(owners(both)).toEqual([
      'a Apply {f:spec:{f:free:{f:p:{.,f:q}},f:items:{k:{\\id\\:\\a\\}:{.,f:id,f:on}},f:tags:{v:\\x\\}}}',
      'b Apply {f:spec:{f:items:{k:{\\id\\:\\b\\}:{.,f:id}},f:plain,f:tags:{v:\\y\\},f:whole}}',
    ]);
  });

  test('an atomic map is taken as a whole', () => {
    const live = apply(schema, undefined, thing({ whole: { k: 'v' } }), 'a');
    expect(refusal(schema, live, thing({ whole: { l: 'w' } })).message).toBe(
      'Apply failed with 1 conflict: conflict with "a": .spec.whole',
    );
  });

  test('a field that is not declared is refused', () => {
    expect(refusal(schema, undefined, thing({ bogus: 1 })).message).toBe(
      'failed to create typed patch object (/x; example.com/v1, Kind=Thing): .spec.bogus: field not declared in schema',
    );
  });
});
