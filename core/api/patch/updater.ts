/**
 * Who owns what after a write, and what an apply removes. (sigs.k8s.io/structured-merge-diff v6 merge/update.go) Objects are in the version of
 * the request; managers of another version are compared in theirs.
 */
import { same } from '../merge-patch.ts';
import type { Conflicts } from './conflicts.ts';
import {
  difference,
  intersection,
  isEmpty,
  noFields,
  recursiveDifference,
  union,
  withNamedFields,
  type FieldSet,
} from './field-set.ts';
import type { Managed, Managers } from './managed-fields.ts';
import type { MapType } from './merge-type.ts';
import type { ObjectSchema } from './object-schema.ts';
import type { Tree } from './tree.ts';
import { compare, type Comparison } from './typed-compare.ts';
import { fieldsOf } from './typed-fields.ts';
import { mergeTyped } from './typed-merge.ts';
import { removeFields } from './typed-remove.ts';

/** The identifier of who writes, and what it is in managedFields. */
export interface Self {
  readonly id: string;
  readonly managed: Omit<Managed, 'set'>;
}

interface Owned {
  readonly managers: Managers;
  readonly comparison: Comparison;
}

/** The managers after an ordinary write: who wrote owns what it added and changed, and nobody what it removed. */
export function afterUpdate(
  schema: ObjectSchema,
  ignored: FieldSet,
  live: Tree,
  next: Tree,
  managers: Managers,
  self: Self,
): Managers {
  const { managers: others, comparison } = disown(schema, ignored, live, next, managers, self.id);
  const known = others.get(self.id)?.set ?? noFields;
  const taken = union(union(difference(known, comparison.removed), comparison.modified), comparison.added);
  return withSet(others, self, recursiveDifference(taken, ignored));
}

export type AppliedTree =
  | { readonly object: Tree; readonly changed: boolean; readonly managers: Managers }
  | { readonly conflicts: Conflicts };

/** The live object with a configuration applied, without what the same manager applied before and applies no more. */
export function afterApply(
  schema: ObjectSchema,
  ignored: FieldSet,
  live: Tree,
  config: Tree,
  managers: Managers,
  self: Self,
  force: boolean,
): AppliedTree {
  const type = typeOf(schema);
  const last = managers.get(self.id);
  const applied = new Map(managers);
  applied.set(self.id, {
    ...self.managed,
    time: last?.time,
    set: recursiveDifference(fieldsOf(type, config), ignored),
  });
  const merged = mergeTyped(type, live, config) ?? {};
  const object = last === undefined || isEmpty(last.set) ? merged : prune(schema, merged, applied, last);
  const conflicts = conflictsOf(schema, ignored, live, object, applied, self.id);
  if (!force && conflicts.size > 0) return { conflicts };
  const { managers: owned } = disown(schema, ignored, live, object, applied, self.id);
  const own = owned.get(self.id);
  const kept = own === undefined || !isEmpty(own.set) ? owned : without(owned, self.id);
  return { object, changed: !same(live, object), managers: kept };
}

function typeOf(schema: ObjectSchema): MapType {
  const type = schema.typeIn(schema.apiVersion);
  if (type === undefined) throw new Error(`${schema.kind} has a type in ${schema.apiVersion}`);
  return type;
}

/** What differs, in the version of each manager; undefined for a version that is served no more. */
function comparing(
  schema: ObjectSchema,
  ignored: FieldSet,
  live: Tree,
  next: Tree,
): (apiVersion: string) => Comparison | undefined {
  const known = new Map<string, Comparison>();
  return (apiVersion) => {
    const seen = known.get(apiVersion);
    if (seen !== undefined) return seen;
    const type = schema.typeIn(apiVersion);
    if (type === undefined) return undefined;
    const [left, right] =
      apiVersion === schema.apiVersion
        ? [live, next]
        : [schema.convert(live, apiVersion), schema.convert(next, apiVersion)];
    const { added, modified, removed } = compare(type, left, right);
    const comparison = {
      added: recursiveDifference(added, ignored),
      modified: recursiveDifference(modified, ignored),
      removed: recursiveDifference(removed, ignored),
    };
    known.set(apiVersion, comparison);
    return comparison;
  };
}

const lost = ({ added, modified }: Comparison, set: FieldSet): FieldSet =>
  intersection(set, union(modified, added));

function conflictsOf(
  schema: ObjectSchema,
  ignored: FieldSet,
  live: Tree,
  next: Tree,
  managers: Managers,
  self: string,
): Conflicts {
  const comparisonIn = comparing(schema, ignored, live, next);
  const conflicts = new Map<string, FieldSet>();
  for (const [id, { apiVersion, set }] of managers) {
    const comparison = id === self ? undefined : comparisonIn(apiVersion);
    const conflict = comparison === undefined ? noFields : lost(comparison, set);
    if (!isEmpty(conflict)) conflicts.set(id, conflict);
  }
  return conflicts;
}

/** Takes from all others what changed or went. A manager of a version that is served no more is forgotten. */
function disown(
  schema: ObjectSchema,
  ignored: FieldSet,
  live: Tree,
  next: Tree,
  managers: Managers,
  self: string,
): Owned {
  const comparisonIn = comparing(schema, ignored, live, next);
  const left = new Map<string, Managed>();
  for (const [id, managed] of managers) {
    if (id === self) {
      left.set(id, managed);
      continue;
    }
    const comparison = comparisonIn(managed.apiVersion);
    if (comparison === undefined) continue;
    const set = difference(difference(managed.set, lost(comparison, managed.set)), comparison.removed);
    if (!isEmpty(set)) left.set(id, set === managed.set ? managed : { ...managed, set });
  }
  const comparison = comparisonIn(schema.apiVersion) ?? {
    added: noFields,
    modified: noFields,
    removed: noFields,
  };
  return { managers: left, comparison };
}

/** Removes what the manager applied last time, unless it applies it now or anybody else owns it. */
function prune(schema: ObjectSchema, merged: Tree, managers: Managers, last: Managed): Tree {
  const type = schema.typeIn(last.apiVersion);
  if (type === undefined) return merged;
  const there = inVersion(schema, merged, schema.apiVersion, last.apiVersion);
  let pruned = removeFields(type, there, withNamedFields(last.set, type));
  const owned = ownedByVersion(managers);
  const versions = [last.apiVersion, ...[...owned.keys()].filter((version) => version !== last.apiVersion)];
  let current = last.apiVersion;
  for (const version of versions) {
    const set = owned.get(version);
    const versionType = schema.typeIn(version);
    if (set === undefined || versionType === undefined) continue;
    pruned = addBackOwned(
      versionType,
      inVersion(schema, there, last.apiVersion, version),
      inVersion(schema, pruned, current, version),
      set,
    );
    current = version;
  }
  const kept = addBackDangling(type, there, inVersion(schema, pruned, current, last.apiVersion), last.set);
  return inVersion(schema, kept, last.apiVersion, schema.apiVersion);
}

const inVersion = (schema: ObjectSchema, object: Tree, from: string, to: string): Tree =>
  from === to ? object : schema.convert(object, to);

function ownedByVersion(managers: Managers): Map<string, FieldSet> {
  const owned = new Map<string, FieldSet>();
  for (const { apiVersion, set } of managers.values())
    owned.set(apiVersion, union(owned.get(apiVersion) ?? noFields, set));
  return owned;
}

function addBackOwned(type: MapType, merged: Tree, pruned: Tree, owned: FieldSet): Tree {
  const kept = union(withNamedFields(fieldsOf(type, pruned), type), withNamedFields(owned, type));
  return removeFields(type, merged, difference(withNamedFields(fieldsOf(type, merged), type), kept));
}

/** Only what the manager itself had applied goes. */
function addBackDangling(type: MapType, merged: Tree, pruned: Tree, last: FieldSet): Tree {
  const gone = difference(
    withNamedFields(fieldsOf(type, merged), type),
    withNamedFields(fieldsOf(type, pruned), type),
  );
  return removeFields(type, merged, intersection(gone, withNamedFields(last, type)));
}

function withSet(managers: Managers, self: Self, set: FieldSet): Managers {
  if (isEmpty(set)) return without(managers, self.id);
  return new Map(managers).set(self.id, { ...self.managed, set });
}

function without(managers: Managers, id: string): Managers {
  const left = new Map(managers);
  left.delete(id);
  return left;
}
