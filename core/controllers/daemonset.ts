/**
 * Keeps a Pod on every node that a DaemonSet chooses: the controller makes it for the node, the scheduler binds it there.
 * (kubernetes v1.34.1 pkg/controller/daemon/daemon_controller.go)
 */
import { controllerOf, keyFor, keyOf, type ObjectKey } from '../api/object.ts';
import type { DaemonSet, Node, OwnerReference, Pod } from '../api/generated/types.ts';
import { same } from '../api/merge-patch.ts';
import { isPodReady } from '../api/pod.ts';
import type { ApiAnswer, ApiRequest } from '../api/request.ts';
import { matchesLabels, requirementsOf } from '../api/selector.ts';
import { objectsIn } from '../api/view.ts';
import {
  creationObserved,
  deleteExpectations,
  deletionObserved,
  newExpectations,
} from '../client/expectations.ts';
import { viewOf, type Delta, type Informers } from '../client/informer.ts';
import { second } from '../time/time.ts';
import type { Context, Controller, Effects } from './controller.ts';
import { noFailedPods } from './daemon/backoff.ts';
import { placementOn } from './daemon/placement.ts';
import { syncDaemonSet, type DaemonMemory } from './daemon/sync.ts';
import { podNews } from './pod-control.ts';

export const daemonSetController: Controller<DaemonMemory> = {
  name: 'daemon-set-controller',
  component: 'daemonset-controller',
  workers: 2,
  follows: ['daemonsets', 'pods', 'nodes', 'controllerrevisions'],
  pods: { of: 'DaemonSet' },
  initial: { expectations: newExpectations(), failedPods: noFailedPods },
  handle,
  answered: onAnswer,
  sync: syncDaemonSet,
};

type Said = Effects<DaemonMemory> | undefined;

function handle(context: Context<DaemonMemory>, delta: Delta): Said {
  if (delta.stream === 'daemonsets') return onSet(context, delta);
  if (viewOf(context.caches, 'daemonsets').objects.size === 0) return undefined;
  switch (delta.stream) {
    case 'pods':
      return onPod(context, delta);
    case 'nodes':
      return onNode(context, delta);
    default:
      return onRevision(context, delta);
  }
}

function onSet({ memory }: Context<DaemonMemory>, delta: Delta): Effects<DaemonMemory> {
  const { type, key, object, before } = delta;
  // After a relist a set that was made anew under its name is told as an update: nothing is expected of the new one.
  const isAnother = before !== undefined && before.metadata.uid !== object.metadata.uid;
  if (type !== 'deleted' && !isAnother) return { mark: [key] };
  return {
    mark: [key],
    memory: { ...memory, expectations: deleteExpectations(memory.expectations, key) },
  };
}

/** A node concerns the sets that lack a Pod there, or have one where it may not stay. (addNode, syncNodeUpdate) */
function onNode({ caches }: Context<DaemonMemory>, { object, before, type }: Delta): Said {
  if (type === 'deleted') return undefined;
  const node = object as Node;
  const was = before as Node | undefined;
  if (
    was !== undefined &&
    same(was.metadata.labels, node.metadata.labels) &&
    same(was.spec.taints, node.spec.taints)
  )
    return undefined;
  const owners = new Set<string>();
  for (const pod of viewOf(caches, 'pods').objects.valuesOf('node', node.metadata.name)) {
    const owner = controllerOf(pod);
    if (owner?.kind === 'DaemonSet') owners.add(owner.uid);
  }
  const mark: ObjectKey[] = [];
  for (const set of objectsIn(viewOf(caches, 'daemonsets'))) {
    const { run, keep } = placementOn(set.spec.template, node);
    const isThere = owners.has(set.metadata.uid);
    if (isThere ? !keep || set.status.numberMisscheduled > 0 : run) mark.push(keyOf(set));
  }
  return mark.length === 0 ? undefined : { mark };
}

function onRevision({ caches }: Context<DaemonMemory>, { object, before }: Delta): Said {
  const { namespace } = object.metadata;
  const owners = [controllerOf(object), before === undefined ? undefined : controllerOf(before)];
  const mark = owners.flatMap((owner) => setOf(caches, namespace, owner) ?? []).map(keyOf);
  if (owners[0] === undefined) mark.push(...suitorsOf(caches, object));
  return mark.length === 0 ? undefined : { mark: [...new Set(mark)] };
}

function onPod({ caches, memory }: Context<DaemonMemory>, { type, key, object, before }: Delta): Said {
  const pod = object as Pod;
  const owner = controllerOf(pod);
  const ownerBefore = before === undefined ? undefined : controllerOf(before);
  if (owner !== undefined && owner.kind !== 'DaemonSet' && ownerBefore?.kind !== 'DaemonSet')
    return undefined;
  const { namespace, deletionTimestamp } = pod.metadata;
  const isGone = type === 'deleted' || deletionTimestamp !== undefined;
  const mark: ObjectKey[] = [];
  if (ownerBefore !== undefined && ownerBefore.uid !== owner?.uid) {
    const left = setOf(caches, namespace, ownerBefore);
    if (left !== undefined) mark.push(keyOf(left));
  }
  const set = setOf(caches, namespace, owner);
  if (set === undefined) {
    if (owner === undefined && !isGone) mark.push(...suitorsOf(caches, pod));
    return mark.length === 0 ? undefined : { mark };
  }
  const setKey = keyOf(set);
  mark.push(setKey);
  let { expectations } = memory;
  if (isGone) expectations = deletionObserved(expectations, setKey, key);
  else if (before === undefined) expectations = creationObserved(expectations, setKey);
  const { minReadySeconds = 0 } = set.spec;
  const becameReady = before !== undefined && !isPodReady(before as Pod) && isPodReady(pod);
  return {
    mark,
    ...(expectations === memory.expectations ? {} : { memory: { ...memory, expectations } }),
    // A second more, lest clocks disagree about whether it is available.
    ...(becameReady && minReadySeconds > 0
      ? { markAfter: { keys: [setKey], delay: (minReadySeconds + 1) * second } }
      : {}),
  };
}

function setOf(
  caches: Informers,
  namespace: string | undefined,
  owner: OwnerReference | undefined,
): DaemonSet | undefined {
  if (owner?.kind !== 'DaemonSet') return undefined;
  const set = viewOf(caches, 'daemonsets').objects.get(keyFor(namespace, owner.name));
  return set?.metadata.uid === owner.uid ? set : undefined;
}

/** The sets that would adopt an object without a controller. */
function suitorsOf(caches: Informers, { metadata }: Pick<Pod, 'metadata'>): readonly ObjectKey[] {
  if (metadata.labels === undefined) return [];
  return [...objectsIn(viewOf(caches, 'daemonsets'), metadata.namespace)]
    .filter((set) => matchesLabels(requirementsOf(set.spec.selector), metadata.labels))
    .map(keyOf);
}

/** Events are recorded as each answer comes; a deletion that failed will never be seen. */
function onAnswer(
  { caches, memory }: Context<DaemonMemory>,
  key: string,
  request: ApiRequest,
  answer: ApiAnswer,
): Said {
  if (request.resource !== 'pods' || (request.verb !== 'create' && request.verb !== 'delete'))
    return undefined;
  const set = viewOf(caches, 'daemonsets').objects.get(key);
  const heard = set === undefined ? [] : podNews(set, request, answer);
  if (request.verb === 'create' || answer.ok) return { news: heard };
  const deleted = keyFor(request.namespace, request.name);
  const expectations = deletionObserved(memory.expectations, key, deleted);
  return { news: heard, memory: { ...memory, expectations } };
}
