/**
 * The kubelet: registers its Node, runs the Pods that are bound to it, and says how they are.
 *
 * A Pod's journey through this room: the informer hears of it (`onPod`), the node admits it (admission.ts), its worker
 * makes a sandbox, pulls images and starts containers one after another (pod-worker.ts, images.ts, containers.ts),
 * probes decide its readiness (probes.ts), a status is made of what was seen (pod-status.ts, phase.ts, conditions.ts)
 * and brought to the apiserver (status-manager.ts). The rules are pure files of their own; this one only says who hears
 * what. The container runtime under the kubelet is part of its state and survives its process.
 */
import type { Pod } from '../api/generated/types.ts';
import { isTerminal } from '../api/pod.ts';
import type { ClientEvent, ClientRequest } from '../client/component.ts';
import { newReporter } from '../client/recorder.ts';
import { informerNamed, reduceInformers, type Delta, type Informers } from '../client/informer.ts';
import type { Reducer } from '../reducer.ts';
import { uniform } from '../random/draw.ts';
import { parseTimeText, timeText, type VirtualTime } from '../time/time.ts';
import { podRequests, type ResourceAmounts } from '../api/pod-resources.ts';
import { admit, allowanceOf, usedWith } from './admission.ts';
import type { PodTurn } from './containers.ts';
import { adopt, forgetOrphan, stopOrphans } from './orphans.ts';
import { planOf } from './plan.ts';
import { cidrOf } from './pod-ip.ts';
import { labelsOf, systemInfoOf } from './node-status.ts';
import { onSource } from './pod-sources.ts';
import { rejectedStatusOf } from './pod-status.ts';
import { nextLook, syncPod } from './pod-worker.ts';
import { lookAtNode, onLeaseAnswer, onLeaseTimer, onNodeAnswer, register, report } from './registration.ts';
import { luckOf, type KubeletSpec } from './spec.ts';
import {
  draftOf,
  newMemory,
  newRuntime,
  placesOf,
  podStream,
  userAgent,
  type KubeletEvent,
  type KubeletState,
  type KubeletTag,
  type PodWorker,
  type WorkerDraft,
} from './state.ts';
import { isOverruled, onDeleteAnswer, onStatusAnswer, sendStatus } from './status-manager.ts';
import {
  ask,
  closeTurn,
  openTurn,
  recordNodeEvents,
  recordPodEvent,
  relistPeriod,
  setTimer,
  type Turn,
} from './turn.ts';

export type { KubeletState, KubeletTag } from './state.ts';

/** A kubelet that has not been started yet, on a node without containers or images. */
export function newKubelet(spec: KubeletSpec): KubeletState {
  const { node } = spec;
  const luck = luckOf(spec.seed);
  const allocatable = node.allocatable ?? node.capacity;
  return {
    spec,
    host: {
      luck,
      cidr: cidrOf(spec.podCidr),
      node: {
        name: node.name,
        labels: labelsOf(spec),
        taints: node.taints,
        allocatable,
        allows: allowanceOf(allocatable),
      },
      info: systemInfoOf(node.name),
      reporter: newReporter({ api: 'core', component: 'kubelet', userAgent, host: node.name }),
      hostIps: [{ ip: spec.hostIp }],
      relistPhase: Math.floor(uniform(luck.phase, node.name, 'relist') * relistPeriod),
    },
    memory: newMemory(spec),
    runtime: newRuntime,
  };
}

/** The kubelet after its process was killed: its memory is lost, the runtime's containers run on. It awaits `start`. */
export function restartKubelet(state: KubeletState): KubeletState {
  const { spec, host, runtime } = state;
  const { images, lastAddress } = runtime;
  return { spec, host, memory: newMemory(spec), runtime: { orphans: placesOf(state), images, lastAddress } };
}

export const reduceKubelet: Reducer<KubeletState, ClientEvent<KubeletTag>, ClientRequest<KubeletTag>> = (
  state,
  event,
  now,
) => {
  // Most answers are to Events, which nobody waits for.
  if (event.type === 'answer' && event.tag.of === 'recorder') return { state, requests: nothing };
  const turn = openTurn(state, now);
  hear(turn, event);
  return closeTurn(turn);
};

const nothing: readonly never[] = [];

function hear(turn: Turn, event: KubeletEvent): void {
  switch (event.type) {
    case 'start':
      turn.memory.startedAt = turn.now;
      recordNodeEvents(turn, { reason: 'Starting', message: 'Starting kubelet.' });
      register(turn);
      return hearInformers(turn, event);
    case 'watch':
    case 'watchClosed':
      return hearInformers(turn, event);
    case 'answer':
      return onAnswer(turn, event);
    case 'timer':
      return onTimer(turn, event);
  }
}

function hearInformers(turn: Turn, event: KubeletEvent): void {
  const { memory } = turn;
  const step = reduceInformers(memory.informers, event);
  if (step === undefined) return;
  const isFirstList = event.type === 'answer' && isSynced(step.informers) && !isSynced(memory.informers);
  memory.informers = step.informers;
  for (const request of step.requests) ask(turn, request);
  const deltas = step.deltas as readonly Delta<Pod>[];
  for (const delta of isFirstList ? [...deltas].sort(byCreation) : deltas) onPod(turn, delta);
  if (isFirstList) stopOrphans(turn);
}

const isSynced = (informers: Informers): boolean => informerNamed(informers, podStream)?.synced === true;

/** The oldest Pod has the first claim to the node (pkg/kubelet/kubelet.go HandlePodAdditions). */
const byCreation = (a: Delta<Pod>, b: Delta<Pod>): number =>
  Math.sign(createdAt(a.object) - createdAt(b.object));
const createdAt = ({ metadata }: Pod): VirtualTime => parseTimeText(metadata.creationTimestamp ?? '') ?? 0;

function onAnswer(turn: Turn, event: KubeletEvent & { readonly type: 'answer' }): void {
  const { tag, answer } = event;
  switch (tag.of) {
    case 'informer':
      return hearInformers(turn, event);
    case 'podStatus': {
      const draft = draftAt(turn, tag.uid);
      if (draft === undefined) return;
      onStatusAnswer(turn, tag.uid, draft, answer);
      return putWorker(turn, tag.uid, draft);
    }
    case 'source': {
      const draft = draftAt(turn, tag.uid);
      if (draft === undefined) return;
      if (onSource(draft, tag, answer, turn.now)) return look(turn, tag.uid, draft);
      return putWorker(turn, tag.uid, draft);
    }
    case 'podDelete':
      return onDeleteAnswer(turn, tag.uid, answer);
    case 'node':
      return onNodeAnswer(turn, tag.step, answer);
    case 'lease':
      return onLeaseAnswer(turn, tag.step, answer);
    case 'recorder':
    case 'report':
    case 'pod':
      return;
  }
}

function onTimer(turn: Turn, event: KubeletEvent & { readonly type: 'timer' }): void {
  const { tag } = event;
  switch (tag.of) {
    case 'informer':
      return hearInformers(turn, event);
    case 'pod': {
      if (turn.runtime.orphans.size > 0) forgetOrphan(turn, tag.uid);
      const draft = draftAt(turn, tag.uid);
      // A timer that another has overtaken finds a later wakeAt, or none.
      if (draft === undefined || draft.wakeAt === 0 || draft.wakeAt > turn.now) return;
      draft.wakeAt = 0;
      return look(turn, tag.uid, draft);
    }
    case 'podStatus':
    case 'podDelete': {
      const draft = draftAt(turn, tag.uid);
      if (draft === undefined) return;
      draft.busy = false;
      return settle(turn, tag.uid, draft);
    }
    case 'node':
      return tag.step === 'look' ? lookAtNode(turn) : register(turn);
    case 'lease':
      return onLeaseTimer(turn);
    case 'report':
      return report(turn);
    case 'recorder':
    case 'source':
      return;
  }
}

function onPod(turn: Turn, delta: Delta<Pod>): void {
  const { object, before } = delta;
  const { uid } = object.metadata;
  if (before !== undefined && before.metadata.uid !== uid) onGone(turn, before);
  if (delta.type === 'deleted') return onGone(turn, object);
  const draft = draftAt(turn, uid);
  if (draft === undefined) addPod(turn, object);
  else onChanged(turn, uid, draft, object);
}

/** Most changes are the kubelet's own status come back: only the newest object is kept of those. */
function onChanged(turn: Turn, uid: string, worker: WorkerDraft, pod: Pod): void {
  const { metadata: known, spec } = worker.pod;
  const { metadata } = pod;
  worker.pod = pod;
  if (pod.spec !== spec) {
    worker.plan = planOf(pod.spec);
    if (worker.holds !== undefined) hold(turn, worker, podRequests(pod));
  }
  if (
    known.deletionTimestamp !== metadata.deletionTimestamp ||
    known.deletionGracePeriodSeconds !== metadata.deletionGracePeriodSeconds
  ) {
    // A second deletion shortens the grace period: the containers are told again.
    if (worker.state === 'terminating') worker.state = 'syncing';
    return look(turn, uid, worker);
  }
  if (pod.spec.readinessGates !== undefined) return look(turn, uid, worker);
  if (isOverruled(worker, pod)) worker.sent = undefined;
  settle(turn, uid, worker);
}

/** A Pod that is new to the node, or to this process: one that ended before needs nothing but its deletion. */
function addPod(turn: Turn, pod: Pod): void {
  const { uid } = pod.metadata;
  const worker = newWorker(turn, pod);
  // What runs already is asked too, by a kubelet that has started again.
  const isOver = isTerminal(pod);
  const rejection = isOver ? undefined : admit(pod, turn.host.node, turn.memory.used, () => activePods(turn));
  if (rejection === undefined) {
    worker.place = adopt(turn, uid);
    if (!isOver) return look(turn, uid, worker);
    worker.state = 'terminated';
    worker.status = pod.status;
    return settle(turn, uid, worker);
  }
  const { reason, message } = rejection;
  recordPodEvent(turn, worker, undefined, {
    type: 'Warning',
    reason,
    message,
  });
  worker.state = 'terminated';
  worker.status = rejectedStatusOf(pod, reason, message, worker.startTime);
  settle(turn, uid, worker);
}

function newWorker(turn: Turn, pod: Pod): WorkerDraft {
  const plan = planOf(pod.spec);
  return {
    pod,
    state: 'syncing',
    since: turn.now,
    startTime: pod.status.startTime ?? timeText(turn.now),
    place: undefined,
    holds: undefined,
    activity: undefined,
    plan,
    events: undefined,
    containers: plan.fresh,
    sources: undefined,
    status: undefined,
    // What the apiserver has: a kubelet that starts again writes only what is otherwise.
    sent: pod.status,
    busy: false,
    revision: 0,
    wakeAt: 0,
    gone: false,
  };
}

/** The Pods that hold resources of the node. */
function activePods(turn: Turn): readonly Pod[] {
  const pods: Pod[] = [];
  turn.memory.workers.scan(undefined, undefined, (_, { pod, holds }) => {
    if (holds !== undefined) pods.push(pod);
  });
  return pods;
}

const hasEnded = ({ state, status }: PodWorker): boolean =>
  state === 'terminated' || status?.phase === 'Succeeded' || status?.phase === 'Failed';

/** The Pod holds so much of the node from now on. */
function hold({ memory }: Turn, worker: WorkerDraft, holds: ResourceAmounts | undefined): void {
  if (worker.holds !== undefined) memory.used = usedWith(memory.used, worker.holds, -1);
  if (holds !== undefined) memory.used = usedWith(memory.used, holds, 1);
  worker.holds = holds;
}

/** The Pod is gone from the apiserver. What still runs of it is stopped, and nothing more is said of it. */
function onGone(turn: Turn, pod: Pod): void {
  const { uid } = pod.metadata;
  const draft = draftAt(turn, uid);
  if (draft === undefined) return;
  draft.pod = pod;
  draft.gone = true;
  look(turn, uid, draft);
}

/** Looks at a Pod: does what is due, writes what has changed, and sets the timer for the next look. */
function look(turn: Turn, uid: string, worker: WorkerDraft): void {
  const at: PodTurn = { turn, uid, plan: worker.plan, worker };
  syncPod(at);
  const isOver = hasEnded(worker);
  if (isOver !== (worker.holds === undefined))
    hold(turn, worker, isOver ? undefined : podRequests(worker.pod));
  const next = nextLook(at);
  if (next !== undefined && next.when !== worker.wakeAt) {
    setTimer(turn, { of: 'pod', uid }, next.when - turn.now, next.background);
    worker.wakeAt = next.when;
  }
  settle(turn, uid, worker);
}

/** Sends what is to be sent; a Pod that has ended and is gone is forgotten, with all the runtime has of it. */
function settle(turn: Turn, uid: string, worker: WorkerDraft): void {
  if (worker.gone && worker.state === 'terminated') {
    turn.memory.workers = turn.memory.workers.delete(uid);
    return;
  }
  sendStatus(turn, uid, worker);
  putWorker(turn, uid, worker);
}

function draftAt(turn: Turn, uid: string): WorkerDraft | undefined {
  const worker = turn.memory.workers.get(uid);
  return worker === undefined ? undefined : draftOf(worker);
}

/** The draft becomes the worker: nothing changes it after. */
function putWorker(turn: Turn, uid: string, worker: PodWorker): void {
  turn.memory.workers = turn.memory.workers.set(uid, worker);
}
