/**
 * Aim: a Pod's own claims are made of its templates, wait for no one else's, and go with it; the scheduler waits for them.
 * Method: a World, its transcript; and a whole cluster with two Pods, of which one finds its claim taken.
 */
import { expect, test } from 'vitest';
import type { Event, PersistentVolumeClaim, Pod } from '../../../core/api/generated/types.ts';
import type { NewObject } from '../../../core/api/request.ts';
import { second } from '../../../core/time/time.ts';
import { clusterSpec, runTo } from '../../sim/engine/cluster.ts';
import { World, type Plain } from './world.ts';

const spec = { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } };
const volumes = [
  { name: 'scratch', ephemeral: { volumeClaimTemplate: { metadata: { labels: { app: 'db' } }, spec } } },
  { name: 'settings', configMap: { name: 'settings' } },
  { name: 'cache', ephemeral: { volumeClaimTemplate: { spec } } },
];

const pod = (name: string, more: Plain = {}): Plain => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, namespace: 'default', ...more },
  spec: { containers: [{ name: 'c', image: 'img:1' }], volumes },
});

const claim = (name: string): Plain => ({
  apiVersion: 'v1',
  kind: 'PersistentVolumeClaim',
  metadata: { name, namespace: 'default' },
  spec,
});

test('claims are made of templates, made again, and are nobody else’s', async () => {
  const world = new World().start();
  world.run(second);
  world.lines.length = 0;
  const say = (what: string): void => void world.lines.push(`# ${what}`);
  const claims = (): readonly string[] =>
    world.list<PersistentVolumeClaim>('persistentvolumeclaims').map(({ metadata }) => metadata.name);

  say('a Pod with two templates');
  const { uid } = world.create('pods', pod('db')).metadata;
  world.run(2 * second);
  const made = world.get<PersistentVolumeClaim>('persistentvolumeclaims', 'default/db-scratch');
  expect(made).toMatchObject({
    metadata: {
      labels: { app: 'db' },
      ownerReferences: [
        { apiVersion: 'v1', kind: 'Pod', name: 'db', uid, controller: true, blockOwnerDeletion: true },
      ],
    },
    spec,
  });
  say('somebody deletes a claim');
  world.delete('persistentvolumeclaims', 'default/db-cache');
  world.run(3 * second);
  expect(claims()).toEqual(['db-cache', 'db-scratch']);
  say('a Pod that finds a claim of that name, which it is told of until that is gone');
  world.create('persistentvolumeclaims', claim('web-scratch'));
  world.create('pods', pod('web'));
  world.run(3 * second + 30_000);
  world.vanish('persistentvolumeclaims', 'default/web-scratch');
  world.run(5 * second);
  expect(claims()).toEqual(['db-cache', 'db-scratch', 'web-cache', 'web-scratch']);
  say('a Pod that is being deleted gets none');
  world.create('pods', pod('gone', { deletionTimestamp: '2025-01-01T00:00:05Z' }));
  world.run(6 * second);
  expect(claims()).toHaveLength(4);
  const told = world.lines.filter((line) => !line.includes('protection-controller'));
  await expect(`${told.join('\n')}\n`).toMatchFileSnapshot('transcripts/ephemeral-volume.txt');
});

test('in a cluster the scheduler waits for the claims, and they go with the Pod', () => {
  const storage = {
    apiVersion: 'storage.k8s.io/v1',
    kind: 'StorageClass',
    metadata: {
      name: 'fast',
      annotations: { 'storageclass.kubernetes.io/is-default-class': 'true' },
    },
    provisioner: 'disk.example.com',
    volumeBindingMode: 'WaitForFirstConsumer',
  };
  const withMounts = (name: string): Plain => ({
    ...pod(name),
    spec: { containers: [{ name: 'c', image: 'img:1' }], volumes: [volumes[0]] },
  });
  const objects = [storage, claim('taken-scratch'), withMounts('db'), withMounts('taken')];
  const cluster = clusterSpec({
    replicas: 0,
    actions: [
      { at: 10 * second, do: 'apply', objects: objects as readonly object[] as readonly NewObject[] },
      { at: 60 * second, do: 'delete', resource: 'pods', namespace: 'default', name: 'db' },
    ],
  });
  const before = runTo(cluster, 60 * second).registry();
  const find = (name: string): Pod => before.get('pods', `default/${name}`) as Pod;
  expect(find('db').status.phase).toBe('Running');
  const [condition] = find('taken').status.conditions ?? [];
  expect(condition?.message).toContain(
    '0/3 nodes are available: PVC default/taken-scratch was not created for pod default/taken (pod is not owner).',
  );
  const events = before.list('events') as readonly Event[];
  expect(events.filter(({ reason }) => reason === 'FailedBinding').map(({ message }) => message)).toEqual([
    'ephemeral volume scratch: PVC default/taken-scratch was not created for pod default/taken (pod is not owner)',
  ]);
  const after = runTo(cluster, 100 * second).registry();
  const left = after.list('persistentvolumeclaims').map(({ metadata }) => metadata.name);
  expect(left).toEqual(['taken-scratch']);
});
