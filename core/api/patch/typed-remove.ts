/** A value without a set of its fields. (sigs.k8s.io/structured-merge-diff v6 typed/remove.go) */
import type { FieldSet } from './field-set.ts';
import { formOf, typeAt, type MergeType } from './merge-type.ts';
import { fieldElement } from './path-element.ts';
import { elementOf } from './typed-items.ts';
import { isFields, setField, type Tree, type TreeFields } from './tree.ts';

/** The value without the fields; an object or list of which nothing is left becomes null. */
export function removeFields(type: MergeType, value: Tree, fields: FieldSet): Tree {
  const form = formOf(type, value);
  if (form.is === 'scalar') return value;
  if (form.atomic) return null;
  if (form.is === 'list') {
    if (!Array.isArray(value)) return null;
    const items = value.flatMap((item) => {
      const found = elementOf(form, item);
      const remove = 'element' in found ? fields.children.get(found.element) : undefined;
      if (remove?.member === true) return [];
      return [remove === undefined ? item : removeFields(form.of(), item, remove)];
    });
    return items.length > 0 ? items : null;
  }
  if (!isFields(value)) return null;
  const left: TreeFields = {};
  for (const name of Object.keys(value)) {
    const remove = fields.children.get(fieldElement(name));
    if (remove?.member === true) continue;
    const inner = value[name] ?? null;
    const innerType = typeAt(form, name);
    setField(
      left,
      name,
      remove === undefined || innerType === undefined ? inner : removeFields(innerType, inner, remove),
    );
  }
  return Object.keys(left).length > 0 ? left : null;
}
