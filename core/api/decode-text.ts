/**
 * Reading the text of a body as the apiserver's strict decoder does: what it is, what it makes of it, and every field that
 * is unknown or there twice, in the order of the text. (kubernetes v1.34.1 apimachinery/pkg/runtime/serializer/json/json.go,
 * sigs.k8s.io/json)
 */
import { decodingError, strictErrorOf } from './decoding.ts';
import { definitions } from './generated/schemas.ts';
import type { Json } from './generated/types.ts';
import { definitionIn, resourceOfKind } from './kinds.ts';
import { parseJson } from './patch/json-text.ts';
import { checkShape, fieldType, pathText, type FieldType, type Path } from './schema.ts';

/** What came of a text: an object that may have strict errors, or why there is none. */
export type DecodedText =
  | { readonly object: Json; readonly strictErrors: readonly string[]; readonly error: string | undefined }
  | { readonly error: string };

/**
 * Decodes JSON text. Of a text that was converted from YAML, `original` is what it was, and `earlier` are the strict errors
 * that the conversion found.
 */
export function decodeText(text: string, original = text, earlier: readonly string[] = []): DecodedText {
  const seen: SeenField[] = [];
  const parsed = parseJson(text, Number, (path, again) => seen.push({ path, again }));
  if ('error' in parsed) return { error: `${noKind}; json parse error: ${parsed.error}` };
  const { value } = parsed;
  const fields = fieldsOf(value);
  if (fields === undefined) return { error: notAnObject(value, original) };
  const problem = kindProblem(fields, original);
  if (problem !== undefined) return { error: problem };
  const problems = checkShape(value);
  const unreadable = problems.filter(({ what }) => what !== 'unknown field');
  const error = decodingError(unreadable);
  if (error !== undefined) return { error };
  const unknown = new Set(problems.map(({ path }) => pathText(path)));
  const strictErrors = [...earlier, ...strictErrorsIn(seen, unknown, definitionOf(fields))];
  return { object: value, strictErrors, error: strictErrorOf(strictErrors) };
}

const noKind = "couldn't get version/kind";
const metaStruct = String.raw`struct { APIVersion string "json:\"apiVersion,omitempty\""; Kind string "json:\"kind,omitempty\"" }`;

interface Fields {
  readonly [field: string]: Json;
}

const fieldsOf = (value: Json): Fields | undefined =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : undefined;

function notAnObject(value: Json, original: string): string {
  if (value === null) return missing('Kind', original);
  const found = Array.isArray(value) ? 'array' : typeof value === 'boolean' ? 'bool' : typeof value;
  return `${noKind}; json parse error: json: cannot unmarshal ${found} into Go value of type ${metaStruct}`;
}

const missing = (what: string, original: string): string => `Object '${what}' is missing in '${original}'`;

/** The first thing that is wrong with the kind. */
function kindProblem(fields: Fields, original: string): string | undefined {
  for (const field of ['apiVersion', 'kind'] as const) {
    const value = fields[field] ?? '';
    if (typeof value === 'string') continue;
    const found = Array.isArray(value) ? 'array' : typeof value === 'boolean' ? 'bool' : typeof value;
    return `${noKind}; json parse error: json: cannot unmarshal ${found} into Go struct field .${field} of type string`;
  }
  const [apiVersion, kind] = [textOf(fields['apiVersion']), textOf(fields['kind'])];
  if (kind === '') return missing('Kind', original);
  if (apiVersion === '') return missing('apiVersion', original);
  if (resourceOfKind(apiVersion, kind) !== undefined) return undefined;
  return `no kind "${kind}" is registered for version "${apiVersion}" in scheme "pkg/api/legacyscheme/scheme.go:30"`;
}

const textOf = (value: Json | undefined): string => (typeof value === 'string' ? value : '');

function definitionOf(fields: Fields): string | undefined {
  const apiVersion = textOf(fields['apiVersion']);
  const info = resourceOfKind(apiVersion, textOf(fields['kind']));
  return info === undefined ? undefined : definitionIn(info, apiVersion);
}

interface SeenField {
  readonly path: Path;
  /** The object had a field of this name already. */
  readonly again: boolean;
}

/** The decoder remembers so many, each said once. */
const mostErrors = 100;

function strictErrorsIn(
  seen: readonly SeenField[],
  unknown: ReadonlySet<string>,
  definition: string | undefined,
): readonly string[] {
  const errors = new Set<string>();
  for (const { path, again } of seen) {
    const text = pathText(path);
    if (unknown.has(text)) errors.add(`unknown field "${text}"`);
    else if (again && definition !== undefined && isDecoded(definition, path))
      errors.add(`duplicate field "${text}"`);
    if (errors.size === mostErrors) break;
  }
  return [...errors];
}

/** The path leads through fields that the kind has: nothing is said of what lies in an unknown field or in raw JSON. */
function isDecoded(definition: string, path: Path): boolean {
  let type: FieldType = { is: 'object', name: definition };
  for (const step of path) {
    if (type.is === 'list' || type.is === 'map') type = type.of;
    else {
      const field: string | undefined = definitions[type.name]?.fields[String(step)];
      if (type.is !== 'object' || field === undefined) return false;
      type = fieldType(field);
    }
  }
  return true;
}
