/**
 * Aim: a HorizontalPodAutoscaler is one object in two versions: whichever is written, either is read, listed, watched,
 * patched and applied to, and autoscaling/v2 is what lies in etcd. Method: the same small object through each verb.
 */
import { describe, expect, test } from 'vitest';
import type { ApiObject } from '../../../core/api/object.ts';
import { itemsOf } from '../../../core/api/list-items.ts';
import type { NewObject } from '../../../core/api/request.ts';
import { Cluster } from './cluster.ts';

type Autoscaler = ApiObject & {
  readonly spec: {
    readonly maxReplicas: number;
    readonly targetCPUUtilizationPercentage?: number;
    readonly metrics?: readonly {
      readonly resource?: { readonly target: { readonly averageUtilization?: number } };
    }[];
  };
  readonly status: object;
};

const target = { resource: 'horizontalpodautoscalers', namespace: 'default' } as const;
const named = { ...target, name: 'web' } as const;
const reference = { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' };

const v1 = (percentage = 50, metadata: object = {}): NewObject =>
  ({
    apiVersion: 'autoscaling/v1',
    kind: 'HorizontalPodAutoscaler',
    metadata: { name: 'web', ...metadata },
    spec: { scaleTargetRef: reference, maxReplicas: 5, targetCPUUtilizationPercentage: percentage },
  }) as unknown as NewObject;

const v2 = (percentage = 50, metadata: object = {}): NewObject =>
  ({
    apiVersion: 'autoscaling/v2',
    kind: 'HorizontalPodAutoscaler',
    metadata: { name: 'web', ...metadata },
    spec: {
      scaleTargetRef: reference,
      maxReplicas: 5,
      metrics: [
        {
          type: 'Resource',
          resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: percentage } },
        },
      ],
    },
  }) as unknown as NewObject;

const percentageOf = ({ spec }: Autoscaler): number | undefined =>
  spec.targetCPUUtilizationPercentage ?? spec.metrics?.[0]?.resource?.target.averageUtilization;

/** `autoscaling/v1 50`. */
const seen = (object: ApiObject | undefined): string =>
  `${object?.apiVersion ?? ''} ${percentageOf(object as Autoscaler) ?? ''}`;

const get = (cluster: Cluster, version?: string): ApiObject =>
  cluster.object({ verb: 'get', ...named, version });

describe.each([
  ['v1', v1],
  ['v2', v2],
] as const)('written as autoscaling/%s', (version, body) => {
  const created = (): Cluster => {
    const cluster = new Cluster();
    expect(seen(cluster.object({ verb: 'create', ...target, object: body() }))).toBe(
      `autoscaling/${version} 50`,
    );
    return cluster;
  };

  test('it is read in either, and etcd has v2', () => {
    const cluster = created();
    expect(seen(get(cluster))).toBe('autoscaling/v2 50');
    expect(seen(get(cluster, 'v1'))).toBe('autoscaling/v1 50');
    expect(cluster.call({ verb: 'get', ...named, version: 'v3' })).toMatchObject({ ok: false, code: 404 });
    for (const asked of ['v1', 'v2'])
      for (const resourceVersion of [undefined, '0']) {
        const answer = cluster.call({ verb: 'list', ...target, version: asked, resourceVersion });
        const items = answer.ok && answer.list !== undefined ? itemsOf(answer.list) : [];
        expect(items.map(seen)).toEqual([`autoscaling/${asked} 50`]);
      }
  });

  test('it is updated', () => {
    const cluster = created();
    const { resourceVersion } = get(cluster).metadata;
    const updated = cluster.object({ verb: 'update', ...named, object: body(60, { resourceVersion }) });
    expect(seen(updated)).toBe(`autoscaling/${version} 60`);
    expect(seen(get(cluster, 'v1'))).toBe('autoscaling/v1 60');
    expect(seen(get(cluster, 'v2'))).toBe('autoscaling/v2 60');
    const again = body(60, { resourceVersion: updated.metadata.resourceVersion });
    expect(cluster.object({ verb: 'update', ...named, object: again }).metadata.resourceVersion).toBe(
      updated.metadata.resourceVersion,
    );
  });

  test('it is applied to, and the owner says in which version', () => {
    const cluster = new Cluster();
    const apply = (manager: string, percentage: number, force = false) =>
      cluster.call({
        verb: 'patch',
        ...named,
        version,
        patchType: 'apply',
        fieldManager: manager,
        force,
        patch: body(percentage) as never,
      });
    expect(apply('ann', 50).code).toBe(201);
    expect(
      get(cluster, 'v1').metadata.managedFields?.map(({ manager, apiVersion }) => [manager, apiVersion]),
    ).toEqual([['ann', `autoscaling/${version}`]]);
    expect(apply('bob', 70)).toMatchObject({ ok: false, code: 409 });
    const forced = apply('bob', 70, true);
    expect(forced.ok && seen(forced.object)).toBe(`autoscaling/${version} 70`);
    expect(seen(get(cluster))).toBe('autoscaling/v2 70');
  });
});

test('a patch is of the version under whose path it is sent', () => {
  const cluster = new Cluster();
  cluster.call({ verb: 'create', ...target, object: v2() });
  const patched = cluster.object({
    verb: 'patch',
    ...named,
    version: 'v1',
    patchType: 'strategic',
    patch: { spec: { targetCPUUtilizationPercentage: 75 } },
  });
  expect(seen(patched)).toBe('autoscaling/v1 75');
  expect(seen(get(cluster))).toBe('autoscaling/v2 75');
  const status = cluster.object({
    verb: 'patch',
    ...named,
    version: 'v1',
    subresource: 'status',
    patchType: 'merge',
    patch: { status: { currentReplicas: 2, desiredReplicas: 3, currentCPUUtilizationPercentage: 40 } },
  });
  expect((status as Autoscaler).status).toMatchObject({
    currentReplicas: 2,
    currentCPUUtilizationPercentage: 40,
  });
  expect((get(cluster) as Autoscaler).status).toMatchObject({
    desiredReplicas: 3,
    currentMetrics: [{ type: 'Resource', resource: { name: 'cpu', current: { averageUtilization: 40 } } }],
  });
});

test('a watch tells of the version it asked for', () => {
  const cluster = new Cluster();
  const watches = ['v1', 'v2'].map((version) => cluster.watch({ ...target, version }));
  cluster.call({ verb: 'create', ...target, object: v2() });
  cluster.call({ verb: 'delete', ...named });
  for (const [i, version] of ['v1', 'v2'].entries())
    expect(watches[i]?.events.map(({ type, object }) => `${type} ${seen(object as ApiObject)}`)).toEqual([
      `ADDED autoscaling/${version} 50`,
      `DELETED autoscaling/${version} 50`,
    ]);
});

test('what v1 has no field for is kept through it', () => {
  const cluster = new Cluster();
  const object = v2() as unknown as { spec: object };
  const behavior = { scaleDown: { stabilizationWindowSeconds: 60 } };
  cluster.call({
    verb: 'create',
    ...target,
    object: { ...object, spec: { ...object.spec, behavior } } as never,
  });
  const read = get(cluster, 'v1');
  cluster.object({ verb: 'update', ...named, object: read });
  expect((get(cluster) as Autoscaler).spec).toMatchObject({ behavior });
});

test('a body of the other version is refused under the path of one', () => {
  const cluster = new Cluster();
  expect(cluster.call({ verb: 'create', ...target, version: 'v2', object: v1() })).toMatchObject({
    code: 400,
    status: {
      message:
        'the API version in the data (autoscaling/v1) does not match the expected API version (autoscaling/v2)',
    },
  });
});
