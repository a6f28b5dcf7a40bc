/** Small rules in tables: fence posts of a rollout, taints of a Node. */
import { describe, expect, test } from 'vitest';
import type { Node } from '../../../core/api/generated/types.ts';
import { resolveFenceposts } from '../../../core/controllers/deployment/math.ts';
import { taintsOf } from '../../../core/controllers/nodelifecycle/no-schedule.ts';

describe('fence posts', () => {
  test.each<[string | number, string | number, number, { surge: number; unavailable: number }]>([
    ['25%', '25%', 10, { surge: 3, unavailable: 2 }],
    ['25%', '25%', 1, { surge: 1, unavailable: 0 }],
    [0, '25%', 2, { surge: 0, unavailable: 1 }],
    ['30%', '10%', 7, { surge: 3, unavailable: 0 }],
    ['100%', '100%', 10, { surge: 10, unavailable: 10 }],
    [5, 0, 3, { surge: 5, unavailable: 0 }],
  ])('maxSurge %s and maxUnavailable %s of %i', (surge, unavailable, desired, expected) => {
    expect(resolveFenceposts(surge, unavailable, desired)).toEqual(expected);
  });
});

describe('taints of a Node', () => {
  const taint = (key: string, effect = 'NoSchedule') => ({ key: `node.kubernetes.io/${key}`, effect });
  const node = (
    conditions: Readonly<Record<string, string>>,
    taints: readonly object[],
    unschedulable?: boolean,
  ): Node =>
    ({
      spec: { taints, unschedulable },
      status: { conditions: Object.entries(conditions).map(([type, status]) => ({ type, status })) },
    }) as unknown as Node;
  const keys = (of: Node): readonly string[] | undefined =>
    taintsOf(of, 0)?.map(({ key, effect }) => `${key.split('/')[1] ?? ''}:${effect}`);

  test.each<[string, Node, readonly string[] | undefined]>([
    [
      'a new Node that is ready loses the taint it was born with',
      node({ Ready: 'True' }, [taint('not-ready')]),
      [],
    ],
    ['a ready Node without taints is left alone', node({ Ready: 'True' }, []), undefined],
    ['not ready', node({ Ready: 'False' }, []), ['not-ready:NoSchedule']],
    ['silent', node({ Ready: 'Unknown' }, [taint('not-ready')]), ['unreachable:NoSchedule']],
    ['under pressure', node({ Ready: 'True', MemoryPressure: 'True' }, []), ['memory-pressure:NoSchedule']],
    ['cordoned', node({ Ready: 'True' }, [], true), ['unschedulable:NoSchedule']],
    [
      'other taints stay',
      node({ Ready: 'True' }, [taint('not-ready'), taint('not-ready', 'NoExecute')]),
      ['not-ready:NoExecute'],
    ],
  ])('%s', (_, of, expected) => {
    expect(keys(of)).toEqual(expected);
  });
});
