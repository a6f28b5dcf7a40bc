/**
 * What the watch tells: nodes and Pods go into the cache, waiting Pods into the queue, and what may help wakes those
 * that wait. (kubernetes v1.34.1 pkg/scheduler/eventhandlers.go, framework/events.go)
 */
import type { Node, PersistentVolumeClaim, Pod } from '../api/generated/types.ts';
import { same } from '../api/merge-patch.ts';
import type { ObjectKey } from '../api/object.ts';
import { isTerminal } from '../api/pod.ts';
import type { Delta } from '../client/informer.ts';
import { isAssumed, removeNode, removePod, setNode, setPod } from './cache.ts';
import { profileFor, type ClusterEvent, type Listers } from './framework.ts';
import { listersOf } from './listers.ts';
import { nominate, unnominate } from './nominator.ts';
import { podInfoOf } from './pod-info.ts';
import { dequeue, enqueue, refresh, wake, wakeOne, type QueuedPod } from './queue.ts';
import type { Work } from './scheduler.ts';
import { signal } from './waiting-pods.ts';

export function onDelta(work: Work, delta: Delta): void {
  if (delta.stream === 'pods') onPod(work, delta as Delta<Pod>);
  else if (delta.stream === 'nodes') onNode(work, delta as Delta<Node>);
  else if (delta.stream === 'persistentvolumeclaims') onClaim(work, delta as Delta<PersistentVolumeClaim>);
  else onOther(work, delta);
}

const isAssigned = (pod: Pod): boolean => (pod.spec.nodeName ?? '') !== '';

/** The real informer does not follow terminal Pods: for the scheduler they are gone. */
function onPod(work: Work, { type, key, object, before: known }: Delta<Pod>): void {
  const replaced = known !== undefined && known.metadata.uid !== object.metadata.uid;
  if (replaced) onPodGone(work, key, known);
  const before = replaced ? undefined : known;
  if (type === 'deleted' || isTerminal(object)) onPodGone(work, key, object);
  else if (isAssigned(object)) {
    if (before === undefined || !nothingNew(before, object)) onAssignedPod(work, key, object, before);
  } else if (profileFor(work, object) !== undefined) onWaitingPod(work, key, object, before);
}

/** A Pod that was bound before, and of which only the status has changed. */
const nothingNew = (before: Pod, after: Pod): boolean =>
  before.spec === after.spec &&
  before.metadata.labels === after.metadata.labels &&
  before.metadata.deletionTimestamp === after.metadata.deletionTimestamp;

/** An assumed Pod stays until the answer to its binding says what became of it. */
function onPodGone(work: Work, key: ObjectKey, pod: Pod): void {
  work.queue = dequeue(work.queue, key);
  const { uid } = pod.metadata;
  work.nominated = unnominate(work.nominated, uid);
  if (work.cycles.has(key)) signal(work, { key, plugin: '', message: 'removed', after: 0 });
  const counted = work.cache.pods.get(uid);
  if (counted === undefined || (!isAssigned(pod) && isAssumed(work.cache, uid))) return;
  work.cache = removePod(work.cache, uid);
  wakeHelped(work, { resource: 'AssignedPod', action: 'Delete', before: counted });
}

function onAssignedPod(work: Work, key: ObjectKey, pod: Pod, before: Pod | undefined): void {
  const { uid } = pod.metadata;
  const { cache } = work;
  const counted = cache.pods.get(uid);
  const waits = work.queue.unschedulable.size > 0;
  const wasAssumed = waits && isAssumed(cache, uid);
  work.cache = setPod(cache, pod, counted);
  work.nominated = unnominate(work.nominated, uid);
  if (before === undefined || !isAssigned(before)) {
    work.queue = dequeue(work.queue, key);
    const after = waits ? work.cache.pods.get(uid) : undefined;
    if (after !== undefined) wakeHelped(work, { resource: 'AssignedPod', action: 'Add', after });
    return;
  }
  const after = waits ? work.cache.pods.get(uid) : undefined;
  if (counted === undefined || after === undefined || wasAssumed) return;
  if (before.metadata.labels !== pod.metadata.labels && !same(counted.labels, after.labels))
    wakeHelped(work, { resource: 'AssignedPod', action: 'UpdatePodLabel', before: counted, after });
  if (counted.shape !== after.shape)
    wakeHelped(work, { resource: 'AssignedPod', action: 'UpdatePodScaleDown', before: counted, after });
}

function onWaitingPod(work: Work, key: ObjectKey, pod: Pod, before: Pod | undefined): void {
  if (isAssumed(work.cache, pod.metadata.uid)) return;
  noteNomination(work, pod, before);
  const queued = work.queue.pods.get(key);
  const gate = gateOf(work, pod);
  if (queued === undefined) work.queue = enqueue(work.queue, pod, podInfoOf(pod), gate, work.now);
  else onChangedWaitingPod(work, queued, pod, gate);
}

/** What this scheduler nominated and has not yet been written stays. */
function noteNomination(work: Work, pod: Pod, before: Pod | undefined): void {
  const node = pod.status.nominatedNodeName ?? '';
  if (node !== '') work.nominated = nominate(work.nominated, podInfoOf(pod), node);
  else if ((before?.status.nominatedNodeName ?? '') !== '')
    work.nominated = unnominate(work.nominated, pod.metadata.uid);
}

function onChangedWaitingPod(work: Work, queued: QueuedPod, pod: Pod, gate: string): void {
  const info = podInfoOf(pod);
  work.queue = refresh(work.queue, queued, pod, info, gate);
  const refreshed = work.queue.pods.get(info.key);
  if (refreshed?.place !== 'unschedulable') return;
  for (const event of changesOf(queued.pod, pod))
    if (helps(work, event, refreshed, listersOf(work.informers))) {
      work.queue = wakeOne(work.queue, refreshed, gate, work.now);
      return;
    }
}

/** What of a waiting Pod has changed that bears on scheduling. (framework/events.go, PodSchedulingPropertiesChange) */
function changesOf(before: Pod, after: Pod): readonly ClusterEvent[] {
  const { uid, labels } = after.metadata;
  const events: ClusterEvent[] = [];
  if (before.metadata.labels !== labels && !same(before.metadata.labels, labels)) {
    const [was, is] = [podInfoOf(before), podInfoOf(after)];
    events.push({ resource: 'Pod', action: 'UpdatePodLabel', uid, before: was, after: is });
  }
  if (before.spec === after.spec) return events;
  if (podInfoOf(before).shape !== podInfoOf(after).shape)
    events.push({ resource: 'Pod', action: 'UpdatePodScaleDown', uid });
  if ((before.spec.schedulingGates ?? []).length > 0 && (after.spec.schedulingGates ?? []).length === 0)
    events.push({ resource: 'Pod', action: 'UpdatePodSchedulingGatesEliminated', uid });
  if (!same(before.spec.tolerations, after.spec.tolerations))
    events.push({ resource: 'Pod', action: 'UpdatePodToleration', uid });
  return events;
}

function onNode(work: Work, { type, object, before }: Delta<Node>): void {
  if (type === 'deleted') {
    work.cache = removeNode(work.cache, object);
    wakeHelped(work, { resource: 'Node', action: 'Delete', before: object });
    return;
  }
  work.cache = setNode(work.cache, object);
  if (before === undefined) wakeHelped(work, { resource: 'Node', action: 'Add', after: object });
  else for (const event of changesOfNode(before, object)) wakeHelped(work, event);
}

/** framework/events.go, NodeSchedulingPropertiesChange. A node that is cordoned helps nobody. */
function changesOfNode(before: Node, after: Node): readonly ClusterEvent[] {
  const events: ClusterEvent[] = [];
  const add = (action: 'UpdateNodeAllocatable' | 'UpdateNodeLabel' | 'UpdateNodeTaint'): void => {
    events.push({ resource: 'Node', action, before, after });
  };
  const uncordoned = before.spec.unschedulable === true && after.spec.unschedulable !== true;
  if (!same(before.status.allocatable, after.status.allocatable)) add('UpdateNodeAllocatable');
  if (!same(before.metadata.labels, after.metadata.labels)) add('UpdateNodeLabel');
  if (uncordoned || !same(before.spec.taints, after.spec.taints)) add('UpdateNodeTaint');
  return events;
}

const storage = {
  persistentvolumes: 'PersistentVolume',
  storageclasses: 'StorageClass',
  csinodes: 'CSINode',
} as const;

/** What else is followed is only looked up. */
function onOther(work: Work, { stream, type, object, before }: Delta): void {
  const resource = stream in storage ? storage[stream as keyof typeof storage] : undefined;
  if (resource === undefined || type === 'deleted') return;
  const action = before === undefined ? 'Add' : 'Update';
  wakeHelped(work, { resource, action, before, after: object } as ClusterEvent);
}

function onClaim(work: Work, { type, object, before }: Delta<PersistentVolumeClaim>): void {
  if (type === 'deleted') return;
  const action = before === undefined ? 'Add' : 'Update';
  wakeHelped(work, { resource: 'PersistentVolumeClaim', action, after: object });
}

/** Wakes the waiting Pods that the event may help, in the eyes of a plugin that rejected them. */
export function wakeHelped(work: Work, event: ClusterEvent): void {
  if (work.queue.unschedulable.size === 0) return;
  const listers = listersOf(work.informers);
  work.queue = wake(
    work.queue,
    (queued) => helps(work, event, queued, listers),
    (pod) => gateOf(work, pod),
    work.now,
  );
}

function helps(
  work: Work,
  event: ClusterEvent,
  { pod, gate, rejectors, info }: QueuedPod,
  listers: Listers,
): boolean {
  const profile = profileFor(work, pod) ?? work.profile;
  if (gate !== '') return profile.enqueue[gate]?.mayHelp(event, info, listers) ?? true;
  for (const plugin of rejectors)
    if (profile.enqueue[plugin]?.mayHelp(event, info, listers) ?? true) return true;
  return false;
}

/** The plugin that keeps a Pod out of the active queue; empty: none does. */
export function gateOf(work: Work, pod: Pod): string {
  const profile = profileFor(work, pod) ?? work.profile;
  for (const plugin of profile.preEnqueue) if (plugin.preEnqueue(pod) !== undefined) return plugin.name;
  return '';
}
