/**
 * Aim: what the control plane makes of nodes that fall silent, vanish or are taken out of service, and of budgets of
 * disruption. Method: the kube-controller-manager in a small world; what it writes, in order, as transcripts, each of which
 * also asserts the one thing it is about.
 */
import { describe, expect, test } from 'vitest';
import { heartbeatsAnnotation } from '../../../core/api/heartbeats.ts';
import type { Node, Pod, PodDisruptionBudget } from '../../../core/api/generated/types.ts';
import { microTimeText, minute, parseTimeText, second, timeText } from '../../../core/time/time.ts';
import { World, type Plain } from './world.ts';

const conditions = (world: World, ready: string): readonly Plain[] =>
  ['MemoryPressure', 'DiskPressure', 'PIDPressure', 'Ready'].map((type) => ({
    type,
    status: type === 'Ready' ? ready : 'False',
    reason: 'Kubelet',
    lastHeartbeatTime: timeText(world.now),
    lastTransitionTime: timeText(world.now),
  }));

const addNode = (world: World, name: string, zone = 'a'): void => {
  world.create('nodes', {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name, labels: { 'topology.kubernetes.io/zone': zone } },
    spec: {},
    status: { conditions: conditions(world, 'True') },
  });
};

/** The kubelet writes nothing any more: its last renewal is this one. */
const fallSilent = (world: World, name: string): void => {
  world.change('leases', `kube-node-lease/${name}`, {
    metadata: { annotations: { [heartbeatsAnnotation]: 'ended' } },
    spec: { renewTime: microTimeText(world.now) },
  });
};

const comeBack = (world: World, name: string): void => {
  world.change('leases', `kube-node-lease/${name}`, {
    metadata: { annotations: { [heartbeatsAnnotation]: 'derived' } },
    spec: { renewTime: microTimeText(world.now) },
  });
  world.change('nodes', name, { status: { conditions: conditions(world, 'True') } });
};

const addPod = (world: World, name: string, node: string | undefined, rest: Plain = {}): void => {
  world.create('pods', {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace: 'default', labels: { app: 'web' }, ...(rest['metadata'] as object) },
    spec: {
      containers: [{ name: 'c' }],
      ...(node === undefined ? {} : { nodeName: node }),
      ...(rest['spec'] as object),
    },
    status: {
      phase: 'Running',
      conditions: [{ type: 'Ready', status: 'True' }],
      ...(rest['status'] as object),
    },
  });
};

const tolerating = (seconds: number): Plain => ({
  spec: {
    tolerations: [
      {
        key: 'node.kubernetes.io/unreachable',
        operator: 'Exists',
        effect: 'NoExecute',
        tolerationSeconds: seconds,
      },
    ],
  },
});

const newWorld = (nodes: readonly string[]): World => {
  const world = new World().start();
  world.run(second);
  for (const name of nodes) addNode(world, name);
  return world.run(10 * second);
};

describe('a kubelet that falls silent', () => {
  test('is waited for, then its Pods leave as long as they tolerate it', async () => {
    const world = newWorld(['node-1', 'node-2']);
    addPod(world, 'intolerant', 'node-1');
    addPod(world, 'patient', 'node-1', tolerating(300));
    addPod(world, 'for-ever', 'node-1', { spec: { tolerations: [{ operator: 'Exists' }] } });
    addPod(world, 'elsewhere', 'node-2');
    world.run(12 * second);
    fallSilent(world, 'node-1');
    world.run(7 * minute);
    comeBack(world, 'node-1');
    world.run(8 * minute);
    expect(world.list<Pod>('pods').map(({ metadata }) => metadata.name)).toEqual(['elsewhere', 'for-ever']);
    expect(world.get<Node>('nodes', 'node-1')?.spec.taints ?? []).toEqual([]);
    await expect(`${world.lines.join('\n')}\n`).toMatchFileSnapshot('transcripts/node-silent.txt');
  });

  test('and comes back in time: nobody is deleted', async () => {
    const world = newWorld(['node-1', 'node-2']);
    addPod(world, 'patient', 'node-1', tolerating(300));
    world.run(12 * second);
    fallSilent(world, 'node-1');
    world.run(3 * minute);
    comeBack(world, 'node-1');
    world.run(10 * minute);
    expect(world.list<Pod>('pods')).toHaveLength(1);
    await expect(`${world.lines.join('\n')}\n`).toMatchFileSnapshot('transcripts/node-back-in-time.txt');
  });

  test('is one of many: a zone that is partly disrupted has no evictions', () => {
    const world = newWorld(['node-1', 'node-2', 'node-3', 'node-4', 'node-5']);
    for (const name of ['node-1', 'node-2', 'node-3']) fallSilent(world, name);
    world.run(10 * minute);
    const tainted = world
      .list<Node>('nodes')
      .filter(({ spec }) => (spec.taints ?? []).some(({ effect }) => effect === 'NoExecute'));
    // Those are not: 3 of 5 are more than 55 %, and the zone is small.
    expect(tainted).toEqual([]);
  });

  test('is one of two: the second waits ten seconds for its taint', () => {
    const world = newWorld(['node-1', 'node-2', 'node-3', 'node-4', 'node-5']);
    for (const name of ['node-1', 'node-2']) fallSilent(world, name);
    world.run(5 * minute);
    const times = world
      .list<Node>('nodes')
      .flatMap(({ spec }) => (spec.taints ?? []).filter(({ effect }) => effect === 'NoExecute'))
      .map(({ timeAdded = '' }) => parseTimeText(timeAdded) ?? 0);
    expect((times[1] ?? 0) - (times[0] ?? 0)).toBe(10 * second);
  });

  test('is every kubelet: then it is rather the control plane that is cut off', () => {
    const world = newWorld(['node-1', 'node-2']);
    addPod(world, 'intolerant', 'node-1');
    for (const name of ['node-1', 'node-2']) fallSilent(world, name);
    world.run(10 * minute);
    expect(world.list<Pod>('pods')).toHaveLength(1);
  });
});

describe('Pods that nobody else deletes', () => {
  test('those of a node that is gone, after a quarantine', async () => {
    const world = newWorld(['node-1', 'node-2']);
    addPod(world, 'orphan', 'node-1');
    addPod(world, 'elsewhere', 'node-2');
    world.run(11 * second);
    world.delete('nodes', 'node-1');
    world.run(2 * minute);
    expect(world.list<Pod>('pods').map(({ metadata }) => metadata.name)).toEqual(['elsewhere']);
    await expect(`${world.lines.join('\n')}\n`).toMatchFileSnapshot('transcripts/node-gone.txt');
  });

  test('those that hang on a node that somebody says is out of service', async () => {
    const world = newWorld(['node-1', 'node-2']);
    addPod(world, 'hanging', 'node-1', {
      ...tolerating(3_600),
      metadata: { deletionTimestamp: timeText(world.now), deletionGracePeriodSeconds: 30 },
    });
    world.run(11 * second);
    fallSilent(world, 'node-1');
    world.run(90 * second);
    world.lines.length = 0;
    const taints = world.get<Node>('nodes', 'node-1')?.spec.taints ?? [];
    const outOfService = {
      key: 'node.kubernetes.io/out-of-service',
      value: 'nodeshutdown',
      effect: 'NoSchedule',
    };
    world.change('nodes', 'node-1', { spec: { taints: [...taints, outOfService] } });
    world.run(3 * minute);
    expect(world.list<Pod>('pods')).toEqual([]);
    await expect(`${world.lines.join('\n')}\n`).toMatchFileSnapshot('transcripts/node-out-of-service.txt');
  });
});

describe('a PodDisruptionBudget', () => {
  const budget = (world: World): PodDisruptionBudget | undefined =>
    world.get<PodDisruptionBudget>('poddisruptionbudgets', 'default/web');

  test('says how many of its Pods may go, and forgets an eviction that did not happen', async () => {
    const world = newWorld(['node-1']);
    world.create('poddisruptionbudgets', {
      apiVersion: 'policy/v1',
      kind: 'PodDisruptionBudget',
      metadata: { name: 'web', namespace: 'default' },
      spec: { minAvailable: 2, selector: { matchLabels: { app: 'web' } } },
      status: { currentHealthy: 0, desiredHealthy: 0, disruptionsAllowed: 0, expectedPods: 0 },
    });
    world.run(11 * second);
    for (const name of ['web-1', 'web-2', 'web-3']) addPod(world, name, 'node-1');
    world.run(12 * second);
    expect(budget(world)?.status).toMatchObject({
      disruptionsAllowed: 1,
      currentHealthy: 3,
      desiredHealthy: 2,
    });
    // The apiserver lets an eviction go, and the Pod stays nevertheless.
    const evicted = { 'web-1': timeText(world.now) };
    world.change('poddisruptionbudgets', 'default/web', {
      status: { disruptedPods: evicted, disruptionsAllowed: 0 },
    });
    world.change('pods', 'default/web-1', {
      status: {
        conditions: [
          { type: 'Ready', status: 'True' },
          { type: 'DisruptionTarget', status: 'True', lastTransitionTime: timeText(world.now) },
        ],
      },
    });
    world.run(13 * second);
    expect(budget(world)?.status).toMatchObject({ disruptionsAllowed: 0, currentHealthy: 2 });
    world.run(5 * minute);
    expect(budget(world)?.status).toMatchObject({ disruptionsAllowed: 1, currentHealthy: 3 });
    await expect(`${world.lines.join('\n')}\n`).toMatchFileSnapshot('transcripts/disruption-budget.txt');
  });
});

test('a Node without a range of addresses for its Pods gets one; it is given out again last of all', () => {
  const world = newWorld(['node-1', 'node-2']);
  world.delete('nodes', 'node-1');
  world.run(11 * second);
  addNode(world, 'node-3');
  world.run(12 * second);
  const ranges = world
    .list<Node>('nodes')
    .map(({ metadata, spec }) => `${metadata.name} ${spec.podCIDR ?? ''}`);
  expect(ranges).toEqual(['node-2 10.64.1.0/24', 'node-3 10.64.2.0/24']);
});
