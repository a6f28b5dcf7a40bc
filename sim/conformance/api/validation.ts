/**
 * Validation: what is wrong with a new object, with an update, and with a text that is decoded strictly. Compared are the
 * errors (type, field, detail and body, which shows the value), the whole Status, warnings, generations; of the decoder its
 * error, the strict errors, and the object but for `null` and structs without fields, which Go writes for what is not there.
 * The recorder validated an update with the generation a client sends (none), and again as the registry does.
 */
import type { Json } from '../../../core/api/generated/types.ts';
import type { NewObject } from '../../../core/api/request.ts';
import { validateCreate, validateUpdate } from '../../../core/api/validate.ts';
import { checkShape } from '../../../core/api/schema.ts';
import type { Stored } from '../../../core/apiserver/strategy/stored.ts';
import { withoutField } from '../../../core/apiserver/field-validation.ts';
import type { Family, RecordedCase } from '../family.ts';
import { differenceOfFields, operationOf, type Answer } from './operation.ts';
import { decodeRaw } from './raw-text.ts';
import { comparableErrors, recordedError } from './recorded-error.ts';
import { complete, created, infoOf, recordedWarnings, refusal, updated, withNamespace } from './registry.ts';

export const validationFamily: Family = {
  name: 'validation',
  *answer(cases) {
    for (const asked of cases) {
      const got = operationOf(answers, asked, 'objects')(asked);
      const about = asked['raw'] ?? `${String(asked['kind'])} ${String(asked['faults'])}`;
      yield {
        name: `${String(asked['op'])} ${String(about)}`,
        difference: differenceOfFields(asked, got, (field) => wanted(asked, field)),
      };
    }
  },
};

function wanted(asked: RecordedCase, field: string): unknown {
  if (field === 'errors') return comparableErrors(asked[field]);
  return field === 'decoded' ? withoutEmpty((asked[field] ?? null) as Json) : asked[field];
}

const answers: Readonly<Record<string, (asked: RecordedCase) => Answer>> = {
  create: ({ in: given }) => {
    const object = created(given as NewObject, 'u1');
    const info = infoOf(object);
    const errors = validateCreate(info, object);
    const refused = validateCreate(info, withNamespace(object, info.namespaced));
    return {
      errors: errors.map(recordedError),
      status: refusal(info, object.metadata.name, refused),
      ok: refused.length === 0 ? true : undefined,
      warnings: refused.length > 0 ? undefined : recordedWarnings(info, object),
    };
  },
  update: ({ old, new: sent }) => {
    const before = withNamespace(withItsStatus(created(old as NewObject, 'u1'), old as NewObject), true);
    const info = infoOf(before);
    const was = withNamespace(before, info.namespaced);
    const given = complete(sent as NewObject);
    const asSent = updated(withSystemFields(given, was, 0), was);
    const asStored = updated(withSystemFields(given, was, was.metadata.generation ?? 0), was);
    const refused = validateUpdate(info, asStored, was);
    const status = refusal(info, asStored.metadata.name, refused);
    return {
      errors: validateUpdate(info, asSent, was).map(recordedError),
      status,
      ok: status === undefined ? true : undefined,
      generation: status === undefined ? (asStored.metadata.generation ?? 0) : undefined,
      oldGeneration: status === undefined ? (was.metadata.generation ?? 0) : undefined,
    };
  },
  strictDecode: ({ raw }) => {
    const decoded = decodeRaw(String(raw));
    if (!('object' in decoded)) return { error: decoded.error, strict: false };
    const { error, object, strictErrors } = decoded;
    return {
      error,
      strict: strictErrors.length > 0,
      strictErrors,
      decoded: withoutEmpty(knownFields(object)),
    };
  },
};

/** The object without the fields its kind does not have. */
const knownFields = (object: Json): Json =>
  checkShape(object).reduce<unknown>((rest, { path }) => withoutField(rest, path), object) as Json;

/** Without what Go writes of a struct of which nothing was given: `null`, and structs without fields. */
function withoutEmpty(value: Json): Json {
  if (Array.isArray(value)) return value.map(withoutEmpty);
  if (typeof value !== 'object' || value === null) return value;
  const fields = Object.entries(value as Readonly<Record<string, Json>>)
    .map(([field, inner]) => [field, withoutEmpty(inner)] as const)
    .filter(([, inner]) => inner !== null && !isEmptyStruct(inner));
  return Object.fromEntries(fields);
}

const isEmptyStruct = (value: Json): boolean =>
  typeof value === 'object' && value !== null && Object.keys(value).length === 0;

/** The object that is there has the status it was recorded with: it has lived since it was created. */
function withItsStatus(
  object: Stored,
  { status }: NewObject & { readonly status?: Stored['status'] },
): Stored {
  return status === undefined ? object : { ...object, status };
}

/** What the server keeps of the object that is there. */
function withSystemFields(given: Stored, was: Stored, generation: number): Stored {
  const metadata = { ...given.metadata, uid: given.metadata.uid ?? was.metadata.uid };
  return {
    ...given,
    metadata: { ...metadata, creationTimestamp: was.metadata.creationTimestamp, generation },
  };
}
