/**
 * Whether a schema is structural: every type is said outside of allOf, anyOf, oneOf and not, which may only narrow what is
 * said there. (kubernetes v1.34.1 apiextensions-apiserver/pkg/apiserver/schema/validation.go, complete.go)
 */
import { compileRE2 } from '../../cel/library/expressions.ts';
import { errorText, forbidden, invalidValue, required, type FieldError } from '../field-error.ts';
import { same } from '../merge-patch.ts';
import {
  isEmbedded,
  isIntOrString,
  itemsOf,
  keepsUnknown,
  propertyOf,
  rulesOf,
  valuesOf,
  type Schema,
} from './schema.ts';

type Level = 'root' | 'items' | 'field';
type Errors = FieldError[];

/** Every way in which a schema is not structural, in the order of the messages. */
export function checkStructural(schema: Schema, path: string): readonly FieldError[] {
  const errors: Errors = [];
  checkNode(errors, schema, 'root', path);
  checkComplete(errors, schema, path);
  return errors
    .map((error) => ({ error, text: errorText(error) }))
    .sort((a, b) => (a.text < b.text ? -1 : a.text > b.text ? 1 : 0))
    .map(({ error }) => error);
}

function checkNode(errors: Errors, schema: Schema, level: Level, path: string): void {
  const items = itemsOf(schema);
  if (schema.type === 'array' && items === undefined)
    errors.push(required(`${path}.items`, 'must be specified'));
  if (items !== undefined) checkNode(errors, items, 'items', `${path}.items`);
  for (const [name, property] of Object.entries(schema.properties ?? {}))
    checkNode(errors, property, 'field', `${path}.properties[${name}]`);
  if (schema.additionalProperties !== undefined && level === 'root')
    errors.push(forbidden(`${path}.additionalProperties`, 'must not be used at the root'));
  const values = valuesOf(schema);
  if (values !== undefined) checkNode(errors, values, 'field', `${path}.additionalProperties`);
  checkIntOrString(errors, schema, path);
  checkNarrowing(errors, schema, path, {
    anyOf: isEither(schema.anyOf),
    allOf: isEither(schema.allOf?.[0]?.anyOf),
  });
  checkType(errors, schema, level, path);
  checkMeta(errors, schema, level, path);
}

/** `anyOf: [{ type: integer }, { type: string }]`, which int-or-string may be accompanied by. */
const isEither = (schemas: readonly Schema[] | undefined): boolean =>
  schemas !== undefined && same(schemas, [{ type: 'integer' }, { type: 'string' }]);

function checkIntOrString(errors: Errors, schema: Schema, path: string): void {
  if (!isIntOrString(schema)) return;
  const otherwise = 'must be false if x-kubernetes-int-or-string is true';
  if (keepsUnknown(schema))
    errors.push(invalidValue(`${path}.x-kubernetes-preserve-unknown-fields`, true, otherwise));
  if (isEmbedded(schema))
    errors.push(invalidValue(`${path}.x-kubernetes-embedded-resource`, true, otherwise));
}

const emptyType: Readonly<Record<Level, string>> = {
  root: 'must not be empty at the root',
  items: 'must not be empty for specified array items',
  field: 'must not be empty for specified object fields',
};

function checkType(errors: Errors, schema: Schema, level: Level, path: string): void {
  const type = schema.type ?? '';
  const where = `${path}.type`;
  if (isEmbedded(schema) && type !== 'object') {
    const why = 'must be object if x-kubernetes-embedded-resource is true';
    errors.push(type === '' ? required(where, why) : invalidValue(where, type, why));
  } else if (type === '' && !isIntOrString(schema) && !keepsUnknown(schema))
    errors.push(required(where, emptyType[level]));
  if (isEmbedded(schema) && schema.additionalProperties !== undefined)
    errors.push(
      forbidden(`${path}.additionalProperties`, 'must not be used if x-kubernetes-embedded-resource is set'),
    );
  if (level === 'root' && type !== '' && type !== 'object')
    errors.push(invalidValue(where, type, 'must be object at the root'));
}

/** Of a resource's own fields only the name may be narrowed. */
function checkMeta(errors: Errors, schema: Schema, level: Level, path: string): void {
  const isResource = level === 'root' || isEmbedded(schema);
  for (const name of ['kind', 'apiVersion']) {
    const property = propertyOf(schema, name);
    if (isResource && property !== undefined && property.type !== 'string')
      errors.push(invalidValue(`${path}.properties[${name}].type`, property.type ?? '', 'must be string'));
  }
  const metadata = propertyOf(schema, 'metadata');
  const where = `${path}.properties[metadata]`;
  if (metadata !== undefined && isResource && metadata.type !== 'object')
    errors.push(invalidValue(`${where}.type`, metadata.type ?? '', 'must be object'));
  if (metadata !== undefined && level === 'root' && !isPlainMetadata(metadata))
    errors.push(
      forbidden(
        where,
        'must not specify anything other than name and generateName, but metadata is implicitly specified',
      ),
    );
  if (isEmbedded(schema) && !keepsUnknown(schema) && Object.keys(schema.properties ?? {}).length === 0)
    errors.push(
      required(
        `${path}.properties`,
        'must not be empty if x-kubernetes-embedded-resource is true without x-kubernetes-preserve-unknown-fields',
      ),
    );
}

function isPlainMetadata({ type: _, properties = {}, default: __, ...rest }: Schema): boolean {
  const names = Object.keys(properties);
  return Object.keys(rest).length === 0 && names.every((name) => name === 'name' || name === 'generateName');
}

/** Patterns that are to be left alone, because int-or-string explains them. */
interface Skips {
  readonly anyOf: boolean;
  readonly allOf: boolean;
}

const noSkips: Skips = { anyOf: false, allOf: false };

function checkNarrowing(errors: Errors, schema: Schema, path: string, skip: Skips): void {
  if (!skip.anyOf) checkNested(errors, schema.anyOf, `${path}.anyOf`);
  (schema.allOf ?? []).forEach((part, i) => {
    checkNestedSchema(errors, part, `${path}.allOf[${i}]`, { anyOf: skip.allOf && i === 0, allOf: false });
  });
  checkNested(errors, schema.oneOf, `${path}.oneOf`);
  if (schema.not !== undefined) checkNestedSchema(errors, schema.not, `${path}.not`, noSkips);
  const pattern = schema.pattern === undefined ? undefined : compileRE2(schema.pattern);
  if (typeof pattern === 'string')
    errors.push(
      invalidValue(
        `${path}.pattern`,
        schema.pattern ?? '',
        `must be a valid regular expression, but isn't: ${pattern}`,
      ),
    );
}

function checkNested(errors: Errors, schemas: readonly Schema[] | undefined, path: string): void {
  (schemas ?? []).forEach((schema, i) => {
    checkNestedSchema(errors, schema, `${path}[${i}]`, noSkips);
  });
}

function checkNestedSchema(errors: Errors, schema: Schema, path: string, skip: Skips): void {
  checkNarrowing(errors, schema, path, skip);
  const items = itemsOf(schema);
  if (items !== undefined) checkNestedSchema(errors, items, `${path}.items`, noSkips);
  for (const [name, property] of Object.entries(schema.properties ?? {}))
    checkNestedSchema(errors, property, `${path}.properties[${name}]`, noSkips);
  for (const [field, isSet, rule] of forbiddenInside(schema))
    if (isSet) errors.push(forbidden(`${path}.${field}`, `must be ${rule} to be structural`));
  if (propertyOf(schema, 'metadata') !== undefined)
    errors.push(forbidden(`${path}.properties[metadata]`, 'must not be specified in a nested context'));
}

/** What a schema that only narrows may not say. */
const forbiddenInside = (
  schema: Schema,
): readonly (readonly [field: string, isSet: boolean, rule: string])[] => [
  ['type', (schema.type ?? '') !== '', 'empty'],
  ['additionalProperties', schema.additionalProperties !== undefined, 'undefined'],
  ['default', schema.default !== undefined, 'undefined'],
  ['title', (schema.title ?? '') !== '', 'empty'],
  ['description', (schema.description ?? '') !== '', 'empty'],
  ['nullable', schema.nullable === true, 'false'],
  ['externalDocs', schema.externalDocs !== undefined, 'undefined'],
  ['x-kubernetes-preserve-unknown-fields', keepsUnknown(schema), 'false'],
  ['x-kubernetes-embedded-resource', isEmbedded(schema), 'false'],
  ['x-kubernetes-int-or-string', isIntOrString(schema), 'false'],
  ['x-kubernetes-list-map-keys', (schema['x-kubernetes-list-map-keys'] ?? []).length > 0, 'empty'],
  ['x-kubernetes-list-type', schema['x-kubernetes-list-type'] !== undefined, 'undefined'],
  ['x-kubernetes-map-type', schema['x-kubernetes-map-type'] !== undefined, 'undefined'],
  ['x-kubernetes-validations', rulesOf(schema).length > 0, 'empty'],
];

/** Every field that is narrowed somewhere is also declared. */
function checkComplete(errors: Errors, schema: Schema, path: string): void {
  checkNarrowed(errors, schema, schema, path, path);
  const items = itemsOf(schema);
  if (items !== undefined) checkComplete(errors, items, `${path}.items`);
  for (const [name, property] of Object.entries(schema.properties ?? {}))
    checkComplete(errors, property, `${path}.properties[${name}]`);
  const values = valuesOf(schema);
  if (values !== undefined) checkComplete(errors, values, `${path}.additionalProperties`);
}

function checkNarrowed(
  errors: Errors,
  narrowing: Schema,
  declared: Schema,
  path: string,
  where: string,
): void {
  for (const key of ['allOf', 'anyOf', 'oneOf'] as const)
    (narrowing[key] ?? []).forEach((part, i) => {
      checkDeclared(errors, part, declared, path, `${where}.${key}[${i}]`);
    });
  if (narrowing.not !== undefined) checkDeclared(errors, narrowing.not, declared, path, `${where}.not`);
}

function checkDeclared(
  errors: Errors,
  narrowing: Schema,
  declared: Schema | undefined,
  path: string,
  where: string,
): void {
  if (declared === undefined) {
    errors.push(required(path, `because it is defined in ${where}`));
    return;
  }
  checkNarrowed(errors, narrowing, declared, path, where);
  const items = itemsOf(narrowing);
  if (items !== undefined) checkDeclared(errors, items, itemsOf(declared), `${path}.items`, `${where}.items`);
  for (const [name, property] of Object.entries(narrowing.properties ?? {})) {
    const inside = `properties[${name}]`;
    checkDeclared(errors, property, propertyOf(declared, name), `${path}.${inside}`, `${where}.${inside}`);
  }
}
