/** Requests and limits. (kubernetes v1.34.1 pkg/apis/core/validation/validation.go, ValidateContainerResourceRequirements) */
import { duplicate, forbidden, invalidValue, required } from '../field-error.ts';
import type { PodSpec, Quantity, ResourceRequirements } from '../generated/types.ts';
import { compareQuantities, quantityText, roundUpQuantity, wholeValue } from '../../text/quantity.ts';
import { checkForm, checkQuantityNotNegative, label, type Errors } from './fields.ts';
import { checkContainerResourceName, isHugePage, isWhole, overcommits } from './resource-names.ts';

type Amounts = Readonly<Record<string, Quantity>>;

/** How a resource may be called there. */
type NameCheck = (errors: Errors, field: string, name: string) => void;

export function checkResources(
  errors: Errors,
  field: string,
  resources: ResourceRequirements | undefined,
  spec: PodSpec,
  checkName: NameCheck = checkContainerResourceName,
): void {
  if (resources === undefined) return;
  const { limits = {}, requests = {} } = resources;
  checkAmounts(errors, `${field}.limits`, limits, checkName);
  for (const name of Object.keys(requests).sort()) {
    const request = requests[name] ?? '0';
    const at = `${field}.requests[${name}]`;
    checkName(errors, at, name);
    checkAmount(errors, at, name, request);
    checkAgainstLimit(errors, field, name, request, limits[name]);
    checkPages(errors, at, name, request);
  }
  const all = [...Object.keys(limits), ...Object.keys(requests)];
  if (all.some(isHugePage) && !all.includes('cpu') && !all.includes('memory'))
    errors.push(forbidden(field, 'HugePages require cpu or memory'));
  checkClaims(errors, `${field}.claims`, resources, spec);
}

/** A request is at most its limit; where resources are not shared, as much. */
function checkAgainstLimit(
  errors: Errors,
  field: string,
  name: string,
  request: Quantity,
  limit: Quantity | undefined,
): void {
  if (limit === undefined) {
    if (!overcommits(name))
      errors.push(required(`${field}.limits`, 'Limit must be set for non overcommitable resources'));
    return;
  }
  const order = compareQuantities(request, limit);
  const must = !overcommits(name) && order !== 0 ? 'equal to' : order > 0 ? 'less than or equal to' : '';
  if (must !== '')
    errors.push(
      invalidValue(
        `${field}.requests`,
        quantityText(request),
        `must be ${must} ${name} limit of ${quantityText(limit)}`,
      ),
    );
}

/** A list of limits, or what a Pod costs beside its containers. */
export function checkAmounts(
  errors: Errors,
  field: string,
  amounts: Amounts,
  checkName: NameCheck = checkContainerResourceName,
): void {
  for (const name of Object.keys(amounts).sort()) {
    const at = `${field}[${name}]`;
    checkName(errors, at, name);
    checkAmount(errors, at, name, amounts[name] ?? '0');
    checkPages(errors, at, name, amounts[name] ?? '0');
  }
}

/** How much of a resource there may be. (ValidateResourceQuantityValue) */
export function checkAmount(errors: Errors, field: string, name: string, text: Quantity): void {
  checkQuantityNotNegative(errors, field, text);
  if (isWhole(name) && compareQuantities(roundUpQuantity(text, 0), text) !== 0)
    errors.push(invalidValue(field, quantityText(text), 'must be an integer'));
}

/** Huge pages come whole. */
function checkPages(errors: Errors, field: string, name: string, text: Quantity): void {
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

/** Each claim, or each request of one, is named once. */
function checkClaims(errors: Errors, field: string, resources: ResourceRequirements, spec: PodSpec): void {
  const known = (spec.resourceClaims ?? []).map((claim) => claim.name).filter((name) => name !== '');
  const named = new Set<string>();
  (resources.claims ?? []).forEach(({ name, request = '' }, i) => {
    const at = `${field}[${i}]`;
    if (name === '') {
      errors.push(required(at));
      return;
    }
    if (named.has(name)) errors.push(duplicate(at, name));
    else {
      const key = request === '' ? name : `${name}/${request}`;
      if (request !== '') checkForm(errors, `${at}.request`, request, label);
      if (named.has(key)) errors.push(duplicate(at, key));
      else if (request === '')
        for (const other of named) if (other.startsWith(`${name}/`)) errors.push(duplicate(at, name));
      named.add(key);
    }
    if (!known.includes(name))
      errors.push({
        type: 'Not found',
        field: at,
        badValue: name,
        detail: `must be one of the names in pod.spec.resourceClaims${known.length === 0 ? ' which is empty' : `: ${[...new Set(known)].sort().join(', ')}`}`,
      });
  });
}
