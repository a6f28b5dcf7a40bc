/**
 * Aim: plugins of one's own at PostFilter, Permit, PreBind, Bind and PostBind do what the framework lets them, in its
 * words. Method: a scheduler with one such plugin in the rig, and what it did as lines.
 */
import { expect, test } from 'vitest';
import type { Pod } from '../../../core/api/generated/types.ts';
import { defaultArguments } from '../../../core/scheduler/arguments.ts';
import type { WaitingPods } from '../../../core/scheduler/cycle-plugins.ts';
import type { SchedulerPlugin } from '../../../core/scheduler/own-plugin.ts';
import type { PodInfo } from '../../../core/scheduler/pod-info.ts';
import { chosenProfile, type PluginChoice } from '../../../core/scheduler/plugins/registry.ts';
import { second } from '../../../core/time/time.ts';
import { aNode, aPod, Rig, type RigOptions } from './rig.ts';

const everywhere: PluginChoice = {
  preEnqueue: [],
  preFilter: ['NodeResourcesFit'],
  filter: ['NodeResourcesFit'],
  postFilter: ['DynamicResources', 'DefaultPreemption', 'Mine'],
  score: [],
  reserve: ['Mine'],
  permit: ['Mine'],
  preBind: ['VolumeBinding', 'Mine'],
  bind: ['Mine', 'DefaultBinder'],
  postBind: ['Mine'],
};

const rigWith = (plugin: Omit<SchedulerPlugin, 'name'>, more: RigOptions = {}): Rig =>
  new Rig({ ...more, profile: chosenProfile(everywhere, defaultArguments, [{ name: 'Mine', ...plugin }]) });

const inGang = (name: string, gang: string): Pod => {
  const made = aPod(name, { cpu: '1' });
  return { ...made, metadata: { ...made.metadata, labels: { gang } } };
};
const gangOf = ({ labels }: PodInfo): string | undefined => labels?.['gang'];

/** Two of a gang are bound together or not at all. */
const ofGang = (pod: PodInfo, { pods }: WaitingPods) =>
  pods.flatMap((waiting) => (gangOf(waiting.pod) === gangOf(pod) ? [waiting.pod] : []));
const gangs: Omit<SchedulerPlugin, 'name'> = {
  permit: (pod, _node, _snapshot, waiting) => {
    const others = ofGang(pod, waiting);
    if (others.length === 0) return { waitSeconds: 10 };
    for (const other of others) waiting.allow(other);
    return undefined;
  },
  unreserve: (pod, _node, _snapshot, waiting) => {
    for (const other of ofGang(pod, waiting))
      if (other.uid !== pod.uid) waiting.reject(other, `${pod.key} is not coming`);
  },
  mayHelp: (event) => event.resource === 'Node',
};

test('Permit: a Pod waits on its node until the plugin allows it, and both are bound then', () => {
  const rig = rigWith(gangs).put(aNode('n', { cpu: '4' }), inGang('a', 'red'));
  rig.at(4 * second, () => rig.put(inGang('b', 'red')));
  expect(rig.run().lines).toMatchInlineSnapshot(`
    [
      "4.0023s bind b to n",
      "4.0023s bind a to n",
      "4.0043s Scheduled: Successfully assigned default/b to n",
      "4.0043s Scheduled: Successfully assigned default/a to n",
    ]
  `);
  expect(rig.state.cycles.size).toBe(0);
});

test('Permit: what waits takes its place meanwhile, and is rejected when the time is over', () => {
  const rig = rigWith(gangs).put(aNode('n', { cpu: '1' }), inGang('a', 'red'));
  rig.at(2 * second, () => rig.put(inGang('b', 'blue')));
  expect(rig.run(12 * second).lines).toMatchInlineSnapshot(`
    [
      "2.0023s FailedScheduling: 0/1 nodes are available: 1 Insufficient cpu. no new claims to deallocate, preemption: 0/1 nodes are available: 1 No preemption victims found for incoming pod.",
      "2.0023s patch b",
      "10.0033s FailedScheduling: 0/1 nodes are available: 1 rejected due to timeout after waiting 10s at plugin Mine.",
      "10.0033s patch a",
    ]
  `);
});

test('Permit: a Pod that is deleted while it waits is forgotten', () => {
  const rig = rigWith(gangs).put(aNode('n', { cpu: '1' }), inGang('a', 'red'));
  rig.at(2 * second, () => rig.remove(inGang('a', 'red')));
  expect(rig.run(3 * second).lines).toMatchInlineSnapshot(`
    [
      "2.0020s FailedScheduling: 0/1 nodes are available: 1 removed.",
    ]
  `);
  expect(rig.state.cycles.size).toBe(0);
  expect(rig.state.cache.assumed.size).toBe(0);
});

test('Permit: nobody waits longer than 15 minutes; one that is given up takes its gang along by Unreserve', () => {
  const all: Omit<SchedulerPlugin, 'name'> = {
    ...gangs,
    permit: (pod) => ({ waitSeconds: pod.key === 'default/a' ? 5 : 100_000 }),
    mayHelp: () => false,
  };
  const rig = rigWith(all).put(
    aNode('n', { cpu: '4' }),
    inGang('a', 'red'),
    inGang('b', 'red'),
    inGang('c', 'blue'),
  );
  expect(rig.run(901 * second).lines.filter((line) => line.includes('FailedScheduling')))
    .toMatchInlineSnapshot(`
    [
      "5.0033s FailedScheduling: 0/1 nodes are available: 1 rejected due to timeout after waiting 5s at plugin Mine.",
      "5.0033s FailedScheduling: 0/1 nodes are available: 1 default/a is not coming.",
      "335.0013s FailedScheduling: 0/1 nodes are available: 1 rejected due to timeout after waiting 5s at plugin Mine.",
      "335.0013s FailedScheduling: 0/1 nodes are available: 1 default/a is not coming.",
      "900.0039s FailedScheduling: 0/1 nodes are available: 1 rejected due to timeout after waiting 15m0s at plugin Mine.",
    ]
  `);
});

test('PreBind: the binding waits for what it takes; an error tries the Pod again, a rejection too', () => {
  const answers: Record<string, ReturnType<NonNullable<SchedulerPlugin['preBind']>>> = {
    'default/slow': { outcome: 'ready', seconds: 3 },
    'default/bad': { outcome: 'fail', message: 'no address left' },
    'default/no': 'not this one',
  };
  const rig = rigWith({ preBind: ({ key }) => answers[key] });
  rig.put(aNode('n'), aPod('slow'), aPod('bad'), aPod('no'), aPod('plain'));
  expect(rig.run(4 * second).lines.filter((line) => !line.includes('patch'))).toMatchInlineSnapshot(`
    [
      "0.0033s FailedScheduling: running PreBind plugin "Mine": no address left",
      "0.0036s FailedScheduling: not this one",
      "0.0039s bind plain to n",
      "0.0059s Scheduled: Successfully assigned default/plain to n",
      "2.0013s FailedScheduling: running PreBind plugin "Mine": no address left",
      "2.0016s FailedScheduling: not this one",
      "3.0042s bind slow to n",
      "3.0062s Scheduled: Successfully assigned default/slow to n",
    ]
  `);
});

test('Bind and PostBind: the plugin binds what is its own, and hears of every Pod that is bound', () => {
  const bound: string[] = [];
  const rig = rigWith(
    {
      bind: ({ key }) =>
        key === 'default/mine' ? { outcome: 'bind', annotations: { by: 'me' } } : undefined,
      postBind: ({ key }, { name }) => void bound.push(`${key} on ${name}`),
    },
    { refuseBinding: (_pod, attempt) => (attempt < 2 ? refused : undefined) },
  );
  rig.put(aNode('n'), aPod('mine'), aPod('other'));
  expect(rig.run(3 * second).lines.filter((line) => !line.includes('patch'))).toMatchInlineSnapshot(`
    [
      "0.0033s refused mine",
      "0.0036s refused other",
      "0.0053s FailedScheduling: running Bind plugin "Mine": busy",
      "0.0056s FailedScheduling: running Bind plugin "DefaultBinder": busy",
      "2.0013s bind mine to n",
      "2.0016s bind other to n",
      "2.0033s Scheduled: Successfully assigned default/mine to n",
      "2.0036s Scheduled: Successfully assigned default/other to n",
    ]
  `);
  expect(bound).toMatchInlineSnapshot(`
    [
      "default/mine on n",
      "default/other on n",
    ]
  `);
});

const refused = {
  kind: 'Status',
  apiVersion: 'v1',
  metadata: {},
  status: 'Failure',
  message: 'busy',
  code: 409,
} as const;

test('PostFilter: after DefaultPreemption has found nothing, the plugin makes room and nominates the Pod', () => {
  const rig = rigWith({
    postFilter: (pod, snapshot, verdictOf) => {
      const evict = snapshot.nodes.get('n')?.pods ?? [];
      if (pod.key !== 'default/pushy' || verdictOf('n') === undefined) return 'nobody is in the way';
      return { outcome: 'nominate', node: 'n', evict };
    },
  });
  rig.put(aNode('n', { cpu: '1' }), aPod('first', { cpu: '1' }));
  rig.at(1 * second, () => rig.put(aPod('meek', { cpu: '1' })));
  rig.at(2 * second, () => rig.put(aPod('pushy', { cpu: '1' })));
  expect(rig.run(6 * second).lines).toMatchInlineSnapshot(`
    [
      "0.0033s bind first to n",
      "0.0053s Scheduled: Successfully assigned default/first to n",
      "1.0023s FailedScheduling: 0/1 nodes are available: 1 Insufficient cpu. no new claims to deallocate, preemption: 0/1 nodes are available: 1 No preemption victims found for incoming pod., nobody is in the way",
      "1.0023s patch meek",
      "2.0023s patch first",
      "2.0023s Preempted: Preempted by pod uid-pushy on node n",
      "2.0023s FailedScheduling: 0/1 nodes are available: 1 Insufficient cpu.",
      "2.0023s patch pushy",
      "2.0043s delete first",
      "2.0066s FailedScheduling: 0/1 nodes are available: 1 Insufficient cpu. no new claims to deallocate, preemption: 0/1 nodes are available: 1 No preemption victims found for incoming pod., nobody is in the way",
      "2.0069s bind pushy to n",
      "2.0089s Scheduled: Successfully assigned default/pushy to n",
    ]
  `);
});
