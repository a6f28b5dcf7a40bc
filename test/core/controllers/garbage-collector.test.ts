/**
 * Aim: what is deleted because its owners are gone, and what is not. Method: objects whose references name owners that are
 * there, that never were, or that cannot be meant, on a cluster; then which of the objects are left.
 */
import { expect, test } from 'vitest';
import type { NewObject } from '../../../core/api/request.ts';
import { second } from '../../../core/time/time.ts';
import type { Action } from '../../../sim/cluster/spec.ts';
import { clusterSpec, runTo } from '../../sim/engine/cluster.ts';

const never = '11111111-1111-1111-1111-111111111111';
const reference = (apiVersion: string, kind: string, name: string) => ({
  apiVersion,
  kind,
  name,
  uid: never,
});
const configMap = (name: string, owners: readonly object[]): NewObject =>
  ({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, ownerReferences: owners } }) as NewObject;
const volume = (name: string, owners: readonly object[]): NewObject =>
  ({
    apiVersion: 'v1',
    kind: 'PersistentVolume',
    metadata: { name, ownerReferences: owners },
    spec: { capacity: { storage: '1Gi' }, accessModes: ['ReadWriteOnce'], hostPath: { path: '/x' } },
  }) as NewObject;

const nobody = reference('v1', 'ConfigMap', 'nobody');

test.each<[string, NewObject, string, string, boolean]>([
  ['nobody owns it', configMap('free', []), 'configmaps', 'default/free', true],
  ['its owner never was', configMap('orphan', [nobody]), 'configmaps', 'default/orphan', false],
  [
    'its owner is another of that name',
    configMap('renamed', [reference('v1', 'ConfigMap', 'kube-root-ca.crt')]),
    'configmaps',
    'default/renamed',
    false,
  ],
  [
    'its owner is of a kind that nobody knows',
    configMap('custom', [reference('example.com/v1', 'Widget', 'w')]),
    'configmaps',
    'default/custom',
    true,
  ],
  [
    'it is of no namespace, and its owner would be of one: that cannot be meant',
    volume('disk', [nobody]),
    'persistentvolumes',
    'disk',
    true,
  ],
  [
    'it is of no namespace, and its owner of none never was',
    volume('lost', [reference('v1', 'Node', 'node-9')]),
    'persistentvolumes',
    'lost',
    false,
  ],
])('%s', (_, object, resource, key, isLeft) => {
  const actions = [{ at: 10 * second, do: 'apply' as const, objects: [object] }];
  const registry = runTo(clusterSpec({ replicas: 0, actions }), 60 * second).registry();
  expect(registry.get(resource, key) !== undefined).toBe(isLeft);
});

test('an owner that is not in the namespace of one reference is asked for where another means it', () => {
  // Foreign names the owner of the other namespace by its uid; the owner's own dependent must wait for nothing but it.
  const at = (seconds: number, ...objects: readonly NewObject[]) => ({
    at: seconds * second,
    do: 'apply' as const,
    objects,
  });
  const inOther = (object: NewObject): NewObject => ({
    ...object,
    metadata: { ...object.metadata, namespace: 'other' },
  });
  const until = (actions: readonly Action[], seconds: number) =>
    runTo(clusterSpec({ replicas: 0, actions }), seconds * second).registry();
  const namespace: NewObject = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'other' } };
  const first = [at(10, namespace, configMap('owner', []))];
  const { uid } = until(first, 11).get('configmaps', 'default/owner')?.metadata ?? { uid: '' };
  const owned = [{ apiVersion: 'v1', kind: 'ConfigMap', name: 'owner', uid }];
  const second_ = [...first, at(20, inOther(configMap('foreign', owned)), configMap('own', owned))];
  const touched = [...second_, at(40, configMap('own', [...owned, nobody]))];
  const registry = until(touched, 60);
  expect(registry.get('configmaps', 'other/foreign')).toBeUndefined();
  expect(registry.get('configmaps', 'default/own')?.metadata.ownerReferences).toEqual(owned);
});
