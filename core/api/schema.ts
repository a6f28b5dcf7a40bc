/**
 * Whether a manifest has the shape of its kind: known fields, values of the right type. Every problem is found and says
 * where it is, so that a reader of files can name the line and the apiserver can refuse as a strict decoder does.
 */
import { definitions } from './generated/schemas.ts';
import type { Json } from './generated/types.ts';
import { base64Error } from './go/base64-text.ts';
import { rfc3339, rfc3339Micro, timeError } from './go/time-text.ts';
import { definitionIn, resourceOfKind, resources, versionsOf } from './kinds.ts';
import { nearest } from './nearest.ts';
import { quantityError } from '../text/quantity.ts';

export type Path = readonly (string | number)[];

export interface ShapeProblem {
  readonly what: 'unknown field' | 'wrong type' | 'bad quantity' | 'unknown kind' | 'no kind';
  readonly path: Path;
  /** Whether the field's name is to blame or what stands under it. */
  readonly part: 'key' | 'value';
  /** `unknown field "spec.replica"`, `spec.replicas: expected an integer, found text "three"`. */
  readonly message: string;
  readonly found: Json;
  /** The name that may have been meant, for an unknown field or kind. */
  readonly nearest?: string;
  /** The definition that holds the field, and the type it has there, in the words of generated/schemas.ts. */
  readonly owner?: string;
  readonly expected?: string;
}

/** A type out of generated/schemas.ts, taken apart once. */
export type FieldType =
  | { readonly is: 'scalar'; readonly name: string }
  | { readonly is: 'object'; readonly name: string }
  | { readonly is: 'list' | 'map'; readonly of: FieldType; readonly name: string };

interface Fields {
  readonly [field: string]: Json;
}

const isFields = (value: Json): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Every problem of a manifest's shape, in the order of the document; none when it is well formed. */
export function checkShape(object: unknown): readonly ShapeProblem[] {
  const value = (object ?? null) as Json;
  if (!isFields(value)) {
    const message = `expected an object with apiVersion and kind, found ${shown(value)}`;
    return [{ what: 'no kind', path: [], part: 'value', message, found: value }];
  }
  const { apiVersion, kind } = value;
  if (typeof apiVersion !== 'string' || typeof kind !== 'string') return missingKind(value);
  const info = resourceOfKind(apiVersion, kind);
  if (info === undefined) return [unknownKind(apiVersion, kind)];
  const definition = definitionIn(info, apiVersion);
  if (definition === undefined || definitions[definition] === undefined) return [];
  return checkDefinition(definition, value);
}

/** The same for metadata alone: that of a custom resource is all of it that is not its definition's business. */
export function checkMetadataShape(metadata: unknown): readonly ShapeProblem[] {
  const problems: ShapeProblem[] = [];
  walk({ is: 'object', name: 'ObjectMeta' }, metadata as Json, ['metadata'], 'ObjectMeta', problems);
  return problems;
}

/** The same for a value that is known to be of a definition. */
function checkDefinition(definition: string, value: Json): readonly ShapeProblem[] {
  const problems: ShapeProblem[] = [];
  walk({ is: 'object', name: definition }, value, [], definition, problems);
  return problems;
}

function missingKind(value: Fields): readonly ShapeProblem[] {
  return ['apiVersion', 'kind'].flatMap((field): ShapeProblem[] => {
    const found = value[field] ?? null;
    if (typeof found === 'string') return [];
    const message = found === null ? `${field} is missing` : `${field}: expected text, found ${shown(found)}`;
    return [{ what: 'no kind', path: found === null ? [] : [field], part: 'value', message, found }];
  });
}

function unknownKind(apiVersion: string, kind: string): ShapeProblem {
  const served = resources.filter((info) => info.kind === kind).flatMap(versionsOf);
  if (served.length > 0) {
    const message = `no kind "${kind}" in "${apiVersion}"; it is in ${served.join(', ')}`;
    const near = nearest(apiVersion, served) ?? served[0];
    const problem = {
      what: 'unknown kind',
      path: ['apiVersion'],
      part: 'value',
      message,
      found: apiVersion,
    } as const;
    return near === undefined ? problem : { ...problem, nearest: near };
  }
  const message = `unknown kind "${kind}" in "${apiVersion}"`;
  const problem = { what: 'unknown kind', path: ['kind'], part: 'value', message, found: kind } as const;
  const near = nearest(
    kind,
    resources.map((info) => info.kind),
  );
  return near === undefined ? problem : { ...problem, nearest: near };
}

const types = new Map<string, FieldType>();

/** `[]Container|name`, `{}quantity`, `int32` as a value. */
export function fieldType(text: string): FieldType {
  let found = types.get(text);
  if (found === undefined) {
    found = takeApart(text);
    types.set(text, found);
  }
  return found;
}

function takeApart(text: string): FieldType {
  const name = text.replace(/\|.*$/, '');
  if (name.startsWith('[]')) return { is: 'list', of: fieldType(name.slice(2)), name };
  if (name.startsWith('{}')) return { is: 'map', of: fieldType(name.slice(2)), name };
  return { is: definitions[name] === undefined ? 'scalar' : 'object', name };
}

/** Where the walk is: one list for all of it. What is kept of it is a copy. */
type Way = (string | number)[];

/**
 * The specs and statuses that were found right, and as what: what is patched or written again shares most of them with
 * what was there.
 */
const sound = new WeakMap<object, string>();

/** `owner` is the definition whose field the value is or lies in. `null` stands for an absent value everywhere. */
function walk(type: FieldType, value: Json, path: Way, owner: string, problems: ShapeProblem[]): void {
  if (value === null) return;
  switch (type.is) {
    case 'list':
      if (!Array.isArray(value)) problems.push(wrongType(type, value, path, owner));
      else
        for (let i = 0; i < value.length; i++) {
          path.push(i);
          walk(type.of, (value as readonly Json[])[i] ?? null, path, owner, problems);
          path.pop();
        }
      return;
    case 'map':
      if (!isFields(value)) problems.push(wrongType(type, value, path, owner));
      else
        for (const key of Object.keys(value)) {
          path.push(key);
          walk(type.of, value[key] ?? null, path, owner, problems);
          path.pop();
        }
      return;
    case 'object':
      if (!isFields(value)) problems.push(wrongType(type, value, path, owner));
      else if (path.length === 1 && path[0] !== 'metadata') walkPart(type.name, value, path, problems);
      else walkFields(type.name, value, path, problems);
      return;
    case 'scalar':
      walkScalar(type, value, path, owner, problems);
  }
}

/** A part of the object itself, which may have been walked before. */
function walkPart(definition: string, value: Fields, path: Way, problems: ShapeProblem[]): void {
  if (sound.get(value) === definition) return;
  const before = problems.length;
  walkFields(definition, value, path, problems);
  if (problems.length === before) sound.set(value, definition);
}

function walkFields(definition: string, value: Fields, path: Way, problems: ShapeProblem[]): void {
  const fields = definitions[definition]?.fields ?? {};
  for (const field of Object.keys(value)) {
    const type = Object.hasOwn(fields, field) ? fields[field] : undefined;
    path.push(field);
    if (type !== undefined) walk(fieldType(type), value[field] ?? null, path, definition, problems);
    else problems.push(unknownField(definition, field, value[field] ?? null, path.slice()));
    path.pop();
  }
}

function unknownField(definition: string, field: string, found: Json, path: Path): ShapeProblem {
  const near = nearest(field, Object.keys(definitions[definition]?.fields ?? {}));
  const problem = {
    what: 'unknown field',
    path,
    part: 'key',
    message: `unknown field "${pathText(path)}"`,
    found,
    owner: definition,
  } as const;
  return near === undefined ? problem : { ...problem, nearest: near };
}

/** The times that are written with six digits of a second, and read with no other number of them. */
const microTimes: ReadonlySet<string> = new Set([
  'LeaseSpec.acquireTime',
  'LeaseSpec.renewTime',
  'Event.eventTime',
  'EventSeries.lastObservedTime',
]);

function walkScalar(type: FieldType, value: Json, path: Path, owner: string, problems: ShapeProblem[]): void {
  const isMicro = type.name === 'time' && microTimes.has(`${owner}.${path.at(-1) ?? ''}`);
  if (isMicro && !(typeof value === 'string' && timeError(value, rfc3339Micro) === undefined))
    problems.push({ ...wrongType(type, value, path, owner), expected: 'microTime' });
  else if (!fits(type.name, value)) problems.push(wrongType(type, value, path, owner));
  else if (type.name === 'quantity') {
    // What is no text is read as if its JSON were one.
    const error = quantityError((typeof value === 'object' ? JSON.stringify(value) : String(value)).trim());
    if (error === undefined) return;
    const message = `${pathText(path)}: ${shown(value)} is no quantity: ${error}`;
    problems.push({
      what: 'bad quantity',
      path: path.slice(),
      part: 'value',
      message,
      found: value,
      owner,
      expected: error,
    });
  }
}

function fits(type: string, value: Json): boolean {
  switch (type) {
    case 'json':
    case 'schemaOrBool':
    case 'schemaOrArray':
    case 'schemaOrStrings':
    case 'quantity': // says itself what it cannot read
      return true;
    case 'boolean':
      return typeof value === 'boolean';
    case 'int32':
      return isInteger(value, 2_147_483_647);
    case 'int64':
      return isInteger(value, 9_223_372_036_854_775_807);
    case 'number':
      return typeof value === 'number';
    case 'intOrString':
      return typeof value === 'string' || isInteger(value, 2_147_483_647);
    case 'time':
      return typeof value === 'string' && timeError(value, rfc3339) === undefined;
    case 'bytes':
      return typeof value === 'string' && base64Error(value) === undefined;
    default:
      return typeof value === 'string';
  }
}

const isInteger = (value: Json, most: number): boolean =>
  typeof value === 'number' && Number.isInteger(value) && value <= most && value >= -most - 1;

const names: Readonly<Record<string, string>> = {
  boolean: 'true or false',
  int32: 'an integer',
  int64: 'an integer',
  number: 'a number',
  intOrString: 'an integer or text',
  quantity: 'a quantity',
  time: 'a time (RFC 3339)',
  bytes: 'base64 text',
  string: 'text',
};

function wrongType(type: FieldType, value: Json, path: Path, owner: string): ShapeProblem {
  const expected =
    type.is === 'list' ? 'a list' : type.is === 'scalar' ? (names[type.name] ?? 'text') : 'an object';
  const message = `${pathText(path)}: expected ${expected}, found ${shown(value)}`;
  return {
    what: 'wrong type',
    path: path.slice(),
    part: 'value',
    message,
    found: value,
    owner,
    expected: type.name,
  };
}

/** `text "three"`, `number 3`, `a list`: a value in a message, however large it is. */
function shown(value: Json): string {
  if (value === null) return 'nothing';
  if (typeof value === 'string')
    return `text ${JSON.stringify(value.length > 60 ? `${value.slice(0, 57)}...` : value)}`;
  if (typeof value === 'number') return `number ${value}`;
  if (typeof value === 'boolean') return `${value}`;
  return Array.isArray(value) ? 'a list' : 'an object';
}

/** `spec.containers[0].image`. */
export function pathText(path: Path): string {
  let text = '';
  for (const step of path) text += typeof step === 'number' ? `[${step}]` : text === '' ? step : `.${step}`;
  return text;
}
