/**
 * The watch cache of one resource: its objects as etcd's watch has told of them so far, the recent changes, and who
 * follows them. Every apiserver has its own, as old as its own stream. (kubernetes v1.34.1
 * staging/src/k8s.io/apiserver/pkg/storage/cacher/watch_cache.go)
 */
import type { ResourceInfo } from '../api/kinds.ts';
import { keyOf, revisionOf, stampRevision, type ApiObject, type ObjectKey } from '../api/object.ts';
import { emptyView, entriesIn, withObject, withoutObject, type View } from '../api/view.ts';
import { Log } from '../collections/log.ts';
import type { EtcdEvent, KeyValue } from '../etcd/message.ts';
import { prefixEnd } from '../etcd/order.ts';
import { assert } from '../reducer.ts';
import { second, type VirtualTime } from '../time/time.ts';
import { shown } from './custom/versions.ts';
import type { ApiserverEvent } from './message.ts';
import type { Ask } from './state.ts';
import { noWatchers, type Watchers } from './watchers.ts';

/** What came before the cache was ready. */
export type WaitingEvent = Extract<ApiserverEvent<never>, { readonly type: 'request' | 'watch' }>;

/** One change of one object. */
export interface Change {
  readonly revision: number;
  readonly at: VirtualTime;
  readonly key: ObjectKey;
  /** After the change; of a deleted object the last state, with the deletion's resourceVersion. */
  readonly object: ApiObject;
  readonly before: ApiObject | undefined;
  readonly deleted: boolean;
}

export interface WatchCache {
  readonly info: ResourceInfo;
  /** `idle`: nobody has asked yet (Events only). Requests wait until it is `ready`. */
  readonly phase: 'idle' | 'listing' | 'ready';
  readonly view: View;
  /** Changes that a watch from an older revision is told, oldest first. */
  readonly history: Log<Change>;
  /** How many changes are kept now. */
  readonly capacity: number;
  /** What the first list was current at: earlier revisions are too old for a watch. */
  readonly listRevision: number;
  readonly watchers: Watchers;
  readonly waiting: Log<WaitingEvent>;
  /** False: the definition of this custom resource is gone, or its names are not its own. */
  readonly served: boolean;
}

const leastCapacity = 100;
const mostCapacity = 100 * 1024;
/** Changes younger than this are kept if there is room. */
const freshFor = 75 * second;

export const newWatchCache = (info: ResourceInfo): WatchCache => ({
  info,
  phase: 'idle',
  view: emptyView(info.resource),
  history: Log.empty(),
  capacity: leastCapacity,
  listRevision: 0,
  watchers: noWatchers,
  waiting: Log.empty(),
  served: true,
});

/** What a cache begins with. */
export const listFromEtcd = ({ info }: WatchCache): Ask => ({
  do: 'etcd',
  tag: { of: 'list', resource: info.resource },
  request: { type: 'range', key: info.registryPrefix, rangeEnd: prefixEnd(info.registryPrefix) },
});

/** The cache after a list: nothing that was before it can be watched any more. */
export function withList(
  cache: WatchCache,
  kvs: readonly KeyValue<ApiObject>[],
  revision: number,
): WatchCache {
  return {
    ...cache,
    phase: 'ready',
    view: viewOf(cache.view, cache.info, undefined, kvs, revision),
    history: Log.empty(),
    capacity: leastCapacity,
    listRevision: revision,
  };
}

/**
 * The view in which the namespace (or everything) is what etcd listed. What `base` has already is kept as it is: the two
 * are walked together, in the order of their keys, which is the same.
 */
export function viewOf(
  base: View,
  info: ResourceInfo,
  namespace: string | undefined,
  kvs: readonly KeyValue<ApiObject>[],
  revision: number,
): View {
  let { objects } = base;
  const cached = entriesIn(base, namespace);
  let at = cached.next();
  for (const { key, value, modRevision } of kvs) {
    // Nearly always both have the very same object.
    if (at.done !== true && at.value[1] === value) {
      at = cached.next();
      continue;
    }
    const objectKey = key.slice(info.registryPrefix.length);
    for (; at.done !== true && at.value[0] < objectKey; at = cached.next())
      objects = objects.delete(at.value[0]);
    const known = at.done !== true && at.value[0] === objectKey ? at.value[1] : undefined;
    if (known === undefined || revisionOf(known) !== modRevision)
      objects = objects.set(objectKey, info.custom === undefined ? value : shown(info, value, undefined));
    if (known !== undefined) at = cached.next();
  }
  for (; at.done !== true; at = cached.next()) objects = objects.delete(at.value[0]);
  return { resource: base.resource, revision, objects };
}

/** The change that an event of etcd's watch makes; undefined when it tells of nothing the cache has. */
export function changeOf(
  cache: WatchCache,
  event: EtcdEvent<ApiObject>,
  at: VirtualTime,
): Change | undefined {
  assert(event.modRevision >= cache.view.revision, `${cache.info.resource}: revisions of a watch only grow`);
  const revision = event.modRevision;
  if (event.type === 'PUT' && event.kv !== undefined) {
    const { value } = event.kv;
    const object = cache.info.custom === undefined ? value : shown(cache.info, value, undefined);
    // Not a slice of etcd's key: a text that points into another is compared four times slower, at every step of a search.
    const key = keyOf(object);
    const before = event.prevKv === undefined ? cache.view.objects.get(key) : event.prevKv.value;
    return { revision, at, key, object, before, deleted: false };
  }
  const key = event.key.slice(cache.info.registryPrefix.length);
  const before = cache.view.objects.get(key);
  if (before === undefined) return undefined;
  return { revision, at, key, object: stampRevision(before, revision), before, deleted: true };
}

export function withChange(cache: WatchCache, change: Change): WatchCache {
  const { view } = cache;
  const capacity = capacityFor(cache, change.at);
  const history = cache.history.append(change);
  return {
    info: cache.info,
    phase: cache.phase,
    view: change.deleted
      ? withoutObject(view, change.key, change.revision)
      : withObject(view, change.key, change.object, change.revision, change.before),
    history: history.length > capacity ? history.dropBefore(history.end - capacity) : history,
    capacity,
    listRevision: cache.listRevision,
    watchers: cache.watchers,
    waiting: cache.waiting,
    served: cache.served,
  };
}

/** Doubled when full of fresh changes, halved when three quarters of a full one are stale. (resizeCacheLocked) */
function capacityFor({ history, capacity }: WatchCache, now: VirtualTime): number {
  if (history.length < capacity) return capacity;
  if (isFresh(history.get(history.first), now)) return Math.min(capacity * 2, mostCapacity);
  if (!isFresh(history.get(history.end - Math.floor(capacity / 4)), now))
    return Math.max(Math.floor(capacity / 2), leastCapacity);
  return capacity;
}

const isFresh = (change: Change | undefined, now: VirtualTime): boolean =>
  change === undefined || now - change.at < freshFor;

/** The oldest revision a watch may begin after. */
export function oldestRevision({ history, listRevision }: WatchCache): number {
  const oldest = history.get(history.first);
  return history.first === 0 || oldest === undefined ? listRevision : oldest.revision - 1;
}

/** The changes after a revision, in order. */
export function changesAfter({ history }: WatchCache, revision: number): readonly Change[] {
  return [...history.from(history.search((change) => change.revision > revision))];
}

/** The view as it was before a change, from the view right after it. */
export function viewBefore(view: View, change: Change): View {
  return change.before === undefined
    ? withoutObject(view, change.key, change.revision - 1)
    : withObject(view, change.key, change.before, change.revision - 1);
}
