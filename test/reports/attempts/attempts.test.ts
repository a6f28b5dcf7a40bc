/**
 * Aim: an attempt is told as the scheduler made it. Method: a run with taints, too large a Pod, a preemption and a crash
 * of the scheduler; every decision of its trace must be worked out again from the trace, with the scores that the
 * scheduler wrote down then; and one Pod's story as a transcript.
 */
import { expect, test } from 'vitest';
import type { NewObject } from '../../../core/api/request.ts';
import { second } from '../../../core/time/time.ts';
import { explain, UnknownObjectError } from '../../../reports/explain.ts';
import type { AttemptTold } from '../../../reports/attempts/attempts.ts';
import { memorySource, type TraceSource } from '../../../reports/trace/source.ts';
import type { ClusterSpec } from '../../../sim/cluster/spec.ts';
import { Simulation } from '../../../sim/engine/simulation.ts';
import { defaultNodes } from '../../../sim/scenario/defaults.ts';
import { clusterSpec } from '../../sim/engine/cluster.ts';

const pod = (
  name: string,
  cpu: string,
  spec: object = {},
): NewObject & Readonly<Record<string, unknown>> => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name },
  spec: { containers: [{ name: 'c', image: 'c', resources: { requests: { cpu } } }], ...spec },
});

const urgent = {
  apiVersion: 'scheduling.k8s.io/v1',
  kind: 'PriorityClass',
  metadata: { name: 'urgent' },
  value: 1000,
};

const spec: ClusterSpec = {
  ...clusterSpec({
    replicas: 0,
    actions: [
      { at: 10 * second, do: 'apply', objects: [pod('large', '4')] },
      { at: 12 * second, do: 'apply', objects: [pod('wide', '3500m')] },
      { at: 14 * second, do: 'apply', objects: [pod('huge', '64')] },
      { at: 20 * second, do: 'apply', objects: [urgent] },
      { at: 30 * second, do: 'apply', objects: [pod('first', '3500m', { priorityClassName: 'urgent' })] },
      { at: 32 * second, do: 'apply', objects: [pod('second', '3500m', { priorityClassName: 'urgent' })] },
      { at: 60 * second, do: 'apply', objects: [pod('last', '100m')] },
    ],
    faults: [{ at: 40 * second, for: 5 * second, do: 'crash', process: 'kube-scheduler' }],
  }),
  // Of different sizes, and the Pods one after another: nothing is left to a draw.
  nodes: defaultNodes(4).map((node, i) => ({
    ...node,
    capacity: { ...node.capacity, cpu: ['4', '5', '6', '6'][i] ?? '', memory: `${16 + 8 * i}Gi` },
    taints: i === 3 ? [{ key: 'own', value: 'x', effect: 'NoSchedule' }] : [],
  })),
};

function traceOf(given: ClusterSpec): TraceSource {
  const blocks: Uint8Array[] = [];
  const trace = { write: (block: Uint8Array) => blocks.push(block), close: () => undefined };
  const simulation = Simulation.create(given, { trace });
  simulation.run({ time: 120 * second });
  simulation.close();
  return memorySource('run.trace', blocks);
}

const source = traceOf(spec);

interface Told {
  readonly kind: string;
  readonly detail?: { readonly chosen: string | null; readonly scores: readonly Weighted[] };
  readonly scheduling?: AttemptTold;
}

interface Weighted {
  readonly node: string;
  readonly total: number;
  readonly plugins: Readonly<Record<string, number>>;
}

const decisions = (name: string, from = source): readonly Told[] =>
  (JSON.parse(explain(from, { target: `pod/${name}`, format: 'json' })) as Told[]).filter(
    ({ kind }) => kind === 'decision',
  );

const weighted = ({ node, total, plugins }: NonNullable<AttemptTold['scored']>[number]): Weighted => ({
  node,
  total,
  plugins: Object.fromEntries(plugins.map(({ plugin, weighted: points }) => [plugin, points])),
});

function podNames(from: TraceSource): readonly string[] {
  const text = from.read(0, from.size).toString('utf8');
  return [
    ...new Set(
      [...text.matchAll(/"key":"\/registry\/pods\/default\/([^"]*)","put"/g)].map(([, name = '']) => name),
    ),
  ];
}

test('every decision of a run is worked out again from its trace, with the same scores', () => {
  const all = podNames(source).flatMap((name) => decisions(name));
  expect(all.length).toBeGreaterThan(6);
  for (const { detail, scheduling } of all) {
    expect(scheduling?.chosen ?? null).toBe(detail?.chosen);
    expect(scheduling?.scored.map(weighted)).toEqual(detail?.scores);
  }
  expect(all.some(({ scheduling }) => scheduling?.nominatedFirst === true)).toBe(true);
});

test('a Pod that no node will do for is told the real message, and why each plugin rejected', () => {
  const [first] = decisions('huge');
  expect(first?.scheduling).toMatchObject({
    message:
      '0/4 nodes are available: 1 node(s) had untolerated taint {own: x}, 3 Insufficient cpu. no new claims to deallocate, preemption: 0/4 nodes are available: 4 Preemption is not helpful for scheduling.',
    rejected: [
      { plugin: 'NodeResourcesFit', reason: 'Insufficient cpu', nodes: 3 },
      { plugin: 'TaintToleration', reason: 'node(s) had untolerated taint {own: x}', nodes: 1 },
    ],
  });
});

/** The steps that are attempts, without what is told beside them: when, and because of what. */
function attemptsIn(text: string): string {
  const lines: string[] = [];
  let within = false;
  for (const line of text.split('\n')) {
    const step = /^ *\d+ .* (\S+ +schedule Pod.*?)(  heard.*)?$/.exec(line);
    if (/^ *\d+ (← \d+)? +[\dm.]+s {2}/.test(line)) within = step !== null;
    if (step !== null) lines.push('', step[1] ?? '');
    else if (within) lines.push(`  ${line.trim()}`.trimEnd());
  }
  return lines.slice(1).join('\n') + '\n';
}

test.each([
  ['attempt-chosen', 'large', undefined],
  ['attempt-preempting', 'second', undefined],
  ['attempt-node', 'huge', 'node-4'],
  ['attempt-node-scored', 'large', 'node-2'],
])('%s', async (file, name, node) => {
  const text = explain(source, { target: `pod/${name}`, node });
  await expect(attemptsIn(text)).toMatchFileSnapshot(`../transcripts/${file}.txt`);
});

test('the settings of a configured scheduler are in the trace, and explain goes by them', () => {
  const all = ['TaintToleration', 'NodeResourcesFit'];
  const choice = {
    ...{ preEnqueue: [], preFilter: all, filter: all, postFilter: [] },
    score: [{ name: 'NodeResourcesFit', weight: 7 }],
  };
  const pluginConfig = [
    { name: 'NodeResourcesFit', args: { scoringStrategy: { type: 'MostAllocated', resources: [] } } },
  ];
  const configured = traceOf({
    ...spec,
    scheduler: {
      backoff: { initial: 1 * second, max: 10 * second },
      profiles: [{ schedulerName: 'default-scheduler', choice, pluginConfig }],
    },
  });
  const [first] = decisions('large', configured);
  expect(first?.scheduling?.scored.map(weighted)).toEqual(first?.detail?.scores);
  expect(first?.scheduling?.scored[0]?.plugins.map(({ plugin, weight }) => [plugin, weight])).toEqual([
    ['NodeResourcesFit', 7],
  ]);
});

test('a node that never was, and an object that is not scheduled', () => {
  expect(() => explain(source, { target: 'pod/large', node: 'node-9' })).toThrow(UnknownObjectError);
  expect(() => explain(source, { target: 'deploy/web', node: 'node-1' })).toThrow('only a Pod is scheduled');
});
