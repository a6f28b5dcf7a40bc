/** The fields of a value: what a manager owns who applies it. (sigs.k8s.io/structured-merge-diff v6 typed/tofieldset.go) */
import { insertPath, newFieldSet, type FieldPath, type FieldSet, type FieldSetBuilder } from './field-set.ts';
import { formOf, typeAt, type ListType, type MapType, type MergeType } from './merge-type.ts';
import { fieldElement } from './path-element.ts';
import { elementsOf } from './typed-items.ts';
import { isFields, type Tree } from './tree.ts';

/** Every leaf of the value, every item of a list by key and every key of a map. */
export function fieldsOf(type: MergeType, value: Tree): FieldSet {
  const set = newFieldSet();
  walk(type, value, [], set);
  return set;
}

function walk(type: MergeType, value: Tree, path: FieldPath, set: FieldSetBuilder): void {
  const form = formOf(type, value);
  if (form.is === 'scalar' || form.atomic) insertPath(set, path);
  else if (form.is === 'list') {
    if (Array.isArray(value)) walkItems(form, value, path, set);
  } else if (isFields(value)) walkFields(form, value, path, set);
}

/** Items of one key are owned together, by that key alone. */
function walkItems(list: ListType, items: readonly Tree[], path: FieldPath, set: FieldSetBuilder): void {
  const found = elementsOf(list, items);
  const count = new Map<string, number>();
  for (const [element] of found) count.set(element, (count.get(element) ?? 0) + 1);
  for (const [element, item] of found) {
    const inner = [...path, element];
    if (count.get(element) === 1) walk(list.of(), item, inner, set);
    insertPath(set, inner);
  }
}

function walkFields(
  map: MapType,
  fields: Readonly<Record<string, Tree>>,
  path: FieldPath,
  set: FieldSetBuilder,
): void {
  for (const name of Object.keys(fields)) {
    const type = typeAt(map, name);
    if (type === undefined) continue;
    const value = fields[name] ?? null;
    const inner = [...path, fieldElement(name)];
    walk(type, value, inner, set);
    const hollow = value === null || (isFields(value) && Object.keys(value).length === 0);
    if (hollow || map.field(name) === undefined) insertPath(set, inner);
  }
}
