/** Services. (kubernetes v1.34.1 pkg/apis/core/validation/validation.go) */
import { duplicate, forbidden, invalidValue, required } from '../field-error.ts';
import { internal } from '../go/internal.ts';
import type { Service, ServicePort, ServiceSpec } from '../generated/types.ts';
import { qualifiedNameErrors } from '../../text/label-format.ts';
import { checkCIDR, checkIP, checkNotSpecial } from './address.ts';
import { checkBalancerClass, checkClusterIPs, isHeadless, onlyBalancers } from './cluster-ips.ts';
import {
  checkForm,
  checkLabels,
  checkOneOf,
  checkPort,
  checkPortOrName,
  checkRequiredOneOf,
  label,
  subdomain,
  type Errors,
} from './fields.ts';

const protocols = ['SCTP', 'TCP', 'UDP'];
const oldHints = 'service.kubernetes.io/topology-aware-hints';
const topologyMode = 'service.kubernetes.io/topology-mode';

export function checkService(errors: Errors, { spec, metadata: { annotations = {} } }: Service): void {
  const ports = spec.ports ?? [];
  const [mode, hints] = [annotations[topologyMode], annotations[oldHints]];
  if (mode !== undefined && hints !== undefined && mode !== hints)
    errors.push(
      invalidValue(
        `metadata.annotations[${topologyMode}]`,
        mode,
        `must match annotations[${oldHints}] when both are specified`,
      ),
    );
  if (ports.length === 0 && !isHeadless(spec) && spec.type !== 'ExternalName')
    errors.push(required('spec.ports'));
  checkType(errors, spec);
  checkPorts(errors, ports);
  checkLabels(errors, 'spec.selector', spec.selector);
  checkSessionAffinity(errors, spec);
  checkClusterIPs(errors, spec);
  (spec.externalIPs ?? []).forEach((ip, i) => {
    const before = errors.length;
    checkIP(errors, `spec.externalIPs[${i}]`, ip);
    if (errors.length === before) checkNotSpecial(errors, `spec.externalIPs[${i}]`, ip);
  });
  checkRequiredOneOf(errors, 'spec.type', spec.type, [
    'ClusterIP',
    'ExternalName',
    'LoadBalancer',
    'NodePort',
  ]);
  checkNodePorts(errors, spec, ports);
  checkUnique(errors, ports);
  checkSourceRanges(errors, spec, annotations);
  const isBalancer = spec.type === 'LoadBalancer';
  if (spec.allocateLoadBalancerNodePorts !== undefined && !isBalancer)
    errors.push(forbidden('spec.allocateLoadBalancerNodePorts', onlyBalancers));
  if (spec.allocateLoadBalancerNodePorts === undefined && isBalancer)
    errors.push(required('allocateLoadBalancerNodePorts'));
  checkBalancerClass(errors, spec);
  checkTrafficPolicies(errors, spec);
}

function checkType(errors: Errors, spec: ServiceSpec): void {
  const { type = '' } = spec;
  if ((type === 'LoadBalancer' || type === 'NodePort') && isHeadless(spec))
    errors.push(invalidValue('spec.clusterIPs[0]', 'None', `may not be set to 'None' for ${type} services`));
  if (type !== 'ExternalName') return;
  const why = 'may not be set for ExternalName services';
  if ((spec.clusterIPs ?? []).length > 0 || (spec.clusterIP ?? '') !== '')
    errors.push(forbidden('spec.clusterIPs', why));
  if ((spec.ipFamilies ?? []).length > 0) errors.push(forbidden('spec.ipFamilies', why));
  if (spec.ipFamilyPolicy !== undefined) errors.push(forbidden('spec.ipFamilyPolicy', why));
  const name = spec.externalName ?? '';
  const bare = name.endsWith('.') ? name.slice(0, -1) : name;
  if (bare === '') errors.push(required('spec.externalName'));
  else checkForm(errors, 'spec.externalName', bare, subdomain);
}

function checkPorts(errors: Errors, ports: readonly ServicePort[]): void {
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
    checkPortOrName(errors, `${at}.targetPort`, port.targetPort ?? 0);
    if (port.appProtocol !== undefined)
      checkForm(errors, `${at}.appProtocol`, port.appProtocol, qualifiedNameErrors);
  });
}

/** A day, in seconds. */
const mostAffinitySeconds = 86_400;

function checkSessionAffinity(errors: Errors, spec: ServiceSpec): void {
  const { sessionAffinity: affinity, sessionAffinityConfig: config } = spec;
  checkRequiredOneOf(errors, 'spec.sessionAffinity', affinity, ['ClientIP', 'None']);
  const field = 'spec.sessionAffinityConfig';
  if (affinity === 'None' && config !== undefined)
    errors.push(forbidden(field, 'must not be set when session affinity is None'));
  if (affinity !== 'ClientIP') return;
  const seconds = config?.clientIP?.timeoutSeconds;
  const missing =
    config === undefined
      ? field
      : config.clientIP === undefined
        ? `${field}.clientIP`
        : `${field}.clientIP.timeoutSeconds`;
  if (seconds === undefined) errors.push(required(missing, 'when session affinity type is ClientIP'));
  else if (seconds <= 0 || seconds > mostAffinitySeconds)
    errors.push(
      invalidValue(
        `${field}.clientIP.timeoutSeconds`,
        seconds,
        `must be greater than 0 and less than ${mostAffinitySeconds}`,
      ),
    );
}

function checkNodePorts(errors: Errors, spec: ServiceSpec, ports: readonly ServicePort[]): void {
  const given = (port: ServicePort): boolean => (port.nodePort ?? 0) !== 0;
  if (spec.type === 'ClusterIP')
    ports.forEach((port, i) => {
      if (given(port))
        errors.push(forbidden(`spec.ports[${i}].nodePort`, "may not be used when `type` is 'ClusterIP'"));
    });
  const taken = new Set<string>();
  ports.forEach((port, i) => {
    if (!given(port)) return;
    const text = `${port.nodePort ?? 0}/${port.protocol ?? 'TCP'}`;
    if (taken.has(text)) errors.push(duplicate(`spec.ports[${i}].nodePort`, port.nodePort ?? 0));
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

const rangesAnnotation = 'service.beta.kubernetes.io/load-balancer-source-ranges';

/** Who may reach a load balancer: in the spec, or as it was said before. Spaces around a range are let pass. */
function checkSourceRanges(
  errors: Errors,
  spec: ServiceSpec,
  annotations: Readonly<Record<string, string>>,
): void {
  const ranges = spec.loadBalancerSourceRanges ?? [];
  const said = annotations[rangesAnnotation];
  const isBalancer = spec.type === 'LoadBalancer';
  if (ranges.length > 0) {
    const field = 'spec.LoadBalancerSourceRanges';
    if (!isBalancer) errors.push(forbidden(field, onlyBalancers));
    ranges.forEach((range, i) => {
      checkCIDR(errors, `${field}[${i}]`, range.trim());
    });
  } else if (said !== undefined) {
    const field = `metadata.annotations[${rangesAnnotation}]`;
    if (!isBalancer) errors.push(forbidden(field, onlyBalancers));
    if (said.trim() !== '') for (const range of said.split(',')) checkCIDR(errors, field, range.trim());
  }
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
