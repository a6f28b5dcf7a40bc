/** A kubelet makes itself known: its Node, the Node's status, its Lease; and keeps them fresh where that is wanted. */
import type { Lease, Node } from '../api/generated/types.ts';
import { heartbeatsOf } from '../api/heartbeats.ts';
import type { ApiAnswer } from '../api/request.ts';
import { uniform } from '../random/draw.ts';
import { millisecond, parseTimeText, second, type Duration, type VirtualTime } from '../time/time.ts';
import {
  leaseNamespace,
  newLease,
  newNode,
  renewed,
  renewInterval,
  reportInterval,
  statusPatch,
} from './node-status.ts';
import type { KubeletRequest, KubeletState, KubeletTag, LeaseStep, NodeStep } from './state.ts';
import { call, recordNodeEvents, setTimer, type Turn } from './turn.ts';

export function register(turn: Turn): void {
  call(
    turn,
    { of: 'node', step: 'create' },
    { verb: 'create', resource: 'nodes', object: newNode(turn.spec, turn.host, turn.now) },
  );
}

/** What a step of the registration, or of a later report, was answered. */
export function onNodeAnswer(turn: Turn, step: NodeStep, answer: ApiAnswer): void {
  if (step === 'look' || step === 'correct') return onLookAnswer(turn, step, answer);
  if (answer.ok && answer.object !== undefined) return onNode(turn, step, answer.object as Node);
  // It is registered already: it goes on with the Node as it is.
  if (step === 'create' && answer.code === 409) return report(turn);
  const failures = turn.memory.registrationFailures;
  // A Node that somebody deletes is not registered again while the process lives.
  if (failures === undefined || step === 'status') return reportLater(turn);
  turn.memory.registrationFailures = failures + 1;
  setTimer(turn, { of: 'node', step: 'retry' }, retryDelay(failures), false);
}

function onNode(turn: Turn, step: NodeStep, node: Node): void {
  if (step === 'status') return reportLater(turn);
  if (step === 'create') sayConditions(turn);
  writeStatus(turn, node);
  if (turn.memory.registrationFailures === undefined) return;
  turn.memory.registrationFailures = undefined;
  call(turn, { of: 'lease', step: 'create' }, createLease(turn, node.metadata.uid));
}

/** 100 ms doubling to 7 s (pkg/kubelet/kubelet_node_status.go registerWithAPIServer). */
function retryDelay(failures: number): Duration {
  let delay = 200 * millisecond;
  for (let i = 0; i < failures && delay < 7 * second; i++) delay *= 2;
  return Math.min(delay, 7 * second);
}

const isReady = (node: Node): boolean =>
  (node.status.conditions ?? []).some(
    (condition) => condition.type === 'Ready' && condition.status === 'True',
  );

/** How often the status is compared with what the Node says (nodeStatusUpdateFrequency). */
const lookInterval: Duration = 10 * second;

/** The apiserver is there again: what it thought of the silent node meanwhile is corrected by the next look. */
const lookSoon = (turn: Turn): void =>
  setTimer(turn, { of: 'node', step: 'look' }, jitter(turn, 'look', lookInterval), false);

export function lookAtNode(turn: Turn): void {
  call(turn, { of: 'node', step: 'look' }, { verb: 'get', resource: 'nodes', name: turn.spec.node.name });
}

function onLookAnswer(turn: Turn, step: 'look' | 'correct', answer: ApiAnswer): void {
  if (!answer.ok) setTimer(turn, { of: 'node', step: 'look' }, lookInterval, false);
  else if (step === 'look' && !isReady(answer.object as Node))
    writeStatus(turn, answer.object as Node, 'correct');
}

function writeStatus(turn: Turn, known: Node, step: NodeStep = 'status'): void {
  const { name } = turn.spec.node;
  const patch = statusPatch(turn.spec, turn.host, known, turn.now);
  call(
    turn,
    { of: 'node', step },
    {
      verb: 'patch',
      resource: 'nodes',
      subresource: 'status',
      name,
      patchType: 'merge',
      patch: patch as never,
    },
  );
  if (!isReady(known)) recordNodeEvents(turn, statusIsNow(turn, 'NodeReady'));
}

function reportLater(turn: Turn): void {
  if (turn.spec.heartbeats !== 'exact') return;
  setTimer(turn, { of: 'report' }, reportInterval + jitter(turn, 'report', reportInterval / 10), true);
}

const sayConditions = (turn: Turn): void =>
  recordNodeEvents(
    turn,
    statusIsNow(turn, 'NodeHasSufficientMemory'),
    statusIsNow(turn, 'NodeHasNoDiskPressure'),
    statusIsNow(turn, 'NodeHasSufficientPID'),
    { reason: 'NodeAllocatableEnforced', message: 'Updated Node Allocatable limit across pods' },
  );

const statusIsNow = (turn: Turn, reason: string) => ({
  reason,
  message: `Node ${turn.spec.node.name} status is now: ${reason}`,
});

/** Reads the Node as it is, to write its status anew. */
export function report(turn: Turn): void {
  call(turn, { of: 'node', step: 'get' }, { verb: 'get', resource: 'nodes', name: turn.spec.node.name });
}

const createLease = (turn: Turn, nodeUid: string | undefined) =>
  ({
    verb: 'create',
    resource: 'leases',
    namespace: leaseNamespace,
    object: newLease(turn.spec, nodeUid, turn.now),
  }) as const;

export function onLeaseTimer(turn: Turn): void {
  const { lease } = turn.memory;
  const { name } = turn.spec.node;
  if (lease === undefined)
    return call(
      turn,
      { of: 'lease', step: 'again' },
      { verb: 'get', resource: 'leases', namespace: leaseNamespace, name },
    );
  call(
    turn,
    { of: 'lease', step: 'renew' },
    {
      verb: 'update',
      resource: 'leases',
      namespace: leaseNamespace,
      name,
      object: renewed(lease, turn.spec, turn.now),
    },
  );
}

/** After each answer the next renewal is set; a Lease that is gone is made anew, one that changed is read again. */
export function onLeaseAnswer(turn: Turn, step: LeaseStep, answer: ApiAnswer): void {
  if (answer.ok && answer.object !== undefined) {
    const { memory } = turn;
    const wasSilent = heartbeatsOf(memory.lease) === 'ended' && step === 'renew';
    memory.lease = answer.object as Lease;
    const speaks = heartbeatsOf(memory.lease) !== 'ended';
    if (step === 'again' || (wasSilent && speaks)) lookSoon(turn);
    if (step === 'get' || step === 'again') return onLeaseTimer(turn);
  } else {
    turn.memory.lease = undefined;
    if ((step === 'get' || step === 'again') && answer.code === 404)
      return call(turn, { of: 'lease', step: 'create' }, createLease(turn, undefined));
    if (step === 'create' && answer.code === 409)
      return call(
        turn,
        { of: 'lease', step: 'get' },
        { verb: 'get', resource: 'leases', namespace: leaseNamespace, name: turn.spec.node.name },
      );
  }
  if (turn.spec.heartbeats === 'exact') return renewLater(turn, true);
  // What is not written need not be renewed; but a Lease that was not heard of is asked for again, until it is. A kubelet
  // whose certificate has ended waits for another.
  if (!answer.ok && answer.code !== 401) renewLater(turn, isRefusal(answer));
}

/** The apiserver will say the same again, unlike a connection that broke (code 0) or an apiserver in trouble (5xx). */
const isRefusal = ({ code }: ApiAnswer): boolean => code >= 400 && code < 500;

const renewLater = (turn: Turn, background: boolean): void =>
  setTimer(
    turn,
    { of: 'lease', step: 'timer' },
    renewInterval + jitter(turn, 'renew', renewInterval / 25),
    background,
  );

/** Up to `most`, so that the kubelets of a cluster do not all come at once. */
const jitter = (turn: Turn, what: string, most: Duration): Duration =>
  Math.floor(uniform(turn.host.luck.phase, turn.spec.node.name, what, turn.now) * most);

/** From one renewal to the next, on the average. */
const meanInterval: Duration = renewInterval + renewInterval / 50;

/**
 * What a kubelet that is about to fall silent would have written before: its last renewal. Nothing where each renewal is
 * written, or where it has no Lease yet.
 */
export function lastRenewal(
  { spec, memory: { lease } }: KubeletState,
  now: VirtualTime,
): readonly KubeletRequest[] {
  if (spec.heartbeats === 'exact' || lease === undefined) return [];
  const since = parseTimeText(lease.spec?.renewTime ?? '') ?? now;
  const at = since + Math.max(0, Math.floor((now - since) / meanInterval)) * meanInterval;
  const { name } = spec.node;
  return [
    {
      do: 'call',
      tag: { of: 'lease', step: 'renew' },
      userAgent: 'kubelet',
      request: {
        verb: 'update',
        resource: 'leases',
        namespace: leaseNamespace,
        name,
        object: renewed(lease, spec, at, 'ended'),
      },
    },
  ];
}

/** The timer that makes a kubelet renew its Lease. */
export const renewalTimer: KubeletTag = { of: 'lease', step: 'timer' };
