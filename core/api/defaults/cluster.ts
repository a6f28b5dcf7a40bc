/** Defaults of Namespaces, Nodes, Secrets, Events and PriorityClasses. (kubernetes v1.34.1 pkg/apis/core/v1/defaults.go) */
import type { Event, Lease, Namespace, Node, NodeStatus, PriorityClass, Secret } from '../generated/types.ts';
import { withQuantityDefaults } from './container.ts';
import { fill, fillZero, mapField, omit } from './fill.ts';

const namespaceLabel = 'kubernetes.io/metadata.name';

export function withNamespaceDefaults(namespace: Namespace): Namespace {
  let result = namespace;
  const name = namespace.metadata.name as string | undefined; // generateName has not made one yet
  if (name !== undefined && name !== '' && namespace.metadata.labels?.[namespaceLabel] !== name)
    result = {
      ...result,
      metadata: { ...result.metadata, labels: { ...result.metadata.labels, [namespaceLabel]: name } },
    };
  return mapField(fill(result, { spec: {}, status: {} }), 'status', (status) =>
    fillZero(status, { phase: 'Active' }),
  );
}

const noNodeInfo: NonNullable<NodeStatus['nodeInfo']> = {
  architecture: '',
  bootID: '',
  containerRuntimeVersion: '',
  kernelVersion: '',
  kubeProxyVersion: '',
  kubeletVersion: '',
  machineID: '',
  operatingSystem: '',
  osImage: '',
  systemUUID: '',
};
const noEndpoints = { kubeletEndpoint: { Port: 0 } };

/** A node offers all it has, unless it says otherwise. */
export function withNodeDefaults(node: Node): Node {
  return mapField(withFirstPodCIDR(fill(node, { spec: {}, status: {} })), 'status', (status) => {
    let result = fill(status, { daemonEndpoints: noEndpoints, nodeInfo: noNodeInfo });
    result = mapField(result, 'capacity', withQuantityDefaults);
    if (result.allocatable === undefined && result.capacity !== undefined)
      result = { ...result, allocatable: result.capacity };
    return mapField(result, 'allocatable', withQuantityDefaults);
  });
}

/** `podCIDR` is the first of `podCIDRs`; where they differ it is the only one (pkg/apis/core/v1/conversion.go). */
const withFirstPodCIDR = (node: Node): Node =>
  mapField(node, 'spec', (spec) => {
    const first = spec.podCIDRs?.[0];
    if (spec.podCIDR === undefined)
      return first === undefined || first === '' ? spec : { ...spec, podCIDR: first };
    return spec.podCIDR === first ? spec : { ...spec, podCIDRs: [spec.podCIDR] };
  });

/** `stringData` is written into `data`, and never read back. */
export function withSecretDefaults(secret: Secret): Secret {
  const { stringData } = secret;
  const result = fillZero(secret, { type: 'Opaque' });
  if (stringData === undefined) return result;
  const data: Record<string, string> = { ...result.data };
  for (const key of Object.keys(stringData)) data[key] = base64(stringData[key] ?? '');
  return omit({ ...result, data }, 'stringData');
}

function base64(text: string): string {
  let bytes = '';
  for (const byte of new TextEncoder().encode(text)) bytes += String.fromCharCode(byte);
  return btoa(bytes);
}

const nothing = {};

/** What Go writes of every Event, whatever was given: structs, times, and the two fields without `omitempty`. */
const everyEvent = {
  involvedObject: nothing,
  source: nothing,
  firstTimestamp: null,
  lastTimestamp: null,
  eventTime: null,
  reportingComponent: '',
  reportingInstance: '',
} as unknown as Partial<Event>;

export const withEventDefaults = (event: Event): Event => fill(event, everyEvent);

/** Its fields are all optional. */
export const withLeaseDefaults = (lease: Lease): Lease => fill(lease, { spec: nothing });

export const withPriorityClassDefaults = (priority: PriorityClass): PriorityClass =>
  fill(priority, { value: 0, preemptionPolicy: 'PreemptLowerPriority' });
