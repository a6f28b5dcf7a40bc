/** Equality of CEL's values, however deep. Numbers of different types are equal when their values are. */
export function equal(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (isNumeric(a) && isNumeric(b)) return Number(a) === Number(b);
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  if (Array.isArray(a) || Array.isArray(b))
    return (
      Array.isArray(a) &&
      Array.isArray(b) &&
      a.length === b.length &&
      a.every((item: unknown, i) => equal(item, b[i]))
    );
  const left = entriesOf(a);
  if (left === undefined) return a.valueOf() === b.valueOf(); // times, durations, unsigned ints
  const right = entriesOf(b);
  return (
    right !== undefined &&
    left.size === right.size &&
    [...left].every(([key, value]) => right.has(key) && equal(value, right.get(key)))
  );
}

const isNumeric = (value: unknown): value is number | bigint =>
  typeof value === 'number' || typeof value === 'bigint';

function entriesOf(value: object): ReadonlyMap<unknown, unknown> | undefined {
  if (value instanceof Map) return value;
  const plain = Object.getPrototypeOf(value) === Object.prototype || Object.getPrototypeOf(value) === null;
  return plain ? new Map(Object.entries(value)) : undefined;
}
