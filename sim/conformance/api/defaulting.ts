/**
 * Defaulting: an object with its defaults, after the round trip through the stored version, and as it is created. Compared
 * is every field of the recording; an absent field counts as `null` and as an empty list, which Go writes for a field that
 * is required and leaves out of one that is not. Left out: `defaulted` where a `roundtrip` is recorded (the defaults and
 * the form that is stored are one step here), the creation's time, the phase of a new claim (its strategy clears it, and
 * the decoder sets it again as it is read), and the labels such a reading gives a Job from its template. The drawn part of a generated name is the recorder's.
 */
import { decodingError } from '../../../core/api/decoding.ts';
import { toStoredVersion, toVersion } from '../../../core/api/conversion.ts';
import { withDefaults } from '../../../core/api/defaults.ts';

import type { Json } from '../../../core/api/generated/types.ts';
import { versionsOf } from '../../../core/api/kinds.ts';
import type { NewObject } from '../../../core/api/request.ts';
import { checkShape } from '../../../core/api/schema.ts';
import { validateCreate } from '../../../core/api/validate.ts';
import { firstDifference } from '../difference.ts';
import type { Family, RecordedCase } from '../family.ts';
import { created, infoOf, recordedWarnings, refusal, withNamespace } from './registry.ts';

type Answer = Readonly<Record<string, unknown>>;

export const defaultingFamily: Family = {
  name: 'defaulting',
  *answer(cases) {
    for (const asked of cases) {
      const got = answer(asked['in'] as NewObject);
      const want = wanted(asked);
      yield { name: String(asked['name']), difference: firstDifference(want, got) };
    }
  },
};

/** `roundtrip` is recorded where it differs from `defaulted`. */
function wanted(asked: RecordedCase): Answer {
  const { decodeError, createError, warnings, defaulted, roundtrip, created: made, asV1, asV2 } = asked;
  if (decodeError !== undefined) return { decodeError };
  const converted = { asV1: comparable(asV1), asV2: comparable(asV2) };
  return {
    roundtrip: comparable(roundtrip ?? defaulted),
    created: comparable(made),
    createError,
    warnings,
    ...(asV1 === undefined ? {} : converted),
  };
}

function answer(given: NewObject): Answer {
  const decodeError = decodingError(checkShape(given).filter(({ what }) => what !== 'unknown field'));
  if (decodeError !== undefined) return { decodeError };
  const defaulted = withDefaults(given);
  const stored = toStoredVersion(defaulted);
  const info = infoOf(stored);
  const object = withNamespace(created(given, 'uid-1'), info.namespaced);
  const errors = validateCreate(info, object);
  const message = refusal(info, object.metadata.name, errors);
  return {
    roundtrip: comparable(toVersion(stored, given.apiVersion)),
    created:
      errors.length === 0 ? comparable(asRecorded(toVersion(object, given.apiVersion), given)) : undefined,
    createError: message === undefined ? undefined : (message as { message: string }).message,
    warnings: errors.length > 0 ? undefined : recordedWarnings(info, object),
    ...(info.kind === 'HorizontalPodAutoscaler'
      ? {
          asV1: comparable(toVersion(stored, 'autoscaling/v1')),
          asV2: comparable(toVersion(stored, versionsOf(info)[0] ?? '')),
        }
      : {}),
  };
}

/** The object without what the recorder left out. */
function asRecorded(object: NewObject, given: NewObject): object {
  const { creationTimestamp: _, ...metadata } = object.metadata;
  if (object.kind === 'PersistentVolumeClaim') return { ...object, metadata, status: {} };
  if (object.kind !== 'Job' || given.metadata.labels !== undefined || templateLabels(given) !== undefined)
    return { ...object, metadata };
  const { labels: __, ...unlabelled } = metadata;
  return { ...object, metadata: unlabelled };
}

interface WithTemplate {
  readonly spec?: { readonly template?: { readonly metadata?: { readonly labels?: object } } };
}

const templateLabels = (given: NewObject): object | undefined =>
  (given as NewObject & WithTemplate).spec?.template?.metadata?.labels;

/** Fields in one order; what is null, or an empty list, is absent. */
function comparable(value: unknown): Json | undefined {
  if (Array.isArray(value)) return value.map((item) => comparable(item) ?? null);
  if (typeof value !== 'object' || value === null) return (value ?? undefined) as Json | undefined;
  const fields = Object.entries(value)
    .map(([field, inner]) => [field, comparable(inner)] as const)
    .filter(([, inner]) => inner !== undefined && !(Array.isArray(inner) && inner.length === 0))
    .sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(fields) as Json;
}
