/** The items of a list whose key an earlier one has. */
export function duplicates<T>(
  list: readonly T[],
  keyOf: (item: T) => string,
): readonly { readonly index: number; readonly key: string; readonly item: T }[] {
  const seen = new Set<string>();
  return list.flatMap((item, index) => {
    const key = keyOf(item);
    if (seen.has(key)) return [{ index, key, item }];
    seen.add(key);
    return [];
  });
}
