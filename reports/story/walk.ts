/**
 * Walks in the causal graph of a trace. An event's cause is one hop: a message's sending, or a timer's setting. Between
 * two decisions lie many such hops (request, etcd, watch cache, watch); these walks go from commit to commit.
 */
import { eventAt, kindAt, recordsAt, type Effects, type TraceIndex } from '../trace/trace-index.ts';
import type { EventKind, RequestEvent } from '../trace/event.ts';
import { isWrite, type WriteRecord } from '../trace/registry.ts';

/** What moved a client to ask for something. */
export interface Trigger {
  readonly kind: 'watch' | 'answer' | 'timer' | 'start' | 'fault' | 'action';
  /** The event at the client that it heard, or that woke it. */
  readonly event: number;
  readonly at: number;
  /** Timers of the client between the trigger and the request, the last one first. */
  readonly timers: readonly string[];
  /** The event at etcd that committed what the client heard of; undefined where it heard of no commit. */
  readonly commit: number | undefined;
}

/** What an event at etcd has written. */
export function writesAt(index: TraceIndex, event: number): readonly WriteRecord[] {
  return kindAt(index, event) === 'etcd' ? recordsAt(index, event).filter(isWrite) : [];
}

/** The client's request that an event at etcd serves; undefined where the apiserver acted of its own accord. */
export function requestOf(index: TraceIndex, etcdEvent: number): RequestEvent | undefined {
  for (let id = etcdEvent; id !== 0; id = index.cause[id] ?? 0) {
    const kind = kindAt(index, id);
    if (kind === 'request') return requestAt(index, id);
    if (kind !== 'etcd' && kind !== 'etcdAnswer') return parkedRequestOf(index, etcdEvent);
  }
  return undefined;
}

function requestAt(index: TraceIndex, id: number): RequestEvent | undefined {
  const event = eventAt(index, id);
  return event.kind === 'request' ? event : undefined;
}

/** An apiserver holds requests back for as long as its caches are not filled: some thousand events at its start. */
const longestParked = 10_000;

/**
 * The request of an event at etcd whose cause is what the apiserver had waited for. Who gets the answer had asked.
 */
function parkedRequestOf(index: TraceIndex, etcdEvent: number): RequestEvent | undefined {
  const answered = nextEffect(index, etcdEvent, 'etcdAnswer');
  const answerId = answered === undefined ? undefined : nextEffect(index, answered, 'answer');
  const answer = answerId === undefined ? undefined : eventAt(index, answerId);
  if (answer?.kind !== 'answer') return undefined;
  for (let id = etcdEvent - 1; id > 0 && id > etcdEvent - longestParked; id--) {
    const request = kindAt(index, id) === 'request' ? requestAt(index, id) : undefined;
    if (request === undefined || request.from !== answer.process || request.verb !== answer.verb) continue;
    const isSame = request.key === answer.key || request.key.endsWith('*');
    if (isSame && request.resource === answer.resource && request.subresource === answer.subresource)
      return request;
  }
  return undefined;
}

/** The first event of a kind that an event caused, if it came soon. */
function nextEffect(index: TraceIndex, cause: number, kind: EventKind): number | undefined {
  const end = Math.min(index.events, cause + longestParked);
  for (let id = cause + 1; id <= end; id++)
    if (index.cause[id] === cause && kindAt(index, id) === kind) return id;
  return undefined;
}

/** True for a process whose deeds have no cause inside the cluster: a person, a workload trace, the world. */
function isOutside(index: TraceIndex, process: number): boolean {
  const kind = index.processes.get(process)?.kind;
  return kind === 'user' || kind === 'workload' || kind === 'world';
}

/**
 * What moved a client to what it did at one of its events (a request's cause is such an event); undefined where the
 * trace does not reach back so far. `about` is the key of what it did it to: an answer about another object only let
 * the client go on (with the next Pod of a batch, say), and what had moved it lies behind.
 */
export function triggerOf(index: TraceIndex, clientEvent: number, about: string): Trigger | undefined {
  const timers: string[] = [];
  const trigger = (kind: Trigger['kind'], event: number, commit?: number): Trigger => ({
    kind,
    event,
    at: index.at[event] ?? 0,
    timers,
    commit,
  });
  let passed: Trigger | undefined;
  let hops = 0;
  for (let id = clientEvent; id !== 0 && hops < farthestTrigger; id = index.cause[id] ?? 0) {
    hops++;
    if (isOutside(index, index.process[id] ?? 0)) return trigger('action', id);
    const kind = kindAt(index, id);
    if (kind === 'watch') return trigger('watch', id, commitBehindWatch(index, id));
    if (kind === 'start' || kind === 'fault') return passed ?? trigger(kind, id);
    if (kind === 'answer') {
      const commit = commitBehindAnswer(index, id);
      if (commit !== undefined && writesAt(index, commit).some(({ key }) => key === about))
        return trigger('answer', id, commit);
      if (commit !== undefined) passed ??= trigger('answer', id, commit);
    }
    if (kind === 'timer') {
      timers.push(whatOf(index, id));
      if (index.cause[id] === 0) return trigger('timer', id);
    }
  }
  return passed;
}

function whatOf(index: TraceIndex, timer: number): string {
  const event = eventAt(index, timer);
  return event.kind === 'timer' ? event.what : '';
}

/** The event at etcd that committed what a watch event tells. */
export function commitBehindWatch(index: TraceIndex, watch: number): number | undefined {
  const cache = index.cause[watch] ?? 0;
  if (cache === 0 || kindAt(index, cache) !== 'etcdWatch') return undefined;
  const commit = index.cause[cache] ?? 0;
  return commit !== 0 && kindAt(index, commit) === 'etcd' ? commit : undefined;
}

/** The last thing that was written on the way from a request to its answer. */
function commitBehindAnswer(index: TraceIndex, answer: number): number | undefined {
  for (let id = index.cause[answer] ?? 0; id !== 0; id = index.cause[id] ?? 0) {
    const kind = kindAt(index, id);
    if (kind !== 'etcd' && kind !== 'etcdAnswer') return undefined;
    if (kind === 'etcd' && writesAt(index, id).length > 0) return id;
  }
  return undefined;
}

/** No commit moves more components than this at once in a story a person would read. */
const mostVisited = 20_000;

/** A queue that is worked off may be one long chain of answers; its beginning is then out of sight. */
const farthestTrigger = 10_000;

/**
 * The events at etcd whose writes may be consequences of a commit, ascending: those of the clients that heard of it, and
 * what they went on to do when they were answered. Which of them the commit moved, `triggerOf` says.
 */
export function commitsCausedBy(index: TraceIndex, effects: Effects, commit: number): readonly number[] {
  const found: number[] = [];
  const open = [...effects.of(commit)];
  for (let visited = 0; open.length > 0 && visited < mostVisited; visited++) {
    const id = open.pop() ?? 0;
    if (isOutside(index, index.process[id] ?? 0)) continue;
    const isCommit = kindAt(index, id) === 'etcd' && writesAt(index, id).length > 0;
    if (isCommit) found.push(id);
    for (const effect of effects.of(id))
      if (!isCommit || kindAt(index, effect) === 'etcdAnswer') open.push(effect);
  }
  return found.sort((a, b) => a - b);
}
