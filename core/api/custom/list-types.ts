/**
 * Items of a set are unique, and so are the keys of a list of type map.
 * (apiextensions-apiserver/pkg/apiserver/schema/listtype/validation.go)
 */
import { duplicate, invalidValue, type FieldError } from '../field-error.ts';
import type { Json } from '../generated/types.ts';
import { child, element, entry } from './path.ts';
import { isFields, isList, itemsOf, propertyOf, valuesOf, type Fields, type Schema } from './schema.ts';

/** Every item that is there twice, and every item of a map list that is no object. */
export function checkListTypes(
  value: Json,
  schema: Schema,
  path: string | undefined = undefined,
): readonly FieldError[] {
  if (isList(value)) return checkList(value, schema, path);
  return isFields(value) ? checkFields(value, schema, path) : [];
}

function checkFields(fields: Fields, schema: Schema, path: string | undefined): readonly FieldError[] {
  return Object.entries(fields).flatMap(([name, value]) => {
    const property = propertyOf(schema, name);
    if (property !== undefined) return checkListTypes(value, property, child(path, name));
    const values = valuesOf(schema);
    return values === undefined ? [] : checkListTypes(value, values, entry(path, name));
  });
}

function checkList(list: readonly Json[], schema: Schema, path: string | undefined): readonly FieldError[] {
  const items = itemsOf(schema);
  return [
    ...checkUnique(list, schema, path),
    ...(items === undefined ? [] : list.flatMap((item, i) => checkListTypes(item, items, element(path, i)))),
  ];
}

function checkUnique(list: readonly Json[], schema: Schema, path: string | undefined): readonly FieldError[] {
  const type = schema['x-kubernetes-list-type'];
  if (type === 'set') return repeated(list).map((i) => duplicate(element(path, i), list[i] ?? null));
  if (type !== 'map') return [];
  const stranger = list.findIndex((item) => item !== null && !isFields(item));
  if (stranger >= 0)
    return [
      invalidValue(
        element(path, stranger),
        list[stranger] ?? null,
        'must be an object for an array of list-type map',
      ),
    ];
  const keys = list.map((item) => keysOf(item, schema['x-kubernetes-list-map-keys'] ?? []));
  return repeated(keys).map((i) => duplicate(element(path, i), keys[i] ?? null));
}

const keysOf = (item: Json, keys: readonly string[]): Json =>
  isFields(item)
    ? Object.fromEntries(
        keys.filter((key) => Object.hasOwn(item, key)).map((key) => [key, item[key] ?? null]),
      )
    : {};

/** Where something stands the second time. */
function repeated(list: readonly Json[]): readonly number[] {
  const seen = new Map<string, number>();
  return list.flatMap((item, i) => {
    const text = canonical(item);
    const times = seen.get(text) ?? 0;
    seen.set(text, times + 1);
    return times === 1 ? [i] : [];
  });
}

/** Equal values have equal texts, whatever the order of their fields. */
function canonical(value: Json): string {
  if (isList(value)) return `[${value.map(canonical).join()}]`;
  if (!isFields(value)) return JSON.stringify(value);
  const fields = Object.keys(value).sort();
  return `{${fields.map((field) => `${JSON.stringify(field)}:${canonical(value[field] ?? null)}`).join()}}`;
}
