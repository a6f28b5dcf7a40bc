/** The rules of core/api as the verbs use them: defaults, validation. One place to see what is checked when. */
import { withDefaults } from '../api/defaults.ts';
import type { FieldError } from '../api/field-error.ts';
import type { Pod } from '../api/generated/types.ts';
import type { ResourceInfo } from '../api/kinds.ts';
import type { NewObject } from '../api/request.ts';
import { validateCreate, validateUpdate } from '../api/validate.ts';
import { pathSegment } from '../api/validation/fields.ts';
import { checkMetadata, checkMetadataUpdate } from '../api/validation/metadata.ts';
import { ephemeralContainersErrors, resizeErrors } from '../api/validation/pod-subresources.ts';
import { rulesOf } from '../api/validation/rules.ts';
import { defaultedCustom, problemsOfNew, problemsOfNext } from './custom/content.ts';
import type { Stored } from './strategy/stored.ts';

/** The object with Kubernetes' defaults, or with those of its definition. */
export const defaulted = (info: ResourceInfo, object: NewObject): NewObject =>
  info.custom === undefined ? withDefaults(object) : defaultedCustom(info, object);

/**
 * What is wrong with a new object. Warnings are added to `warnings`. Metadata that the kind's own rules leave alone is looked
 * at where those are content. (kubernetes v1.34.1 apiserver/pkg/registry/rest/create.go BeforeCreate)
 */
export function problemsOfCreate(
  info: ResourceInfo,
  object: Stored,
  warnings: string[],
): readonly FieldError[] {
  if (info.custom !== undefined) return problemsOfNew(info, object, warnings);
  const errors = validateCreate(info, object);
  if (errors.length > 0 || !leavesMetadata(info)) return errors;
  const common: FieldError[] = [];
  checkMetadata(common, object.metadata, info.namespaced, pathSegment);
  return common;
}

const leavesMetadata = ({ resource }: ResourceInfo): boolean => rulesOf(resource)?.withoutMetadata === true;

/**
 * What is wrong with an update of an object. Metadata is looked at for every kind and then again by the kind's own rules,
 * so what is wrong there is found twice. (kubernetes v1.34.1 apiserver/pkg/registry/rest/update.go BeforeUpdate)
 */
export function problemsOfUpdate(info: ResourceInfo, next: Stored, current: Stored): readonly FieldError[] {
  const errors =
    info.custom === undefined
      ? validateUpdate(info, next, current)
      : problemsOfNext(info, next, current, 'all');
  if (errors.length === 0 && (info.custom !== undefined || !leavesMetadata(info))) return errors;
  const common: FieldError[] = [];
  checkMetadata(common, next.metadata, info.namespaced, anyName);
  checkMetadataUpdate(common, next.metadata, current.metadata);
  return common.length === 0 ? errors : [...common, ...errors];
}

/** What is wrong with a Pod that is updated through a subresource, which leaves its metadata alone. */
export const problemsOfPod = (
  subresource: 'ephemeralcontainers' | 'resize',
  next: Stored,
  current: Stored,
): readonly FieldError[] => {
  const [pod, before] = [next, current] as unknown as readonly [Pod, Pod];
  return subresource === 'resize' ? resizeErrors(pod, before) : ephemeralContainersErrors(pod, before);
};

/** The name is the one it was created with. */
const anyName = (): readonly string[] => [];

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
