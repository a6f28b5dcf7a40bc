/** Small rules in tables: hashes in names, fence posts of a rollout, taints of a Node. */
import { describe, expect, test } from 'vitest';
import type { Node } from '../../../core/api/generated/types.ts';
import { resolveFenceposts } from '../../../core/controllers/deployment-math.ts';
import {
  controllerRevisionHash,
  fnv32,
  fnv32a,
  podTemplateHash,
  safeEncode,
} from '../../../core/controllers/name-hash.ts';
import { taintsOf } from '../../../core/controllers/node.ts';

describe('hashes', () => {
  test('FNV as published', () => {
    expect([fnv32a(''), fnv32a('a'), fnv32a('foobar')]).toEqual([0x811c9dc5, 0xe40c292c, 0xbf9cf968]);
    expect([fnv32(''), fnv32('a'), fnv32('foobar')]).toEqual([0x811c9dc5, 0x050c5d7e, 0x31f0b262]);
  });

  test('no vowels in a name', () => {
    expect(safeEncode('1234567890')).toMatch(/^[bcdfghjklmnpqrstvwxz2456789]{10}$/);
  });

  test('a ControllerRevision has the hash that Kubernetes 1.34.1 gives it', () => {
    const container = {
      image: 'nginx:1.25',
      imagePullPolicy: 'IfNotPresent',
      name: 'c',
      resources: {},
      terminationMessagePath: '/dev/termination-log',
      terminationMessagePolicy: 'File',
    };
    const spec = {
      containers: [container],
      dnsPolicy: 'ClusterFirst',
      restartPolicy: 'Always',
      schedulerName: 'default-scheduler',
      securityContext: {},
      terminationGracePeriodSeconds: 30,
    };
    const data = { spec: { template: { metadata: { labels: { app: 'x' } }, spec, $patch: 'replace' } } };
    expect(controllerRevisionHash(data, undefined)).toBe('656ffc997d');
  });

  test('a template hash depends on what the template says and on the collisions, not on the order of its fields', () => {
    expect(podTemplateHash({ a: 1, b: 2 }, undefined)).toBe(podTemplateHash({ b: 2, a: 1 }, undefined));
    expect(
      new Set([
        podTemplateHash({ a: 1 }, undefined),
        podTemplateHash({ a: 2 }, undefined),
        podTemplateHash({ a: 1 }, 0),
        podTemplateHash({ a: 1 }, 1),
      ]).size,
    ).toBe(4);
  });
});

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
