/**
 * Pods for which a preemption made room, and the node where it did. Few at a time.
 * (kubernetes v1.34.1 pkg/scheduler/backend/queue/nominator.go)
 */
import type { NominatedPods } from './framework.ts';
import type { PodInfo } from './pod-info.ts';

/** The Pod is nominated to that node, and to no other. */
export function nominate(before: NominatedPods, pod: PodInfo, node: string): NominatedPods {
  const nominated = unnominate(before, pod.uid);
  return nominated.set(node, [...(nominated.get(node) ?? []), pod]);
}

/** The Pod is nominated to no node. */
export function unnominate(before: NominatedPods, uid: string): NominatedPods {
  let nominated = before;
  if (before.size === 0) return before;
  before.scan(undefined, undefined, (node, pods) => {
    const others = pods.filter((pod) => pod.uid !== uid);
    if (others.length === pods.length) return;
    nominated = others.length === 0 ? nominated.delete(node) : nominated.set(node, others);
  });
  return nominated;
}
