/** Services and EndpointSlices. (kubernetes v1.34.1 pkg/apis/core/validation/validation.go, pkg/apis/discovery/validation) */
import { duplicate, forbidden, invalidValue, required } from '../field-error.ts';
import { internal } from '../go/internal.ts';
import type { EndpointSlice, Service, ServicePort, ServiceSpec } from '../generated/types.ts';
import { qualifiedNameErrors } from '../label-format.ts';
import {
  checkForm,
  checkLabels,
  checkOneOf,
  checkPort,
  checkPortOrName,
  checkRequiredOneOf,
  ipMessage,
  isIP,
  isIPv4,
  isIPv6,
  json,
  label,
  subdomain,
  type Errors,
} from './fields.ts';

const protocols = ['SCTP', 'TCP', 'UDP'];

export function checkService(errors: Errors, { spec }: Service): void {
  const type = spec.type ?? '';
  const ports = spec.ports ?? [];
  const headless = spec.clusterIP === 'None';
  if (ports.length === 0 && !headless && type !== 'ExternalName') errors.push(required('spec.ports'));
  checkTypeAndIPs(errors, spec, headless);
  checkPorts(errors, ports, headless);
  checkLabels(errors, 'spec.selector', spec.selector);
  checkSessionAffinity(errors, spec);
  checkIPFamilies(errors, spec);
  (spec.externalIPs ?? []).forEach((ip, i) => {
    if (!isIP(ip)) errors.push(invalidValue(`spec.externalIPs[${i}]`, ip, ipMessage));
  });
  checkRequiredOneOf(errors, 'spec.type', type, ['ClusterIP', 'ExternalName', 'LoadBalancer', 'NodePort']);
  checkNodePorts(errors, spec, ports);
  checkUnique(errors, ports);
  checkLoadBalancer(errors, spec);
  checkTrafficPolicies(errors, spec);
}

function checkTypeAndIPs(errors: Errors, spec: ServiceSpec, headless: boolean): void {
  const { type = '', clusterIP = '' } = spec;
  const clusterIPs = spec.clusterIPs ?? (clusterIP === '' ? [] : [clusterIP]);
  if ((type === 'LoadBalancer' || type === 'NodePort') && headless)
    errors.push(invalidValue('spec.clusterIPs[0]', 'None', `may not be set to 'None' for ${type} services`));
  if (type === 'ExternalName') {
    if (clusterIPs.length > 0)
      errors.push(forbidden('spec.clusterIPs', 'may not be set for ExternalName services'));
    const name = (spec.externalName ?? '').replace(/\.$/, '');
    if (name === '') errors.push(required('spec.externalName'));
    else checkForm(errors, 'spec.externalName', name, subdomain);
    return;
  }
  if (clusterIP === '' && clusterIPs.length > 0)
    errors.push(
      invalidValue('spec.clusterIPs', clusterIPs, 'must be empty when `clusterIP` is not specified'),
    );
  else if (!headless)
    clusterIPs.forEach((ip, i) => {
      if (!isIP(ip)) errors.push(invalidValue(`spec.clusterIPs[${i}]`, ip, ipMessage));
    });
}

function checkPorts(errors: Errors, ports: readonly ServicePort[], headless: boolean): void {
  const names = new Set<string>();
  ports.forEach((port, i) => {
    const at = `spec.ports[${i}]`;
    const name = port.name ?? '';
    if (name !== '') {
      checkForm(errors, `${at}.name`, name, label);
      if (names.has(name)) errors.push(duplicate(`${at}.name`, name));
      names.add(name);
    } else if (ports.length > 1) errors.push(required(`${at}.name`));
    checkPort(errors, `${at}.port`, (port.port as number | undefined) ?? 0);
    checkRequiredOneOf(errors, `${at}.protocol`, port.protocol, protocols);
    if (port.targetPort !== undefined && !headless)
      checkPortOrName(errors, `${at}.targetPort`, port.targetPort);
    if (port.appProtocol !== undefined)
      checkForm(errors, `${at}.appProtocol`, port.appProtocol, qualifiedNameErrors);
  });
}

/** A day, in seconds. */
const mostAffinitySeconds = 86_400;

function checkSessionAffinity(errors: Errors, spec: ServiceSpec): void {
  checkRequiredOneOf(errors, 'spec.sessionAffinity', spec.sessionAffinity, ['ClientIP', 'None']);
  const seconds = spec.sessionAffinityConfig?.clientIP?.timeoutSeconds;
  if (
    spec.sessionAffinity === 'ClientIP' &&
    seconds !== undefined &&
    (seconds <= 0 || seconds > mostAffinitySeconds)
  )
    errors.push(
      invalidValue(
        'spec.sessionAffinityConfig.clientIP.timeoutSeconds',
        seconds,
        `must be greater than 0 and less than ${mostAffinitySeconds}`,
      ),
    );
}

function checkIPFamilies(errors: Errors, spec: ServiceSpec): void {
  const seen = new Set<string>();
  (spec.ipFamilies ?? []).forEach((family, i) => {
    checkOneOf(errors, `spec.ipFamilies[${i}]`, family, ['IPv4', 'IPv6']);
    if (seen.has(family)) errors.push(duplicate(`spec.ipFamilies[${i}]`, family));
    seen.add(family);
  });
  if (spec.ipFamilyPolicy !== undefined)
    checkOneOf(errors, 'spec.ipFamilyPolicy', spec.ipFamilyPolicy, [
      'PreferDualStack',
      'RequireDualStack',
      'SingleStack',
    ]);
}

function checkNodePorts(errors: Errors, spec: ServiceSpec, ports: readonly ServicePort[]): void {
  const taken = new Set<string>();
  ports.forEach((port, i) => {
    const nodePort = port.nodePort ?? 0;
    if (nodePort === 0) return;
    const at = `spec.ports[${i}].nodePort`;
    if (spec.type === 'ClusterIP') errors.push(forbidden(at, "may not be used when `type` is 'ClusterIP'"));
    const text = `${nodePort}/${port.protocol ?? 'TCP'}`;
    if (taken.has(text)) errors.push(duplicate(at, nodePort));
    taken.add(text);
  });
}

function checkUnique(errors: Errors, ports: readonly ServicePort[]): void {
  const taken = new Set<string>();
  ports.forEach((port, i) => {
    const text = `${port.protocol ?? 'TCP'}/${port.port}`;
    if (taken.has(text))
      errors.push(
        duplicate(`spec.ports[${i}]`, internal('ServicePort', { protocol: port.protocol, port: port.port })),
      );
    taken.add(text);
  });
}

function checkLoadBalancer(errors: Errors, spec: ServiceSpec): void {
  const isBalancer = spec.type === 'LoadBalancer';
  if ((spec.loadBalancerSourceRanges ?? []).length > 0 && !isBalancer)
    errors.push(forbidden('spec.LoadBalancerSourceRanges', "may only be used when `type` is 'LoadBalancer'"));
  if (spec.allocateLoadBalancerNodePorts !== undefined && !isBalancer)
    errors.push(
      forbidden('spec.allocateLoadBalancerNodePorts', "may only be used when `type` is 'LoadBalancer'"),
    );
  const loadBalancerClass = spec.loadBalancerClass;
  if (loadBalancerClass === undefined) return;
  if (!isBalancer)
    errors.push(forbidden('spec.loadBalancerClass', "may only be used when `type` is 'LoadBalancer'"));
  else checkForm(errors, 'spec.loadBalancerClass', loadBalancerClass, qualifiedNameErrors);
}

function checkTrafficPolicies(errors: Errors, spec: ServiceSpec): void {
  const {
    externalTrafficPolicy = '',
    healthCheckNodePort = 0,
    internalTrafficPolicy,
    trafficDistribution,
  } = spec;
  const external =
    spec.type === 'NodePort' || spec.type === 'LoadBalancer' || (spec.externalIPs ?? []).length > 0;
  const needsCheck = spec.type === 'LoadBalancer' && externalTrafficPolicy === 'Local';
  if (externalTrafficPolicy !== '' && !external)
    errors.push(
      invalidValue(
        'spec.externalTrafficPolicy',
        externalTrafficPolicy,
        'may only be set for externally-accessible services',
      ),
    );
  else if (externalTrafficPolicy !== '')
    checkOneOf(errors, 'spec.externalTrafficPolicy', externalTrafficPolicy, ['Cluster', 'Local']);
  else if (external) errors.push(required('spec.externalTrafficPolicy'));
  if (needsCheck && healthCheckNodePort === 0) errors.push(required('spec.healthCheckNodePort'));
  else if (needsCheck) checkPort(errors, 'spec.healthCheckNodePort', healthCheckNodePort);
  else if (healthCheckNodePort !== 0)
    errors.push(
      invalidValue(
        'spec.healthCheckNodePort',
        healthCheckNodePort,
        "may only be set when `type` is 'LoadBalancer' and `externalTrafficPolicy` is 'Local'",
      ),
    );
  if (internalTrafficPolicy !== undefined)
    checkOneOf(errors, 'spec.internalTrafficPolicy', internalTrafficPolicy, ['Cluster', 'Local']);
  if (trafficDistribution !== undefined)
    checkOneOf(errors, 'spec.trafficDistribution', trafficDistribution, [
      'PreferClose',
      'PreferSameZone',
      'PreferSameNode',
    ]);
}

/** A cluster IP that was given stays, while the Service has one; so does the class of a load balancer. */
export function checkServiceUpdate(errors: Errors, next: ServiceSpec, before: ServiceSpec): void {
  const kept = before.type !== 'ExternalName' && next.type !== 'ExternalName';
  const [was, is] = [before.clusterIP ?? '', next.clusterIP ?? ''];
  if (kept && was !== '' && is !== '' && was !== is)
    errors.push(invalidValue('spec.clusterIPs[0]', json(next.clusterIPs ?? [is]), 'may not change once set'));
  if (
    before.type === 'LoadBalancer' &&
    next.type === 'LoadBalancer' &&
    before.loadBalancerClass !== undefined &&
    next.loadBalancerClass !== before.loadBalancerClass
  )
    errors.push(
      invalidValue('spec.loadBalancerClass', json(next.loadBalancerClass), 'may not change once set'),
    );
}

const addressTypes = ['FQDN', 'IPv4', 'IPv6'];

/** The most that one slice may have. */
const mostEndpoints = 1000;

export function checkEndpointSlice(errors: Errors, slice: EndpointSlice): void {
  const type = slice.addressType as string | undefined;
  if (type === undefined || type === '') errors.push(required('addressType'));
  else checkOneOf(errors, 'addressType', type, addressTypes);
  checkSlicePorts(errors, slice);
  if (slice.endpoints.length > mostEndpoints)
    errors.push({
      type: 'Too many',
      field: 'endpoints',
      badValue: slice.endpoints.length,
      detail: `must have at most ${mostEndpoints} items`,
    });
  if (!addressTypes.includes(type ?? '')) return;
  slice.endpoints.forEach((endpoint, i) => {
    const at = `endpoints[${i}]`;
    const addresses = (endpoint.addresses as readonly string[] | undefined) ?? [];
    if (addresses.length === 0) errors.push(required(`${at}.addresses`, 'must contain at least 1 address'));
    addresses.forEach((address, j) => {
      checkAddress(errors, `${at}.addresses`, j, address, type ?? '');
    });
    if (endpoint.nodeName !== undefined) checkForm(errors, `${at}.nodeName`, endpoint.nodeName, subdomain);
    if (endpoint.hostname !== undefined) checkForm(errors, `${at}.hostname`, endpoint.hostname, label);
  });
}

function checkSlicePorts(errors: Errors, slice: EndpointSlice): void {
  const names = new Set<string>();
  (slice.ports ?? []).forEach((port, i) => {
    const name = port.name ?? '';
    if (name !== '') checkForm(errors, `ports[${i}].name`, name, label);
    if (names.has(name)) errors.push(duplicate(`ports[${i}].name`, name));
    names.add(name);
    checkRequiredOneOf(errors, `ports[${i}].protocol`, port.protocol, protocols);
  });
}

function checkAddress(errors: Errors, field: string, index: number, address: string, type: string): void {
  if (type === 'IPv4' && !isIPv4(address))
    errors.push(invalidValue(field, address, 'must be an IPv4 address'));
  else if (type === 'IPv6' && !isIPv6(address))
    errors.push(invalidValue(field, address, 'must be an IPv6 address'));
  else if (type === 'FQDN') checkForm(errors, field, address, subdomain);
  else if (address.startsWith('127.') || address === '::1')
    errors.push(
      invalidValue(`${field}[${index}]`, address, 'may not be in the loopback range (127.0.0.0/8, ::1/128)'),
    );
}
