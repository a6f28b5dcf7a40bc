/** The rules of core/api as the verbs use them: shape, defaults, validation. One place to see what is checked when. */
import { withDefaults } from '../api/defaults.ts';
import type { FieldError } from '../api/field-error.ts';
import type { ResourceInfo } from '../api/kinds.ts';
import { checkShape } from '../api/schema.ts';
import { undecodable } from '../api/decoding.ts';
import type { NewObject, Status } from '../api/request.ts';
import { validateCreate, validateUpdate } from '../api/validate.ts';
import type { Stored } from './strategy/stored.ts';

/** The answer to an object of the wrong shape; undefined when it is well formed. */
export const shapeProblem = (info: ResourceInfo, object: NewObject): Status | undefined =>
  undecodable(info, checkShape(object));

/** The object with Kubernetes' defaults. */
export const defaulted = (object: NewObject): NewObject => withDefaults(object);

/** What is wrong with a new object. */
export const problemsOfCreate = (info: ResourceInfo, object: Stored): readonly FieldError[] =>
  validateCreate(info, object);

/** What is wrong with an update of an object. */
export const problemsOfUpdate = (info: ResourceInfo, next: Stored, current: Stored): readonly FieldError[] =>
  validateUpdate(info, next, current);

/** Whether a name certainly is a DNS-1123 subdomain without dots at odd places: the usual one, read without a pattern. */
export function isPlainName(name: string): boolean {
  const { length } = name;
  if (length === 0 || length > 253) return false;
  let boundary = true;
  for (let i = 0; i < length; i++) {
    const code = name.charCodeAt(i);
    const alphanumeric = (code >= 97 && code <= 122) || (code >= 48 && code <= 57);
    if (!alphanumeric && (boundary || (code !== 45 && code !== 46))) return false;
    // A part neither begins nor ends with a dash, and is not empty.
    boundary = code === 46;
    if (boundary && name.charCodeAt(i - 1) === 45) return false;
  }
  return !boundary && name.charCodeAt(length - 1) !== 45;
}

/** Whether owner references have all they need, and at most one is the controller. */
export function ownersAreWhole(owners: Stored['metadata']['ownerReferences']): boolean {
  if (owners === undefined) return true;
  let controllers = 0;
  for (const { apiVersion, kind, name, uid, controller } of owners) {
    if (apiVersion === '' || kind === '' || name === '' || uid === '') return false;
    if (controller === true) controllers++;
  }
  return controllers <= 1;
}
