/**
 * An apiserver. Requests of clients come in; what they read is answered from the watch caches or from etcd, what they
 * write is decided by pure functions of the object (verbs/, strategy/, admission/) and committed by a transaction that
 * holds only if nobody was faster (write.ts). What etcd's watches tell fills the caches and goes on to those who follow
 * (watch-cache.ts, watchers.ts, dispatch.ts). Several apiservers over one etcd share nothing: each has its own caches,
 * as old as its own streams.
 */
import { resources } from '../api/kinds.ts';
import type { ApiObject } from '../api/object.ts';
import { Log } from '../collections/log.ts';
import { OrderedMap } from '../collections/ordered-map.ts';
import { prefixEnd } from '../etcd/order.ts';
import type { KvResponse, WatchResponse } from '../etcd/message.ts';
import type { Seed } from '../random/draw.ts';
import { never } from '../reducer.ts';
import { minute, second, type Duration, type VirtualTime } from '../time/time.ts';
import type { SimulatedWebhook } from './admission/webhooks.ts';
import { bootstrap, hasWhatAllNeed } from './bootstrap.ts';
import { compactNow, nextCompaction, onCompactAnswer } from './compactor.ts';
import { afterEvents, afterList, definitionsPlace } from './custom/following.ts';
import { dispatch } from './dispatch.ts';
import { limited, newFlow, type FlowSpec } from './flow.ts';
import type { ApiserverEvent } from './message.ts';
import { newLuck } from './names.ts';
import { onQuotaWritten } from './quota-charge.ts';
import { afterWebhooks, forget, received } from './reception.ts';
import {
  ask,
  cacheAt,
  nothing,
  placeOf,
  refuse,
  withCache,
  type ApiserverState,
  type ApiserverStep,
  type ApiserverTag,
  type Ask,
  type AuthorizationMode,
  type Write,
} from './state.ts';
import { lookUpAccount } from './verbs/account.ts';
import { onAccount, onCreated, onNamespace } from './verbs/create.ts';
import { afterItem, onCollectionRead } from './verbs/delete-collection.ts';
import { onRangeRead } from './verbs/get-list.ts';
import { endWatch, endWith, onBookmark, onInitialEvents, onWatchTimeout } from './verbs/watch.ts';
import {
  changeOf,
  listFromEtcd,
  newWatchCache,
  withChange,
  withList,
  type WatchCache,
} from './watch-cache.ts';
import { noWatchers } from './watchers.ts';
import { onBudget, onWritten } from './write.ts';

export type { ApiserverState, ApiserverTag, AuthorizationMode } from './state.ts';

export interface ApiserverOptions {
  /** Unique among the apiservers of a cluster: it is part of every draw. */
  readonly name: string;
  readonly seed: Seed;
  /** @default "10.96.0.0/12", as kubeadm has it */
  readonly serviceCidr?: string | undefined;
  /** Plugins of admission that are off. (--disable-admission-plugins) @default none */
  readonly disabledAdmission?: readonly string[] | undefined;
  /** @default "AlwaysAllow", as the server's own default is */
  readonly authorizationMode?: AuthorizationMode | undefined;
  /** What serving costs, and how much is taken on. @default nothing, and everything */
  readonly flow?: FlowSpec | undefined;
  /** How webhooks behave, by their names. @default of each its Service decides */
  readonly webhooks?: Readonly<Record<string, SimulatedWebhook>> | undefined;
  /** 0: never. @default 5 minutes */
  readonly compactionInterval?: Duration | undefined;
  /** How often watches that ask for bookmarks get one; 0: never. A real server has a minute. @default 0 */
  readonly bookmarkInterval?: Duration | undefined;
}

export function newApiserver(options: ApiserverOptions): ApiserverState {
  return {
    config: {
      name: options.name,
      seed: options.seed,
      serviceCidr: options.serviceCidr ?? '10.96.0.0/12',
      nodePorts: { from: 30_000, to: 32_767 },
      disabledAdmission: disabledIn(options),
      authorizationMode: options.authorizationMode ?? 'AlwaysAllow',
      webhooks: options.webhooks ?? {},
      compactionInterval: options.compactionInterval ?? 5 * minute,
      bookmarkInterval: options.bookmarkInterval ?? 0,
    },
    luck: newLuck(options.seed, options.name),
    caches: resources.map(newWatchCache),
    custom: OrderedMap.empty(),
    watching: OrderedMap.empty((a, b) => a < b),
    generated: OrderedMap.empty(),
    compaction: { version: 0, revision: 0 },
    quotas: { waiting: OrderedMap.empty(), written: OrderedMap.empty() },
    flow: options.flow === undefined ? undefined : newFlow(options.flow),
  };
}

/** NodeRestriction is not on by itself: it comes with the authorizer it belongs to, as kubeadm has them. */
const disabledIn = ({ authorizationMode, disabledAdmission = [] }: ApiserverOptions): readonly string[] =>
  authorizationMode === 'Node,RBAC' ? disabledAdmission : ['NodeRestriction', ...disabledAdmission];

type Event = ApiserverEvent<ApiserverTag>;

export function reduceApiserver(state: ApiserverState, event: Event, now: VirtualTime): ApiserverStep {
  return state.flow === undefined ? serve(state, event, now) : limited(state, state.flow, event, now, serve);
}

function serve(state: ApiserverState, event: Event, now: VirtualTime): ApiserverStep {
  switch (event.type) {
    case 'start':
      return start(state);
    case 'request':
    case 'watch':
      return received(state, event, now);
    case 'unwatch':
      return nothing(forget(endWatch(state, event.watcher), event.watcher));
    case 'etcdAnswer':
      return onEtcdAnswer(state, event.tag, event.response, now);
    case 'etcdWatch':
      return onEtcdWatch(state, event.stream, event.response, now);
    case 'etcdWatchClosed':
      return onEtcdWatchClosed(state, event.stream);
    case 'timer':
      return onTimer(state, event.tag, now);
    default:
      return never(event);
  }
}

/** Events have no watch cache until somebody watches them: there are many, and nearly nobody does. */
const cachedFromTheStart = (cache: WatchCache): boolean => cache.info.resource !== 'events';

function start(state: ApiserverState): ApiserverStep {
  const caches = state.caches.map((cache): WatchCache =>
    cachedFromTheStart(cache) ? { ...cache, phase: 'listing' } : cache,
  );
  const lists = caches.filter(cachedFromTheStart).map(listFromEtcd);
  return { state: { ...state, caches }, requests: [...lists, ...nextCompaction(state)] };
}

function onEtcdAnswer(
  state: ApiserverState,
  tag: ApiserverTag,
  response: KvResponse<ApiObject>,
  now: VirtualTime,
): ApiserverStep {
  switch (tag.of) {
    case 'create':
      return onCreated(state, tag.creation, response, now);
    case 'write':
      return onItemWritten(state, tag.write, response, now);
    case 'initialEvents':
      return onInitialEvents(state, tag.watcher, tag.request, response);
    case 'budget':
      return onBudget(state, tag.write, response, now);
    case 'quota':
      return onQuotaWritten(state, tag.charge, response, now);
    case 'collection':
      return onCollectionRead(state, tag.event, tag.request, response, now);
    case 'read':
      return onRangeRead(state, tag.call, tag.request, response);
    case 'namespace':
      return onNamespace(state, tag.event, placeOf(state, tag.event.request.resource) ?? -1, response, now);
    case 'account':
      return onAccount(state, tag, response, now);
    case 'list':
      return onCacheListed(state, tag.resource, response, now);
    case 'compact':
      return tag.stage === 'timer' ? nothing(state) : onCompactAnswer(state, tag.stage, response);
    case 'bootstrap':
    case 'definition':
    case 'settling':
    case 'core':
    case 'webhooks':
    case 'tooLarge':
    case 'watchTooLarge':
    case 'watchTimeout':
    case 'bookmark':
      return nothing(state);
    default:
      return never(tag);
  }
}

function onItemWritten(
  state: ApiserverState,
  write: Write,
  response: KvResponse<ApiObject>,
  now: VirtualTime,
): ApiserverStep {
  const step = onWritten(state, write, response, now);
  return write.request.verb === 'delete' ? afterItem(step, write, now) : step;
}

/** Between two tries of a list that failed. (client-go's reflector begins with 0.8 s) */
const listAgainAfter = 0.8 * second;

function onCacheListed(
  state: ApiserverState,
  resource: string,
  response: KvResponse<ApiObject>,
  now: VirtualTime,
): ApiserverStep {
  const tag: ApiserverTag = { of: 'list', resource };
  if (response.type !== 'range') return ask(state, { do: 'timer', tag, after: listAgainAfter });
  const place = placeOf(state, resource) ?? -1;
  const cache = cacheAt(state, place);
  const key = cache.info.registryPrefix;
  const watch: Ask = {
    do: 'etcdWatch',
    stream: resource,
    key,
    rangeEnd: prefixEnd(key),
    startRevision: response.revision + 1,
  };
  const listed = withCache(state, place, withList(cache, response.kvs, response.revision));
  const missing = bootstrap(listed, resource, now);
  const step = served(listed, place, now);
  const follow = afterList(step.state, place, now);
  return { state: follow.state, requests: [watch, ...missing, ...step.requests, ...follow.requests] };
}

/** A cache has what it needs: what waited for it is served. The namespaces of the system are needed by everybody, and so is the policy. */
function served(state: ApiserverState, place: number, now: VirtualTime): ApiserverStep {
  const cache = cacheAt(state, place);
  if (!hasWhatAllNeed(state, cache.info.resource))
    return nothing(withCache(state, place, { ...cache, phase: 'listing' }));
  const requests: Ask[] = [];
  let next = withCache(state, place, { ...cache, phase: 'ready', waiting: Log.empty() });
  for (const event of cache.waiting.from(0)) {
    const step = received(next, event, now);
    next = step.state;
    requests.push(...step.requests);
  }
  return { state: next, requests };
}

function onEtcdWatch(
  state: ApiserverState,
  stream: string,
  response: WatchResponse<ApiObject>,
  now: VirtualTime,
): ApiserverStep {
  const place = placeOf(state, stream) ?? -1;
  let cache = cacheAt(state, place);
  if (response.canceled === true) return onEtcdWatchClosed(state, stream);
  const requests: Ask[] = [];
  for (let i = 0; i < response.events.length; i++) {
    const event = response.events[i];
    const change = event === undefined ? undefined : changeOf(cache, event, now);
    if (change === undefined) continue;
    cache = withChange(cache, change);
    dispatch(cache, change, requests);
  }
  const next = withCache(state, place, cache);
  if (cache.phase === 'ready') {
    if (place !== definitionsPlace && cache.info.custom === undefined) return { state: next, requests };
    const follow = afterEvents(next, place, response.events, now);
    return { state: follow.state, requests: [...requests, ...follow.requests] };
  }
  const step = served(next, place, now);
  return { state: step.state, requests: [...requests, ...step.requests] };
}

/** The cache cannot go on: those who follow it are sent away, and it begins with a list again. */
function onEtcdWatchClosed(state: ApiserverState, stream: string): ApiserverStep {
  const place = placeOf(state, stream) ?? -1;
  const cache = cacheAt(state, place);
  const ids = [...cache.watchers.byId.keys()];
  let watching = state.watching;
  for (const id of ids) watching = watching.delete(id);
  const emptied = withCache(state, place, { ...cache, phase: 'listing', watchers: noWatchers });
  const closed = ids.map((watcher): Ask => ({ do: 'closeWatch', watcher }));
  return { state: { ...emptied, watching }, requests: [...closed, listFromEtcd(cache)] };
}

function onTimer(state: ApiserverState, tag: ApiserverTag, now: VirtualTime): ApiserverStep {
  switch (tag.of) {
    case 'webhooks':
      return afterWebhooks(state, tag.event, tag.status, now);
    case 'settling':
      return received(state, tag.event, now);
    case 'list':
      return ask(state, listFromEtcd(cacheAt(state, placeOf(state, tag.resource) ?? -1)));
    case 'account':
      return lookUpAccount(state, tag.event, tag.account, tag.attempt);
    case 'compact':
      return compactNow(state);
    case 'tooLarge':
      return refuse(state, tag.call, tag.status);
    case 'watchTimeout':
      return onWatchTimeout(state, tag.watcher);
    case 'bookmark':
      return onBookmark(state, tag.watcher, tag.left);
    case 'watchTooLarge':
      return endWith(state, tag.watcher, cacheAt(state, placeOf(state, tag.resource) ?? -1).view, tag.status);
    case 'read':
    case 'namespace':
    case 'create':
    case 'write':
    case 'budget':
    case 'quota':
    case 'initialEvents':
    case 'collection':
    case 'bootstrap':
    case 'definition':
    case 'core':
      throw new Error(`no timer is of ${tag.of}`);
    default:
      return never(tag);
  }
}
