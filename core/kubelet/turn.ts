/**
 * A turn is a state being made: the working values of one step of one kubelet. It is opened from a state, changed, and
 * closed into the next state within one call of the reducer; nobody else ever holds it.
 */
import type { ObjectMeta } from '../api/generated/types.ts';
import type { ApiRequest } from '../api/request.ts';
import { fullAfter, waitOf } from '../client/flow-control.ts';
import type { Recollection } from '../client/event-correlator.ts';
import { recordNext, type Occurrence, type Regarding } from '../client/recorder.ts';
import type { Step } from '../reducer.ts';
import { second, type Duration, type VirtualTime } from '../time/time.ts';
import type { KubeletSpec } from './spec.ts';
import {
  userAgent,
  type Draft,
  type Host,
  type KubeletRequest,
  type KubeletState,
  type KubeletTag,
  type Memory,
  type Runtime,
  type WorkerDraft,
} from './state.ts';

export interface Turn {
  readonly spec: KubeletSpec;
  readonly host: Host;
  readonly now: VirtualTime;
  /** What becomes the memory of the next state. */
  readonly memory: Draft<Memory>;
  runtime: Runtime;
  readonly requests: KubeletRequest[];
  /** What the last Event was about. */
  regarding: Regarding | undefined;
}

/** A literal, as all copies here: spreads of objects this wide are slow. */
export const openTurn = ({ spec, host, memory, runtime }: KubeletState, now: VirtualTime): Turn => ({
  spec,
  host,
  now,
  memory: {
    informers: memory.informers,
    recorded: memory.recorded,
    nodeEvents: memory.nodeEvents,
    callsFullAt: memory.callsFullAt,
    eventCallsFullAt: memory.eventCallsFullAt,
    startedAt: memory.startedAt,
    registrationFailures: memory.registrationFailures,
    lease: memory.lease,
    workers: memory.workers,
    used: memory.used,
    pulling: memory.pulling,
    pullerFreeAt: memory.pullerFreeAt,
  },
  runtime,
  requests: [],
  regarding: undefined,
});

export function closeTurn(turn: Turn): Step<KubeletState, KubeletRequest> {
  const { spec, host, memory, runtime, requests } = turn;
  return { state: { spec, host, memory, runtime }, requests };
}

/** Asks the apiserver, when the client's rate limit allows it. */
export function call(turn: Turn, tag: KubeletTag, request: ApiRequest): void {
  const { spec, memory, now } = turn;
  memory.callsFullAt = fullAfter(spec.limits, memory.callsFullAt, now);
  const after = waitOf(spec.limits, memory.callsFullAt, now);
  ask(turn, { do: 'call', tag, request, userAgent, after });
}

export function setTimer(turn: Turn, tag: KubeletTag, after: Duration, background: boolean): void {
  ask(turn, { do: 'timer', tag, after, background });
}

export function ask(turn: Turn, request: KubeletRequest): void {
  turn.requests.push(request);
}

/** An Event of a Pod, or of the part of it that `fieldPath` names. */
export function recordPodEvent(
  turn: Turn,
  worker: WorkerDraft,
  fieldPath: string | undefined,
  occurrence: Occurrence,
): void {
  const regarding = regardingOf(turn, worker.pod.metadata, fieldPath);
  worker.events = recordEvent(turn, worker.events, regarding, occurrence);
}

/** What is told of one part of a Pod in one turn is told of one value. */
function regardingOf(turn: Turn, metadata: ObjectMeta, fieldPath: string | undefined): Regarding {
  const { namespace, name, uid, resourceVersion } = metadata;
  const { regarding } = turn;
  if (
    regarding?.uid === uid &&
    regarding.resourceVersion === resourceVersion &&
    regarding.fieldPath === fieldPath
  )
    return regarding;
  const fresh = { kind: 'Pod', apiVersion: 'v1', namespace, name, uid, resourceVersion, fieldPath };
  turn.regarding = fresh;
  return fresh;
}

/** Writes an Event of an object of which some are known. They have a client of their own, with the same limits. */
function recordEvent(
  turn: Turn,
  before: Recollection | undefined,
  regarding: Regarding,
  occurrence: Occurrence,
): Recollection {
  const { spec, host, memory, now } = turn;
  const told = recordNext(host.reporter, before, memory.recorded, regarding, occurrence, now);
  memory.recorded = told.recorded;
  const [request] = told.requests;
  if (request?.do === 'call') {
    memory.eventCallsFullAt = fullAfter(spec.limits, memory.eventCallsFullAt, now);
    const wait = waitOf(spec.limits, memory.eventCallsFullAt, now);
    turn.requests.push(wait === 0 ? request : { ...request, after: wait });
  }
  return told.known;
}

/** The kubelet knows its Node by name alone when it begins, and takes the name for a uid. */
export function recordNodeEvents(
  turn: Turn,
  ...said: readonly { readonly reason: string; readonly message: string }[]
): void {
  const { name } = turn.spec.node;
  const regarding = { kind: 'Node', apiVersion: 'v1', name, uid: name };
  for (const { reason, message } of said) {
    const occurrence: Occurrence = { type: 'Normal', reason, message };
    turn.memory.nodeEvents = recordEvent(turn, turn.memory.nodeEvents, regarding, occurrence);
  }
}

/** How often the kubelet lists the runtime's containers (kubernetes v1.34.1 pkg/kubelet/kubelet.go genericPlegRelistPeriod). */
export const relistPeriod = second;

/**
 * When the kubelet sees what happened in the runtime at `at`: in the list of containers it makes next. It makes the
 * first as it starts; a list does not hold what is only done because of it.
 */
export function seenAt(turn: Turn, at: VirtualTime): VirtualTime {
  if (at < turn.memory.startedAt) return turn.memory.startedAt;
  const phase = turn.host.relistPhase;
  return (Math.floor((at - phase) / relistPeriod) + 1) * relistPeriod + phase;
}
