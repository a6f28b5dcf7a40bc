/**
 * The patch `kubectl apply` sends: changes from live to modified, and the deletion of what was applied last and is wanted no
 * more, with the preconditions that apiVersion, kind and name stay. (kubernetes v1.34.1
 * apimachinery/pkg/util/strategicpatch/patch.go, CreateThreeWayMergePatch)
 */
import type { Json } from '../generated/types.ts';
import { same } from '../merge-patch.ts';
import { goText, goTypeName } from './go-text.ts';
import { goYaml } from './go-yaml.ts';
import type { MergeType } from './merge-type.ts';
import { diffFields } from './strategic-diff.ts';
import { StrategicError } from './strategic-error.ts';
import { listField, objectField, type PatchField } from './strategic-fields.ts';
import { dropDuplicates, elementKind, patchDirective, sortScalars } from './strategic-lists.ts';
import { mergeFields, retainKeys } from './strategic-merge.ts';
import { answered } from './strategic.ts';
import { fieldOf, isFields, thaw, type Tree, type TreeFields } from './tree.ts';

export type ThreeWayResult =
  | { readonly patch: Json }
  | { readonly error: string; readonly about: 'conflict' | 'precondition' | undefined };

/** The strategic merge patch from live to modified. Without `overwrite`, a field changed by others is a conflict. */
export function createThreeWayPatch(
  lastApplied: Json,
  modified: Json,
  live: Json,
  type: MergeType,
  overwrite: boolean,
): ThreeWayResult {
  const computed = answered(() => {
    const original = document(lastApplied);
    const wanted = document(modified);
    const current = document(live);
    const delta = diffFields(current, wanted, type, { order: true, ignore: 'deletions' });
    const deletions = diffFields(original, wanted, type, { order: true, ignore: 'changes' });
    const patch = mergeFields(deletions, delta, type, 'patch');
    if (failedPrecondition(patch))
      throw new StrategicError(`precondition failed for: ${goText(patch)}`, 'internal', 'precondition');
    if (!overwrite) {
      const changed = diffFields(original, current, type, { order: false });
      if (fieldsConflict(patch, changed, type))
        throw new StrategicError(conflictText(patch, changed), 'internal', 'conflict');
    }
    return patch;
  });
  return 'result' in computed ? { patch: computed.result } : { error: computed.error, about: computed.about };
}

/** The strategic merge patch that makes `modified` of `original`. */
export function createTwoWayPatch(
  original: Json,
  modified: Json,
  type: MergeType,
): { readonly patch: Json } | { readonly error: string } {
  const computed = answered(() => diffFields(document(original), document(modified), type, { order: true }));
  return 'result' in computed ? { patch: computed.result } : { error: computed.error };
}

function document(value: Json): TreeFields {
  const copy = thaw(value);
  if (isFields(copy)) return copy;
  throw new StrategicError('invalid JSON document', 'bad request');
}

/** A patch of kubectl may touch neither apiVersion nor kind nor the name. */
export function failedPrecondition(patch: Readonly<TreeFields>): boolean {
  if (Object.hasOwn(patch, 'apiVersion') || Object.hasOwn(patch, 'kind')) return true;
  const metadata = fieldOf(patch, 'metadata');
  return isFields(metadata) && Object.hasOwn(metadata, 'name');
}

export const conflictText = (patch: Tree, changed: Tree): string =>
  `patch:\n${goYaml(patch)}\nconflicts with changes made from original to current:\n${goYaml(changed)}\n`;

type Merging = Pick<PatchField, 'inner' | 'strategy' | 'mergeKey'>;

/** Whether two patches give any field different values. */
function fieldsConflict(left: TreeFields, right: TreeFields, type: MergeType): boolean {
  return Object.keys(left).some((field) => {
    if (field === patchDirective || field === retainKeys) return false;
    const value = left[field] ?? null;
    const other = fieldOf(right, field);
    return other !== undefined && valuesConflict(value, other, mergingOf(type, field, value));
  });
}

/** A directive is no field of the Go type: meeting one on both sides is an error of the real thing too. */
function mergingOf(type: MergeType, field: string, value: Tree): Merging {
  if (Array.isArray(value)) return listField(type, field);
  if (isFields(value)) return objectField(type, field);
  return { inner: type };
}

function valuesConflict(left: Tree, right: Tree, { inner, strategy, mergeKey }: Merging): boolean {
  if (isFields(left)) {
    if (!isFields(right)) return true;
    if (!same(fieldOf(left, patchDirective), fieldOf(right, patchDirective))) return true;
    return strategy !== 'replace' && fieldsConflict(left, right, inner);
  }
  if (Array.isArray(left))
    return !Array.isArray(right) || listsConflict(left, right, inner, strategy, mergeKey);
  return goTypeName(left) !== goTypeName(right) || left !== right;
}

function listsConflict(
  left: Tree[],
  right: Tree[],
  inner: MergeType,
  strategy: string | undefined,
  mergeKey = '',
): boolean {
  const kind = elementKind(left, right);
  if (strategy === 'merge') {
    if (kind === 'scalar') return false;
    const others = byKey(right, mergeKey);
    return [...byKey(left, mergeKey)].some(([key, item]) => {
      const other = others.get(key);
      return other !== undefined && valuesConflict(item, other, { inner });
    });
  }
  if (left.length !== right.length) return true;
  // The real thing sorts the very list that is in the patch.
  const length = kind === 'map' ? left.length : sortedSet(left);
  if (kind === 'scalar') sortedSet(right);
  return left.slice(0, length).some((item, i) => valuesConflict(item, right[i] ?? null, { inner }));
}

function sortedSet(list: Tree[]): number {
  const length = dropDuplicates(list);
  sortScalars(list, length);
  return length;
}

function byKey(list: readonly Tree[], mergeKey: string): Map<string, TreeFields> {
  const items = new Map<string, TreeFields>();
  for (const item of list) {
    if (!isFields(item))
      throw new StrategicError(`invalid element type in merging list:${goText([...list])}`);
    const key = fieldOf(item, mergeKey);
    if (key === undefined)
      throw new StrategicError(
        `cannot find merge key \`${mergeKey}\` in merging list element:${goText(item)}`,
      );
    items.set(goText(key), item);
  }
  return items;
}
