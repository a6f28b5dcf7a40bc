/** The merge types of Kubernetes' own kinds, read out of core/api/generated when they are first asked for. */
import { patchKeys, type FieldMerge } from '../generated/patch-keys.ts';
import { definitions } from '../generated/schemas.ts';
import { apiVersionOf, definitionIn, type ResourceInfo } from '../kinds.ts';
import { fieldType, type FieldType as WireType } from '../schema.ts';
import { deduced, type FieldType, type MapType, type MergeType, type Scalar } from './merge-type.ts';

/** The type of a kind, in the version asked for or the one it is stored in; undefined for a kind without a schema. */
export function mergeTypeOfKind(info: ResourceInfo, apiVersion = apiVersionOf(info)): MapType | undefined {
  const definition = definitionIn(info, apiVersion);
  return definition === undefined || definitions[definition] === undefined
    ? undefined
    : mergeTypeOfDefinition(definition);
}

const known = new Map<string, MapType>();

/** The type of a definition of generated/schemas.ts. */
export function mergeTypeOfDefinition(name: string): MapType {
  let type = known.get(name);
  if (type === undefined) {
    type = {
      is: 'map',
      atomic: patchKeys[name]?.atomic === true,
      goName: patchKeys[name]?.goName ?? name,
      field: fieldsOf(name),
      of: undefined,
    };
    known.set(name, type);
  }
  return type;
}

function fieldsOf(name: string): (field: string) => FieldType | undefined {
  const wire = definitions[name]?.fields ?? {};
  const merge = patchKeys[name];
  const seen = new Map<string, FieldType>();
  return (field) => {
    const text = Object.hasOwn(wire, field) ? wire[field] : undefined;
    if (text === undefined) return undefined;
    let found = seen.get(field);
    if (found === undefined) {
      found = fieldOf(fieldType(text), merge?.fields?.[field] ?? {}, merge?.defaults?.[field]);
      seen.set(field, found);
    }
    return found;
  };
}

function fieldOf(wire: WireType, merge: FieldMerge, absent: string | undefined): FieldType {
  const strategies = merge.strategy?.split(',') ?? [];
  return {
    type: typeOf(wire, merge),
    strategy: strategies.includes('merge') ? 'merge' : strategies.includes('replace') ? 'replace' : undefined,
    retainKeys: strategies.includes('retainKeys'),
    mergeKey: merge.key,
    default: absent,
  };
}

function typeOf(wire: WireType, merge: FieldMerge): MergeType {
  switch (wire.is) {
    case 'scalar':
      return scalars[wire.name] === undefined
        ? deduced
        : { is: 'scalar', scalar: scalars[wire.name] ?? 'untyped' };
    case 'object': {
      const type = mergeTypeOfDefinition(wire.name);
      return merge.mapType === undefined ? type : { ...type, atomic: merge.mapType === 'atomic' };
    }
    case 'map':
      return {
        is: 'map',
        atomic: merge.mapType === 'atomic',
        field: () => undefined,
        of: () => typeOf(wire.of, {}),
      };
    case 'list':
      return { is: 'list', ...relationOf(merge), of: () => typeOf(wire.of, {}) };
  }
}

/** A list without a type of its own is associative where a strategic merge patch would merge it, otherwise atomic. */
function relationOf(merge: FieldMerge): { readonly atomic: boolean; readonly keys: readonly string[] } {
  if (merge.listType !== undefined)
    return {
      atomic: merge.listType === 'atomic',
      keys: merge.listType === 'map' ? (merge.keys ?? []) : [],
    };
  const merged = merge.strategy?.split(',').includes('merge') === true;
  return { atomic: !merged, keys: merge.key === undefined ? [] : [merge.key] };
}

/** A time is text of a format, which server-side apply takes as any scalar; so are quantities and numbers-or-text. */
const scalars: Readonly<Record<string, Scalar>> = {
  string: 'string',
  bytes: 'string',
  int32: 'numeric',
  int64: 'numeric',
  number: 'numeric',
  boolean: 'boolean',
  time: 'untyped',
  quantity: 'untyped',
  intOrString: 'untyped',
};
