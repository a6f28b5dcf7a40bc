/**
 * Which of two Pods goes first. Each row is a sentence; `first` and `second` say only what matters
 * (kubernetes v1.34.1 pkg/controller/controller_utils.go, ActivePodsWithRanks).
 */
import { describe, expect, test } from 'vitest';
import type { Pod } from '../../../core/api/generated/types.ts';
import { inDeletionOrder } from '../../../core/controllers/deletion-order.ts';
import { hour, minute, second, timeText } from '../../../core/time/time.ts';

const now = 10 * hour;

interface Said {
  readonly uid?: string;
  readonly node?: string;
  readonly phase?: string;
  readonly ready?: boolean;
  readonly readySince?: number;
  readonly cost?: string;
  readonly restarts?: number;
  readonly age?: number;
}

const pod = (name: string, said: Said): Pod =>
  ({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name,
      namespace: 'default',
      uid: said.uid ?? name,
      resourceVersion: '1',
      creationTimestamp: timeText(now - (said.age ?? hour)),
      annotations:
        said.cost === undefined ? undefined : { 'controller.kubernetes.io/pod-deletion-cost': said.cost },
    },
    spec: { containers: [], nodeName: said.node ?? 'node-1' },
    status: {
      phase: said.phase ?? 'Running',
      conditions: [
        {
          type: 'Ready',
          status: said.ready === false ? 'False' : 'True',
          lastTransitionTime: timeText(now - (said.readySince ?? hour)),
        },
      ],
      containerStatuses: [{ name: 'c', restartCount: said.restarts ?? 0 }],
    },
  }) as unknown as Pod;

const rows: readonly [string, Said, Said][] = [
  ['a Pod without a Node before one with a Node', { node: '' }, {}],
  ['a Pending Pod before a Running one', { phase: 'Pending' }, {}],
  ['a Pod that is not ready before one that is', { ready: false }, {}],
  ['readiness weighs more than the cost of deletion', { ready: false, cost: '100' }, { cost: '-100' }],
  ['a lower cost of deletion before a higher one', { cost: '-1' }, {}],
  ['"+3" is no cost', { readySince: minute }, { cost: '+3' }],
  ['"007" is no cost', { readySince: minute, cost: '007' }, {}],
  ['"-007" is one', { cost: '-007' }, { readySince: minute }],
  ['a Pod that became ready lately before one ready for long', { readySince: minute }, {}],
  [
    'ready times of one magnitude are decided by the uid',
    { uid: 'a', readySince: hour },
    { uid: 'b', readySince: hour - second },
  ],
  [
    'and what comes after in the order is then not looked at',
    { uid: 'a', readySince: hour },
    { uid: 'b', readySince: hour - second, restarts: 9 },
  ],
  ['with equal ready times more restarts go first', { uid: 'b', restarts: 2 }, { uid: 'a', restarts: 1 }],
  ['with all else equal the younger goes first', { age: minute }, { age: hour }],
];

describe('deletion order', () => {
  test.each(rows)('%s', (_, first, second) => {
    const [a, b] = [pod('first', first), pod('second', second)];
    expect(inDeletionOrder([a, b], [], now).map(({ metadata }) => metadata.name)).toEqual([
      'first',
      'second',
    ]);
    expect(inDeletionOrder([b, a], [], now).map(({ metadata }) => metadata.name)).toEqual([
      'first',
      'second',
    ]);
  });

  test('a Node that holds more of the related Pods is emptied first', () => {
    const pods = [
      pod('alone', { node: 'node-1' }),
      pod('x', { node: 'node-2' }),
      pod('y', { node: 'node-2' }),
    ];
    expect(inDeletionOrder(pods, pods, now).at(-1)?.metadata.name).toBe('alone');
  });

  test('an older age in nanoseconds counts by its power of two', () => {
    const names = ['1s', '1m', '1h', '9h'].map((name, i) =>
      pod(name, { readySince: [second, minute, hour, 9 * hour][i] ?? 0 }),
    );
    expect(inDeletionOrder([...names].reverse(), [], now).map(({ metadata }) => metadata.name)).toEqual([
      '1s',
      '1m',
      '1h',
      '9h',
    ]);
  });
});
