/**
 * What the server gives a Service: its cluster IP, IP families and node ports, and what an update that does not mention
 * them keeps. An address is drawn for the Service and tried against those this server's cache knows. (kubernetes v1.34.1
 * pkg/registry/core/service/storage/alloc.go; there an IPAddress object per address makes them unique)
 */
import type { Service, ServicePort, ServiceSpec } from '../../api/generated/types.ts';
import { forbidden, invalidValue, type FieldError } from '../../api/field-error.ts';
import { objectsIn, type View } from '../../api/view.ts';
import { integer } from '../../random/draw.ts';
import type { ApiserverConfig } from '../state.ts';
import type { Luck } from '../names.ts';
import { firstAddress, parseCidr, textOfAddress } from './address.ts';
import { needsAddress, needsPorts } from './service-update.ts';

interface Allocation {
  readonly config: ApiserverConfig;
  readonly luck: Luck;
  readonly services: View<'services'>;
}

/** How many addresses or ports are drawn before they are gone through in order. */
const draws = 16;

/** The spec with what the server allocates; or what stands against what was asked for. */
export function allocate(service: Service, allocation: Allocation): ServiceSpec | FieldError {
  const spec = service.spec;
  if (spec.type === 'ExternalName') return spec;
  const foreign = familyProblem(spec);
  if (foreign !== undefined) return foreign;
  const withIp = spec.clusterIP === 'None' ? headless(spec) : withClusterIp(service, allocation);
  if ('field' in withIp) return withIp;
  return needsPorts(spec) ? withNodePorts(service, withIp, allocation) : withIp;
}

/** The cluster has IPv4 alone; a headless Service without a selector gets no address and may name what it likes. (initIPFamilyFields) */
function familyProblem(spec: ServiceSpec): FieldError | undefined {
  if (spec.clusterIP === 'None' && !selects(spec)) return undefined;
  if (spec.ipFamilyPolicy === 'RequireDualStack')
    return invalidValue(
      'spec.ipFamilyPolicy',
      spec.ipFamilyPolicy,
      'this cluster is not configured for dual-stack services',
    );
  const index = (spec.ipFamilies ?? []).findIndex((family) => family !== 'IPv4');
  return index < 0
    ? undefined
    : invalidValue(
        `spec.ipFamilies[${index}]`,
        spec.ipFamilies?.[index] ?? '',
        'not configured on this cluster',
      );
}

const selects = ({ selector }: ServiceSpec): boolean =>
  selector !== undefined && Object.keys(selector).length > 0;

/** Without a selector its endpoints are somebody else's business, of either family. */
function headless(spec: ServiceSpec): ServiceSpec {
  const own = selects(spec);
  return {
    ...spec,
    clusterIPs: ['None'],
    ipFamilies: spec.ipFamilies ?? (own ? ['IPv4'] : ['IPv4', 'IPv6']),
    ipFamilyPolicy: spec.ipFamilyPolicy ?? (own ? 'SingleStack' : 'RequireDualStack'),
  };
}

function withClusterIp(service: Service, allocation: Allocation): ServiceSpec | FieldError {
  const { spec } = service;
  const asked = spec.clusterIP ?? spec.clusterIPs?.[0] ?? '';
  const taken = new Set<string>();
  for (const other of objectsIn(allocation.services))
    if (other.spec.clusterIP !== undefined && other.metadata.uid !== service.metadata.uid)
      taken.add(other.spec.clusterIP);
  if (asked !== '' && taken.has(asked))
    return invalidValue(
      'spec.clusterIPs',
      [asked],
      'failed to allocate IP ' + `${asked}: provided IP is already allocated`,
    );
  const clusterIP = asked === '' ? freeAddress(service, taken, allocation) : asked;
  if (clusterIP === undefined)
    return forbidden('spec.clusterIPs', 'failed to allocate a serviceIP: range is full');
  return {
    ...spec,
    clusterIP,
    clusterIPs: [clusterIP],
    ipFamilies: spec.ipFamilies ?? ['IPv4'],
    ipFamilyPolicy: spec.ipFamilyPolicy ?? 'SingleStack',
    internalTrafficPolicy: spec.internalTrafficPolicy ?? 'Cluster',
  };
}

/** The first address is the Service kubernetes's; the lower part of a range is left to those who choose. */
function freeAddress(
  service: Service,
  taken: ReadonlySet<string>,
  { config, luck }: Allocation,
): string | undefined {
  const cidr = parseCidr(config.serviceCidr);
  const { namespace = '', name, uid } = service.metadata;
  // (pkg/registry/core/service/ipallocator: min(max(16, size/16), 256) addresses are the static band)
  const band = Math.min(Math.max(16, Math.floor(cidr.size / 16)), 256);
  const [from, span] = cidr.size - 2 > band ? [band + 1, cidr.size - band - 2] : [2, cidr.size - 3];
  for (let attempt = 0; attempt < draws && span > 0; attempt++) {
    const address = textOfAddress(
      cidr.base + from + integer(luck.clusterIp, span, namespace, name, uid, attempt),
    );
    if (!taken.has(address)) return address;
  }
  for (let offset = cidr.size - 2; offset > 1; offset--) {
    const address = textOfAddress(cidr.base + offset);
    if (!taken.has(address)) return address;
  }
  return undefined;
}

function withNodePorts(
  service: Service,
  spec: ServiceSpec,
  allocation: Allocation,
): ServiceSpec | FieldError {
  if (spec.ports === undefined) return spec;
  const taken = new Set<number>();
  for (const other of objectsIn(allocation.services))
    if (other.metadata.uid !== service.metadata.uid)
      for (const port of other.spec.ports ?? []) if (port.nodePort !== undefined) taken.add(port.nodePort);
  const ports: ServicePort[] = [];
  for (const [i, port] of spec.ports.entries()) {
    const nodePort = port.nodePort ?? freePort(service, i, taken, allocation);
    if (nodePort === undefined)
      return forbidden(`spec.ports[${i}].nodePort`, 'failed to allocate a nodePort: range is full');
    if (port.nodePort !== undefined && taken.has(nodePort))
      return invalidValue(`spec.ports[${i}].nodePort`, nodePort, 'provided port is already allocated');
    taken.add(nodePort);
    ports.push({ ...port, nodePort });
  }
  return { ...spec, ports };
}

function freePort(
  service: Service,
  index: number,
  taken: ReadonlySet<number>,
  { config, luck }: Allocation,
): number | undefined {
  const { from, to } = config.nodePorts;
  const { namespace = '', name, uid } = service.metadata;
  for (let attempt = 0; attempt < draws; attempt++) {
    const port = from + integer(luck.nodePort, to - from + 1, namespace, name, uid, index, attempt);
    if (!taken.has(port)) return port;
  }
  for (let port = from; port <= to; port++) if (!taken.has(port)) return port;
  return undefined;
}

/** The address of the Service kubernetes in the namespace default. */
export const kubernetesAddress = (config: ApiserverConfig): string => firstAddress(config.serviceCidr);

/** True where an update leaves the server something to allocate, or names what it may not have. */
export function changesAllocation({ spec }: Service, { spec: was }: Service): boolean {
  if (!needsAddress(spec)) return false;
  if (spec.clusterIP === undefined || spec.clusterIP !== was.clusterIP) return true;
  if (!needsPorts(spec)) return false;
  const had = new Set(was.ports?.map(({ nodePort }) => nodePort));
  return (spec.ports ?? []).some(({ nodePort }) => nodePort === undefined || !had.has(nodePort));
}
