/** Objects as CEL sees them: whole numbers are ints, everything else is as it is. */

/** API objects are never changed, so what was made of one is kept as long as the object is. */
const made = new WeakMap<object, unknown>();

export function celValue(value: unknown): unknown {
  if (typeof value === 'number') return Number.isSafeInteger(value) ? BigInt(value) : value;
  if (typeof value !== 'object' || value === null) return value;
  const before = made.get(value);
  if (before !== undefined) return before;
  const after = Array.isArray(value)
    ? value.map(celValue)
    : Object.fromEntries(Object.entries(value).map(([field, part]) => [field, celValue(part)]));
  made.set(value, after);
  return after;
}
