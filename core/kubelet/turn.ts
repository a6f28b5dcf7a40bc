/**
 * A turn is a state being made: the working values of one step of one kubelet. It is opened from a state, changed, and
 * closed into the next state within one call of the reducer; nobody else ever holds it.
 */
import type { Pod } from '../api/generated/types.ts';
import type { ApiRequest } from '../api/request.ts';
import { fullAfter, waitOf } from '../client/flow-control.ts';
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
    recorder: memory.recorder,
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
  if (turn.told !== undefined) recordTold(turn, turn.told);
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
  if (turn.told !== undefined) recordTold(turn, turn.told);
  turn.requests.push(request);
}

function recordTold(turn: Turn, { pod, fieldPath, occurrences }: Told): void {
  const { namespace, name, uid, resourceVersion } = pod.metadata;
  turn.told = undefined;
  recordEvents(
    turn,
    { kind: 'Pod', apiVersion: 'v1', namespace, name, uid, resourceVersion, fieldPath },
    occurrences,
  );
}

/** Writes Events. They have a client of their own, with the same limits. */
function recordEvents(turn: Turn, regarding: Regarding, occurrences: readonly Occurrence[]): void {
  const { spec, memory, now } = turn;
  const { recorder, requests } = recordAll(memory.recorder, regarding, occurrences, now);
  memory.recorder = recorder;
  for (const request of requests) {
    if (request.do !== 'call') {
      turn.requests.push(request);
      continue;
    }
    memory.eventCallsFullAt = fullAfter(spec.limits, memory.eventCallsFullAt, now);
    const wait = waitOf(spec.limits, memory.eventCallsFullAt, now);
    turn.requests.push(wait === 0 ? request : { ...request, after: wait });
  }
}

export function recordPodEvent(
  turn: Turn,
  pod: Pod,
  fieldPath: string | undefined,
  type: Occurrence['type'],
  reason: string,
  message: string,
): void {
  const { told } = turn;
  const occurrence = { type, reason, message };
  if (told?.pod === pod && told.fieldPath === fieldPath) {
    told.occurrences.push(occurrence);
    return;
  }
  if (told !== undefined) recordTold(turn, told);
  turn.told = { pod, fieldPath, occurrences: [occurrence] };
}

/** The kubelet knows its Node by name alone when it begins, and takes the name for a uid. */
export function recordNodeEvents(
  turn: Turn,
  ...said: readonly { readonly reason: string; readonly message: string }[]
): void {
  if (turn.told !== undefined) recordTold(turn, turn.told);
  const { name } = turn.spec.node;
  const occurrences = said.map(({ reason, message }) => ({ type: 'Normal', reason, message }) as const);
  recordEvents(turn, { kind: 'Node', apiVersion: 'v1', name, uid: name }, occurrences);
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
