/** JSON that may be changed in place: patches are applied to a copy of their own. */
export type Tree = null | boolean | number | string | Tree[] | { [field: string]: Tree };
export type TreeFields = Record<string, Tree>;

export const isFields = (value: unknown): value is TreeFields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** A copy that shares nothing. A field that is undefined is not there. */
export function thaw(value: unknown): Tree {
  if (Array.isArray(value)) return value.map(thaw);
  if (!isFields(value)) return (value ?? null) as Tree;
  const copy: TreeFields = {};
  for (const field of Object.keys(value))
    if (value[field] !== undefined) setField(copy, field, thaw(value[field]));
  return copy;
}

/** A field called `__proto__` is a field like any other. */
export function setField(fields: TreeFields, field: string, value: Tree): void {
  if (field === '__proto__')
    Object.defineProperty(fields, field, { value, enumerable: true, writable: true, configurable: true });
  else fields[field] = value;
}

/** The field's value; undefined where it is absent or only inherited. */
export const fieldOf = (fields: Readonly<TreeFields>, field: string): Tree | undefined =>
  Object.hasOwn(fields, field) ? fields[field] : undefined;
