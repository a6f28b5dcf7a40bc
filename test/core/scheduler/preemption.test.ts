/**
 * A Pod of higher priority pushes others off. Whom, and where, is in the recorded decisions; here is what the running
 * scheduler does about it.
 */
import { expect, test } from 'vitest';
import type { Pod } from '../../../core/api/generated/types.ts';
import { millisecond } from '../../../core/time/time.ts';
import { aNode, aPod, Rig } from './rig.ts';

const prioritized = (name: string, cpu: string, priority: number, spec: Partial<Pod['spec']> = {}): Pod =>
  aPod(name, { cpu }, { priority, ...spec });

/** Two nodes that are full of less important Pods, and then one that needs a whole node. */
function crowded(late: Pod): Rig {
  const rig = new Rig().put(aNode('a'), aNode('b'));
  rig.at(10 * millisecond, () => rig.put(prioritized('one', '4', 1)));
  rig.at(20 * millisecond, () => rig.put(prioritized('two', '4', 2)));
  return rig.at(1_000 * millisecond, () => rig.put(late)).run();
}

test('the least important goes, and the Pod takes its place', () => {
  const rig = crowded(prioritized('late', '3', 10));
  expect(rig.lines.slice(4).join('\n')).toMatchInlineSnapshot(`
    "1.0023s patch one
    1.0023s Preempted: Preempted by pod uid-late on node a
    1.0023s FailedScheduling: 0/2 nodes are available: 2 Insufficient cpu.
    1.0023s patch late
    1.0043s delete one
    1.0066s bind late to a
    1.0086s Scheduled: Successfully assigned default/late to a"
  `);
  expect(rig.pod('one')).toBeUndefined();
  expect(rig.pod('late')?.status.nominatedNodeName).toBe(rig.pod('late')?.spec.nodeName);
  expect(rig.state.nominated.size).toBe(0);
});

test.each([
  ['who is not more important', prioritized('late', '3', 1)],
  ['who must not', prioritized('late', '3', 10, { preemptionPolicy: 'Never' })],
  ['whom no room would help', prioritized('late', '5', 10)],
])('nobody goes for one %s', (_what, late) => {
  const rig = crowded(late);
  expect(rig.lines.slice(4).map((line) => line.replace(/^\S+ /, ''))).toMatchSnapshot();
  expect(rig.pod('late')?.spec.nodeName).toBeUndefined();
  expect(rig.pods().length).toBe(3);
});

test('what is nominated to a node keeps its room from others of no higher priority', () => {
  const rig = new Rig().put(aNode('a'));
  const gated = prioritized('waiting', '3', 10, { schedulingGates: [{ name: 'g' }] });
  const waiting: Pod = { ...gated, status: { ...gated.status, nominatedNodeName: 'a' } };
  rig.put(waiting);
  rig.at(10 * millisecond, () => rig.put(prioritized('equal', '2', 10), prioritized('higher', '2', 11)));
  rig.run();
  expect([rig.pod('equal')?.spec.nodeName, rig.pod('higher')?.spec.nodeName]).toEqual([undefined, 'a']);
});
