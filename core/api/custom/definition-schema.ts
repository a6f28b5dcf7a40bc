/**
 * The schema of a version of a CustomResourceDefinition: what of OpenAPI may be used, list types, defaults, and rules
 * that compile. (kubernetes v1.34.1 apiextensions-apiserver/pkg/apis/apiextensions/validation/validation.go)
 */
import { forbidden, invalidValue, required, unsupported, type FieldError } from '../field-error.ts';
import type { Json } from '../generated/types.ts';
import { checkListTypes } from './list-types.ts';
import { checkCompiledRules, checkRule } from './definition-rules.ts';
import { prune } from './prune.ts';
import {
  isEmbedded,
  isFields,
  itemsOf,
  metaFields,
  partsOf,
  propertyOf,
  rulesOf,
  schemasIn,
  valuesOf,
  type Schema,
} from './schema.ts';
import { checkStructural } from './structural.ts';
import { validateSchema } from './validate.ts';

type Errors = FieldError[];

/** Everything that is wrong with a schema. Rules are looked at when nothing else is wrong. */
export function checkDefinitionSchema(
  schema: Schema,
  path: string,
  hasStatus: boolean,
): readonly FieldError[] {
  const errors: Errors = [];
  if (hasStatus) checkRoot(errors, schema, path);
  if (schema.nullable === true)
    errors.push(forbidden(`${path}.nullable`, 'nullable cannot be true at the root'));
  const structural = checkStructural(schema, path);
  errors.push(...structural);
  if (structural.length === 0) checkDefaults(errors, schema, path);
  checkNode(errors, schema, path, { defaults: true, inMetadata: false, root: true });
  if (errors.length === 0) checkCompiledRules(errors, schema, path);
  return errors;
}

/** Fields by their names in Go, in Go's order, because the message has them so. */
const atRoot: readonly (readonly [name: string, field: keyof Schema])[] = [
  ['Description', 'description'],
  ['Type', 'type'],
  ['Format', 'format'],
  ['Title', 'title'],
  ['Maximum', 'maximum'],
  ['ExclusiveMaximum', 'exclusiveMaximum'],
  ['Minimum', 'minimum'],
  ['ExclusiveMinimum', 'exclusiveMinimum'],
  ['MaxLength', 'maxLength'],
  ['MinLength', 'minLength'],
  ['Pattern', 'pattern'],
  ['MaxItems', 'maxItems'],
  ['MinItems', 'minItems'],
  ['UniqueItems', 'uniqueItems'],
  ['MultipleOf', 'multipleOf'],
  ['Required', 'required'],
  ['Items', 'items'],
  ['Properties', 'properties'],
  ['ExternalDocs', 'externalDocs'],
  ['Example', 'example'],
  ['XPreserveUnknownFields', 'x-kubernetes-preserve-unknown-fields'],
  ['XValidations', 'x-kubernetes-validations'],
];
const allowedAtRoot: ReadonlySet<string> = new Set(atRoot.map(([, field]) => field));

/** With a status subresource the status is validated by itself, so the root may not say anything about it. */
function checkRoot(errors: Errors, schema: Schema, path: string): void {
  if (schema.type !== undefined && schema.type !== 'object')
    errors.push(
      invalidValue(
        `${path}.type`,
        schema.type,
        'only "object" is allowed as the type at the root of the schema if the status subresource is enabled',
      ),
    );
  else if (Object.keys(schema).some((field) => !allowedAtRoot.has(field)))
    errors.push(
      invalidValue(
        path,
        schema as Json,
        `only [${atRoot.map(([name]) => name).join(' ')}] fields are allowed at the root of the schema if the status subresource is enabled`,
      ),
    );
}

/** Defaults hold themselves to the schema. */
function checkDefaults(errors: Errors, root: Schema, path: string): void {
  for (const [schema, at] of schemasIn(root, path)) {
    const value = schema.default;
    if (value === undefined) continue;
    const where = `${at}.default`;
    if (
      isFields(value) &&
      prune(value, { ...schema, 'x-kubernetes-embedded-resource': isEmbedded(schema) }).unknown.length > 0
    )
      errors.push(invalidValue(where, value, 'must not have unknown fields'));
    for (const error of [...validateSchema(value, schema), ...checkListTypes(value, schema)])
      errors.push({ ...error, field: error.field === '<nil>' ? where : `${where}.${error.field}` });
  }
}

interface Where {
  readonly defaults: boolean | string;
  readonly inMetadata: boolean;
  readonly root: boolean;
}

const types = ['array', 'boolean', 'integer', 'number', 'object', 'string'];

function checkNode(errors: Errors, schema: Schema, path: string, where: Where): void {
  checkUnsupported(errors, schema, path, where);
  if (schema.uniqueItems === true)
    errors.push(
      forbidden(
        `${path}.uniqueItems`,
        'uniqueItems cannot be set to true since the runtime complexity becomes quadratic',
      ),
    );
  const hasProperties = Object.keys(schema.properties ?? {}).length > 0;
  if (schema.additionalProperties !== undefined && schema.additionalProperties !== true && hasProperties)
    errors.push(
      forbidden(`${path}.additionalProperties`, 'additionalProperties and properties are mutual exclusive'),
    );
  checkParts(errors, schema, path, where);
  if (schema['x-kubernetes-preserve-unknown-fields'] === false)
    errors.push(
      invalidValue(`${path}.x-kubernetes-preserve-unknown-fields`, false, 'must be true or undefined'),
    );
  checkMapType(errors, schema, path);
  checkListType(errors, schema, path);
  rulesOf(schema).forEach((rule, i) => {
    checkRule(errors, rule, schema, `${path}.x-kubernetes-validations[${i}]`);
  });
}

function checkUnsupported(
  errors: Errors,
  schema: Schema,
  path: string,
  { defaults, inMetadata }: Where,
): void {
  const type = schema.type ?? '';
  if (type !== '' && !types.includes(type)) errors.push(unsupported(`${path}.type`, type, types));
  if (schema.default !== undefined && defaults !== true)
    errors.push(forbidden(`${path}.default`, `must not be set${defaults === false ? '' : ` ${defaults}`}`));
  for (const [field, value] of [
    ['id', schema.id],
    ['additionalItems', schema.additionalItems],
    ['patternProperties', schema.patternProperties],
    ['definitions', schema.definitions],
    ['dependencies', schema.dependencies],
    ['$ref', schema.$ref],
  ] as const)
    if (value !== undefined) errors.push(forbidden(`${path}.${field}`, `${field} is not supported`));
  if (type === 'null')
    errors.push(forbidden(`${path}.type`, 'type cannot be set to null, use nullable as an alternative'));
  if (Array.isArray(schema.items))
    errors.push(forbidden(`${path}.items`, 'items must be a schema object and not an array'));
  if (inMetadata && isEmbedded(schema))
    errors.push(
      forbidden(`${path}.x-kubernetes-embedded-resource`, 'must not be used inside of resource meta'),
    );
}

function checkParts(errors: Errors, schema: Schema, path: string, where: Where): void {
  const inside = { ...where, root: false };
  const values = valuesOf(schema);
  for (const [part, at] of partsOf(schema, path)) {
    const name = at.startsWith(`${path}.properties[`) ? at.slice(path.length + 12, -1) : '';
    const isMeta = name !== '' && (where.root || isEmbedded(schema)) && metaFields.has(name);
    const defaults = isMeta && where.root ? `in top-level ${name}` : where.defaults;
    const inValues = part === values && where.inMetadata;
    checkNode(errors, part, at, {
      ...inside,
      inMetadata: where.inMetadata || isMeta,
      defaults: inValues ? 'inside additionalProperties applying to object metadata' : defaults,
    });
  }
}

function checkMapType(errors: Errors, schema: Schema, path: string): void {
  const type = schema['x-kubernetes-map-type'];
  if (type === undefined) return;
  checkTypeIs(errors, schema, path, 'object', 'x-kubernetes-map-type');
  if (type !== 'atomic' && type !== 'granular')
    errors.push(unsupported(`${path}.x-kubernetes-map-type`, type, ['atomic', 'granular']));
}

function checkTypeIs(errors: Errors, schema: Schema, path: string, type: string, extension: string): void {
  if (schema.type === type) return;
  const why = `must be ${type} if ${extension} is specified`;
  const found = schema.type ?? '';
  errors.push(found === '' ? required(`${path}.type`, why) : invalidValue(`${path}.type`, found, why));
}

const listTypes = ['atomic', 'set', 'map'];

function checkListType(errors: Errors, schema: Schema, path: string): void {
  const type = schema['x-kubernetes-list-type'];
  const keys = schema['x-kubernetes-list-map-keys'] ?? [];
  const items = itemsOf(schema);
  const typePath = `${path}.x-kubernetes-list-type`;
  if (type !== undefined && schema.type !== 'array')
    checkTypeIs(errors, schema, path, 'array', 'x-kubernetes-list-type');
  else if (type === 'set' && items !== undefined) checkSetItems(errors, items, `${path}.items`);
  if (type !== undefined && !listTypes.includes(type)) errors.push(unsupported(typePath, type, listTypes));
  if (keys.length > 0 && type !== 'map') {
    const why = 'must be map if x-kubernetes-list-map-keys is non-empty';
    errors.push(type === undefined ? required(typePath, why) : invalidValue(typePath, type, why));
  }
  if (type === 'map') checkMapKeys(errors, schema, keys, path);
  if ((type === 'map' || type === 'set') && items?.nullable === true)
    errors.push(
      forbidden(`${path}.items.nullable`, `cannot be nullable when x-kubernetes-list-type is ${type}`),
    );
}

function checkSetItems(errors: Errors, items: Schema, path: string): void {
  const why = 'must be atomic as item of a list with x-kubernetes-list-type=set';
  const list = items['x-kubernetes-list-type'];
  if (items.type === 'array' && list !== undefined && list !== 'atomic')
    errors.push(invalidValue(`${path}.x-kubernetes-list-type`, list, why));
  if (items.type === 'object' && items['x-kubernetes-map-type'] !== 'atomic')
    errors.push(invalidValue(`${path}.x-kubernetes-map-type`, list ?? null, why));
}

function checkMapKeys(errors: Errors, schema: Schema, keys: readonly string[], path: string): void {
  const keysPath = `${path}.x-kubernetes-list-map-keys`;
  const items = itemsOf(schema);
  if (keys.length === 0)
    errors.push(required(keysPath, 'must not be empty if x-kubernetes-list-type is map'));
  if (items === undefined) {
    errors.push(required(`${path}.items`, 'must have a schema if x-kubernetes-list-type is map'));
    return;
  }
  if (items.type !== 'object') {
    const why = "must be object if parent array's x-kubernetes-list-type is map";
    errors.push(invalidValue(`${path}.items.type`, items.type ?? '', why));
    return;
  }
  keys.forEach((key, i) => {
    const property = propertyOf(items, key);
    const at = `${path}.items.properties[${key}]`;
    if (property === undefined)
      errors.push(invalidValue(keysPath, keys, 'entries must all be names of item properties'));
    else if (property.type === 'array' || property.type === 'object') {
      const why = "must be a scalar type if parent array's x-kubernetes-list-type is map";
      errors.push(invalidValue(`${at}.type`, items.type ?? '', why));
    }
    if (keys.indexOf(key) < i)
      errors.push(invalidValue(keysPath, keys, 'must not contain duplicate entries'));
    if (property === undefined) return;
    if (items.required?.includes(key) !== true && property.default === undefined)
      errors.push(
        required(
          `${at}.default`,
          'this property is in x-kubernetes-list-map-keys, so it must have a default or be a required property',
        ),
      );
    if (property.nullable === true)
      errors.push(
        forbidden(
          `${at}.nullable`,
          'this property is in x-kubernetes-list-map-keys, so it cannot be nullable',
        ),
      );
  });
}
