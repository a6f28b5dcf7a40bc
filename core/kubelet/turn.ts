/**
 * A turn is a state being made: the working values of one step of one kubelet. It is opened from a state, changed, and
 * closed into the next state within one call of the reducer; nobody else ever holds it.
 */
import type { Lease, Pod } from '../api/generated/types.ts';
import type { ApiRequest } from '../api/request.ts';
import { take, type TokenBucket } from '../client/flow-control.ts';
import type { Informers } from '../client/informer.ts';
import { record, type Occurrence, type Recorder, type Regarding } from '../client/recorder.ts';
import type { OrderedMap } from '../collections/ordered-map.ts';
import type { Step } from '../reducer.ts';
import { second, type Duration, type VirtualTime } from '../time/time.ts';
import type { KubeletSpec, Luck } from './spec.ts';
import {
  userAgent,
  type Host,
  type KubeletRequest,
  type KubeletState,
  type KubeletTag,
  type PodWorker,
  type RuntimePod,
} from './state.ts';

export interface Turn {
  readonly spec: KubeletSpec;
  readonly host: Host;
  readonly luck: Luck;
  readonly now: VirtualTime;
  informers: Informers;
  recorder: Recorder;
  calls: TokenBucket;
  eventCalls: TokenBucket;
  startedAt: VirtualTime;
  registrationFailures: number | undefined;
  lease: Lease | undefined;
  workers: OrderedMap<string, PodWorker>;
  pullerFreeAt: VirtualTime;
  pods: OrderedMap<string, RuntimePod>;
  images: OrderedMap<string, true>;
  lastAddress: number;
  readonly requests: KubeletRequest[];
}

export function openTurn(state: KubeletState, now: VirtualTime): Turn {
  const { spec, host, memory, runtime } = state;
  return {
    spec,
    host,
    luck: host.luck,
    now,
    informers: memory.informers,
    recorder: memory.recorder,
    calls: memory.calls,
    eventCalls: memory.eventCalls,
    startedAt: memory.startedAt,
    registrationFailures: memory.registrationFailures,
    lease: memory.lease,
    workers: memory.workers,
    pullerFreeAt: memory.pullerFreeAt,
    pods: runtime.pods,
    images: runtime.images,
    lastAddress: runtime.lastAddress,
    requests: [],
  };
}

export function closeTurn(turn: Turn): Step<KubeletState, KubeletRequest> {
  const { spec, host, informers, recorder, calls, eventCalls, startedAt, registrationFailures, lease } = turn;
  const { workers, pullerFreeAt, pods, images, lastAddress, requests } = turn;
  return {
    state: {
      spec,
      host,
      memory: {
        informers,
        recorder,
        calls,
        eventCalls,
        startedAt,
        registrationFailures,
        lease,
        workers,
        pullerFreeAt,
      },
      runtime: { pods, images, lastAddress },
    },
    requests,
  };
}

/** Asks the apiserver, when the client's rate limit allows it. */
export function call(turn: Turn, tag: KubeletTag, request: ApiRequest): void {
  const { bucket, wait } = take(turn.calls, turn.now);
  turn.calls = bucket;
  turn.requests.push({ do: 'call', tag, request, userAgent, after: wait });
}

export function setTimer(turn: Turn, tag: KubeletTag, after: Duration, background: boolean): void {
  turn.requests.push({ do: 'timer', tag, after, background });
}

/** Writes an Event. Events have a client of their own, with the same limits. */
function recordEvent(turn: Turn, regarding: Regarding, occurrence: Occurrence): void {
  const { recorder, requests } = record(turn.recorder, regarding, occurrence, turn.now);
  turn.recorder = recorder;
  for (const request of requests) {
    if (request.do !== 'call') {
      turn.requests.push(request);
      continue;
    }
    const { bucket, wait } = take(turn.eventCalls, turn.now);
    turn.eventCalls = bucket;
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
  if (at < turn.startedAt) return turn.startedAt;
  const phase = turn.host.relistPhase;
  return (Math.floor((at - phase) / relistPeriod) + 1) * relistPeriod + phase;
}
