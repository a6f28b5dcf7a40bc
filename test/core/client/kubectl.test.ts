/** Aim: kubectl does one thing after another, says what kubectl says of each, and keeps refusals. Method: on a cluster. */
import { expect, test } from 'vitest';
import type { KubectlState } from '../../../core/client/kubectl-state.ts';
import type { TaintChange } from '../../../core/client/kubectl-taint.ts';
import { second } from '../../../core/time/time.ts';
import type { Action } from '../../../sim/cluster/spec.ts';
import { clusterSpec, deployment, pods, runTo } from '../../sim/engine/cluster.ts';

const at = 20 * second;
const web = { resource: 'deployments', namespace: 'default', name: 'web' };

const node = 'node-1';
const gpu: TaintChange = { key: 'gpu', value: 'true', effect: 'NoSchedule', remove: false };
const noGpu: TaintChange = { key: 'gpu', value: undefined, effect: undefined, remove: true };
const taint = { do: 'taint', node, overwrite: false } as const;

const outcomesOf = (actions: readonly Action[]): readonly string[] => {
  const { outcomes } = runTo(clusterSpec({ replicas: 1, actions }), 60 * second).stateOf(
    'kubectl',
  ) as KubectlState;
  return outcomes.map(({ object, done, status }) =>
    [object, done, status?.reason].filter((word) => word !== undefined).join(' '),
  );
};

test.each<[string, readonly Action[], string]>([
  [
    'an apply of something new creates',
    [{ at, do: 'apply', objects: [deployment('api', 1)] }],
    'deployments/default/api created',
  ],
  [
    'an apply of the same changes nothing',
    [{ at, do: 'apply', objects: [deployment('web', 1)] }],
    'deployments/default/web unchanged',
  ],
  [
    'an apply of something else configures',
    [{ at, do: 'apply', objects: [deployment('web', 2)] }],
    'deployments/default/web configured',
  ],
  ['a scale scales', [{ at, do: 'scale', ...web, replicas: 3 }], 'deployments/default/web scaled'],
  ['a delete deletes', [{ at, do: 'delete', ...web }], 'deployments/default/web deleted'],
  [
    'a delete of nothing is refused',
    [{ at, do: 'delete', ...web, name: 'nope' }],
    'deployments/default/nope refused NotFound',
  ],
  [
    'what is invalid is refused',
    [{ at, do: 'apply', objects: [deployment('Not_a_name', 1)] }],
    'deployments/default/Not_a_name refused Invalid',
  ],
])('%s', (_, actions, outcome) => {
  expect(outcomesOf(actions)).toEqual(['deployments/default/web created', outcome]);
});

test('objects of one manifest are applied in order', () => {
  const objects = ['a', 'b', 'c'].map((name) => deployment(name, 0));
  expect(outcomesOf([{ at, do: 'apply', objects }]).slice(1)).toEqual(
    ['a', 'b', 'c'].map((name) => `deployments/default/${name} created`),
  );
});

test('a Deployment that is deleted with its orphans left behind leaves ReplicaSet and Pods', () => {
  const before = clusterSpec({
    replicas: 2,
    actions: [{ at, do: 'delete', ...web, cascade: 'orphan' }],
  });
  const after = runTo(before, at + 30 * second);
  expect(pods(after)).toHaveLength(2);
});

test('nodes are cordoned and tainted, and Pods evicted, in the words of kubectl', () => {
  const actions: readonly Action[] = [
    { at, do: 'uncordon', node },
    { at, do: 'cordon', node },
    { at, do: 'cordon', node },
    { at, do: 'uncordon', node },
    { at, do: 'cordon', node: 'nowhere' },
    { at, ...taint, taints: [gpu] },
    { at, ...taint, taints: [gpu] },
    { at, ...taint, taints: [{ ...gpu, value: 'false' }], overwrite: true },
    { at, ...taint, taints: [noGpu, { ...gpu, key: 'fpga' }] },
    { at, ...taint, taints: [noGpu] },
    { at, ...taint, taints: [{ ...noGpu, key: 'fpga' }] },
    { at, do: 'evict', namespace: 'default', name: 'nobody' },
  ];
  const { outcomes } = runTo(clusterSpec({ replicas: 1, actions }), 60 * second).stateOf(
    'kubectl',
  ) as KubectlState;
  const told = outcomes.slice(1).map(({ object, done, status, error }) => {
    const why = error ?? status?.message;
    return why === undefined ? `${object} ${done}` : `${object} ${done}: ${why}`;
  });
  expect(told.join('\n')).toMatchInlineSnapshot(`
    "nodes/node-1 already uncordoned
    nodes/node-1 cordoned
    nodes/node-1 already cordoned
    nodes/node-1 uncordoned
    nodes/nowhere refused: nodes "nowhere" not found
    nodes/node-1 tainted
    nodes/node-1 refused: node node-1 already has [gpu] taint(s) with same effect(s) and --overwrite is false
    nodes/node-1 modified
    nodes/node-1 modified
    nodes/node-1 refused: taint "gpu" not found
    nodes/node-1 untainted
    pods/default/nobody refused: pods "nobody" not found"
  `);
});

test('a deleted Deployment takes its Pods with it', () => {
  const before = clusterSpec({ replicas: 2, actions: [{ at, do: 'delete', ...web }] });
  expect(pods(runTo(before, at))).toHaveLength(2);
  expect(pods(runTo(before, at + 30 * second))).toHaveLength(0);
});
