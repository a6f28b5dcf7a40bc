/** Starting, stopping and looking at the containers of one Pod in the runtime. */
import { second, type Duration, type VirtualTime } from '../time/time.ts';
import { sample, type Distribution } from '../random/distribution.ts';
import { afterRestart } from './backoff.ts';
import { hexOf, type Plan, type PlannedContainer } from './plan.ts';
import { probeTimes, unhealthyMessage } from './probes.ts';
import { defaultStop, defaultStopExitCode, exitOf, imageOf } from './spec.ts';
import {
  freshContainer,
  type ContainerEnd,
  type ContainerMemory,
  type WorkerDraft,
  type RuntimeContainer,
  type RuntimePod,
} from './state.ts';
import type { SeenContainer } from './pod-status.ts';
import { recordPodEvent, seenAt, type Turn } from './turn.ts';

/** A Pod being worked on within one turn, with a draft of its worker. */
export interface PodTurn {
  readonly turn: Turn;
  readonly uid: string;
  readonly plan: Plan;
  readonly worker: WorkerDraft;
}

export const containerOf = (at: PodTurn, index: number): RuntimeContainer | undefined =>
  at.worker.place?.containers[index];

export const memoryOf = (at: PodTurn, index: number): ContainerMemory =>
  at.worker.containers[index] ?? freshContainer;

export function remember(at: PodTurn, index: number, memory: ContainerMemory): void {
  const containers = at.worker.containers.slice();
  containers[index] = memory;
  at.worker.containers = containers;
}

/** Whether more containers wait for something than before. */
export const moreWait = (before: readonly ContainerMemory[], now: readonly ContainerMemory[]): boolean =>
  now !== before && waitingOf(now) > waitingOf(before);

/** How many containers wait for something. */
function waitingOf(containers: readonly ContainerMemory[]): number {
  let count = 0;
  for (const { waiting } of containers) if (waiting !== undefined) count++;
  return count;
}

function putContainer(at: PodTurn, index: number, container: RuntimeContainer): void {
  const { place } = at.worker;
  if (place === undefined) return;
  const containers = place.containers.slice();
  containers[index] = container;
  at.worker.place = placeWith(place, containers, place.stopped);
}

/** The same place with other containers, or with its sandbox stopped. */
export function placeWith(
  place: RuntimePod,
  containers: RuntimePod['containers'],
  stopped: boolean,
): RuntimePod {
  return {
    namespace: place.namespace,
    name: place.name,
    ip: place.ip,
    address: place.address,
    stopped,
    containers,
  };
}

export const hasEnded = (container: RuntimeContainer, now: VirtualTime): boolean =>
  container.end !== undefined && container.end.at <= now;

/** A container as the kubelet knows it now. It sees what happened in the runtime when it next lists the containers. */
export function seen(at: PodTurn, index: number): SeenContainer {
  const { turn } = at;
  const { now } = turn;
  const runtime = containerOf(at, index);
  const { waiting, probes } = memoryOf(at, index);
  if (runtime === undefined) return { runtime, state: 'absent', waiting, started: false, ready: false };
  const { end } = runtime;
  // A Pod whose containers were stopped is looked at as soon as they have.
  if (end !== undefined && (at.worker.state === 'syncing' ? seenAt(turn, end.at) : end.at) <= now) {
    const ready = at.plan.containers[index]?.kind === 'init' && end.exitCode === 0 && waiting === undefined;
    return { runtime, state: 'ended', waiting, started: false, ready };
  }
  if (seenAt(turn, runtime.startedAt) > now)
    return { runtime, state: 'unseen', waiting, started: false, ready: false };
  const started = probes?.startedAt !== undefined && probes.startedAt <= now;
  const ready =
    at.plan.containers[index]?.kind !== 'init' &&
    started &&
    probes.readyAt !== undefined &&
    probes.readyAt <= now;
  return { runtime, state: 'running', waiting, started, ready };
}

/** Creates and starts a container; the image is there. The next one of a name follows the last and its back-off. */
export function startContainer(at: PodTurn, index: number, planned: PlannedContainer): void {
  const { turn, uid } = at;
  const { now } = turn;
  const { luck } = turn.host;
  const before = containerOf(at, index);
  const restartCount = before === undefined ? 0 : before.restartCount + 1;
  const image = imageOf(turn.spec.images, planned.image);
  const startup = sample(image.startup, luck.startup, uid, index, restartCount);
  const { exitAfter, exitCode = 0 } = exitOf(image, at.worker.pod);
  const lives = exitAfter ?? usualLife(at, planned);
  const lifetime =
    lives === undefined
      ? planned.kind === 'init'
        ? startup
        : undefined
      : sample(lives, luck.exit, uid, index, restartCount);
  const end = lifetime === undefined ? undefined : endOf(now + lifetime, exitCode);
  const previous =
    before?.end === undefined ? undefined : { ...before.end, id: before.id, startedAt: before.startedAt };
  const id = hexOf(luck.id, uid, index, restartCount);
  putContainer(at, index, { id, restartCount, startedAt: now, servesAt: now + startup, end, previous });
  const backoff =
    before?.end === undefined ? undefined : afterRestart(memoryOf(at, index).backoff, before.end.at, now);
  if (backoff !== undefined || memoryOf(at, index) !== freshContainer)
    remember(at, index, { backoff, probes: undefined, waiting: undefined });
  recordPodEvent(turn, at.worker, planned.fieldPath, planned.says.created);
  recordPodEvent(turn, at.worker, planned.fieldPath, planned.says.started);
}

/** A Pod that is not always restarted is there for work that ends. */
const usualLife = ({ turn, plan }: PodTurn, { kind }: PlannedContainer): Distribution | undefined =>
  kind === 'main' && plan.restartPolicy !== 'Always' ? turn.spec.images.finishAfter : undefined;

const endOf = (at: VirtualTime, exitCode: number): ContainerEnd => ({
  at,
  exitCode,
  reason: exitCode === 0 ? 'Completed' : 'Error',
});

/** killContainer never gives a container less after SIGTERM (pkg/kubelet/kuberuntime minimumGracePeriodInSeconds). */
const shortestGrace: Duration = 2 * second;
/** 128 + SIGKILL. */
const killed = 137;

/** Sends SIGTERM, and SIGKILL when the grace period is over: the container ends by then. */
export function stopContainer(
  at: PodTurn,
  index: number,
  planned: PlannedContainer,
  graceSeconds: number,
  message: string,
): void {
  const container = containerOf(at, index);
  if (container === undefined) return;
  const { turn, uid } = at;
  recordPodEvent(turn, at.worker, planned.fieldPath, {
    type: 'Normal',
    reason: 'Killing',
    message,
  });
  const image = imageOf(turn.spec.images, planned.image);
  const stopped = stoppedBy(container, {
    now: turn.now,
    grace: graceSeconds * second,
    hook: planned.preStop,
    wanted: sample(image.stop ?? defaultStop, turn.host.luck.stop, uid, index, container.restartCount),
    exitCode: image.stopExitCode ?? defaultStopExitCode,
  });
  if (stopped !== container) putContainer(at, index, stopped);
}

/** How a container is told to stop: its preStop hook, and how it ends where it is left the time. */
interface Stop {
  readonly now: VirtualTime;
  readonly grace: Duration;
  readonly hook: Duration;
  /** From SIGTERM to its end. */
  readonly wanted: Duration;
  readonly exitCode: number;
}

/** The hook comes before SIGTERM, for as long as the grace period lasts. A container that ends sooner by itself is as it was. */
export function stoppedBy(container: RuntimeContainer, stop: Stop): RuntimeContainer {
  const { now, grace, wanted, exitCode } = stop;
  const hook = Math.min(stop.hook, grace);
  const left = Math.max(grace - hook, shortestGrace);
  const end = wanted < left ? endOf(now + hook + wanted, exitCode) : endOf(now + hook + left, killed);
  return container.end === undefined || end.at < container.end.at ? { ...container, end } : container;
}

/** Works out, when a container is first seen running, what its probes will say; acts on what they say by now. */
export function probeContainer(at: PodTurn, index: number, planned: PlannedContainer): void {
  const { turn } = at;
  const container = containerOf(at, index);
  if (
    container === undefined ||
    hasEnded(container, turn.now) ||
    seenAt(turn, container.startedAt) > turn.now
  )
    return;
  const memory = memoryOf(at, index);
  let probes = memory.probes?.id === container.id ? memory.probes : undefined;
  if (probes === undefined) {
    probes = firstProbes(at, planned, container);
    remember(at, index, { backoff: memory.backoff, probes, waiting: memory.waiting });
  }
  if (!planned.isProbed) return;
  sayUnhealthy(at, index, planned, probes);
  if (probes.failsAt === undefined || probes.failsAt > turn.now) return;
  remember(at, index, {
    ...memoryOf(at, index),
    probes: { ...probes, unhealthyAt: undefined, failsAt: undefined },
  });
  const probe = probes.failedBy === 'startup' ? planned.startup : planned.liveness;
  const grace = probe?.terminationGracePeriodSeconds ?? at.plan.gracePeriodSeconds;
  const message = `Container ${planned.name} failed ${probes.failedBy ?? 'liveness'} probe, will be restarted`;
  stopContainer(at, index, planned, grace, message);
}

type KnownProbes = NonNullable<ContainerMemory['probes']>;

function sayUnhealthy(at: PodTurn, index: number, planned: PlannedContainer, probes: KnownProbes): void {
  const { unhealthyAt, unhealthyBy } = probes;
  if (unhealthyAt === undefined || unhealthyBy === undefined || unhealthyAt > at.turn.now) return;
  remember(at, index, { ...memoryOf(at, index), probes: { ...probes, unhealthyAt: undefined } });
  const text = unhealthyMessage(unhealthyBy, planned[unhealthyBy], at.worker.place?.ip ?? '');
  recordPodEvent(at.turn, at.worker, planned.fieldPath, {
    type: 'Warning',
    reason: 'Unhealthy',
    message: text,
  });
}

/** A kubelet that starts again goes on from the readiness it had reported, if the container is the same one. */
function firstProbes(at: PodTurn, planned: PlannedContainer, container: RuntimeContainer): KnownProbes {
  const { now } = at.turn;
  if (!planned.isProbed || wasReady(at, planned, container))
    return {
      id: container.id,
      startedAt: now,
      readyAt: now,
      failsAt: undefined,
      failedBy: undefined,
      unhealthyAt: undefined,
      unhealthyBy: undefined,
    };
  const times = probeTimes({
    startup: planned.startup,
    liveness: planned.liveness,
    readiness: planned.kind === 'init' ? undefined : planned.readiness,
    startedAt: container.startedAt,
    servesAt: container.servesAt,
    workersSince: at.worker.since,
    seenAt: now,
  });
  return { id: container.id, ...times };
}

function wasReady({ worker }: PodTurn, { name }: PlannedContainer, container: RuntimeContainer): boolean {
  if (worker.since <= container.startedAt) return false;
  const reported = worker.pod.status.containerStatuses?.find((status) => status.name === name);
  return reported?.ready === true && reported.containerID === `containerd://${container.id}`;
}
