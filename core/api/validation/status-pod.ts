/**
 * The status of a Pod. A kubelet writes one several times for every Pod, so nothing is built, and no pattern is matched,
 * unless there is something out of the ordinary. (kubernetes v1.34.1 pkg/apis/core/validation/validation.go,
 * ValidatePodStatusUpdate)
 */
import { duplicate, forbidden, invalidValue } from '../field-error.ts';
import type { ContainerStatus, Pod, PodStatus } from '../generated/types.ts';
import { qualifiedNameErrors } from '../../text/label-format.ts';
import { checkIP, isDualStack } from './address.ts';
import { checkForm, json, subdomain, type Errors } from './fields.ts';

export function checkPodStatus(errors: Errors, { spec, status }: Pod, before: Pod): void {
  if (status === undefined) return;
  const was = before.status ?? {};
  checkConditionTypes(errors, status.conditions);
  const node = status.nominatedNodeName;
  if (node !== undefined && node !== '' && node !== was.nominatedNodeName)
    checkForm(errors, 'status.nominatedNodeName', node, subdomain);
  const { restartPolicy } = before.spec;
  if (restartPolicy !== 'Always') {
    checkEnded(errors, 'containerStatuses', status, was, restartPolicy);
    checkEnded(errors, 'initContainerStatuses', status, was, restartPolicy, sidecars(before));
  }
  if (was.ephemeralContainerStatuses !== undefined)
    checkEnded(errors, 'ephemeralContainerStatuses', status, was, 'Never');
  if (status.resourceClaimStatuses !== undefined) checkClaims(errors, status.resourceClaimStatuses, spec);
  if (status.podIPs !== undefined) checkAddresses(errors, 'status.podIPs', status.podIPs, was.podIPs);
  const [host] = status.hostIPs ?? [];
  if (status.hostIPs === undefined || host === undefined) return;
  if (host.ip !== status.hostIP)
    errors.push(invalidValue('status.hostIPs[0].ip', host.ip, 'must be equal to `hostIP`'));
  checkAddresses(errors, 'status.hostIPs', status.hostIPs, was.hostIPs);
}

/** Kubernetes says of a condition that it is in the metadata. */
function checkConditionTypes(errors: Errors, conditions: PodStatus['conditions']): void {
  if (conditions === undefined) return;
  for (let i = 0; i < conditions.length; i++)
    switch (conditions[i]?.type) {
      case undefined:
      case 'PodScheduled':
      case 'Ready':
      case 'Initialized':
      case 'ContainersReady':
      case 'PodReadyToStartContainers':
      case 'DisruptionTarget':
        break;
      default:
        checkForm(errors, `metadata.conditions[${i}].Type`, conditions[i]?.type ?? '', qualifiedNameErrors);
    }
}

type Part = 'containerStatuses' | 'initContainerStatuses' | 'ephemeralContainerStatuses';

/** Containers that start again, whatever the Pod's policy. */
const sidecars = ({ spec }: Pod): readonly string[] =>
  (spec.initContainers ?? []).flatMap(({ name, restartPolicy }) =>
    restartPolicy === 'Always' ? [name] : [],
  );

/** What has ended and will not be started again has ended. */
function checkEnded(
  errors: Errors,
  part: Part,
  next: PodStatus,
  before: PodStatus,
  restartPolicy: string | undefined,
  restarted: readonly string[] = [],
): void {
  (before[part] ?? []).forEach((old: ContainerStatus, i) => {
    const ended = old.state?.terminated;
    if (ended === undefined || restarted.includes(old.name)) return;
    if (ended.exitCode !== 0 && restartPolicy === 'OnFailure') return;
    for (const { name, state } of next[part] ?? [])
      if (name === old.name && state?.terminated === undefined)
        errors.push(
          forbidden(`status.${part}[${i}].state`, 'may not be transitioned to non-terminated state'),
        );
  });
}

function checkClaims(
  errors: Errors,
  claims: NonNullable<PodStatus['resourceClaimStatuses']>,
  spec: Pod['spec'],
): void {
  const names = new Set<string>();
  claims.forEach(({ name, resourceClaimName }, i) => {
    const at = `status.resourceClaimStatuses[${i}].name`;
    if (!(spec.resourceClaims ?? []).some((claim) => claim.name === name))
      errors.push(invalidValue(at, name, 'must match the name of an entry in `spec.resourceClaims`'));
    if (names.has(name)) errors.push(duplicate(at, name));
    names.add(name);
    if (resourceClaimName !== undefined) checkForm(errors, at, resourceClaimName, subdomain);
  });
}

type Addresses = readonly { readonly ip: string }[];

/** At most one of each family. An address that was there is not read again. */
function checkAddresses(errors: Errors, field: string, next: Addresses, before: Addresses | undefined): void {
  const [first] = next;
  if (next.length === 1 && first !== undefined && first.ip === before?.[0]?.ip) return;
  next.forEach(({ ip }, i) => {
    if (!isPlainIPv4(ip)) checkIP(errors, `${field}[${i}]`, ip);
  });
  if (next.length < 2) return;
  next.forEach((address, i) => {
    if (next.findIndex(({ ip }) => ip === address.ip) < i)
      errors.push(duplicate(`${field}[${i}]`, { IP: address.ip }));
  });
  if (next.length > 2 || !isDualStack(next.map(({ ip }) => ip)))
    errors.push(
      invalidValue(
        field,
        json(next.map(({ ip }) => ({ IP: ip }))),
        'may specify no more than one IP for each IP family',
      ),
    );
}

/** Whether a text certainly is an IPv4 address: four numbers below 256, with no zeros before them. */
function isPlainIPv4(text: string): boolean {
  let [dots, value, digits] = [0, 0, 0];
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code === 46) {
      if (digits === 0) return false;
      dots++;
      [value, digits] = [0, 0];
    } else if (code >= 48 && code <= 57 && (digits === 0 || value > 0)) {
      value = value * 10 + code - 48;
      digits++;
      if (value > 255) return false;
    } else return false;
  }
  return dots === 3 && digits > 0;
}
