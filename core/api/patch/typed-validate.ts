/**
 * Whether a value has the form of its type, as server-side apply asks before anything else. (sigs.k8s.io/structured-merge-diff v6
 * typed/validate.go)
 */
import { goText, goTypeName } from './go-text.ts';
import { formOf, typeAt, type ListType, type MapType, type MergeType, type Scalar } from './merge-type.ts';
import { elementText, fieldElement } from './path-element.ts';
import { elementOf } from './typed-items.ts';
import { isFields, type Tree } from './tree.ts';

export interface TypeError {
  readonly path: string;
  readonly message: string;
}

/** Every misfit of a value. A live object may have items of one key; what is applied may not. */
export function validate(
  type: MergeType,
  value: Tree,
  duplicates: 'allowed' | 'refused',
  path = '',
): readonly TypeError[] {
  const form = formOf(type, value);
  if (value === null) return [];
  switch (form.is) {
    case 'scalar': {
      const message = scalarError(form.scalar, value);
      return message === undefined ? [] : [{ path, message }];
    }
    case 'list':
      if (!Array.isArray(value)) return [{ path, message: `expected list, got &{${goText(value)}}` }];
      return listErrors(form, value, duplicates, path);
    case 'map':
      if (!isFields(value)) return [{ path, message: `expected map, got &{${goText(value)}}` }];
      return mapErrors(form, value, duplicates, path);
  }
}

/** `.spec.x: why`, or all of them below one another. */
export function typeErrorText(errors: readonly TypeError[]): string {
  const texts = errors.map(({ path, message }) => (path === '' ? message : `${path}: ${message}`));
  return texts.length === 1 ? (texts[0] ?? '') : ['errors:', ...texts.map((text) => `  ${text}`)].join('\n');
}

function scalarError(scalar: Scalar, value: Tree): string | undefined {
  switch (scalar) {
    case 'numeric':
      return typeof value === 'number'
        ? undefined
        : `expected numeric (int or float), got ${goTypeName(value)}`;
    case 'string':
      return typeof value === 'string'
        ? undefined
        : `expected string, got &value.valueUnstructured{Value:${goSyntax(value)}}`;
    case 'boolean':
      return typeof value === 'boolean' ? undefined : `expected boolean, got &{${goText(value)}}`;
    case 'untyped':
      return typeof value === 'object' ? `expected any scalar, got &{${goText(value)}}` : undefined;
  }
}

/** `%#v`. */
function goSyntax(value: Tree): string {
  if (Array.isArray(value)) return `[]interface {}{${value.map(goSyntax).join(', ')}}`;
  if (isFields(value)) {
    const fields = Object.keys(value).sort();
    return `map[string]interface {}{${fields.map((name) => `${JSON.stringify(name)}:${goSyntax(value[name] ?? null)}`).join(', ')}}`;
  }
  return value === null
    ? 'interface {}(nil)'
    : typeof value === 'string'
      ? JSON.stringify(value)
      : goText(value);
}

function listErrors(
  list: ListType,
  items: readonly Tree[],
  duplicates: 'allowed' | 'refused',
  path: string,
): TypeError[] {
  const errors: TypeError[] = [];
  const seen = new Set<string>();
  for (const [i, item] of items.entries()) {
    let step = `[${i}]`;
    if (!list.atomic) {
      const found = elementOf(list, item);
      if ('error' in found) return [...errors, { path, message: `element ${i}: ${found.error}` }];
      step = elementText(found.element);
      if (seen.has(found.element) && duplicates === 'refused')
        errors.push({ path, message: `duplicate entries for key ${step}` });
      seen.add(found.element);
    }
    errors.push(...validate(list.of(), item, duplicates, path + step));
  }
  return errors;
}

function mapErrors(
  map: MapType,
  fields: Readonly<Record<string, Tree>>,
  duplicates: 'allowed' | 'refused',
  path: string,
): TypeError[] {
  const errors: TypeError[] = [];
  for (const name of Object.keys(fields)) {
    const type = typeAt(map, name);
    const step = path + elementText(fieldElement(name));
    // The real thing looks no further after an unknown field, and goes through the fields in no order.
    if (type === undefined) return [...errors, { path: step, message: 'field not declared in schema' }];
    errors.push(...validate(type, fields[name] ?? null, duplicates, step));
  }
  return errors;
}
