/** NetworkPolicies. (kubernetes v1.34.1 pkg/apis/networking/validation/validation.go) */
import { forbidden, invalidValue, required } from '../field-error.ts';
import type { IPBlock, NetworkPolicy, NetworkPolicyPeer, NetworkPolicyPort } from '../generated/types.ts';
import { checkCIDR, isStrictSubset } from './address.ts';
import {
  checkForm,
  checkLabelSelector,
  checkOneOf,
  checkPort,
  isCIDR,
  portNameErrors,
  type Errors,
} from './fields.ts';

const types = ['Ingress', 'Egress'];

export function checkNetworkPolicy(errors: Errors, { spec }: NetworkPolicy): void {
  if (spec === undefined) return;
  checkLabelSelector(errors, 'spec.podSelector', spec.podSelector);
  (spec.ingress ?? []).forEach((rule, i) => {
    checkRule(errors, `spec.ingress[${i}]`, rule.ports, 'from', rule.from);
  });
  (spec.egress ?? []).forEach((rule, i) => {
    checkRule(errors, `spec.egress[${i}]`, rule.ports, 'to', rule.to);
  });
  const given = spec.policyTypes ?? [];
  if (given.length > types.length)
    errors.push(invalidValue('spec.policyTypes', given, 'may not specify more than two policyTypes'));
  else
    given.forEach((type, i) => {
      checkOneOf(errors, `spec.policyTypes[${i}]`, type, types);
    });
}

function checkRule(
  errors: Errors,
  field: string,
  ports: readonly NetworkPolicyPort[] | undefined,
  side: 'from' | 'to',
  peers: readonly NetworkPolicyPeer[] | undefined,
): void {
  (ports ?? []).forEach((port, i) => {
    checkPolicyPort(errors, `${field}.ports[${i}]`, port);
  });
  (peers ?? []).forEach((peer, i) => {
    checkPeer(errors, `${field}.${side}[${i}]`, peer);
  });
}

function checkPolicyPort(
  errors: Errors,
  field: string,
  { protocol, port, endPort }: NetworkPolicyPort,
): void {
  if (protocol !== undefined) checkOneOf(errors, `${field}.protocol`, protocol, ['TCP', 'UDP', 'SCTP']);
  const wrongEnd = (detail: string): void => {
    if (endPort !== undefined) errors.push(invalidValue(`${field}.endPort`, endPort, detail));
  };
  if (port === undefined) wrongEnd('may not be specified when `port` is not specified');
  else if (typeof port === 'string') {
    wrongEnd('may not be specified when `port` is non-numeric');
    checkForm(errors, `${field}.port`, port, portNameErrors);
  } else {
    checkPort(errors, `${field}.port`, port);
    if (endPort === undefined) return;
    if (endPort < port) wrongEnd('must be greater than or equal to `port`');
    checkPort(errors, `${field}.endPort`, endPort);
  }
}

function checkPeer(errors: Errors, field: string, peer: NetworkPolicyPeer): void {
  const { podSelector, namespaceSelector, ipBlock } = peer;
  checkLabelSelector(errors, `${field}.podSelector`, podSelector);
  checkLabelSelector(errors, `${field}.namespaceSelector`, namespaceSelector);
  if (ipBlock !== undefined) checkBlock(errors, `${field}.ipBlock`, ipBlock);
  const given = [podSelector, namespaceSelector, ipBlock].filter((part) => part !== undefined).length;
  if (given === 0) errors.push(required(field, 'must specify a peer'));
  else if (given > 1 && ipBlock !== undefined)
    errors.push(forbidden(field, 'may not specify both ipBlock and another peer'));
}

function checkBlock(errors: Errors, field: string, { cidr, except = [] }: IPBlock): void {
  if (cidr === '') {
    errors.push(required(`${field}.cidr`));
    return;
  }
  checkCIDR(errors, `${field}.cidr`, cidr);
  if (!isCIDR(cidr)) return;
  except.forEach((part, i) => {
    const at = `${field}.except[${i}]`;
    checkCIDR(errors, at, part);
    if (isCIDR(part) && !isStrictSubset(part, cidr))
      errors.push(invalidValue(at, part, 'must be a strict subset of `cidr`'));
  });
}
