/**
 * What the EndpointSlices of a Service should hold, and what is to be written for it (kubernetes v1.34.1
 * staging/src/k8s.io/endpointslice/reconciler.go and utils.go).
 */
import type { Endpoint, EndpointSlice, Node, Pod, Service } from '../api/generated/types.ts';
import { same } from '../api/merge-patch.ts';
import { isPodReady } from '../api/pod.ts';
import { headlessLabel, isEndpoint, isHeadless, publishedHostname, targetPort } from './service-pods.ts';
import { planSlices, portsName, type Desired, type Ports, type SlicePlan } from './slice-reconcile.ts';
import { withoutHints, withTopologyHints, type ByZone } from './topology-hints.ts';
import { isTrafficDistribution, withTrafficHints } from './traffic-distribution.ts';

export const serviceName = 'kubernetes.io/service-name';
export const managedBy = 'endpointslice.kubernetes.io/managed-by';
export const manager = 'endpointslice-controller.k8s.io';

export interface Reconciliation extends SlicePlan {
  readonly events: readonly {
    readonly type: 'Normal' | 'Warning';
    readonly reason: string;
    readonly message: string;
  }[];
  readonly errors: readonly string[];
  /** How many hints each zone has by the annotation; undefined: none are given. */
  readonly hinted: ByZone | undefined;
}

/** What a sync of a Service writes. `hinted`: what it gave before; `shares`: what each zone should have. */
export function reconcile(
  service: Service,
  pods: readonly Pod[],
  existing: readonly EndpointSlice[],
  nodeOf: (name: string) => Node | undefined,
  hinted: ByZone | undefined,
  shares: () => ByZone | undefined,
  limit?: number,
): Reconciliation {
  const { desired, errors } = desiredOf(service, pods, nodeOf);
  const own = existing.filter((slice) => isOwn(slice, service));
  const events: Reconciliation['events'][number][] = [];
  let allocated: ByZone | undefined;
  const say = (type: 'Normal' | 'Warning', what: string): void => {
    const reason = type === 'Normal' ? 'TopologyAwareHintsEnabled' : 'TopologyAwareHintsDisabled';
    events.push({ type, reason, message: `${what}, addressType: ${addressTypeOf(service)}` });
  };
  const plan = planSlices(
    own,
    desired,
    (slice) => labelled(slice, service),
    limit,
    (slices) => {
      if (isByAnnotation(service)) {
        const given = withTopologyHints(slices, shares());
        allocated = given.allocated;
        if (given.refusal !== undefined) say('Warning', given.refusal);
        else if (hinted === undefined) say('Normal', 'Topology Aware Hints has been enabled');
        return given;
      }
      if (hinted !== undefined) say('Warning', 'Topology Aware Hints has been disabled');
      const { trafficDistribution } = service.spec;
      return isTrafficDistribution(trafficDistribution)
        ? withTrafficHints(slices, trafficDistribution)
        : withoutHints(slices);
    },
  );
  const foreign = existing.filter((slice) => !isOwn(slice, service));
  return { ...plan, delete: [...foreign, ...plan.delete], events, errors, hinted: allocated };
}

/** Slices of a Service that had this name before are deleted. */
const isOwn = ({ metadata }: EndpointSlice, service: Service): boolean =>
  (metadata.ownerReferences ?? []).some(
    ({ uid, kind, apiVersion }) => uid === service.metadata.uid && kind === 'Service' && apiVersion === 'v1',
  );

function isByAnnotation({ metadata: { annotations = {} } }: Service): boolean {
  const mode =
    annotations['service.kubernetes.io/topology-aware-hints'] ??
    annotations['service.kubernetes.io/topology-mode'];
  return mode === 'Auto' || mode === 'auto';
}

export const addressTypeOf = ({ spec }: Service): string =>
  (spec.ipFamilies ?? [])[0] === 'IPv6' ? 'IPv6' : 'IPv4';

const reserved: ReadonlySet<string> = new Set([serviceName, managedBy, headlessLabel]);

export function labelsFor(service: Service): Readonly<Record<string, string>> {
  const labels: Record<string, string> = {};
  for (const [label, value] of Object.entries(service.metadata.labels ?? {}))
    if (!reserved.has(label)) labels[label] = value;
  labels[serviceName] = service.metadata.name;
  labels[managedBy] = manager;
  if (isHeadless(service)) labels[headlessLabel] = '';
  return labels;
}

function labelled(slice: EndpointSlice, service: Service): EndpointSlice {
  const labels = labelsFor(service);
  return same(labels, slice.metadata.labels) ? slice : { ...slice, metadata: { ...slice.metadata, labels } };
}

/** The endpoints there should be, by their ports. A Pod whose Node is not known yet is left out, and looked at again. */
function desiredOf(
  service: Service,
  pods: readonly Pod[],
  nodeOf: (name: string) => Node | undefined,
): { readonly desired: readonly Desired[]; readonly errors: readonly string[] } {
  const groups = new Map<string, { readonly ports: Ports; readonly endpoints: Endpoint[] }>();
  const errors: string[] = [];
  const { namespace = '', name: called } = service.metadata;
  for (const pod of pods) {
    if (!isEndpoint(pod, true)) continue;
    const ports = portsOf(service, pod);
    const name = portsName(ports);
    const group = groups.get(name) ?? { ports, endpoints: [] };
    groups.set(name, group);
    const { nodeName = '' } = pod.spec;
    const node = nodeOf(nodeName);
    if (node === undefined && service.spec.publishNotReadyAddresses !== true)
      errors.push(
        `skipping Pod ${pod.metadata.name} for Service ${namespace}/${called}: Node ${nodeName} Not Found`,
      );
    else
      group.endpoints.push(endpointOf(service, pod, node?.metadata.labels?.['topology.kubernetes.io/zone']));
  }
  return { desired: [...groups.values()], errors };
}

function portsOf(service: Service, pod: Pod): Ports {
  const ports: Ports[number][] = [];
  for (const port of service.spec.ports ?? []) {
    const number = targetPort(pod, port);
    if (number === undefined) continue;
    ports.push({
      name: port.name ?? '',
      port: number,
      protocol: port.protocol ?? 'TCP',
      ...(port.appProtocol === undefined ? {} : { appProtocol: port.appProtocol }),
    });
  }
  return ports;
}

function endpointOf(service: Service, pod: Pod, zone: string | undefined): Endpoint {
  const serving = isPodReady(pod);
  const terminating = pod.metadata.deletionTimestamp !== undefined;
  const ready = service.spec.publishNotReadyAddresses === true || (serving && !terminating);
  const hostname = publishedHostname(pod, service);
  const { namespace, name, uid } = pod.metadata;
  return {
    addresses: [pod.status.podIP ?? ''],
    conditions: { ready, serving, terminating },
    ...(hostname === undefined ? {} : { hostname }),
    ...(pod.spec.nodeName === undefined ? {} : { nodeName: pod.spec.nodeName }),
    targetRef: { kind: 'Pod', namespace, name, uid },
    ...(zone === undefined ? {} : { zone }),
  };
}
