/**
 * What the scheduler reads of a Pod, worked out once: what depends on the spec alone is remembered by the identity of
 * the spec, which the Pods of one template share.
 */
import { isRestartableInit } from '../api/pod.ts';
import { podRequests, type ResourceAmounts } from '../api/pod-resources.ts';
import type { Container, Pod, PodSpec } from '../api/generated/types.ts';
import { keyOf, type ObjectKey } from '../api/object.ts';
import { milliValue, wholeValue } from '../api/quantity.ts';

export interface HostPort {
  readonly ip: string;
  readonly protocol: string;
  readonly port: number;
}

/** Cpu in thousandths, memory in bytes. */
export interface CpuAndMemory {
  readonly milliCpu: number;
  readonly memory: number;
}

export interface PodShape {
  readonly requests: ResourceAmounts;
  /** Extended resources that are asked for, and how much of each: those of which none is asked for are left out. */
  readonly scalars: readonly (readonly [name: string, amount: number])[];
  /** What the Pod counts for on its node when nodes are scored: a container that asks for nothing counts a little. */
  readonly nonZero: CpuAndMemory;
  /** The same while it is being scheduled: NodeResourcesFit does not see the requests of the Pod as a whole then. */
  readonly incomingNonZero: CpuAndMemory;
  readonly hostPorts: readonly HostPort[];
  /** Images of the init containers and the containers, as often as each is named. */
  readonly images: readonly string[];
}

/** A Pod as the plugins see it: waiting, assumed on a node, or bound. */
export interface PodInfo {
  readonly key: ObjectKey;
  readonly uid: string;
  readonly namespace: string;
  readonly labels: Readonly<Record<string, string>> | undefined;
  readonly spec: PodSpec;
  readonly priority: number;
  readonly terminating: boolean;
  /** Empty while the Pod waits. */
  readonly nodeName: string;
  readonly shape: PodShape;
}

export const priorityOf = (pod: Pod): number => pod.spec.priority ?? 0;

export function podInfoOf(pod: Pod): PodInfo {
  return podInfoWith(pod, pod.spec, shapeOf(pod.spec), pod.spec.nodeName ?? '');
}

/** The same with a spec and a shape that are known already: the API writes a new spec object when it binds a Pod. */
export function podInfoWith(pod: Pod, spec: PodSpec, shape: PodShape, nodeName: string): PodInfo {
  return {
    key: keyOf(pod),
    uid: pod.metadata.uid,
    namespace: pod.metadata.namespace ?? 'default',
    labels: pod.metadata.labels,
    spec,
    priority: priorityOf(pod),
    terminating: pod.metadata.deletionTimestamp !== undefined,
    nodeName,
    shape,
  };
}

export function placedOn(info: PodInfo, nodeName: string): PodInfo {
  return {
    key: info.key,
    uid: info.uid,
    namespace: info.namespace,
    labels: info.labels,
    spec: info.spec,
    priority: info.priority,
    terminating: info.terminating,
    nodeName,
    shape: info.shape,
  };
}

/** True when two specs certainly ask for the same: what a shape is made of is the same object in both. */
export const sameShape = (a: PodSpec, b: PodSpec): boolean =>
  a === b ||
  (a.containers === b.containers &&
    a.initContainers === b.initContainers &&
    a.overhead === b.overhead &&
    a.resources === b.resources);

const remembered = new WeakMap<PodSpec, PodShape>();

export function shapeOf(spec: PodSpec): PodShape {
  let shape = remembered.get(spec);
  if (shape === undefined) {
    shape = newShape(spec);
    remembered.set(spec, shape);
  }
  return shape;
}

function newShape(spec: PodSpec): PodShape {
  const requests = podRequests({ spec });
  const scalars: (readonly [string, number])[] = [];
  for (const name of Object.keys(requests.scalars).sort()) {
    const amount = requests.scalars[name] ?? 0;
    if (amount > 0) scalars.push([name, amount]);
  }
  const incomingNonZero = nonZeroOf(spec, true, true);
  return {
    requests,
    scalars,
    incomingNonZero,
    nonZero: spec.resources?.requests === undefined ? incomingNonZero : placedNonZero(spec),
    hostPorts: hostPortsOf(spec),
    images: [...(spec.initContainers ?? []), ...spec.containers].map((container) =>
      normalizedImage(container.image ?? ''),
    ),
  };
}

/** kubernetes v1.34.1 pkg/scheduler/util/pod_resources.go: 100m and 200 MiB, not the 200 MB of the comment there. */
const defaultMilliCpu = 100;
const defaultMemory = 200 * 1024 * 1024;

/**
 * Requests with a default for every container that names none. (kubernetes v1.34.1 pkg/scheduler/framework/types.go,
 * calculateResource)
 */
function nonZeroOf(spec: PodSpec, cpuDefault: boolean, memoryDefault: boolean): CpuAndMemory {
  const cpuOf = (container: Container): number => {
    const text = container.resources?.requests?.['cpu'];
    return text === undefined ? (cpuDefault ? defaultMilliCpu : 0) : milliValue(text);
  };
  const memoryOf = (container: Container): number => {
    const text = container.resources?.requests?.['memory'];
    return text === undefined ? (memoryDefault ? defaultMemory : 0) : wholeValue(text);
  };
  return {
    milliCpu: largestStep(spec, cpuOf) + milliValue(spec.overhead?.['cpu'] ?? '0'),
    memory: largestStep(spec, memoryOf) + wholeValue(spec.overhead?.['memory'] ?? '0'),
  };
}

/** The most one step of the Pod's life needs: an init container with the sidecars before it, or everything that stays. */
function largestStep(spec: PodSpec, amountOf: (container: Container) => number): number {
  let total = 0;
  for (const container of spec.containers) total += amountOf(container);
  let sidecars = 0;
  let peak = 0;
  for (const container of spec.initContainers ?? []) {
    const amount = amountOf(container);
    peak = Math.max(peak, sidecars + amount);
    if (isRestartableInit(container)) sidecars += amount;
  }
  return Math.max(total + sidecars, peak);
}

/** With requests of the Pod as a whole a default stands only for what is asked for nowhere in the Pod. */
function placedNonZero(spec: PodSpec): CpuAndMemory {
  const whole = spec.resources?.requests ?? {};
  const everyContainer = [...spec.containers, ...(spec.initContainers ?? [])];
  const named = (resource: string): boolean =>
    whole[resource] !== undefined ||
    everyContainer.some((container) => container.resources?.requests?.[resource] !== undefined);
  const amounts = nonZeroOf(spec, !named('cpu'), !named('memory'));
  const overhead = spec.overhead ?? {};
  return {
    milliCpu:
      whole['cpu'] === undefined
        ? amounts.milliCpu
        : milliValue(whole['cpu']) + milliValue(overhead['cpu'] ?? '0'),
    memory:
      whole['memory'] === undefined
        ? amounts.memory
        : wholeValue(whole['memory']) + wholeValue(overhead['memory'] ?? '0'),
  };
}

/** Sidecars count, plain init containers do not. (kubernetes v1.34.1 pkg/scheduler/util/utils.go, GetHostPorts) */
function hostPortsOf(spec: PodSpec): readonly HostPort[] {
  const ports: HostPort[] = [];
  const collect = (container: Container): void => {
    for (const port of container.ports ?? [])
      if (port.hostPort !== undefined && port.hostPort > 0)
        ports.push({ ip: port.hostIP || '0.0.0.0', protocol: port.protocol || 'TCP', port: port.hostPort });
  };
  for (const container of spec.initContainers ?? []) if (isRestartableInit(container)) collect(container);
  for (const container of spec.containers) collect(container);
  return ports;
}

/** An image without a tag is `:latest`. (kubernetes v1.34.1 plugins/imagelocality/image_locality.go) */
export const normalizedImage = (name: string): string =>
  name.lastIndexOf(':') <= name.lastIndexOf('/') ? `${name}:latest` : name;
