/**
 * WATCH: from a revision on, or first everything there is as ADDED. (kubernetes v1.34.1
 * staging/src/k8s.io/apiserver/pkg/storage/cacher: cacher.go Watch, watch_cache.go getAllEventsSinceLocked)
 */
import { apiVersionOf } from '../../api/kinds.ts';
import type { Status, WatchEvent, WatchRequest } from '../../api/request.ts';
import { isSelectorError, parseFieldSelector, parseLabelSelector } from '../../api/selector.ts';
import {
  badRequest,
  expired,
  plainError,
  tooLargeResourceVersion,
  tooManyRequests,
} from '../../api/status.ts';
import type { KvResponse } from '../../etcd/message.ts';
import { prefixEnd } from '../../etcd/order.ts';
import { objectsIn, type View } from '../../api/view.ts';
import { selectableFields, shown } from '../custom/versions.ts';
import { EventsOf } from '../dispatch.ts';
import type { WatcherId } from '../message.ts';
import {
  ask,
  cacheAt,
  nothing,
  withCache,
  type ApiserverState,
  type ApiserverStep,
  type Ask,
} from '../state.ts';
import { second, type Duration } from '../../time/time.ts';
import {
  changesAfter,
  oldestRevision,
  viewBefore,
  viewOf,
  type Change,
  type WatchCache,
} from '../watch-cache.ts';
import { selects, withoutWatcher, withWatcher, type Watcher } from '../watchers.ts';
import { blockTimeout } from './get-list.ts';
import { badRevision, checkWatchOptions } from './list-options.ts';
import type { ApiObject } from '../../api/object.ts';

export function startWatch(
  state: ApiserverState,
  id: WatcherId,
  request: WatchRequest,
  place: number,
): ApiserverStep {
  const cache = cacheAt(state, place);
  const asked = request.resourceVersion ?? '';
  if (asked !== '' && !/^\d+$/.test(asked))
    return refuseWatch(state, id, cache.view, plainError(badRevision(asked)));
  const watcher = watcherOf(cache, id, request);
  if ('code' in watcher) return refuseWatch(state, id, cache.view, watcher);
  const from = Number(asked);
  const everythingFirst = request.sendInitialEvents ?? from === 0;
  if (request.sendInitialEvents === true && from > cache.view.revision)
    return waitInVain(state, id, from, cache);
  if (request.sendInitialEvents === true && asked === '') return listFirst(state, id, request, place);
  if (!everythingFirst && from !== 0 && from < oldestRevision(cache)) {
    const message = `too old resource version: ${from} (${oldestRevision(cache)})`;
    return endWith(state, id, cache.view, expired(message));
  }
  const requests: Ask[] = [];
  if (everythingFirst) tellEverything(cache, watcher, request, requests);
  else if (from !== 0) tellMissed(cache, watcher, from, requests);
  return followed(state, watcher, request, place, requests);
}

/** The watcher is told of what comes from now on. */
function followed(
  state: ApiserverState,
  watcher: Watcher,
  { timeoutSeconds = 0, allowWatchBookmarks }: WatchRequest,
  place: number,
  requests: Ask[],
): ApiserverStep {
  const { id } = watcher;
  const left = timeoutSeconds > 0 ? timeoutSeconds * second : undefined;
  if (left !== undefined)
    requests.push({ do: 'timer', tag: { of: 'watchTimeout', watcher: id }, after: left });
  if (allowWatchBookmarks === true) requests.push(...nextBookmark(state, id, left));
  const cache = cacheAt(state, place);
  const next = withCache(state, place, { ...cache, watchers: withWatcher(cache.watchers, watcher) });
  return { state: { ...next, watching: state.watching.set(id, place) }, requests };
}

/**
 * Initial events without a revision are of what is there now, which only etcd knows: a real server asks for its progress
 * and waits for its cache, this one reads there what it tells first.
 */
function listFirst(
  state: ApiserverState,
  watcher: WatcherId,
  request: WatchRequest,
  place: number,
): ApiserverStep {
  const key = cacheAt(state, place).info.registryPrefix;
  return {
    state: { ...state, watching: state.watching.set(watcher, place) },
    requests: [
      {
        do: 'etcd',
        tag: { of: 'initialEvents', watcher, request },
        request: { type: 'range', key, rangeEnd: prefixEnd(key) },
      },
    ],
  };
}

/** What is there now is told, then what follows it. */
export function onInitialEvents(
  state: ApiserverState,
  id: WatcherId,
  request: WatchRequest,
  response: KvResponse<ApiObject>,
): ApiserverStep {
  const place = state.watching.get(id);
  if (place === undefined) return nothing(state);
  const cache = cacheAt(state, place);
  const begun = { ...state, watching: state.watching.delete(id) };
  const watcher = watcherOf(cache, id, request);
  if ('code' in watcher) return refuseWatch(begun, id, cache.view, watcher);
  if (response.type !== 'range' || cache.phase !== 'ready')
    return refuseWatch(begun, id, cache.view, tooManyRequests('storage is (re)initializing', 1));
  const { revision } = response;
  const requests: Ask[] = [];
  const view = viewOf(cache.view, cache.info, undefined, response.kvs, revision);
  tellEverything({ ...cache, view }, watcher, request, requests);
  // The cache may be ahead of the answer, or behind it: then it will tell of nothing up to that revision.
  if (cache.view.revision > revision) tellMissed(cache, watcher, revision, requests);
  return followed(begun, { ...watcher, after: revision }, request, place, requests);
}

/** The time the client gave is over: the server ends the watch, and says nothing. */
export function onWatchTimeout(state: ApiserverState, watcher: WatcherId): ApiserverStep {
  if (state.watching.get(watcher) === undefined) return nothing(state);
  return { state: endWatch(state, watcher), requests: [{ do: 'closeWatch', watcher }] };
}

/** A watch that ends is told so long before how far it has come. (cacher.go nextBookmarkTime) */
const beforeTheEnd = 2 * second;

/** The next bookmark of a watch that goes on for `left`, undefined: for ever. */
function nextBookmark(
  { config: { bookmarkInterval } }: ApiserverState,
  watcher: WatcherId,
  left: Duration | undefined,
): readonly Ask[] {
  const after = left === undefined ? bookmarkInterval : Math.min(bookmarkInterval, left - beforeTheEnd);
  if (after <= 0) return [];
  const tag = { of: 'bookmark', watcher, left: left === undefined ? undefined : left - after } as const;
  return [{ do: 'timer', tag, after, background: true }];
}

/** The client is told up to which revision it has heard of everything, so that it need not begin before it. */
export function onBookmark(
  state: ApiserverState,
  watcher: WatcherId,
  left: Duration | undefined,
): ApiserverStep {
  const place = state.watching.get(watcher);
  if (place === undefined) return nothing(state);
  const { info, view } = cacheAt(state, place);
  const event: WatchEvent = { type: 'BOOKMARK', object: bookmarkOf(info, view.revision), view };
  return { state, requests: [{ do: 'deliver', watcher, event }, ...nextBookmark(state, watcher, left)] };
}

/** The client has gone. */
export function endWatch(state: ApiserverState, id: WatcherId): ApiserverState {
  const place = state.watching.get(id);
  if (place === undefined) return state;
  const cache = cacheAt(state, place);
  const next = withCache(state, place, { ...cache, watchers: withoutWatcher(cache.watchers, id) });
  return { ...next, watching: state.watching.delete(id) };
}

function watcherOf({ info }: WatchCache, id: WatcherId, request: WatchRequest): Watcher | Status {
  const refusal = checkWatchOptions(request);
  if (refusal !== undefined) return refusal;
  const labels = parseLabelSelector(request.labelSelector ?? '');
  if (isSelectorError(labels)) return badRequest(labels.error);
  const fields = parseFieldSelector(
    info.resource,
    request.fieldSelector ?? '',
    selectableFields(info, request.version),
  );
  if (isSelectorError(fields)) return badRequest(fields.error);
  const after = Number(request.resourceVersion ?? 0);
  const version = request.version === info.version ? undefined : request.version;
  return { id, after, namespace: info.namespaced ? request.namespace : undefined, labels, fields, version };
}

/** The answer of a watch that does not begin. */
export function refuseWatch(
  state: ApiserverState,
  watcher: WatcherId,
  view: View,
  status: Status,
): ApiserverStep {
  const event: WatchEvent = { type: 'ERROR', object: status, view, refused: true };
  return {
    state,
    requests: [
      { do: 'deliver', watcher, event },
      { do: 'closeWatch', watcher },
    ],
  };
}

/** A watch that has begun has no other way to say what is wrong than an event. */
export function endWith(
  state: ApiserverState,
  watcher: WatcherId,
  view: View,
  status: Status,
): ApiserverStep {
  const event: WatchEvent = { type: 'ERROR', object: status, view };
  return {
    state,
    requests: [
      { do: 'deliver', watcher, event },
      { do: 'closeWatch', watcher },
    ],
  };
}

function waitInVain(
  state: ApiserverState,
  watcher: WatcherId,
  asked: number,
  { info, view }: WatchCache,
): ApiserverStep {
  const status = tooLargeResourceVersion(asked, view.revision);
  const tag = { of: 'watchTooLarge', watcher, status, resource: info.resource } as const;
  return ask(state, { do: 'timer', tag, after: blockTimeout });
}

/** Every object that is selected, in the order of keys; then, if the client understands it, that these were all. */
function tellEverything(
  { info, view }: WatchCache,
  watcher: Watcher,
  request: WatchRequest,
  into: Ask[],
): void {
  for (const object of objectsIn(view, watcher.namespace)) {
    if (!selects(watcher, object)) continue;
    const seen = watcher.version === undefined ? object : shown(info, object, watcher.version);
    into.push({ do: 'deliver', watcher: watcher.id, event: { type: 'ADDED', object: seen, view } });
  }
  if (request.allowWatchBookmarks !== true) return;
  const event: WatchEvent = {
    type: 'BOOKMARK',
    object: bookmarkOf(info, view.revision, { 'k8s.io/initial-events-end': 'true' }),
    view,
    initialEventsEnd: true,
  };
  into.push({ do: 'deliver', watcher: watcher.id, event });
}

function bookmarkOf(
  info: WatchCache['info'],
  revision: number,
  annotations?: Readonly<Record<string, string>>,
): ApiObject {
  return {
    apiVersion: apiVersionOf(info),
    kind: info.kind,
    metadata: {
      name: '',
      uid: '',
      creationTimestamp: '',
      resourceVersion: `${revision}`,
      ...(annotations === undefined ? {} : { annotations }),
    },
  };
}

/**
 * What happened after the revision. The views between are not kept: they are found by undoing the changes from the
 * newest on, as far back as the first one the watcher is told of.
 */
function tellMissed(cache: WatchCache, watcher: Watcher, from: number, into: Ask[]): void {
  const missed = changesAfter(cache, from);
  const first = missed.findIndex(
    (change) => new EventsOf(cache.info, change, cache.view).for(watcher) !== undefined,
  );
  if (first < 0) return;
  const told: Ask[] = [];
  let view = cache.view;
  for (let i = missed.length - 1; i >= first; i--) {
    const change = missed[i] as Change;
    const event = new EventsOf(cache.info, change, view).for(watcher);
    if (event !== undefined) told.push({ do: 'deliver', watcher: watcher.id, event });
    view = viewBefore(view, change);
  }
  for (let i = told.length - 1; i >= 0; i--) into.push(told[i] as Ask);
}
