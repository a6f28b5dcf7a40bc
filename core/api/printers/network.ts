/** Services, what is behind them and in front of them. (kubernetes v1.34.1 pkg/printers/internalversion/printers.go) */
import type {
  Endpoints,
  EndpointSlice,
  Ingress,
  IngressClass,
  NetworkPolicy,
  Service,
} from '../generated/types.ts';
import { age, name, printer, text, wide, type Printer } from './column.ts';
import { firstFew, labelSelectorText, labelsText, none, orNone, unset } from './format.ts';

export const servicePrinter: Printer = printer<Service>([
  name,
  text('Type', ({ spec }) => spec.type ?? ''),
  text('Cluster-IP', ({ spec }) => spec.clusterIPs?.[0] ?? none),
  text('External-IP', externalIp),
  text('Port(s)', ({ spec }) =>
    orNone(
      (spec.ports ?? [])
        .map(
          ({ port, nodePort = 0, protocol = '' }) =>
            `${port}${nodePort > 0 ? `:${nodePort}` : ''}/${protocol}`,
        )
        .join(','),
    ),
  ),
  age,
  wide('Selector', ({ spec }) => labelsText(spec.selector)),
]);

function externalIp({ spec, status }: Service): string {
  const externalIps = spec.externalIPs ?? [];
  switch (spec.type) {
    case 'ClusterIP':
    case 'NodePort':
      return orNone(externalIps.join(','));
    case 'LoadBalancer': {
      const all = [...balancerAddresses(status.loadBalancer), ...externalIps].join(',');
      return all === '' ? '<pending>' : all;
    }
    case 'ExternalName':
      return spec.externalName ?? '';
    default:
      return '<unknown>';
  }
}

interface Balancer {
  readonly ingress?:
    readonly { readonly ip?: string | undefined; readonly hostname?: string | undefined }[] | undefined;
}

/** Each address once, in order of their texts. */
const balancerAddresses = (balancer: Balancer | undefined): readonly string[] =>
  [
    ...new Set(
      (balancer?.ingress ?? [])
        .map(({ ip, hostname }) => (ip === undefined || ip === '' ? (hostname ?? '') : ip))
        .filter((address) => address !== ''),
    ),
  ].sort();

export const endpointsPrinter: Printer = printer<Endpoints>([name, text('Endpoints', endpointsText), age]);

/** A subset without ports (a headless Service may have none) is shown by its addresses alone. */
function endpointsText({ subsets = [] }: Endpoints): string {
  if (subsets.length === 0) return none;
  return firstFew(
    subsets.flatMap(({ addresses = [], ports = [] }) =>
      ports.length === 0
        ? addresses.map(({ ip }) => ip)
        : ports.flatMap(({ port }) => addresses.map(({ ip }) => hostPort(ip, port))),
    ),
  );
}

const hostPort = (host: string, port: number): string =>
  host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;

export const endpointSlicePrinter: Printer = printer<EndpointSlice>([
  name,
  text('AddressType', ({ addressType }) => addressType),
  text('Ports', ({ ports }) =>
    orUnset(firstFew((ports ?? []).map(({ port, name }) => `${port ?? name ?? '*'}`))),
  ),
  text('Endpoints', ({ endpoints }) => orUnset(firstFew(endpoints.flatMap(({ addresses }) => addresses)))),
  age,
]);

const orUnset = (text: string): string => (text === '' ? unset : text);

export const ingressPrinter: Printer = printer<Ingress>([
  name,
  text('Class', ({ spec }) => spec.ingressClassName ?? none),
  text('Hosts', ({ spec }) => hosts((spec.rules ?? []).map(({ host }) => host ?? ''))),
  text('Address', ({ status }) => balancerAddresses(status.loadBalancer).join(',')),
  text('Ports', ({ spec }) => ((spec.tls ?? []).length > 0 ? '80, 443' : '80')),
  age,
]);

/** Rules without a host are not shown, but a rule behind three hosts makes the rest `more`. */
function hosts(rules: readonly string[]): string {
  const list: string[] = [];
  let more = false;
  for (const host of rules) {
    if (list.length === 3) more = true;
    else if (host !== '') list.push(host);
  }
  if (list.length === 0) return '*';
  return more ? `${list.join(',')} + ${rules.length - 3} more...` : list.join(',');
}

export const ingressClassPrinter: Printer = printer<IngressClass>([
  name,
  text('Controller', ({ spec }) => spec.controller ?? ''),
  text('Parameters', ({ spec: { parameters } }) => {
    if (parameters === undefined) return none;
    const group = parameters.apiGroup === undefined ? '' : `.${parameters.apiGroup}`;
    return `${parameters.kind}${group}/${parameters.name}`;
  }),
  age,
]);

export const networkPolicyPrinter: Printer = printer<NetworkPolicy>([
  name,
  text('Pod-Selector', ({ spec }) => labelSelectorText(spec.podSelector ?? {})),
  age,
]);
