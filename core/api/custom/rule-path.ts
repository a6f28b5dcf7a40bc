/** The paths of rules and selectable fields: `.spec.replicas`, `.spec.labels['app']`. (ValidFieldPath of schema/cel/validation.go) */
import { child, entry, type FieldPath } from './path.ts';
import { propertyOf, valuesOf, type Schema } from './schema.ts';

export interface FoundPath {
  /** As messages print it, without the dot it begins with. */
  readonly path: string;
  readonly steps: readonly string[];
  readonly schema: Schema;
}

/** Follows a path through a schema; the error is the apiserver's. */
export function readFieldPath(text: string, schema: Schema): FoundPath | { readonly error: string } {
  let rest = text;
  let path: FieldPath;
  let inside = schema;
  const steps: string[] = [];
  while (rest !== '') {
    const token = /^\.([^.[\]]*)|^\['((?:[^'\\]|\\.)*)'\]/.exec(rest);
    if (token === null) return { error: `expected [ or . but got: ${rest.split(/[.[\]]/)[0] ?? rest}` };
    const [all, named, quoted] = token;
    const name = named ?? (quoted ?? '').replace(/\\(.)/g, '$1');
    if (name === '') return { error: 'unexpected end of JSON path' };
    const property = propertyOf(inside, name);
    const values = inside.properties === undefined ? valuesOf(inside) : undefined;
    const next = property ?? values;
    if (next === undefined) return { error: 'does not refer to a valid field' };
    path = property === undefined ? entry(path, name) : child(path, name);
    steps.push(name);
    inside = next;
    rest = rest.slice(all.length);
  }
  return { path: path ?? '', steps, schema: inside };
}
