/**
 * Properties of whole runs: a random cluster, Pods that come and go, nodes that join, are cordoned and leave, bindings
 * that are refused. A run is judged by what the API holds at its end, not by what the scheduler believes.
 */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Node, Pod, Service } from '../../../core/api/generated/types.ts';
import { podRequests } from '../../../core/api/pod-resources.ts';
import type { Status } from '../../../core/api/request.ts';
import { dropColumns } from '../../../core/scheduler/columns.ts';
import { plain } from '../../../core/scheduler/framework.ts';
import { allocatableOf } from '../../../core/scheduler/node-info.ts';
import { defaultProfile } from '../../../core/scheduler/plugins/registry.ts';
import { reduceScheduler } from '../../../core/scheduler/scheduler.ts';
import { millisecond, second } from '../../../core/time/time.ts';
import { aNode, aPod, Rig, type RigOptions } from './rig.ts';

type Act =
  | {
      readonly do: 'node';
      readonly name: number;
      readonly zone: string;
      readonly taint: boolean;
      readonly cordoned: boolean;
    }
  | { readonly do: 'removeNode'; readonly name: number }
  | {
      readonly do: 'pod';
      readonly name: number;
      readonly cpu: number;
      readonly gpu: boolean;
      readonly priority: number;
      readonly port: boolean;
      readonly selects: string;
      readonly tolerates: boolean;
      readonly app: string;
      readonly spread: 'not' | 'hard' | 'soft';
      readonly apart: boolean;
    }
  | { readonly do: 'removePod'; readonly name: number };

interface Scenario {
  readonly acts: readonly { readonly at: number; readonly act: Act }[];
  /** Of ten bindings, which are refused. */
  readonly refused: readonly boolean[];
  readonly percentage: number;
}

const zones = fc.constantFrom('a', 'b', '');
const act: fc.Arbitrary<Act> = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant('node' as const),
      name: fc.nat(7),
      zone: zones,
      taint: fc.boolean(),
      cordoned: fc.boolean(),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('removeNode' as const), name: fc.nat(7) }) },
  {
    weight: 8,
    arbitrary: fc.record({
      do: fc.constant('pod' as const),
      name: fc.nat(30),
      cpu: fc.integer({ min: 0, max: 4 }),
      gpu: fc.boolean(),
      priority: fc.nat(2),
      port: fc.boolean(),
      selects: zones,
      tolerates: fc.boolean(),
      app: fc.constantFrom('a', 'b'),
      spread: fc.constantFrom('not' as const, 'hard' as const, 'soft' as const),
      apart: fc.boolean(),
    }),
  },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('removePod' as const), name: fc.nat(30) }) },
);
const scenario: fc.Arbitrary<Scenario> = fc.record({
  acts: fc.array(fc.record({ at: fc.integer({ min: 0, max: 12_000 }), act }), {
    minLength: 5,
    maxLength: 60,
  }),
  refused: fc.array(fc.boolean(), { minLength: 10, maxLength: 10 }),
  percentage: fc.constantFrom(0, 100),
});

/** How large a node is hangs on its name: one that comes back must not be too small for the Pods that stayed. */
function nodeOf(wanted: Act & { readonly do: 'node' }): Node {
  const taints = wanted.taint ? [{ key: 'k', value: 'v', effect: 'NoSchedule' }] : [];
  const labels: Record<string, string> =
    wanted.zone === '' ? {} : { 'topology.kubernetes.io/zone': wanted.zone };
  labels['kubernetes.io/hostname'] = `n${wanted.name}`;
  return aNode(
    `n${wanted.name}`,
    { cpu: `${wanted.name + 1}`, pods: '5', 'example.com/gpu': '1' },
    { labels, taints, unschedulable: wanted.cordoned },
  );
}

/** What the Pod wants of its neighbours. */
function among({ spread, apart, app }: Act & { readonly do: 'pod' }): Partial<Pod['spec']> {
  const labelSelector = { matchLabels: { app } };
  const whenUnsatisfiable = spread === 'hard' ? 'DoNotSchedule' : 'ScheduleAnyway';
  const constraint = { maxSkew: 1, labelSelector, whenUnsatisfiable };
  const term = { labelSelector, topologyKey: 'topology.kubernetes.io/zone' };
  return {
    ...(spread !== 'not' && {
      topologySpreadConstraints: [
        { ...constraint, topologyKey: 'topology.kubernetes.io/zone' },
        { ...constraint, topologyKey: 'kubernetes.io/hostname' },
      ],
    }),
    ...(apart && {
      affinity: {
        podAntiAffinity: {
          requiredDuringSchedulingIgnoredDuringExecution: [
            { ...term, topologyKey: 'kubernetes.io/hostname' },
          ],
          preferredDuringSchedulingIgnoredDuringExecution: [{ weight: 3, podAffinityTerm: term }],
        },
      },
    }),
  };
}

/** Pods of one app are a Service, so that the scheduler spreads them of itself. */
const service: Service = {
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name: 'a', namespace: 'default', uid: 's', resourceVersion: '1', creationTimestamp: '' },
  spec: { selector: { app: 'a' } },
  status: {},
};

function perform(rig: Rig, wanted: Act): void {
  switch (wanted.do) {
    case 'node':
      rig.put(nodeOf(wanted));
      return;
    case 'removeNode':
      rig.remove(aNode(`n${wanted.name}`));
      return;
    case 'pod': {
      if (rig.pod(`p${wanted.name}`) !== undefined) return;
      const { cpu, gpu, priority, port, selects, tolerates, app } = wanted;
      const ports = port ? [{ containerPort: 80, hostPort: 80 }] : [];
      const requests = { ...(cpu > 0 && { cpu: `${cpu}` }), ...(gpu && { 'example.com/gpu': '1' }) };
      const pod = aPod(
        `p${wanted.name}`,
        {},
        {
          priority,
          containers: [{ name: 'c', image: 'img', resources: { requests }, ports }],
          ...(selects !== '' && { nodeSelector: { 'topology.kubernetes.io/zone': selects } }),
          ...(tolerates && { tolerations: [{ operator: 'Exists' }] }),
          ...among(wanted),
        },
      );
      rig.put({ ...pod, metadata: { ...pod.metadata, labels: { app } } });
      return;
    }
    case 'removePod':
      rig.remove(aPod(`p${wanted.name}`));
  }
}

const conflict: Status = {
  kind: 'Status',
  apiVersion: 'v1',
  metadata: {},
  status: 'Failure',
  message: 'no',
  reason: 'Conflict',
  code: 409,
};

function run({ acts, refused, percentage }: Scenario, options: RigOptions = {}): Rig {
  let bindings = 0;
  const rig = new Rig({
    percentageOfNodesToScore: percentage,
    refuseBinding: () => (refused[bindings++ % 10] === true ? conflict : undefined),
    ...options,
  });
  rig.put(service);
  for (const { at, act: wanted } of acts)
    rig.at(at * millisecond, () => {
      perform(rig, wanted);
    });
  return rig.run(40 * second);
}

const runs = { numRuns: 60 };

describe('whatever happens', () => {
  test('no node gets more than it has', () => {
    fc.assert(
      fc.property(scenario, (wanted) => {
        const rig = run(wanted);
        for (const node of rig.nodes()) {
          const pods = rig.pods().filter(({ spec }) => spec.nodeName === node.metadata.name);
          const { milliCpu, pods: room, scalars } = allocatableOf(node.status.allocatable);
          const requests = pods.map(podRequests);
          expect(requests.reduce((sum, { milliCpu: cpu }) => sum + cpu, 0)).toBeLessThanOrEqual(milliCpu);
          expect(
            requests.reduce((sum, amounts) => sum + (amounts.scalars['example.com/gpu'] ?? 0), 0),
          ).toBeLessThanOrEqual(scalars['example.com/gpu'] ?? 0);
          expect(pods.length).toBeLessThanOrEqual(room);
          expect(
            pods.filter(({ spec }) => (spec.containers[0]?.ports ?? []).length > 0).length,
          ).toBeLessThanOrEqual(1);
        }
      }),
      runs,
    );
  });

  test('what was assumed is confirmed or forgotten, and the cache holds what the API holds', () => {
    let refusals = 0;
    fc.assert(
      fc.property(scenario, (wanted) => {
        const rig = run({ ...wanted, refused: wanted.refused.map((refuse, i) => refuse && i % 3 !== 0) }).run(
          120 * second,
        );
        refusals += rig.lines.filter((line) => line.includes('refused')).length;
        const { cache, queue } = rig.state;
        expect(cache.assumed.size).toBe(0);
        const bound = rig.pods().filter(({ spec }) => (spec.nodeName ?? '') !== '');
        expect([...cache.pods.keys()]).toEqual(bound.map(({ metadata }) => metadata.uid).sort());
        expect(queue.pods.size + bound.length).toBe(rig.pods().length);
        for (const info of cache.nodes.values()) {
          const requests = bound.filter(({ spec }) => spec.nodeName === info.name).map(podRequests);
          expect(info.milliCpu).toBe(requests.reduce((sum, { milliCpu }) => sum + milliCpu, 0));
          expect(info.pods.length).toBe(requests.length);
        }
      }),
      runs,
    );
    expect(refusals).toBeGreaterThan(0);
  });

  test('the same seed gives the same run, and dropping the columns changes nothing', () => {
    fc.assert(
      fc.property(scenario, fc.infiniteStream(fc.boolean()), (wanted, drops) => {
        const kept = run(wanted);
        const dropped = run(wanted, {
          beforeEvent: () => {
            if (drops.next().value === true) dropColumns();
          },
        });
        expect(dropped.lines).toEqual(kept.lines);
        expect(dropped.explained).toEqual(kept.explained);
      }),
      runs,
    );
  });

  test('judging by columns decides as judging node by node does', () => {
    fc.assert(
      fc.property(scenario, (wanted) => {
        const byColumns = run(wanted);
        const nodeByNode = run(wanted, { profile: plain(defaultProfile) });
        expect(nodeByNode.lines).toEqual(byColumns.lines);
        expect(nodeByNode.explained).toEqual(byColumns.explained);
      }),
      runs,
    );
  });

  test('a step from a state that was left behind is the step that was taken then', () => {
    fc.assert(
      fc.property(scenario, fc.infiniteStream(fc.nat()), (wanted, order) => {
        const { steps } = run(wanted);
        for (let i = 0; i < 40; i++) {
          const step = steps[(order.next().value ?? 0) % steps.length];
          if (step === undefined) continue;
          expect(reduceScheduler(step.state, step.event, step.now).requests).toEqual(step.requests);
        }
      }),
      { numRuns: 30 },
    );
  });
});
