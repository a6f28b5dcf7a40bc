/**
 * Defaults of a schema. A null where none is allowed is as good as nothing: it becomes the default, or goes.
 * (apiextensions-apiserver/pkg/apiserver/schema/defaulting/algorithm.go, prunenulls.go)
 */
import type { Json } from '../generated/types.ts';
import { isFields, isList, itemsOf, propertyOf, valuesOf, type Fields, type Schema } from './schema.ts';

/** The object with the defaults of its schema; itself where there is none to give. */
export function withDefaults(object: Fields, schema: Schema): Fields {
  const result = defaulted(object, schema);
  return isFields(result) ? result : object;
}

function defaulted(value: Json, schema: Schema | undefined): Json {
  if (schema === undefined) return value;
  if (isList(value)) return defaultedList(value, schema);
  return isFields(value) ? defaultedFields(value, schema) : value;
}

function defaultedList(list: readonly Json[], schema: Schema): Json {
  const items = itemsOf(schema);
  if (items === undefined) return list;
  let changed = false;
  const result = list.map((item) => {
    const next = defaulted(isWrongNull(item, items) ? (items.default ?? null) : item, items);
    changed ||= next !== item;
    return next;
  });
  return changed ? result : list;
}

function defaultedFields(fields: Fields, schema: Schema): Json {
  const result: Record<string, Json> = {};
  let changed = false;
  for (const [name, value] of Object.entries(fields)) {
    const property = propertyOf(schema, name) ?? valuesOf(schema);
    if (property !== undefined && isWrongNull(value, property) && property.default === undefined) {
      changed = true;
      continue;
    }
    const next = defaulted(isWrongNull(value, property) ? (property?.default ?? null) : value, property);
    changed ||= next !== value;
    result[name] = next;
  }
  for (const [name, property] of Object.entries(schema.properties ?? {})) {
    if (property.default === undefined || Object.hasOwn(result, name)) continue;
    changed = true;
    result[name] = defaulted(property.default, property);
  }
  return changed ? result : fields;
}

const isWrongNull = (value: Json, schema: Schema | undefined): boolean =>
  value === null && schema !== undefined && schema.nullable !== true;
