/**
 * The cluster as a replay draws it: nodes, and Pods by node and phase. It is far smaller than the registry, and
 * persistent: the picture before any write is still there after it.
 *
 * A mark is brought up to date by a merge patch without the object it was taken from: a patch carries lists whole.
 */
import type { Json } from '../../core/api/generated/types.ts';
import { OrderedMap } from '../../core/collections/ordered-map.ts';
import { at, field, listOf, textOf } from '../story/change.ts';
import type { WriteRecord } from '../trace/registry.ts';

/** In the order in which they are drawn and counted. */
export const phases = [
  'ready',
  'running',
  'starting',
  'pending',
  'failing',
  'terminating',
  'succeeded',
  'failed',
] as const;
export type Phase = (typeof phases)[number];

interface PodMark {
  readonly node: string;
  /** `status.phase` */
  readonly phase: string;
  readonly ready: boolean;
  /** A container waits after a failure: CrashLoopBackOff, ImagePullBackOff. */
  readonly failing: boolean;
  readonly deleted: boolean;
}

export interface NodeMark {
  readonly ready: boolean;
  readonly cordoned: boolean;
  /** The node is in the registry; false where only its Pods are. */
  readonly known: boolean;
  readonly pods: OrderedMap<string, Phase>;
}

export type Counts = Readonly<Record<Phase, number>>;

export interface Picture {
  readonly revision: number;
  readonly nodes: OrderedMap<string, NodeMark>;
  readonly pods: OrderedMap<string, PodMark>;
  readonly unscheduled: OrderedMap<string, Phase>;
  readonly counts: Counts;
}

export const emptyPicture: Picture = {
  revision: 0,
  nodes: OrderedMap.empty(),
  pods: OrderedMap.empty(),
  unscheduled: OrderedMap.empty(),
  counts: {
    ready: 0,
    running: 0,
    starting: 0,
    pending: 0,
    failing: 0,
    terminating: 0,
    succeeded: 0,
    failed: 0,
  },
};

const podPrefix = '/registry/pods/';
const nodePrefix = '/registry/minions/';

/** The picture with one more write. */
export function pictureWith(picture: Picture, write: WriteRecord): Picture {
  const next: Picture = { ...picture, revision: write.rev };
  if (write.key.startsWith(podPrefix)) return withPod(next, write.key.slice(podPrefix.length), write);
  if (write.key.startsWith(nodePrefix)) return withNode(next, write.key.slice(nodePrefix.length), write);
  return next;
}

const newPod: PodMark = { node: '', phase: 'Pending', ready: false, failing: false, deleted: false };

function withPod(picture: Picture, key: string, write: WriteRecord): Picture {
  const before = picture.pods.get(key);
  const after =
    'delete' in write
      ? undefined
      : markedPod('put' in write ? newPod : (before ?? newPod), 'put' in write ? write.put : write.patch);
  const without = before === undefined ? picture : unplaced(picture, key, before);
  const pods = after === undefined ? picture.pods.delete(key) : picture.pods.set(key, after);
  return after === undefined ? { ...without, pods } : placed({ ...without, pods }, key, after);
}

function markedPod(before: PodMark, part: Json): PodMark {
  const conditions = at(part, 'status', 'conditions');
  const containers = at(part, 'status', 'containerStatuses');
  const phase = at(part, 'status', 'phase');
  const node = at(part, 'spec', 'nodeName');
  return {
    node: node === undefined ? before.node : textOf(node),
    phase: phase === undefined ? before.phase : textOf(phase),
    ready: conditions === undefined ? before.ready : isReady(conditions),
    failing: containers === undefined ? before.failing : listOf(containers).some(waitsAfterFailure),
    deleted: before.deleted || textOf(at(part, 'metadata', 'deletionTimestamp')) !== '',
  };
}

const isReady = (conditions: Json): boolean =>
  listOf(conditions).some(
    (condition) => field(condition, 'type') === 'Ready' && field(condition, 'status') === 'True',
  );

function waitsAfterFailure(status: Json): boolean {
  const reason = textOf(at(status, 'state', 'waiting', 'reason'));
  return reason.endsWith('BackOff') || reason.startsWith('Err') || reason.endsWith('Error');
}

/** What a Pod looks like. */
function phaseOf(pod: PodMark): Phase {
  if (pod.phase === 'Succeeded') return 'succeeded';
  if (pod.phase === 'Failed') return 'failed';
  if (pod.deleted) return 'terminating';
  if (pod.failing) return 'failing';
  if (pod.phase === 'Running') return pod.ready ? 'ready' : 'running';
  return pod.node === '' ? 'pending' : 'starting';
}

const unknownNode: NodeMark = { ready: false, cordoned: false, known: false, pods: OrderedMap.empty() };

function placed(picture: Picture, key: string, pod: PodMark): Picture {
  const phase = phaseOf(pod);
  const counts = { ...picture.counts, [phase]: picture.counts[phase] + 1 };
  if (pod.node === '') return { ...picture, counts, unscheduled: picture.unscheduled.set(key, phase) };
  const node = picture.nodes.get(pod.node) ?? unknownNode;
  return {
    ...picture,
    counts,
    nodes: picture.nodes.set(pod.node, { ...node, pods: node.pods.set(key, phase) }),
  };
}

function unplaced(picture: Picture, key: string, pod: PodMark): Picture {
  const phase = phaseOf(pod);
  const counts = { ...picture.counts, [phase]: picture.counts[phase] - 1 };
  if (pod.node === '') return { ...picture, counts, unscheduled: picture.unscheduled.delete(key) };
  const node = picture.nodes.get(pod.node) ?? unknownNode;
  return {
    ...picture,
    counts,
    nodes: kept(picture.nodes, pod.node, { ...node, pods: node.pods.delete(key) }),
  };
}

/** A node that is gone is drawn as long as it has Pods. */
const kept = (nodes: Picture['nodes'], name: string, node: NodeMark): Picture['nodes'] =>
  node.known || node.pods.size > 0 ? nodes.set(name, node) : nodes.delete(name);

function withNode(picture: Picture, name: string, write: WriteRecord): Picture {
  const before = picture.nodes.get(name) ?? unknownNode;
  if ('delete' in write)
    return { ...picture, nodes: kept(picture.nodes, name, { ...before, known: false, ready: false }) };
  const part = 'put' in write ? write.put : write.patch;
  const conditions = at(part, 'status', 'conditions');
  const cordoned = at(part, 'spec', 'unschedulable');
  const node: NodeMark = {
    known: true,
    ready: conditions === undefined ? before.ready : isReady(conditions),
    cordoned: cordoned === undefined ? before.cordoned : cordoned === true,
    pods: before.pods,
  };
  return { ...picture, nodes: picture.nodes.set(name, node) };
}
