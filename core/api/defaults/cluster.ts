/** Defaults of Namespaces, Nodes, Secrets, Events and PriorityClasses. (kubernetes v1.34.1 pkg/apis/core/v1/defaults.go) */
import type { Event, Namespace, Node, NodeStatus, PriorityClass, Secret } from '../generated/types.ts';
import { withQuantityDefaults } from './container.ts';
import { fill, fillZero, mapField } from './fill.ts';

const namespaceLabel = 'kubernetes.io/metadata.name';

export function withNamespaceDefaults(namespace: Namespace): Namespace {
  let result = namespace;
  const name = namespace.metadata.name as string | undefined; // generateName has not made one yet
  if (name !== undefined && name !== '' && namespace.metadata.labels?.[namespaceLabel] === undefined)
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
  return mapField(fill(node, { spec: {}, status: {} }), 'status', (status) => {
    let result = fill(status, { daemonEndpoints: noEndpoints, nodeInfo: noNodeInfo });
    result = mapField(result, 'capacity', withQuantityDefaults);
    if (result.allocatable === undefined && result.capacity !== undefined)
      result = { ...result, allocatable: result.capacity };
    return mapField(result, 'allocatable', withQuantityDefaults);
  });
}

export const withSecretDefaults = (secret: Secret): Secret => fillZero(secret, { type: 'Opaque' });

const nothing = {};

export const withEventDefaults = (event: Event): Event =>
  fill(event, { involvedObject: nothing, source: nothing });

export const withPriorityClassDefaults = (priority: PriorityClass): PriorityClass =>
  fill(priority, { preemptionPolicy: 'PreemptLowerPriority' });
