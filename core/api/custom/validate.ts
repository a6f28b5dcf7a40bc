/**
 * Whether a custom resource has the shape its schema asks for, in the words of the validator that Kubernetes uses.
 * On an update, what was there before and has not changed is not held against anybody (ratcheting).
 * (kubernetes v1.34.1 apiextensions-apiserver/pkg/apiserver/validation, kube-openapi/pkg/validation/validate)
 */
import { compileRE2 } from '../../cel/library/expressions.ts';
import { invalidValue, required, unsupported, type FieldError } from '../field-error.ts';
import type { Json } from '../generated/types.ts';
import { same } from '../merge-patch.ts';
import { correlated } from './correlate.ts';
import { formatCheck } from './formats.ts';
import {
  isFields,
  isIntOrString,
  isList,
  itemsOf,
  propertyOf,
  valuesOf,
  type Fields,
  type Schema,
} from './schema.ts';

/** A result is judged by its errors; of several that fail, the one that got most right explains best. */
interface Result {
  readonly errors: FieldError[];
  matches: number;
}

/** Where the value stands, and what stood there before, if it is known. */
interface Place {
  readonly path: string;
  readonly old: Json | undefined;
}

/** Every error of an object, or of a value at a path. */
export function validateSchema(value: Json, schema: Schema, old?: Json, path = ''): readonly FieldError[] {
  return validateValue(value, schema, { path, old }).errors;
}

function validateValue(value: Json, schema: Schema, place: Place): Result {
  const result: Result = { errors: [], matches: 0 };
  checkType(result, value, schema, place);
  if (value !== null) {
    checkCombinations(result, value, schema, place);
    if (typeof value === 'string') checkText(result, value, schema, place);
    else if (typeof value === 'number') checkNumber(result, value, schema, place);
    else if (isList(value)) checkItems(result, value, schema, place);
  }
  checkEnum(result, value, schema, place);
  if (isFields(value)) checkFields(result, value, schema, place);
  result.matches += 2;
  if (result.errors.length > 0 && place.old !== undefined && same(value, place.old)) result.errors.length = 0;
  return result;
}

function merge(result: Result, other: Result): void {
  result.errors.push(...other.errors);
  result.matches += other.matches;
}

/** `spec.replicas`: a path without the dot it begins with; the object itself is `<nil>`. */
const fieldAt = (path: string): string => (path === '' || path === '.' ? '<nil>' : path.replace(/^\./, ''));

const wrongType = ({ path }: Place, expected: string, found: string): FieldError => ({
  type: 'Invalid type',
  field: fieldAt(path),
  badValue: found,
  detail: `${path} in body must be of type ${expected}: ${JSON.stringify(found)}`,
});

function checkType(result: Result, value: Json, schema: Schema, place: Place): void {
  const types = isIntOrString(schema)
    ? ['integer', 'string']
    : schema.type === undefined
      ? []
      : [schema.type];
  const format = formatCheck(schema.format) === undefined ? undefined : schema.format;
  if (types.length === 0 && format === undefined) return;
  result.matches += 1;
  const expected = types.join(',');
  if (value === null) {
    if (types.length > 0 && schema.nullable !== true) result.errors.push(wrongType(place, expected, 'null'));
    else result.matches += 1;
    return;
  }
  const found = typeOf(value);
  const fits = types.includes(found) || (found === 'integer' && types.includes('number'));
  const isTextual = typeof value === 'string' || Array.isArray(value);
  const numeric = types.includes('number') || types.includes('integer');
  if (format !== undefined && isTextual && !numeric) result.matches += 1;
  else if (format !== undefined && !isTextual && !fits)
    result.errors.push(wrongType(place, format, formatOf(value)));
  else if (fits) result.matches += 1;
  else result.errors.push(wrongType(place, expected, found));
}

function typeOf(value: Json): string {
  if (typeof value === 'number') return Number.isInteger(value) ? 'integer' : 'number';
  if (typeof value === 'object') return Array.isArray(value) ? 'array' : value === null ? 'null' : 'object';
  return typeof value;
}

/** What a value without a declared format is taken for. */
const formatOf = (value: Json): string =>
  typeof value === 'number' ? (Number.isInteger(value) ? 'int64' : 'float64') : '';

/** anyOf, oneOf, allOf and not. Their own errors name no field. */
function checkCombinations(result: Result, value: Json, schema: Schema, place: Place): void {
  result.matches += 2;
  if (schema.anyOf !== undefined && schema.anyOf.length > 0) checkAnyOf(result, value, schema.anyOf, place);
  if (schema.oneOf !== undefined && schema.oneOf.length > 0) checkOneOf(result, value, schema.oneOf, place);
  if (schema.allOf !== undefined && schema.allOf.length > 0) checkAllOf(result, value, schema.allOf, place);
  if (schema.not !== undefined && validateValue(value, schema.not, place).errors.length === 0)
    result.errors.push(combination(place, 'must not validate the schema (not)'));
}

const combination = ({ path }: Place, what: string): FieldError =>
  invalidValue('<nil>', '', `${JSON.stringify(path)} ${what}`);

function checkAnyOf(result: Result, value: Json, schemas: readonly Schema[], place: Place): void {
  let best: Result | undefined;
  for (const schema of schemas) {
    const each = validateValue(value, schema, place);
    if (each.errors.length === 0) {
      result.matches += each.matches;
      return;
    }
    if (best === undefined || each.matches > best.matches) best = each;
  }
  result.errors.push(combination(place, 'must validate at least one schema (anyOf)'));
  if (best !== undefined) merge(result, best);
}

function checkOneOf(result: Result, value: Json, schemas: readonly Schema[], place: Place): void {
  const results = schemas.map((schema) => validateValue(value, schema, place));
  const valid = results.filter((each) => each.errors.length === 0);
  const [first] = valid;
  if (valid.length === 1 && first !== undefined) {
    result.matches += first.matches;
    return;
  }
  const found = valid.length === 0 ? 'Found none valid' : `Found ${valid.length} valid alternatives`;
  result.errors.push(combination(place, `must validate one and only one schema (oneOf). ${found}`));
  if (valid.length > 0) return;
  const best = results.reduce((a, b) => (b.matches > a.matches ? b : a));
  merge(result, best);
}

function checkAllOf(result: Result, value: Json, schemas: readonly Schema[], place: Place): void {
  const results = schemas.map((schema) => validateValue(value, schema, place));
  for (const each of results) merge(result, each);
  const valid = results.filter((each) => each.errors.length === 0).length;
  if (valid === schemas.length) return;
  result.errors.push(
    combination(place, `must validate all the schemas (allOf)${valid === 0 ? '. None validated' : ''}`),
  );
}

const inBody = (place: Place, badValue: Json, what: string): FieldError =>
  invalidValue(fieldAt(place.path), badValue, `${place.path} in body ${what}`);

function checkText(result: Result, value: string, schema: Schema, place: Place): void {
  const length = lengthOf(value);
  result.matches += 1;
  if (schema.maxLength !== undefined && length > schema.maxLength)
    result.errors.push({
      type: 'Too long',
      field: fieldAt(place.path),
      detail: atMostBytes(schema.maxLength),
    });
  if (schema.minLength !== undefined && length < schema.minLength)
    result.errors.push(inBody(place, value, `should be at least ${schema.minLength} chars long`));
  if (schema.pattern !== undefined) {
    const pattern = compileRE2(schema.pattern);
    if (typeof pattern === 'string' || !pattern.test(value))
      result.errors.push(inBody(place, value, `should match '${schema.pattern}'`));
  }
  const check = formatCheck(schema.format);
  if (check === undefined) return;
  result.matches += 1;
  if (!check(value)) result.errors.push({ ...wrongType(place, schema.format ?? '', value), badValue: value });
}

/** The length in code points. */
const lengthOf = (text: string): number => Array.from(text).length;

const atMostBytes = (most: number): string => `may not be more than ${most} ${most === 1 ? 'byte' : 'bytes'}`;

function checkNumber(result: Result, value: number, schema: Schema, place: Place): void {
  result.matches += 2;
  const { multipleOf, maximum, exclusiveMaximum = false, minimum, exclusiveMinimum = false } = schema;
  if (multipleOf !== undefined && !isMultiple(value, multipleOf))
    result.errors.push(inBody(place, value, `should be a multiple of ${multipleOf}`));
  if (maximum !== undefined && (exclusiveMaximum ? value >= maximum : value > maximum))
    result.errors.push(
      inBody(place, value, `should be less than ${exclusiveMaximum ? '' : 'or equal to '}${maximum}`),
    );
  if (minimum !== undefined && (exclusiveMinimum ? value <= minimum : value < minimum))
    result.errors.push(
      inBody(place, value, `should be greater than ${exclusiveMinimum ? '' : 'or equal to '}${minimum}`),
    );
}

function isMultiple(value: number, factor: number): boolean {
  const times = factor < 1 ? (1 / factor) * value : value / factor;
  return Math.abs(times - Math.round(times)) < 1e-9;
}

function checkItems(result: Result, list: readonly Json[], schema: Schema, place: Place): void {
  result.matches += 2;
  const items = itemsOf(schema);
  if (items !== undefined)
    list.forEach((item, i) => {
      const old = correlated(schema, list, place.old, i);
      merge(result, validateValue(item, items, { path: `${place.path}[${i}]`, old }));
    });
  if (schema.minItems !== undefined && list.length < schema.minItems)
    result.errors.push(inBody(place, list.length, `should have at least ${schema.minItems} items`));
  if (schema.maxItems !== undefined && list.length > schema.maxItems)
    result.errors.push(tooMany(place, list.length, schema.maxItems));
}

const tooMany = ({ path }: Place, actual: number, most: number): FieldError => ({
  type: 'Too many',
  field: fieldAt(path),
  badValue: actual,
  detail: `must have at most ${most} items`,
});

function checkEnum(result: Result, value: Json, schema: Schema, { path }: Place): void {
  result.matches += 1;
  const allowed = schema.enum;
  if (allowed === undefined || allowed.length === 0 || allowed.some((each) => same(each, value))) return;
  const texts = allowed.map((each) => (typeof each === 'string' ? each : JSON.stringify(each)));
  result.errors.push(unsupported(fieldAt(path), value, texts));
}

function checkFields(result: Result, fields: Fields, schema: Schema, place: Place): void {
  result.matches += 1;
  const names = Object.keys(fields);
  if (schema.minProperties !== undefined && names.length < schema.minProperties) {
    result.errors.push(
      inBody(place, names.length, `should have at least ${schema.minProperties} properties`),
    );
    return;
  }
  if (schema.maxProperties !== undefined && names.length > schema.maxProperties) {
    result.errors.push(tooMany(place, names.length, schema.maxProperties));
    return;
  }
  const before = isFields(place.old) ? place.old : undefined;
  for (const name of names) {
    const property = propertyOf(schema, name) ?? valuesOf(schema);
    if (property === undefined) {
      if (schema.additionalProperties === false)
        result.errors.push(
          invalidValue(fieldAt(place.path), name, `${place.path}.${name} in body is a forbidden property`),
        );
      continue;
    }
    const inside =
      place.path === '' && propertyOf(schema, name) !== undefined ? name : `${place.path}.${name}`;
    merge(result, validateValue(fields[name] ?? null, property, { path: inside, old: before?.[name] }));
  }
  for (const name of schema.required ?? [])
    if (!Object.hasOwn(fields, name)) result.errors.push(required(fieldAt(`${place.path}.${name}`)));
}
