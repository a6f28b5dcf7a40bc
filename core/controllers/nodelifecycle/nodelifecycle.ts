/**
 * Notices that a kubelet is silent, says so in the Node's status, and drives the Pods away by NoExecute taints, one node
 * after another at the rate its zone allows (kubernetes v1.34.1 pkg/controller/nodelifecycle). The NoSchedule taints are
 * in no-schedule.ts, what the taints do to Pods in tainteviction/.
 *
 * Handlers note which nodes are to be looked at and plan the next pass; a pass (pass.ts) looks at them.
 */
import { heartbeatsOf } from '../../api/heartbeats.ts';
import type { Lease, Node, Pod } from '../../api/generated/types.ts';
import { conditionOf } from '../../api/pod.ts';
import { viewOf, type Delta } from '../../client/informer.ts';
import {
  done,
  failed,
  type Ask,
  type Context,
  type Controller,
  type Effects,
  type Reply,
  type Sync,
} from '../controller.ts';
import { podChange } from '../pod-interest.ts';
import { passAt } from '../ticks.ts';
import { nextInTurn, nextServiceAt } from './eviction-queue.ts';
import { markPods } from './mark-pods.ts';
import { newNodeMemory, servedIn, tokenTakenIn, withDirty, type NodeMemory } from './memory.ts';
import { monitorNodeHealth } from './pass.ts';
import { defaultSettings, taintPasses, type NodeSettings } from './settings.ts';
import { oppositeOf, swapTaints, taintOfReady } from './taints.ts';

const ofPod = 'pod/';

/** The controller with these flags. */
export const nodeLifecycle = (settings: NodeSettings): Controller<NodeMemory> => ({
  name: 'node-lifecycle-controller',
  userAgent: 'node-controller',
  component: 'node-controller',
  // One for the passes, one for the taints, four for Pods (podUpdateWorkerSize).
  workers: 6,
  follows: ['nodes', 'leases', 'pods'],
  pods: { when: podChange.node },
  initial: newNodeMemory,
  isBackground: (key) => key.startsWith('idle/'),
  started: ({ memory, now }) => planned({ ...memory, start: now }, now, settings),
  handle: (context, delta) => handle(context, delta, settings),
  sync: (context, key) => {
    if (key.startsWith(ofPod)) return syncPod(context, key.slice(ofPod.length));
    return key.startsWith(taintPasses.prefix) ? taintNodes(context) : monitorNodeHealth(context, settings);
  },
});

export const nodeLifecycleController = nodeLifecycle(defaultSettings);

function planned(memory: NodeMemory, now: number, { passes }: NodeSettings): Effects<NodeMemory> {
  if (memory.start === undefined || memory.dirty.size === 0) return { memory };
  const pass = passAt(passes, memory.start, now);
  return { memory, markAfter: { keys: [pass.key], delay: pass.at - now } };
}

function handle(
  { memory, now }: Context<NodeMemory>,
  delta: Delta,
  settings: NodeSettings,
): Effects<NodeMemory> | undefined {
  switch (delta.stream) {
    case 'pods':
      return memory.unready.size === 0 ? undefined : onPod(memory, delta);
    case 'leases':
      return onLease(memory, delta, now, settings);
    default:
      return isNews(delta) ? planned(withDirty(memory, delta.key), now, settings) : undefined;
  }
}

function isNews({ object, before, type }: Delta): boolean {
  if (type !== 'updated' || before === undefined) return true;
  const [node, last] = [object as Node, before as Node];
  return (
    node.status.conditions !== last.status.conditions ||
    node.spec.taints !== last.spec.taints ||
    node.metadata.labels !== last.metadata.labels
  );
}

/** A renewal is only noted: it matters when the node would have been silent for too long. */
function onLease(
  memory: NodeMemory,
  { object, before, type }: Delta,
  now: number,
  settings: NodeSettings,
): Effects<NodeMemory> | undefined {
  const { namespace, name } = object.metadata;
  if (namespace !== 'kube-node-lease' || type === 'deleted') return undefined;
  const next = { ...memory, renewals: memory.renewals.set(name, now) };
  const isSame = before !== undefined && heartbeatsOf(before as Lease) === heartbeatsOf(object as Lease);
  return isSame ? { memory: next } : planned(withDirty(next, name), now, settings);
}

/** A Pod that comes to a node that is not Ready is told so. */
function onPod(
  { unready }: NodeMemory,
  { object, before, type, key }: Delta,
): Effects<NodeMemory> | undefined {
  const { nodeName = '' } = (object as Pod).spec;
  const hasMoved = type !== 'deleted' && (before as Pod | undefined)?.spec.nodeName !== nodeName;
  return hasMoved && unready.has(nodeName) ? { mark: [ofPod + key] } : undefined;
}

function* syncPod({ caches, memory, now }: Context<NodeMemory>, key: string): Sync<NodeMemory> {
  const pod = viewOf(caches, 'pods').objects.get(key);
  const node = pod?.spec.nodeName ?? '';
  const isUnready = memory.unready.has(node) && viewOf(caches, 'nodes').objects.get(node) !== undefined;
  if (pod === undefined || !isUnready) return done;
  return (yield* markPods<NodeMemory>([[node, [pod]]], now)).size > 0 ? failed : done;
}

/** One pass over the zones' queues (doNoExecuteTaintingPass). */
function* taintNodes({ caches, memory, now }: Context<NodeMemory>): Sync<NodeMemory> {
  let mine = memory;
  const nodes = viewOf(caches, 'nodes').objects;
  for (const zone of Object.keys(memory.zones).sort())
    for (let name = turnIn(mine, zone, now); name !== undefined; name = turnIn(mine, zone, now)) {
      const node = nodes.get(name);
      mine = tokenTakenIn(mine, zone, now);
      yield { requests: [], remember: (kept) => tokenTakenIn(kept, zone, now) };
      const isTainted = node === undefined || (yield* taint(node, now));
      if (!isTainted) break;
      const theirs = name;
      mine = servedIn(mine, zone, theirs);
      yield { requests: [], remember: (kept) => servedIn(kept, zone, theirs) };
    }
  return { markAfter: nextTaints(mine, now) };
}

const turnIn = ({ zones }: NodeMemory, zone: string, now: number): string | undefined => {
  const known = zones[zone];
  return known === undefined ? undefined : nextInTurn(known.queue, now);
};

/** A node that is Ready again by now needs no taint. */
function* taint(node: Node, now: number): Generator<Ask<NodeMemory>, boolean, Reply> {
  const key = taintOfReady(conditionOf(node.status, 'Ready')?.status ?? 'True');
  return key === undefined || (yield* swapTaints<NodeMemory>(node, key, [oppositeOf(key)], now));
}

function nextTaints(
  { zones, start = 0 }: NodeMemory,
  now: number,
): readonly { key: string; delay: number }[] {
  return Object.values(zones).flatMap(({ queue }) => {
    const at = nextServiceAt(queue);
    if (at === undefined) return [];
    const pass = passAt(taintPasses, start, Math.max(at, now + 1));
    return [{ key: pass.key, delay: pass.at - now }];
  });
}
