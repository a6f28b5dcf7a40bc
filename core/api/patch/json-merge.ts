/**
 * JSON merge patches (RFC 7386) as gopkg.in/evanphx/json-patch v4.13 applies and computes them, and kubectl's three-way patch for kinds
 * it has no Go type of. The library prunes nulls inside lists where the RFC takes a list as it is; on objects without such
 * nulls it does what core/api/merge-patch.ts does.
 */
import type { Json } from '../generated/types.ts';
import { same } from '../merge-patch.ts';
import { goText, goTypeName } from './go-text.ts';
import { conflictText, failedPrecondition, type ThreeWayResult } from './three-way.ts';
import { fieldOf, isFields, setField, thaw, type Tree, type TreeFields } from './tree.ts';

/** The document with the patch applied. A patch that is neither object nor list is an error. */
export function applyJsonMergePatch(
  document: Json,
  patch: Json,
): { readonly document: Json } | { readonly error: string } {
  if (document === null) return { error: 'Invalid JSON Document' };
  if (typeof patch !== 'object' || patch === null) return { error: 'Invalid JSON Patch' };
  return { document: merged(document, patch) };
}

function merged(current: Json | undefined, patch: Json): Json {
  if (!isFields(current)) return pruned(patch);
  if (!isFields(patch)) return patch;
  const result: TreeFields = { ...current };
  for (const field of Object.keys(patch)) {
    const value = patch[field] ?? null;
    if (value === null) delete result[field];
    else {
      const known = fieldOf(current, field) ?? undefined;
      setField(result, field, (known === undefined ? pruned(value) : merged(known, value)) as Tree);
    }
  }
  return result;
}

/** Without the fields that are null, at any depth; nulls that are items of lists stay. */
function pruned(value: Json): Json {
  if (Array.isArray(value)) return (value as readonly Json[]).map(pruned);
  if (!isFields(value)) return value;
  const result: TreeFields = {};
  for (const field of Object.keys(value)) {
    const inner = value[field] ?? null;
    if (inner !== null) setField(result, field, pruned(inner) as Tree);
  }
  return result;
}

/** The merge patch that makes `modified` of `original`. */
export function createJsonMergePatch(original: Json, modified: Json): TreeFields {
  const patch: TreeFields = {};
  const before = isFields(original) ? original : {};
  const after = isFields(modified) ? modified : {};
  for (const field of Object.keys(after)) {
    const value = after[field] ?? null;
    const old = fieldOf(before, field);
    if (isFields(old) && isFields(value)) {
      const change = createJsonMergePatch(old, value);
      if (Object.keys(change).length > 0) setField(patch, field, change);
    } else if (old === undefined || !same(old, value)) setField(patch, field, thaw(value));
  }
  for (const field of Object.keys(before)) if (!Object.hasOwn(after, field)) setField(patch, field, null);
  return patch;
}

/**
 * What `kubectl apply` sends for a custom resource: changes from live to modified, and the removal of what was applied last
 * and is wanted no more. (kubernetes v1.34.1 apimachinery/pkg/util/jsonmergepatch/patch.go)
 */
export function createThreeWayJsonPatch(lastApplied: Json, modified: Json, live: Json): ThreeWayResult {
  const changes = filtered(createJsonMergePatch(live, modified), 'values');
  const deletions = filtered(createJsonMergePatch(lastApplied, modified), 'nulls');
  if (haveConflicts(changes, deletions))
    return { error: conflictText(changes, deletions), about: 'conflict' };
  const patch = mergedPatches(deletions, changes);
  if (failedPrecondition(patch))
    return { error: `precondition failed for: ${goText(patch)}`, about: 'precondition' };
  return { patch };
}

/** Only the removals of a patch, or only the rest of it. Objects that become empty are left out; `{}` as a value stays. */
function filtered(patch: TreeFields, keep: 'nulls' | 'values'): TreeFields {
  const result: TreeFields = {};
  for (const field of Object.keys(patch)) {
    const value = patch[field] ?? null;
    if (isFields(value) && Object.keys(value).length > 0) {
      const inner = filtered(value, keep);
      if (Object.keys(inner).length > 0) setField(result, field, inner);
    } else if ((value === null) === (keep === 'nulls')) setField(result, field, value);
  }
  return result;
}

function haveConflicts(left: Tree, right: Tree): boolean {
  if (isFields(left))
    return (
      !isFields(right) ||
      Object.keys(left).some((field) => {
        const other = fieldOf(right, field);
        return other !== undefined && haveConflicts(left[field] ?? null, other);
      })
    );
  if (Array.isArray(left))
    return (
      !Array.isArray(right) ||
      left.length !== right.length ||
      left.some((item, i) => haveConflicts(item, right[i] ?? null))
    );
  return goTypeName(left) !== goTypeName(right) || left !== right;
}

/** One patch applied to another, as to an object: the changes win. */
const mergedPatches = (deletions: TreeFields, changes: TreeFields): TreeFields =>
  merged(deletions, changes) as TreeFields;
