/** The IPs of a Service, and their families. (kubernetes v1.34.1 pkg/apis/core/validation/validation.go) */
import { duplicate, forbidden, invalidValue, required } from '../field-error.ts';
import type { Service, ServiceSpec } from '../generated/types.ts';
import { checkIP, isDualStack } from './address.ts';
import { qualifiedNameErrors } from '../../text/label-format.ts';
import { checkForm, checkOneOf, isIPv6, json, type Errors } from './fields.ts';

/** The old field and the new say the same: who gives one has given both. (pkg/registry/core/service/strategy.go) */
function ipsOf({ clusterIP = '', clusterIPs }: ServiceSpec): readonly string[] {
  return clusterIPs ?? (clusterIP === '' ? [] : [clusterIP]);
}

export function isHeadless(spec: ServiceSpec): boolean {
  const ips = ipsOf(spec);
  return ips.length === 1 && ips[0] === 'None';
}

export function checkClusterIPs(errors: Errors, spec: ServiceSpec): void {
  if (spec.type === 'ExternalName') return;
  const { clusterIP = '' } = spec;
  const ips = ipsOf(spec);
  const wrong = (detail: string): void => {
    errors.push(invalidValue('spec.clusterIPs', ips, detail));
  };
  if (clusterIP !== '' && ips.length === 0) errors.push(required('spec.clusterIPs'));
  else if (clusterIP !== '' && ips[0] !== clusterIP) wrong('first value must match `clusterIP`');
  else if (clusterIP === '' && ips.length > 0) wrong('must be empty when `clusterIP` is not specified');
  checkFamilies(errors, spec);
  const before = errors.length;
  ips.forEach((ip, i) => {
    if (i > 0 || ip !== 'None') checkIP(errors, `spec.clusterIPs[${i}]`, ip);
    else if (ips.length > 1) wrong("'None' must be the first and only value");
  });
  const areIPs = errors.length === before;
  if (ips.length > 2) wrong('may only hold up to 2 values');
  if (!areIPs) return;
  if (ips.length > 1 && !isDualStack(ips)) wrong('may specify no more than one IP for each IP family');
  if (!isHeadless(spec)) checkIPsOfFamilies(errors, ips, spec.ipFamilies ?? []);
}

function checkFamilies(errors: Errors, spec: ServiceSpec): void {
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

function checkIPsOfFamilies(errors: Errors, ips: readonly string[], families: readonly string[]): void {
  ips.slice(0, families.length).forEach((ip, i) => {
    const family = families[i];
    if ((family === 'IPv4' && isIPv6(ip)) || (family === 'IPv6' && !isIPv6(ip)))
      errors.push(
        invalidValue(
          `spec.clusterIPs[${i}]`,
          ip,
          `expected an ${family} value as indicated by \`ipFamilies[${i}]\``,
        ),
      );
  });
}

/** Why something of a load balancer is refused to another. */
export const onlyBalancers = "may only be used when `type` is 'LoadBalancer'";

export function checkBalancerClass(errors: Errors, { type, loadBalancerClass }: ServiceSpec): void {
  if (loadBalancerClass === undefined) return;
  if (type === 'LoadBalancer')
    checkForm(errors, 'spec.loadBalancerClass', loadBalancerClass, qualifiedNameErrors);
  else errors.push(forbidden('spec.loadBalancerClass', onlyBalancers));
}

/** What stays: the primary IP and its family, the class of a load balancer, the port of its health check. */
export function checkServiceUpdate(errors: Errors, { spec: next }: Service, { spec: before }: Service): void {
  if (next === before) return;
  if (next.type !== 'ExternalName' && before.type !== 'ExternalName') {
    checkIPsUpdate(errors, next, before);
    checkFamiliesUpdate(errors, next, before);
  }
  if (
    before.type === 'LoadBalancer' &&
    next.type === 'LoadBalancer' &&
    next.loadBalancerClass !== before.loadBalancerClass
  )
    errors.push(
      invalidValue('spec.loadBalancerClass', json(next.loadBalancerClass), 'may not change once set'),
    );
  checkBalancerClass(errors, next);
  if (
    hasHealthCheck(next) &&
    hasHealthCheck(before) &&
    (next.healthCheckNodePort ?? 0) !== (before.healthCheckNodePort ?? 0)
  )
    errors.push(forbidden('spec.healthCheckNodePort', 'field is immutable'));
}

const hasHealthCheck = ({ type, externalTrafficPolicy }: ServiceSpec): boolean =>
  type === 'LoadBalancer' && externalTrafficPolicy === 'Local';

function checkIPsUpdate(errors: Errors, next: ServiceSpec, before: ServiceSpec): void {
  if (isHeadless(next) && isHeadless(before)) return;
  const [now, was] = [ipsOf(next), ipsOf(before)];
  const wrong = (index: number, detail: string): void => {
    errors.push(invalidValue(`spec.clusterIPs[${index}]`, json(next.clusterIPs ?? now), detail));
  };
  if (now.length === was.length)
    was.forEach((ip, i) => {
      if (ip !== now[i]) wrong(i, 'may not change once set');
    });
  else if (was.length > 0 && now.length === 0) wrong(0, 'primary clusterIP can not be unset');
  else if (was.length > 0 && now[0] !== was[0]) wrong(0, 'may not change once set');
  if (was.length > now.length && now.length === 1 && next.ipFamilyPolicy !== 'SingleStack')
    errors.push(
      invalidValue(
        'spec.ipFamilyPolicy',
        json(next.ipFamilyPolicy),
        "must be set to 'SingleStack' when releasing the secondary clusterIP",
      ),
    );
}

/** The value shown is sometimes that of the IPs: so it is there. */
function checkFamiliesUpdate(errors: Errors, next: ServiceSpec, before: ServiceSpec): void {
  if (isHeadless(next) || isHeadless(before)) return;
  const [now, was] = [next.ipFamilies ?? [], before.ipFamilies ?? []];
  const wrong = (shown: unknown, detail: string): void => {
    errors.push(invalidValue('spec.ipFamilies[0]', json(shown), detail));
  };
  if (now.length === was.length)
    was.forEach((family, i) => {
      if (family !== now[i]) wrong(next.ipFamilies, 'may not change once set');
    });
  else {
    if (was.length > now.length && ipsOf(next).length === 0)
      wrong(next.ipFamilies, 'primary ipFamily can not be unset');
    if (was.length > 0 && now.length > 0 && now[0] !== was[0])
      wrong(next.clusterIPs, 'may not change once set');
  }
  if (was.length > now.length && now.length === 1 && next.ipFamilyPolicy !== 'SingleStack')
    errors.push(
      invalidValue(
        'spec.ipFamilyPolicy',
        json(next.ipFamilyPolicy),
        "must be set to 'SingleStack' when releasing the secondary ipFamily",
      ),
    );
}
