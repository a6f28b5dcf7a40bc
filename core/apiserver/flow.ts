/**
 * What serving costs, and how much of it is taken on. A server has so many cores; what it does for a request or for an
 * event of etcd's watch takes one of them for a time, and what finds none free waits in the order in which it came. So an
 * overloaded server answers late, its watch cache falls behind, and its watchers hear late. Requests under way are counted: one
 * too many is answered 429, and its client asks again a second later. Nothing of this is done where nothing is said about
 * it. (kubernetes v1.34.1 apiserver/pkg/server/filters/maxinflight.go)
 */
import type { Status } from '../api/request.ts';
import { Log } from '../collections/log.ts';
import { OrderedMap } from '../collections/ordered-map.ts';
import type { Duration, VirtualTime } from '../time/time.ts';
import { identify } from './access.ts';
import { mastersGroup } from './authentication/identities.ts';
import type { ApiserverEvent, CallId } from './message.ts';
import {
  cacheAt,
  placeOf,
  refuse,
  type ApiserverState,
  type ApiserverStep,
  type ApiserverTag,
} from './state.ts';

type Event = ApiserverEvent<ApiserverTag>;
type RequestEvent = Extract<Event, { readonly type: 'request' }>;

/** What one core needs for each. */
export interface RequestCosts {
  /** A get, the begin of a list or a watch. */
  readonly read: Duration;
  /** Each object of the resource that is listed, whatever is selected of it. */
  readonly listedObject: Duration;
  /** Whatever changes something: admission, validation, encoding. */
  readonly write: Duration;
  /** An event of etcd's watch, for the cache and once more for every watcher that is told. */
  readonly watchEvent: Duration;
}

export interface FlowSpec {
  readonly cores: number;
  readonly cost: RequestCosts;
  /** Requests that only read, watches aside; 0: no limit. */
  readonly maxRequestsInflight: number;
  /** Requests that change something; 0: no limit. */
  readonly maxMutatingRequestsInflight: number;
}

/** The work of a server that has limits, as a value. */
export interface Flow {
  readonly spec: FlowSpec;
  /** When each core is free. */
  readonly freeAt: readonly VirtualTime[];
  /** What waits for a core. */
  readonly waiting: Log<Event>;
  /** The requests that have been taken on and not been answered; true: it changes something. */
  readonly inFlight: OrderedMap<CallId, boolean>;
  /** Answers that a core is still at: their requests are under way until then. */
  readonly leaving: readonly Leaving[];
  /** How many are under way that only read, and how many that change something. */
  readonly reading: number;
  readonly mutating: number;
}

interface Leaving {
  readonly at: VirtualTime;
  readonly mutates: boolean;
}

export const newFlow = (spec: FlowSpec): Flow => ({
  spec,
  freeAt: Array.from({ length: spec.cores }, () => 0),
  waiting: Log.empty(),
  inFlight: OrderedMap.empty((a, b) => a < b),
  leaving: [],
  reading: 0,
  mutating: 0,
});

/** What a server does with an event once a core has it. */
type Serve = (state: ApiserverState, event: Event, now: VirtualTime) => ApiserverStep;

/** An event of a server that has limits. */
export function limited(
  state: ApiserverState,
  flow: Flow,
  event: Event,
  now: VirtualTime,
  serve: Serve,
): ApiserverStep {
  switch (event.type) {
    case 'request': {
      const left = withoutThoseThatLeft(flow, now);
      const known: ApiserverState = { ...state, flow: left };
      return isOneTooMany(known, left, event, now)
        ? refuse(known, event.call, tooManyInFlight)
        : takenOn(counted(known, left, event), event, now, serve);
    }
    case 'watch':
    case 'unwatch':
    case 'etcdWatch':
    case 'etcdWatchClosed':
      return takenOn(state, event, now, serve);
    case 'timer':
      return event.tag.of === 'core'
        ? nextOf(state, flow, now, serve)
        : released(serve(state, event, now), now);
    case 'start':
    case 'etcdAnswer':
      return released(serve(state, event, now), now);
  }
}

const isMutating = ({ request: { verb } }: RequestEvent): boolean => verb !== 'get' && verb !== 'list';

/** A superuser is never turned away. */
function isOneTooMany(state: ApiserverState, flow: Flow, event: RequestEvent, now: VirtualTime): boolean {
  const { maxRequestsInflight, maxMutatingRequestsInflight } = flow.spec;
  const mutates = isMutating(event);
  const most = mutates ? maxMutatingRequestsInflight : maxRequestsInflight;
  const there = mutates ? flow.mutating : flow.reading;
  if (most === 0 || there < most) return false;
  const user = identify(state, event, now);
  return 'code' in user || !user.groups.includes(mastersGroup);
}

/** A plain answer without a Status, as client-go makes one of it. (apimachinery/pkg/api/errors NewGenericServerResponse) */
const tooManyInFlight: Status = {
  kind: 'Status',
  apiVersion: 'v1',
  metadata: {},
  status: 'Failure',
  message: 'the server has received too many requests and has asked us to try again later',
  reason: 'TooManyRequests',
  details: {
    causes: [{ reason: 'UnexpectedServerResponse', message: 'Too many requests, please try again later.' }],
    retryAfterSeconds: 1,
  },
  code: 429,
};

function counted(state: ApiserverState, flow: Flow, event: RequestEvent): ApiserverState {
  const mutates = isMutating(event);
  const inFlight = flow.inFlight.set(event.call, mutates);
  const reading = flow.reading + (mutates ? 0 : 1);
  return { ...state, flow: { ...flow, inFlight, reading, mutating: flow.mutating + (mutates ? 1 : 0) } };
}

function withoutThoseThatLeft(flow: Flow, now: VirtualTime): Flow {
  const gone = flow.leaving.filter(({ at }) => at <= now);
  if (gone.length === 0) return flow;
  const mutating = gone.filter(({ mutates }) => mutates).length;
  return {
    ...flow,
    leaving: flow.leaving.filter(({ at }) => at > now),
    reading: flow.reading - gone.length + mutating,
    mutating: flow.mutating - mutating,
  };
}

/** Served at once where a core is free and nothing waits. */
function takenOn(state: ApiserverState, event: Event, now: VirtualTime, serve: Serve): ApiserverStep {
  const { flow } = state;
  if (flow === undefined) return serve(state, event, now);
  const core = firstFree(flow.freeAt);
  const freeAt = flow.freeAt[core] ?? now;
  if (freeAt <= now && flow.waiting.length === 0) return onCore(state, core, event, now, serve);
  const waits: ApiserverState = { ...state, flow: { ...flow, waiting: flow.waiting.append(event) } };
  if (flow.waiting.length > 0) return { state: waits, requests: [] };
  return { state: waits, requests: [{ do: 'timer', tag: { of: 'core' }, after: freeAt - now }] };
}

/** A core is free: it takes what has waited longest. */
function nextOf(state: ApiserverState, flow: Flow, now: VirtualTime, serve: Serve): ApiserverStep {
  const event = flow.waiting.get(flow.waiting.first);
  if (event === undefined) return { state, requests: [] };
  const waiting = flow.waiting.dropBefore(flow.waiting.first + 1);
  const begun: ApiserverState = { ...state, flow: { ...flow, waiting } };
  const step = onCore(begun, firstFree(flow.freeAt), event, now, serve);
  const next = step.state.flow;
  if (next === undefined || next.waiting.length === 0) return step;
  const after = Math.max(0, (next.freeAt[firstFree(next.freeAt)] ?? now) - now);
  return { ...step, requests: [...step.requests, { do: 'timer', tag: { of: 'core' }, after }] };
}

/** What is asked for leaves the server when the core is done with it. */
function onCore(
  state: ApiserverState,
  core: number,
  event: Event,
  now: VirtualTime,
  serve: Serve,
): ApiserverStep {
  const served = serve(state, event, now);
  if (served.state.flow === undefined) return served;
  const took = costOf(state, served.state.flow.spec.cost, event, served);
  const step = released(served, now + took);
  const { flow } = step.state;
  if (took === 0 || flow === undefined) return step;
  const freeAt = flow.freeAt.map((at, place) => (place === core ? now + took : at));
  return { state: { ...step.state, flow: { ...flow, freeAt } }, requests: step.requests, took };
}

function costOf(state: ApiserverState, cost: RequestCosts, event: Event, step: ApiserverStep): Duration {
  switch (event.type) {
    case 'request': {
      if (isMutating(event)) return cost.write;
      if (event.request.verb !== 'list') return cost.read;
      const place = placeOf(state, event.request.resource);
      const objects = place === undefined ? 0 : cacheAt(state, place).view.objects.size;
      return cost.read + objects * cost.listedObject;
    }
    case 'watch':
      return cost.read;
    case 'etcdWatch':
      return cost.watchEvent * (1 + step.requests.length);
    default:
      return 0;
  }
}

/** Answers make room when they leave. */
function released(step: ApiserverStep, at: VirtualTime): ApiserverStep {
  const { flow } = step.state;
  if (flow === undefined) return step;
  let { inFlight } = flow;
  const leaving: Leaving[] = [];
  for (const request of step.requests) {
    const mutates = request.do === 'answer' ? inFlight.get(request.call) : undefined;
    if (request.do !== 'answer' || mutates === undefined) continue;
    inFlight = inFlight.delete(request.call);
    leaving.push({ at, mutates });
  }
  if (leaving.length === 0) return step;
  const next: Flow = { ...flow, inFlight, leaving: [...flow.leaving, ...leaving] };
  return { ...step, state: { ...step.state, flow: next } };
}

/** The core that is free first. */
function firstFree(freeAt: readonly VirtualTime[]): number {
  let first = 0;
  for (let core = 1; core < freeAt.length; core++)
    if ((freeAt[core] ?? 0) < (freeAt[first] ?? 0)) first = core;
  return first;
}
