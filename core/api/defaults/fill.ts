/** Edits that give back the same value when there is nothing to edit: what is shared stays shared. */

/** The value with the fields it lacks; itself when it lacks none. `null` counts as lacking. */
export function fill<T extends object>(value: T, defaults: { readonly [F in keyof T]?: T[F] }): T {
  let result: T | undefined;
  for (const field in defaults) {
    if (value[field] !== undefined && value[field] !== null) continue;
    result ??= { ...value };
    (result as Record<string, unknown>)[field] = defaults[field];
  }
  return result ?? value;
}

/** The same, for fields whose zero value (`""`, `0`) means that they were not given. */
export function fillZero<T extends object>(value: T, defaults: { readonly [F in keyof T]?: T[F] }): T {
  let result: T | undefined;
  for (const field in defaults) {
    const found: unknown = value[field];
    if (found !== undefined && found !== null && found !== '' && found !== 0) continue;
    if (found === defaults[field]) continue;
    result ??= { ...value };
    (result as Record<string, unknown>)[field] = defaults[field];
  }
  return result ?? value;
}

/** The value with one field mapped, where it has the field. */
export function mapField<T extends object, F extends keyof T>(
  value: T,
  field: F,
  map: (old: NonNullable<T[F]>) => NonNullable<T[F]>,
): T {
  const old = value[field];
  if (old === undefined || old === null) return value;
  const now = map(old);
  return now === old ? value : { ...value, [field]: now };
}

/** The list with every item mapped; itself when no item changed. */
export function mapList<T>(list: readonly T[], map: (item: T) => T): readonly T[] {
  let result: T[] | undefined;
  for (let i = 0; i < list.length; i++) {
    const item = list[i] as T;
    const now = map(item);
    if (now === item && result === undefined) continue;
    result ??= list.slice(0, i);
    result.push(now);
  }
  return result ?? list;
}

/** The value with the field set. */
export const setField = <T extends object, F extends keyof T>(value: T, field: F, now: T[F]): T =>
  value[field] === now ? value : { ...value, [field]: now };

/** The value without the field. */
export function omit<T extends object, F extends keyof T>(value: T, field: F): T {
  const result = { ...value };
  delete result[field];
  return result;
}
