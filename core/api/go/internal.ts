/**
 * A value in its internal form, as a message shows it: Go writes the internal struct as JSON, so every field is there under
 * its Go name, in Go's order, `null` for what is nil. Structs of the metadata package keep their JSON names.
 */
import { definitions } from '../generated/schemas.ts';
import type { Json } from '../generated/types.ts';
import { isQuantity, quantityText } from '../../text/quantity.ts';
import { byText } from '../patch/go-text.ts';
import { internalStructs } from './internal-structs.ts';
import { goType, structsOf, type GoField, type GoType } from './struct.ts';

type Fields = Readonly<Record<string, unknown>>;

const structs = structsOf(internalStructs);

/** Structs that have JSON names of their own, and leave out what is empty. */
const tagged: ReadonlySet<string> = new Set([
  'ObjectMeta',
  'OwnerReference',
  'ManagedFieldsEntry',
  'LabelSelector',
  'LabelSelectorRequirement',
]);

/** `internal('Taint', { key: 'a', effect: 'NoSchedule' })` is `{ Key: 'a', Value: '', Effect: 'NoSchedule', TimeAdded: null }`. */
export const internal = (struct: string, value: object | undefined): Json =>
  value === undefined ? null : ofStruct(struct, value as Fields);

/** A list of structs. */
export const internalList = (struct: string, values: readonly object[]): Json =>
  values.map((value) => internal(struct, value));

/** A map, its keys in the order in which Go writes them. */
export const internalMap = (map: Readonly<Record<string, string>> | undefined): Json =>
  ofType(goType('map[string]string'), map);

function ofStruct(struct: string, value: Fields): Json {
  const object: Record<string, Json> = {};
  addFields(object, struct, struct === 'PodSpec' ? withHostFields(value) : value);
  return object;
}

/** The fields of an embedded struct are those of the one it is in. */
function addFields(object: Record<string, Json>, struct: string, value: Fields): void {
  for (const field of structs.get(struct) ?? []) {
    const inner = field.json === undefined ? value : value[field.json];
    if (field.embedded) addFields(object, field.name, (inner ?? {}) as Fields);
    else if (!tagged.has(struct)) object[field.name] = ofType(field.type, inner);
    else addTagged(object, struct, field, inner);
  }
}

function addTagged(
  object: Record<string, Json>,
  struct: string,
  { json, type }: GoField,
  value: unknown,
): void {
  if (json === undefined) return;
  const isRequired = definitions[struct]?.required?.includes(json) ?? false;
  if (isRequired || !isEmpty(value)) object[json] = ofType(type, value);
}

function isEmpty(value: unknown): boolean {
  if (value === undefined || value === null || value === '' || value === 0) return true;
  return typeof value === 'object' && Object.keys(value).length === 0;
}

function ofType(type: GoType, value: unknown): Json {
  switch (type.is) {
    case 'pointer':
      return value === undefined || value === null ? null : ofType(type.of, value);
    case 'list':
      return Array.isArray(value) ? value.map((item: unknown) => ofType(type.of, item)) : null;
    case 'map': {
      if (value === undefined || value === null) return null;
      const map = value as Fields;
      return Object.fromEntries(
        Object.keys(map)
          .sort(byText)
          .map((key) => [key, ofType(type.of, map[key])]),
      );
    }
    case 'named':
      return named(type.name, value);
  }
}

function named(name: string, value: unknown): Json {
  switch (name) {
    case 'bool':
      return value === true;
    case 'int32':
    case 'int64':
    case 'intstr.IntOrString':
      return (value ?? 0) as Json;
    case 'resource.Quantity': {
      const text = String((value ?? '0') as string | number);
      return isQuantity(text) ? quantityText(text) : text;
    }
    case 'Time':
      return (value ?? null) as Json;
  }
  return structs.get(name) === undefined ? ((value ?? '') as Json) : ofStruct(name, (value ?? {}) as Fields);
}

const hostFields = ['hostNetwork', 'hostPID', 'hostIPC', 'shareProcessNamespace', 'hostUsers'] as const;

/** What a manifest says of the host's namespaces lies in the security context, which is always there. */
function withHostFields(spec: Fields): Fields {
  const context: Record<string, unknown> = { ...(spec['securityContext'] as Fields | undefined) };
  for (const field of hostFields) context[field] = spec[field];
  return { ...spec, securityContext: context };
}
