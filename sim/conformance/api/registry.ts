/** What the registry makes of an object before it validates it, with the metadata the recordings were made with. */
import type { NewObject, Status } from '../../../core/api/request.ts';
import type { FieldError } from '../../../core/api/field-error.ts';
import { withDefaults } from '../../../core/api/defaults.ts';
import { resourceOfKind, type ResourceInfo } from '../../../core/api/kinds.ts';
import { invalid } from '../../../core/api/status.ts';
import { warningsOfCreate } from '../../../core/api/warnings/warnings.ts';
import { toStoredVersion } from '../../../core/api/conversion.ts';
import { prepareForCreate, prepareForUpdate } from '../../../core/apiserver/strategy/strategy.ts';
import type { Stored } from '../../../core/apiserver/strategy/stored.ts';

export function infoOf(object: NewObject): ResourceInfo {
  const info = resourceOfKind(object.apiVersion, object.kind);
  if (info === undefined) throw new Error(`no ${object.kind} in ${object.apiVersion}`);
  return info;
}

/** The object in its stored version, with its defaults. */
export const complete = (object: NewObject): Stored =>
  normalised(toStoredVersion(withDefaults(object))) as Stored;

/** The Service storage writes clusterIPs from clusterIP before it validates. (pkg/registry/core/service/storage) */
function normalised(object: NewObject): NewObject {
  const { spec } = object as NewObject & {
    readonly spec?: { readonly clusterIP?: string; readonly clusterIPs?: readonly string[] };
  };
  if (object.kind !== 'Service' || spec?.clusterIP === undefined || spec.clusterIPs !== undefined)
    return object;
  return { ...object, spec: { ...spec, clusterIPs: [spec.clusterIP] } } as NewObject;
}

const drawnSuffix = 'xn8fg';

/** A new object as its strategy prepares it. The namespace is left as it was given. */
export function created(given: NewObject, uid: string): Stored {
  const { generateName = '', name = '' } = given.metadata;
  const metadata = {
    ...given.metadata,
    uid,
    ...(generateName !== '' && name === '' ? { name: `${generateName}${drawnSuffix}` } : {}),
    creationTimestamp: 'now',
    generation: undefined,
  };
  const object = complete({ ...given, metadata } as unknown as NewObject);
  const info = infoOf(object);
  return prepareForCreate(info.resource, { ...object, metadata: { ...object.metadata, uid } });
}

/** The object with the namespace that the request has: an object of the cluster has none. */
export function withNamespace(object: Stored, namespaced: boolean): Stored {
  const { namespace = '' } = object.metadata;
  const now = namespaced ? (namespace === '' ? 'default' : namespace) : undefined;
  return now === object.metadata.namespace
    ? object
    : { ...object, metadata: { ...object.metadata, namespace: now } };
}

/** What a client sent, over what was there, as the strategy prepares it. */
export function updated(next: Stored, before: Stored): Stored {
  const info = infoOf(before);
  return prepareForUpdate(info.resource, info.hasStatus, next, before);
}

/** The status of a refusal as it is recorded. */
export function refusal(info: ResourceInfo, name: string, errors: readonly FieldError[]): object | undefined {
  if (errors.length === 0) return undefined;
  const { code, reason, message }: Status = invalid(info.resource, name, errors);
  return { code, reason, message };
}

/** What the client is told beside the answer, as it is recorded: nothing where there is nothing. */
export function recordedWarnings(info: ResourceInfo, object: Stored): readonly string[] | undefined {
  const warnings = warningsOfCreate(info.resource, object);
  return warnings.length === 0 ? undefined : warnings;
}
