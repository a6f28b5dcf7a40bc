/**
 * A turn is a state being made: the working values of one step of one kubelet. It is opened from a state, changed, and
 * closed into the next state within one call of the reducer; nobody else ever holds it.
 */
import type { Pod } from '../api/generated/types.ts';
import type { ApiRequest } from '../api/request.ts';
import { fullAfter, waitOf } from '../client/flow-control.ts';
import type { Recollection } from '../client/event-correlator.ts';
import { recordAll, type Occurrence, type Regarding } from '../client/recorder.ts';
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
  /** Events that go out before anything else does. */
  told: Told | undefined;
}

/** What happened to one part of a Pod, one thing after another. */
interface Told {
  readonly worker: WorkerDraft;
  readonly pod: Pod;
  readonly fieldPath: string | undefined;
  readonly occurrences: Occurrence[];
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
  told: undefined,
});

export function closeTurn(turn: Turn): Step<KubeletState, KubeletRequest> {
  recordTold(turn);
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
  recordTold(turn);
  turn.requests.push(request);
}

/** What was told is recorded in the draft of its worker, now: it comes before what follows. */
export function recordTold(turn: Turn): void {
  if (turn.told === undefined) return;
  const { worker, pod, fieldPath, occurrences } = turn.told;
  const { namespace, name, uid, resourceVersion } = pod.metadata;
  turn.told = undefined;
  const regarding = { kind: 'Pod', apiVersion: 'v1', namespace, name, uid, resourceVersion, fieldPath };
  worker.events = recordEvents(turn, worker.events, regarding, occurrences);
}

/** Writes Events of an object of which some are known. They have a client of their own, with the same limits. */
function recordEvents(
  turn: Turn,
  before: Recollection | undefined,
  regarding: Regarding,
  occurrences: readonly Occurrence[],
): Recollection | undefined {
  const { spec, host, memory, now } = turn;
  const { recorded } = memory;
  const told = recordAll(host.reporter, { known: before, recorded }, regarding, occurrences, now);
  const { known, requests } = told;
  memory.recorded = told.recorded;
  for (const request of requests) {
    if (request.do !== 'call') {
      turn.requests.push(request);
      continue;
    }
    memory.eventCallsFullAt = fullAfter(spec.limits, memory.eventCallsFullAt, now);
    const wait = waitOf(spec.limits, memory.eventCallsFullAt, now);
    turn.requests.push(wait === 0 ? request : { ...request, after: wait });
  }
  return known;
}

export function recordPodEvent(
  turn: Turn,
  worker: WorkerDraft,
  fieldPath: string | undefined,
  type: Occurrence['type'],
  reason: string,
  message: string,
): void {
  const { pod } = worker;
  const { told } = turn;
  const occurrence = { type, reason, message };
  if (told?.worker === worker && told.pod === pod && told.fieldPath === fieldPath) {
    told.occurrences.push(occurrence);
    return;
  }
  recordTold(turn);
  turn.told = { worker, pod, fieldPath, occurrences: [occurrence] };
}

/** The kubelet knows its Node by name alone when it begins, and takes the name for a uid. */
export function recordNodeEvents(
  turn: Turn,
  ...said: readonly { readonly reason: string; readonly message: string }[]
): void {
  recordTold(turn);
  const { name } = turn.spec.node;
  const occurrences = said.map(({ reason, message }) => ({ type: 'Normal', reason, message }) as const);
  const regarding = { kind: 'Node', apiVersion: 'v1', name, uid: name };
  turn.memory.nodeEvents = recordEvents(turn, turn.memory.nodeEvents, regarding, occurrences);
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
