/**
 * Server-side apply: a configuration merged into the live object by who owns what, and the ownership of ordinary writes.
 * (kubernetes v1.34.1 apimachinery/pkg/util/managedfields/internal, the chain of field managers)
 *
 * An object without managedFields costs an ordinary write nothing: it is tracked from its creation, where the caller asks for
 * that, or from its first apply, when all there is belongs to `before-first-apply`.
 */
import type { ManagedFieldsEntry } from '../generated/types.ts';
import { same } from '../merge-patch.ts';
import type { Status } from '../request.ts';
import { badRequest, plainError } from '../status.ts';
import { conflictStatus, type Conflicts } from './conflicts.ts';
import { difference, fieldSetOf, isEmpty, noFields, union, type FieldSet } from './field-set.ts';
import type { Applied, Applier, Writer } from './field-manager.ts';
import { fieldsLastApplied, keepLastApplied, kubectl } from './last-applied.ts';
import {
  capUpdaters,
  decodeManagers,
  encodeManagers,
  identifier,
  type Managed,
  type Managers,
} from './managed-fields.ts';
import type { MapType } from './merge-type.ts';
import type { ObjectSchema } from './object-schema.ts';
import { changesOnlyOwn } from './own-changes.ts';
import { fieldOf, isFields, thaw, type Tree, type TreeFields } from './tree.ts';
import { typeErrorText, validate } from './typed-validate.ts';
import { afterApply, afterUpdate, type Self } from './updater.ts';

/** The parts of an object that are read here. */
interface Written {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    readonly uid?: string | undefined;
    readonly managedFields?: readonly ManagedFieldsEntry[] | undefined;
  };
}

/**
 * The object with the configuration applied and its managedFields, or the refusal: a conflict with a cause for each field, or a
 * configuration that does not fit the type. `current` is undefined where the apply creates the object; it is in the version of
 * the schema, as is the result, which is not decoded: nulls are in it, and no defaults. Where nothing changes, the
 * result is `current` itself.
 */
export function serverSideApply<T extends Written>(
  schema: ObjectSchema,
  current: T | undefined,
  config: object,
  applier: Applier,
): Applied<T> {
  const given = thaw(config);
  if (!isFields(given)) return { failure: badRequest('error decoding YAML: an object is expected') };
  const refusal = typeRefusal(schema, given);
  if (refusal !== undefined) return { failure: refusal };
  const decoded = decodeManagers(current?.metadata.managedFields);
  if (decoded === undefined) return { failure: plainError('failed to decode managed fields') };
  const live = liveTree(schema, current);
  const managers = decoded.size > 0 ? decoded : beforeFirstApply(schema, live, applier);
  const misfit = misfitOf(schema, given, live);
  if (misfit !== undefined) return { failure: misfit };
  return applyTree(schema, current, live, given, managers, applier);
}

/** The object to be written with the managedFields it must have. The object itself where nobody tracks it. */
export function trackUpdate<T extends Written>(
  schema: ObjectSchema,
  before: T | undefined,
  after: T,
  writer: Writer,
): T {
  if (
    before !== undefined &&
    before.metadata.managedFields === undefined &&
    after.metadata.managedFields === undefined
  )
    if ((before.metadata.uid ?? '') !== '') return after;
  const managers = managersOfUpdate(before, after, writer.subresource);
  // An object whose managers are gone stays untracked until the next apply.
  if (managers.size === 0 && (before?.metadata.uid ?? '') !== '') return withEntries(after, undefined);
  const type = schema.typeIn(schema.apiVersion);
  if (type !== undefined && before !== undefined && isOfOneVersion(managers, schema)) {
    const touched = ownTouched(schema, type, before, after, managers, writer);
    if (touched !== undefined) return withEntries(after, encodeManagers(touched));
  }
  const [old, now] = isOfOneVersion(managers, schema) ? changedParts(before, after) : [before, after];
  const live = liveTree(schema, old);
  const next = liveTree(schema, now);
  if (type === undefined || [live, next].some((tree) => validate(type, tree, 'allowed').length > 0))
    return withEntries(after, encodeManagers(managers));
  return withEntries(after, encodeManagers(capUpdaters(updated(schema, live, next, managers, writer))));
}

/** The managers after a write that changes nothing but values of the writer's own; undefined where it does more or other things. */
function ownTouched(
  schema: ObjectSchema,
  type: MapType,
  before: Written,
  after: Written,
  managers: Managers,
  writer: Writer,
): Managers | undefined {
  const found = ownEntry(schema, managers, writer);
  if (found === undefined) return undefined;
  const [id, self] = found;
  const others: FieldSet[] = [];
  for (const [other, { set }] of managers) if (other !== id) others.push(set);
  const place = {
    own: self.set,
    others,
    ignored: schema.resets(writer.subresource),
    unowned: ownedByNobody,
  };
  const [left, right] = isMetadataAlike(before.metadata, after.metadata)
    ? [before, { ...after, metadata: before.metadata }]
    : [before, after];
  if (!changesOnlyOwn(type, left as unknown as Tree, right as unknown as Tree, place)) return undefined;
  return new Map(managers).set(id, { ...self, time: writer.now });
}

/** Whether metadata certainly differ in nothing that anybody owns, as those of a status and of what it was written to. */
function isMetadataAlike(before: Written['metadata'], after: Written['metadata']): boolean {
  if (after.managedFields === undefined) return false;
  const [left, right] = [before, after] as readonly [Fields, Fields];
  for (const field in left)
    if (left[field] !== right[field] && (!ownerless.has(field) || right[field] === undefined)) return false;
  for (const field in right)
    if (right[field] !== undefined && left[field] === undefined && !ownerless.has(field)) return false;
  return true;
}

/** What a writer owns by its updates, and under which identifier. */
function ownEntry(
  { apiVersion }: ObjectSchema,
  managers: Managers,
  { manager, subresource = '' }: Writer,
): readonly [string, Managed] | undefined {
  const name = manager === '' ? 'unknown' : manager;
  for (const entry of managers) {
    const [, managed] = entry;
    if (
      managed.manager === name &&
      managed.operation === 'Update' &&
      managed.apiVersion === apiVersion &&
      (managed.subresource ?? '') === subresource
    )
      return entry;
  }
  return undefined;
}

/** Whether nothing has to be compared in another version. */
function isOfOneVersion(managers: Managers, { apiVersion }: ObjectSchema): boolean {
  for (const managed of managers.values()) if (managed.apiVersion !== apiVersion) return false;
  return true;
}

/** Two objects without the parts that they share, about which there is nothing to compare. */
function changedParts<T extends Written>(before: T | undefined, after: T): readonly [T | undefined, T] {
  if (before === undefined) return [before, after];
  const kept = (object: T): T => {
    const parts: Record<string, unknown> = { apiVersion: object.apiVersion, kind: object.kind };
    for (const field of new Set([...Object.keys(before), ...Object.keys(after)])) {
      if (field === 'metadata') parts[field] = changedMetadata(before, after, object);
      else if (before[field as keyof T] !== after[field as keyof T]) parts[field] = object[field as keyof T];
    }
    return parts as unknown as T;
  };
  return [kept(before), kept(after)];
}

function changedMetadata(before: Written, after: Written, of: Written): object {
  const [left, right, chosen] = [before, after, of].map(
    ({ metadata }) => metadata as Readonly<Record<string, unknown>>,
  ) as [Fields, Fields, Fields];
  const parts: Record<string, unknown> = {};
  for (const field of new Set([...Object.keys(left), ...Object.keys(right)]))
    if (field !== 'managedFields' && left[field] !== right[field]) parts[field] = chosen[field];
  return parts;
}

type Fields = Readonly<Record<string, unknown>>;

/** What no manager ever owns. (apimachinery/pkg/util/managedfields/internal/stripmeta.go) */
const ownerless: ReadonlySet<string> = new Set([
  'name',
  'namespace',
  'creationTimestamp',
  'selfLink',
  'uid',
  'clusterName',
  'generation',
  'managedFields',
  'resourceVersion',
]);
const ownedByNobody = fieldSetOf(
  ['apiVersion'],
  ['kind'],
  ['metadata'],
  ...[...ownerless].map((field) => ['metadata', field]),
);

function typeRefusal(schema: ObjectSchema, config: TreeFields): Status | undefined {
  const { apiVersion, kind } = config;
  if (apiVersion !== schema.apiVersion || kind !== schema.kind)
    return badRequest(`invalid object type: ${groupVersionKind(config)}`);
  const metadata = fieldOf(config, 'metadata');
  const managed = isFields(metadata) ? (metadata['managedFields'] ?? null) : null;
  return managed === null ? undefined : badRequest('metadata.managedFields must be nil');
}

/** The configuration must fit the type exactly; the live object may have duplicates. */
function misfitOf(schema: ObjectSchema, config: TreeFields, live: TreeFields): Status | undefined {
  const type = schema.typeIn(schema.apiVersion);
  if (type === undefined) return plainError(`no type found for ${schema.apiVersion}, Kind=${schema.kind}`);
  const errors = validate(type, config, 'refused');
  if (errors.length > 0)
    return plainError(`failed to create typed patch object (${described(config)}): ${typeErrorText(errors)}`);
  const liveErrors = validate(type, live, 'allowed');
  if (liveErrors.length === 0) return undefined;
  return plainError(`failed to create typed live object (${described(live)}): ${typeErrorText(liveErrors)}`);
}

/** `default/web; apps/v1, Kind=Deployment`. */
function described(object: TreeFields): string {
  const metadata = fieldOf(object, 'metadata');
  const { namespace, name } = isFields(metadata) ? metadata : {};
  return `${text(namespace)}/${text(name)}; ${groupVersionKind(object)}`;
}

function groupVersionKind({ apiVersion, kind }: TreeFields): string {
  const version = text(apiVersion);
  return `${version.includes('/') ? version : `/${version}`}, Kind=${text(kind)}`;
}

const text = (value: Tree | undefined): string => (typeof value === 'string' ? value : '');

function applyTree<T extends Written>(
  schema: ObjectSchema,
  current: T | undefined,
  live: TreeFields,
  config: TreeFields,
  managers: Managers,
  applier: Applier,
): Applied<T> {
  const self = selfOf(schema, applier, 'Apply');
  const ignored = schema.resets(applier.subresource);
  let applied = afterApply(schema, ignored, live, config, managers, self, applier.force);
  if ('conflicts' in applied) {
    const left =
      applier.manager === kubectl ? conflictsLeft(schema, live, applied.conflicts) : applied.conflicts;
    if (left.size > 0) return { failure: conflictStatus(left, managers) };
    applied = afterApply(schema, ignored, live, config, managers, self, true);
    if ('conflicts' in applied) throw new Error('a forced apply has no conflicts');
  }
  const owned = stripped(applied.managers, self.id);
  const entries = encodeManagers(applied.changed ? stamped(owned, self.id, applier) : owned);
  if (!applied.changed && current !== undefined) return { object: withEntries(current, entries) };
  const object = applied.object as TreeFields;
  if (applier.manager === kubectl) keepLastApplied(object, config);
  return { object: withEntries(object as unknown as T, entries) };
}

/** The conflicts about fields that kubectl had not applied itself, by its own annotation. */
function conflictsLeft(schema: ObjectSchema, live: Tree, conflicts: Conflicts): Conflicts {
  const allowed = fieldsLastApplied(schema, live);
  if (allowed === undefined) return conflicts;
  const left = new Map<string, FieldSet>();
  for (const [id, set] of conflicts) {
    const rest = difference(set, allowed);
    if (!isEmpty(rest)) left.set(id, rest);
  }
  return left;
}

/** All that a live object has, as an update of somebody unknown. */
const beforeFirstApply = (schema: ObjectSchema, live: TreeFields, { now, subresource }: Applier): Managers =>
  updated(schema, thaw(schema.empty) as TreeFields, live, new Map(), {
    manager: 'before-first-apply',
    now,
    subresource,
  });

/** The managers that an update names, which are the live object's unless it sets others itself. */
function managersOfUpdate(
  before: Written | undefined,
  after: Written,
  subresource: string | undefined,
): Managers {
  const live = decodeManagers(before?.metadata.managedFields) ?? new Map<string, never>();
  const given = after.metadata.managedFields;
  if (given === undefined || (subresource ?? '') !== '' || given === before?.metadata.managedFields)
    return live;
  const [only] = given;
  if (given.length === 0 || (given.length === 1 && only !== undefined && Object.keys(only).length === 0))
    return new Map();
  const managers = decodeManagers(given);
  return managers === undefined || managers.size === 0 ? live : managers;
}

/**
 * The managers after a write of one of them. It is first taken for a stranger, so that it gives up what it changes like any
 * other, and then for itself.
 */
function updated(schema: ObjectSchema, live: Tree, next: Tree, managers: Managers, writer: Writer): Managers {
  const self = selfOf(schema, writer, 'Update');
  const stranger: Self = { ...self, id: 'current-operation' };
  const ignored = schema.resets(writer.subresource);
  const owned = stripped(afterUpdate(schema, ignored, live, next, managers, stranger), stranger.id);
  const taken = owned.get(stranger.id);
  if (taken === undefined) return owned;
  const known = owned.get(self.id);
  const result = new Map(owned);
  result.delete(stranger.id);
  const set = known === undefined ? taken.set : union(taken.set, known.set);
  const before = managers.get(self.id)?.set ?? noFields;
  const isAsBefore = union(before, set) === before && union(set, before) === set;
  return result.set(self.id, { ...self.managed, time: writer.now, set: isAsBefore ? before : set });
}

function selfOf(
  { apiVersion }: ObjectSchema,
  { manager, subresource }: Writer,
  operation: 'Apply' | 'Update',
): Self {
  const managed = { manager: manager === '' ? 'unknown' : manager, operation, apiVersion, subresource };
  return { id: identifier(managed), managed };
}

function stripped(managers: Managers, id: string): Managers {
  const own = managers.get(id);
  if (own === undefined) return managers;
  const set = difference(own.set, ownedByNobody);
  const result = new Map(managers);
  if (isEmpty(set)) result.delete(id);
  else result.set(id, { ...own, set });
  return result;
}

function stamped(managers: Managers, id: string, { now }: Writer): Managers {
  const own = managers.get(id);
  return own === undefined ? managers : new Map(managers).set(id, { ...own, time: now });
}

/** The object without its managedFields, with all that Go writes where nothing was said. */
function liveTree(schema: ObjectSchema, object: Written | undefined): TreeFields {
  const tree = object === undefined ? {} : (thaw(object) as TreeFields);
  const metadata = fieldOf(tree, 'metadata');
  if (isFields(metadata)) delete metadata['managedFields'];
  return filled(tree, schema.empty);
}

function filled(tree: TreeFields, empty: TreeFields): TreeFields {
  for (const field of Object.keys(empty)) {
    const value = fieldOf(tree, field);
    const zero = empty[field] ?? null;
    if (value === undefined) tree[field] = thaw(zero);
    else if (isFields(value) && isFields(zero)) filled(value, zero);
  }
  return tree;
}

function withEntries<T extends Written>(object: T, entries: readonly ManagedFieldsEntry[] | undefined): T {
  if (same(object.metadata.managedFields, entries)) return object;
  const { managedFields: _, ...metadata } = object.metadata;
  return { ...object, metadata: entries === undefined ? metadata : { ...metadata, managedFields: entries } };
}
