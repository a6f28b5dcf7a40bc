/**
 * Aim: claims that wait for their first consumer are bound where the scheduler puts the Pod. Method: the scenario with its
 * expectations, two Pods that want the one volume there is, and a claim that two Pods share.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import type { PersistentVolumeClaim, Pod } from '../../../core/api/generated/types.ts';
import { Simulation } from '../../../sim/engine/simulation.ts';
import { loadScenario } from '../../../sim/scenario/load.ts';
import { said } from '../cli/said.ts';

const folder = mkdtempSync(join(tmpdir(), 'wavetank-'));
afterAll(() => {
  rmSync(folder, { recursive: true });
});

test('the scenario', async () => {
  const file = join(import.meta.dirname, '../../../scenarios/first-consumer.yaml');
  expect(await said(['run', file])).not.toContain('exit status');
});

const storageClass = (name: string, provisioner: string): object => ({
  apiVersion: 'storage.k8s.io/v1',
  kind: 'StorageClass',
  metadata: { name },
  provisioner,
  volumeBindingMode: 'WaitForFirstConsumer',
});

const volume = {
  apiVersion: 'v1',
  kind: 'PersistentVolume',
  metadata: { name: 'only' },
  spec: {
    capacity: { storage: '10Gi' },
    accessModes: ['ReadWriteOnce'],
    storageClassName: 'local',
    local: { path: '/mnt' },
    nodeAffinity: {
      required: {
        nodeSelectorTerms: [
          { matchExpressions: [{ key: 'kubernetes.io/hostname', operator: 'In', values: ['node-3'] }] },
        ],
      },
    },
  },
};

const claim = (name: string, storageClassName: string): object => ({
  apiVersion: 'v1',
  kind: 'PersistentVolumeClaim',
  metadata: { name },
  spec: { storageClassName, accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } },
});

const pod = (name: string, claimName: string): object => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name },
  spec: {
    containers: [{ name: 'c', image: 'i' }],
    volumes: [{ name: 'v', persistentVolumeClaim: { claimName } }],
  },
});

async function settled(objects: readonly object[]): Promise<Simulation> {
  const file = join(folder, 'objects.yaml');
  writeFileSync(file, objects.map((object) => JSON.stringify(object)).join('\n---\n'));
  const { spec } = await loadScenario([file]);
  // Every node is ready by then.
  const actions = spec.actions.map((action) => ({ ...action, at: 10_000_000 }));
  const simulation = Simulation.create({ ...spec, actions });
  simulation.run({ time: 60_000_000 });
  return simulation;
}

const nodesOf = (simulation: Simulation): readonly string[] =>
  (simulation.registry().list('pods') as readonly Pod[]).map((each) => each.spec.nodeName ?? 'none');

const claimsOf = (simulation: Simulation): readonly string[] =>
  (simulation.registry().list('persistentvolumeclaims') as readonly PersistentVolumeClaim[]).map(
    ({ spec, status }) => `${spec.volumeName ?? '-'} ${status.phase ?? ''}`,
  );

test('two Pods want the one volume: it is reserved for the first, and the second waits', async () => {
  const local = storageClass('local', 'kubernetes.io/no-provisioner');
  const all = [local, volume, claim('a', 'local'), claim('b', 'local'), pod('a', 'a'), pod('b', 'b')];
  const simulation = await settled(all);
  expect([...nodesOf(simulation)].sort()).toEqual(['node-3', 'none']);
  expect([...claimsOf(simulation)].sort()).toEqual(['- Pending', 'only Bound']);
});

test('two Pods that share a claim go to the node for which its volume is made', async () => {
  const all = [storageClass('disk', 'disk.example.com'), claim('a', 'disk'), pod('a', 'a'), pod('b', 'a')];
  const [first, second] = nodesOf(await settled(all));
  expect(first).toMatch(/^node-/);
  expect(second).toBe(first);
});

test('a claim without a consumer waits', async () => {
  const simulation = await settled([storageClass('disk', 'disk.example.com'), claim('a', 'disk')]);
  expect(claimsOf(simulation)).toEqual(['- Pending']);
});

test('bindTimeoutSeconds: the attempt fails when the volume is not there by then', async () => {
  const file = join(folder, 'objects.yaml');
  const config = join(folder, 'scheduler.yaml');
  writeFileSync(
    file,
    [storageClass('disk', 'disk.example.com'), claim('a', 'disk'), pod('a', 'a')]
      .map((object) => JSON.stringify(object))
      .join('\n---\n'),
  );
  writeFileSync(
    config,
    `apiVersion: kubescheduler.config.k8s.io/v1
kind: KubeSchedulerConfiguration
profiles: [{ pluginConfig: [{ name: VolumeBinding, args: { bindTimeoutSeconds: 0 } }] }]
`,
  );
  const { spec } = await loadScenario([file], { schedulerConfig: config });
  const simulation = Simulation.create(spec);
  simulation.run({ time: 60_000_000 });
  const messages = (simulation.registry().list('events') as readonly { readonly message?: string }[]).map(
    ({ message }) => message,
  );
  expect(messages).toContain(
    'running PreBind plugin "VolumeBinding": binding volumes: context deadline exceeded',
  );
  expect(nodesOf(simulation)).toEqual([expect.stringMatching(/^node-/)]);
});
