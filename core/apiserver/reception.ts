/**
 * Where a request comes in: whoever asks is known and allowed before a verb begins, and what comes before the caches it
 * needs are filled waits for them.
 */
import type { Status } from '../api/request.ts';
import { tooManyRequests } from '../api/status.ts';
import { Log } from '../collections/log.ts';
import type { VirtualTime } from '../time/time.ts';
import { accountCacheNeeded, actingUser, identify, policyCacheNeeded, refusalOf } from './access.ts';
import { callWebhooks } from './admission/webhooks.ts';
import type { UserInfo } from './authentication/identities.ts';
import { keptBack, notServed, serves } from './custom/serving.ts';
import { letIn } from './open-door.ts';
import { reviewKindOf } from './reviews/review-kinds.ts';
import { reviewed } from './reviews/review.ts';
import { startRequest } from './request.ts';
import {
  ask,
  cacheAt,
  placeOf,
  refuse,
  withCache,
  type ApiserverState,
  type ApiserverStep,
  type RequestEvent,
} from './state.ts';
import { startEvent } from './verbs/straight-event.ts';
import { startBinding, startStatus } from './verbs/straight-pod.ts';
import { refuseWatch, startWatch } from './verbs/watch.ts';
import { listFromEtcd, type WaitingEvent } from './watch-cache.ts';

/** More may not wait: a client hears 429 then. */
const mostWaiting = 100_000;

/** Nobody goes on whom the server does not know. */
export function received(state: ApiserverState, event: WaitingEvent, now: VirtualTime): ApiserverStep {
  return (event.type === 'request' ? straight(state, event, now) : undefined) ?? examined(state, event, now);
}

/** Where the door is open, a request goes to its verb; those that come for every Pod have verbs of their own. */
function straight(
  state: ApiserverState,
  event: Extract<WaitingEvent, { readonly type: 'request' }>,
  now: VirtualTime,
): ApiserverStep | undefined {
  const { request } = event;
  const place = placeOf(state, request.resource);
  const user = place === undefined ? undefined : letIn(state, event, place, now);
  if (place === undefined || user === undefined) return undefined;
  let step: ApiserverStep | undefined;
  if (request.resource === 'events') {
    if (request.verb === 'create') step = startEvent(state, event.call, request, place, now);
    return step ?? startRequest(state, requestOf(event, user), place, now);
  }
  const known = requestOf(event, user);
  if (request.resource === 'pods')
    if (request.verb === 'patch' && request.subresource === 'status')
      step = startStatus(state, known, request, place);
    else if (request.verb === 'create' && request.subresource === 'binding')
      step = startBinding(state, known, request, place, now);
  return step ?? startRequest(state, known, place, now);
}

function examined(state: ApiserverState, event: WaitingEvent, now: VirtualTime): ApiserverStep {
  const unready = accountCacheNeeded(state, event);
  if (unready !== undefined) return wait(state, event, unready);
  const user = identify(state, event, now);
  if ('code' in user) return turnedAway(state, event, 0, user);
  return admitted(state, event, user, now);
}

/** What waits is known already: a credential that ends meanwhile was good when it was shown. */
const withUser = (event: WaitingEvent, user: UserInfo): WaitingEvent =>
  event.type === 'request'
    ? {
        type: 'request',
        call: event.call,
        userAgent: event.userAgent,
        request: event.request,
        impersonation: event.impersonation,
        user,
      }
    : {
        type: 'watch',
        watcher: event.watcher,
        userAgent: event.userAgent,
        request: event.request,
        impersonation: event.impersonation,
        user,
      };

/** The request as the verbs get it: its user is whom it is made for. */
const requestOf = (
  { call, userAgent, request }: Extract<WaitingEvent, { readonly type: 'request' }>,
  user: UserInfo,
): RequestEvent => ({ type: 'request', call, userAgent, request, user });

const turnedAway = (
  state: ApiserverState,
  event: WaitingEvent,
  place: number,
  status: Status,
): ApiserverStep =>
  event.type === 'request'
    ? refuse(state, event.call, status)
    : refuseWatch(state, event.watcher, cacheAt(state, place).view, status);

/** Serves a request of a user, or keeps it until the cache it needs is ready. */
function admitted(
  state: ApiserverState,
  event: WaitingEvent,
  user: UserInfo,
  now: VirtualTime,
): ApiserverStep {
  const { request } = event;
  const place = placeOf(state, request.resource);
  const unready =
    policyCacheNeeded(state) ?? (place === undefined ? undefined : cacheNeeded(state, event, place));
  if (unready !== undefined) return wait(state, withUser(event, user), unready);
  const acting = actingUser(state, user, event.impersonation);
  if ('code' in acting) return turnedAway(state, event, place ?? 0, acting);
  const forbidden = refusalOf(state, acting, request, place);
  if (forbidden !== undefined) return turnedAway(state, event, place ?? 0, forbidden);
  if (place === undefined && event.type === 'request' && reviewKindOf(request.resource) !== undefined)
    return reviewed(state, requestOf(event, acting), now);
  if (place === undefined || !serves(cacheAt(state, place), event)) return notServed(state, event);
  if (event.type === 'watch') return startWatch(state, event.watcher, event.request, place);
  const known = requestOf(event, acting);
  return keptBack(state, known, place, now) ?? pastWebhooks(state, known, place, now);
}

/** The verb begins when the webhooks that are concerned have been called. */
function pastWebhooks(
  state: ApiserverState,
  event: RequestEvent,
  place: number,
  now: VirtualTime,
): ApiserverStep {
  const called = callWebhooks(state, event, place);
  if (called === undefined) return startRequest(state, event, place, now);
  const { status, after } = called;
  if (after === 0) return afterWebhooks(state, event, status, now);
  return ask(state, { do: 'timer', tag: { of: 'webhooks', event, status }, after });
}

/** `status` is why the webhooks let the request go no further. */
export function afterWebhooks(
  state: ApiserverState,
  event: RequestEvent,
  status: Status | undefined,
  now: VirtualTime,
): ApiserverStep {
  if (status !== undefined) return refuse(state, event.call, status);
  const place = placeOf(state, event.request.resource);
  if (place === undefined || !serves(cacheAt(state, place), event)) return notServed(state, event);
  return startRequest(state, event, place, now);
}

/** The place of a cache that is not ready and has to be: the namespaces', then the resource's own. */
function cacheNeeded(state: ApiserverState, event: WaitingEvent, place: number): number | undefined {
  const namespaces = placeOf(state, 'namespaces') ?? 0;
  if (cacheAt(state, namespaces).phase !== 'ready') return namespaces;
  const { phase } = cacheAt(state, place);
  return phase === 'ready' || (phase === 'idle' && event.type === 'request') ? undefined : place;
}

function wait(state: ApiserverState, event: WaitingEvent, place: number): ApiserverStep {
  const cache = cacheAt(state, place);
  if (cache.waiting.length >= mostWaiting)
    return turnedAway(state, event, place, tooManyRequests('storage is (re)initializing', 1));
  const idle = cache.phase === 'idle';
  const waiting = cache.waiting.append(event);
  const next = withCache(state, place, { ...cache, phase: idle ? 'listing' : cache.phase, waiting });
  return { state: next, requests: idle ? [listFromEtcd(cache)] : [] };
}

/** A watch whose client is gone before it began. */
export function forget(state: ApiserverState, watcher: number): ApiserverState {
  const isIt = (event: WaitingEvent): boolean => event.type === 'watch' && event.watcher === watcher;
  const place = state.caches.findIndex(
    ({ waiting }) => waiting.length > 0 && [...waiting.from(0)].some(isIt),
  );
  if (place < 0) return state;
  const cache = cacheAt(state, place);
  let waiting = Log.empty<WaitingEvent>();
  for (const event of cache.waiting.from(0)) if (!isIt(event)) waiting = waiting.append(event);
  return withCache(state, place, { ...cache, waiting });
}
