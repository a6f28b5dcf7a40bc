/** Requests and limits. (kubernetes v1.34.1 pkg/apis/core/validation/validation.go, ValidateContainerResourceRequirements) */
import { forbidden, invalidValue, required } from '../field-error.ts';
import type { PodSpec, Quantity, ResourceRequirements } from '../generated/types.ts';
import { qualifiedNameErrors } from '../label-format.ts';
import { compareQuantities, quantityText, roundUpQuantity, wholeValue } from '../quantity.ts';
import { checkForm, checkQuantityNotNegative, type Errors } from './fields.ts';

type Amounts = Readonly<Record<string, Quantity>>;

const nativeNames: ReadonlySet<string> = new Set(['cpu', 'memory', 'ephemeral-storage']);
/** Names without a domain that other lists may have. */
const standardNames: ReadonlySet<string> = new Set([
  'cpu',
  'memory',
  'ephemeral-storage',
  'storage',
  'requests.cpu',
  'requests.memory',
  'requests.storage',
  'requests.ephemeral-storage',
  'limits.cpu',
  'limits.memory',
  'limits.ephemeral-storage',
  'pods',
  'services',
  'replicationcontrollers',
  'resourcequotas',
  'secrets',
  'configmaps',
  'persistentvolumeclaims',
  'services.nodeports',
  'services.loadbalancers',
]);

const isHugePage = (name: string): boolean => name.startsWith('hugepages-');
const isExtended = (name: string): boolean => name.includes('/') && !name.includes('kubernetes.io/');
const overcommits = (name: string): boolean => !isHugePage(name) && !isExtended(name);

export function checkResources(
  errors: Errors,
  field: string,
  resources: ResourceRequirements | undefined,
  spec: PodSpec,
): void {
  if (resources === undefined) return;
  const limits = resources.limits ?? {};
  const requests = resources.requests ?? {};
  checkAmounts(errors, `${field}.limits`, limits);
  for (const name of Object.keys(requests).sort()) {
    checkName(errors, `${field}.requests[${name}]`, name);
    checkAmount(errors, `${field}.requests[${name}]`, name, requests[name] ?? '0');
    const limit = limits[name];
    const request = requests[name] ?? '0';
    if (limit === undefined) {
      if (!overcommits(name))
        errors.push(required(`${field}.limits`, 'Limit must be set for non overcommitable resources'));
    } else if (!overcommits(name) && compareQuantities(request, limit) !== 0)
      errors.push(
        invalidValue(
          `${field}.requests`,
          quantityText(request),
          `must be equal to ${name} limit of ${quantityText(limit)}`,
        ),
      );
    else if (compareQuantities(request, limit) > 0)
      errors.push(
        invalidValue(
          `${field}.requests`,
          quantityText(request),
          `must be less than or equal to ${name} limit of ${quantityText(limit)}`,
        ),
      );
  }
  const all = [...Object.keys(limits), ...Object.keys(requests)];
  if (all.some(isHugePage) && !all.includes('cpu') && !all.includes('memory'))
    errors.push(forbidden(field, 'HugePages require cpu or memory'));
  checkClaims(errors, `${field}.claims`, resources, spec);
}

/** A list of limits, or what a Pod costs beside its containers. */
export function checkAmounts(errors: Errors, field: string, amounts: Amounts): void {
  for (const name of Object.keys(amounts).sort()) {
    checkName(errors, `${field}[${name}]`, name);
    checkAmount(errors, `${field}[${name}]`, name, amounts[name] ?? '0');
  }
}

function checkName(errors: Errors, field: string, name: string): void {
  checkForm(errors, field, name, qualifiedNameErrors);
  if (name.includes('/')) return;
  if (!standardNames.has(name) && !isHugePage(name))
    errors.push(invalidValue(field, name, 'must be a standard resource type or fully qualified'));
  if (!nativeNames.has(name) && !isHugePage(name))
    errors.push(invalidValue(field, name, 'must be a standard resource for containers'));
}

function checkAmount(errors: Errors, field: string, name: string, text: Quantity): void {
  checkQuantityNotNegative(errors, field, text);
  if (isExtended(name) && compareQuantities(roundUpQuantity(text, 0), text) !== 0)
    errors.push(invalidValue(field, quantityText(text), 'must be an integer'));
  if (!isHugePage(name)) return;
  const size = name.slice('hugepages-'.length);
  if (!isMultiple(text, size))
    errors.push(
      invalidValue(
        field,
        quantityText(text),
        `${quantityText(text)} is not positive integer multiple of ${name}`,
      ),
    );
}

/** Exact below 2^53 bytes. */
function isMultiple(text: Quantity, size: Quantity): boolean {
  const page = wholeValue(size);
  return page > 0 && wholeValue(text) % page === 0;
}

function checkClaims(errors: Errors, field: string, resources: ResourceRequirements, spec: PodSpec): void {
  const known = (spec.resourceClaims ?? []).map((claim) => claim.name);
  (resources.claims ?? []).forEach((claim, i) => {
    if (claim.name === '') errors.push(required(`${field}[${i}]`));
    else if (!known.includes(claim.name))
      errors.push({
        type: 'Not found',
        field: `${field}[${i}]`,
        badValue: claim.name,
        detail: `must be one of the names in pod.spec.resourceClaims${known.length === 0 ? ' which is empty' : ''}`,
      });
  });
}
