/**
 * Whether an object with its defaults may be created, or may replace another: the validation of a kind, in the words of
 * Kubernetes. Kinds without a row have their metadata checked, and no more.
 */
import type { FieldError } from './field-error.ts';
import type { ResourceInfo } from './kinds.ts';
import { dns1123SubdomainErrors } from '../text/label-format.ts';
import type { NewObject } from './request.ts';
import { pathSegment, type NameForm } from './validation/fields.ts';
import { checkMetadata, checkMetadataUpdate, type Metadata } from './validation/metadata.ts';
import { rulesOf, type Part, type Rules } from './validation/rules.ts';

const nothing: readonly FieldError[] = [];

/** What is wrong with an object that is to be created; it has its defaults, its namespace and its name. */
export function validateCreate(info: ResourceInfo, object: NewObject): readonly FieldError[] {
  const rules = rulesOf(info.resource);
  const errors: FieldError[] = [];
  if (rules?.withoutMetadata !== true)
    checkMetadata(errors, object.metadata, info.namespaced, nameFormOf(info, rules, object));
  (rules?.create ?? rules?.check)?.(errors, object as never);
  return errors.length === 0 ? nothing : errors;
}

/** RBAC objects and kinds nobody knows may have nearly any name. */
function nameFormOf(info: ResourceInfo, rules: Rules<never> | undefined, object: NewObject): NameForm {
  if (rules?.nameOf !== undefined) return rules.nameOf(object as never);
  if (rules?.name !== undefined) return rules.name;
  return info.group === 'rbac.authorization.k8s.io' ? pathSegment : dns1123SubdomainErrors;
}

const usual: readonly Part[] = ['changed metadata', 'object', 'change'];

/** What is wrong with an object that is to replace another. What both have identically is not looked at again. */
export function validateUpdate(
  info: ResourceInfo,
  next: NewObject,
  before: NewObject,
): readonly FieldError[] {
  const rules = rulesOf(info.resource);
  const errors: FieldError[] = [];
  const isSame = specOf(next) === specOf(before);
  for (const part of rules?.onUpdate ?? usual)
    switch (part) {
      case 'metadata':
        if (!isSameMetadata(next.metadata, before.metadata))
          checkMetadata(errors, next.metadata, info.namespaced, nameFormOf(info, rules, next));
        break;
      case 'changed metadata':
        checkMetadataUpdate(errors, next.metadata, before.metadata);
        break;
      case 'object':
        if (!isSame) rules?.check?.(errors, next as never);
        break;
      case 'change':
        rules?.update?.(errors, next as never, before as never);
    }
  return errors.length === 0 ? nothing : errors;
}

/** What is wrong with a status that is to replace another. This is asked for every Pod several times. */
export function validateStatus(
  info: ResourceInfo,
  next: NewObject,
  before: NewObject,
): readonly FieldError[] {
  const check = rulesOf(info.resource)?.status;
  if (check === undefined) return nothing;
  const errors: FieldError[] = [];
  check(errors, next as never, before as never);
  return errors.length === 0 ? nothing : errors;
}

/** Whether there is nothing new in what metadata can be wrong in. */
const isSameMetadata = (next: Metadata, before: Metadata): boolean =>
  next.labels === before.labels &&
  next.annotations === before.annotations &&
  next.ownerReferences === before.ownerReferences &&
  next.finalizers === before.finalizers &&
  next.name === before.name;

/** What most of the work is about; for a kind without a spec the object itself. */
const specOf = (object: NewObject): unknown =>
  (object as NewObject & { readonly spec?: unknown }).spec ?? object;
