/** Which value of before a value of now is the successor of. (apiserver/pkg/cel/common/equality.go, maplist.go) */
import type { Json } from '../generated/types.ts';
import { same } from '../merge-patch.ts';
import { isFields, isList, type Schema } from './schema.ts';

/** Items of a list are compared by their keys, or by their index; those of a set or an atomic list not at all. */
export function correlated(
  schema: Schema,
  list: readonly Json[],
  old: Json | undefined,
  index: number,
): Json | undefined {
  if (!isList(old)) return undefined;
  switch (schema['x-kubernetes-list-type']) {
    case 'map':
      return byKeys(schema, old, list[index]);
    case 'set':
    case 'atomic':
      return undefined;
    default:
      return old[index];
  }
}

/** The item of a list of type map that has the keys of another. */
export function byKeys(schema: Schema, list: readonly Json[], item: Json | undefined): Json | undefined {
  const keys = schema['x-kubernetes-list-map-keys'] ?? [];
  if (!isFields(item)) return undefined;
  return list.find((each) => isFields(each) && keys.every((key) => same(each[key], item[key])));
}
