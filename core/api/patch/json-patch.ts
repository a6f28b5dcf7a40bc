/**
 * JSON patches (RFC 6902) as the apiserver applies them: gopkg.in/evanphx/json-patch v4.13, with its departures from the RFC. A
 * missing field can be replaced, an absent value is null, a negative index counts from the end, and a number is tested
 * by its text.
 */
import type { Json } from '../generated/types.ts';
import { fieldOf, isFields, setField, thaw, type Tree, type TreeFields } from './tree.ts';

/** The library's error for a patch that cannot be decoded or applied. */
export interface JsonPatchError {
  readonly error: string;
  /** The text is no patch at all, or its operations do not fit the document. */
  readonly when: 'decode' | 'apply';
}

export type JsonPatchResult = { readonly document: Json } | JsonPatchError;

type Operation = Readonly<TreeFields> | null;

/** The document with all operations applied in order, or the error of the first that does not apply. */
export function applyJsonPatch(document: Json, patch: Json): JsonPatchResult {
  const operations = decode(patch);
  if ('error' in operations) return operations;
  const target: Target = { root: thaw(document) };
  for (const operation of operations.list) {
    const error = perform(target, operation);
    if (error !== undefined) return { error, when: 'apply' };
  }
  return { document: target.root };
}

function decode(patch: Json): { readonly list: readonly Operation[] } | JsonPatchError {
  if (patch === null) return { list: [] };
  if (!Array.isArray(patch)) return cannotUnmarshal(patch, 'jsonpatch.Patch');
  const list = patch as readonly Json[];
  const wrong = list.find((operation) => operation !== null && !isFields(operation));
  if (wrong !== undefined) return cannotUnmarshal(wrong, 'jsonpatch.Operation');
  return { list: list as readonly Operation[] };
}

const cannotUnmarshal = (value: Json, type: string): JsonPatchError => ({
  error: `json: cannot unmarshal ${jsonKind(value)} into Go value of type ${type}`,
  when: 'decode',
});

const jsonKind = (value: Json): string => {
  if (Array.isArray(value)) return 'array';
  return typeof value === 'boolean' ? 'bool' : typeof value;
};

interface Target {
  root: Tree;
}

/** Where an operation looks: an object or a list, and a key in it. */
interface Place {
  readonly container: TreeFields | Tree[];
  readonly key: string;
}

function perform(target: Target, operation: Operation): string | undefined {
  const op = operation === null ? undefined : fieldOf(operation, 'op');
  switch (op) {
    case 'add':
      return add(target, operation);
    case 'remove':
      return remove(target, operation);
    case 'replace':
      return replace(target, operation);
    case 'move':
      return move(target, operation);
    case 'test':
      return test(target, operation);
    case 'copy':
      return copy(target, operation);
    default:
      return `Unexpected kind: ${typeof op === 'string' ? op : 'unknown'}`;
  }
}

function add(target: Target, operation: Operation): string | undefined {
  const path = textOf(operation, 'path');
  if ('error' in path) return 'add operation failed to decode path: missing value';
  const place = find(target, path.text);
  if (place === undefined)
    return `add operation does not apply: doc is missing path: "${path.text}": missing value`;
  const error = addAt(place, valueOf(operation));
  return error === undefined ? undefined : `error in add for path: '${path.text}': ${error}`;
}

function remove(target: Target, operation: Operation): string | undefined {
  const path = textOf(operation, 'path');
  if ('error' in path) return 'remove operation failed to decode path: missing value';
  const place = find(target, path.text);
  if (place === undefined)
    return `remove operation does not apply: doc is missing path: "${path.text}": missing value`;
  const error = removeAt(place);
  return error === undefined ? undefined : `error in remove for path: '${path.text}': ${error}`;
}

function replace(target: Target, operation: Operation): string | undefined {
  const path = textOf(operation, 'path');
  if ('error' in path) return `replace operation failed to decode path: ${path.error}`;
  if (path.text === '') {
    const value = valueOf(operation);
    if (typeof value !== 'object' || value === null)
      return 'replace operation value must be object or array: %!w(<nil>)';
    target.root = value;
    return undefined;
  }
  const place = find(target, path.text);
  if (place === undefined)
    return `replace operation does not apply: doc is missing path: ${path.text}: missing value`;
  const { container, key } = place;
  if (!Array.isArray(container)) setField(container, key, valueOf(operation));
  else {
    const index = indexOf(container, key);
    if ('error' in index)
      return `replace operation does not apply: doc is missing key: ${path.text}: missing value`;
    container[index.at] = valueOf(operation);
  }
  return undefined;
}

function move(target: Target, operation: Operation): string | undefined {
  const from = textOf(operation, 'from');
  if ('error' in from) return `move operation failed to decode from: ${from.error}`;
  const source = find(target, from.text);
  if (source === undefined)
    return `move operation does not apply: doc is missing from path: ${from.text}: missing value`;
  const value = get(source);
  if ('error' in value) return `error in move for path: '${source.key}': ${value.error}`;
  const missing = removeAt(source);
  if (missing !== undefined) return `error in move for path: '${source.key}': ${missing}`;
  const path = textOf(operation, 'path');
  if ('error' in path) return `move operation failed to decode path: ${path.error}`;
  const place = find(target, path.text);
  if (place === undefined)
    return `move operation does not apply: doc is missing destination path: ${path.text}: missing value`;
  const error = addAt(place, value.value ?? null);
  return error === undefined ? undefined : `error in move for path: '${path.text}': ${error}`;
}

function test(target: Target, operation: Operation): string | undefined {
  const path = textOf(operation, 'path');
  if ('error' in path) return `test operation failed to decode path: ${path.error}`;
  const wanted = operation === null ? undefined : fieldOf(operation, 'value');
  const failed = `testing value ${path.text} failed: test failed`;
  if (path.text === '') return wanted !== undefined && equal(target.root, wanted) ? undefined : failed;
  const place = find(target, path.text);
  if (place === undefined)
    return `test operation does not apply: is missing path: ${path.text}: missing value`;
  const found = get(place);
  if ('error' in found) return `error in test for path: '${path.text}': ${found.error}`;
  return equal(found.value ?? null, wanted ?? null) ? undefined : failed;
}

function copy(target: Target, operation: Operation): string | undefined {
  const from = textOf(operation, 'from');
  if ('error' in from) return `copy operation failed to decode from: ${from.error}`;
  const source = find(target, from.text);
  if (source === undefined)
    return `copy operation does not apply: doc is missing from path: ${from.text}: missing value`;
  const value = get(source);
  if ('error' in value) return `error in copy for from: '${from.text}': ${value.error}`;
  const path = textOf(operation, 'path');
  if ('error' in path) return 'copy operation failed to decode path: missing value';
  const place = find(target, path.text);
  if (place === undefined)
    return `copy operation does not apply: doc is missing destination path: ${path.text}: missing value`;
  const error = addAt(place, thaw(value.value ?? null));
  return error === undefined ? undefined : `error while adding value during copy: ${error}`;
}

type Text = { readonly text: string } | { readonly error: string };

function textOf(operation: Operation, field: 'path' | 'from'): Text {
  const value = operation === null ? undefined : fieldOf(operation, field);
  if (typeof value === 'string') return { text: value };
  if (value === undefined || value === null)
    return { error: `operation${field === 'from' ? ',' : ''} missing ${field} field: missing value` };
  return { error: `json: cannot unmarshal ${jsonKind(value)} into Go value of type string` };
}

const valueOf = (operation: Operation): Tree =>
  thaw(operation === null ? null : (fieldOf(operation, 'value') ?? null));

/** The container of the last key of a path; undefined where the way there ends early. */
function find(target: Target, path: string): Place | undefined {
  const parts = path.split('/');
  if (parts.length < 2) return undefined;
  let container: Tree | undefined = target.root;
  for (const part of parts.slice(1, -1)) {
    if (typeof container !== 'object' || container === null) return undefined;
    const next = get({ container, key: unescaped(part) });
    if ('error' in next) return undefined;
    container = next.value;
  }
  if (typeof container !== 'object' || container === null) return undefined;
  return { container, key: unescaped(parts.at(-1) ?? '') };
}

const unescaped = (key: string): string => key.replace(/~[01]/g, (escape) => (escape === '~1' ? '/' : '~'));

type Found = { readonly value: Tree | undefined } | { readonly error: string };

function get({ container, key }: Place): Found {
  if (!Array.isArray(container)) return { value: fieldOf(container, key) };
  const index = indexOf(container, key);
  return 'error' in index ? index : { value: container[index.at] };
}

function addAt({ container, key }: Place, value: Tree): string | undefined {
  if (!Array.isArray(container)) {
    setField(container, key, value);
    return undefined;
  }
  if (key === '-') {
    container.push(value);
    return undefined;
  }
  const index = atoi(key);
  if ('error' in index) return `value was not a proper array index: '${key}': ${index.error}`;
  const length = container.length + 1;
  if (index.number >= length || index.number < -length) return invalidIndex(index.number);
  container.splice(index.number < 0 ? index.number + length : index.number, 0, value);
  return undefined;
}

function removeAt({ container, key }: Place): string | undefined {
  if (!Array.isArray(container)) {
    if (!Object.hasOwn(container, key)) return `Unable to remove nonexistent key: ${key}: missing value`;
    delete container[key];
    return undefined;
  }
  const index = indexOf(container, key);
  if ('error' in index) return index.error;
  container.splice(index.at, 1);
  return undefined;
}

/** An existing index of the list; -1 is the last. */
function indexOf(list: readonly Tree[], key: string): { readonly at: number } | { readonly error: string } {
  const index = atoi(key);
  if ('error' in index) return index;
  const { number } = index;
  if (number >= list.length || number < -list.length) return { error: invalidIndex(number) };
  return { at: number < 0 ? number + list.length : number };
}

const invalidIndex = (index: number): string =>
  `Unable to access invalid index: ${index}: invalid index referenced`;

/** Go's strconv.Atoi: a sign and leading zeros are fine, spaces are not. */
function atoi(text: string): { readonly number: number } | { readonly error: string } {
  if (!/^[+-]?\d+$/.test(text))
    return { error: `strconv.Atoi: parsing ${JSON.stringify(text)}: invalid syntax` };
  const number = Number(text);
  // Past 2^63 Go refuses; a list never has as many items as a number can count exactly.
  if (Math.abs(number) > 9.3e18)
    return { error: `strconv.Atoi: parsing ${JSON.stringify(text)}: value out of range` };
  return { number: number === 0 ? 0 : number };
}

function equal(found: Tree, wanted: Tree): boolean {
  if (Array.isArray(found))
    return (
      Array.isArray(wanted) &&
      found.length === wanted.length &&
      found.every((item, i) => equal(item, wanted[i] ?? null))
    );
  if (!isFields(found)) return found === wanted;
  if (!isFields(wanted)) return false;
  const names = Object.keys(found);
  return (
    names.length === Object.keys(wanted).length &&
    names.every((name) => {
      const other = fieldOf(wanted, name);
      return other !== undefined && equal(found[name] ?? null, other);
    })
  );
}
