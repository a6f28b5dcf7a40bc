/**
 * Whether the node takes a Pod that was bound to it. Only the first reason is told: resources (the count of Pods
 * first), affinity, node name, ports, NoExecute taints.
 * (kubernetes v1.34.1 pkg/kubelet/lifecycle/predicate.go, pkg/scheduler/schedule_one AdmissionCheck)
 */
import type { ContainerPort, Pod, Taint } from '../api/generated/types.ts';
import { matchesRequired } from '../api/node-affinity.ts';
import { podRequests, type ResourceAmounts } from '../api/pod-resources.ts';
import { milliValue, wholeValue } from '../text/quantity.ts';
import { planOf } from './plan.ts';

export interface AdmittingNode {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly taints: readonly Taint[];
  readonly allocatable: Readonly<Record<string, string>>;
  readonly allows: Allowance;
}

/** What of it every Pod is measured by, read once. */
interface Allowance {
  readonly pods: number;
  readonly milliCpu: number;
  readonly memory: number;
  readonly ephemeralStorage: number;
}

export const allowanceOf = (allocatable: AdmittingNode['allocatable']): Allowance => ({
  pods: wholeValue(allocatable['pods'] ?? '0'),
  milliCpu: milliValue(allocatable['cpu'] ?? '0'),
  memory: wholeValue(allocatable['memory'] ?? '0'),
  ephemeralStorage: wholeValue(allocatable['ephemeral-storage'] ?? '0'),
});

/** Why a Pod is rejected: its status ends with this reason and `Pod was rejected: ` + message. */
export interface Rejection {
  readonly reason: string;
  readonly message: string;
}

/** What the Pods of a node ask for together. */
export interface Used {
  readonly pods: number;
  readonly milliCpu: number;
  readonly memory: number;
  readonly ephemeralStorage: number;
}

export const unused: Used = { pods: 0, milliCpu: 0, memory: 0, ephemeralStorage: 0 };

/** With one Pod more (1), or one less (-1). */
export const usedWith = (used: Used, amounts: ResourceAmounts, pods: 1 | -1): Used => ({
  pods: used.pods + pods,
  milliCpu: used.milliCpu + pods * amounts.milliCpu,
  memory: used.memory + pods * amounts.memory,
  ephemeralStorage: used.ephemeralStorage + pods * amounts.ephemeralStorage,
});

/**
 * Undefined: the Pod is admitted beside `others`, the Pods that are there and have not ended, and what they use together.
 * Few Pods ask for what makes it necessary to look at each of them.
 */
export function admit(
  pod: Pod,
  node: AdmittingNode,
  used: Used,
  others: () => readonly Pod[],
): Rejection | undefined {
  const os = pod.spec.os?.name;
  if (os !== undefined && os !== (node.labels['kubernetes.io/os'] ?? 'linux'))
    return {
      reason: 'PodOSNotSupported',
      message: "Failed to admit pod as the OS field doesn't match node OS",
    };
  return (
    resourceRejection(pod, node, used, others) ??
    (matchesRequired(pod.spec, { metadata: node })
      ? undefined
      : predicate('NodeAffinity', "node(s) didn't match Pod's node affinity/selector")) ??
    (pod.spec.nodeName === undefined || pod.spec.nodeName === '' || pod.spec.nodeName === node.name
      ? undefined
      : predicate('NodeName', "node(s) didn't match the requested node name")) ??
    (portsAreFree(pod, others)
      ? undefined
      : predicate('NodePorts', "node(s) didn't have free ports for the requested pod ports")) ??
    (toleratesNoExecute(pod, node.taints)
      ? undefined
      : predicate('TaintToleration', "node(s) had taints that the pod didn't tolerate"))
  );
}

const predicate = (name: string, reason: string): Rejection => ({
  reason: name,
  message: `Predicate ${name} failed: ${reason}`,
});

function resourceRejection(
  pod: Pod,
  node: AdmittingNode,
  used: Used,
  others: () => readonly Pod[],
): Rejection | undefined {
  const { allows } = node;
  if (used.pods + 1 > allows.pods) return outOf('pods', 1, used.pods, allows.pods);
  const { milliCpu, memory, ephemeralStorage, scalars } = podRequests(pod);
  return (
    lack('cpu', milliCpu, used.milliCpu, allows.milliCpu) ??
    lack('memory', memory, used.memory, allows.memory) ??
    lack('ephemeral-storage', ephemeralStorage, used.ephemeralStorage, allows.ephemeralStorage) ??
    (hasFields(scalars) ? scalarRejection(scalars, node, others) : undefined)
  );
}

function hasFields(fields: object): boolean {
  for (const _ in fields) return true;
  return false;
}

/** Extended resources that the node does not have are left to the device plugins, as the kubelet does. */
function scalarRejection(
  requests: Readonly<Record<string, number>>,
  node: AdmittingNode,
  others: () => readonly Pod[],
): Rejection | undefined {
  for (const name of Object.keys(requests).sort()) {
    const allowed = node.allocatable[name];
    if (allowed === undefined) continue;
    let used = 0;
    for (const other of others()) used += podRequests(other).scalars[name] ?? 0;
    const rejection = lack(name, requests[name] ?? 0, used, wholeValue(allowed));
    if (rejection !== undefined) return rejection;
  }
  return undefined;
}

function lack(resource: string, requested: number, used: number, capacity: number): Rejection | undefined {
  return requested > 0 && requested > capacity - used
    ? outOf(resource, requested, used, capacity)
    : undefined;
}

const outOf = (resource: string, requested: number, used: number, capacity: number): Rejection => ({
  reason: `OutOf${resource}`,
  message: `Node didn't have enough resource: ${resource}, requested: ${requested}, used: ${used}, capacity: ${capacity}`,
});

function portsAreFree(pod: Pod, others: () => readonly Pod[]): boolean {
  const wanted = planOf(pod.spec).hostPorts;
  if (wanted.length === 0) return true;
  for (const other of others())
    for (const taken of planOf(other.spec).hostPorts)
      if (wanted.some((port) => collide(port, taken))) return false;
  return true;
}

const anyAddress = '0.0.0.0';
const addressOf = (port: ContainerPort): string =>
  port.hostIP === undefined || port.hostIP === '' ? anyAddress : port.hostIP;

function collide(a: ContainerPort, b: ContainerPort): boolean {
  if (a.hostPort !== b.hostPort || (a.protocol ?? 'TCP') !== (b.protocol ?? 'TCP')) return false;
  const [mine, theirs] = [addressOf(a), addressOf(b)];
  return mine === theirs || mine === anyAddress || theirs === anyAddress;
}

function toleratesNoExecute(pod: Pod, taints: readonly Taint[]): boolean {
  for (const taint of taints) {
    if (taint.effect !== 'NoExecute') continue;
    const tolerated = (pod.spec.tolerations ?? []).some(
      (toleration) =>
        (toleration.effect === undefined || toleration.effect === '' || toleration.effect === taint.effect) &&
        (toleration.key === undefined || toleration.key === '' || toleration.key === taint.key) &&
        (toleration.operator === 'Exists' || (toleration.value ?? '') === (taint.value ?? '')),
    );
    if (!tolerated) return false;
  }
  return true;
}
