/**
 * What a Go struct makes of a manifest before anything is defaulted: `null` is an absent field, so is an empty text, list
 * or map of an optional field and a 0 or false, unless the field is a pointer; a quantity is text in the form it prints.
 */
import { definitions } from '../generated/schemas.ts';
import type { Json } from '../generated/types.ts';
import { isPointer } from '../go/pointers.ts';
import { quantityText } from '../../text/quantity.ts';
import { fieldType, type FieldType } from '../schema.ts';

/** Optional lists whose emptiness is told from their absence until the object is stored: validation shows which it is. */
const keepsEmptyList: ReadonlySet<string> = new Set(['HPAScalingRules.policies', 'IngressSpec.rules']);

/** Forms by type and identity: an alias in a file can be one object under two types. */
const walked = new Map<string, WeakMap<object, Json>>();

function memoOf(type: string): WeakMap<object, Json> {
  let memo = walked.get(type);
  if (memo === undefined) {
    memo = new WeakMap();
    walked.set(type, memo);
  }
  return memo;
}

/** The value as Go would write it back. The same reference when nothing differs; remembered by identity. */
export function wireForm<T extends object>(definition: string, value: T): T {
  const memo = memoOf(definition);
  const known = memo.get(value);
  if (known !== undefined) return known as unknown as T;
  const result = walk({ is: 'object', name: definition }, value as unknown as Json);
  memo.set(value, result);
  if (typeof result === 'object' && result !== null) memo.set(result, result);
  return result as unknown as T;
}

/** Whether a null is anywhere in a value: only a person writes one. */
export function hasNull(value: unknown): boolean {
  if (value === null) return true;
  if (typeof value !== 'object') return false;
  if (Array.isArray(value)) {
    for (let i = 0; i < value.length; i++) if (hasNull(value[i])) return true;
    return false;
  }
  const fields = value as Readonly<Record<string, unknown>>;
  for (const field in fields) if (hasNull(fields[field])) return true;
  return false;
}

/** What Go has where nothing was written. A selector is a pointer, and stays absent. */
function zeroOf(type: FieldType): Json | undefined {
  if (type.is === 'list') return [];
  if (type.is === 'map') return {};
  if (type.is === 'object') return type.name === 'LabelSelector' ? undefined : walkFields(type, {});
  return zeroScalars[type.name];
}

const zeroScalars: Readonly<Record<string, Json>> = {
  string: '',
  int32: 0,
  int64: 0,
  intOrString: 0,
  boolean: false,
  quantity: '0',
};

function walk(type: FieldType, value: Json): Json {
  if (type.is === 'scalar') return type.name === 'quantity' && value !== null ? quantityOf(value) : value;
  if (typeof value !== 'object' || value === null) return value;
  if (type.is === 'list') return Array.isArray(value) ? walkList(type.of, value as readonly Json[]) : value;
  if (Array.isArray(value)) return value;
  return walkFields(type, value as Readonly<Record<string, Json>>);
}

/** A text that is no quantity is left for validation to refuse. */
function quantityOf(value: Json): Json {
  return typeof value === 'string' || typeof value === 'number' ? quantityText(`${value}`.trim()) : value;
}

/** Lists are remembered too: a spec that was copied to bind its Pod still has the containers it had. */
function walkList(type: FieldType, list: readonly Json[]): Json {
  const memo = memoOf(type.name);
  const known = memo.get(list);
  if (known !== undefined) return known;
  let changed = false;
  const items = list.map((item) => {
    const now = item === null ? (zeroOf(type) ?? null) : walk(type, item);
    changed ||= now !== item;
    return now;
  });
  const result = changed ? items : list;
  memo.set(list, result);
  return result;
}

function walkFields(type: FieldType, value: Readonly<Record<string, Json>>): Json {
  const definition = type.is === 'object' ? definitions[type.name] : undefined;
  let result: Record<string, Json> | undefined;
  for (const field of Object.keys(value)) {
    const old = value[field] ?? null;
    const ofMap = type.is === 'map' ? type.of : undefined;
    const text = definition?.fields[field];
    const inner = ofMap ?? (text === undefined ? undefined : fieldType(text));
    const now = inner === undefined ? old : ofMap?.name === 'string' && old === null ? '' : walk(inner, old);
    const drop =
      ofMap === undefined &&
      isDropped(type.name, definition?.required, field, inner, now) &&
      !(Array.isArray(now) && keepsEmptyList.has(`${type.name}.${field}`));
    if (now === old && !drop) continue;
    result ??= { ...value };
    if (drop) delete result[field];
    else result[field] = now;
  }
  for (const field of definition?.required ?? []) {
    if ((result ?? value)[field] !== undefined || isPointer(type.name, field)) continue;
    const zero = zeroOf(fieldType(definition?.fields[field] ?? 'json'));
    if (zero !== undefined) (result ??= { ...value })[field] = zero;
  }
  return result ?? value;
}

function isDropped(
  definition: string,
  required: readonly string[] | undefined,
  field: string,
  type: FieldType | undefined,
  value: Json,
): boolean {
  if (value === null || type === undefined) return true; // an unknown field is not kept
  if (required?.includes(field) === true) return false;
  if (value === '' || value === 0 || value === false)
    return type.is === 'scalar' && type.name !== 'intOrString' && !isPointer(definition, field);
  if (type.is === 'list') return Array.isArray(value) && value.length === 0;
  return type.is === 'map' && Object.keys(value).length === 0;
}
