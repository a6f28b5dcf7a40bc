/** ResourceQuotas and LimitRanges. (kubernetes v1.34.1 pkg/apis/core/validation/validation.go) */
import { internal } from '../go/internal.ts';
import { duplicate, forbidden, invalidValue, required } from '../field-error.ts';
import type {
  LimitRange,
  LimitRangeItem,
  Quantity,
  ResourceQuota,
  ResourceQuotaSpec,
} from '../generated/types.ts';
import { compareQuantities, milliValue, quantityText, wholeValue } from '../../text/quantity.ts';
import {
  checkLimitType,
  checkContainerResourceName,
  checkQuotaResourceName,
  checkResourceName,
  isOfQuotas,
  overcommits,
} from './resource-names.ts';
import { checkAmount } from './resources.ts';
import { json, type Errors } from './fields.ts';

type Amounts = Readonly<Record<string, Quantity>>;

export function checkResourceQuota(errors: Errors, quota: ResourceQuota): void {
  checkQuotaSpec(errors, quota);
  checkResourceQuotaStatus(errors, quota);
}

export function checkResourceQuotaStatus(errors: Errors, { status }: ResourceQuota): void {
  checkQuotaAmounts(errors, 'status.hard', status?.hard);
  checkQuotaAmounts(errors, 'status.used', status?.used);
}

/** An update: the scopes stay. */
export function checkResourceQuotaUpdate(errors: Errors, next: ResourceQuota, before: ResourceQuota): void {
  checkQuotaSpec(errors, next);
  const [now, was] = [new Set(next.spec?.scopes), new Set(before.spec?.scopes)];
  if (now.size !== was.size || [...now].some((scope) => !was.has(scope)))
    errors.push(invalidValue('spec.scopes', json(next.spec?.scopes), 'field is immutable'));
}

function checkQuotaSpec(errors: Errors, { spec }: ResourceQuota): void {
  if (spec === undefined) return;
  checkQuotaAmounts(errors, 'spec.hard', spec.hard);
  checkScopes(errors, spec);
  checkScopeSelector(errors, spec);
}

function checkQuotaAmounts(errors: Errors, field: string, given: Amounts | null | undefined): void {
  const amounts = given ?? {};
  for (const name of Object.keys(amounts).sort()) {
    checkQuotaResourceName(errors, `${field}[${name}]`, name);
    checkAmount(errors, `${field}[${name}]`, name, amounts[name] ?? '0');
  }
}

const podScopes = [
  'Terminating',
  'NotTerminating',
  'NotBestEffort',
  'PriorityClass',
  'CrossNamespacePodAffinity',
];
const scopes = [...podScopes, 'BestEffort', 'VolumeAttributesClass'];

/** What Pods ask for: what the scopes that are about Pods may limit. */
const ofPods: ReadonlySet<string> = new Set([
  'pods',
  'cpu',
  'memory',
  'requests.cpu',
  'requests.memory',
  'limits.cpu',
  'limits.memory',
]);

function limits(scope: string, resource: string): boolean {
  if (podScopes.includes(scope)) return ofPods.has(resource);
  if (scope === 'BestEffort') return resource === 'pods';
  if (scope === 'VolumeAttributesClass')
    return resource === 'persistentvolumeclaims' || resource === 'requests.storage';
  return true;
}

const limited = (spec: ResourceQuotaSpec, scope: string): readonly string[] =>
  Object.keys(spec.hard ?? {}).filter((name) => isOfQuotas(name) && !limits(scope, name));

function checkScopes(errors: Errors, spec: ResourceQuotaSpec): void {
  const given = spec.scopes ?? [];
  const wrong = (detail: string): void => {
    errors.push(invalidValue('spec.scopes', given, detail));
  };
  for (const scope of given) {
    if (!scopes.includes(scope)) wrong('unsupported scope');
    limited(spec, scope).forEach(() => {
      wrong('unsupported scope applied to resource');
    });
  }
  conflicts(given).forEach(wrong);
}

const opposites = [
  ['BestEffort', 'NotBestEffort'],
  ['Terminating', 'NotTerminating'],
] as const;

const conflicts = (given: readonly string[]): readonly string[] =>
  opposites.filter((pair) => pair.every((scope) => given.includes(scope))).map(() => 'conflicting scopes');

const existsOnly = [
  'BestEffort',
  'NotBestEffort',
  'Terminating',
  'NotTerminating',
  'CrossNamespacePodAffinity',
];
const mustExist =
  "must be 'Exists' when scope is any of ResourceQuotaScopeTerminating, ResourceQuotaScopeNotTerminating, ResourceQuotaScopeBestEffort, ResourceQuotaScopeNotBestEffort or ResourceQuotaScopeCrossNamespacePodAffinity";

/** Kubernetes names the list, not the item. */
function checkScopeSelector(errors: Errors, spec: ResourceQuotaSpec): void {
  const field = 'spec.scopeSelector.matchExpressions';
  const expressions = spec.scopeSelector?.matchExpressions ?? [];
  for (const { scopeName, operator, values = [] } of expressions) {
    if (!scopes.includes(scopeName))
      errors.push(invalidValue(`${field}.scopeName`, scopeName, 'unsupported scope'));
    limited(spec, scopeName).forEach(() => {
      errors.push(
        invalidValue(
          field,
          internal('ScopeSelector', spec.scopeSelector),
          'unsupported scope applied to resource',
        ),
      );
    });
    if (existsOnly.includes(scopeName) && operator !== 'Exists')
      errors.push(invalidValue(`${field}.operator`, operator, mustExist));
    if (operator === 'In' || operator === 'NotIn') {
      if (values.length === 0)
        errors.push(
          required(
            `${field}.values`,
            "must be at least one value when `operator` is 'In' or 'NotIn' for scope selector",
          ),
        );
    } else if (operator === 'Exists' || operator === 'DoesNotExist') {
      if (values.length > 0)
        errors.push(
          invalidValue(
            `${field}.values`,
            values,
            "must be no value when `operator` is 'Exist' or 'DoesNotExist' for scope selector",
          ),
        );
    } else errors.push(invalidValue(`${field}.operator`, operator, 'not a valid selector operator'));
  }
  for (const detail of conflicts(expressions.map(({ scopeName }) => scopeName)))
    errors.push(invalidValue(field, json(spec.scopes), detail));
}

export function checkLimitRange(errors: Errors, { spec }: LimitRange): void {
  const types = new Set<string>();
  ((spec?.limits as readonly LimitRangeItem[] | undefined) ?? []).forEach((limit, i) => {
    const at = `spec.limits[${i}]`;
    checkLimitType(errors, `${at}.type`, limit.type);
    if (types.has(limit.type)) errors.push(duplicate(`${at}.type`, limit.type));
    types.add(limit.type);
    checkLimitNames(errors, at, limit);
    for (const name of namesOf(limit)) checkLimit(errors, at, name, limit);
  });
}

const parts = ['max', 'min', 'default', 'defaultRequest', 'maxLimitRequestRatio'] as const;

function checkLimitNames(errors: Errors, field: string, limit: LimitRangeItem): void {
  const ofContainers = limit.type === 'Pod' || limit.type === 'Container';
  for (const part of parts) {
    const names = Object.keys(limit[part] ?? {}).sort();
    if (limit.type === 'Pod' && (part === 'default' || part === 'defaultRequest')) {
      if (names.length > 0)
        errors.push(forbidden(`${field}.${part}`, "may not be specified when `type` is 'Pod'"));
      continue;
    }
    if (part === 'maxLimitRequestRatio') checkStorageLimit(errors, field, limit);
    for (const name of names) {
      const at = `${field}.${part}[${name}]`;
      if (ofContainers) checkContainerResourceName(errors, at, name);
      else checkResourceName(errors, at, name);
    }
  }
}

function checkStorageLimit(errors: Errors, field: string, { type, min, max }: LimitRangeItem): void {
  if (type === 'PersistentVolumeClaim' && min?.['storage'] === undefined && max?.['storage'] === undefined)
    errors.push(
      required(
        `${field}.limits`,
        'either minimum or maximum storage value is required, but neither was provided',
      ),
    );
}

/** Every resource that a limit speaks of, each once. */
const namesOf = (limit: LimitRangeItem): readonly string[] =>
  [...new Set(parts.flatMap((part) => Object.keys(limit[part] ?? {})))].sort();

/** The order: min <= default request <= default <= max, as far as they are given. */
function checkLimit(errors: Errors, field: string, name: string, limit: LimitRangeItem): void {
  const isPod = limit.type === 'Pod';
  const [min, max] = [limit.min?.[name], limit.max?.[name]];
  const most = isPod ? undefined : limit.default?.[name];
  const request = isPod ? undefined : limit.defaultRequest?.[name];
  const ordered = (part: string, shown: Quantity, low: Given, high: Given, words: [string, string]): void => {
    if (low !== undefined && high !== undefined && compareQuantities(low, high) > 0)
      errors.push(
        invalidValue(
          `${field}.${part}[${name}]`,
          quantityText(shown),
          `${words[0]} value ${quantityText(low)} is greater than ${words[1]} value ${quantityText(high)}`,
        ),
      );
  };
  ordered('min', min ?? '0', min, max, ['min', 'max']);
  ordered('defaultRequest', request ?? '0', min, request, ['min', 'default request']);
  ordered('defaultRequest', request ?? '0', request, max, ['default request', 'max']);
  ordered('defaultRequest', request ?? '0', request, most, ['default request', 'default limit']);
  ordered('default', min ?? '0', min, most, ['min', 'default']);
  ordered('default', max ?? '0', most, max, ['default', 'max']);
  const ratio = limit.maxLimitRequestRatio?.[name];
  if (ratio !== undefined) checkRatio(errors, `${field}.maxLimitRequestRatio[${name}]`, ratio, min, max);
  if (
    !overcommits(name) &&
    most !== undefined &&
    request !== undefined &&
    compareQuantities(most, request) !== 0
  )
    errors.push(
      invalidValue(
        `${field}.defaultRequest[${name}]`,
        quantityText(request),
        `default value ${quantityText(most)} must equal to defaultRequest value ${quantityText(request)} in ${name}`,
      ),
    );
}

type Given = Quantity | undefined;

/** Past this many units a thousandth of one is not counted. (resource.MaxMilliValue) */
const mostMilli = 9_223_372_036_854_775;

function checkRatio(errors: Errors, field: string, ratio: Quantity, min: Given, max: Given): void {
  const wrong = (detail: string): void => {
    errors.push(invalidValue(field, quantityText(ratio), `ratio ${quantityText(ratio)} is ${detail}`));
  };
  if (compareQuantities(ratio, '1') < 0) wrong('less than 1');
  if (min === undefined || max === undefined) return;
  const fine = [ratio, min, max].every((quantity) => wholeValue(quantity) < mostMilli);
  const asked = fine ? milliValue(ratio) / 1000 : wholeValue(ratio);
  const most = fine ? milliValue(max) / milliValue(min) : wholeValue(max) / wholeValue(min);
  if (asked > most) wrong(`greater than max/min = ${most.toFixed(6)}`);
}
