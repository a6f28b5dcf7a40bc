/**
 * A turn is a state being made: the working values of one step of one kubelet. It is opened from a state, changed, and
 * closed into the next state within one call of the reducer; nobody else ever holds it.
 */
import type { Pod } from '../api/generated/types.ts';
import type { ApiRequest } from '../api/request.ts';
import { fullAfter, waitOf } from '../client/flow-control.ts';
import { record, type Occurrence, type Regarding } from '../client/recorder.ts';
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
});

export const closeTurn = ({
  spec,
  host,
  memory,
  runtime,
  requests,
}: Turn): Step<KubeletState, KubeletRequest> => ({ state: { spec, host, memory, runtime }, requests });

/** Asks the apiserver, when the client's rate limit allows it. */
export function call({ spec, memory, now, requests }: Turn, tag: KubeletTag, request: ApiRequest): void {
  memory.callsFullAt = fullAfter(spec.limits, memory.callsFullAt, now);
  const after = waitOf(spec.limits, memory.callsFullAt, now);
  requests.push({ do: 'call', tag, request, userAgent, after });
}

export function setTimer(turn: Turn, tag: KubeletTag, after: Duration, background: boolean): void {
  turn.requests.push({ do: 'timer', tag, after, background });
}

/** Writes an Event. Events have a client of their own, with the same limits. */
function recordEvent(turn: Turn, regarding: Regarding, occurrence: Occurrence): void {
  const { spec, memory, now } = turn;
  const { recorder, requests } = record(memory.recorder, regarding, occurrence, now);
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
  const { namespace, name, uid, resourceVersion } = pod.metadata;
  recordEvent(
    turn,
    { kind: 'Pod', apiVersion: 'v1', namespace, name, uid, resourceVersion, fieldPath },
    { type, reason, message },
  );
}

/** The kubelet knows its Node by name alone when it begins, and takes the name for a uid. */
export function recordNodeEvent(turn: Turn, reason: string, message: string): void {
  const { name } = turn.spec.node;
  recordEvent(turn, { kind: 'Node', apiVersion: 'v1', name, uid: name }, { type: 'Normal', reason, message });
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
