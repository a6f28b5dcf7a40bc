/** The scale subresource of a custom resource. (apiextensions-apiserver/pkg/registry/customresource/etcd.go, validator.go) */
import { invalidValue, type FieldError } from '../field-error.ts';
import type { CustomResourceSubresourceScale, Json } from '../generated/types.ts';
import { isFields, type Fields } from './schema.ts';

/** What a Scale says besides metadata. */
export interface ScaleOf {
  readonly replicas: number;
  readonly statusReplicas: number;
  readonly selector: string;
}

/** The scale of an object; its number of replicas must be set. */
export function scaleOf(
  object: Fields,
  scale: CustomResourceSubresourceScale,
): ScaleOf | { readonly error: string } {
  const replicas = at(object, scale.specReplicasPath);
  if (replicas === undefined)
    return { error: `the spec replicas field ${JSON.stringify(scale.specReplicasPath)} cannot be empty` };
  const selector = scale.labelSelectorPath === undefined ? '' : at(object, scale.labelSelectorPath);
  return {
    replicas: numeric(replicas),
    statusReplicas: numeric(at(object, scale.statusReplicasPath)),
    selector: typeof selector === 'string' ? selector : '',
  };
}

const numeric = (value: Json | undefined): number => (typeof value === 'number' ? value : 0);

/** The object with another number of replicas. */
export const withReplicas = (
  object: Fields,
  scale: CustomResourceSubresourceScale,
  replicas: number,
): Fields => withValue(object, stepsOf(scale.specReplicasPath), replicas);

function withValue(object: Fields, steps: readonly string[], value: Json): Fields {
  const [step = '', ...rest] = steps;
  const inside = object[step];
  return {
    ...object,
    [step]: rest.length === 0 ? value : withValue(isFields(inside) ? inside : {}, rest, value),
  };
}

const stepsOf = (path: string): readonly string[] => path.replace(/^\./, '').split('.');

function at(object: Fields, path: string): Json | undefined {
  let value: Json | undefined = object;
  for (const step of stepsOf(path))
    value = isFields(value) && Object.hasOwn(value, step) ? value[step] : undefined;
  return value;
}

/** The replicas are whole numbers, and not negative; `status` looks only at what a status update may change. */
export function checkScale(
  object: Fields,
  scale: CustomResourceSubresourceScale,
  only: 'all' | 'status',
): readonly FieldError[] {
  const selectorPath = scale.labelSelectorPath;
  const selector = selectorPath === undefined ? undefined : at(object, selectorPath);
  return [
    ...(only === 'all' ? checkReplicas(object, scale.specReplicasPath) : []),
    ...checkReplicas(object, scale.statusReplicasPath),
    ...(selectorPath === undefined || selector === undefined || typeof selector === 'string'
      ? []
      : [invalidValue(selectorPath, '', accessorError(selectorPath, selector, 'string'))]),
  ];
}

function checkReplicas(object: Fields, path: string): readonly FieldError[] {
  const value = at(object, path);
  if (value === undefined) return [];
  if (typeof value !== 'number' || !Number.isInteger(value))
    return [invalidValue(path, 0, accessorError(path, value, 'int64'))];
  if (value < 0) return [invalidValue(path, value, 'should be a non-negative integer')];
  if (value > 2_147_483_647) return [invalidValue(path, value, 'should be less than or equal to 2147483647')];
  return [];
}

const accessorError = (path: string, value: Json, expected: string): string =>
  `.${stepsOf(path).join('.')} accessor error: ${goText(value)} is of the type ${goType(value)}, expected ${expected}`;

const goText = (value: Json): string => (typeof value === 'string' ? value : JSON.stringify(value));

function goType(value: Json): string {
  if (value === null) return '<nil>';
  if (typeof value === 'object') return Array.isArray(value) ? '[]interface {}' : 'map[string]interface {}';
  if (typeof value === 'number') return Number.isInteger(value) ? 'int64' : 'float64';
  return typeof value === 'boolean' ? 'bool' : 'string';
}
