/**
 * Aim: claims and volumes stay while they are in use, and go when they are not. Method: a World, its transcripts, and what
 * becomes of a claim by the one Pod that names it.
 */
import { expect, test } from 'vitest';
import type { PersistentVolume, PersistentVolumeClaim, Pod } from '../../../core/api/generated/types.ts';
import { second } from '../../../core/time/time.ts';
import { World, type Plain } from './world.ts';

const claimKey = 'default/data';
const request = { resources: { requests: { storage: '1Gi' } }, accessModes: ['ReadWriteOnce'] };

/** A world with a volume, a claim that is bound to it, and a Pod that names the claim and is not scheduled yet. */
function bound(pod: Plain = {}): World {
  const world = new World().start();
  world.run(second);
  world.create('persistentvolumes', {
    apiVersion: 'v1',
    kind: 'PersistentVolume',
    metadata: { name: 'disk' },
    spec: { capacity: { storage: '1Gi' }, accessModes: ['ReadWriteOnce'], storageClassName: '' },
    status: {},
  });
  world.create('persistentvolumeclaims', {
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: { name: 'data', namespace: 'default' },
    spec: { ...request, storageClassName: '' },
    status: {},
  });
  world.create('pods', {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'db', namespace: 'default' },
    spec: {
      containers: [{ name: 'c', image: 'img:1' }],
      volumes: [{ name: 'data', persistentVolumeClaim: { claimName: 'data' } }],
    },
    ...pod,
  });
  world.run(5 * second);
  expect(claimIn(world)?.status?.phase).toBe('Bound');
  return world;
}

const claimIn = (world: World): PersistentVolumeClaim | undefined =>
  world.get<PersistentVolumeClaim>('persistentvolumeclaims', claimKey);

const volumeIn = (world: World): PersistentVolume | undefined =>
  world.get<PersistentVolume>('persistentvolumes', 'disk');

function scheduled(world: World): World {
  world.change('pods', 'default/db', { spec: { nodeName: 'node-1' } });
  world.run(world.now + second);
  return world;
}

function afterDeletion(world: World): World {
  world.delete('persistentvolumeclaims', claimKey);
  world.run(world.now + 10 * second);
  return world;
}

test('a claim and its volume, deleted while a Pod uses them, go after it', async () => {
  const world = scheduled(bound());
  world.lines.push('# the claim and the volume are deleted');
  world.delete('persistentvolumes', 'disk');
  afterDeletion(world);
  expect(claimIn(world)?.metadata.deletionTimestamp).toBeDefined();
  expect(volumeIn(world)?.metadata.deletionTimestamp).toBeDefined();
  world.lines.push('# the Pod is gone');
  world.vanish('pods', 'default/db');
  world.run(world.now + 10 * second);
  expect([claimIn(world), volumeIn(world)]).toEqual([undefined, undefined]);
  await expect(`${world.lines.join('\n')}\n`).toMatchFileSnapshot('transcripts/protection.txt');
});

test('a Pod that has no node keeps no claim', () => {
  expect(claimIn(afterDeletion(bound()))).toBeUndefined();
});

test.each(['Running', 'Succeeded', 'Failed'])('a Pod with a node that is %s keeps it', (phase) => {
  const world = scheduled(bound());
  world.change('pods', 'default/db', { status: { phase } });
  world.run(world.now + second);
  expect(claimIn(afterDeletion(world))).toBeDefined();
});

test('a Pod that the cache has not heard of keeps it, for the apiserver is asked', () => {
  const world = bound();
  world.stall('pods');
  scheduled(world);
  expect(claimIn(afterDeletion(world))).toBeDefined();
  world.proceed('pods');
  world.vanish('pods', 'default/db');
  world.run(world.now + 10 * second);
  expect(claimIn(world)).toBeUndefined();
});

test('a Pod of the same name that does not name the claim stands in nobody’s way', () => {
  const world = scheduled(bound());
  afterDeletion(world);
  world.stall('pods');
  world.vanish('pods', 'default/db');
  const pod = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'db', namespace: 'default' } };
  world.create('pods', { ...pod, spec: { nodeName: 'node-1', containers: [] } });
  world.proceed('pods');
  world.run(world.now + 10 * second);
  expect(world.get<Pod>('pods', 'default/db')).toBeDefined();
  expect(claimIn(world)).toBeUndefined();
});

test('a claim that a Pod’s own template made goes once the Pod is shut down, others’ at once', () => {
  const template = { volumes: [{ name: 'scratch', ephemeral: { volumeClaimTemplate: {} } }], containers: [] };
  for (const owned of [true, false]) {
    const world = bound();
    const pod = world.create('pods', {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'job', namespace: 'default', finalizers: ['example.com/keep'] },
      spec: { ...template, nodeName: 'node-1' },
    });
    const { uid } = pod.metadata;
    const owner = { apiVersion: 'v1', kind: 'Pod', name: 'job', uid, controller: true };
    const claim = world.create('persistentvolumeclaims', {
      apiVersion: 'v1',
      kind: 'PersistentVolumeClaim',
      metadata: { name: 'job-scratch', namespace: 'default', ownerReferences: owned ? [owner] : [] },
      spec: { ...request, storageClassName: '' },
      status: {},
    });
    world.delete('persistentvolumeclaims', 'default/job-scratch');
    world.run(world.now + second);
    // Another one is made in its place while the Pod is there.
    const there = (): boolean =>
      world.get<PersistentVolumeClaim>('persistentvolumeclaims', 'default/job-scratch')?.metadata.uid ===
      claim.metadata.uid;
    expect(there()).toBe(owned);
    world.change('pods', 'default/job', {
      metadata: { deletionTimestamp: '2025-01-01T00:00:00Z', deletionGracePeriodSeconds: 0 },
    });
    world.run(world.now + second);
    expect(there()).toBe(false);
  }
});

test('what was made without the finalizer is given it', () => {
  const world = bound();
  world.change('persistentvolumeclaims', claimKey, { metadata: { finalizers: null } });
  world.change('persistentvolumes', 'disk', { metadata: { finalizers: null } });
  world.run(world.now + second);
  expect(claimIn(world)?.metadata.finalizers).toEqual(['kubernetes.io/pvc-protection']);
  expect(volumeIn(world)?.metadata.finalizers).toEqual(['kubernetes.io/pv-protection']);
});
