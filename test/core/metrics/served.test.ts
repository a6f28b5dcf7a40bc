/**
 * Aim: the metrics APIs tell what the load of a scenario says: no more and no less than the demand, from Pods that are
 * ready, as a metrics-server would know it. Method: tables of times, and a property of the shares.
 */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Pod } from '../../../core/api/generated/types.ts';
import { demandAt, lastChange, type Demand } from '../../../core/metrics/demand.ts';
import type { Load, PodLoad } from '../../../core/metrics/load.ts';
import { externalMetric, objectMetric, podsMetrics, resourceMetrics } from '../../../core/metrics/served.ts';
import { minute, second, timeText, type VirtualTime } from '../../../core/time/time.ts';

const steady = (value: number): Demand => [{ at: 0, value, over: 0 }];

const cpu = (demand: Demand, more: Partial<PodLoad> = {}): PodLoad => ({
  of: 'resource',
  metric: 'cpu',
  pods: { namespace: 'default', labels: {} },
  perPod: 0,
  demand,
  ...more,
});

interface Life {
  readonly startedAt?: VirtualTime;
  readonly readyAt?: VirtualTime;
  readonly limit?: string;
}

const pod = (name: string, { startedAt = 0, readyAt, limit }: Life = {}): Pod =>
  ({
    metadata: { name, namespace: 'default' },
    spec: {
      containers: [
        { name: 'main', resources: limit === undefined ? {} : { limits: { cpu: limit } } },
        { name: 'side' },
      ].slice(0, limit === undefined ? 2 : 1),
    },
    status: {
      phase: 'Running',
      startTime: timeText(startedAt),
      conditions: [
        {
          type: 'Ready',
          status: readyAt === undefined ? 'False' : 'True',
          lastTransitionTime: timeText(readyAt ?? 0),
        },
      ],
    },
  }) as unknown as Pod;

const usage = (load: PodLoad, pods: readonly Pod[], now: VirtualTime, container = ''): unknown => {
  const metrics = resourceMetrics([load], [{ load, pods }], pods, 'cpu', container, now);
  return 'error' in metrics
    ? metrics.error
    : Object.fromEntries(Object.entries(metrics).map(([name, { value }]) => [name, value]));
};

test('a demand goes from point to point, and stays at the last', () => {
  const demand: Demand = [
    { at: 60 * second, value: 1_000, over: 0 },
    { at: 120 * second, value: 3_000, over: 20 * second },
  ];
  const at = [0, 59, 60, 119, 120, 125, 130, 140, 1_000].map((time) => demandAt(demand, time * second));
  expect(at).toEqual([0, 0, 1_000, 1_000, 1_000, 1_500, 2_000, 3_000, 3_000]);
  expect(lastChange(demand)).toBe(140 * second);
});

describe('what Pods use', () => {
  test('their own need each, and the demand among those that are ready', () => {
    const pods = [pod('a', { readyAt: 0 }), pod('b', { readyAt: 0 }), pod('c')];
    expect(usage(cpu(steady(1_001), { perPod: 5 }), pods, minute)).toEqual({ a: 506, b: 505, c: 5 });
  });

  test('is looked at every 15 seconds, once a Pod has run for a window', () => {
    const pods = [pod('a', { readyAt: 0 }), pod('b', { startedAt: 20 * second, readyAt: 50 * second })];
    const load = cpu(steady(1_000));
    expect(usage(load, pods, 14 * second)).toBe('no metrics returned from resource metrics API');
    expect(usage(load, pods, 29 * second)).toEqual({ a: 1_000 });
    expect(usage(load, pods, 59 * second)).toEqual({ a: 1_000, b: 0 });
    expect(usage(load, pods, 60 * second)).toEqual({ a: 500, b: 500 });
  });

  test('is no more than a limit, of the Pod or of the load', () => {
    const pods = [pod('a', { readyAt: 0, limit: '300m' })];
    expect(usage(cpu(steady(1_000)), pods, minute)).toEqual({ a: 300 });
    expect(usage(cpu(steady(1_000), { most: 400 }), pods, minute)).toEqual({ a: 400 });
  });

  test('is used by one of its containers', () => {
    const pods = [pod('a', { readyAt: 0 })];
    expect(usage(cpu(steady(100)), pods, minute, 'main')).toEqual({ a: 100 });
    expect(usage(cpu(steady(100)), pods, minute, 'side')).toEqual({ a: 0 });
    expect(usage(cpu(steady(100), { container: 'side' }), pods, minute, 'side')).toEqual({ a: 100 });
    expect(usage(cpu(steady(100)), pods, minute, 'other')).toBe(
      'container other not present in metrics for pod default/a',
    );
  });

  test('adds up to the demand, whoever is ready', () => {
    fc.assert(
      fc.property(
        fc.nat(100_000),
        fc.array(fc.boolean(), { minLength: 1, maxLength: 30 }),
        (demand, ready) => {
          const pods = ready.map((is, i) => pod(`p${i}`, is ? { readyAt: 0 } : {}));
          const used = Object.values(usage(cpu(steady(demand)), pods, minute) as Record<string, number>);
          const sum = used.reduce((all, value) => all + value, 0);
          expect(sum).toBe(ready.includes(true) ? demand : 0);
          const shares = used.filter((_, i) => ready[i]);
          if (shares.length > 0) expect(Math.max(...shares) - Math.min(...shares)).toBeLessThanOrEqual(1);
        },
      ),
    );
  });
});

test('an API that serves nothing is not there; one that does not know a metric says so', () => {
  const queue: Load = {
    of: 'external',
    metric: 'queue_length',
    namespace: 'default',
    labels: { queue: 'work' },
    demand: steady(30_000),
  };
  const hits: Load = {
    of: 'object',
    metric: 'hits',
    namespace: 'default',
    kind: 'Ingress',
    name: 'front',
    demand: steady(7_000),
  };
  const pods = [pod('a', { readyAt: 0 })];
  const requests: PodLoad = { ...cpu(steady(10_000)), of: 'pods', metric: 'requests' };
  const loaded = [{ load: requests, pods }];
  const front = { kind: 'Ingress', namespace: 'default', name: 'front' };
  const all = [queue, hits, requests];
  const work = [{ key: 'queue', operator: '=' as const, values: ['work'] }];
  const play = [{ key: 'queue', operator: '=' as const, values: ['play'] }];
  const table = {
    'no resource metrics': resourceMetrics([queue], [], pods, 'cpu', '', minute),
    'no custom metrics': podsMetrics([queue], [], pods, 'requests', minute),
    'no external metrics': externalMetric([hits], 'default', 'queue_length', [], minute),
    'a queue': externalMetric(all, 'default', 'queue_length', work, minute),
    'another queue': externalMetric(all, 'default', 'queue_length', play, minute),
    'an object': objectMetric(all, front, 'ingresses.networking.k8s.io', 'hits', minute),
    'another object': objectMetric(
      all,
      { ...front, name: 'back' },
      'ingresses.networking.k8s.io',
      'hits',
      minute,
    ),
    Pods: podsMetrics(all, loaded, pods, 'requests', minute),
    'another metric of Pods': podsMetrics(all, loaded, pods, 'errors', minute),
  };
  expect(table).toEqual({
    'no resource metrics': {
      error:
        'unable to fetch metrics from resource metrics API: the server could not find the requested resource (get pods.metrics.k8s.io)',
    },
    'no custom metrics': {
      error:
        'unable to fetch metrics from custom metrics API: no custom metrics API (custom.metrics.k8s.io) registered',
    },
    'no external metrics': {
      error:
        'unable to fetch metrics from external metrics API: the server could not find the requested resource (get queue_length.external.metrics.k8s.io)',
    },
    'a queue': 30_000,
    'another queue': { error: 'no metrics returned from external metrics API' },
    'an object': 7_000,
    'another object': {
      error:
        'unable to fetch metrics from custom metrics API: the server could not find the metric hits for ingresses.networking.k8s.io back',
    },
    Pods: { a: { value: 10_000, timestamp: minute, window: 15 * second } },
    'another metric of Pods': {
      error:
        'unable to fetch metrics from custom metrics API: the server could not find the metric errors for pods',
    },
  });
});
