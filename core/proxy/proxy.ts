/**
 * kube-proxy: where a connection to a Service goes. A node's rules are a pure function of the views it had been
 * delivered, so none are kept: a connection, or a person, asks `route`, which works out the one rule that would match.
 * It decides as the iptables mode does for cluster IPs; node ports, load balancers and external IPs are not modelled.
 * (kubernetes v1.34.1 pkg/proxy/iptables/proxier.go)
 */
import type { EndpointSlice, Service, ServicePort } from '../api/generated/types.ts';
import { labelTerm, type View } from '../api/view.ts';
import { second, type Duration } from '../time/time.ts';
import { endpointsOf, usableEndpoints, type Candidate, type Place } from './endpoints.ts';

export interface Connection {
  readonly from?: Place | undefined;
  readonly to: { readonly clusterIP: string } | { readonly namespace: string; readonly name: string };
  /** The Service's port, by number or by name. */
  readonly port: number | string;
  /** @default TCP */
  readonly protocol?: string | undefined;
  /** Where the client's last connection went (`ip:port`), and how long ago: for `sessionAffinity: ClientIP`. */
  readonly last?: { readonly address: string; readonly age: Duration } | undefined;
}

interface Reached {
  readonly ip: string;
  readonly port: number;
  /** `namespace/name` of the Pod behind it. */
  readonly pod?: string | undefined;
  readonly node?: string | undefined;
}

export type Route =
  | {
      readonly verdict: 'DNAT';
      readonly endpoint: Reached;
      /** Candidates there were, and the place of this one among them. */
      readonly of: number;
      readonly index: number;
      /** The rule that matched, in words that follow iptables. */
      readonly rule: string;
    }
  /** REJECT: the client hears "connection refused"; DROP: nothing; NONE: no rule touches the connection. */
  | { readonly verdict: 'REJECT' | 'DROP' | 'NONE'; readonly refused: string };

/** Where a connection goes by the rules of its node. `draw` is a uniform number in [0, 1). */
export function route(
  services: View<'services'>,
  slices: View<'endpointslices'>,
  connection: Connection,
  draw: number,
): Route {
  const service = serviceOf(services, connection);
  if (service === undefined) return none(`no Service has the address ${addressedAs(connection)}`);
  const name = `${service.metadata.namespace ?? 'default'}/${service.metadata.name}`;
  const unproxied = withoutRules(service, name);
  if (unproxied !== undefined) return none(unproxied);
  const port = portOf(service, connection);
  if (port === undefined)
    return none(`Service ${name} has no port ${connection.port}/${protocolOf(connection)}`);
  const portName = port.name === undefined || port.name === '' ? name : `${name}:${port.name}`;
  const policy = service.spec.internalTrafficPolicy === 'Local' ? 'Local' : 'Cluster';
  const all = endpointsOf(slicesOf(slices, service), port);
  const { candidates, anyElsewhere, why } = usableEndpoints(all, policy, connection.from ?? {});
  if (candidates.length > 0) return chosen(service, portName, candidates, why, connection, draw);
  return anyElsewhere
    ? { verdict: 'DROP', refused: `${portName} has no local endpoints` }
    : { verdict: 'REJECT', refused: `${portName} has no endpoints` };
}

const none = (refused: string): Route => ({ verdict: 'NONE', refused });

const protocolOf = (connection: Connection): string => connection.protocol ?? 'TCP';

const addressedAs = ({ to }: Connection): string =>
  'clusterIP' in to ? to.clusterIP : `${to.namespace}/${to.name}`;

type ServiceObjects = View<'services'>['objects'];

/** Services by cluster IP, worked out once for each picture of them. */
const byAddress = new WeakMap<ServiceObjects, ReadonlyMap<string, Service>>();

function serviceOf(services: View<'services'>, { to }: Connection): Service | undefined {
  if (!('clusterIP' in to)) return services.objects.get(`${to.namespace}/${to.name}`);
  let index = byAddress.get(services.objects);
  if (index === undefined) {
    index = addressIndex(services.objects);
    byAddress.set(services.objects, index);
  }
  return index.get(to.clusterIP);
}

function addressIndex(objects: ServiceObjects): ReadonlyMap<string, Service> {
  const index = new Map<string, Service>();
  objects.objects.scan(undefined, undefined, (_, service) => {
    const { clusterIP, clusterIPs = clusterIP === undefined ? [] : [clusterIP] } = service.spec;
    for (const address of clusterIPs) if (address !== '' && address !== 'None') index.set(address, service);
  });
  return index;
}

/** Why a Service has no rules: only DNS knows it. */
function withoutRules(service: Service, name: string): string | undefined {
  const { type, externalName, clusterIP } = service.spec;
  if (type === 'ExternalName')
    return `Service ${name} is an alias: DNS answers with ${externalName ?? ''}, and kube-proxy has no rule`;
  if (clusterIP === 'None')
    return `Service ${name} is headless: DNS answers with the addresses of its endpoints, and kube-proxy has no rule`;
  if (clusterIP === undefined || clusterIP === '') return `Service ${name} has no cluster IP`;
  return undefined;
}

function portOf(service: Service, connection: Connection): ServicePort | undefined {
  return (service.spec.ports ?? []).find(
    (port) =>
      (port.protocol ?? 'TCP') === protocolOf(connection) &&
      (typeof connection.port === 'number' ? port.port === connection.port : port.name === connection.port),
  );
}

const serviceNameLabel = 'kubernetes.io/service-name';

/** The slices of the Service, of the family of its first address, by name. */
function slicesOf(slices: View<'endpointslices'>, service: Service): readonly EndpointSlice[] {
  const { namespace, name } = service.metadata;
  const family = service.spec.clusterIP?.includes(':') === true ? 'IPv6' : 'IPv4';
  const found = [...slices.objects.valuesOf('label', labelTerm(namespace, serviceNameLabel, name))];
  return found.filter((slice) => slice.addressType === family);
}

/**
 * One of the candidates. A rule stands for each, in order, and the i-th of n matches with the probability 1 / (n - i):
 * each is as likely as any other. A client that is remembered goes where it went before.
 */
function chosen(
  service: Service,
  portName: string,
  candidates: readonly Candidate[],
  why: string,
  connection: Connection,
  draw: number,
): Route {
  const remembered = rememberedIndex(service, candidates, connection);
  const index = remembered ?? Math.min(Math.floor(draw * candidates.length), candidates.length - 1);
  const candidate = candidates[index];
  if (candidate === undefined)
    throw new Error(`invariant broken: no candidate ${index} of ${candidates.length}`);
  const { endpoint, ip, port, address } = candidate;
  const { targetRef, nodeName } = endpoint;
  const pod = targetRef?.kind === 'Pod' ? `${targetRef.namespace ?? ''}/${targetRef.name ?? ''}` : undefined;
  const how =
    remembered === undefined
      ? probability(index, candidates.length)
      : '-m recent --rcheck: the client was here before';
  return {
    verdict: 'DNAT',
    endpoint: { ip, port, pod, node: nodeName },
    of: candidates.length,
    index,
    rule: `${portName} -> ${address} (${index + 1} of ${candidates.length} ${why}; ${how})`,
  };
}

/** The probability as the rule has it, with ten decimals; the last rule has none. */
export function probability(index: number, count: number): string {
  return index === count - 1
    ? 'no condition'
    : `-m statistic --mode random --probability ${(1 / (count - index)).toFixed(10)}`;
}

/** API default of `sessionAffinityConfig.clientIP.timeoutSeconds`: three hours. */
const defaultAffinitySeconds = 10_800;

function rememberedIndex(
  service: Service,
  candidates: readonly Candidate[],
  { last }: Connection,
): number | undefined {
  if (service.spec.sessionAffinity !== 'ClientIP' || last === undefined) return undefined;
  const timeoutSeconds =
    service.spec.sessionAffinityConfig?.clientIP?.timeoutSeconds ?? defaultAffinitySeconds;
  if (last.age > timeoutSeconds * second) return undefined;
  const index = candidates.findIndex(({ address }) => address === last.address);
  return index < 0 ? undefined : index;
}
