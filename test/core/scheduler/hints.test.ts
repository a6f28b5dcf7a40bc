/** What wakes a Pod that waits for its neighbours: aim and method as in queue.test.ts, with Pods that look at others. */
import { expect, test } from 'vitest';
import type { Pod } from '../../../core/api/generated/types.ts';
import { second } from '../../../core/time/time.ts';
import { aNode, aPod, Rig } from './rig.ts';

const hostname = 'kubernetes.io/hostname';
const labelled = (pod: Pod, app: string): Pod => ({
  ...pod,
  metadata: { ...pod.metadata, labels: { app } },
});
const term = { topologyKey: hostname, labelSelector: { matchLabels: { app: 'db' } } };
const required = { requiredDuringSchedulingIgnoredDuringExecution: [term] };
const spread = {
  maxSkew: 1,
  topologyKey: hostname,
  whenUnsatisfiable: 'DoNotSchedule',
  labelSelector: { matchLabels: { app: 'db' } },
};
const node = aNode('a', {}, { labels: { [hostname]: 'a' } });
const full = aNode('b', { cpu: '0' }, { labels: { [hostname]: 'b' } });

/** The times in whole seconds at which something was bound. */
const bindings = (rig: Rig): readonly string[] =>
  rig.lines.flatMap((line) => {
    const match = /^(\d+)\.\d+s bind (\S+)/.exec(line);
    return match === null ? [] : [`${match[2] ?? ''} at ${match[1] ?? ''}`];
  });

test('one that wants to be near another is tried when the other has come, and not before', () => {
  const rig = new Rig().put(node, aPod('near', { cpu: '1' }, { affinity: { podAffinity: required } }));
  rig.at(20 * second, () => rig.put(labelled(aPod('else', { cpu: '1' }), 'web')));
  rig.at(40 * second, () => rig.put(labelled(aPod('db', { cpu: '1' }), 'db')));
  expect(bindings(rig.run(60 * second))).toEqual(['else at 20', 'db at 40', 'near at 40']);
  expect(rig.explained.filter(({ key }) => key === 'default/near').length).toBe(2);
});

test('one that wants to be apart is tried when the other has gone', () => {
  const db = labelled(aPod('db', { cpu: '1' }), 'db');
  const apart = labelled(aPod('apart', { cpu: '1' }, { affinity: { podAntiAffinity: required } }), 'db');
  const rig = new Rig().put(node, db);
  rig.at(1 * second, () => rig.put(apart));
  rig.at(30 * second, () => rig.remove(db));
  expect(bindings(rig.run(60 * second))).toEqual(['db at 0', 'apart at 30']);
});

test('one that is to be spread is tried when its domain has fewer', () => {
  const db = labelled(aPod('db', { cpu: '1' }), 'db');
  const other = labelled(aPod('other', { cpu: '1' }, { topologySpreadConstraints: [spread] }), 'db');
  const rig = new Rig().put(node, full, db);
  rig.at(1 * second, () => rig.put(other));
  rig.at(30 * second, () => rig.remove(db));
  expect(bindings(rig.run(60 * second))).toEqual(['db at 0', 'other at 30']);
});
