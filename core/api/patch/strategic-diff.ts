/**
 * The strategic merge patch between two objects. (kubernetes v1.34.1 apimachinery/pkg/util/strategicpatch/patch.go) Lists of scalars of the
 * first object are sorted in place, as there: what is computed from it next sees them sorted.
 */
import { byText, goText, goTypeName } from './go-text.ts';
import type { MergeType } from './merge-type.ts';
import { same } from '../merge-patch.ts';
import { listOfLists, noMergeKey, StrategicError } from './strategic-error.ts';
import { listField, objectField } from './strategic-fields.ts';
import {
  dropDuplicates,
  elementKind,
  patchDirective,
  sortedBy,
  sortedByKey,
  sortScalars,
} from './strategic-lists.ts';
import { deleteFromList, retainKeys, sameKey, setElementOrder } from './strategic-merge.ts';
import { fieldOf, isFields, setField, type Tree, type TreeFields } from './tree.ts';

export interface DiffOptions {
  /** Write `$setElementOrder` beside merged lists. */
  readonly order: boolean;
  /** Leave out what is gone, or what is new or different. */
  readonly ignore?: 'deletions' | 'changes' | undefined;
  /** Write `$retainKeys` into this object. */
  readonly retain?: boolean;
}

/** The patch from `original` to `modified`, which may share parts with it. */
export function diffFields(
  original: TreeFields,
  modified: TreeFields,
  type: MergeType,
  options: DiffOptions,
): TreeFields {
  const patch: TreeFields = {};
  for (const field of Object.keys(modified))
    diffField(field, fieldOf(original, field), modified[field] ?? null, patch, type, options);
  if (options.ignore !== 'deletions')
    for (const field of Object.keys(original))
      if (!Object.hasOwn(modified, field)) setField(patch, field, null);
  if (options.retain === true) writeRetainKeys(original, modified, patch);
  return patch;
}

function diffField(
  field: string,
  before: Tree | undefined,
  after: Tree,
  patch: TreeFields,
  type: MergeType,
  options: DiffOptions,
): void {
  if (before !== undefined && field === patchDirective) {
    if (typeof before !== 'string' || typeof after !== 'string')
      throw new StrategicError(`invalid value for special key: ${patchDirective}`);
    if (before !== after) patch[patchDirective] = after;
  } else if (before === undefined || goTypeName(before) !== goTypeName(after)) {
    if (options.ignore !== 'changes') setField(patch, field, after);
  } else if (isFields(before) && isFields(after)) diffObject(field, before, after, patch, type, options);
  else if (Array.isArray(before) && Array.isArray(after))
    diffList(field, before, after, patch, type, options);
  else replaceIfChanged(field, before, after, patch, options);
}

function replaceIfChanged(
  field: string,
  before: Tree,
  after: Tree,
  patch: TreeFields,
  options: DiffOptions,
): void {
  if (options.ignore !== 'changes' && !same(before, after)) setField(patch, field, after);
}

/** A field that the type does not have matters only where it differs. */
function lookup<T>(find: () => T, before: Tree, after: Tree): T | undefined {
  try {
    return find();
  } catch (error) {
    if (error instanceof StrategicError && same(before, after)) return undefined;
    throw error;
  }
}

function diffObject(
  field: string,
  before: TreeFields,
  after: TreeFields,
  patch: TreeFields,
  type: MergeType,
  options: DiffOptions,
): void {
  const found = lookup(() => objectField(type, field), before, after);
  if (found === undefined) return;
  if (found.strategy === 'replace') {
    if (options.ignore !== 'changes') setField(patch, field, after);
    return;
  }
  const inner = diffFields(before, after, found.inner, { ...options, retain: found.retainKeys === true });
  if (Object.keys(inner).length > 0) setField(patch, field, inner);
}

function diffList(
  field: string,
  before: Tree[],
  after: Tree[],
  patch: TreeFields,
  type: MergeType,
  options: DiffOptions,
): void {
  const found = lookup(() => listField(type, field), before, after);
  if (found === undefined) return;
  if (found.strategy !== 'merge') {
    replaceIfChanged(field, before, after, patch, options);
    return;
  }
  const { changes, deletions, order } = diffMergedLists(before, after, found.inner, found.mergeKey ?? '', {
    ...options,
    retain: found.retainKeys === true,
  });
  if (changes.length > 0) setField(patch, field, changes);
  if (deletions.length > 0) patch[`${deleteFromList}/${field}`] = deletions;
  if (order.length > 0) patch[`${setElementOrder}/${field}`] = order;
}

interface ListDiff {
  readonly changes: Tree[];
  /** Scalars to take out; items of a list by key carry their own `$patch: delete`. */
  readonly deletions: Tree[];
  readonly order: Tree[];
}

function diffMergedLists(
  before: Tree[],
  after: Tree[],
  inner: MergeType,
  mergeKey: string,
  options: DiffOptions,
): ListDiff {
  if (before.length === 0)
    return { changes: options.ignore === 'changes' ? [] : after, deletions: [], order: [] };
  if (elementKind(before, after) === 'map') return diffItems(before, after, inner, mergeKey, options);
  if (before.some((item) => Array.isArray(item))) throw listOfLists();
  const { added, removed } = diffScalars(before, after, options);
  // Compared with the sorted list: a set that was not in order gets its order written even where nothing changed.
  const reorder =
    (options.ignore !== 'deletions' && removed.length > 0) ||
    (options.ignore !== 'changes' && !same(before, after));
  return {
    changes: sortedBy(added, after, mergeKey, 'scalar'),
    deletions: removed,
    order: options.order && reorder ? after : [],
  };
}

function diffItems(
  before: Tree[],
  after: Tree[],
  inner: MergeType,
  mergeKey: string,
  options: DiffOptions,
): ListDiff {
  const { changed, deleted } = compareItems(before, after, inner, mergeKey, options);
  const changes = [...sortedBy(changed, after, mergeKey, 'map'), ...deleted];
  const inOrder = sameOrder(before, after, mergeKey);
  const reorder =
    (options.ignore !== 'changes' && (changes.length > 0 || !inOrder)) ||
    (options.ignore !== 'deletions' && changes.length > 0);
  const keyOf = (item: Tree): Tree => ({
    [mergeKey]: (isFields(item) ? fieldOf(item, mergeKey) : undefined) ?? null,
  });
  return { changes, deletions: [], order: options.order && reorder ? after.map(keyOf) : [] };
}

function sameOrder(before: readonly Tree[], after: readonly Tree[], mergeKey: string): boolean {
  return (
    before.length === after.length && after.every((item, i) => sameKey(before[i] ?? null, item, mergeKey))
  );
}

/** Both lists by the text of their keys, side by side. */
function compareItems(
  before: readonly Tree[],
  after: readonly Tree[],
  inner: MergeType,
  mergeKey: string,
  options: DiffOptions,
): { readonly changed: Tree[]; readonly deleted: Tree[] } {
  const left = sortedByKey(before, mergeKey);
  const right = sortedByKey(after, mergeKey);
  const changed: Tree[] = [];
  const deleted: Tree[] = [];
  let i = 0;
  let j = 0;
  for (;;) {
    const old = left[i];
    const now = right[j];
    if (old === undefined && now === undefined) return { changed, deleted };
    const oldKey = old === undefined ? null : keyOf(old, mergeKey);
    const nowKey = now === undefined ? null : keyOf(now, mergeKey);
    const order = old === undefined ? 1 : now === undefined ? -1 : byText(goText(oldKey), goText(nowKey));
    if (order === 0 && old !== undefined && now !== undefined) {
      const change = diffFields(old, now, inner, options);
      if (Object.keys(change).length > 0) {
        change[mergeKey] = nowKey;
        changed.push(change);
      }
      i++;
      j++;
    } else if (order > 0) {
      if (options.ignore !== 'changes') changed.push(now ?? null);
      j++;
    } else {
      if (options.ignore !== 'deletions') deleted.push({ [mergeKey]: oldKey, [patchDirective]: 'delete' });
      i++;
    }
  }
}

function keyOf(item: TreeFields, mergeKey: string): Tree {
  const key = fieldOf(item, mergeKey);
  if (key === undefined) throw noMergeKey(item, mergeKey);
  return key;
}

function diffScalars(
  before: Tree[],
  after: readonly Tree[],
  options: DiffOptions,
): { readonly added: Tree[]; readonly removed: Tree[] } {
  sortScalars(before);
  const now = sortScalars([...after]);
  const added: Tree[] = [];
  const removed: Tree[] = [];
  let i = 0;
  let j = 0;
  while (i < before.length || j < now.length) {
    const left = before[i];
    const right = now[j];
    const order = left === undefined ? 1 : right === undefined ? -1 : byText(goText(left), goText(right));
    if (order >= 0) {
      if (order > 0 && options.ignore !== 'changes') added.push(right ?? null);
      j++;
    }
    if (order <= 0) {
      if (order < 0 && options.ignore !== 'deletions') removed.push(left ?? null);
      i++;
    }
  }
  return { added, removed: removed.slice(0, dropDuplicates(removed)) };
}

/** The keys of the modified object, where anything is left to be said. */
function writeRetainKeys(original: TreeFields, modified: TreeFields, patch: TreeFields): void {
  const keys = Object.keys(modified).filter((key) => modified[key] !== null);
  const cleared = Object.keys(original).some(
    (key) => original[key] !== null && !Object.hasOwn(modified, key),
  );
  if (keys.length > 0 && (Object.keys(patch).length > 0 || cleared)) patch[retainKeys] = sortScalars(keys);
}
