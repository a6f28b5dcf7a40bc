/**
 * What the apiserver's decoder says of a body whose shape is wrong: `unknown field "spec.foo"` and, where a value has
 * another type than the Go struct, the words of Go's JSON package. (sigs.k8s.io/json, apimachinery serializer/json)
 */
import { definitions } from './generated/schemas.ts';
import { base64Error } from './go/base64-text.ts';
import { rfc3339, rfc3339Micro, timeError } from './go/time-text.ts';
import { structName, versionOfStruct, wordType } from './go/type-names.ts';
import type { ResourceInfo } from './kinds.ts';
import { fieldType, pathText, type FieldType, type ShapeProblem } from './schema.ts';
import { badRequest } from './status.ts';
import type { Status } from './request.ts';

/** The message of strict decoding: a value that cannot be read first, otherwise every unknown field. */
export function decodingError(problems: readonly ShapeProblem[]): string | undefined {
  const unreadable = problems.find((problem) => problem.what !== 'unknown field');
  if (unreadable !== undefined) return unreadableText(unreadable);
  return strictErrorOf(problems.map((problem) => problem.message));
}

/** What is said of fields that are unknown, or there twice. */
export const strictErrorOf = (errors: readonly string[]): string | undefined =>
  errors.length === 0 ? undefined : `strict decoding error: ${errors.join(', ')}`;

/** The answer to a body of the wrong shape: `Pod in version "v1" cannot be handled as a Pod: …`. */
export function undecodable(info: ResourceInfo, problems: readonly ShapeProblem[]): Status | undefined {
  const error = decodingError(problems);
  if (error === undefined) return undefined;
  return badRequest(
    `${info.kind} in version "${info.version}" cannot be handled as a ${info.kind}: ${error}`,
  );
}

function unreadableText(problem: ShapeProblem): string {
  if (problem.what === 'bad quantity') return problem.expected ?? problem.message;
  if (problem.what !== 'wrong type' || problem.owner === undefined) return problem.message;
  const { expected, found } = problem;
  if (typeof found === 'string') {
    const error =
      expected === 'time' || expected === 'microTime'
        ? timeError(found, expected === 'time' ? rfc3339 : rfc3339Micro)
        : expected === 'bytes'
          ? base64Error(found)
          : undefined;
    if (error !== undefined) return error;
  }
  // Go names the struct, then the fields on the way to the value; neither indices nor the keys of a map.
  const where = `${structName(problem.owner)}.${fieldsOnTheWay(problem)}`;
  const type = goType(fieldType(problem.expected ?? 'string'), wordsOf(problem));
  return `json: cannot unmarshal ${goValue(problem)} into Go struct field ${where} of type ${type}`;
}

/** The fields of the path: a map ends it, because its keys are no fields. */
function fieldsOnTheWay(problem: ShapeProblem): string {
  const steps = problem.path.filter((step) => typeof step === 'string');
  const owner = definitions[problem.owner ?? ''];
  const last = steps.at(-1) ?? '';
  const isKey = owner !== undefined && !Object.hasOwn(owner.fields, last);
  return pathText(isKey ? steps.slice(0, -1) : steps);
}

/** What Go calls the words that the field may have. */
function wordsOf({ owner = '', path }: ShapeProblem): string {
  const field = path.findLast((step) => typeof step === 'string') ?? '';
  return wordType(owner, field) ?? 'string';
}

function goValue({ found: value, expected }: ShapeProblem): string {
  if (typeof value === 'boolean') return 'bool';
  // The number is named where a number was expected, and this one does not fit.
  if (typeof value === 'number')
    return expected === 'int32' || expected === 'int64' || expected === 'intOrString'
      ? `number ${value}`
      : 'number';
  if (typeof value === 'string') return 'string';
  return Array.isArray(value) ? 'array' : 'object';
}

const goScalars: Readonly<Record<string, string>> = {
  boolean: 'bool',
  number: 'float64',
  intOrString: 'int32', // which is tried where it is no text
  bytes: '[]uint8',
  time: 'string',
  microTime: 'string',
};

function goType(type: FieldType, words: string): string {
  switch (type.is) {
    case 'list':
      return `[]${goType(type.of, words)}`;
    case 'map':
      if (type.of.name === 'quantity') return 'v1.ResourceList';
      return `map[string]${goType(type.of, 'string')}`;
    case 'object':
      return `${versionOfStruct(type.name)}.${structName(type.name)}`;
    case 'scalar':
      return type.name === 'string' ? words : (goScalars[type.name] ?? type.name);
  }
}
