/**
 * What the scheduler reads of a Pod, worked out once: what depends on the spec alone is remembered by the identity of
 * the spec, which the Pods of one template share.
 */
import { isRestartableInit } from '../api/pod.ts';
import { namedRequests, podRequests, podRequestsWith, type ResourceAmounts } from '../api/pod-resources.ts';
import type { Container, OwnerReference, Pod, PodSpec, PodStatus } from '../api/generated/types.ts';
import { controllerOf, keyOf, type ObjectKey } from '../api/object.ts';

export interface HostPort {
  readonly ip: string;
  readonly protocol: string;
  readonly port: number;
}

export interface PodShape {
  readonly requests: ResourceAmounts;
  /** Extended resources that are asked for, and how much of each: those of which none is asked for are left out. */
  readonly scalars: readonly (readonly [name: string, amount: number])[];
  /** What the Pod counts for on its node when nodes are scored: a container that asks for nothing counts a little. */
  readonly nonZero: ResourceAmounts;
  /**
   * The same while it is being scheduled: NodeResourcesFit does not see the requests of the Pod as a whole then
   * (v1.34.1 does not pass the feature gate on to its scorer).
   */
  readonly scored: ResourceAmounts;
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
  /** As they were when the Pod was queued or bound: no default plugin reads them. */
  readonly annotations: Readonly<Record<string, string>> | undefined;
  readonly spec: PodSpec;
  readonly priority: number;
  readonly terminating: boolean;
  readonly controller: OwnerReference | undefined;
  /** Empty while the Pod waits. */
  readonly nodeName: string;
  readonly shape: PodShape;
}

export const priorityOf = (pod: Pod): number => pod.spec.priority ?? 0;

export function podInfoOf(pod: Pod): PodInfo {
  const shape = wasGiven(pod.status) ? newShape(pod.spec, pod.status) : shapeOf(pod.spec);
  return podInfoWith(pod, pod.spec, shape, pod.spec.nodeName ?? '');
}

/** Whether the status says what a container was given, which may differ from what it asks for. */
export const wasGiven = (status: PodStatus): boolean =>
  (status.containerStatuses?.some(({ resources }) => resources !== undefined) ?? false) ||
  (status.initContainerStatuses?.some(({ resources }) => resources !== undefined) ?? false);

/** The same with a spec and a shape that are known already: the API writes a new spec object when it binds a Pod. */
export function podInfoWith(pod: Pod, spec: PodSpec, shape: PodShape, nodeName: string): PodInfo {
  return {
    key: keyOf(pod),
    uid: pod.metadata.uid,
    namespace: pod.metadata.namespace ?? 'default',
    labels: pod.metadata.labels,
    annotations: pod.metadata.annotations,
    spec,
    priority: priorityOf(pod),
    terminating: pod.metadata.deletionTimestamp !== undefined,
    controller: controllerOf(pod),
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
    annotations: info.annotations,
    spec: info.spec,
    priority: info.priority,
    terminating: info.terminating,
    controller: info.controller,
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

type Labels = PodInfo['labels'];

export function sameLabels(a: Labels, b: Labels): boolean {
  if (a === b) return true;
  const names = Object.keys(a ?? {});
  return names.length === Object.keys(b ?? {}).length && names.every((name) => a?.[name] === b?.[name]);
}

const remembered = new WeakMap<PodSpec, PodShape>();

export function shapeOf(spec: PodSpec): PodShape {
  let shape = remembered.get(spec);
  if (shape === undefined) {
    shape = newShape(spec);
    remembered.set(spec, shape);
  }
  return shape;
}

/** With a status the resources that the containers were given count too. */
function newShape(spec: PodSpec, status?: PodStatus): PodShape {
  const requests = status === undefined ? podRequests({ spec }) : podRequestsWith(spec, { status });
  const scalars: (readonly [string, number])[] = [];
  for (const name of Object.keys(requests.scalars).sort()) {
    const amount = requests.scalars[name] ?? 0;
    if (amount > 0) scalars.push([name, amount]);
  }
  const plain = status === undefined && namesAll(spec);
  return {
    requests,
    scalars,
    scored: plain ? requests : podRequestsWith(spec, { defaults, withoutPodLevel: true }),
    nonZero: plain ? requests : nonZeroOf(spec, status),
    hostPorts: hostPortsOf(spec),
    images: [...(spec.initContainers ?? []), ...spec.containers].map((container) =>
      normalizedImage(container.image ?? ''),
    ),
  };
}

/** kubernetes v1.34.1 pkg/scheduler/util/pod_resources.go: 100m and 200 MiB, not the 200 MB of the comment there. */
const defaults = { cpu: '100m', memory: '200Mi' };

/** Whether no container leaves room for a default, and nothing is asked for the Pod as a whole. */
const namesAll = (spec: PodSpec): boolean =>
  spec.resources === undefined &&
  [...(spec.initContainers ?? []), ...spec.containers].every(
    ({ resources }) =>
      resources?.requests?.['cpu'] !== undefined && resources.requests['memory'] !== undefined,
  );

/**
 * With a default for every container that names none; where the Pod as a whole asks, only for what is asked for nowhere
 * in it. (kubernetes v1.34.1 pkg/scheduler/framework/types.go, calculateResource and getNonMissingContainerRequests)
 */
function nonZeroOf(spec: PodSpec, status: PodStatus | undefined): ResourceAmounts {
  if (spec.resources?.requests === undefined) return podRequestsWith(spec, { defaults, status });
  const named = namedRequests(spec);
  const missing = Object.entries(defaults).filter(([name]) => !named.has(name));
  return podRequestsWith(spec, { defaults: Object.fromEntries(missing), status });
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
