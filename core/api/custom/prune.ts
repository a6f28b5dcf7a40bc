/**
 * Fields that a schema does not know are dropped, and named to those who want to hear.
 * (kubernetes v1.34.1 apiextensions-apiserver/pkg/apiserver/schema/pruning/algorithm.go)
 */
import type { Json } from '../generated/types.ts';
import {
  allowsMore,
  isEmbedded,
  isFields,
  isList,
  itemsOf,
  keepsUnknown,
  metaFields,
  propertyOf,
  valuesOf,
  type Fields,
  type Schema,
} from './schema.ts';

export interface Pruned {
  /** The object itself where nothing was dropped. */
  readonly object: Fields;
  /** `spec.foo`, `spec.rules[0].bar`: what was dropped, in order. */
  readonly unknown: readonly string[];
}

export function prune(object: Fields, schema: Schema): Pruned {
  const unknown: string[] = [];
  const pruned = pruneValue(object, { ...schema, 'x-kubernetes-embedded-resource': true }, '', unknown);
  return { object: isFields(pruned) ? pruned : object, unknown: unknown.sort() };
}

/** Nothing inside a value of which no schema is known is known: its fields go. */
function pruneValue(value: Json, schema: Schema | undefined, path: string, unknown: string[]): Json {
  if (isList(value)) return pruneList(value, schema, path, unknown);
  return isFields(value) ? pruneFields(value, schema, path, unknown) : value;
}

function pruneList(list: readonly Json[], schema: Schema | undefined, path: string, unknown: string[]): Json {
  const declared = schema === undefined ? undefined : itemsOf(schema);
  const keeps = schema !== undefined && keepsUnknown(schema);
  if (declared === undefined && keeps) return list;
  const items = keeps ? { ...declared, 'x-kubernetes-preserve-unknown-fields': true } : declared;
  let changed = false;
  const pruned = list.map((item, i) => {
    const next = pruneValue(item, items, `${path}[${i}]`, unknown);
    changed ||= next !== item;
    return next;
  });
  return changed ? pruned : list;
}

function pruneFields(fields: Fields, schema: Schema | undefined, path: string, unknown: string[]): Json {
  const pruned: Record<string, Json> = {};
  let changed = false;
  for (const [name, value] of Object.entries(fields)) {
    const inside = path === '' ? name : `${path}.${name}`;
    const known = schema === undefined ? undefined : fieldSchema(schema, name);
    if (known === undefined) {
      unknown.push(inside);
      changed = true;
      continue;
    }
    const next = known === 'as it is' ? value : pruneValue(value, known.schema, inside, unknown);
    changed ||= next !== value;
    pruned[name] = next;
  }
  return changed ? pruned : fields;
}

/** How a field is to be pruned; undefined: not at all, it goes. */
function fieldSchema(
  schema: Schema,
  name: string,
): { readonly schema: Schema | undefined } | 'as it is' | undefined {
  if (isEmbedded(schema) && metaFields.has(name)) return 'as it is';
  const property = propertyOf(schema, name);
  if (property !== undefined) return { schema: property };
  if (allowsMore(schema))
    return schema.additionalProperties === true ? { schema: undefined } : { schema: valuesOf(schema) };
  return keepsUnknown(schema) ? 'as it is' : undefined;
}
