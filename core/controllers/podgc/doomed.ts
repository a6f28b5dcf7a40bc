/** Which Pods the garbage collector of Pods deletes (kubernetes v1.34.1 pkg/controller/podgc/gc_controller.go). */
import { conditionOf, isTerminal } from '../../api/pod.ts';
import type { Node, Pod } from '../../api/generated/types.ts';

const outOfService = 'node.kubernetes.io/out-of-service';

/** Somebody said that the node is out of service, and it is not Ready. */
export const isOutOfService = (node: Node): boolean =>
  (node.spec.taints ?? []).some(({ key }) => key === outOfService) &&
  conditionOf(node.status, 'Ready')?.status !== 'True';

export function isTerminated({ status }: Pod): boolean {
  const { phase } = status;
  return phase !== 'Pending' && phase !== 'Running' && phase !== 'Unknown';
}

const isTerminating = ({ metadata }: Pod): boolean => metadata.deletionTimestamp !== undefined;

const nodeOf = ({ spec }: Pod): string => spec.nodeName ?? '';

/** Being deleted, and no kubelet ever had it that could say it has stopped. */
export const isUnscheduledTerminating = (pod: Pod): boolean => isTerminating(pod) && nodeOf(pod) === '';

/** Of the Pods that have ended, those that are too many: evicted ones first, then the oldest. */
export const tooManyTerminated = (terminated: readonly Pod[], threshold: number): readonly Pod[] =>
  terminated.length <= threshold
    ? []
    : byEvictionAndCreation(terminated).slice(0, terminated.length - threshold);

/** Of a node's Pods, those that its kubelet will not stop any more; `node` is what is known of it. */
export const terminatingOutOfService = (pods: readonly Pod[], node: Node | undefined): readonly Pod[] =>
  node !== undefined && isOutOfService(node) ? byEvictionAndCreation(pods.filter(isTerminating)) : [];

const byEvictionAndCreation = (pods: readonly Pod[]): readonly Pod[] => [...pods].sort(sooner);

const isEvicted = ({ status }: Pod): boolean => status.phase === 'Failed' && status.reason === 'Evicted';

function sooner(a: Pod, b: Pod): number {
  const [evictedA, evictedB] = [isEvicted(a), isEvicted(b)];
  if (evictedA !== evictedB) return evictedA ? -1 : 1;
  const [madeA, madeB] = [a.metadata.creationTimestamp, b.metadata.creationTimestamp];
  if (madeA !== madeB) return madeA < madeB ? -1 : 1;
  return a.metadata.name < b.metadata.name ? -1 : 1;
}

/** Its phase says that it runs, which nobody is left to change: it is told that it failed before it is deleted. */
export const mustFailFirst = (pod: Pod): boolean => !isTerminal(pod);
