/** JSON as CEL sees it. */

/** API objects are never changed, so what was made of one is kept as long as the object is. */
const made = new WeakMap<object, unknown>();

/**
 * A value of which no schema is known: whole numbers are ints, everything else is as it is. The same object gives the
 * same value.
 */
export function celValue(value: unknown): unknown {
  if (typeof value === 'number') return Number.isSafeInteger(value) ? BigInt(value) : value;
  if (typeof value !== 'object' || value === null) return value;
  const before = made.get(value);
  if (before !== undefined) return before;
  const after = Array.isArray(value) ? value.map(celValue) : celFields(value);
  made.set(value, after);
  return after;
}

/** A field that is undefined is a field that is not there. */
function celFields(value: object): Readonly<Record<string, unknown>> {
  const fields: Record<string, unknown> = {};
  for (const [field, part] of Object.entries(value)) if (part !== undefined) fields[field] = celValue(part);
  return fields;
}
