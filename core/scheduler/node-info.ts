/**
 * A node as the scheduler reckons with it: what it has, and what the Pods on it (bound or assumed) ask for. A value: a
 * Pod more or less makes a new one, which shares the rest.
 */
import { isScalarResource } from '../api/pod-resources.ts';
import type { Node } from '../api/generated/types.ts';
import { milliValue, wholeValue } from '../text/quantity.ts';
import type { HostPort, PodInfo } from './pod-info.ts';

type Amounts = Readonly<Record<string, number>>;

/** What a node can give to Pods. Cpu in thousandths, memory and storage in bytes. */
export interface Allocatable {
  readonly milliCpu: number;
  readonly memory: number;
  readonly ephemeralStorage: number;
  readonly pods: number;
  readonly scalars: Amounts;
}

export interface NodeInfo {
  readonly name: string;
  /** Absent: Pods are bound to it, but the node itself has not been heard of. */
  readonly node: Node | undefined;
  readonly allocatable: Allocatable;
  /** Sizes in bytes of the images on the node, by every name they have. */
  readonly images: Amounts;
  readonly pods: readonly PodInfo[];
  /** Those of them with affinity to Pods or anti-affinity, and those with required anti-affinity. */
  readonly podsWithAffinity: readonly PodInfo[];
  readonly podsWithRequiredAntiAffinity: readonly PodInfo[];
  readonly milliCpu: number;
  readonly memory: number;
  readonly ephemeralStorage: number;
  readonly scalars: Amounts;
  readonly nonZeroMilliCpu: number;
  readonly nonZeroMemory: number;
  readonly hostPorts: readonly HostPort[];
}

const nothing: Amounts = {};
const noPods: readonly PodInfo[] = [];
const noAllocatable: Allocatable = { milliCpu: 0, memory: 0, ephemeralStorage: 0, pods: 0, scalars: nothing };

export function emptyNodeInfo(name: string): NodeInfo {
  return {
    name,
    node: undefined,
    allocatable: noAllocatable,
    images: nothing,
    pods: noPods,
    podsWithAffinity: noPods,
    podsWithRequiredAntiAffinity: noPods,
    milliCpu: 0,
    memory: 0,
    ephemeralStorage: 0,
    scalars: nothing,
    nonZeroMilliCpu: 0,
    nonZeroMemory: 0,
    hostPorts: [],
  };
}

/** The info with the node as it is now (or without one, when it is gone): its Pods stay. */
export function withNode(info: NodeInfo, node: Node | undefined): NodeInfo {
  const before = info.node;
  const allocatable = node?.status.allocatable;
  const images = node?.status.images;
  return {
    ...info,
    node,
    allocatable:
      before !== undefined && before.status.allocatable === allocatable
        ? info.allocatable
        : allocatableOf(allocatable),
    images: before !== undefined && before.status.images === images ? info.images : imagesOf(images),
  };
}

export function allocatableOf(quantities: Readonly<Record<string, string>> | undefined): Allocatable {
  if (quantities === undefined) return noAllocatable;
  const scalars: Record<string, number> = {};
  for (const name of Object.keys(quantities))
    if (isScalarResource(name)) scalars[name] = wholeValue(quantities[name] ?? '0');
  return {
    milliCpu: milliValue(quantities['cpu'] ?? '0'),
    memory: wholeValue(quantities['memory'] ?? '0'),
    ephemeralStorage: wholeValue(quantities['ephemeral-storage'] ?? '0'),
    pods: wholeValue(quantities['pods'] ?? '0'),
    scalars,
  };
}

function imagesOf(images: Node['status']['images']): Amounts {
  if (images === undefined || images.length === 0) return nothing;
  const sizes: Record<string, number> = {};
  for (const image of images) for (const name of image.names ?? []) sizes[name] = image.sizeBytes ?? 0;
  return sizes;
}

export function withPod(info: NodeInfo, pod: PodInfo): NodeInfo {
  const { hostPorts } = pod.shape;
  return charged(info, pod, 1, {
    pods: [...info.pods, pod],
    podsWithAffinity: hasAffinity(pod) ? [...info.podsWithAffinity, pod] : info.podsWithAffinity,
    podsWithRequiredAntiAffinity: hasRequiredAntiAffinity(pod)
      ? [...info.podsWithRequiredAntiAffinity, pod]
      : info.podsWithRequiredAntiAffinity,
    hostPorts: hostPorts.length === 0 ? info.hostPorts : [...info.hostPorts, ...hostPorts],
  });
}

export function withoutPod(info: NodeInfo, pod: PodInfo): NodeInfo {
  const others = (list: readonly PodInfo[]): readonly PodInfo[] =>
    list.filter((other) => other.uid !== pod.uid);
  return charged(info, pod, -1, {
    pods: others(info.pods),
    podsWithAffinity: hasAffinity(pod) ? others(info.podsWithAffinity) : info.podsWithAffinity,
    podsWithRequiredAntiAffinity: hasRequiredAntiAffinity(pod)
      ? others(info.podsWithRequiredAntiAffinity)
      : info.podsWithRequiredAntiAffinity,
    hostPorts: pod.shape.hostPorts.length === 0 ? info.hostPorts : freed(info.hostPorts, pod.shape.hostPorts),
  });
}

/** A port is used or it is not: a second Pod that was let in with it all the same does not keep it. (HostPortInfo) */
const freed = (used: readonly HostPort[], ports: readonly HostPort[]): readonly HostPort[] =>
  used.filter(
    (port) =>
      !ports.some(
        (other) => other.port === port.port && other.protocol === port.protocol && other.ip === port.ip,
      ),
  );

const hasAffinity = ({ spec: { affinity } }: PodInfo): boolean =>
  affinity !== undefined && (affinity.podAffinity !== undefined || affinity.podAntiAffinity !== undefined);

const hasRequiredAntiAffinity = ({ spec: { affinity } }: PodInfo): boolean =>
  affinity !== undefined &&
  (affinity.podAntiAffinity?.requiredDuringSchedulingIgnoredDuringExecution ?? []).length > 0;

type Lists = Pick<NodeInfo, 'pods' | 'podsWithAffinity' | 'podsWithRequiredAntiAffinity' | 'hostPorts'>;

function charged(info: NodeInfo, pod: PodInfo, sign: 1 | -1, lists: Lists): NodeInfo {
  const { requests, nonZero, scalars } = pod.shape;
  return {
    name: info.name,
    node: info.node,
    allocatable: info.allocatable,
    images: info.images,
    pods: lists.pods,
    podsWithAffinity: lists.podsWithAffinity,
    podsWithRequiredAntiAffinity: lists.podsWithRequiredAntiAffinity,
    milliCpu: info.milliCpu + sign * requests.milliCpu,
    memory: info.memory + sign * requests.memory,
    ephemeralStorage: info.ephemeralStorage + sign * requests.ephemeralStorage,
    scalars: scalars.length === 0 ? info.scalars : chargedScalars(info.scalars, scalars, sign),
    nonZeroMilliCpu: info.nonZeroMilliCpu + sign * nonZero.milliCpu,
    nonZeroMemory: info.nonZeroMemory + sign * nonZero.memory,
    hostPorts: lists.hostPorts,
  };
}

function chargedScalars(
  before: Amounts,
  scalars: readonly (readonly [string, number])[],
  sign: 1 | -1,
): Amounts {
  const after: Record<string, number> = { ...before };
  for (const [name, amount] of scalars) after[name] = (after[name] ?? 0) + sign * amount;
  return after;
}
