/**
 * POST: a new object, if nothing of its name is there. (kubernetes v1.34.1
 * staging/src/k8s.io/apiserver/pkg/registry/generic/registry/store.go Create, registry/rest/create.go)
 */
import type { ServiceAccount } from '../../api/generated/types.ts';
import { registryKey, type ResourceInfo } from '../../api/kinds.ts';
import { keyOf, stampRevision, type ApiObject } from '../../api/object.ts';
import type { CreateRequest, PatchRequest, Status } from '../../api/request.ts';
import { alreadyExists, internalError, noUniqueName, notFound } from '../../api/status.ts';
import type { KvResponse } from '../../etcd/message.ts';
import type { VirtualTime } from '../../time/time.ts';
import { rbacGroup, refusalOfGrant } from '../access.ts';
import { namespaceLifecycle, refusalOfContent } from '../admission/namespace-lifecycle.ts';
import type { AdmissionPlugin } from '../admission/plugin.ts';
import { isFollowed, managerOf } from '../field-managers.ts';
import { otherThanAsked, shown, versionIn } from '../custom/versions.ts';
import {
  type Ask,
  answer,
  ask,
  cacheAt,
  placeOf,
  refuse,
  viewIn,
  type ApiserverState,
  type ApiserverStep,
  type AppliedRequest,
  type ApiserverTag,
  type Creation,
  type RequestEvent,
} from '../state.ts';
import type { Stored } from '../strategy/stored.ts';
import { charge, quotasHaveASay } from '../quota-charge.ts';
import { rangeOf, startWrite } from '../write.ts';
import { checkTarget } from './create-target.ts';
import { lookUpAccount, missingAccount, nextAccountLookup } from './account.ts';
import { newContent } from './new-content.ts';
import { metadataOf, namesFor, unowned } from './new-metadata.ts';
import { isDryRun } from './write-options.ts';

/** How often another name is tried where a generated one is taken. (RetryGenerateName) */
const mostNames = 8;

/** What was looked for in etcd because the cache did not have it. */
interface Found {
  readonly namespace: boolean;
  /** What was found of the Pod's account. Undefined: nobody has looked. */
  readonly account: { readonly object: ServiceAccount | undefined } | undefined;
}

export const nothingFound: Found = { namespace: false, account: undefined };

/** Begins a creation. */
export function startCreate(
  state: ApiserverState,
  event: RequestEvent,
  request: CreateRequest,
  place: number,
  now: VirtualTime,
  found: Found,
): ApiserverStep {
  const { call } = event;
  const { info } = cacheAt(state, place);
  const namespace = info.namespaced
    ? (request.namespace ?? request.object.metadata.namespace ?? 'default')
    : undefined;
  const refusal = checkTarget(info, request, namespace) ?? otherThanAsked(info, request);
  if (refusal !== undefined) return refuse(state, call, refusal);
  if (namespace !== undefined && !found.namespace && !isOff(state, namespaceLifecycle)) {
    const known = viewIn(state, 'namespaces').objects.get(namespace);
    if (known === undefined) return lookUpNamespace(state, event, namespace);
    const terminating = checkNamespace(info, request, known);
    if (terminating !== undefined) return refuse(state, call, terminating);
  }
  if (namespace !== undefined && found.account === undefined) {
    const missing = missingAccount(state, request, namespace);
    if (missing !== undefined) return lookUpAccount(state, event, missing, 1);
  }
  const { metadata } = request.object;
  const names = namesFor(state, info, namespace, metadata, now);
  const warnings: string[] = [];
  const object = newContent(
    names.state,
    info,
    request,
    event.user,
    managerOf(event, request),
    metadataOf(namespace, names, isFollowed(request) ? metadata : unowned(metadata), now),
    warnings,
    found.account?.object,
  );
  if ('code' in object) return refuse(state, call, object as Status);
  const tooMuch =
    info.group === rbacGroup ? refusalOfGrant(state, event.user, object as ApiObject, undefined) : undefined;
  if (tooMuch !== undefined) return refuse(state, call, tooMuch);
  const dryRun = isDryRun(request);
  const creation: Creation = {
    call,
    cache: place,
    object: object as ApiObject,
    attempt: (metadata.name ?? '') === '' ? 1 : undefined,
    version:
      info.custom === undefined && info.otherVersions.length === 0
        ? undefined
        : versionIn(request.object.apiVersion),
    dryRun,
    applied: 'applied' in request ? (request as AppliedRequest).applied : undefined,
    warnings,
  };
  const where = { operation: 'CREATE', info, subresource: '', namespace: namespace ?? '' } as const;
  if (!quotasHaveASay(state, where)) return put(names.state, creation);
  const { user } = event;
  const what = { name: metadata.name ?? '', object: creation.object, oldObject: undefined, dryRun };
  const asked = { ...where, ...what, user };
  return charge(names.state, { of: 'create', creation, asked, refusal: undefined }, now);
}

/** Goes on with a creation that the quotas of its namespace have judged. */
export const onCreationCharged = (
  state: ApiserverState,
  creation: Creation,
  refusal: Status | undefined,
): ApiserverStep => (refusal === undefined ? put(state, creation) : refuse(state, creation.call, refusal));

const isOff = ({ config }: ApiserverState, { name }: AdmissionPlugin): boolean =>
  config.disabledAdmission.includes(name);

/** The cache may be behind: only etcd can say that a namespace is not there. (NamespaceLifecycle admission) */
function lookUpNamespace(state: ApiserverState, event: RequestEvent, namespace: string): ApiserverStep {
  const key = `/registry/namespaces/${namespace}`;
  return ask(state, { do: 'etcd', tag: { of: 'namespace', event }, request: { type: 'range', key } });
}

/** Goes on with a creation once etcd has said whether its namespace is there. */
export function onNamespace(
  state: ApiserverState,
  event: RequestEvent,
  place: number,
  response: KvResponse<ApiObject>,
  now: VirtualTime,
): ApiserverStep {
  const request = event.request as CreateRequest;
  const { info } = cacheAt(state, place);
  if (response.type !== 'range')
    return refuse(
      state,
      event.call,
      internalError(response.type === 'error' ? response.error.message : response.type),
    );
  const found = response.kvs[0]?.value;
  if (found === undefined)
    return refuse(
      state,
      event.call,
      notFound('namespaces', request.namespace ?? request.object.metadata.namespace ?? 'default'),
    );
  const terminating = checkNamespace(info, request, found);
  if (terminating !== undefined) return refuse(state, event.call, terminating);
  return startCreate(state, event, request, place, now, { namespace: true, account: undefined });
}

/** Goes on with the creation of a Pod once etcd has said whether its account is there, or looks again later. */
export function onAccount(
  state: ApiserverState,
  { event, account, attempt }: Extract<ApiserverTag, { readonly of: 'account' }>,
  response: KvResponse<ApiObject>,
  now: VirtualTime,
): ApiserverStep {
  if (response.type !== 'range')
    return refuse(
      state,
      event.call,
      internalError(response.type === 'error' ? response.error.message : response.type),
    );
  const object = response.kvs[0]?.value as ServiceAccount | undefined;
  const again = object === undefined ? nextAccountLookup(state, event, account, attempt) : undefined;
  if (again !== undefined) return ask(state, again);
  const place = placeOf(state, 'pods') ?? -1;
  return startCreate(state, event, event.request as CreateRequest, place, now, {
    namespace: true,
    account: { object },
  });
}

function checkNamespace(
  info: ResourceInfo,
  { object }: CreateRequest,
  namespace: ApiObject,
): Status | undefined {
  const name = object.metadata.name ?? '';
  return refusalOfContent({ resource: info.resource, name, object: object as ApiObject }, namespace);
}

function put(state: ApiserverState, creation: Creation): ApiserverStep {
  const key = registryKey(cacheAt(state, creation.cache).info, keyOf(creation.object));
  if (creation.dryRun)
    return ask(state, { do: 'etcd', tag: { of: 'create', creation }, request: { type: 'range', key } });
  return ask(state, creationAt(key, creation));
}

/** Puts the object where nothing is yet; where something is, etcd tells what. */
export const creationAt = (key: string, creation: Creation): Ask => ({
  do: 'etcd',
  tag: { of: 'create', creation },
  request: {
    type: 'txn',
    compare: [{ key, target: 'MOD', result: 'EQUAL', operand: 0 }],
    success: [{ type: 'put', key, value: creation.object }],
    failure: [{ type: 'range', key }],
  },
});

/** What etcd answered to a creation. */
export function onCreated(
  state: ApiserverState,
  creation: Creation,
  response: KvResponse<ApiObject>,
  now: VirtualTime,
): ApiserverStep {
  const { call, object } = creation;
  if (response.type === 'range') return onLookedUp(state, creation, response.kvs[0]?.value, now);
  if (response.type === 'error') return refuse(state, call, internalError(response.error.message));
  if (response.type !== 'txn') throw new Error(`a creation is answered by a txn, not by ${response.type}`);
  if (response.succeeded) return created(state, creation, stampRevision(object, response.revision));
  if (mayTryAnotherName(creation)) return tryAnotherName(state, creation, now);
  if (creation.applied !== undefined) return applyAgain(state, creation, creation.applied, now);
  return refuse(state, call, existing(state, creation, rangeOf(response).kvs[0]?.value));
}

function created(
  state: ApiserverState,
  { call, cache, version, warnings }: Creation,
  made: ApiObject,
): ApiserverStep {
  const object = shown(cacheAt(state, cache).info, made, version);
  return answer(
    state,
    call,
    warnings.length === 0 ? { ok: true, code: 201, object } : { ok: true, code: 201, object, warnings },
  );
}

/** A dry run has looked whether the key is free. (genericregistry.DryRunnableStorage) */
function onLookedUp(
  state: ApiserverState,
  creation: Creation,
  there: ApiObject | undefined,
  now: VirtualTime,
): ApiserverStep {
  if (there === undefined) return created(state, creation, creation.object);
  if (mayTryAnotherName(creation)) return tryAnotherName(state, creation, now);
  if (creation.applied !== undefined) return applyAgain(state, creation, creation.applied, now);
  return refuse(state, creation.call, existing(state, creation, there));
}

/** A name that was given is the one that is meant, be there a `generateName` beside it, as StatefulSets' Pods have one. */
const mayTryAnotherName = ({ attempt }: Creation): boolean => attempt !== undefined && attempt < mostNames;

function tryAnotherName(state: ApiserverState, creation: Creation, now: VirtualTime): ApiserverStep {
  const { info } = cacheAt(state, creation.cache);
  const { metadata } = creation.object;
  const names = namesFor(state, info, metadata.namespace, { ...metadata, name: '' }, now);
  const object: Stored = { ...creation.object, metadata: { ...metadata, name: names.name, uid: names.uid } };
  return put(names.state, { ...creation, object, attempt: (creation.attempt ?? 0) + 1 });
}

/** Somebody has created it in the meantime: it is that object that is applied to. */
function applyAgain(
  state: ApiserverState,
  { cache, object }: Creation,
  applied: RequestEvent,
  now: VirtualTime,
): ApiserverStep {
  return startWrite(state, applied, applied.request as PatchRequest, cache, keyOf(object), now);
}

function existing(state: ApiserverState, { cache, object }: Creation, there: ApiObject | undefined): Status {
  const { resource } = cacheAt(state, cache).info;
  const { name, generateName = '' } = object.metadata;
  const status = generateName === '' ? alreadyExists(resource, name) : noUniqueName(resource, name);
  if (there?.metadata.deletionTimestamp === undefined) return status;
  return { ...status, message: `object is being deleted: ${status.message ?? ''}` };
}
