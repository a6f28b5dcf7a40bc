/** The parts of an OpenAPI v3 schema as CustomResourceDefinitions use them. */
import type { Json, JSONSchemaProps } from '../generated/types.ts';

export type Schema = JSONSchemaProps;

/** A JSON object. */
export interface Fields {
  readonly [field: string]: Json;
}

export const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

export const isList = (value: unknown): value is readonly Json[] => Array.isArray(value);

/** The schema of a list's items. Structural schemas have one for all. */
export const itemsOf = (schema: Schema): Schema | undefined =>
  isSchemas(schema.items) ? undefined : schema.items;

const isSchemas = (items: Schema | readonly Schema[] | undefined): items is readonly Schema[] =>
  Array.isArray(items);

export const propertyOf = (schema: Schema, name: string): Schema | undefined =>
  schema.properties !== undefined && Object.hasOwn(schema.properties, name)
    ? schema.properties[name]
    : undefined;

/** The schema of a map's values; undefined where anything may be a value, or nothing. */
export const valuesOf = (schema: Schema): Schema | undefined =>
  typeof schema.additionalProperties === 'object' ? schema.additionalProperties : undefined;

/** Fields that are not declared are kept, as the values of a map. */
export const allowsMore = (schema: Schema): boolean =>
  schema.additionalProperties !== undefined && schema.additionalProperties !== false;

export const keepsUnknown = (schema: Schema): boolean =>
  schema['x-kubernetes-preserve-unknown-fields'] === true;
export const isEmbedded = (schema: Schema): boolean => schema['x-kubernetes-embedded-resource'] === true;
export const isIntOrString = (schema: Schema): boolean => schema['x-kubernetes-int-or-string'] === true;
export const rulesOf = (schema: Schema): NonNullable<Schema['x-kubernetes-validations']> =>
  schema['x-kubernetes-validations'] ?? [];

/** What every object has, whatever its schema says. */
export const metaFields: ReadonlySet<string> = new Set(['apiVersion', 'kind', 'metadata']);

/** Every schema within a schema, itself first, with its path as messages of a definition write it. */
export function* schemasIn(schema: Schema, path: string): Generator<readonly [Schema, string]> {
  yield [schema, path];
  for (const [part, where] of partsOf(schema, path)) yield* schemasIn(part, where);
}

/** The schemas directly inside one. */
export function partsOf(schema: Schema, path: string): readonly (readonly [Schema, string])[] {
  const named = Object.entries(schema.properties ?? {}).map(
    ([name, part]) => [part, `${path}.properties[${name}]`] as const,
  );
  const values = valuesOf(schema);
  const items = itemsOf(schema);
  const listed = (['allOf', 'oneOf', 'anyOf'] as const).flatMap((key) =>
    (schema[key] ?? []).map((part, i) => [part, `${path}.${key}[${i}]`] as const),
  );
  return [
    ...named,
    ...(values === undefined ? [] : [[values, `${path}.additionalProperties`] as const]),
    ...(items === undefined ? [] : [[items, `${path}.items`] as const]),
    ...listed,
    ...(schema.not === undefined ? [] : [[schema.not, `${path}.not`] as const]),
  ];
}
