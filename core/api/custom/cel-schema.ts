/**
 * What CEL knows of a value from its schema: its shape before, and the value itself in CEL's types.
 * (kubernetes v1.34.1 apiserver/pkg/cel/common/schemas.go, values.go)
 */
import { Duration } from '@marcbachmann/cel-js/evaluator';
import { compile, type Program } from '../../cel/compile.ts';
import {
  bool,
  bytes,
  double,
  duration,
  dyn,
  int,
  listOf,
  mapOf,
  objectOf,
  string,
  timestamp,
  type Shape,
} from '../../cel/shape.ts';
import type { Json } from '../generated/types.ts';
import {
  isEmbedded,
  isFields,
  isIntOrString,
  isList,
  itemsOf,
  propertyOf,
  valuesOf,
  type Fields,
  type Schema,
} from './schema.ts';

/** What every resource has, to CEL: nothing else of its metadata is to be seen. */
const rootProperties: Readonly<Record<string, Schema>> = {
  apiVersion: { type: 'string' },
  kind: { type: 'string' },
  metadata: { type: 'object', properties: { name: { type: 'string' }, generateName: { type: 'string' } } },
};

/** The schema as that of a whole resource. */
export const asResource = (schema: Schema): Schema => ({
  ...schema,
  properties: { ...schema.properties, ...rootProperties },
});

const resourceAware = (schema: Schema): Schema => (isEmbedded(schema) ? asResource(schema) : schema);

/** The shape of the values of a schema; undefined: CEL is not told of such values. */
export function shapeOf(declared: Schema): Shape | undefined {
  if (isIntOrString(declared)) return dyn;
  const schema = resourceAware(declared);
  switch (schema.type) {
    case 'array': {
      const items = itemsOf(schema);
      const of = items === undefined ? undefined : shapeOf(items);
      return of === undefined ? undefined : listOf(of);
    }
    case 'object':
      return shapeOfObject(schema);
    case 'string':
      return shapeOfText(schema);
    case 'boolean':
      return schema.nullable === true ? dyn : bool;
    case 'number':
      return schema.nullable === true ? dyn : double;
    case 'integer':
      return schema.nullable === true ? dyn : int;
    default:
      return undefined;
  }
}

function shapeOfObject(schema: Schema): Shape | undefined {
  const values = valuesOf(schema);
  if (values !== undefined) {
    const of = shapeOf(values);
    return of === undefined ? undefined : mapOf(of);
  }
  const fields: Record<string, Shape> = {};
  for (const [name, property] of Object.entries(schema.properties ?? {})) {
    const shape = shapeOf(property);
    const escaped = escapeName(name);
    if (shape !== undefined && escaped !== undefined) fields[escaped] = shape;
  }
  return objectOf(fields);
}

function shapeOfText(schema: Schema): Shape {
  if (schema.nullable === true) return dyn;
  switch (schema.format) {
    case 'byte':
      return bytes;
    case 'duration':
      return duration;
    case 'date':
    case 'date-time':
      return timestamp;
    default:
      return string;
  }
}

/** The value that CEL sees; fields it is not told of are left out. */
export function celValueOf(value: Json, declared: Schema): unknown {
  const schema = resourceAware(declared);
  if (isList(value)) {
    const items = itemsOf(schema);
    return items === undefined ? [] : value.map((item) => celValueOf(item, items));
  }
  if (isFields(value)) return celFieldsOf(value, schema);
  if (typeof value === 'number')
    return schema.type === 'number' || !Number.isInteger(value) ? value : BigInt(value);
  return typeof value === 'string' && !isIntOrString(schema) ? celTextOf(value, schema) : value;
}

function celFieldsOf(fields: Fields, schema: Schema): unknown {
  const values = valuesOf(schema);
  const result: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(fields)) {
    if (values !== undefined) result[name] = celValueOf(value, values);
    else {
      const property = propertyOf(schema, name);
      const escaped = escapeName(name);
      if (property !== undefined && escaped !== undefined) result[escaped] = celValueOf(value, property);
    }
  }
  return result;
}

function celTextOf(text: string, { format }: Schema): unknown {
  switch (format) {
    case 'byte':
      return decodeBase64(text);
    case 'duration':
      return read('duration(text)', text) ?? new Duration(0n);
    case 'date':
      return read('timestamp(text)', `${text}T00:00:00Z`) ?? text;
    case 'date-time':
      return read('timestamp(text)', text) ?? text;
    default:
      return text;
  }
}

const readers = new Map<string, Program>();

/** CEL's own types are made by CEL: a time, a duration. */
function read(expression: string, text: string): unknown {
  let program = readers.get(expression);
  if (program === undefined) {
    const compiled = compile(expression, new Map([['text', string]]));
    if ('compileError' in compiled) throw new Error(compiled.compileError);
    program = compiled;
    readers.set(expression, program);
  }
  const result = program.evaluate({ text });
  return 'value' in result ? result.value : undefined;
}

function decodeBase64(text: string): Uint8Array {
  const binary = atob(text);
  return Uint8Array.from(binary, (character) => character.charCodeAt(0));
}

/** Words that are no names in CEL. */
export const celKeywords: ReadonlySet<string> = new Set([
  'true',
  'false',
  'null',
  'in',
  'as',
  'break',
  'const',
  'continue',
  'else',
  'for',
  'function',
  'if',
  'import',
  'let',
  'loop',
  'package',
  'namespace',
  'return',
  'var',
  'void',
  'while',
]);

const escapes: Readonly<Record<string, string>> = {
  __: '__underscores__',
  '.': '__dot__',
  '-': '__dash__',
  '/': '__slash__',
};

/** A property's name in CEL: `foo-bar` is `foo__dash__bar`; undefined for one that has none. (apiserver/pkg/cel/escaping.go) */
export function escapeName(name: string): string | undefined {
  if (celKeywords.has(name)) return `__${name}__`;
  if (!/^[A-Za-z_./-][A-Za-z0-9_./-]*$/.test(name)) return undefined;
  return name.replace(/__|[./-]/g, (part) => escapes[part] ?? part);
}
