/**
 * What a custom resource is made of when it is written: read, pruned, given its defaults, prepared and validated, each in
 * the version it was sent in. The verbs and admission are those of every kind. (kubernetes v1.34.1
 * apiextensions-apiserver/pkg/registry/customresource/strategy.go, pkg/apiserver/customresource_handler.go)
 */
import type { CustomResource } from '../../api/custom/custom-resource.ts';
import type { Fields } from '../../api/custom/schema.ts';
import { undecodable } from '../../api/decoding.ts';
import type { FieldError } from '../../api/field-error.ts';
import type { ResourceInfo } from '../../api/kinds.ts';
import type { NewObject, Status } from '../../api/request.ts';
import { checkMetadataShape } from '../../api/schema.ts';
import { badRequest } from '../../api/status.ts';
import type { Given, Metadata, Stored } from '../strategy/stored.ts';
import { customIn, versionIn } from './versions.ts';

/** The custom kind that an object says it is of; what is not served has been answered 404 before. */
function kindOf(info: ResourceInfo, { apiVersion }: NewObject): CustomResource {
  const custom = customIn(info, versionIn(apiVersion));
  if (custom === undefined) throw new Error(`${info.resource} has no version ${apiVersion}`);
  return custom;
}

const fieldsOf = (object: NewObject): Fields => object as unknown as Fields;

/** What was read: what the schema does not know is dropped, and refused or told of as the client wishes. */
export function decodedCustom(
  info: ResourceInfo,
  object: NewObject,
  fieldValidation: string | undefined,
  warnings: string[],
): NewObject | Status {
  const version = versionIn(object.apiVersion);
  const custom = customIn(info, version);
  if (custom === undefined)
    return badRequest(
      `the API version in the data (${object.apiVersion}) does not match the expected API version (${info.group}/${info.version})`,
    );
  const wrong = checkMetadataShape(object.metadata).filter(({ what }) => what !== 'unknown field');
  const unreadable = undecodable({ ...info, version }, wrong);
  if (unreadable !== undefined) return unreadable;
  const pruned = custom.prune(fieldsOf(object));
  const unknownMeta = checkMetadataShape(object.metadata).filter(({ what }) => what === 'unknown field');
  const messages = [
    ...unknownMeta.map(({ message }) => message),
    ...pruned.unknown.map((field) => `unknown field "${field}"`),
  ];
  if (messages.length > 0 && fieldValidation === 'Strict')
    return badRequest(
      `${info.kind} in version "${version}" cannot be handled as a ${info.kind}: strict decoding error: ${messages.join(', ')}`,
    );
  if (fieldValidation !== 'Ignore') warnings.push(...messages);
  const metadata = withoutFields(
    object.metadata,
    unknownMeta.map(({ path }) => String(path.at(-1))),
  );
  return { ...(pruned.object as unknown as NewObject), metadata };
}

const withoutFields = (metadata: NewObject['metadata'], fields: readonly string[]): NewObject['metadata'] =>
  fields.length === 0
    ? metadata
    : Object.fromEntries(Object.entries(metadata).filter(([field]) => !fields.includes(field)));

/** The object with the defaults of its schema. */
export const defaultedCustom = (info: ResourceInfo, object: NewObject): NewObject =>
  kindOf(info, object).withDefaults(fieldsOf(object)) as unknown as NewObject;

/** No status where it has a subresource of its own, and the first generation. */
export const customForCreate = (info: ResourceInfo, object: Stored): Stored =>
  asStored(kindOf(info, object).prepareForCreate(fieldsOf(object)));

/** The status stays, and the generation rises with anything but metadata. */
export const customForUpdate = (info: ResourceInfo, next: Stored, current: Stored): Stored =>
  asStored(kindOf(info, next).prepareForUpdate(fieldsOf(next), fieldsOf(current)));

/** The object as it is, with the status that was given. */
export function customForStatus(info: ResourceInfo, given: Given, current: Stored): Stored {
  const next = kindOf(info, given).prepareForStatusUpdate(fieldsOf(given), fieldsOf(current));
  return asStored({ ...next, metadata: { ...(current.metadata as unknown as Fields), resourceVersion: '' } });
}

const asStored = (object: Fields): Stored => object as unknown as Stored;

/** What is wrong with a new object, its metadata included. */
export function problemsOfNew(info: ResourceInfo, object: Stored, warnings: string[]): readonly FieldError[] {
  const checked = kindOf(info, object).validateCreate(plain(object));
  warnings.push(...checked.warnings);
  return checked.errors;
}

/** What is wrong with an object that is to replace another, or with its status. */
export function problemsOfNext(
  info: ResourceInfo,
  next: Stored,
  current: Stored,
  part: 'all' | 'status',
): readonly FieldError[] {
  const custom = kindOf(info, next);
  const { errors } =
    part === 'status'
      ? custom.validateStatusUpdate(plain(next), plain(current))
      : custom.validateUpdate(plain(next), plain(current));
  return errors;
}

/** As it would be written: fields without a value are not there, for a schema may say something of metadata. */
function plain(object: Stored): Fields {
  const metadata: Record<string, unknown> = {};
  for (const [field, value] of Object.entries(object.metadata as Partial<Metadata>))
    if (value !== undefined) metadata[field] = value;
  return { ...fieldsOf(object), metadata: metadata as Fields };
}
