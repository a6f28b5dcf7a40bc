/** EndpointSlices. (kubernetes v1.34.1 pkg/apis/discovery/validation/validation.go) */
import { duplicate, invalidValue, required, tooMany } from '../field-error.ts';
import type { Endpoint, EndpointSlice } from '../generated/types.ts';
import { labelValueErrors, qualifiedNameErrors } from '../../text/label-format.ts';
import { checkIP, checkNotSpecial } from './address.ts';
import {
  checkForm,
  checkImmutableField,
  checkLabels,
  checkRequiredOneOf,
  isIPv4,
  isIPv6,
  label,
  subdomain,
  type Errors,
  type NameForm,
} from './fields.ts';

const addressTypes = ['FQDN', 'IPv4', 'IPv6'];
const mostEndpoints = 1000;
const mostAddresses = 100;
const mostPorts = 20_000;
const mostTopologyLabels = 16;
/** Zones, and nodes, that one endpoint is meant for. */
const mostHints = 8;

export function checkEndpointSlice(errors: Errors, slice: EndpointSlice): void {
  const type = (slice.addressType as string | undefined) ?? '';
  checkRequiredOneOf(errors, 'addressType', type, addressTypes);
  checkPorts(errors, slice);
  const endpoints = (slice.endpoints as typeof slice.endpoints | undefined) ?? [];
  if (endpoints.length > mostEndpoints) {
    errors.push(tooMany('endpoints', endpoints.length, mostEndpoints));
    return;
  }
  endpoints.forEach((endpoint, i) => {
    checkEndpoint(errors, `endpoints[${i}]`, endpoint, type);
  });
}

function checkPorts(errors: Errors, { ports = [] }: EndpointSlice): void {
  if (ports.length > mostPorts) {
    errors.push(tooMany('ports', ports.length, mostPorts));
    return;
  }
  const names = new Set<string>();
  ports.forEach((port, i) => {
    const [at, name] = [`ports[${i}]`, port.name ?? ''];
    if (name !== '') checkForm(errors, `${at}.name`, name, label);
    if (names.has(name)) errors.push(duplicate(`${at}.name`, name));
    names.add(name);
    checkRequiredOneOf(errors, `${at}.protocol`, port.protocol, ['SCTP', 'TCP', 'UDP']);
    if (port.appProtocol !== undefined)
      checkForm(errors, `${at}.appProtocol`, port.appProtocol, qualifiedNameErrors);
  });
}

function checkEndpoint(errors: Errors, field: string, endpoint: Endpoint, type: string): void {
  const addresses = (endpoint.addresses as readonly string[] | undefined) ?? [];
  const at = `${field}.addresses`;
  if (addresses.length === 0) errors.push(required(at, 'must contain at least 1 address'));
  else if (addresses.length > mostAddresses) errors.push(tooMany(at, addresses.length, mostAddresses));
  addresses.forEach((address, i) => {
    if (type === 'FQDN') checkDomain(errors, `${at}[${i}]`, address);
    else if (type === 'IPv4' || type === 'IPv6') checkAddress(errors, at, i, address, type);
  });
  if (endpoint.nodeName !== undefined) checkForm(errors, `${field}.nodeName`, endpoint.nodeName, subdomain);
  const labels = Object.keys(endpoint.deprecatedTopology ?? {}).length;
  if (labels > mostTopologyLabels)
    errors.push(tooMany(`${field}.deprecatedTopology`, labels, mostTopologyLabels));
  checkLabels(errors, `${field}.deprecatedTopology`, endpoint.deprecatedTopology);
  if (endpoint.hostname !== undefined) checkForm(errors, `${field}.hostname`, endpoint.hostname, label);
  const { forZones = [], forNodes = [] } = endpoint.hints ?? {};
  if (checkHints(errors, `${field}.hints.forZones`, forZones, labelValueErrors))
    checkHints(errors, `${field}.hints.forNodes`, forNodes, subdomain);
}

/** Whether to go on: too many end the search. */
function checkHints(
  errors: Errors,
  field: string,
  hints: readonly { readonly name: string }[],
  form: NameForm,
): boolean {
  if (hints.length > mostHints) {
    errors.push(tooMany(field, hints.length, mostHints));
    return false;
  }
  const names = new Set<string>();
  hints.forEach(({ name }, i) => {
    if (names.has(name)) errors.push(duplicate(`${field}[${i}].name`, name));
    names.add(name);
    checkForm(errors, `${field}[${i}].name`, name, form);
  });
  return true;
}

/** Where the family is wrong, Kubernetes names the list. */
function checkAddress(errors: Errors, field: string, index: number, address: string, type: string): void {
  const at = `${field}[${index}]`;
  const before = errors.length;
  checkIP(errors, at, address);
  if (errors.length > before) return;
  if (type === 'IPv4' ? !isIPv4(address) : !isIPv6(address))
    errors.push(invalidValue(field, address, `must be an ${type} address`));
  checkNotSpecial(errors, at, address);
}

function checkDomain(errors: Errors, field: string, name: string): void {
  const bare = name.endsWith('.') ? name.slice(0, -1) : name;
  if (name === '') errors.push(required(field));
  else if (subdomain(bare).length > 0) errors.push(invalidValue(field, bare, subdomain(bare).join(',')));
  else if (!bare.includes('.'))
    errors.push(invalidValue(field, name, 'should be a domain with at least two segments separated by dots'));
  else for (const part of bare.split('.')) checkForm(errors, field, part, label);
}

export function checkEndpointSliceUpdate(errors: Errors, next: EndpointSlice, before: EndpointSlice): void {
  checkImmutableField(errors, 'addressType', next.addressType, before.addressType);
}
