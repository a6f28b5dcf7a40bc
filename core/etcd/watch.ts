/**
 * Watches and the streams that carry them. A watch that begins in the past is answered at once with all that has
 * happened since; from then on each commit is told to the watches that want it, found by key (interest.ts). A stream
 * gives its events in the order of revisions, and those of one revision in the order they were written.
 * etcd v3.6.4 server/etcdserver/api/v3rpc/watch.go and server/storage/mvcc/watchable_store.go
 */
import { OrderedMap } from '../collections/ordered-map.ts';
import { addInterest, interestedIn, noInterest, removeInterest, type Interest } from './interest.ts';
import type { EtcdEvent, EtcdServerRequest, EtcdStreamId, WatchCreate, WatchResponse } from './message.ts';
import { boundsOf, orderKey, type Bounds } from './order.ts';
import { eventsAt, type Store } from './store.ts';

export interface Watch {
  readonly stream: EtcdStreamId;
  readonly id: number;
  /** In order of creation, over all streams. */
  readonly number: number;
  readonly bounds: Bounds;
  /** As it was asked for: 0 is the next revision. */
  readonly startRevision: number;
  readonly prevKv: boolean;
  readonly progressNotify: boolean;
  readonly noPut: boolean;
  readonly noDelete: boolean;
  /** Canceled because its start was compacted: it hears nothing, but stays in its stream until the client cancels it. */
  readonly compacted: boolean;
}

export interface WatchStream {
  readonly watches: OrderedMap<number, Watch>;
  /** The next automatic id, if no watch has it. */
  readonly nextId: number;
  /** A timer for its periodic notifications is under way. */
  readonly ticking: boolean;
}

export interface Watches {
  readonly streams: OrderedMap<EtcdStreamId, WatchStream>;
  readonly interest: Interest;
  /** Numbers of the watches with progress_notify that have had an event since the last periodic notification was due. */
  readonly busy: OrderedMap<number, true>;
  readonly nextNumber: number;
}

export const noWatches = (): Watches => ({
  streams: OrderedMap.empty(),
  interest: noInterest(),
  busy: OrderedMap.empty(),
  nextNumber: 1,
});

type Deliver<V> = Extract<EtcdServerRequest<V>, { do: 'deliver' }>;

/** The watches afterwards, and what their streams carry. */
export interface WatchOutcome<V> {
  readonly watches: Watches;
  readonly deliveries: readonly Deliver<V>[];
}

const deliver = <V>(stream: EtcdStreamId, response: WatchResponse<V>): Deliver<V> => ({
  do: 'deliver',
  stream,
  response,
});

const emptyStream: WatchStream = { watches: OrderedMap.empty(), nextId: 0, ticking: false };

/** Creates a watch. A refusal is told by a response that is both created and canceled, with the id -1. */
export function createWatch<V>(
  watches: Watches,
  store: Store<V>,
  stream: EtcdStreamId,
  create: WatchCreate,
): WatchOutcome<V> {
  const open = watches.streams.get(stream) ?? emptyStream;
  // An empty key is the smallest one.
  const bounds = boundsOf(create.key === '' ? '\0' : create.key, create.rangeEnd);
  const refusal = refusalOf(open, bounds, create);
  const revision = store.revision;
  if (refusal !== undefined) {
    const response = {
      revision,
      watchId: -1,
      created: true,
      canceled: true,
      cancelReason: refusal,
      events: [],
    };
    return { watches, deliveries: [deliver(stream, response)] };
  }
  const automatic = (create.watchId ?? 0) === 0;
  const id = automatic ? freeId(open) : (create.watchId ?? 0);
  const startRevision = create.startRevision ?? 0;
  const behind = startRevision !== 0 && startRevision <= revision;
  const compacted = behind && startRevision < store.compactRevision;
  const watch: Watch = {
    stream,
    id,
    number: watches.nextNumber,
    bounds,
    startRevision,
    prevKv: create.prevKv === true,
    progressNotify: create.progressNotify === true,
    noPut: create.noPut === true,
    noDelete: create.noDelete === true,
    compacted,
  };
  const created = deliver<V>(stream, { revision, watchId: id, created: true, events: [] });
  const nextId = automatic ? id + 1 : open.nextId;
  const added: Watches = {
    streams: watches.streams.set(stream, {
      watches: open.watches.set(id, watch),
      nextId,
      ticking: open.ticking,
    }),
    interest: compacted ? watches.interest : addInterest(watches.interest, watch),
    busy: watches.busy,
    nextNumber: watches.nextNumber + 1,
  };
  if (!behind) return { watches: added, deliveries: [created] };
  if (compacted)
    return { watches: added, deliveries: [created, compactedResponse(watch, store.compactRevision)] };
  const past = history(watch, store);
  return { watches: past.length === 0 ? added : marked(added, watch), deliveries: [created, ...past] };
}

function refusalOf(open: WatchStream, bounds: Bounds, create: WatchCreate): string | undefined {
  if (!bounds.single && bounds.to !== undefined && bounds.from >= bounds.to)
    return 'mvcc: watcher range is empty';
  const id = create.watchId ?? 0;
  if (id !== 0 && open.watches.get(id) !== undefined)
    return 'mvcc: duplicate watch ID provided on the WatchStream';
  return undefined;
}

function freeId(open: WatchStream): number {
  let id = open.nextId;
  while (open.watches.get(id) !== undefined) id++;
  return id;
}

const compactedResponse = <V>(watch: Watch, compactRevision: number): Deliver<V> =>
  deliver(watch.stream, { revision: 0, watchId: watch.id, canceled: true, compactRevision, events: [] });

/** The most revisions in one response about the past. */
const batchRevisions = 1_000;

function history<V>(watch: Watch, store: Store<V>): readonly Deliver<V>[] {
  const deliveries: Deliver<V>[] = [];
  let batch: EtcdEvent<V>[] = [];
  let revisions = 0;
  for (let at = Math.max(watch.startRevision, store.log.first); at < store.log.end; at++) {
    const before = batch.length;
    for (const event of eventsAt(store, at))
      if (wants(watch, event)) batch.push(asTold(watch, event, store.compactRevision));
    if (batch.length > before) revisions++;
    if (revisions < batchRevisions) continue;
    deliveries.push(deliver(watch.stream, { revision: store.revision, watchId: watch.id, events: batch }));
    batch = [];
    revisions = 0;
  }
  if (batch.length > 0)
    deliveries.push(deliver(watch.stream, { revision: store.revision, watchId: watch.id, events: batch }));
  return deliveries;
}

function wants<V>(watch: Watch, event: EtcdEvent<V>): boolean {
  if (!passes(watch, event)) return false;
  const { single, from, to } = watch.bounds;
  const key = orderKey(event.key);
  return single ? key === from : key >= from && (to === undefined || key < to);
}

const passes = <V>(watch: Watch, event: EtcdEvent<V>): boolean =>
  !(event.type === 'PUT' ? watch.noPut : watch.noDelete);

/** The event with a previous key only if that was asked for and can still be read, one revision earlier. */
function asTold<V>(watch: Watch, event: EtcdEvent<V>, compactRevision: number): EtcdEvent<V> {
  if (event.prevKv === undefined) return event;
  if (watch.prevKv && event.modRevision > compactRevision) return event;
  return {
    type: event.type,
    key: event.key,
    modRevision: event.modRevision,
    kv: event.kv,
    prevKv: undefined,
  };
}

/** Tells a commit to the watches that want it: one response for each, with all of its events. */
export function dispatch<V>(
  watches: Watches,
  store: Store<V>,
  events: readonly EtcdEvent<V>[],
): WatchOutcome<V> {
  const only = events.length === 1 ? events[0] : undefined;
  return only === undefined ? dispatchAll(watches, store, events) : dispatchOne(watches, store, only, events);
}

/** The usual commit writes one key: nothing needs to be put together, and who is told all is handed the same list. */
function dispatchOne<V>(
  watches: Watches,
  store: Store<V>,
  event: EtcdEvent<V>,
  alone: readonly EtcdEvent<V>[],
): WatchOutcome<V> {
  let deliveries: Deliver<V>[] = [];
  let after = watches;
  for (const watch of interestedIn(watches.interest, orderKey(event.key))) {
    if (event.modRevision < watch.startRevision || !passes(watch, event)) continue;
    const heard = asTold(watch, event, store.compactRevision);
    const events = heard === event ? alone : [heard];
    const delivery = deliver(watch.stream, { revision: store.revision, watchId: watch.id, events });
    if (deliveries.length === 0) deliveries = [delivery];
    else deliveries.push(delivery);
    after = marked(after, watch);
  }
  return { watches: after, deliveries };
}

function dispatchAll<V>(watches: Watches, store: Store<V>, events: readonly EtcdEvent<V>[]): WatchOutcome<V> {
  const told = new Map<Watch, EtcdEvent<V>[]>();
  for (const event of events)
    for (const watch of interestedIn(watches.interest, orderKey(event.key))) {
      if (event.modRevision < watch.startRevision || !passes(watch, event)) continue;
      const heard = asTold(watch, event, store.compactRevision);
      const soFar = told.get(watch);
      if (soFar === undefined) told.set(watch, [heard]);
      else soFar.push(heard);
    }
  const deliveries: Deliver<V>[] = [];
  let after = watches;
  for (const [watch, heard] of told) {
    deliveries.push(deliver(watch.stream, { revision: store.revision, watchId: watch.id, events: heard }));
    after = marked(after, watch);
  }
  return { watches: after, deliveries };
}

function marked(watches: Watches, watch: Watch): Watches {
  if (!watch.progressNotify || watches.busy.get(watch.number) === true) return watches;
  return { ...watches, busy: watches.busy.set(watch.number, true) };
}

/** Cancels a watch and confirms it; a watch that is not there is not answered. */
export function cancelWatch<V>(
  watches: Watches,
  store: Store<V>,
  stream: EtcdStreamId,
  id: number,
): WatchOutcome<V> {
  const open = watches.streams.get(stream);
  const watch = open?.watches.get(id);
  if (open === undefined || watch === undefined) return { watches, deliveries: [] };
  const streams = watches.streams.set(stream, { ...open, watches: open.watches.delete(id) });
  const confirmed = deliver<V>(stream, { revision: store.revision, watchId: id, canceled: true, events: [] });
  return { watches: { ...forgotten(watches, watch), streams }, deliveries: [confirmed] };
}

const forgotten = (watches: Watches, watch: Watch): Watches => ({
  ...watches,
  interest: watch.compacted ? watches.interest : removeInterest(watches.interest, watch),
  busy: watches.busy.delete(watch.number),
});

/** Forgets a stream that is gone, with all its watches. */
export function closeStream(watches: Watches, stream: EtcdStreamId): Watches {
  const open = watches.streams.get(stream);
  if (open === undefined) return watches;
  let after = watches;
  for (const watch of open.watches.values()) after = forgotten(after, watch);
  return { ...after, streams: watches.streams.delete(stream) };
}

/**
 * Answers a progress request, with the id -1: once for the stream, and only if every watch of it has reached its start
 * and none was canceled by a compaction; otherwise there is silence.
 */
export function progress<V>(watches: Watches, store: Store<V>, stream: EtcdStreamId): readonly Deliver<V>[] {
  const all = [...(watches.streams.get(stream)?.watches.values() ?? [])];
  const upToDate = all.length > 0 && all.every((watch) => isUpToDate(watch, store));
  return upToDate ? [deliver(stream, { revision: store.revision, watchId: -1, events: [] })] : [];
}

const isUpToDate = <V>(watch: Watch, store: Store<V>): boolean =>
  !watch.compacted && store.revision >= watch.startRevision;

/** Whether the stream has a watch that wants periodic notifications. */
export function wantsProgress(watches: Watches, stream: EtcdStreamId): boolean {
  for (const watch of watches.streams.get(stream)?.watches.values() ?? [])
    if (watch.progressNotify) return true;
  return false;
}

/** Whether the stream wants periodic notifications and no timer for them is under way. */
export const isDueToTick = (watches: Watches, stream: EtcdStreamId): boolean =>
  watches.streams.get(stream)?.ticking === false && wantsProgress(watches, stream);

/** The watches with the word whether the stream's timer is under way. */
export function ticking(watches: Watches, stream: EtcdStreamId, underWay: boolean): Watches {
  const open = watches.streams.get(stream);
  if (open === undefined) return watches;
  return { ...watches, streams: watches.streams.set(stream, { ...open, ticking: underWay }) };
}

/** The periodic notifications of a stream: for its watches with progress_notify that have had no event since the last time. */
export function periodicProgress<V>(
  watches: Watches,
  store: Store<V>,
  stream: EtcdStreamId,
): WatchOutcome<V> {
  const deliveries: Deliver<V>[] = [];
  let busy = watches.busy;
  for (const watch of watches.streams.get(stream)?.watches.values() ?? []) {
    if (!watch.progressNotify) continue;
    if (busy.get(watch.number) === true) busy = busy.delete(watch.number);
    else if (isUpToDate(watch, store))
      deliveries.push(deliver(stream, { revision: store.revision, watchId: watch.id, events: [] }));
  }
  return { watches: { ...watches, busy }, deliveries };
}
