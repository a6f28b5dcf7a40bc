/**
 * Aim: how a HorizontalPodAutoscaler behaves in a whole cluster, as a person reads it: what it measures, what it does,
 * what it says, look by look. Method: scenarios run as they are; transcripts, and the one thing each is about.
 * `vitest -u` writes the transcripts anew.
 */
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Deployment, Event, HorizontalPodAutoscaler } from '../../../../core/api/generated/types.ts';
import type { NewObject } from '../../../../core/api/request.ts';
import type { Load } from '../../../../core/metrics/load.ts';
import {
  microsecond,
  millisecond,
  minute,
  parseTimeText,
  second,
  type VirtualTime,
} from '../../../../core/time/time.ts';
import { fixed } from '../../../../core/random/distribution.ts';
import type { Action } from '../../../../sim/cluster/spec.ts';
import { Simulation } from '../../../../sim/engine/simulation.ts';
import { loadScenario } from '../../../../sim/scenario/load.ts';
import { applyAt, clusterSpec, deployment } from '../../../sim/engine/cluster.ts';

const autoscalerOf = (simulation: Simulation): HorizontalPodAutoscaler | undefined =>
  simulation.registry().get('horizontalpodautoscalers', 'default/web') as HorizontalPodAutoscaler | undefined;

const replicasOf = (simulation: Simulation): number | undefined =>
  (simulation.registry().get('deployments', 'default/web') as Deployment | undefined)?.spec.replicas;

const eventsOf = (simulation: Simulation): readonly Event[] =>
  (simulation.registry().list('events') as readonly Event[]).filter(
    ({ involvedObject }) => involvedObject.kind === 'HorizontalPodAutoscaler',
  );

const clock = (at: VirtualTime): string => {
  const seconds = Math.floor(at / second);
  return `${String(Math.floor(seconds / 60)).padStart(2)}:${String(seconds % 60).padStart(2, '0')}`;
};

/** A line for each second in which the size or the status became another. */
function transcript(simulation: Simulation, end: VirtualTime): string {
  const lines: string[] = [];
  let last = '';
  for (let at = 0; at <= end; at += second) {
    simulation.run({ time: at });
    const autoscaler = autoscalerOf(simulation);
    if (autoscaler?.status.conditions === undefined) continue;
    const { status } = autoscaler;
    const usage = status.currentMetrics?.[0]?.resource?.current;
    const conditions = (status.conditions ?? []).map(
      ({ type, status: is, reason }) => `${is === 'True' ? '+' : '-'}${type}/${reason}`,
    );
    const told = [
      `size ${replicasOf(simulation)}`,
      `usage ${usage?.averageUtilization ?? '?'}%`,
      ...conditions,
    ].join('  ');
    if (told !== last) lines.push(`${clock(at)}  ${told}`);
    last = told;
  }
  const events = [...eventsOf(simulation)]
    .sort((a, b) => (a.firstTimestamp ?? '').localeCompare(b.firstTimestamp ?? ''))
    .map(
      ({ firstTimestamp = '', count = 1, type, reason, message }) =>
        `${clock(parseTimeText(firstTimestamp) ?? 0)}  ${type} ${reason} x${count}: ${message}`,
    );
  return `${[...lines, '', ...events].join('\n')}\n`;
}

test('a morning: up with the load, down five minutes after it', async () => {
  const { spec } = await loadScenario([join(import.meta.dirname, '../../../../scenarios/autoscaling.yaml')]);
  // Pulls and messages that take always the same: the transcript is about the autoscaler, not about luck.
  const simulation = Simulation.create({
    ...spec,
    images: clusterSpec({ replicas: 0 }).images,
    network: {
      clientToApiserver: fixed(500 * microsecond),
      apiserverToEtcd: fixed(200 * microsecond),
      etcdCommit: fixed(millisecond),
    },
  });
  const told = transcript(simulation, 16 * minute);
  expect(replicasOf(simulation)).toBe(3);
  await expect(told).toMatchFileSnapshot('morning.txt');
});

const requesting = (replicas: number): NewObject => {
  const object = deployment('web', replicas) as unknown as Deployment;
  const [container] = object.spec.template.spec?.containers ?? [];
  const containers = [{ ...container, resources: { requests: { cpu: '100m' } } }];
  const template = { ...object.spec.template, spec: { containers } };
  return { ...object, spec: { ...object.spec, template } } as unknown as NewObject;
};

const autoscaler = (name: string, spec: object): NewObject =>
  ({
    apiVersion: 'autoscaling/v2',
    kind: 'HorizontalPodAutoscaler',
    metadata: { name },
    spec: {
      scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' },
      maxReplicas: 10,
      metrics: [
        {
          type: 'Resource',
          resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 50 } },
        },
      ],
      ...spec,
    },
  }) as unknown as NewObject;

const cpuLoad = (value: number): Load => ({
  of: 'resource',
  metric: 'cpu',
  pods: { namespace: 'default', resource: 'deployments', name: 'web' },
  perPod: 0,
  demand: [{ at: 0, value, over: 0 }],
});

function cluster(replicas: number, objects: readonly NewObject[], loads: readonly Load[]): Simulation {
  const apply: Action = { at: applyAt, do: 'apply', objects: [requesting(replicas), ...objects] };
  return Simulation.create({ ...clusterSpec({ replicas }), actions: [apply], loads });
}

const reasonsOf = (simulation: Simulation): readonly string[] =>
  (autoscalerOf(simulation)?.status.conditions ?? []).map(
    ({ type, status, reason }) => `${type} ${status} ${reason}`,
  );

describe('what stands in the way', () => {
  test('no target', () => {
    const simulation = cluster(
      1,
      [autoscaler('web', { scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'none' } })],
      [cpuLoad(100)],
    );
    simulation.run({ time: minute });
    expect(reasonsOf(simulation)).toEqual(['AbleToScale False FailedGetScale']);
    expect(autoscalerOf(simulation)?.status.conditions?.[0]?.message).toMatch(
      /^the HPA controller was unable to get the target's current scale: .*"none" not found$/,
    );
  });

  test('a kind that nobody knows', () => {
    const simulation = cluster(
      1,
      [autoscaler('web', { scaleTargetRef: { apiVersion: 'example.com/v1', kind: 'Fleet', name: 'web' } })],
      [cpuLoad(100)],
    );
    simulation.run({ time: minute });
    expect(autoscalerOf(simulation)?.status.conditions?.[0]?.message).toBe(
      'the HPA controller was unable to get the target\'s current scale: no matches for kind "Fleet" in group "example.com"',
    );
  });

  test('no metrics-server: nothing is changed, and all is said', () => {
    const simulation = cluster(2, [autoscaler('web', {})], []);
    simulation.run({ time: minute });
    expect(replicasOf(simulation)).toBe(2);
    expect(reasonsOf(simulation)).toEqual([
      'AbleToScale True SucceededGetScale',
      'ScalingActive False FailedGetResourceMetric',
    ]);
    expect(
      eventsOf(simulation)
        .map(({ reason }) => reason)
        .sort(),
    ).toEqual(['FailedComputeMetricsReplicas', 'FailedGetResourceMetric']);
  });

  test('two autoscalers of the same Pods', () => {
    const simulation = cluster(1, [autoscaler('web', {}), autoscaler('again', {})], [cpuLoad(1_000)]);
    simulation.run({ time: 2 * minute });
    const event = eventsOf(simulation).find(({ reason }) => reason === 'AmbiguousSelector');
    expect(event?.message).toBe(
      'pods by selector app=web are controlled by multiple HPAs: [{again default} {web default}]',
    );
  });

  test('a target without replicas is left alone, one above the maximum is brought down to it', () => {
    const none = cluster(0, [autoscaler('web', {})], [cpuLoad(1_000)]);
    none.run({ time: minute });
    expect(reasonsOf(none)).toContain('ScalingActive False ScalingDisabled');
    expect(replicasOf(none)).toBe(0);
    const many = cluster(5, [autoscaler('web', { maxReplicas: 3 })], []);
    many.run({ time: minute });
    expect(replicasOf(many)).toBe(3);
    expect(eventsOf(many).map(({ message }) => message)).toContain(
      'New size: 3; reason: Current number of replicas above Spec.MaxReplicas',
    );
  });
});

test('a cluster with an autoscaler that has found its size comes to rest', () => {
  const simulation = cluster(1, [autoscaler('web', {})], [cpuLoad(130)]);
  simulation.run({ settled: true, time: 30 * minute });
  expect(simulation.settled).toBe(true);
  expect(replicasOf(simulation)).toBe(3);
  const before = autoscalerOf(simulation);
  simulation.run({ time: simulation.now + 5 * minute });
  expect(autoscalerOf(simulation)).toBe(before);
});
