/**
 * PUT and what a patch comes to: the object as given, with what the system keeps. (kubernetes v1.34.1
 * staging/src/k8s.io/apiserver/pkg/registry/generic/registry/store.go Update, registry/rest/update.go)
 */
import { registryKey, type ResourceInfo } from '../../api/kinds.ts';
import { keyOf, type ApiObject } from '../../api/object.ts';
import { invalidValue } from '../../api/field-error.ts';
import type { NewObject, Status, UpdateRequest } from '../../api/request.ts';
import { validateStatus } from '../../api/validate.ts';
import type { Service } from '../../api/generated/types.ts';
import { badRequest, conflict, invalid, invalidKind, plainError } from '../../api/status.ts';
import { customForStatus, customForUpdate, problemsOfNext } from '../custom/content.ts';
import { otherThanAsked, shown, stored, versionIn } from '../custom/versions.ts';
import { warningsOfUpdate } from '../../api/warnings/warnings.ts';
import type { Attempt, Decision } from '../decision.ts';
import type { ApiserverState } from '../state.ts';
import { withAddresses } from './new-content.ts';
import { admissionOfChange, mutated, refused, type Admission } from '../admission/admission.ts';
import { isRefusal } from '../admission/plugin.ts';
import { decoded } from '../field-validation.ts';
import { defaulted, problemsOfPod, problemsOfUpdate } from '../rules.ts';
import { isTooLarge, tooLarge } from '../size.ts';
import { tracked } from '../field-managers.ts';
import { finalizeNamespace, isFinalized } from '../strategy/namespace.ts';
import { podThrough, withClass } from '../strategy/pod.ts';
import {
  metadataForUpdate,
  sameMetadata,
  sameObject,
  type Fields,
  type Given,
  type Stored,
} from '../strategy/stored.ts';
import { changesAllocation } from '../strategy/service.ts';
import { volumeStatus } from '../strategy/storage.ts';
import { prepareForUpdate, strategyOf } from '../strategy/strategy.ts';
import { same } from '../../api/merge-patch.ts';

/**
 * A PUT. Components send objects of their own types, which nobody has to look at: only who says how fields are to be
 * validated, as every client does that sends what a person wrote, has them decoded.
 */
export function decideGiven(attempt: Attempt, current: ApiObject, request: UpdateRequest): Decision {
  const { object, subresource, fieldValidation } = request;
  const refusal = otherThanAsked(attempt.info, request);
  if (refusal !== undefined) return { do: 'refuse', status: refusal };
  if (fieldValidation === undefined && attempt.info.custom === undefined)
    return decideUpdate(attempt, current, object, subresource);
  const warnings: string[] = [];
  const read = decoded(attempt.info, object, fieldValidation, warnings);
  if ('code' in read) return { do: 'refuse', status: read };
  return withWarnings(decideUpdate(attempt, current, read as NewObject, subresource), warnings);
}

/** The decision with what the client is told beside it. */
export const withWarnings = (decision: Decision, warnings: readonly string[]): Decision =>
  decision.do === 'refuse' || decision.do === 'budget' || warnings.length === 0
    ? decision
    : { ...decision, warnings: [...warnings, ...(decision.warnings ?? [])] };

export function decideUpdate(
  attempt: Attempt,
  current: ApiObject,
  object: NewObject,
  subresource: UpdateRequest['subresource'],
): Decision {
  const { info } = attempt;
  const refusal =
    checkIdentity(info, current, object) ??
    checkUid(info, current, object) ??
    checkRevision(info, current, object);
  return refusal ?? decideContent(attempt, current, object, subresource);
}

/** What is written once it is settled that the update is of this object. A Scale has been admitted as what it is. */
export function decideContent(
  attempt: Attempt,
  current: ApiObject,
  object: NewObject,
  subresource: UpdateRequest['subresource'],
): Decision {
  const { state, info } = attempt;
  if (info.custom !== undefined) return decideCustom(attempt, current, object, subresource);
  if (subresource === 'status') return decideStatus(attempt, current, object);
  const admission =
    subresource === 'scale'
      ? undefined
      : admissionOfChange(state, attempt, 'UPDATE', subresource ?? '', current);
  const metadata = metadataForUpdate(current.metadata, object.metadata);
  const complete = stored(info, defaulted(info, { ...object, metadata })) as Stored;
  const given = tracked(attempt, current, complete, subresource, object.apiVersion);
  const admitted = admission === undefined ? given : mutated(state, admission, given);
  if (isRefusal(admitted)) return { do: 'refuse', status: admitted };
  const ofPods = subresource === 'ephemeralcontainers' || subresource === 'resize';
  const next =
    subresource === 'finalize'
      ? withPlainMetadata(finalizeNamespace(admitted as Stored, current))
      : prepareForUpdate(
          info.resource,
          info.hasStatus,
          ofPods ? podThrough(subresource, admitted as Stored, current) : (admitted as Stored),
          current,
        );
  const errors = ofPods ? problemsOfPod(subresource, next, current) : problemsOfUpdate(info, next, current);
  if (errors.length > 0)
    return { do: 'refuse', status: invalid(info.resource, current.metadata.name, errors) };
  return judged(attempt, admission, next, () => {
    if (isTooLarge(next)) return { do: 'refuse', status: tooLarge };
    if (isDone(info, next)) return gone(next, current);
    const settled = info.resource === 'services' ? reallocated(state, next, current) : next;
    if (isRefusal(settled)) return { do: 'refuse', status: settled };
    const decision: Decision = sameObject(settled, current)
      ? { do: 'keep' }
      : { do: 'put', object: settled, then: 'answer' };
    return withWarnings(decision, warningsOfUpdate(info.resource, settled, current));
  });
}

/** A Service of another type may need what it did not have. */
const reallocated = (state: ApiserverState, next: Stored, current: Stored): Stored | Status =>
  changesAllocation(next as unknown as Service, current as unknown as Service)
    ? withAddresses(state, next)
    : next;

/** The decision on an object, unless admission refuses it; with the warnings of admission. */
function judged(
  { state }: Attempt,
  admission: Admission | undefined,
  next: ApiObject,
  decision: () => Decision,
): Decision {
  if (admission === undefined) return decision();
  const warnings: string[] = [];
  const status = refused(state, admission, next, warnings);
  return status === undefined ? withWarnings(decision(), warnings) : { do: 'refuse', status };
}

/** A custom resource is looked at in the version it was sent in, and compared and written in the one that is stored. */
function decideCustom(
  attempt: Attempt,
  current: Stored,
  object: NewObject,
  subresource: UpdateRequest['subresource'],
): Decision {
  const { state, info } = attempt;
  const was = shown(info, current, versionIn(object.apiVersion));
  const admission =
    subresource === 'scale' ? undefined : admissionOfChange(state, attempt, 'UPDATE', subresource ?? '', was);
  const metadata = metadataForUpdate(was.metadata, object.metadata);
  const given = tracked(attempt, was, defaulted(info, { ...object, metadata }) as Stored, subresource);
  const admitted = admission === undefined ? given : mutated(state, admission, given);
  if (isRefusal(admitted)) return { do: 'refuse', status: admitted };
  const ofStatus = subresource === 'status';
  const next = ofStatus
    ? customForStatus(info, admitted as Stored, was)
    : customForUpdate(info, admitted as Stored, was);
  const errors = ofStatus ? problemsOfNext(info, next, was, 'status') : problemsOfUpdate(info, next, was);
  if (errors.length > 0) return { do: 'refuse', status: invalidKind(info, current.metadata.name, errors) };
  return judged(attempt, admission, next, () => {
    if (isTooLarge(next)) return { do: 'refuse', status: tooLarge };
    const kept = stored(info, next);
    if (isDone(info, kept)) return gone(kept, current);
    return sameObject(kept, current) ? { do: 'keep' } : { do: 'put', object: kept, then: 'answer' };
  });
}

const withPlainMetadata = (object: Stored): Stored => ({
  ...object,
  metadata: { ...object.metadata, resourceVersion: '' },
});

/** The status as given; of the rest only labels, annotations and finalizers. A Pod's owners are not the kubelet's business. */
function decideStatus(attempt: Attempt, current: Stored, asked: Given): Decision {
  const { state, info, now } = attempt;
  const object: Given = asked.apiVersion === current.apiVersion ? asked : statusStored(info, current, asked);
  const isPod = info.resource === 'pods';
  const owners = (isPod ? current : object).metadata.ownerReferences;
  const kept = metadataForUpdate(current.metadata, object.metadata, owners);
  const given = object.status ?? {};
  const status = isPod
    ? withClass(given, current.status)
    : info.resource === 'persistentvolumes'
      ? volumeStatus(given, current.status, now)
      : given;
  if (isPod && status['qosClass'] !== current.status?.['qosClass']) {
    const error = invalidValue('status.qosClass', status['qosClass'] as string, 'field is immutable');
    return { do: 'refuse', status: invalid(info.resource, current.metadata.name, [error]) };
  }
  const next = tracked(attempt, current, withParts(current, kept, status), 'status', asked.apiVersion);
  const { metadata } = next;
  const admission = admissionOfChange(state, attempt, 'UPDATE', 'status', current);
  const wrong = validateStatus(info, next, current);
  if (wrong.length === 0 && sameMetadata(metadata, current.metadata))
    return judged(attempt, admission, next, () =>
      same(status, current.status) ? { do: 'keep' } : { do: 'put', object: next, then: 'answer' },
    );
  const errors = [...problemsOfUpdate(info, next, current), ...wrong];
  if (errors.length > 0) return { do: 'refuse', status: invalid(info.resource, metadata.name, errors) };
  return judged(attempt, admission, next, () =>
    isDone(info, next) ? gone(next, current) : { do: 'put', object: next, then: 'answer' },
  );
}

/** A status in another version: the rest of the object is needed to convert it. */
function statusStored(info: ResourceInfo, current: Stored, asked: Given): Given {
  const was = shown(info, current, versionIn(asked.apiVersion));
  return stored(info, defaulted(info, { ...was, ...asked }));
}

/** A Pod has the same fields always, and named they are copied without a look at each. */
const withParts = (current: Stored, metadata: Stored['metadata'], status: Fields): Stored =>
  current.kind === 'Pod'
    ? { apiVersion: current.apiVersion, kind: current.kind, metadata, spec: current.spec, status }
    : { ...current, metadata, status };

/** The update that took the last finalizer off is answered as it would have been written, at the old revision. */
function gone(next: Stored, current: Stored): Decision {
  const { resourceVersion } = current.metadata;
  return { do: 'delete', answer: { ...next, metadata: { ...next.metadata, resourceVersion } } };
}

/** Nothing holds an object that is being deleted any more. (ShouldDeleteDuringUpdate) */
function isDone(info: ResourceInfo, next: Stored): boolean {
  const { deletionTimestamp, deletionGracePeriodSeconds, finalizers } = next.metadata;
  if (deletionTimestamp === undefined || (finalizers ?? []).length > 0) return false;
  if (info.resource === 'namespaces') return isFinalized(next);
  return (deletionGracePeriodSeconds ?? 0) === 0;
}

function checkIdentity(
  info: ResourceInfo,
  current: ApiObject,
  { metadata }: NewObject,
): Decision | undefined {
  const { name, namespace } = current.metadata;
  if (metadata.name !== undefined && metadata.name !== name)
    return {
      do: 'refuse',
      status: badRequest(
        `the name of the object (${metadata.name}) does not match the name on the URL (${name})`,
      ),
    };
  if (info.namespaced && metadata.namespace !== undefined && metadata.namespace !== namespace)
    return {
      do: 'refuse',
      status: badRequest(
        'the namespace of the provided object does not match the namespace sent on the request',
      ),
    };
  return undefined;
}

function checkUid(info: ResourceInfo, current: ApiObject, { metadata }: NewObject): Decision | undefined {
  const { uid } = metadata;
  return uid === undefined || uid === '' || uid === current.metadata.uid
    ? undefined
    : { do: 'refuse', status: uidConflict(info, current, uid) };
}

/** What the storage says when a precondition names another object of the same name. */
export function uidConflict(
  info: ResourceInfo,
  current: ApiObject,
  uid: string,
): ReturnType<typeof conflict> {
  const key = registryKey(info, keyOf(current));
  return conflict(
    info.resource,
    current.metadata.name,
    `StorageError: invalid object, Code: 4, Key: ${key}, ResourceVersion: 0, AdditionalErrorMsg: Precondition failed: ` +
      `UID in precondition: ${uid}, UID in object meta: ${current.metadata.uid}`,
  );
}

/** A resourceVersion that was given must be the newest. */
export function checkRevision(
  info: ResourceInfo,
  current: ApiObject,
  { metadata }: NewObject,
): Decision | undefined {
  const { name } = current.metadata;
  const given = metadata.resourceVersion;
  if (given === undefined || given === '' || given === '0') {
    if (strategyOf(info.resource).needsResourceVersion !== true) return undefined;
    const error = invalidValue('metadata.resourceVersion', '0x0', 'must be specified for an update');
    return { do: 'refuse', status: invalidKind(info, name, [error]) };
  }
  if (given === current.metadata.resourceVersion) return undefined;
  if (!/^\d+$/.test(given))
    return {
      do: 'refuse',
      status: plainError(`strconv.ParseUint: parsing ${JSON.stringify(given)}: invalid syntax`),
    };
  return { do: 'refuse', status: conflict(info.resource, name) };
}
