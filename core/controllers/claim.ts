/**
 * Which objects a controller may call its own: those that name it as their controller and match its selector; others
 * that match and have no controller are adopted, its own that no longer match are released
 * (kubernetes v1.34.1 pkg/controller/controller_ref_manager.go).
 */
import { controllerOf, type ApiObject, type Resource } from '../api/object.ts';
import type { ApiRequest } from '../api/request.ts';
import { matchesLabels, type Requirement } from '../api/selector.ts';
import { labelTerm } from '../api/view.ts';
import type { Ask, Reply } from './controller.ts';
import { ownerReferenceTo } from './replica-kind.ts';
import { get, patch } from './requests.ts';

/** Any view whose objects are indexed by label. */
interface Counted {
  readonly objects: { countOf(index: string, term: string): number };
}

/** The term of the label index that finds the fewest objects among which all that match the selector are; undefined where none does. */
export function narrowestTerm(
  view: Counted,
  namespace: string | undefined,
  selector: readonly Requirement[],
): { readonly term: string; readonly count: number } | undefined {
  let narrowest: { readonly term: string; readonly count: number } | undefined;
  for (const { key, operator, values } of selector) {
    const value = values[0];
    if (value === undefined || values.length > 1 || (operator !== '=' && operator !== 'in')) continue;
    const term = labelTerm(namespace, key, value);
    const count = view.objects.countOf('label', term);
    if (narrowest === undefined || count < narrowest.count) narrowest = { term, count };
  }
  return narrowest;
}

/** A view of objects that may be nobody's. */
interface Adoptable<T> {
  readonly objects: {
    get(key: string): T | undefined;
    countOf(index: string, term: string): number;
    keysOf(index: string, term: string): Iterable<string>;
  };
}

/**
 * The objects nobody controls that a selector finds, by the index that has the fewest. `owned` is how many the
 * asker has: where so many carry its labels, there are no others, and nothing is looked at.
 */
export function orphansFor<T extends ApiObject>(
  view: Adoptable<T>,
  namespace: string | undefined,
  selector: readonly Requirement[],
  owned: number,
): readonly T[] {
  const orphans = view.objects.countOf('orphan', namespace ?? '');
  if (orphans === 0) return [];
  const labelled = narrowestTerm(view, namespace, selector);
  if (labelled !== undefined && labelled.count === owned) return [];
  const keys =
    labelled !== undefined && labelled.count < orphans
      ? view.objects.keysOf('label', labelled.term)
      : view.objects.keysOf('orphan', namespace ?? '');
  return [...objectsAt(view, keys)].filter(
    (object) => controllerOf(object) === undefined && matchesLabels(selector, object.metadata.labels),
  );
}

/** An object that owns others, as its controller sees it. */
export interface Owner {
  readonly object: ApiObject;
  readonly resource: Resource;
  readonly selector: readonly Requirement[];
  /** Put on what is adopted, and taken off what is released. */
  readonly finalizer?: string;
}

/** The owner's objects of these, where none of them is to be adopted or released, which is almost always; else undefined. */
export function claimedAlready<T extends ApiObject>(
  { object: { metadata }, selector }: Owner,
  candidates: readonly T[],
): readonly T[] | undefined {
  for (const object of candidates)
    if (controllerOf(object)?.uid !== metadata.uid || !matchesLabels(selector, object.metadata.labels))
      return undefined;
  return candidates;
}

/**
 * Claims objects of a resource. Returns those that are the owner's, or undefined when an adoption or a release failed
 * and the whole sync is to be tried again.
 */
export function* claim<T extends ApiObject, Memory>(
  owner: Owner,
  resource: Resource,
  candidates: Iterable<T>,
): Generator<Ask<Memory>, readonly T[] | undefined, Reply> {
  const own: T[] = [];
  const adopted: T[] = [];
  const patches: ApiRequest[] = [];
  const { uid, deletionTimestamp } = owner.object.metadata;
  for (const object of candidates) {
    const controller = controllerOf(object);
    const matches = matchesLabels(owner.selector, object.metadata.labels);
    if (controller !== undefined && controller.uid !== uid) continue;
    if (controller !== undefined && matches) own.push(object);
    if (deletionTimestamp !== undefined) continue;
    if (controller !== undefined && !matches) patches.push(release(resource, object, owner));
    if (controller === undefined && matches && object.metadata.deletionTimestamp === undefined)
      adopted.push(object);
  }
  if (adopted.length > 0) {
    // The cache may be old: a controller that is being deleted, or was made anew under its name, must not adopt.
    const { namespace, name } = owner.object.metadata;
    const { answers } = yield { requests: [get(owner.resource, namespace, name)] };
    const fresh = answers[0];
    if (
      fresh?.ok !== true ||
      fresh.object?.metadata.uid !== uid ||
      fresh.object.metadata.deletionTimestamp !== undefined
    )
      return undefined;
    for (const object of adopted) patches.push(adopt(resource, object, owner));
  }
  if (patches.length === 0) return own;
  const { answers } = yield { requests: patches };
  const firstAdoption = patches.length - adopted.length;
  // An object that is gone, or is no longer what it was, is nobody's concern.
  const harmless = (code: number): boolean => code === 404 || code === 422;
  if (answers.some((answer) => !answer.ok && !harmless(answer.code))) return undefined;
  return [...own, ...adopted.filter((_, i) => answers[firstAdoption + i]?.ok === true)];
}

/** The uid in the patch makes it fail on another object of the same name. */
function adopt(resource: Resource, object: ApiObject, { object: owner, finalizer }: Owner): ApiRequest {
  const { ownerReferences = [], finalizers = [] } = object.metadata;
  return patchOwners(
    resource,
    object,
    [...ownerReferences, ownerReferenceTo(owner)],
    finalizer === undefined || finalizers.includes(finalizer) ? undefined : [...finalizers, finalizer],
  );
}

function release(resource: Resource, object: ApiObject, { object: owner, finalizer }: Owner): ApiRequest {
  const { ownerReferences = [], finalizers = [] } = object.metadata;
  return patchOwners(
    resource,
    object,
    ownerReferences.filter((reference) => reference.uid !== owner.metadata.uid),
    finalizer !== undefined && finalizers.includes(finalizer)
      ? finalizers.filter((other) => other !== finalizer)
      : undefined,
  );
}

/** A patch that gives an object these owners and no others; with `finalizers`, these finalizers too. */
export function patchOwners(
  resource: Resource,
  object: ApiObject,
  owners: ApiObject['metadata']['ownerReferences'] = [],
  finalizers?: readonly string[],
): ApiRequest {
  const { uid } = object.metadata;
  const ownerReferences =
    owners.length === 0 ? null : owners.map((owner) => ({ ...owner }) as Record<string, string | boolean>);
  const metadata = { ownerReferences, uid, ...(finalizers === undefined ? {} : { finalizers }) };
  return patch(resource, object, { metadata });
}

/** The objects of keys, without those that are gone. */
export function* objectsAt<T extends ApiObject>(
  view: { readonly objects: { get(key: string): T | undefined } },
  keys: Iterable<string>,
): IterableIterator<T> {
  for (const key of keys) {
    const object = view.objects.get(key);
    if (object !== undefined) yield object;
  }
}
