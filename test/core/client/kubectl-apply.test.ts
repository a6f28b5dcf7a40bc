/** Aim: what `kubectl apply` leaves of an object that others write too. Method: two manifests of one ConfigMap, on a cluster. */
import { describe, expect, test } from 'vitest';
import type { ConfigMap, Deployment } from '../../../core/api/generated/types.ts';
import type { KubectlState } from '../../../core/client/kubectl-state.ts';
import { asCreated, patchToApply } from '../../../core/client/kubectl-apply.ts';
import { resourceOfKind } from '../../../core/api/kinds.ts';
import type { ApiObject } from '../../../core/api/object.ts';
import type { NewObject } from '../../../core/api/request.ts';
import { second } from '../../../core/time/time.ts';
import type { Action } from '../../../sim/cluster/spec.ts';
import { clusterSpec, deployment, runTo } from '../../sim/engine/cluster.ts';

const settings = (data: Readonly<Record<string, string>>, labels?: Readonly<Record<string, string>>) => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name: 'settings', namespace: 'default', labels },
  data,
});

const withoutReplicas = (image: string): NewObject => {
  const { spec, ...rest } = deployment('web', 1) as ReturnType<typeof deployment> & {
    readonly spec: Deployment['spec'];
  };
  const { replicas: _, ...others } = spec;
  const template = { ...others.template, spec: { containers: [{ name: 'c', image }] } };
  return { ...rest, spec: { ...others, template } } as NewObject;
};

const after = (actions: readonly Action[]) => runTo(clusterSpec({ replicas: 1, actions }), 60 * second);

const at = (seconds: number) => seconds * second;

describe('on a cluster', () => {
  test('what is taken out of the manifest goes', () => {
    const simulation = after([
      { at: at(10), do: 'apply', objects: [settings({ a: '1', b: '2' }, { team: 'x' })] },
      { at: at(14), do: 'apply', objects: [settings({ a: '1' })] },
    ]);
    const [found] = (simulation.registry().list('configmaps') as readonly ConfigMap[]).filter(
      ({ metadata }) => metadata.name === 'settings',
    );
    expect(found?.data).toEqual({ a: '1' });
    expect(found?.metadata.labels).toBeUndefined();
  });

  test('replicas that the manifest does not name are left as they were scaled', () => {
    const simulation = after([
      { at: at(10), do: 'apply', objects: [withoutReplicas('registry.example/web:1')] },
      { at: at(12), do: 'scale', resource: 'deployments', namespace: 'default', name: 'web', replicas: 4 },
      { at: at(14), do: 'apply', objects: [withoutReplicas('registry.example/web:2')] },
    ]);
    const [web] = simulation.registry().list('deployments') as readonly Deployment[];
    expect([web?.spec.replicas, web?.spec.template.spec?.containers[0]?.image]).toEqual([
      4,
      'registry.example/web:2',
    ]);
  });

  test('server-side: what was scaled is a conflict, unless it is forced', () => {
    const told = (force: 'yes' | 'force') => {
      const { outcomes } = after([
        { at: at(10), do: 'apply', objects: [deployment('web', 1)], serverSide: 'yes' },
        { at: at(12), do: 'scale', resource: 'deployments', namespace: 'default', name: 'web', replicas: 4 },
        { at: at(14), do: 'apply', objects: [deployment('web', 2)], serverSide: force },
      ]).stateOf('kubectl') as KubectlState;
      const last = outcomes.at(-1);
      return `${last?.done ?? ''} ${last?.status?.message ?? ''}`.trim();
    };
    expect(told('yes')).toBe(
      'refused Apply failed with 1 conflict: conflict with "kubectl" with subresource "scale" using apps/v1: .spec.replicas',
    );
    expect(told('force')).toBe('serverside-applied');
  });
});

describe('the patch', () => {
  const info = resourceOfKind('v1', 'ConfigMap');
  const live = (object: object): ApiObject => object as ApiObject;

  test('nothing is sent where nothing changes', () => {
    const manifest = settings({ a: '1' });
    expect(patchToApply(info, manifest, live(asCreated(manifest)))).toBeUndefined();
  });

  test('what was applied once and is not wanted any more is taken out, in the annotation too', () => {
    const there = live(asCreated(settings({ a: '1', b: '2' })));
    expect(patchToApply(info, settings({ a: '1' }), there)).toEqual({
      patchType: 'strategic',
      patch: {
        data: { b: null },
        metadata: {
          annotations: {
            'kubectl.kubernetes.io/last-applied-configuration':
              '{"apiVersion":"v1","data":{"a":"1"},"kind":"ConfigMap","metadata":{"annotations":{},"name":"settings","namespace":"default"}}\n',
          },
        },
      },
    });
  });

  test('a kind without a schema is patched as JSON', () => {
    const gear = {
      apiVersion: 'example.com/v1',
      kind: 'Gear',
      metadata: { name: 'a', namespace: 'default' },
    };
    const there = live(asCreated({ ...gear, spec: { teeth: 1, spare: true } } as NewObject));
    const patch = patchToApply(undefined, { ...gear, spec: { teeth: 2 } } as NewObject, there);
    expect(patch).toMatchObject({ patchType: 'merge', patch: { spec: { teeth: 2, spare: null } } });
  });
});
