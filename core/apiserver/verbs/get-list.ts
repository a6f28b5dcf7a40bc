/**
 * GET and LIST. What may be old comes from the watch cache; the newest, or an exact revision, from etcd: a consistent
 * list is read there, where 1.34 would ask etcd for its progress and wait for the cache. (kubernetes v1.34.1
 * staging/src/k8s.io/apiserver/pkg/storage/cacher/delegator.go)
 */
import { registryKey, type ResourceInfo } from '../../api/kinds.ts';
import { keyFor, type ApiObject } from '../../api/object.ts';
import { itemsOf } from '../../api/list-items.ts';
import type { GetRequest, ListAnswer, ListRequest, Status } from '../../api/request.ts';
import {
  isSelectorError,
  matchesFields,
  matchesLabels,
  parseFieldSelector,
  parseLabelSelector,
} from '../../api/selector.ts';
import {
  badRequest,
  expired,
  internalError,
  noSuchResource,
  notFound,
  plainError,
  tooLargeResourceVersion,
} from '../../api/status.ts';
import type { EtcdError, KeyValue, KvResponse, RangeRequest, RangeResponse } from '../../etcd/message.ts';
import { second } from '../../time/time.ts';
import { hasStatus, selectableFields, shown } from '../custom/versions.ts';
import type { CallId } from '../message.ts';
import {
  answer,
  ask,
  cacheAt,
  placeOf,
  refuse,
  viewIn,
  type ApiserverState,
  type ApiserverStep,
} from '../state.ts';
import { prefixEnd } from '../../etcd/order.ts';
import { viewOf } from '../watch-cache.ts';
import { connected, isConnection } from './connect.ts';
import { continueFrom, expiredContinue, tokenFor, type Continue } from './continue-token.ts';
import { badRevision, checkListOptions } from './list-options.ts';
import { hasScale, scaleIn } from './scale.ts';

/** How long a request waits for a revision of the future. (cacher.go blockTimeout) */
export const blockTimeout = 3 * second;

export function startGet(
  state: ApiserverState,
  call: CallId,
  request: GetRequest,
  place: number,
): ApiserverStep {
  const { info, view } = cacheAt(state, place);
  if (!isServed(info, request)) return refuse(state, call, noSuchResource());
  const asked = request.resourceVersion ?? '';
  if (asked !== '' && !/^\d+$/.test(asked)) return refuse(state, call, plainError(badRevision(asked)));
  const key = keyFor(info.namespaced ? request.namespace : undefined, request.name);
  if (asked !== '' && Number(asked) <= view.revision)
    return found(state, call, request, info, view.objects.get(key));
  const tag = { of: 'read', call, request } as const;
  return ask(state, { do: 'etcd', tag, request: { type: 'range', key: registryKey(info, key) } });
}

function isServed(info: ResourceInfo, { subresource, version }: GetRequest): boolean {
  if (subresource === undefined) return true;
  if (subresource === 'ephemeralcontainers' || subresource === 'resize' || isConnection(subresource))
    return info.resource === 'pods';
  return subresource === 'status'
    ? hasStatus(info, version)
    : subresource === 'scale' && hasScale(info, version);
}

function found(
  state: ApiserverState,
  call: CallId,
  { name, subresource, container, version }: GetRequest,
  info: ResourceInfo,
  object: ApiObject | undefined,
): ApiserverStep {
  if (object === undefined) return refuse(state, call, notFound(info.resource, name));
  if (isConnection(subresource))
    return answer(state, call, connected(object, subresource, container, viewIn(state, 'nodes')));
  const seen = subresource === 'scale' ? scaleIn(info, object, version) : shown(info, object, version);
  return 'code' in seen
    ? refuse(state, call, seen)
    : answer(state, call, { ok: true, code: 200, object: seen });
}

/** Bounds of what a list reads: everything of the resource, or of one of its namespaces. */
const listPrefix = (info: ResourceInfo, namespace: string | undefined): string =>
  namespace === undefined || !info.namespaced ? info.registryPrefix : `${info.registryPrefix}${namespace}/`;

export function startList(
  state: ApiserverState,
  call: CallId,
  request: ListRequest,
  place: number,
): ApiserverStep {
  const cache = cacheAt(state, place);
  const { info, view, phase } = cache;
  const refusal = checkListOptions(request) ?? checkSelectors(info, request);
  if (refusal !== undefined) return refuse(state, call, refusal);
  const next =
    request.continue === undefined || request.continue === '' ? undefined : continueFrom(request.continue);
  if (next !== undefined && 'code' in next) return refuse(state, call, next);
  const asked = request.resourceVersion ?? '';
  const exact = isExact(request);
  if (next === undefined && !exact && phase === 'ready' && asked !== '' && Number(asked) <= view.revision) {
    if (asked === '0' || !(request.limit !== undefined && request.limit > 0))
      return answer(state, call, { ok: true, code: 200, list: spoken(info, request, lazily(request, view)) });
  }
  return ask(state, {
    do: 'etcd',
    tag: { of: 'read', call, request },
    request: rangeFor(info, request, next),
  });
}

/** "0" beside a token, as anywhere, asks for all there is. */
const limitOf = ({ limit = 0, resourceVersion }: ListRequest): number =>
  resourceVersion === '0' ? 0 : limit;

/** `resourceVersionMatch=Exact`, or what it was before there was such a parameter: a revision with a limit. */
const isExact = ({ resourceVersion = '', resourceVersionMatch, limit = 0 }: ListRequest): boolean =>
  resourceVersion !== '' &&
  resourceVersion !== '0' &&
  (resourceVersionMatch === 'Exact' || (resourceVersionMatch === undefined && limit > 0));

const lazily = (request: ListRequest, view: ListAnswer['view']): ListAnswer => ({
  view,
  namespace: request.namespace,
  labelSelector: request.labelSelector,
  fieldSelector: request.fieldSelector,
  resourceVersion: `${view.revision}`,
});

/** The list in the version that was asked for: one that is not stored has to be converted object by object. */
function spoken(info: ResourceInfo, { version }: ListRequest, list: ListAnswer): ListAnswer {
  if ((version ?? info.version) === info.version) return list;
  const items = itemsOf(list).map((object) => shown(info, object, version));
  return { ...list, page: { ...list.page, items } };
}

const isSelective = ({ labelSelector = '', fieldSelector = '' }: ListRequest): boolean =>
  labelSelector !== '' || fieldSelector !== '';

function rangeFor(info: ResourceInfo, request: ListRequest, next: Continue | undefined): RangeRequest {
  const prefix = listPrefix(info, request.namespace);
  const limit = limitOf(request);
  return {
    type: 'range',
    key: next === undefined ? prefix : prefix + next.start,
    rangeEnd: prefixEnd(prefix),
    revision:
      next !== undefined
        ? Math.max(next.revision, 0)
        : isExact(request)
          ? Number(request.resourceVersion)
          : 0,
    // With a selector nobody knows how many keys make a page.
    limit: limit > 0 && !isSelective(request) ? limit : 0,
  };
}

function checkSelectors(
  info: ResourceInfo,
  { labelSelector = '', fieldSelector = '', version }: ListRequest,
): Status | undefined {
  const labels = parseLabelSelector(labelSelector);
  if (isSelectorError(labels)) return badRequest(labels.error);
  const fields = parseFieldSelector(info.resource, fieldSelector, selectableFields(info, version));
  return isSelectorError(fields) ? badRequest(fields.error) : undefined;
}

/** What etcd answered to a GET or LIST. */
export function onRangeRead(
  state: ApiserverState,
  call: CallId,
  request: GetRequest | ListRequest,
  response: KvResponse<ApiObject>,
): ApiserverStep {
  const { info } = cacheAt(state, placeOf(state, request.resource) ?? -1);
  if (response.type === 'error') {
    const asked = Number(request.resourceVersion ?? 0);
    // etcd does not say where it is: this server's own cache is the best guess.
    const current = cacheAt(state, placeOf(state, request.resource) ?? -1).view.revision;
    if (response.error.message.includes('future revision')) return waitInVain(state, call, asked, current);
    return refuse(state, call, readError(request, response.error));
  }
  if (response.type !== 'range') throw new Error(`a read is answered by a range, not by ${response.type}`);
  const asked = Number(request.resourceVersion ?? 0);
  if (asked > response.revision) return waitInVain(state, call, asked, response.revision);
  if (request.verb === 'get') return found(state, call, request, info, response.kvs[0]?.value);
  return onListed(state, call, request, info, response);
}

/** Nobody will write that many revisions within the time: it is refused when the time is over. */
function waitInVain(state: ApiserverState, call: CallId, asked: number, current: number): ApiserverStep {
  const tag = { of: 'tooLarge', call, status: tooLargeResourceVersion(asked, current) } as const;
  return ask(state, { do: 'timer', tag, after: blockTimeout });
}

function readError(request: GetRequest | ListRequest, { message }: EtcdError): Status {
  if (!message.includes('compacted')) return internalError(message);
  if (request.verb === 'list' && request.continue !== undefined) return expiredContinue(request.continue);
  return expired('The resourceVersion for the provided list is too old.');
}

function onListed(
  state: ApiserverState,
  call: CallId,
  request: ListRequest,
  info: ResourceInfo,
  response: RangeResponse<ApiObject>,
): ApiserverStep {
  const token =
    request.continue === undefined || request.continue === '' ? undefined : continueFrom(request.continue);
  const continued = token !== undefined && !('code' in token) ? token : undefined;
  const exact = isExact(request) ? Number(request.resourceVersion) : response.revision;
  const revision = continued !== undefined && continued.revision > 0 ? continued.revision : exact;
  const { view } = cacheAt(state, placeOf(state, info.resource) ?? -1);
  const limited = limitOf(request) > 0;
  if (continued === undefined && !limited) {
    const listed = viewOf(view, info, request.namespace, response.kvs, revision);
    return answer(state, call, { ok: true, code: 200, list: spoken(info, request, lazily(request, listed)) });
  }
  const page = pageOf(info, request, response, revision, isCached(state, info, revision));
  const list: ListAnswer = { ...lazily(request, view), resourceVersion: `${revision}`, page };
  return answer(state, call, { ok: true, code: 200, list: spoken(info, request, list) });
}

/** Whether the cache of a real server would have answered: it keeps snapshots since its own first list. */
function isCached(state: ApiserverState, info: ResourceInfo, revision: number): boolean {
  const { phase, listRevision } = cacheAt(state, placeOf(state, info.resource) ?? -1);
  return phase === 'ready' && revision >= listRevision;
}

function pageOf(
  info: ResourceInfo,
  request: ListRequest,
  { kvs, count, more }: RangeResponse<ApiObject>,
  revision: number,
  cached: boolean,
): NonNullable<ListAnswer['page']> {
  const limit = limitOf(request);
  const page: KeyValue<ApiObject>[] = [];
  let read = 0;
  while (read < kvs.length && (limit === 0 || page.length < limit)) {
    const kv = kvs[read++];
    if (kv !== undefined && (!isSelective(request) || selects(info, request, kv))) page.push(kv);
  }
  const items = page.map((kv) => shown(info, kv.value, undefined));
  const last = page.at(-1);
  // Whether what follows is selected is not looked at: the next page may be empty.
  if (last === undefined || (read === kvs.length && !more)) return { items };
  const next = tokenFor(revision, last.key.slice(listPrefix(info, request.namespace).length), cached);
  return isSelective(request)
    ? { items, continue: next }
    : { items, continue: next, remaining: count - page.length };
}

function selects(
  info: ResourceInfo,
  { labelSelector = '', fieldSelector = '', version }: ListRequest,
  { value }: KeyValue<ApiObject>,
): boolean {
  const labels = parseLabelSelector(labelSelector);
  const fields = parseFieldSelector(info.resource, fieldSelector, selectableFields(info, version));
  if (isSelectorError(labels) || isSelectorError(fields)) return false;
  return matchesLabels(labels, value.metadata.labels) && matchesFields(fields, value);
}
