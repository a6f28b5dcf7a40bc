// A scenario becomes what the simulator runs: every word of the schema is used once in good/full.yaml.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { programsOf } from '../../../sim/cluster/programs.ts';
import { defaultCluster } from '../../../sim/scenario/defaults.ts';
import type { LoadedScenario } from '../../../sim/scenario/assemble.ts';
import { loadScenario } from '../../../sim/scenario/load.ts';
import { scenarioJsonSchema } from '../../../sim/scenario/schema.ts';
import { processesOf } from '../../../sim/scenario/timeline.ts';

const good = (name: string): string => join(import.meta.dirname, 'good', name);
const [second, minute] = [1_000_000, 60_000_000];

async function loadedText(text: string): Promise<LoadedScenario> {
  const folder = mkdtempSync(join(tmpdir(), 'wavetank-'));
  try {
    writeFileSync(join(folder, 'x.yaml'), text);
    return await loadScenario([join(folder, 'x.yaml')]);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

test('every part of a scenario', async () => {
  const { spec, ...rest } = await loadScenario([good('full.yaml')]);
  expect(rest).toMatchObject({
    name: 'full',
    clusterFrom: 'scenario',
    duration: 20 * minute,
    applied: [
      { kind: 'ConfigMap', count: 1 },
      { kind: 'Service', count: 3 },
      { kind: 'PodTemplate', count: 3 },
      { kind: 'Namespace', count: 1 },
    ],
    storedOnly: [{ kind: 'PodTemplate', count: 3 }],
  });
  expect(rest.expectations.map(({ mood, after, that }) => [mood, after, that])).toEqual([
    ['eventually', 5 * minute, "deployment('web').status.readyReplicas == 3"],
    ['always', undefined, 'nodes().size() >= 3'],
  ]);
  expect(spec.nodes.map((node) => node.name)).toEqual([
    'node-1',
    'node-2',
    'node-3',
    'edge',
    'big-1',
    'big-2',
  ]);
  expect(spec.nodes[0]).toEqual({
    name: 'node-1',
    labels: { 'topology.kubernetes.io/zone': 'a' },
    annotations: { rack: '7' },
    taints: [{ key: 'gpu', value: 'yes', effect: 'NoSchedule' }],
    unschedulable: true,
    capacity: { cpu: '8', memory: '32Gi', pods: '110', 'nvidia.com/gpu': '4' },
    allocatable: { cpu: '7500m', memory: '32Gi', pods: '110', 'nvidia.com/gpu': '4' },
  });
  expect(spec.nodes[3]?.capacity).toEqual({ cpu: '4', memory: '16Gi', pods: '10' });
  expect(spec).toMatchObject({
    seed: '42',
    apiservers: 2,
    heartbeats: 'exact',
    percentageOfNodesToScore: 100,
    compactionInterval: 0,
    images: {
      default: {
        pull: { kind: 'lognormal', median: second, p99: 5 * second },
        startup: { kind: 'fixed', value: 300_000 },
      },
      byName: {
        nginx: {
          pull: { kind: 'uniform', min: second, max: 2 * second },
          startup: { kind: 'exponential', mean: 500_000 },
        },
        job: {
          pull: { kind: 'lognormal' },
          exitAfter: { kind: 'fixed', value: 90 * second },
          exitCode: 3,
          byCompletionIndex: [
            { from: 1, to: 1, exitCode: 0 },
            { from: 3, to: 5, exitCode: 0 },
            { from: 2, to: 2, exitAfter: { kind: 'fixed', value: 5 * second } },
          ],
          sizeBytes: 104_857_600,
        },
      },
    },
    limits: { ...defaultCluster.limits, scheduler: { qps: 500, burst: 1000 } },
    network: { ...defaultCluster.network, etcdCommit: { kind: 'fixed', value: 2_000 } },
    faults: [
      { at: 5 * minute, do: 'crash', process: 'kubelet/edge', for: 10 * minute },
      { at: 6 * minute, do: 'crash', process: 'kube-scheduler' },
      { at: 7 * minute, do: 'crash', process: 'kube-apiserver-2', for: 0 },
    ],
  });
  const told = spec.actions.map((action) =>
    action.do === 'apply'
      ? [
          action.at / minute,
          ...action.objects.map(
            ({ kind, metadata }) => `${kind} ${metadata.namespace ?? ''}/${metadata.name ?? ''}`,
          ),
        ]
      : action.do === 'delete' || action.do === 'scale'
        ? [action.at / minute, action.do, action.resource, action.namespace, action.name]
        : [action.at / minute, action.do],
  );
  expect(told).toEqual([
    [0, 'ConfigMap b/a', 'Service default/a', 'PodTemplate default/j'],
    [1, 'scale', 'deployments', 'default', 'web'],
    [2, 'Service default/a', 'PodTemplate default/j'],
    [3, 'Namespace /b', 'Service default/a', 'PodTemplate default/j'],
    [4, 'delete', 'pods', 'b', 'a'],
  ]);
});

test('without a Scenario there is a default cluster', async () => {
  const { name, spec, clusterFrom, duration } = await loadScenario([good('more.json')]);
  expect({ name, clusterFrom, duration }).toEqual({
    name: 'more',
    clusterFrom: 'default',
    duration: undefined,
  });
  expect(
    spec.nodes.map(({ name: node, labels, capacity }) => [
      node,
      labels['topology.kubernetes.io/zone'],
      capacity,
    ]),
  ).toEqual(
    ['a', 'b', 'c'].map((zone, i) => [`node-${i + 1}`, zone, { cpu: '4', memory: '16Gi', pods: '110' }]),
  );
});

test('the default cluster has a StorageClass of its own, unless the files bring one', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'wavetank-'));
  const classesWith = async (name: string, isDefault: boolean): Promise<readonly string[]> => {
    const file = join(folder, `${name}.yaml`);
    const note = isDefault ? `, annotations: { storageclass.kubernetes.io/is-default-class: "true" }` : '';
    writeFileSync(
      file,
      `{ apiVersion: storage.k8s.io/v1, kind: StorageClass, provisioner: example.com/a, metadata: { name: ${name}${note} } }`,
    );
    const { spec, applied } = await loadScenario([file]);
    expect(applied).toEqual([{ kind: 'StorageClass', count: 1 }]);
    return spec.actions.flatMap((action) =>
      action.do === 'apply' ? action.objects.map(({ metadata }) => metadata.name ?? '') : [],
    );
  };
  expect(await classesWith('fast', false)).toEqual(['default', 'fast']);
  expect(await classesWith('fast', true)).toEqual(['fast']);
  expect(await classesWith('default', false)).toEqual(['default']);
  rmSync(folder, { recursive: true });
});

test('options override the file', async () => {
  const { spec, clusterFrom } = await loadScenario([good('more.json')], { nodes: 7, seed: 'x' });
  expect([spec.nodes.length, spec.seed, clusterFrom]).toEqual([7, 'x', 'option']);
});

test('YAML is read as kubectl reads it: 1.1, but times and dates are text', async () => {
  const manifest = (value: string): string =>
    `apiVersion: v1\nkind: Pod\nmetadata: { name: a, annotations: { it: ${value} } }\nspec: { containers: [{ name: a, image: a }] }\n`;
  for (const value of ['12:30', '2025-01-01', '0o17', '1.2.3']) {
    const { spec } = await loadedText(manifest(value));
    const action = spec.actions.at(-1);
    expect(action?.do === 'apply' ? action.objects[0]?.metadata.annotations : undefined).toEqual({
      it: value,
    });
  }
  for (const value of ['yes', '010', '1e3', 'on'])
    await expect(loadedText(manifest(value))).rejects.toThrow(/expected text/);
});

test('the processes that may crash are those there are', async () => {
  for (const apiservers of [1, 2]) {
    const { spec } = await loadScenario([good('full.yaml')]);
    const cluster = { ...spec, apiservers };
    const named = programsOf(cluster).map((program) => program.name);
    expect(named.filter((name) => name !== 'kubectl')).toEqual(processesOf(cluster));
  }
});

test('the schema is there for editors too', () => {
  expect(scenarioJsonSchema()).toMatchObject({
    type: 'object',
    additionalProperties: false,
    properties: { spec: { properties: { timeline: { items: { required: ['at'] } } } } },
  });
});
