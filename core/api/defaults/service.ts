/** Defaults of Services and endpoints. (kubernetes v1.34.1 pkg/apis/core/v1/defaults.go, discovery/v1/defaults.go) */
import type {
  Endpoints,
  EndpointSlice,
  Service,
  ServicePort,
  ServiceSpec,
  ServiceStatus,
} from '../generated/types.ts';
import { fill, fillZero, mapField, mapList, omit, setField } from './fill.ts';

/** Three hours. */
const affinityTimeoutSeconds = 10_800;

export function withServiceDefaults(service: Service): Service {
  const given = (service.spec as ServiceSpec | undefined) ?? {};
  let spec = fillZero(given, { sessionAffinity: 'None', type: 'ClusterIP' });
  if (spec.sessionAffinity === 'None' && spec.sessionAffinityConfig !== undefined) {
    spec = omit(spec, 'sessionAffinityConfig');
  }
  if (
    spec.sessionAffinity === 'ClientIP' &&
    spec.sessionAffinityConfig?.clientIP?.timeoutSeconds === undefined
  )
    spec = { ...spec, sessionAffinityConfig: { clientIP: { timeoutSeconds: affinityTimeoutSeconds } } };
  spec = mapField(spec, 'ports', (ports) => mapList(ports, withPortDefaults));
  if (isExternallyAccessible(spec)) spec = fillZero(spec, { externalTrafficPolicy: 'Cluster' });
  if (routed.has(spec.type ?? '')) spec = fill(spec, { internalTrafficPolicy: 'Cluster' });
  if (spec.type === 'LoadBalancer') spec = fill(spec, { allocateLoadBalancerNodePorts: true });
  const result = mapField(
    fill(setField(service, 'spec', spec), { status: { loadBalancer: {} } }),
    'status',
    (status) => fill(status, { loadBalancer: {} }),
  );
  return spec.type === 'LoadBalancer' ? mapField(result, 'status', withAddressModes) : result;
}

/** The types to which there is a way within the cluster. */
const routed: ReadonlySet<string> = new Set(['ClusterIP', 'LoadBalancer', 'NodePort']);

const withAddressModes = (status: ServiceStatus): ServiceStatus =>
  mapField(status, 'loadBalancer', (balancer) =>
    mapField(balancer, 'ingress', (ingress) =>
      mapList(ingress, (entry) => ((entry.ip ?? '') === '' ? entry : fill(entry, { ipMode: 'VIP' }))),
    ),
  );

const withPortDefaults = (port: ServicePort): ServicePort =>
  fillZero(port, { protocol: 'TCP', targetPort: port.port });

const isExternallyAccessible = (spec: ServiceSpec): boolean =>
  spec.type === 'NodePort' ||
  spec.type === 'LoadBalancer' ||
  (spec.type === 'ClusterIP' && (spec.externalIPs ?? []).length > 0);

export const withEndpointsDefaults = (endpoints: Endpoints): Endpoints =>
  mapField(endpoints, 'subsets', (subsets) =>
    mapList(subsets, (subset) =>
      mapField(subset, 'ports', (ports) => mapList(ports, (port) => fillZero(port, { protocol: 'TCP' }))),
    ),
  );

const noConditions = {};

export function withEndpointSliceDefaults(slice: EndpointSlice): EndpointSlice {
  const result = mapField(fill(slice, { endpoints: [] }), 'ports', (ports) =>
    mapList(ports, (port) => fill(port, { name: '', protocol: 'TCP' })),
  );
  return mapField(result, 'endpoints', (endpoints) =>
    mapList(endpoints, (endpoint) => fill(endpoint, { conditions: noConditions })),
  );
}
