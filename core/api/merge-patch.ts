/** JSON merge patches (RFC 7386): applying one, and whether there is anything to patch. The trace writes the patch between two objects (sim/trace). */

interface Fields {
  readonly [field: string]: unknown;
}

export const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/**
 * The target with the patch applied: `null` removes a field, an object is merged, anything else replaces. The result is made
 * field by field and each is set once: to set a field of a copy another time, or to delete it, would give the copy a hidden class of
 * its own, and whoever reads such objects afterwards is slow.
 */
export function mergePatch(target: unknown, patch: unknown): unknown {
  if (!isFields(patch)) return patch;
  const result: Record<string, unknown> = {};
  if (isFields(target))
    for (const field in target) {
      const before = own(target, field);
      const change = own(patch, field);
      if (change === undefined) setField(result, field, before);
      else if (change !== null) setField(result, field, mergePatch(before, change));
    }
  for (const field in patch) {
    const value = own(patch, field);
    if (value === undefined || value === null || own(result, field) !== undefined) continue;
    setField(result, field, mergePatch(undefined, value));
  }
  return result;
}

/** All that objects inherit is functions, which JSON has not, and `__proto__`: nothing else needs a second look. */
export function own(fields: Fields, field: string): unknown {
  const value = fields[field];
  if (typeof value !== 'function' && field !== '__proto__') return value;
  return Object.hasOwn(fields, field) ? value : undefined;
}

/** A field called `__proto__` is a field like any other. */
function setField(target: Record<string, unknown>, field: string, value: unknown): void {
  if (field === '__proto__')
    Object.defineProperty(target, field, { value, enumerable: true, writable: true, configurable: true });
  else target[field] = value;
}

/**
 * Whether two values say the same: an absent field and an undefined one do. What differs is mostly a plain value near the
 * top, as the phase or the address in a status is: those are compared before anything is gone into.
 */
export function same(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  if (Array.isArray(a)) {
    if (!Array.isArray(b) || a.length !== b.length) return false;
    for (let i = 0; i < a.length; i++) if (!same(a[i], b[i])) return false;
    return true;
  }
  if (Array.isArray(b)) return false;
  const left = a as Fields;
  const right = b as Fields;
  let isPlain = true;
  for (const field in left) {
    const value = left[field];
    if (typeof value === 'object' && value !== null) isPlain = false;
    else if (value !== own(right, field)) return false;
  }
  for (const field in right) if (right[field] !== undefined && own(left, field) === undefined) return false;
  return isPlain || haveSameParts(left, right);
}

function haveSameParts(left: Fields, right: Fields): boolean {
  for (const field in left) {
    const value = left[field];
    if (typeof value === 'object' && value !== null && !same(value, own(right, field))) return false;
  }
  return true;
}
