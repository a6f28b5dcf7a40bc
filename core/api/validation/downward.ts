/** What a container may learn of its own Pod. (kubernetes v1.34.1 pkg/apis/core/validation/validation.go, pkg/apis/core/pods) */
import { invalidValue, required, unsupported } from '../field-error.ts';
import type { ObjectFieldSelector, ResourceFieldSelector } from '../generated/types.ts';
import { qualifiedNameErrors } from '../../text/label-format.ts';
import { compareQuantities, quantityText } from '../../text/quantity.ts';
import { checkForm, type Errors } from './fields.ts';

/** All that can be named, whether here or there. */
const known: ReadonlySet<string> = new Set([
  'metadata.annotations',
  'metadata.labels',
  'metadata.name',
  'metadata.namespace',
  'metadata.uid',
  'spec.nodeName',
  'spec.restartPolicy',
  'spec.serviceAccountName',
  'spec.schedulerName',
  'status.phase',
  'status.hostIP',
  'status.hostIPs',
  'status.podIP',
  'status.podIPs',
]);

const subscripted = /^(metadata\.(?:annotations|labels))\['(.*)'\]$/s;

/** `fieldPath`, of those that are `allowed` there; of labels and annotations also one by its key. */
export function checkFieldReference(
  errors: Errors,
  field: string,
  { apiVersion, fieldPath }: ObjectFieldSelector,
  allowed: readonly string[],
): void {
  if (apiVersion === '') {
    errors.push(required(`${field}.apiVersion`));
    return;
  }
  if (fieldPath === '') {
    errors.push(required(`${field}.fieldPath`));
    return;
  }
  if (apiVersion !== undefined && apiVersion !== 'v1') {
    const detail = `error converting fieldPath: unsupported pod version: ${apiVersion}`;
    errors.push(invalidValue(`${field}.fieldPath`, fieldPath, detail));
    return;
  }
  const [, map = '', key] = subscripted.exec(fieldPath) ?? [];
  if (key !== undefined) {
    const name = map === 'metadata.annotations' ? key.toLowerCase() : key;
    checkForm(errors, field, name, qualifiedNameErrors);
    return;
  }
  const isAnySubscript = /^[^[]+\['.*'\]$/s.test(fieldPath);
  if (isAnySubscript || !known.has(fieldPath)) {
    const detail = isAnySubscript
      ? `error converting fieldPath: field label does not support subscript: ${fieldPath}`
      : `error converting fieldPath: field label not supported: ${fieldPath}`;
    errors.push(invalidValue(`${field}.fieldPath`, fieldPath, detail));
  } else if (!allowed.includes(fieldPath)) errors.push(unsupported(`${field}.fieldPath`, fieldPath, allowed));
}

const resources = [
  'limits.cpu',
  'limits.ephemeral-storage',
  'limits.memory',
  'requests.cpu',
  'requests.ephemeral-storage',
  'requests.memory',
];

const isPages = (resource: string): boolean => /^(?:requests|limits)\.hugepages-/.test(resource);

/** A request or limit of a container, in units of a divisor. */
export function checkResourceReference(
  errors: Errors,
  field: string,
  { containerName = '', resource, divisor }: ResourceFieldSelector,
  isVolume: boolean,
): void {
  if (isVolume && containerName === '') errors.push(required(`${field}.containerName`));
  else if (resource === '') errors.push(required(`${field}.resource`));
  else if (!resources.includes(resource) && !isPages(resource))
    errors.push(unsupported(`${field}.resource`, resource, resources));
  if (divisor !== undefined && compareQuantities(divisor, '0') !== 0)
    checkDivisor(errors, `${field}.divisor`, resource, quantityText(divisor));
}

const units = [
  '1',
  ...['k', 'M', 'G', 'T', 'P', 'E', 'Ki', 'Mi', 'Gi', 'Ti', 'Pi', 'Ei'].map((unit) => `1${unit}`),
];

const divided: readonly (readonly [RegExp, string])[] = [
  [/^(?:limits|requests)\.memory$/, 'memory'],
  [/^(?:limits|requests)\.ephemeral-storage$/, 'local ephemeral storage'],
  [/^(?:limits|requests)\.hugepages-/, 'hugepages'],
];

/** Kubernetes shows the resource, not the divisor. */
function checkDivisor(errors: Errors, field: string, resource: string, divisor: string): void {
  if (/^(?:limits|requests)\.cpu$/.test(resource) && divisor !== '1' && divisor !== '1m')
    errors.push(
      invalidValue(field, resource, "only divisor's values 1m and 1 are supported with the cpu resource"),
    );
  for (const [form, what] of divided)
    if (form.test(resource) && !units.includes(divisor))
      errors.push(
        invalidValue(
          field,
          resource,
          `only divisor's values ${units.join(', ')} are supported with the ${what} resource`,
        ),
      );
}
