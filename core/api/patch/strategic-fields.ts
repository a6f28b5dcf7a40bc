/** What a strategic merge patch asks of a type: how a field merges, in the words of Go's reflection where it has no answer. */
import { formOf, type FieldType, type MergeType } from './merge-type.ts';
import { StrategicError } from './strategic-error.ts';

/** A field and the type of its value; for a list, of its items. (apimachinery/third_party/forked/golang/json/fields.go) */
export interface PatchField extends FieldType {
  readonly inner: MergeType;
}

/** The field of a struct that holds an object; an error where the type has no such field. */
export function objectField(type: MergeType, name: string): PatchField {
  if (type.is !== 'map' || type.goName === undefined)
    throw new StrategicError(
      `merging an object in json but data type is not struct, instead is: ${goKind(type)}`,
    );
  const field = type.field(name) ?? foldedField(type.field, name);
  if (field === undefined)
    throw new StrategicError(
      `unable to find api field in struct ${type.goName} for the json field ${JSON.stringify(name)}`,
    );
  return { ...field, inner: field.type };
}

/** The field of a struct that holds a list; `inner` is the type of an item. */
export function listField(type: MergeType, name: string): PatchField {
  const field = objectField(type, name);
  if (field.type.is !== 'list')
    throw new StrategicError(`expected slice or array type, but got: ${goKind(type)}`);
  return { ...field, inner: field.type.of() };
}

/** Go's JSON finds a field in any case of its letters; only the first letter ever differs in practice. */
const foldedField = (field: (name: string) => FieldType | undefined, name: string): FieldType | undefined =>
  field(name.charAt(0).toLowerCase() + name.slice(1));

function goKind(type: MergeType): string {
  switch (type.is) {
    case 'map':
      return type.goName === undefined ? 'map' : 'struct';
    case 'list':
      return 'slice';
    case 'deduced':
      return goKind(formOf(type, null));
    case 'scalar':
      return { string: 'string', numeric: 'int32', boolean: 'bool', untyped: 'struct' }[type.scalar];
  }
}
