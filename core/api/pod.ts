/** What every component asks of a Pod. (kubernetes v1.34.1 pkg/api/v1/pod/util.go, pkg/apis/core/helper/qos/qos.go) */
import { second, parseTimeText, type VirtualTime } from '../time/time.ts';
import type { Container, Pod, PodCondition, ResourceRequirements } from './generated/types.ts';
import { milliValue, wholeValue } from '../text/quantity.ts';
import type { NewObject } from './request.ts';

/** The condition of a type in a Pod's or a Node's status, or any other list of conditions. */
export function conditionOf<C extends { readonly type: string }>(
  status: { readonly conditions?: readonly C[] | undefined } | undefined,
  type: string,
): C | undefined {
  const conditions = status?.conditions;
  if (conditions === undefined) return undefined;
  for (const condition of conditions) if (condition.type === type) return condition;
  return undefined;
}

const readyCondition = (pod: Pod): PodCondition | undefined => conditionOf(pod.status, 'Ready');

/** The Ready condition is True. */
export const isPodReady = (pod: Pod): boolean => readyCondition(pod)?.status === 'True';

/** Ready, and has been for more than `minReadySeconds`. */
export function isPodAvailable(pod: Pod, minReadySeconds: number, now: VirtualTime): boolean {
  const ready = readyCondition(pod);
  if (ready?.status !== 'True') return false;
  if (minReadySeconds === 0) return true;
  const since = ready.lastTransitionTime === undefined ? undefined : parseTimeText(ready.lastTransitionTime);
  return since !== undefined && since + minReadySeconds * second < now;
}

/** Its containers have ended for good: phase Succeeded or Failed. */
export function isTerminal(pod: Pod): boolean {
  const phase = pod.status.phase;
  return phase === 'Succeeded' || phase === 'Failed';
}

/** Neither ended nor being deleted: counts as a replica. */
export const isPodActive = (pod: Pod): boolean =>
  !isTerminal(pod) && pod.metadata.deletionTimestamp === undefined;

/** A container that restarts by its own policy: an init container that stays, a sidecar. */
export const isRestartableInit = (container: Container): boolean => container.restartPolicy === 'Always';

export type QosClass = 'Guaranteed' | 'Burstable' | 'BestEffort';

const qosClasses = new WeakMap<Pod['spec'], QosClass>();

/** Guaranteed, Burstable or BestEffort: the status has the answer once the Pod was admitted. */
export function qosClassOf(
  pod: Pick<Pod, 'spec'> & { readonly status?: Pod['status'] | undefined },
): QosClass {
  const decided = pod.status?.qosClass;
  if (decided === 'Guaranteed' || decided === 'Burstable' || decided === 'BestEffort') return decided;
  let found = qosClasses.get(pod.spec);
  if (found === undefined) {
    found = qosClassOfSpec(pod.spec);
    qosClasses.set(pod.spec, found);
  }
  return found;
}

/** Resources that count for the class; others do not. */
const qosResources = ['cpu', 'memory'] as const;

function qosClassOfSpec(spec: Pod['spec']): QosClass {
  const podLevel = spec.resources;
  const parts: readonly (ResourceRequirements | undefined)[] =
    podLevel !== undefined && (podLevel.requests !== undefined || podLevel.limits !== undefined)
      ? [podLevel]
      : [...spec.containers, ...(spec.initContainers ?? [])].map((container) => container.resources);
  let guaranteed = true;
  let any = false;
  for (const resource of qosResources) {
    const [requests, limits] = [amounts(parts, 'requests', resource), amounts(parts, 'limits', resource)];
    if (requests.count + limits.count > 0) any = true;
    // Every part must have both limits, and the sums must be equal.
    if (limits.count !== parts.length || requests.sum !== limits.sum) guaranteed = false;
  }
  if (!any) return 'BestEffort';
  return guaranteed ? 'Guaranteed' : 'Burstable';
}

function amounts(
  parts: readonly (ResourceRequirements | undefined)[],
  list: 'requests' | 'limits',
  resource: 'cpu' | 'memory',
): { readonly sum: number; readonly count: number } {
  let [sum, count] = [0, 0];
  for (const part of parts) {
    const text = part?.[list]?.[resource];
    const amount = text === undefined ? 0 : resource === 'cpu' ? milliValue(text) : wholeValue(text);
    if (amount <= 0) continue;
    sum += amount;
    count++;
  }
  return { sum, count };
}

/** Whether a Pod stands for one that a kubelet has from a file. */
export const isMirror = ({ metadata }: Pick<NewObject, 'metadata'>): boolean =>
  metadata.annotations?.['kubernetes.io/config.mirror'] !== undefined;
