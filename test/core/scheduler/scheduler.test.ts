/** What the scheduler does to a cluster, read as a transcript: bindings, Events, status patches, in virtual time. */
import { describe, expect, test } from 'vitest';
import { millisecond, second } from '../../../core/time/time.ts';
import type { Status } from '../../../core/api/request.ts';
import { nodesInOrder } from '../../../core/scheduler/node-tree.ts';
import { numFeasibleNodesToFind } from '../../../core/scheduler/schedule-one.ts';
import { aNode, aPod, Rig } from './rig.ts';

const conflict: Status = {
  kind: 'Status',
  apiVersion: 'v1',
  metadata: {},
  status: 'Failure',
  message: 'Operation cannot be fulfilled',
  reason: 'Conflict',
  code: 409,
};

describe('a Pod', () => {
  test('is bound, and an Event says so', () => {
    const rig = new Rig().put(aNode('node-1'));
    rig.at(millisecond * 10, () => rig.put(aPod('web', { cpu: '1' }))).run();
    expect(rig.lines).toMatchInlineSnapshot(`
      [
        "0.0123s bind web to node-1",
        "0.0143s Scheduled: Successfully assigned default/web to node-1",
      ]
    `);
    expect(rig.pod('web')?.spec.nodeName).toBe('node-1');
    expect(rig.state.cache.assumed.size).toBe(0);
  });

  test('for which no node will do waits until one comes, and its status says why', () => {
    const taints = [{ key: 'k', value: 'v', effect: 'NoSchedule' }];
    const rig = new Rig().put(
      aNode('a', { cpu: '1' }),
      aNode('b', {}, { taints }),
      aNode('c', {}, { taints }),
    );
    rig.at(10 * millisecond, () => rig.put(aPod('web', { cpu: '2' })));
    rig.at(5 * second, () => rig.put(aNode('d', { cpu: '1' })));
    rig.at(6 * second, () => rig.put(aNode('e', { cpu: '2' }))).run();
    expect(rig.lines).toMatchInlineSnapshot(`
      [
        "0.0123s FailedScheduling: 0/3 nodes are available: 1 Insufficient cpu, 2 node(s) had untolerated taint {k: v}. no new claims to deallocate, preemption: 0/3 nodes are available: 3 Preemption is not helpful for scheduling.",
        "0.0123s patch web",
        "5.0023s FailedScheduling: 0/4 nodes are available: 2 Insufficient cpu, 2 node(s) had untolerated taint {k: v}. no new claims to deallocate, preemption: 0/4 nodes are available: 4 Preemption is not helpful for scheduling.",
        "5.0023s patch web",
        "6.0023s bind web to e",
        "6.0043s Scheduled: Successfully assigned default/web to e",
      ]
    `);
    expect(rig.pod('web')?.spec.nodeName).toBe('e');
  });

  test('is decided with the more urgent first, one decision after another', () => {
    const rig = new Rig().put(aNode('node-1'));
    rig.at(10 * millisecond, () => {
      rig.put(aPod('first'), aPod('low', {}, { priority: 1 }), aPod('high', {}, { priority: 2 }));
    });
    expect(rig.run().lines.filter((line) => line.includes('bind'))).toMatchInlineSnapshot(`
      [
        "0.0123s bind first to node-1",
        "0.0126s bind high to node-1",
        "0.0129s bind low to node-1",
      ]
    `);
  });

  test('whose binding is refused gives its place back and tries again when its window is over', () => {
    const rig = new Rig({ refuseBinding: (_pod, attempt) => (attempt < 3 ? conflict : undefined) });
    rig.put(aNode('node-1', { pods: '1' })).at(10 * millisecond, () => rig.put(aPod('web')));
    rig.at(1 * second, () => rig.put(aPod('other'))).run();
    expect(rig.lines).toMatchInlineSnapshot(`
      [
        "0.0123s refused web",
        "0.0143s FailedScheduling: running Bind plugin "DefaultBinder": Operation cannot be fulfilled",
        "0.0143s patch web",
        "1.0023s refused other",
        "1.0043s FailedScheduling: running Bind plugin "DefaultBinder": Operation cannot be fulfilled",
        "1.0043s patch other",
        "2.0013s refused web",
        "2.0033s FailedScheduling: running Bind plugin "DefaultBinder": Operation cannot be fulfilled",
        "3.0013s refused other",
        "3.0033s FailedScheduling: running Bind plugin "DefaultBinder": Operation cannot be fulfilled",
        "5.0013s bind web to node-1",
        "5.0033s Scheduled: Successfully assigned default/web to node-1",
        "6.0013s the last Event again",
        "6.0013s patch other",
      ]
    `);
  });

  test('that is deleted while its binding is under way is forgotten, and its place is free', () => {
    const rig = new Rig().put(aNode('node-1', { pods: '1' }));
    rig.at(10 * millisecond, () => rig.put(aPod('web')));
    rig.at(11 * millisecond, () => rig.remove(aPod('web')));
    rig.at(11 * millisecond, () => rig.put(aPod('next'))).run();
    expect(rig.lines).toMatchInlineSnapshot(`
      [
        "0.0123s refused web",
        "0.0133s FailedScheduling: 0/1 nodes are available: 1 Too many pods. no new claims to deallocate, preemption: 0/1 nodes are available: 1 No preemption victims found for incoming pod.",
        "0.0133s patch next",
        "0.0143s FailedScheduling: running Bind plugin "DefaultBinder": pods "web" not found",
        "0.0146s bind next to node-1",
        "0.0166s Scheduled: Successfully assigned default/next to node-1",
      ]
    `);
  });

  test('that was made anew while the binding of the old one is under way is another Pod', () => {
    const anew = aPod('web');
    const rig = new Rig().put(aNode('node-1')).at(10 * millisecond, () => rig.put(aPod('web')));
    rig.at(11 * millisecond, () => rig.remove(aPod('web')));
    rig
      .at(11 * millisecond, () => rig.put({ ...anew, metadata: { ...anew.metadata, uid: 'uid-anew' } }))
      .run();
    expect(rig.lines).toMatchInlineSnapshot(`
      [
        "0.0123s refused web",
        "0.0133s bind web to node-1",
        "0.0143s FailedScheduling: running Bind plugin "DefaultBinder": pods "web" not found",
        "0.0153s Scheduled: Successfully assigned default/web to node-1",
      ]
    `);
    expect([...rig.state.cache.pods.keys()]).toEqual(['uid-anew']);
    expect(rig.state.cache.assumed.size).toBe(0);
  });

  test('with scheduling gates is not tried before the last is gone', () => {
    const gated = aPod('web', {}, { schedulingGates: [{ name: 'example.com/quota' }] });
    const rig = new Rig().put(aNode('node-1')).at(10 * millisecond, () => rig.put(gated));
    rig.at(2 * second, () => rig.put(aNode('node-2')));
    rig.at(3 * second, () => rig.put({ ...gated, spec: { ...gated.spec, schedulingGates: [] } })).run();
    expect(rig.lines).toMatchInlineSnapshot(`
      [
        "3.0023s bind web to node-2",
        "3.0043s Scheduled: Successfully assigned default/web to node-2",
      ]
    `);
  });

  test('waits for its PersistentVolumeClaim', () => {
    const claim = (phase: string, volumeName: string) => ({
      apiVersion: 'v1',
      kind: 'PersistentVolumeClaim',
      metadata: { name: 'data', namespace: 'default', uid: 'u', resourceVersion: '', creationTimestamp: '' },
      spec: { volumeName },
      status: { phase },
    });
    const volumes = [{ name: 'v', persistentVolumeClaim: { claimName: 'data' } }];
    const rig = new Rig().put(aNode('node-1'), claim('Pending', ''));
    rig.at(10 * millisecond, () => rig.put(aPod('db', {}, { volumes })));
    rig.at(1 * second, () => rig.put(claim('Bound', 'pv-1'))).run();
    expect(rig.lines).toMatchInlineSnapshot(`
      [
        "0.0123s FailedScheduling: 0/1 nodes are available: pod has unbound immediate PersistentVolumeClaims. not found",
        "0.0123s patch db",
        "1.0023s FailedScheduling: 0/1 nodes are available: persistentvolume "pv-1" not found. not found",
        "1.0023s patch db",
      ]
    `);
  });

  test('on a cluster without nodes is tried every ten seconds, which keeps no run from being over', () => {
    const rig = new Rig().put(aPod('web')).run();
    expect(rig.now).toBeLessThan(second);
    expect(rig.run(60 * second).lines).toMatchInlineSnapshot(`
      [
        "0.0033s FailedScheduling: no nodes available to schedule pods",
        "0.0033s patch web",
        "2.0013s FailedScheduling: no nodes available to schedule pods",
        "5.0013s the last Event again",
      ]
    `);
  });

  test('that waits is left alone by what cannot help it', () => {
    const rig = new Rig().put(aNode('small', { cpu: '1' }), aPod('web', { cpu: '2' }));
    rig.at(1 * second, () => rig.put(aNode('small', { cpu: '1' }, { labels: { a: 'b' } })));
    rig.at(2 * second, () => rig.put(aNode('tiny', { cpu: '500m' })));
    rig.at(3 * second, () => rig.put(aNode('small', { cpu: '1500m' }))).run();
    expect(rig.explained.length).toBe(1);
    rig.at(4 * second, () => rig.put(aNode('small', { cpu: '2' }))).run();
    expect(rig.explained.length).toBe(2);
    expect(rig.pod('web')?.spec.nodeName).toBe('small');
  });

  test('that waits is tried again after five minutes, whatever happened', () => {
    const rig = new Rig().put(aNode('small', { cpu: '1' }), aPod('web', { cpu: '2' })).run(299 * second);
    expect(rig.explained.length).toBe(1);
    expect(rig.run(331 * second).explained.length).toBe(2);
    // The message has not changed, so the status is not written again.
    expect(rig.lines.filter((line) => line.includes('patch')).length).toBe(1);
  });

  test('of another scheduler is none of its business', () => {
    const rig = new Rig().put(aNode('node-1'), aPod('web', {}, { schedulerName: 'other' })).run();
    expect(rig.explained).toEqual([]);
  });
});

describe('a search', () => {
  test('stops at enough nodes, and the next begins where it stopped; zones take turns', () => {
    const zoneOf = (i: number) => ({ labels: { 'topology.kubernetes.io/zone': i < 150 ? 'a' : 'b' } });
    const rig = new Rig();
    for (let i = 0; i < 300; i++) rig.put(aNode(`n${`${i}`.padStart(3, '0')}`, {}, zoneOf(i)));
    for (let i = 0; i < 4; i++) rig.put(aPod(`p${i}`));
    rig.run();
    const { tree, nodes } = rig.state.cache;
    expect(nodesInOrder(tree).slice(0, 4)).toEqual(['n000', 'n150', 'n001', 'n151']);
    expect(nodes.size).toBe(300);
    // 300 nodes: 50 - 300/125 = 48 %, 144 nodes a search.
    expect(rig.explained.map(({ detail }) => (detail as { evaluated: number }).evaluated)).toEqual([
      144, 144, 144, 144,
    ]);
    expect(rig.state.startIndex).toBe((4 * 144) % 300);
  });

  test.each([
    [99, 0, 99],
    [100, 0, 100],
    [1000, 0, 420],
    [5000, 0, 500],
    [6000, 0, 300],
    [1000, 5, 100],
    [5000, 100, 5000],
  ])('of %i nodes at %i %% ends with %i', (nodes, percentage, wanted) => {
    expect(numFeasibleNodesToFind(percentage, nodes)).toBe(wanted);
  });

  test('chooses among equals by a draw that hangs on the Pod alone', () => {
    const chosen = (seed: string, extra: boolean) => {
      const rig = new Rig({ seed }).put(...[0, 1, 2, 3, 4].map((i) => aNode(`n${i}`)));
      if (extra) rig.at(second, () => rig.put(aPod('z')));
      rig.at(2 * second, () => rig.put(aPod('web'))).run();
      return rig.pod('web')?.spec.nodeName;
    };
    expect(chosen('s', false)).toBe(chosen('s', false));
    expect(new Set(['1', '2', '3', '4', '5', '6'].map((seed) => chosen(seed, false))).size).toBeGreaterThan(
      1,
    );
  });
});

test('bindings wait for the rate limit', () => {
  const rig = new Rig({ limits: { qps: 10, burst: 2 } }).put(aNode('node-1'));
  rig.put(...['a', 'b', 'c', 'd'].map((name) => aPod(name))).run();
  expect(rig.lines.filter((line) => line.includes('bind'))).toMatchInlineSnapshot(`
    [
      "0.0033s bind a to node-1",
      "0.0036s bind b to node-1",
      "0.1033s bind c to node-1",
      "0.2033s bind d to node-1",
    ]
  `);
});

test('why it decided so is told for every attempt', () => {
  const taints = [{ key: 'k', value: 'v', effect: 'NoSchedule' }];
  const rig = new Rig().put(aNode('a'), aNode('b', { cpu: '2' }), aNode('c', {}, { taints }));
  rig.at(10 * millisecond, () => rig.put(aPod('web', { cpu: '1', memory: '1Gi' }))).run();
  expect(rig.explained[0]?.detail).toMatchInlineSnapshot(`
    {
      "attempt": 1,
      "chosen": "a",
      "evaluated": 3,
      "feasible": 2,
      "nodes": 3,
      "rejected": {
        "node(s) had untolerated taint {k: v}": 1,
      },
      "scores": [
        {
          "node": "a",
          "plugins": {
            "ImageLocality": 0,
            "NodeResourcesBalancedAllocation": 93,
            "NodeResourcesFit": 81,
            "TaintToleration": 300,
          },
          "total": 474,
        },
        {
          "node": "b",
          "plugins": {
            "ImageLocality": 0,
            "NodeResourcesBalancedAllocation": 81,
            "NodeResourcesFit": 68,
            "TaintToleration": 300,
          },
          "total": 449,
        },
      ],
    }
  `);
});
