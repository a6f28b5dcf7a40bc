/** Namespaces, Nodes, ConfigMaps, Secrets and Leases. (kubernetes v1.34.1 pkg/apis/core/validation/validation.go) */
import { forbidden, invalidValue, required } from '../field-error.ts';
import { internal } from '../go/internal.ts';
import { goQuote } from '../go/quote.ts';
import type { ConfigMap, Json, Lease, Namespace, Node, Quantity, Secret } from '../generated/types.ts';
import { byteLength, labelValueErrors, qualifiedNameErrors } from '../../text/label-format.ts';
import { same } from '../merge-patch.ts';
import { parseJson } from '../patch/json-text.ts';
import { checkCIDR, isDualStack } from './address.ts';
import {
  checkForm,
  checkNotNegative,
  checkRequiredOneOf,
  configKeyErrors,
  isCIDR,
  type Errors,
} from './fields.ts';
import { checkFinalizer } from './metadata.ts';
import { taintEffects } from './placement.ts';
import { checkAmount } from './resources.ts';

export function checkNamespace(errors: Errors, namespace: Namespace): void {
  for (const finalizer of namespace.spec.finalizers ?? [])
    checkFinalizer(errors, 'spec.finalizers', finalizer);
}

/** Kubernetes names the field as Go does. */
export function checkNamespaceStatus(errors: Errors, { metadata, status }: Namespace): void {
  const phase = status?.phase ?? '';
  const isDeleted = (metadata.deletionTimestamp as string | undefined) !== undefined;
  const [wanted, is] = isDeleted ? ['Terminating', 'is not empty'] : ['Active', 'is empty'];
  if (phase !== wanted)
    errors.push(
      invalidValue('status.Phase', phase, `may only be '${wanted}' if \`deletionTimestamp\` ${is}`),
    );
}

const avoidPods = 'scheduler.alpha.kubernetes.io/preferAvoidPods';

export function checkNode(errors: Errors, node: Node): void {
  const avoid = node.metadata.annotations?.[avoidPods];
  if (avoid !== undefined && !/^\s*[{[]/.test(avoid))
    errors.push(
      invalidValue(
        'metadata.annotations.AvoidPods',
        avoidPods,
        `invalid character '${avoid.charAt(0)}' looking for beginning of value`,
      ),
    );
  checkTaints(errors, node);
  checkCapacity(errors, 'status.capacity', node.status.capacity);
  checkCapacity(errors, 'status.allocatable', node.status.allocatable);
  checkPodCIDRs(errors, 'spec.podCIDRs', node.spec.podCIDRs ?? []);
}

/** One range of addresses, or one of each family. */
function checkPodCIDRs(errors: Errors, field: string, cidrs: readonly string[]): void {
  cidrs.forEach((cidr, i) => {
    checkCIDR(errors, `${field}[${i}]`, cidr);
  });
  if (cidrs.length < 2) return;
  const unreadable = cidrs.find((cidr) => !isCIDR(cidr));
  if (unreadable !== undefined)
    errors.push({
      type: 'Internal error',
      field,
      detail: `invalid PodCIDRs. failed to check with dual stack with error:failed to parse cidr value:${goQuote(unreadable)} with error:invalid CIDR address: ${unreadable}`,
    });
  if (unreadable !== undefined || !isDualStack(cidrs) || cidrs.length > 2)
    errors.push(invalidValue(field, cidrs, 'may specify no more than one CIDR for each IP family'));
}

function checkTaints(errors: Errors, node: Node): void {
  const seen = new Set<string>();
  (node.spec.taints ?? []).forEach((taint, i) => {
    const at = `metadata.taints[${i}]`; // Kubernetes puts them under metadata, where they once were
    checkForm(errors, `${at}.key`, taint.key, qualifiedNameErrors);
    checkForm(errors, `${at}.value`, taint.value ?? '', labelValueErrors);
    checkRequiredOneOf(errors, `${at}.effect`, taint.effect as string | undefined, taintEffects);
    const pair = `${taint.key}:${taint.effect}`;
    if (seen.has(pair))
      errors.push({
        type: 'Duplicate value',
        field: at,
        badValue: internal('Taint', taint),
        detail: 'taints must be unique by key and effect pair',
      });
    seen.add(pair);
  });
}

function checkCapacity(
  errors: Errors,
  field: string,
  list: Readonly<Record<string, Quantity>> | undefined,
): void {
  for (const name of Object.keys(list ?? {}).sort())
    checkAmount(errors, `${field}.${name}`, name, list?.[name] ?? '0');
}

export function checkNodeUpdate(errors: Errors, next: Node, before: Node): void {
  if (next.spec.taints !== before.spec.taints) checkTaints(errors, next); // Kubernetes says it twice
  const was = before.spec.podCIDRs ?? [];
  const now = next.spec.podCIDRs ?? [];
  const changes = was.length === now.length ? was.filter((cidr, i) => cidr !== now[i]).length : 1;
  // Once for each range that is another.
  for (let i = 0; was.length > 0 && i < changes; i++)
    errors.push(forbidden('spec.podCIDRs', 'node updates may not change podCIDR except from "" to valid'));
  if ((before.spec.providerID ?? '') !== '' && next.spec.providerID !== before.spec.providerID)
    errors.push(
      forbidden('spec.providerID', 'node updates may not change providerID except from "" to valid'),
    );
  if ((next.spec.externalID ?? '') !== (before.spec.externalID ?? ''))
    errors.push(forbidden('spec.externalID', 'may not be updated'));
}

/** 1 MiB: what a ConfigMap or a Secret may hold. */
const mostBytes = 1_048_576;

export function checkConfigMap(errors: Errors, map: ConfigMap): void {
  let bytes = 0;
  for (const part of ['data', 'binaryData'] as const) {
    const list = map[part] ?? {};
    for (const key of Object.keys(list).sort()) {
      checkForm(errors, `${part}[${key}]`, key, configKeyErrors);
      if (part === 'data' && Object.hasOwn(map.binaryData ?? {}, key))
        errors.push(invalidValue(`data[${key}]`, key, 'duplicate of key present in binaryData'));
      bytes += part === 'data' ? byteLength(list[key] ?? '') : decodedBytes(list[key] ?? '');
    }
  }
  if (bytes > mostBytes)
    errors.push({ type: 'Too long', field: '', detail: `may not be more than ${mostBytes} bytes` });
}

/** Bytes of a base64 text. */
function decodedBytes(text: string): number {
  const digits = text.replace(/[=\s]/g, '').length;
  return Math.floor((digits * 3) / 4);
}

/** The keys that a Secret of a type must have. */
const keysOfType: Readonly<Record<string, readonly string[]>> = {
  'kubernetes.io/tls': ['tls.crt', 'tls.key'],
  'kubernetes.io/ssh-auth': ['ssh-privatekey'],
  'kubernetes.io/dockercfg': ['.dockercfg'],
  'kubernetes.io/dockerconfigjson': ['.dockerconfigjson'],
};
const jsonKeys = ['.dockercfg', '.dockerconfigjson'];
const accountName = 'kubernetes.io/service-account.name';

export function checkSecret(errors: Errors, secret: Secret): void {
  const data = secret.data ?? {};
  let bytes = 0;
  for (const key of Object.keys(data).sort()) {
    checkForm(errors, `data[${key}]`, key, configKeyErrors);
    bytes += decodedBytes(data[key] ?? '');
  }
  if (bytes > mostBytes)
    errors.push({ type: 'Too long', field: 'data', detail: `may not be more than ${mostBytes} bytes` });
  const type = secret.type ?? '';
  if (
    type === 'kubernetes.io/service-account-token' &&
    (secret.metadata.annotations?.[accountName] ?? '') === ''
  )
    errors.push(required(`metadata.annotations[${accountName}]`));
  if (type === 'kubernetes.io/basic-auth' && data['username'] === undefined && data['password'] === undefined)
    errors.push(required('data[username]'), required('data[password]'));
  for (const key of keysOfType[type] ?? []) {
    const value = data[key];
    const isMissing = value === undefined || (key === 'ssh-privatekey' && value === '');
    if (isMissing) errors.push(required(`data[${key}]`));
    else if (jsonKeys.includes(key)) checkJson(errors, `data[${key}]`, value);
  }
}

/** What registries are known by is a JSON object. */
function checkJson(errors: Errors, field: string, base64: string): void {
  const read = parseJson(atob(base64), Number);
  const detail = 'error' in read ? read.error : notAnObject(read.value);
  if (detail !== undefined) errors.push(invalidValue(field, '<secret contents redacted>', detail));
}

/** In the words of Go; null is as good as no object. */
function notAnObject(value: Json): string | undefined {
  if (value === null || (typeof value === 'object' && !Array.isArray(value))) return undefined;
  const kind = Array.isArray(value) ? 'array' : typeof value === 'boolean' ? 'bool' : typeof value;
  return `json: cannot unmarshal ${kind} into Go value of type map[string]interface {}`;
}

const frozen = 'field is immutable when `immutable` is set';

/** What is marked immutable stays: the mark itself, and the data. */
export function checkImmutable(errors: Errors, next: ConfigMap | Secret, before: ConfigMap | Secret): void {
  if (before.immutable !== true) return;
  if (next.immutable !== true) errors.push(forbidden('immutable', frozen));
  if (!same(next.data, before.data)) errors.push(forbidden('data', frozen));
  if (before.kind === 'ConfigMap' && next.kind === 'ConfigMap' && !same(next.binaryData, before.binaryData))
    errors.push(forbidden('binaryData', frozen));
}

export function checkLease(errors: Errors, { spec }: Lease): void {
  const duration = spec.leaseDurationSeconds;
  if (duration !== undefined && duration <= 0)
    errors.push(invalidValue('spec.leaseDurationSeconds', duration, 'must be greater than 0'));
  checkNotNegative(errors, 'spec.leaseTransitions', spec.leaseTransitions);
}
