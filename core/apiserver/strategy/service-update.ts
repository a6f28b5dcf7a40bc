/**
 * What an update of a Service keeps of what was allocated before, and what it loses because its new type has no use for it.
 * (kubernetes v1.34.1 pkg/registry/core/service/storage/storage.go patchAllocatedValues, strategy.go dropTypeDependentFields)
 */
import { same } from '../../api/merge-patch.ts';
import type { ServicePort, ServiceSpec } from '../../api/generated/types.ts';
import type { Fields, Stored } from './stored.ts';

export const needsAddress = ({ type }: ServiceSpec): boolean => type !== 'ExternalName';

export const needsPorts = ({ type, allocateLoadBalancerNodePorts = true }: ServiceSpec): boolean =>
  type === 'NodePort' || (type === 'LoadBalancer' && allocateLoadBalancerNodePorts);

const isBalanced = ({ type }: ServiceSpec): boolean => type === 'LoadBalancer';

const needsHealthCheck = (spec: ServiceSpec): boolean =>
  isBalanced(spec) && spec.externalTrafficPolicy === 'Local';

const isReachedFromOutside = ({ type = 'ClusterIP', externalIPs = [] }: ServiceSpec): boolean =>
  type === 'LoadBalancer' || type === 'NodePort' || (type === 'ClusterIP' && externalIPs.length > 0);

export function updateService(next: Stored, current: Stored): Stored {
  const [spec, was] = [next.spec as ServiceSpec | undefined, current.spec as ServiceSpec | undefined];
  if (spec === undefined || was === undefined) return next;
  return { ...next, spec: withoutUseless(withAllocated(spec, was), was) as unknown as Fields };
}

/** What is not mentioned and was allocated before stays. */
function withAllocated(spec: ServiceSpec, was: ServiceSpec): ServiceSpec {
  if (!needsAddress(spec) || !needsAddress(was)) return spec;
  const address = spec.clusterIP === undefined || spec.clusterIP === '' ? was.clusterIP : spec.clusterIP;
  // A client that knows one address changes the first of several. (normalizeClusterIPs)
  const given = same(spec.clusterIPs, was.clusterIPs) ? undefined : spec.clusterIPs;
  return {
    ...spec,
    clusterIP: address,
    clusterIPs:
      given ?? (address === was.clusterIP ? was.clusterIPs : address === undefined ? undefined : [address]),
    ipFamilies: spec.ipFamilies ?? was.ipFamilies,
    ipFamilyPolicy: spec.ipFamilyPolicy ?? was.ipFamilyPolicy,
    internalTrafficPolicy: spec.internalTrafficPolicy ?? was.internalTrafficPolicy,
    ports: needsPorts(spec) && needsPorts(was) ? portsLike(was.ports, spec.ports) : spec.ports,
  };
}

/** A port without a node port has that of the port of its name before, unless another one has it now. */
function portsLike(
  before: readonly ServicePort[] = [],
  after: readonly ServicePort[] | undefined,
): readonly ServicePort[] | undefined {
  const had = new Set(before.map(({ nodePort }) => nodePort));
  const used = new Set(after?.map(({ nodePort }) => nodePort).filter((port) => had.has(port)));
  return after?.map((port) => {
    const { nodePort = before.findLast(({ name = '' }) => name === (port.name ?? ''))?.nodePort } = port;
    if (port.nodePort !== undefined || nodePort === undefined || used.has(nodePort)) return port;
    used.add(nodePort);
    return { ...port, nodePort };
  });
}

/** What the type before needed and the new one does not, where nobody has changed it. */
function withoutUseless(spec: ServiceSpec, was: ServiceSpec): ServiceSpec {
  const lost = (needs: (which: ServiceSpec) => boolean, field: keyof ServiceSpec): boolean =>
    needs(was) && !needs(spec) && spec[field] !== undefined && same(spec[field], was[field]);
  const useless = ([needs, fields]: Needed): readonly (keyof ServiceSpec)[] =>
    fields.filter((field) => lost(needs, field));
  const gone = new Set<string>(typeDependent.flatMap(useless));
  const left =
    gone.size === 0
      ? spec
      : (Object.fromEntries(Object.entries(spec).filter(([field]) => !gone.has(field))) as ServiceSpec);
  const had = new Set(was.ports?.map(({ nodePort }) => nodePort));
  const losesPorts =
    needsPorts(was) &&
    !needsPorts(spec) &&
    (spec.ports ?? []).every(({ nodePort }) => nodePort === undefined || had.has(nodePort));
  return losesPorts ? { ...left, ports: left.ports?.map(({ nodePort: _, ...port }) => port) } : left;
}

type Needed = readonly [(spec: ServiceSpec) => boolean, readonly (keyof ServiceSpec)[]];

const typeDependent: readonly Needed[] = [
  [needsAddress, ['clusterIP', 'clusterIPs', 'ipFamilies', 'ipFamilyPolicy']],
  [needsHealthCheck, ['healthCheckNodePort']],
  [isBalanced, ['allocateLoadBalancerNodePorts', 'loadBalancerClass']],
  [isReachedFromOutside, ['externalTrafficPolicy']],
];
