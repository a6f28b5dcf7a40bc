/**
 * Filters and scores as tables: one node, one Pod, what kubernetes v1.34.1 answers. Each row is judged by the plain
 * functions and by the columns, which must agree.
 */
import { describe, expect, test } from 'vitest';
import type { Node, Pod } from '../../../core/api/generated/types.ts';
import { emptyView, withObject, type View } from '../../../core/api/view.ts';
import { newInformers } from '../../../core/client/informer.ts';
import { OrderedMap } from '../../../core/collections/ordered-map.ts';
import { followed, listersOf } from '../../../core/scheduler/listers.ts';
import { emptyCache, setNode, setPod, type SchedulerCache } from '../../../core/scheduler/cache.ts';
import { columnsOf } from '../../../core/scheduler/columns.ts';
import {
  filterEach,
  scoreEach,
  type FilterPlugin,
  type Rejection,
  type ScorePlugin,
  type Snapshot,
} from '../../../core/scheduler/framework.ts';
import { podInfoOf } from '../../../core/scheduler/pod-info.ts';
import { defaultProfile } from '../../../core/scheduler/plugins/registry.ts';
import { aNode, aPod } from './rig.ts';

interface Cluster {
  readonly nodes: readonly Node[];
  readonly pods?: readonly Pod[];
  readonly claims?: View<'persistentvolumeclaims'>;
}

function cacheOf({ nodes, pods = [] }: Cluster): SchedulerCache {
  let cache = emptyCache();
  for (const node of nodes) cache = setNode(cache, node);
  for (const pod of pods) cache = setPod(cache, pod);
  return cache;
}

const snapshotOf = (cluster: Cluster, cache: SchedulerCache): Snapshot => ({
  nodes: cache.nodes,
  nodeCount: cluster.nodes.length,
  imageNodes: cache.imageNodes,
  affinityNodes: cache.affinityNodes,
  nominated: OrderedMap.empty(),
  listers: {
    ...listersOf(newInformers('test', followed)),
    ...(cluster.claims && { claims: cluster.claims }),
  },
});

/** The first rejection of each node in turn, as the filters in their order give it. */
function filtered(pod: Pod, cluster: Cluster): readonly (Rejection | undefined)[] {
  const cache = cacheOf(cluster);
  const info = podInfoOf(pod);
  const running: { plugin: FilterPlugin; state: unknown }[] = [];
  for (const plugin of defaultProfile.filters) {
    const result = plugin.preFilter?.(info, snapshotOf(cluster, cache)) ?? {
      outcome: 'filter',
      state: undefined,
    };
    if (result.outcome === 'reject') return cluster.nodes.map(() => result.rejection);
    if (result.outcome === 'filter') running.push({ plugin, state: result.state });
  }
  const columns = columnsOf(cache.nodes);
  const rows = columns.rowsInOrder(cache.tree);
  const byRows: (Rejection | undefined)[] = new Array<Rejection | undefined>(rows.length).fill(undefined);
  const plainly = byRows.slice();
  for (const { plugin, state } of running) {
    const batch = { columns, rows, from: 0, to: rows.length };
    if (plugin.filterRows === undefined) filterEach(plugin, info, { ...batch, verdicts: byRows }, state);
    else plugin.filterRows(info, { ...batch, verdicts: byRows }, state);
    filterEach(plugin, info, { ...batch, verdicts: plainly }, state);
  }
  expect(byRows).toEqual(plainly);
  return byRows;
}

const reasons = (pod: Pod, node: Node, pods: readonly Pod[] = []): readonly string[] =>
  filtered(pod, { nodes: [node], pods })[0]?.reasons ?? [];

const bound = (
  name: string,
  requests: Readonly<Record<string, string>>,
  spec: Partial<Pod['spec']> = {},
): Pod => aPod(name, requests, { nodeName: 'n', ...spec });

const taint = (effect: string, value = 'v') => ({ key: 'k', value, effect });
const ports = (hostPort: number, hostIP?: string, protocol?: string): Partial<Pod['spec']> => ({
  containers: [{ name: 'c', ports: [{ containerPort: 80, hostPort, hostIP, protocol }] }],
});
const inZone = (operator: string, ...values: readonly string[]): Partial<Pod['spec']> => ({
  affinity: {
    nodeAffinity: {
      requiredDuringSchedulingIgnoredDuringExecution: {
        nodeSelectorTerms: [{ matchExpressions: [{ key: 'zone', operator, values }] }],
      },
    },
  },
});

describe('a node refuses a Pod', () => {
  const noMatch = "node(s) didn't match Pod's node affinity/selector";
  const noPorts = "node(s) didn't have free ports for the requested pod ports";
  const gpu = { 'example.com/gpu': '2' };
  const rows: readonly [what: string, got: readonly string[], want: readonly string[]][] = [
    ['that fits exactly: no', reasons(aPod('p', { cpu: '4' }), aNode('n')), []],
    ['a thousandth too large', reasons(aPod('p', { cpu: '4001m' }), aNode('n')), ['Insufficient cpu']],
    [
      'with every reason, in order',
      reasons(aPod('p', { cpu: '5', memory: '9Gi', 'ephemeral-storage': '1' }), aNode('n', { pods: '0' })),
      ['Too many pods', 'Insufficient cpu', 'Insufficient memory', 'Insufficient ephemeral-storage'],
    ],
    [
      'beside what is there',
      reasons(aPod('p', { cpu: '2' }), aNode('n'), [bound('a', { cpu: '3' })]),
      ['Insufficient cpu'],
    ],
    [
      'asking nothing, even when overcommitted: no',
      reasons(aPod('p'), aNode('n'), [bound('a', { cpu: '9' })]),
      [],
    ],
    [
      'without room for one more',
      reasons(aPod('p'), aNode('n', { pods: '1' }), [bound('a', {})]),
      ['Too many pods'],
    ],
    [
      'with too few devices',
      reasons(aPod('p', gpu), aNode('n', { 'example.com/gpu': '1' })),
      ['Insufficient example.com/gpu'],
    ],
    [
      'with devices taken',
      reasons(aPod('p', gpu), aNode('n', { 'example.com/gpu': '3' }), [bound('a', gpu)]),
      ['Insufficient example.com/gpu'],
    ],
    ['cordoned', reasons(aPod('p'), aNode('n', {}, { unschedulable: true })), ['node(s) were unschedulable']],
    [
      'cordoned, to one that tolerates it: no',
      reasons(
        aPod('p', {}, { tolerations: [{ operator: 'Exists' }] }),
        aNode('n', {}, { unschedulable: true }),
      ),
      [],
    ],
    [
      'tainted NoSchedule',
      reasons(aPod('p'), aNode('n', {}, { taints: [taint('NoSchedule')] })),
      ['node(s) had untolerated taint {k: v}'],
    ],
    [
      'tainted NoExecute',
      reasons(aPod('p'), aNode('n', {}, { taints: [taint('NoExecute', '')] })),
      ['node(s) had untolerated taint {k: }'],
    ],
    [
      'tainted PreferNoSchedule: no',
      reasons(aPod('p'), aNode('n', {}, { taints: [taint('PreferNoSchedule')] })),
      [],
    ],
    [
      'with another value than tolerated',
      reasons(
        aPod('p', {}, { tolerations: [{ key: 'k', value: 'w' }] }),
        aNode('n', {}, { taints: [taint('NoSchedule')] }),
      ),
      ['node(s) had untolerated taint {k: v}'],
    ],
    [
      'tolerated for another effect',
      reasons(
        aPod('p', {}, { tolerations: [{ key: 'k', value: 'v', effect: 'NoExecute' }] }),
        aNode('n', {}, { taints: [taint('NoSchedule')] }),
      ),
      ['node(s) had untolerated taint {k: v}'],
    ],
    ['without the label', reasons(aPod('p', {}, { nodeSelector: { a: 'b' } }), aNode('n')), [noMatch]],
    [
      'with the label: no',
      reasons(aPod('p', {}, { nodeSelector: { a: 'b' } }), aNode('n', {}, { labels: { a: 'b' } })),
      [],
    ],
    ['NotIn, label absent: no', reasons(aPod('p', {}, inZone('NotIn', 'x')), aNode('n')), []],
    [
      'Gt, not a number',
      reasons(aPod('p', {}, inZone('Gt', '3')), aNode('n', {}, { labels: { zone: 'x' } })),
      [noMatch],
    ],
    [
      'Gt, larger: no',
      reasons(aPod('p', {}, inZone('Gt', '3')), aNode('n', {}, { labels: { zone: '4' } })),
      [],
    ],
    [
      'with the port taken',
      reasons(aPod('p', {}, ports(80)), aNode('n'), [bound('a', {}, ports(80, '10.0.0.1'))]),
      [noPorts],
    ],
    [
      'with the port taken on another address: no',
      reasons(aPod('p', {}, ports(80, '10.0.0.2')), aNode('n'), [bound('a', {}, ports(80, '10.0.0.1'))]),
      [],
    ],
    [
      'with the port taken for UDP: no',
      reasons(aPod('p', {}, ports(80)), aNode('n'), [bound('a', {}, ports(80, undefined, 'UDP'))]),
      [],
    ],
  ];
  test.each(rows)('%s', (_what, got, want) => {
    expect(got).toEqual(want);
  });

  test('for good when it is too small for the Pod even when empty', () => {
    const nodes = [aNode('n', { cpu: '1' }), aNode('m', { cpu: '2' })];
    const pods = [aPod('a', { cpu: '1' }, { nodeName: 'm' })];
    const codes = filtered(aPod('p', { cpu: '2' }), { nodes, pods }).map((verdict) => verdict?.code);
    expect(codes).toEqual(['UnschedulableAndUnresolvable', 'Unschedulable']);
  });
});

describe('a PersistentVolumeClaim', () => {
  const pod = aPod('p', {}, { volumes: [{ name: 'v', persistentVolumeClaim: { claimName: 'data' } }] });
  const claim = (phase: string, volumeName: string) =>
    withObject(
      emptyView('persistentvolumeclaims'),
      'default/data',
      {
        apiVersion: 'v1',
        kind: 'PersistentVolumeClaim',
        metadata: {
          name: 'data',
          namespace: 'default',
          uid: 'u',
          resourceVersion: '1',
          creationTimestamp: '',
        },
        spec: { volumeName },
        status: { phase },
      },
      1,
    );
  test.each([
    ['missing', undefined, ['persistentvolumeclaim "data" not found']],
    ['pending', claim('Pending', ''), ['pod has unbound immediate PersistentVolumeClaims']],
    [
      'lost',
      claim('Lost', 'pv'),
      ['persistentvolumeclaim "data" bound to non-existent persistentvolume "pv"'],
    ],
    ['bound to nothing', claim('Bound', 'pv'), ['persistentvolume "pv" not found']],
  ])('%s', (_what, claims, want) => {
    expect(filtered(pod, { nodes: [aNode('n')], ...(claims && { claims }) })[0]?.reasons).toEqual(want);
  });
});

/** The scores of the nodes in turn, normalized, by the named plugin. */
function scored(name: string, pod: Pod, cluster: Cluster): readonly number[] {
  const entry = defaultProfile.scores.find(({ plugin }) => plugin.name === name);
  if (entry === undefined) throw new Error(`no plugin ${name}`);
  const plugin: ScorePlugin = entry.plugin;
  const cache = cacheOf(cluster);
  const columns = columnsOf(cache.nodes);
  const rows = columns.rowsInOrder(cache.tree);
  const feasible = { columns, rows, count: rows.length };
  const info = podInfoOf(pod);
  const prepared =
    plugin.preScore === undefined
      ? { state: undefined }
      : plugin.preScore(info, snapshotOf(cluster, cache), feasible);
  const [byRows, plainly] = [new Float64Array(rows.length), new Float64Array(rows.length)];
  if (prepared === undefined) return [...byRows];
  if (plugin.scoreRows === undefined) scoreEach(plugin, info, feasible, prepared.state, byRows);
  else plugin.scoreRows(info, feasible, prepared.state, byRows);
  scoreEach(plugin, info, feasible, prepared.state, plainly);
  expect(byRows).toEqual(plainly);
  plugin.normalize?.(byRows, rows.length, prepared.state);
  return [...byRows];
}

describe('a node is preferred', () => {
  const mebibyte = 1024 * 1024;
  const withImages = (node: Node, ...images: readonly (readonly [string, number])[]): Node => ({
    ...node,
    status: { ...node.status, images: images.map(([image, size]) => ({ names: [image], sizeBytes: size })) },
  });
  const prefers = (weight: number, value: string) => ({
    weight,
    preference: { matchExpressions: [{ key: 'zone', operator: 'In', values: [value] }] },
  });
  const rows: readonly [what: string, got: readonly number[], want: readonly number[]][] = [
    [
      'the emptier: cpu (4000-1000)/4000 = 75, memory (8-2)/8 = 75',
      scored('NodeResourcesFit', aPod('p', { cpu: '1', memory: '2Gi' }), { nodes: [aNode('n')] }),
      [75],
    ],
    [
      'reckoning 100m and 200 MiB for a container that asks nothing: 97 and 97',
      scored('NodeResourcesFit', aPod('p'), { nodes: [aNode('n')] }),
      [97],
    ],
    [
      'not at all where the Pod would be too much: 0 and 50 make 25',
      scored('NodeResourcesFit', aPod('p', { cpu: '5', memory: '4Gi' }), { nodes: [aNode('n')] }),
      [25],
    ],
    [
      'in balance: fractions 0.25 and 0.25; 1 and 0.125 make 1 - 0.4375',
      scored('NodeResourcesBalancedAllocation', aPod('p', { cpu: '1', memory: '1Gi' }), {
        nodes: [aNode('n', { memory: '4Gi' }), aNode('m', { cpu: '1' })],
      }),
      [100, 56],
    ],
    [
      'for balance only by a Pod that asks for something',
      scored('NodeResourcesBalancedAllocation', aPod('p'), { nodes: [aNode('n')] }),
      [0],
    ],
    [
      'with fewer advisory taints: 0, 1 and 2 of 2',
      scored('TaintToleration', aPod('p'), {
        nodes: [
          aNode('n'),
          aNode('m', {}, { taints: [taint('PreferNoSchedule')] }),
          aNode('o', {}, { taints: [taint('PreferNoSchedule'), taint('PreferNoSchedule', 'w')] }),
        ],
      }),
      [100, 50, 0],
    ],
    [
      'where the preferred terms match: weights 30 and 60 of at most 60',
      scored(
        'NodeAffinity',
        aPod(
          'p',
          {},
          {
            affinity: {
              nodeAffinity: {
                preferredDuringSchedulingIgnoredDuringExecution: [prefers(30, 'a'), prefers(60, 'b')],
              },
            },
          },
        ),
        {
          nodes: [
            aNode('n', {}, { labels: { zone: 'a' } }),
            aNode('m', {}, { labels: { zone: 'b' } }),
            aNode('o'),
          ],
        },
      ),
      [50, 100, 0],
    ],
    [
      'where the image is: 523 MiB on one of two nodes count half, (261.5 - 23) of (1000 - 23)',
      scored('ImageLocality', aPod('p'), {
        nodes: [withImages(aNode('n'), ['img:latest', 523 * mebibyte]), aNode('m')],
      }),
      [24, 0],
    ],
  ];
  test.each(rows)('%s', (_what, got, want) => {
    expect(got).toEqual(want);
  });
});
