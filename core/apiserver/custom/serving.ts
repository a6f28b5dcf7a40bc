/**
 * Which custom resources a server serves: its table grows with the definitions its own watch tells of. A definition whose
 * names are accepted has a cache; while it is not, or no longer, there is nothing under its path. A changed definition
 * ends the watches of its instances, as the real server does when it makes their storage anew. (kubernetes v1.34.1
 * apiextensions-apiserver/pkg/apiserver/customresource_handler.go)
 */
import { infoOf } from '../../api/custom/custom-resource.ts';
import { conditionOf, isTrue } from '../../api/custom/definition-status.ts';
import type { CustomResourceDefinition } from '../../api/generated/types.ts';
import { same } from '../../api/merge-patch.ts';
import { keyOf } from '../../api/object.ts';
import type { CreateRequest, Status } from '../../api/request.ts';
import { forbiddenStatus, noSuchResource } from '../../api/status.ts';
import { objectsIn, type View } from '../../api/view.ts';
import { Log } from '../../collections/log.ts';
import { parseTimeText, second, type Duration, type VirtualTime } from '../../time/time.ts';
import {
  ask,
  cacheAt,
  refuse,
  viewIn,
  withCache,
  type ApiserverState,
  type ApiserverStep,
  type Ask,
  type RequestEvent,
} from '../state.ts';
import { refuseWatch } from '../verbs/watch.ts';
import { listFromEtcd, newWatchCache, type WaitingEvent, type WatchCache } from '../watch-cache.ts';
import { noWatchers } from '../watchers.ts';
import { customIn, shown, versionAsked } from './versions.ts';

/** A definition as this server knows it. Its name is what its resource is called. */
export const definitionNamed = (state: ApiserverState, name: string): CustomResourceDefinition | undefined =>
  viewIn(state, 'customresourcedefinitions').objects.get(name) as unknown as
    CustomResourceDefinition | undefined;

const isServed = (crd: CustomResourceDefinition): boolean =>
  isTrue(crd, 'NamesAccepted') || isTrue(crd, 'Established');

/** The server's table after a definition has changed, or is gone. */
export function followDefinition(state: ApiserverState, name: string): ApiserverStep {
  const crd = definitionNamed(state, name);
  const served = crd !== undefined && isServed(crd);
  const place = state.custom.get(name);
  if (place === undefined) return served ? begin(state, name, crd) : { state, requests: [] };
  const cache = cacheAt(state, place);
  if (!served) return cache.served ? end(state, place) : { state, requests: [] };
  const before = cache.info.custom;
  const info = infoOf(crd);
  if (cache.served && before !== undefined && isSameResource(before, crd))
    return { state: withCache(state, place, { ...cache, info }), requests: [] };
  const anew = withoutWatchers(state, place);
  return {
    state: withCache(anew.state, place, {
      ...cacheAt(anew.state, place),
      ...reread(cache, info),
      served: true,
    }),
    requests: anew.requests,
  };
}

const isSameResource = (a: CustomResourceDefinition, b: CustomResourceDefinition): boolean =>
  same(a.spec, b.spec) && same(a.status.acceptedNames, b.status.acceptedNames);

function begin(state: ApiserverState, name: string, crd: CustomResourceDefinition): ApiserverStep {
  const cache: WatchCache = { ...newWatchCache(infoOf(crd)), phase: 'listing' };
  const place = state.caches.length;
  const next = { ...state, caches: [...state.caches, cache], custom: state.custom.set(name, place) };
  return { state: next, requests: [listFromEtcd(cache)] };
}

/** What is there is read by the new schema: it may have other defaults. */
function reread(cache: WatchCache, info: WatchCache['info']): Pick<WatchCache, 'info' | 'view'> {
  let { objects } = cache.view;
  for (const object of objectsIn(cache.view)) {
    const seen = shown(info, object, undefined);
    if (seen !== object) objects = objects.set(keyOf(object), seen);
  }
  const view: View = { ...cache.view, objects };
  return { info, view };
}

/** The cache goes on, so that it is there should the definition come back; nobody is let in. */
function end(state: ApiserverState, place: number): ApiserverStep {
  const closed = withoutWatchers(state, place);
  const cache = cacheAt(closed.state, place);
  const requests: Ask[] = [...closed.requests];
  for (const event of cache.waiting.from(0)) requests.push(...notServed(closed.state, event).requests);
  return {
    state: withCache(closed.state, place, { ...cache, waiting: Log.empty(), served: false }),
    requests,
  };
}

function withoutWatchers(state: ApiserverState, place: number): ApiserverStep {
  const cache = cacheAt(state, place);
  const ids = [...cache.watchers.byId.keys()];
  if (ids.length === 0) return { state, requests: [] };
  let { watching } = state;
  for (const id of ids) watching = watching.delete(id);
  return {
    state: { ...withCache(state, place, { ...cache, watchers: noWatchers }), watching },
    requests: ids.map((watcher): Ask => ({ do: 'closeWatch', watcher })),
  };
}

/** The answer where nothing is. */
export const notServed = (state: ApiserverState, event: WaitingEvent): ApiserverStep =>
  event.type === 'request'
    ? refuse(state, event.call, noSuchResource())
    : refuseWatch(state, event.watcher, cacheAt(state, 0).view, noSuchResource());

/** Whether there is something under the path of a request, in its version. */
export function serves({ info, served }: WatchCache, { request }: WaitingEvent): boolean {
  if (info.custom === undefined) {
    const { version } = request;
    return (
      version === undefined ||
      version === info.version ||
      info.otherVersions.some((other) => other.version === version)
    );
  }
  if (!served) return false;
  const version = versionAsked(request);
  return version === undefined || customIn(info, version)?.served === true;
}

/** Other servers may not know of a definition yet that has just been established: a creation waits so long. */
const justEstablished: Duration = 2 * second;

/** A creation of a custom resource that may not begin now, or not at all; undefined: it may. */
export function keptBack(
  state: ApiserverState,
  event: RequestEvent,
  place: number,
  now: VirtualTime,
): ApiserverStep | undefined {
  const { request } = event;
  const { custom } = cacheAt(state, place).info;
  if (custom === undefined || request.verb !== 'create') return undefined;
  const refusal = refusedWhileEnding(custom, request);
  if (refusal !== undefined) return refuse(state, event.call, refusal);
  const after = waitOf(custom, now);
  return after === 0 ? undefined : ask(state, { do: 'timer', tag: { of: 'settling', event }, after });
}

/** How long a creation has to wait, for the other servers to learn of its definition. */
function waitOf(crd: CustomResourceDefinition, now: VirtualTime): Duration {
  const since = parseTimeText(conditionOf(crd, 'Established')?.lastTransitionTime ?? '');
  return since !== undefined && now - since < justEstablished ? justEstablished : 0;
}

/** Nothing is created any more of what is about to be deleted. */
function refusedWhileEnding(
  crd: CustomResourceDefinition,
  { resource, object }: CreateRequest,
): Status | undefined {
  if (!isTrue(crd, 'Terminating')) return undefined;
  const why = 'create not allowed while custom resource definition is terminating';
  return forbiddenStatus(resource, object.metadata.name ?? '', why);
}
