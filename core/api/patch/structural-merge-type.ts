/** The merge type of a custom resource, from its structural schema. (kube-openapi pkg/schemaconv/openapi.go) */
import {
  allowsMore,
  itemsOf,
  isIntOrString,
  keepsUnknown,
  propertyOf,
  valuesOf,
  type Schema,
} from '../custom/schema.ts';
import { fieldSetOf, noFields } from './field-set.ts';
import { deduced, type FieldType, type ListType, type MapType, type MergeType } from './merge-type.ts';
import { mergeTypeOfDefinition } from './merge-type-of-kind.ts';
import type { ObjectSchema } from './object-schema.ts';
import { isFields, type Tree } from './tree.ts';

/** What a definition says of one version of its kind. */
export interface CustomVersion {
  readonly apiVersion: string;
  readonly schema: Schema | undefined;
}

/** The schema for server-side apply of a custom resource; conversion between its versions changes only the apiVersion. */
export function objectSchemaOfCustom(
  kind: string,
  apiVersion: string,
  versions: readonly CustomVersion[],
  hasStatus: boolean,
): ObjectSchema {
  const types = new Map(versions.map(({ apiVersion: version, schema }) => [version, rootType(schema)]));
  const object = hasStatus ? fieldSetOf(['status']) : noFields;
  const status = fieldSetOf(['metadata'], ['spec']);
  return {
    apiVersion,
    kind,
    typeIn: (version) => types.get(version),
    convert: (value, version) => (isFields(value) ? { ...value, apiVersion: version } : value),
    empty: {},
    resets: (subresource) => (subresource === 'status' ? status : object),
  };
}

/** A whole object: what every object has is typed, whatever the schema says; without a schema the rest is deduced. */
function rootType(schema: Schema | undefined): MapType {
  const declared = schema === undefined ? undefined : mergeTypeOfSchema(schema);
  const type: MapType =
    declared?.is === 'map'
      ? declared
      : { is: 'map', atomic: false, field: () => undefined, of: () => deduced };
  return {
    ...type,
    field: (name) => rootFields[name] ?? type.field(name),
  };
}

const text: MergeType = { is: 'scalar', scalar: 'string' };
const rootFields: Readonly<Record<string, FieldType>> = {
  apiVersion: { type: text },
  kind: { type: text },
  metadata: { type: mergeTypeOfDefinition('ObjectMeta') },
};

/** The type that a schema says; what it does not declare is deduced from the value where it is kept. */
export function mergeTypeOfSchema(schema: Schema, inherited = false): MergeType {
  const keeps = inherited || keepsUnknown(schema);
  if (isIntOrString(schema)) return { is: 'scalar', scalar: 'untyped' };
  switch (schema.type) {
    case 'object':
      return objectType(schema, keeps);
    case 'array':
      return { is: 'list', ...relationOf(schema), of: () => mergeTypeOfSchema(itemsOf(schema) ?? {}, keeps) };
    case 'integer':
    case 'number':
      return { is: 'scalar', scalar: 'numeric' };
    case 'boolean':
      return { is: 'scalar', scalar: 'boolean' };
    case 'string':
      // Any format but `byte` makes the text a scalar of any kind.
      return {
        is: 'scalar',
        scalar: (schema.format ?? '') === '' || schema.format === 'byte' ? 'string' : 'untyped',
      };
    default:
      return schema.properties === undefined ? deduced : objectType(schema, keeps);
  }
}

function objectType(schema: Schema, keeps: boolean): MapType {
  const declared = Object.keys(schema.properties ?? {}).length > 0;
  const values = valuesOf(schema);
  const open = keeps || allowsMore(schema) || (!declared && schema.additionalProperties === undefined);
  return {
    is: 'map',
    atomic: schema['x-kubernetes-map-type'] === 'atomic',
    field: memoized((name) => {
      const property = propertyOf(schema, name);
      if (property === undefined) return undefined;
      return { type: mergeTypeOfSchema(property, keeps), default: property.default as Tree | undefined };
    }),
    of: values !== undefined ? () => mergeTypeOfSchema(values, keeps) : open ? () => deduced : undefined,
  };
}

function memoized(find: MapType['field']): MapType['field'] {
  const seen = new Map<string, FieldType | undefined>();
  return (name) => {
    if (!seen.has(name)) seen.set(name, find(name));
    return seen.get(name);
  };
}

function relationOf(schema: Schema): Pick<ListType, 'atomic' | 'keys'> {
  const listType = schema['x-kubernetes-list-type'];
  return {
    atomic: listType !== 'set' && listType !== 'map',
    keys: listType === 'map' ? (schema['x-kubernetes-list-map-keys'] ?? []) : [],
  };
}
