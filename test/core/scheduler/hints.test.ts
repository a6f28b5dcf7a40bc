/** What wakes a Pod that waits for its neighbours: aim and method as in queue.test.ts, with Pods that look at others. */
import { expect, test } from 'vitest';
import type {
  CSINode,
  Node,
  PersistentVolume,
  PersistentVolumeClaim,
  Pod,
  StorageClass,
} from '../../../core/api/generated/types.ts';
import { newInformers } from '../../../core/client/informer.ts';
import type { ClusterEvent } from '../../../core/scheduler/framework.ts';
import { followed, listersOf } from '../../../core/scheduler/listers.ts';
import { defaultProfile } from '../../../core/scheduler/plugins/registry.ts';
import { podInfoOf, type PodInfo } from '../../../core/scheduler/pod-info.ts';
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

const claim = (name: string, namespace = 'default'): PersistentVolumeClaim => ({
  apiVersion: 'v1',
  kind: 'PersistentVolumeClaim',
  metadata: { name, namespace, uid: name, resourceVersion: '1', creationTimestamp: '' },
  spec: {},
  status: {},
});
const volume = (labels: Readonly<Record<string, string>>): PersistentVolume => ({
  apiVersion: 'v1',
  kind: 'PersistentVolume',
  metadata: { name: 'v', uid: 'v', resourceVersion: '1', creationTimestamp: '', labels },
  spec: {},
  status: {},
});
const storageClass = (volumeBindingMode: string): StorageClass => ({
  apiVersion: 'storage.k8s.io/v1',
  kind: 'StorageClass',
  metadata: { name: 's', uid: 's', resourceVersion: '1', creationTimestamp: '' },
  provisioner: 'p',
  volumeBindingMode,
});
const csiNode = (count: number): CSINode => ({
  apiVersion: 'storage.k8s.io/v1',
  kind: 'CSINode',
  metadata: { name: 'a', uid: 'a', resourceVersion: '1', creationTimestamp: '' },
  spec: { drivers: [{ name: 'd', nodeID: 'a', allocatable: { count } }] },
});
const withClaim = podInfoOf(
  aPod('with', {}, { volumes: [{ name: 'v', persistentVolumeClaim: { claimName: 'mine' } }] }),
);
const spreadOut = podInfoOf(aPod('spread', {}, { topologySpreadConstraints: [spread] }));
const zone = { 'topology.kubernetes.io/zone': 'z' };
const bare = aNode('c');
const moved = aNode('a', {}, { labels: { [hostname]: 'other' } });
const relabelled = aNode('a', {}, { labels: { [hostname]: 'a', more: 'x' } });

const claimWritten = (after: PersistentVolumeClaim, action: 'Add' | 'Update'): ClusterEvent => ({
  resource: 'PersistentVolumeClaim',
  action,
  after,
});
const nodeLabelled = (before: Node, after: Node): ClusterEvent => ({
  resource: 'Node',
  action: 'UpdateNodeLabel',
  before,
  after,
});
const listers = listersOf(newInformers('test', followed));
const added = (after: Node): ClusterEvent => ({ resource: 'Node', action: 'Add', after });

const nodeTainted = (before: Node): ClusterEvent => ({
  resource: 'Node',
  action: 'UpdateNodeTaint',
  before,
  after: { ...before, spec: { ...before.spec, taints: [{ key: 'k', effect: 'NoSchedule' }] } },
});
const near = podInfoOf(aPod('near', {}, { affinity: { podAffinity: required } }));
const apart = podInfoOf(aPod('apart', {}, { affinity: { podAntiAffinity: required } }));
const podLabelled = (before: string, after: string): ClusterEvent => ({
  resource: 'AssignedPod',
  action: 'UpdatePodLabel',
  before: podInfoOf(labelled(aPod('other'), before)),
  after: podInfoOf(labelled(aPod('other'), after)),
});

test('one that wants to be near another is tried when the labels of a Pod become what it wants', () => {
  const other = aPod('other', { cpu: '1' });
  const rig = new Rig().put(node, labelled(other, 'web'));
  rig.at(1 * second, () => rig.put(aPod('near', { cpu: '1' }, { affinity: { podAffinity: required } })));
  rig.at(20 * second, () => {
    const bound = rig.pod('other');
    if (bound !== undefined) rig.put(labelled(bound, 'db'));
  });
  expect(bindings(rig.run(60 * second))).toEqual(['other at 0', 'near at 20']);
});

test('one that is to be spread is tried when its own labels change whether it counts', () => {
  const db = labelled(aPod('db', { cpu: '1' }), 'db');
  const other = labelled(aPod('other', { cpu: '1' }, { topologySpreadConstraints: [spread] }), 'db');
  const rig = new Rig().put(node, full, db);
  rig.at(1 * second, () => rig.put(other));
  rig.at(30 * second, () => {
    const waiting = rig.pod('other');
    if (waiting !== undefined) rig.put(labelled(waiting, 'web'));
  });
  expect(bindings(rig.run(60 * second))).toEqual(['db at 0', 'other at 30']);
});

test.each<[string, string, PodInfo, ClusterEvent, boolean]>([
  ['a claim of the Pod', 'VolumeBinding', withClaim, claimWritten(claim('mine'), 'Update'), true],
  ['another claim', 'VolumeBinding', withClaim, claimWritten(claim('other'), 'Add'), false],
  ['one of its name elsewhere', 'VolumeZone', withClaim, claimWritten(claim('mine', 'x'), 'Add'), false],
  ['a claim of the Pod', 'VolumeRestrictions', withClaim, claimWritten(claim('mine'), 'Update'), true],
  ['a claim that changed', 'NodeVolumeLimits', withClaim, claimWritten(claim('mine'), 'Update'), false],
  [
    'a volume with other zones',
    'VolumeZone',
    withClaim,
    { resource: 'PersistentVolume', action: 'Update', before: volume({}), after: volume(zone) },
    true,
  ],
  [
    'a volume with the same zones',
    'VolumeZone',
    withClaim,
    {
      resource: 'PersistentVolume',
      action: 'Update',
      before: volume(zone),
      after: volume({ ...zone, a: 'b' }),
    },
    false,
  ],
  [
    'a class that waits',
    'VolumeZone',
    withClaim,
    {
      resource: 'StorageClass',
      action: 'Add',
      before: undefined,
      after: storageClass('WaitForFirstConsumer'),
    },
    true,
  ],
  [
    'a class that does not',
    'VolumeZone',
    withClaim,
    { resource: 'StorageClass', action: 'Add', before: undefined, after: storageClass('Immediate') },
    false,
  ],
  [
    'a class with the same topologies',
    'VolumeBinding',
    withClaim,
    {
      resource: 'StorageClass',
      action: 'Update',
      before: storageClass('Immediate'),
      after: storageClass('Immediate'),
    },
    false,
  ],
  [
    'a higher limit',
    'NodeVolumeLimits',
    withClaim,
    { resource: 'CSINode', action: 'Update', before: csiNode(1), after: csiNode(2) },
    true,
  ],
  [
    'a lower limit',
    'NodeVolumeLimits',
    withClaim,
    { resource: 'CSINode', action: 'Update', before: csiNode(2), after: csiNode(1) },
    false,
  ],
  [
    'a Pod with its claim has gone',
    'VolumeRestrictions',
    withClaim,
    { resource: 'AssignedPod', action: 'Delete', before: withClaim },
    true,
  ],
  [
    'a Pod without volumes has gone',
    'VolumeRestrictions',
    withClaim,
    { resource: 'AssignedPod', action: 'Delete', before: spreadOut },
    false,
  ],
  ['a node of a domain', 'PodTopologySpread', spreadOut, added(node), true],
  ['a node of no domain', 'PodTopologySpread', spreadOut, added(bare), false],
  [
    'a node of a domain has gone',
    'PodTopologySpread',
    spreadOut,
    { resource: 'Node', action: 'Delete', before: node },
    true,
  ],
  ['a node came into another domain', 'PodTopologySpread', spreadOut, nodeLabelled(node, moved), true],
  ['a node has a label more', 'PodTopologySpread', spreadOut, nodeLabelled(node, relabelled), false],
  ['a node of a domain has other taints', 'PodTopologySpread', spreadOut, nodeTainted(node), true],
  ['a node of no domain has other taints', 'PodTopologySpread', spreadOut, nodeTainted(bare), false],
  ['a Pod counts now', 'PodTopologySpread', spreadOut, podLabelled('web', 'db'), true],
  ['a Pod counts no longer', 'PodTopologySpread', spreadOut, podLabelled('db', 'web'), true],
  ['a Pod counts as little as before', 'PodTopologySpread', spreadOut, podLabelled('web', 'x'), false],
  ['no rule of the profile keeps it', 'PodTopologySpread', near, podLabelled('web', 'db'), false],
  ['a node of a domain', 'InterPodAffinity', near, added(node), true],
  ['a node of no domain', 'InterPodAffinity', near, added(bare), false],
  ['a node came into a domain', 'InterPodAffinity', near, nodeLabelled(bare, node), true],
  ['a node left its domain', 'InterPodAffinity', near, nodeLabelled(node, bare), false],
  ['a node left its domain', 'InterPodAffinity', apart, nodeLabelled(node, bare), true],
  ['a node has a label more', 'InterPodAffinity', apart, nodeLabelled(node, relabelled), false],
  ['a node has other taints', 'InterPodAffinity', near, nodeTainted(node), false],
  ['what others want keeps it', 'InterPodAffinity', withClaim, added(bare), true],
  ['a Pod is one to be near now', 'InterPodAffinity', near, podLabelled('web', 'db'), true],
  ['a Pod is none to be near any more', 'InterPodAffinity', near, podLabelled('db', 'web'), false],
  ['a Pod is none to be apart from any more', 'InterPodAffinity', apart, podLabelled('db', 'web'), true],
  ['a Pod is one to be apart from now', 'InterPodAffinity', apart, podLabelled('web', 'db'), false],
])('%s: %s', (_what, plugin, pod, event, helps) => {
  expect(defaultProfile.enqueue[plugin]?.mayHelp(event, pod, listers)).toBe(helps);
});
