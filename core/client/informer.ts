/**
 * An informer: lists a resource, watches it from there, lists again when the watch ends (client-go tools/cache:
 * Reflector, Store and SharedIndexInformer in one). Its cache is not a copy but the server's view as it was when the
 * last event left: a stale informer is an older view.
 *
 * A component keeps its informers in one `Informers` value and passes every event to `reduceInformers` first. The
 * answer is what changed for the component (`deltas`), in order, and what to ask for next.
 */
import { keyOf, type ApiObject, type ObjectKey, type Resource, type ResourceTypes } from '../api/object.ts';
import type { ApiAnswer, WatchEvent } from '../api/request.ts';
import { emptyView, type View } from '../api/view.ts';
import { second, type Duration } from '../time/time.ts';
import type { ClientEvent, ClientRequest } from './component.ts';

/** A part of a resource: the objects under one term of an index, which the apiserver selects by `fieldSelector`. */
export interface Scope {
  readonly index: string;
  readonly term: string;
  readonly fieldSelector: string;
}

export interface Informer {
  readonly stream: string;
  readonly resource: Resource;
  readonly userAgent: string;
  readonly scope: Scope | undefined;
  readonly phase: 'listing' | 'watching' | 'waiting';
  /** Lists and watches that have failed one after another. */
  readonly failures: number;
  /** True once the first list has been received: until then the cache says nothing. */
  readonly synced: boolean;
  readonly view: View;
}

/** In a list, since one of them changes with every event: `places` tells where each stream's stands in it. */
export interface Informers {
  readonly places: Readonly<Record<string, number>>;
  readonly list: readonly Informer[];
}

/** The tag of an informer's own calls and timers. A component's tags are a union of this and its own. */
export interface InformerTag {
  readonly of: 'informer';
  readonly stream: string;
}

export interface Delta<T extends ApiObject = ApiObject> {
  readonly stream: string;
  readonly type: 'added' | 'updated' | 'deleted';
  readonly key: ObjectKey;
  /** The object; on deletion its last known state. */
  readonly object: T;
  readonly before: T | undefined;
}

/** What one informer is to follow. The stream's name is the resource's unless two informers follow the same one. */
export interface InformerSpec {
  readonly resource: Resource;
  readonly stream?: string;
  readonly scope?: Scope;
}

export const newInformers = (userAgent: string, specs: readonly InformerSpec[]): Informers =>
  listed(specs.map((spec) => newInformer(userAgent, spec)));

const listed = (list: readonly Informer[]): Informers => ({ places: placesOf(list), list });

let latestPlaces: Informers['places'] = {};

/** Five thousand kubelets follow streams of the same names: they share one answer. */
function placesOf(list: readonly Informer[]): Informers['places'] {
  const isSame =
    Object.keys(latestPlaces).length === list.length &&
    list.every(({ stream }, place) => latestPlaces[stream] === place);
  if (!isSame) latestPlaces = Object.fromEntries(list.map(({ stream }, place) => [stream, place]));
  return latestPlaces;
}

const newInformer = (userAgent: string, { resource, stream = resource, scope }: InformerSpec): Informer => ({
  stream,
  resource,
  userAgent,
  scope,
  phase: 'listing',
  failures: 0,
  synced: false,
  view: emptyView(resource),
});

/** Informers that have been told of these views, each under its resource's name. */
export const informersOf = (views: readonly View[]): Informers =>
  listed(views.map((view) => ({ ...newInformer('', { resource: view.resource }), synced: true, view })));

/** One more, which begins with its list; the same where there is one of that name. */
export function withInformer(informers: Informers, userAgent: string, spec: InformerSpec): InformerStep {
  if (informerNamed(informers, spec.stream ?? spec.resource) !== undefined)
    return { informers, deltas: none, requests: none };
  const informer = newInformer(userAgent, spec);
  return {
    informers: listed([...informers.list, informer]),
    deltas: none,
    requests: [listRequest(informer)],
  };
}

/** One less: its watch is closed, and what still comes for it is nobody's. */
export function withoutInformer(informers: Informers, stream: string): InformerStep {
  if (informerNamed(informers, stream) === undefined) return { informers, deltas: none, requests: none };
  return {
    informers: listed(informers.list.filter((informer) => informer.stream !== stream)),
    deltas: none,
    requests: [{ do: 'unwatch', stream }],
  };
}

export function informerNamed(informers: Informers, stream: string): Informer | undefined {
  const place = informers.places[stream];
  return place === undefined ? undefined : informers.list[place];
}

/** The view of a resource that an informer of that name holds. */
export function viewOf<R extends keyof ResourceTypes>(
  informers: Informers,
  resource: R,
  stream: string = resource,
): View<R> {
  const informer = informerNamed(informers, stream);
  if (informer === undefined) throw new Error(`no informer ${stream}`);
  return informer.view as unknown as View<R>;
}

export const allSynced = (informers: Informers): boolean =>
  informers.list.every((informer) => informer.synced);

export interface InformerStep {
  readonly informers: Informers;
  readonly deltas: readonly Delta[];
  readonly requests: readonly ClientRequest<InformerTag>[];
}

const none: readonly never[] = [];

/** What an event means for the informers; undefined when it is none of theirs. `start` begins them all. */
export function reduceInformers(
  informers: Informers,
  event: ClientEvent<{ readonly of: string }>,
): InformerStep | undefined {
  switch (event.type) {
    case 'start':
      return { informers, deltas: none, requests: informers.list.map(listRequest) };
    case 'watch': {
      const informer = informerNamed(informers, event.stream);
      return informer === undefined ? undefined : onWatch(informers, informer, event.event);
    }
    case 'watchClosed': {
      const informer = informerNamed(informers, event.stream);
      return informer === undefined ? undefined : onClosed(informers, informer);
    }
    case 'answer':
    case 'timer': {
      if (!isOurs(event.tag)) return undefined;
      const informer = informerNamed(informers, event.tag.stream);
      if (informer === undefined) return { informers, deltas: none, requests: none };
      if (event.type === 'answer') return onListed(informers, informer, event.answer);
      return changed(informers, { ...informer, phase: 'listing' }, none, [listRequest(informer)]);
    }
  }
}

const isOurs = (tag: { readonly of: string }): tag is InformerTag => tag.of === 'informer';

function changed(
  informers: Informers,
  informer: Informer,
  deltas: readonly Delta[],
  requests: readonly ClientRequest<InformerTag>[],
): InformerStep {
  const list = informers.list.slice();
  list[informers.places[informer.stream] ?? list.length] = informer;
  return { informers: { places: informers.places, list }, deltas, requests };
}

const listRequest = (informer: Informer): ClientRequest<InformerTag> => ({
  do: 'call',
  tag: { of: 'informer', stream: informer.stream },
  userAgent: informer.userAgent,
  request: {
    verb: 'list',
    resource: informer.resource,
    fieldSelector: informer.scope?.fieldSelector,
    resourceVersion: '0',
  },
});

const watchRequest = (informer: Informer, resourceVersion: string): ClientRequest<InformerTag> => ({
  do: 'watch',
  stream: informer.stream,
  userAgent: informer.userAgent,
  request: {
    verb: 'watch',
    resource: informer.resource,
    fieldSelector: informer.scope?.fieldSelector,
    resourceVersion,
    allowWatchBookmarks: true,
  },
});

/** The cache is replaced by what was listed; handlers hear the difference. */
function onListed(informers: Informers, informer: Informer, answer: ApiAnswer): InformerStep {
  if (!answer.ok || answer.list === undefined) return retryLater(informers, informer);
  const { view, resourceVersion } = answer.list;
  const deltas = replacement(informer, view);
  const next: Informer = { ...informer, phase: 'watching', failures: 0, synced: true, view };
  return changed(informers, next, deltas, [watchRequest(next, resourceVersion)]);
}

function onWatch(informers: Informers, informer: Informer, event: WatchEvent): InformerStep {
  if (event.type === 'ERROR') return relist(informers, informer);
  const next = withView(informer, event.view);
  if (event.type === 'BOOKMARK') return changed(informers, next, none, none);
  const object = event.object as ApiObject;
  const key = keyOf(object);
  const before = event.before ?? informer.view.objects.get(key);
  // A stream that follows a part of a resource hears of an object that came into it as ADDED, whatever it knew before.
  const type = event.type === 'DELETED' ? 'deleted' : event.type === 'ADDED' ? 'added' : 'updated';
  return changed(informers, next, [{ stream: informer.stream, type, key, object, before }], none);
}

/** A literal: this is done for every event of every watch. */
const withView = (informer: Informer, view: View): Informer => ({
  stream: informer.stream,
  resource: informer.resource,
  userAgent: informer.userAgent,
  scope: informer.scope,
  phase: informer.phase,
  failures: informer.failures,
  synced: informer.synced,
  view,
});

/** The server ended the stream in order: watch again from where it stopped; it says 410 where that is too old. */
function onClosed(informers: Informers, informer: Informer): InformerStep {
  if (informer.phase !== 'watching') return changed(informers, informer, none, none);
  return relist(informers, informer);
}

function relist(informers: Informers, informer: Informer): InformerStep {
  return retryLater(informers, informer);
}

/** Reflector back-off: 0.8 s doubling to 30 s (client-go tools/cache/reflector.go, without its jitter). */
function backoff(failures: number): Duration {
  let delay = 0.8 * second;
  for (let i = 0; i < failures && delay < 30 * second; i++) delay *= 2;
  return Math.min(delay, 30 * second);
}

function retryLater(informers: Informers, informer: Informer): InformerStep {
  const timer: ClientRequest<InformerTag> = {
    do: 'timer',
    tag: { of: 'informer', stream: informer.stream },
    after: backoff(informer.failures),
  };
  return changed(informers, { ...informer, phase: 'waiting', failures: informer.failures + 1 }, none, [
    timer,
  ]);
}

/** What a list has otherwise than the cache: in key order, as DeltaFIFO's Replace tells it. */
function replacement(informer: Informer, view: View): readonly Delta[] {
  const { scope, stream } = informer;
  const deltas: Delta[] = [];
  if (scope === undefined) {
    for (const { key, before, after } of informer.view.objects.difference(view.objects))
      deltas.push(...deltaOf(stream, key, before, after));
    return deltas;
  }
  const keys = new Set([
    ...informer.view.objects.keysOf(scope.index, scope.term),
    ...view.objects.keysOf(scope.index, scope.term),
  ]);
  const inScope = new Set(view.objects.keysOf(scope.index, scope.term));
  const wasInScope = new Set(informer.view.objects.keysOf(scope.index, scope.term));
  for (const key of [...keys].sort()) {
    const before = wasInScope.has(key) ? informer.view.objects.get(key) : undefined;
    const after = inScope.has(key) ? view.objects.get(key) : undefined;
    if (before !== after) deltas.push(...deltaOf(stream, key, before, after));
  }
  return deltas;
}

function deltaOf(
  stream: string,
  key: ObjectKey,
  before: ApiObject | undefined,
  after: ApiObject | undefined,
): readonly Delta[] {
  if (after === undefined)
    return before === undefined ? [] : [{ stream, type: 'deleted', key, object: before, before }];
  return [{ stream, type: before === undefined ? 'added' : 'updated', key, object: after, before }];
}
