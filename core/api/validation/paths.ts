/** Paths in volumes, and the modes of files. (kubernetes v1.34.1 pkg/apis/core/validation/validation.go) */
import { invalidValue, required } from '../field-error.ts';
import type { KeyToPath } from '../generated/types.ts';
import type { Errors } from './fields.ts';

export function checkMode(errors: Errors, field: string, mode: number | undefined): void {
  if (mode !== undefined && (mode < 0 || mode > 0o777))
    errors.push(invalidValue(field, mode, 'must be a number between 0 and 0777 (octal), both inclusive'));
}

export function checkNoBackSteps(errors: Errors, field: string, path: string): void {
  if (hasBackSteps(path)) errors.push(invalidValue(field, path, "must not contain '..'"));
}

export const hasBackSteps = (path: string): boolean => path.split('/').includes('..');

/** A relative path that stays below where it begins. */
export function checkDescendingPath(errors: Errors, field: string, path: string): void {
  if (path.startsWith('/')) errors.push(invalidValue(field, path, 'must be a relative path'));
  checkNoBackSteps(errors, field, path);
}

/** The same, with the names that the kubelet needs for itself kept free. */
export function checkFilePath(errors: Errors, field: string, path: string): void {
  checkDescendingPath(errors, field, path);
  if (path.startsWith('..') && !path.startsWith('../'))
    errors.push(invalidValue(field, path, "must not start with '..'"));
}

export function checkItems(errors: Errors, field: string, items: readonly KeyToPath[] = []): void {
  items.forEach((item, i) => {
    checkItem(errors, `${field}[${i}]`, item);
  });
}

/** One key of a Secret or ConfigMap as a file. */
export function checkItem(errors: Errors, field: string, item: KeyToPath): void {
  if (item.key === '') errors.push(required(`${field}.key`));
  if (item.path === '') errors.push(required(`${field}.path`));
  checkFilePath(errors, `${field}.path`, item.path);
  checkMode(errors, `${field}.mode`, item.mode);
}
