/**
 * The scheduler's picture of the cluster: nodes with the Pods on them. A Pod that was decided but is not yet seen bound
 * is assumed on its node, so that the next decision reckons with it; the watch confirms it, a failed binding forgets it.
 * (kubernetes v1.34.1 pkg/scheduler/backend/cache/cache.go)
 */
import type { Node, Pod } from '../api/generated/types.ts';
import { HashedMap } from '../collections/hashed-map.ts';
import { OrderedMap } from '../collections/ordered-map.ts';
import { assert } from '../reducer.ts';
import { noteChange, notePod } from './columns.ts';
import { emptyNodeInfo, withNode, withoutPod, withPod, type NodeInfo } from './node-info.ts';
import { emptyTree, withoutTreeNode, withTreeNode, zoneKeyOf, type NodeTree } from './node-tree.ts';
import {
  placedOn,
  podInfoOf,
  podInfoWith,
  sameLabels,
  sameShape,
  wasGiven,
  type PodInfo,
} from './pod-info.ts';

export interface SchedulerCache {
  readonly nodes: HashedMap<NodeInfo>;
  readonly tree: NodeTree;
  /** Every Pod that is counted on a node, by uid: one that was made anew has the name of one that may still be assumed. */
  readonly pods: HashedMap<PodInfo>;
  /** The uids of those of them that the watch has not shown bound. */
  readonly assumed: HashedMap<true>;
  /** On how many nodes an image is, by each of its names. */
  readonly imageNodes: OrderedMap<string, number>;
  /** The nodes that have Pods with affinity to Pods or anti-affinity. */
  readonly affinityNodes: OrderedMap<string, true>;
  /** No Pod that was ever counted has a lower priority. */
  readonly lowestPriority: number;
}

export const emptyCache = (): SchedulerCache => ({
  nodes: HashedMap.empty(),
  tree: emptyTree,
  pods: HashedMap.empty(),
  assumed: HashedMap.empty(),
  imageNodes: OrderedMap.empty(),
  affinityNodes: OrderedMap.empty(),
  lowestPriority: Infinity,
});

/** A node that was added or has changed. */
export function setNode(cache: SchedulerCache, node: Node): SchedulerCache {
  const { name } = node.metadata;
  const before = cache.nodes.get(name) ?? emptyNodeInfo(name);
  const after = withNode(before, node);
  return {
    nodes: replaceNode(cache.nodes, name, after),
    tree: treeWith(cache.tree, before.node, node),
    pods: cache.pods,
    assumed: cache.assumed,
    imageNodes: countImages(cache.imageNodes, before, after),
    affinityNodes: cache.affinityNodes,
    lowestPriority: cache.lowestPriority,
  };
}

function treeWith(tree: NodeTree, before: Node | undefined, node: Node): NodeTree {
  if (before === undefined) return withTreeNode(tree, node);
  return zoneKeyOf(before) === zoneKeyOf(node) ? tree : withTreeNode(withoutTreeNode(tree, before), node);
}

/** A node that is gone. Pods that are still counted on it keep its row until they are gone too. */
export function removeNode(cache: SchedulerCache, node: Node): SchedulerCache {
  const { name } = node.metadata;
  const before = cache.nodes.get(name);
  if (before?.node === undefined) return cache;
  const after = withNode(before, undefined);
  return {
    nodes: after.pods.length === 0 ? dropNode(cache.nodes, name) : replaceNode(cache.nodes, name, after),
    tree: withoutTreeNode(cache.tree, before.node),
    pods: cache.pods,
    assumed: cache.assumed,
    imageNodes: countImages(cache.imageNodes, before, after),
    affinityNodes: cache.affinityNodes,
    lowestPriority: cache.lowestPriority,
  };
}

/** Counts a decided Pod on its node before anybody has confirmed it. */
export function assumePod(cache: SchedulerCache, pod: PodInfo, nodeName: string): SchedulerCache {
  assert(!cache.pods.has(pod.uid), `${pod.key} is in the cache, so it cannot be assumed`);
  const counted = addPod(cache, placedOn(pod, nodeName));
  return {
    nodes: counted.nodes,
    tree: counted.tree,
    pods: counted.pods,
    assumed: cache.assumed.set(pod.uid, true),
    imageNodes: counted.imageNodes,
    affinityNodes: counted.affinityNodes,
    lowestPriority: counted.lowestPriority,
  };
}

/** Gives back what an assumed Pod was counted for. A Pod that was confirmed meanwhile stays. */
export function forgetPod(cache: SchedulerCache, uid: string): SchedulerCache {
  return isAssumed(cache, uid) ? removePod(cache, uid) : cache;
}

export const isAssumed = (cache: SchedulerCache, uid: string): boolean => cache.assumed.get(uid) === true;

/**
 * A Pod that the watch shows bound: confirms the assumed one, or counts it for the first time, or changes it. `before`:
 * how it is counted.
 */
export function setPod(
  cache: SchedulerCache,
  pod: Pod,
  before: PodInfo | undefined = cache.pods.get(pod.metadata.uid),
): SchedulerCache {
  const { uid } = pod.metadata;
  if (before === undefined) return addPod(cache, podInfoOf(pod));
  if (unchanged(before, pod)) return confirmPod(cache, uid);
  const after =
    sameShape(before.spec, pod.spec) && !wasGiven(pod.status)
      ? podInfoWith(pod, pod.spec, before.shape, pod.spec.nodeName ?? '')
      : podInfoOf(pod);
  return addPod(removePod(cache, uid), after);
}

function confirmPod(cache: SchedulerCache, uid: string): SchedulerCache {
  const confirmed = cache.assumed.delete(uid);
  if (confirmed === cache.assumed) return cache;
  return {
    nodes: cache.nodes,
    tree: cache.tree,
    pods: cache.pods,
    assumed: confirmed,
    imageNodes: cache.imageNodes,
    affinityNodes: cache.affinityNodes,
    lowestPriority: cache.lowestPriority,
  };
}

/** The plugins would see no difference. The spec of a bound Pod is another object than that of the assumed one. */
function unchanged(before: PodInfo, pod: Pod): boolean {
  return (
    before.nodeName === pod.spec.nodeName &&
    sameLabels(before.labels, pod.metadata.labels) &&
    before.terminating === (pod.metadata.deletionTimestamp !== undefined) &&
    sameShape(before.spec, pod.spec) &&
    !wasGiven(pod.status)
  );
}

function addPod(cache: SchedulerCache, pod: PodInfo): SchedulerCache {
  const { nodeName } = pod;
  const info = withPod(cache.nodes.get(nodeName) ?? emptyNodeInfo(nodeName), pod);
  const nodes = cache.nodes.set(nodeName, info);
  notePod(cache.nodes, nodes, nodeName, info, pod, 1);
  return {
    nodes,
    tree: cache.tree,
    pods: cache.pods.set(pod.uid, pod),
    assumed: cache.assumed,
    imageNodes: cache.imageNodes,
    affinityNodes: noteAffinity(cache.affinityNodes, info),
    lowestPriority: Math.min(cache.lowestPriority, pod.priority),
  };
}

/** A Pod that no longer takes anything from its node. */
export function removePod(cache: SchedulerCache, uid: string): SchedulerCache {
  const pod = cache.pods.get(uid);
  if (pod === undefined) return cache;
  const before = cache.nodes.get(pod.nodeName);
  assert(before !== undefined, `node ${pod.nodeName} of ${pod.key} is in the cache`);
  const after = withoutPod(before, pod);
  const empty = after.pods.length === 0 && after.node === undefined;
  const nodes = empty ? cache.nodes.delete(pod.nodeName) : cache.nodes.set(pod.nodeName, after);
  notePod(cache.nodes, nodes, pod.nodeName, empty ? undefined : after, pod, -1);
  return {
    nodes,
    tree: cache.tree,
    pods: cache.pods.delete(uid),
    assumed: cache.assumed.delete(uid),
    imageNodes: cache.imageNodes,
    affinityNodes: noteAffinity(cache.affinityNodes, after),
    lowestPriority: cache.lowestPriority,
  };
}

function noteAffinity(names: OrderedMap<string, true>, info: NodeInfo): OrderedMap<string, true> {
  if (info.podsWithAffinity.length > 0) return names.set(info.name, true);
  return names.size === 0 ? names : names.delete(info.name);
}

type Nodes = SchedulerCache['nodes'];

function replaceNode(nodes: Nodes, name: string, info: NodeInfo): Nodes {
  const after = nodes.set(name, info);
  noteChange(nodes, after, name, info);
  return after;
}

function dropNode(nodes: Nodes, name: string): Nodes {
  const after = nodes.delete(name);
  noteChange(nodes, after, name, undefined);
  return after;
}

function countImages(
  counts: OrderedMap<string, number>,
  before: NodeInfo,
  after: NodeInfo,
): OrderedMap<string, number> {
  if (before.images === after.images) return counts;
  let counted = counts;
  for (const name of Object.keys(before.images)) {
    const left = (counted.get(name) ?? 0) - 1;
    counted = left > 0 ? counted.set(name, left) : counted.delete(name);
  }
  for (const name of Object.keys(after.images)) counted = counted.set(name, (counted.get(name) ?? 0) + 1);
  return counted;
}
