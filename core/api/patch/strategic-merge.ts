/**
 * Applying a strategic merge patch, in place: `$patch`, `$retainKeys`, `$setElementOrder/…` and `$deleteFromPrimitiveList/…`. The same
 * function puts the deletions and the changes of a three-way patch together; then the directives are kept.
 * (kubernetes v1.34.1 apimachinery/pkg/util/strategicpatch/patch.go)
 */
import { same } from '../merge-patch.ts';
import { goText, goTypeName } from './go-text.ts';
import type { MergeType } from './merge-type.ts';
import { badArgType, badFormat, badPatchType, noMergeKey, StrategicError } from './strategic-error.ts';
import { listField, objectField } from './strategic-fields.ts';
import {
  dropDuplicates,
  elementKind,
  find,
  interleaved,
  partition,
  patchDirective,
  splitDeletions,
} from './strategic-lists.ts';
import { fieldOf, isFields, setField, type Tree, type TreeFields } from './tree.ts';

export const deleteFromList = '$deleteFromPrimitiveList';
export const setElementOrder = '$setElementOrder';
export const retainKeys = '$retainKeys';

/** Whether the patch meets an object, which obeys its directives, or another patch, which takes them over. */
export type Onto = 'object' | 'patch';

/** The original with the patch merged into it; both are used up. */
export function mergeFields(
  original: TreeFields,
  patch: TreeFields,
  type: MergeType,
  onto: Onto,
): TreeFields {
  const directive = fieldOf(patch, patchDirective);
  if (directive !== undefined) return obey(directive, patch);
  applyRetainKeys(original, patch, onto);
  applyElementOrders(original, patch, type, onto);
  for (const key of Object.keys(patch)) mergeField(original, key, fieldOf(patch, key) ?? null, type, onto);
  return original;
}

function obey(directive: Tree, patch: TreeFields): TreeFields {
  if (directive === 'delete') return {};
  if (directive !== 'replace') throw badPatchType(directive, patch);
  delete patch[patchDirective];
  return patch;
}

function mergeField(original: TreeFields, key: string, value: Tree, type: MergeType, onto: Onto): void {
  const deletes = key.startsWith(deleteFromList);
  if (deletes && onto === 'patch') {
    setField(original, key, value);
    return;
  }
  const field = deletes ? keyBehind(key, deleteFromList) : key;
  if (value === null) {
    delete original[field];
    if (onto === 'object') return;
  }
  const current = fieldOf(original, field);
  if (current === undefined || goTypeName(current) !== goTypeName(value)) {
    if (!deletes) take(original, field, value, onto);
    return;
  }
  if (isFields(current) && isFields(value)) {
    const { strategy, inner } = objectField(type, field);
    setField(original, field, strategy === 'replace' ? value : mergeFields(current, value, inner, onto));
  } else if (Array.isArray(current) && Array.isArray(value)) {
    const { strategy, mergeKey, inner } = listField(type, field);
    setField(
      original,
      field,
      strategy === 'merge' || deletes
        ? mergeLists(current, value, inner, mergeKey ?? '', onto, deletes)
        : value,
    );
  } else setField(original, field, value);
}

/** A value the original does not have: without the nulls that would have deleted, and without directives. */
function take(original: TreeFields, field: string, value: Tree, onto: Onto): void {
  if (onto === 'object') dropNulls(value);
  const taken = withoutDirectives(value);
  if (taken === undefined) delete original[field];
  else setField(original, field, taken);
}

function dropNulls(value: Tree): void {
  if (Array.isArray(value)) value.forEach(dropNulls);
  else if (isFields(value))
    for (const field of Object.keys(value)) {
      const inner = value[field] ?? null;
      if (inner === null) delete value[field];
      else dropNulls(inner);
    }
}

function withoutDirectives(value: Tree): Tree | undefined {
  if (Array.isArray(value)) return value.map(withoutDirectives).filter((item) => item !== undefined);
  if (!isFields(value)) return value;
  if (Object.hasOwn(value, patchDirective)) return undefined;
  for (const field of Object.keys(value)) {
    const inner = withoutDirectives(value[field] ?? null);
    if (inner === undefined) delete value[field];
    else setField(value, field, inner);
  }
  return value;
}

function keyBehind(key: string, prefix: string): string {
  if (!key.startsWith(`${prefix}/`))
    throw badFormat(prefix === deleteFromList ? 'primitive list' : 'setElementOrder list');
  return key.slice(prefix.length + 1);
}

/** Only the keys that `$retainKeys` names stay, and the patch may set no other. */
function applyRetainKeys(original: TreeFields, patch: TreeFields, onto: Onto): void {
  const wanted = fieldOf(patch, retainKeys);
  if (wanted === undefined) return;
  delete patch[retainKeys];
  if (onto === 'patch') {
    const known = fieldOf(original, retainKeys);
    if (known === undefined) original[retainKeys] = wanted;
    else if (!same(known, wanted))
      throw new StrategicError(
        `${goText(known)} and ${goText(wanted)} are not deep equal: this may happen when calculating the 3-way diff patch`,
      );
    return;
  }
  if (!Array.isArray(wanted)) throw badFormat('retainKeys');
  for (const key of Object.keys(patch)) {
    if (patch[key] === null || key.startsWith(deleteFromList) || key.startsWith(setElementOrder)) continue;
    if (!wanted.includes(key)) throw badFormat('retainKeys');
  }
  for (const key of Object.keys(original)) if (!wanted.includes(key)) delete original[key];
}

/** Merges each list that has a `$setElementOrder`, in that order, and takes both out of the patch. */
function applyElementOrders(original: TreeFields, patch: TreeFields, type: MergeType, onto: Onto): void {
  for (const key of Object.keys(patch)) {
    if (!key.startsWith(setElementOrder)) continue;
    const order = patch[key] ?? null;
    if (onto === 'patch') {
      const known = fieldOf(original, key);
      if (known === undefined) setField(original, key, order);
      else if (!same(known, order)) throw badFormat('setElementOrder list');
    }
    delete patch[key];
    if (!Array.isArray(order)) throw badArgType([], order);
    applyElementOrder(original, patch, keyBehind(key, setElementOrder), order, type, onto);
  }
}

function applyElementOrder(
  original: TreeFields,
  patch: TreeFields,
  field: string,
  order: Tree[],
  type: MergeType,
  onto: Onto,
): void {
  const current = listOr(fieldOf(original, field));
  const change = listOr(fieldOf(patch, field));
  const { strategy, mergeKey = '', inner } = listField(type, field);
  requireOrder(change ?? [], order, mergeKey);
  let merged: Tree[];
  if (current !== undefined && change !== undefined)
    merged = strategy === 'merge' ? mergeLists(current, change, inner, mergeKey, onto, false) : change;
  else if (current !== undefined) merged = current;
  else if (change !== undefined) merged = withoutDirectives(change) as Tree[];
  else return;
  const [patched, serverOnly] = partition(merged, order, mergeKey);
  const kind = elementKind(current ?? [], change ?? []);
  setField(original, field, interleaved(patched, serverOnly, order, current ?? [], mergeKey, kind));
  delete patch[field];
}

function listOr(value: Tree | undefined): Tree[] | undefined {
  if (value === undefined || Array.isArray(value)) return value;
  throw badArgType([], value);
}

/** The items of the patch must come in the order that it wants. */
function requireOrder(patch: readonly Tree[], order: readonly Tree[], mergeKey: string): void {
  if (order.length === 0 || patch.length === 0) return;
  const kept = mergeKey === '' ? patch : splitDeletions(patch)[0];
  let next = 0;
  let place = 0;
  while (next < kept.length && place < order.length) {
    const item = kept[next] ?? null;
    if (isFields(item) && Object.hasOwn(item, patchDirective)) next++;
    else if (sameKey(item, order[place++] ?? null, mergeKey)) next++;
  }
  if (next < kept.length && place >= order.length)
    throw new StrategicError(
      `The order in patch list:\n${goText([...patch])}\n doesn't match ${setElementOrder} list:\n${goText([...order])}\n`,
    );
}

/** Whether two items have one merge key; an error where one has none. */
export function sameKey(left: Tree, right: Tree, mergeKey: string): boolean {
  if (mergeKey === '') return left === right;
  const [a, b] = [left, right].map((item) => {
    if (!isFields(item)) throw badArgType({}, item);
    const value = fieldOf(item, mergeKey);
    if (value === undefined) throw noMergeKey(item, mergeKey);
    return value;
  });
  return a === b;
}

function mergeLists(
  original: Tree[],
  patch: Tree[],
  inner: MergeType,
  mergeKey: string,
  onto: Onto,
  deletes: boolean,
): Tree[] {
  if (original.length === 0 && patch.length === 0) return original;
  if (elementKind(original, patch) === 'scalar') {
    if (deletes && onto === 'object') return original.filter((item) => !patch.includes(item));
    const both = [...original, ...patch];
    const merged = both.slice(0, dropDuplicates(both));
    const [patched, serverOnly] = partition(merged, patch, mergeKey);
    return interleaved(patched, serverOnly, patch, original, mergeKey, 'scalar');
  }
  if (mergeKey === '') throw new StrategicError('cannot merge lists without merge key for struct');
  const { kept, length, items } = obeyItems(original, patch, mergeKey);
  const before = kept.slice(0, length);
  const merged = mergeItems(kept, length, items, inner, mergeKey, onto);
  const [patched, serverOnly] = partition(merged, items, mergeKey);
  return interleaved(patched, serverOnly, items, before, mergeKey, 'map');
}

/**
 * The directives of single items. Deleting shifts the original in place and leaves its length alone, as a Go slice does its array:
 * the order on the server is later read from that array, with what was appended in the places of what was deleted.
 */
function obeyItems(
  original: Tree[],
  patch: readonly Tree[],
  mergeKey: string,
): { readonly kept: Tree[]; readonly length: number; readonly items: Tree[] } {
  const items: Tree[] = [];
  let length = original.length;
  let replace = false;
  for (const item of patch as readonly TreeFields[]) {
    const directive = fieldOf(item, patchDirective);
    if (directive === undefined) items.push(item);
    else if (directive === 'delete') {
      const key = fieldOf(item, mergeKey);
      if (key === undefined) throw noMergeKey(item, mergeKey);
      for (
        let at = find(original, mergeKey, key, length);
        at >= 0;
        at = find(original, mergeKey, key, length)
      ) {
        original.copyWithin(at, at + 1, length);
        length--;
      }
    } else if (directive === 'replace') replace = true;
    else if (directive === 'merge')
      throw new StrategicError('merging lists cannot yet be specified in the patch');
    else throw badPatchType(directive, item);
  }
  return replace ? { kept: items, length: items.length, items: [] } : { kept: original, length, items };
}

function mergeItems(
  kept: Tree[],
  length: number,
  items: readonly Tree[],
  inner: MergeType,
  mergeKey: string,
  onto: Onto,
): Tree[] {
  const visible = kept.length;
  let merged = kept.slice(0, length);
  for (const item of items as readonly TreeFields[]) {
    const key = fieldOf(item, mergeKey);
    if (key === undefined) throw noMergeKey(item, mergeKey);
    const at = find(merged, mergeKey, key);
    const found = merged[at];
    if (isFields(found)) merged[at] = mergeFields(found, item, inner, onto);
    else merged = [...merged, item];
    const changed = at < 0 ? merged.length - 1 : at;
    if (changed < visible) kept[changed] = merged[changed] ?? null;
  }
  return merged;
}
