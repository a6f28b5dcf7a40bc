/**
 * A Pod's worker: one look at a Pod, what the runtime holds of it, and what is to be done next. It is level-triggered:
 * whatever woke it, it compares what should be with what is, and says when it must look again.
 * (kubernetes v1.34.1 pkg/kubelet/pod_workers.go, kubelet.go SyncPod, kuberuntime/kuberuntime_manager.go)
 */
import { second, timeText, type Duration, type VirtualTime } from '../time/time.ts';
import { sample } from '../random/distribution.ts';
import { backoffMessage, restartAllowedAt } from './backoff.ts';
import {
  containerOf,
  hasEnded,
  memoryOf,
  moreWait,
  placeWith,
  probeContainer,
  remember,
  seen,
  startContainer,
  stopContainer,
  type PodTurn,
} from './containers.ts';
import { ensureImage, pulled, waitsNoMore } from './images.ts';
import type { PlannedContainer } from './plan.ts';
import { environmentIsReady, maySetUp, nextAsking, volumesAreReady } from './pod-sources.ts';
import { addressText, nextAddress, placeOf } from './pod-ip.ts';
import { podStatusOf, terminatedStatusOf, type SeenContainer, type SeenPod } from './pod-status.ts';
import { defaultTimings } from './spec.ts';
import { recordPodEvent, seenAt, type Turn } from './turn.ts';
import type { RuntimeContainer, RuntimePod } from './state.ts';

/** Does what is due for the Pod, and brings the status in its worker up to date. */
export function syncPod(at: PodTurn): void {
  const { state } = at.worker;
  if (state === 'terminated') return;
  if (state === 'syncing' && !mustStop(at)) return isBusy(at) ? undefined : sync(at);
  if (state === 'syncing') beginTermination(at);
  finishTermination(at);
  refreshStatus(at);
}

/**
 * A sync tells what was seen before it acts: what it starts is seen, and told, in the next list of containers. It tells
 * more only where it has put something off or ended the Pod; the real kubelet would say that in its next sync.
 */
function sync(at: PodTurn): void {
  const { plan, worker } = at;
  const before = worker.containers;
  const continued = finishActivity(at);
  const putOff = moreWait(before, worker.containers);
  for (let index = 0; index < plan.containers.length; index++) {
    const planned = plan.containers[index];
    if (planned !== undefined) probeContainer(at, index, planned);
  }
  if (!continued) refreshStatus(at);
  const stopped = worker.place?.stopped;
  const known = worker.containers;
  startNext(at);
  if (putOff || worker.place?.stopped !== stopped || moreWait(known, worker.containers)) refreshStatus(at);
}

function refreshStatus(at: PodTurn): void {
  at.worker.status = statusOf(at);
}

const mustStop = (at: PodTurn): boolean =>
  at.worker.gone || at.worker.pod.metadata.deletionTimestamp !== undefined;

function isBusy(at: PodTurn): boolean {
  const { activity } = at.worker;
  return activity !== undefined && activity.until > at.turn.now;
}

/** When the Pod must be looked at again if nothing is heard; undefined: nothing will happen by itself. */
export function nextLook(
  at: PodTurn,
): { readonly when: VirtualTime; readonly background: boolean } | undefined {
  const { turn, worker } = at;
  if (worker.state === 'terminated') return undefined;
  if (worker.activity !== undefined) return { when: worker.activity.until, background: false };
  const asking = worker.state === 'syncing' ? nextAsking(worker) : undefined;
  let when = asking?.when ?? Infinity;
  let background = asking?.background ?? true;
  for (let index = 0; index < at.plan.containers.length; index++) {
    const container = containerOf(at, index);
    if (container === undefined) continue;
    const next =
      worker.state === 'terminating' ? endsAt(container, turn.now) : nextChange(at, index, container);
    if (next === undefined) continue;
    when = Math.min(when, next);
    // A container that keeps ending would keep a run from ever being settled.
    if (container.restartCount === 0 || worker.state === 'terminating') background = false;
  }
  return when === Infinity ? undefined : { when, background };
}

const endsAt = ({ end }: RuntimeContainer, now: VirtualTime): VirtualTime | undefined =>
  end !== undefined && end.at > now ? end.at : undefined;

function nextChange(at: PodTurn, index: number, container: RuntimeContainer): VirtualTime | undefined {
  const { turn } = at;
  const { probes, backoff, waiting } = memoryOf(at, index);
  if (waiting !== undefined && container.end !== undefined && hasEnded(container, turn.now))
    return later(restartAllowedAt(backoff, container.end.at), turn.now);
  const startSeen = later(seenAt(turn, container.startedAt), turn.now);
  if (startSeen !== undefined) return startSeen;
  let next = container.end === undefined ? undefined : later(seenAt(turn, container.end.at), turn.now);
  if (probes === undefined || hasEnded(container, turn.now)) return next;
  next = soonest(next, later(probes.startedAt, turn.now));
  next = soonest(next, later(probes.readyAt, turn.now));
  next = soonest(next, later(probes.unhealthyAt, turn.now));
  return soonest(next, later(probes.failsAt, turn.now));
}

const later = (time: VirtualTime | undefined, now: VirtualTime): VirtualTime | undefined =>
  time !== undefined && time > now ? time : undefined;

const soonest = (a: VirtualTime | undefined, b: VirtualTime | undefined): VirtualTime | undefined =>
  a === undefined ? b : b === undefined || a <= b ? a : b;

function statusOf(at: PodTurn) {
  const { worker, turn, plan } = at;
  const { place } = worker;
  const isTerminal = worker.state === 'terminated';
  const containers = new Array<SeenContainer>(plan.containers.length);
  for (let index = 0; index < containers.length; index++) {
    const container = seen(at, index);
    containers[index] = isTerminal ? { ...container, waiting: undefined } : container;
  }
  const pod: SeenPod = {
    plan,
    containers,
    ip: place === undefined ? undefined : place.ip,
    hasSandbox: place !== undefined && !place.stopped,
    hostIp: turn.spec.hostIp,
    hostIps: turn.host.hostIps,
    startTime: worker.startTime,
    isTerminal,
  };
  const status = podStatusOf(worker.pod, pod, worker.status, timeText(turn.now));
  return isTerminal ? terminatedStatusOf(status, plan.initCount > 0) : status;
}

/** Ends what the worker was doing, if it was doing something. */
function finishActivity(at: PodTurn): boolean {
  const { activity } = at.worker;
  if (activity === undefined) return false;
  at.worker.activity = undefined;
  if (activity.doing === 'sandbox') makeSandbox(at);
  else {
    const planned = at.plan.containers[activity.container];
    if (planned === undefined) return true;
    pulled(at, planned, activity);
    if (environmentIsReady(at, activity.container, planned)) startContainer(at, activity.container, planned);
  }
  return true;
}

/** Starts what can be started. An init step that is not over keeps all after it from starting. */
function startNext(at: PodTurn): void {
  if (at.worker.activity !== undefined) return;
  if (isOver(at)) return complete(at);
  const { plan, worker } = at;
  if (worker.place === undefined || worker.place.stopped) {
    if (volumesAreReady(at)) beginSandbox(at);
    return;
  }
  const initialized = plan.initCount > 0 && isInitialized(at);
  for (let index = 0; index < plan.containers.length; index++) {
    const planned = plan.containers[index];
    if (planned === undefined || (initialized && planned.kind === 'init')) continue;
    const outcome = ensureRunning(at, index, planned);
    if (outcome === 'busy') return;
    if (planned.kind !== 'main' && outcome === 'wait' && !initialized) return;
  }
}

const isInitialized = (at: PodTurn): boolean =>
  at.plan.containers.some(
    (planned, index) => planned.kind === 'main' && containerOf(at, index) !== undefined,
  );

type Outcome = 'done' | 'wait' | 'busy';

/** Starts a container that should run and does not. `wait`: an init step that later ones wait for is not over. */
function ensureRunning(at: PodTurn, index: number, planned: PlannedContainer): Outcome {
  const container = seen(at, index);
  if (container.state === 'unseen') return 'wait';
  if (container.state === 'running') {
    if (container.runtime !== undefined && hasEnded(container.runtime, at.turn.now)) return 'wait'; // not yet seen to have ended
    return planned.kind === 'sidecar' && container.started
      ? 'done'
      : planned.kind === 'main'
        ? 'done'
        : 'wait';
  }
  const end = container.state === 'ended' ? container.runtime?.end : undefined;
  if (end !== undefined) {
    if (!restarts(at, planned, end.exitCode)) return 'done';
    if (isBackingOff(at, index, planned, end.at)) return 'wait';
  }
  if (!maySetUp(at, index, planned)) return 'wait';
  const image = ensureImage(at, index, planned);
  if (image !== 'present') return image === 'pulling' ? 'busy' : 'wait';
  if (!environmentIsReady(at, index, planned)) return 'wait';
  startContainer(at, index, planned);
  return 'wait';
}

function restarts(at: PodTurn, planned: PlannedContainer, exitCode: number): boolean {
  if (planned.kind === 'sidecar') return true;
  const { restartPolicy } = at.plan;
  if (planned.kind === 'init') return exitCode !== 0 && restartPolicy !== 'Never';
  return restartPolicy === 'Always' || (restartPolicy === 'OnFailure' && exitCode !== 0);
}

/** `p_ns(uid)`, as the kubelet names a Pod in its texts. */
const podText = (at: PodTurn): string =>
  `${at.worker.pod.metadata.name}_${at.worker.pod.metadata.namespace ?? ''}(${at.uid})`;

function isBackingOff(at: PodTurn, index: number, planned: PlannedContainer, endedAt: VirtualTime): boolean {
  const memory = memoryOf(at, index);
  const { backoff } = memory;
  if (backoff === undefined || restartAllowedAt(backoff, endedAt) <= at.turn.now) return false;
  if (memory.waiting !== undefined) return true;
  const pod = podText(at);
  const waiting = { reason: 'CrashLoopBackOff', message: backoffMessage(backoff, planned.name, pod) };
  remember(at, index, { ...memory, waiting });
  const text = `Back-off restarting failed container ${planned.name} in pod ${pod}`;
  recordPodEvent(at.turn, at.worker, planned.fieldPath, {
    type: 'Warning',
    reason: 'BackOff',
    message: text,
  });
  return true;
}

/** Nothing of the Pod will run again: all containers have ended for good, or an init step has. */
function isOver(at: PodTurn): boolean {
  if (at.plan.restartPolicy === 'Always') return false;
  let main = false;
  for (let index = 0; index < at.plan.containers.length; index++) {
    const planned = at.plan.containers[index];
    if (planned === undefined || planned.kind === 'sidecar') continue;
    const container = seen(at, index);
    const end = container.state === 'ended' ? container.runtime?.end : undefined;
    if (planned.kind === 'init') {
      if (end !== undefined && end.exitCode !== 0 && at.plan.restartPolicy === 'Never') return true;
      continue;
    }
    main = true;
    if (end === undefined || restarts(at, planned, end.exitCode)) return false;
  }
  return main;
}

/** The sidecars go, then the sandbox: the Pod's address is free again. */
function complete(at: PodTurn): void {
  let running = false;
  at.plan.containers.forEach((planned, index) => {
    const container = containerOf(at, index);
    if (container === undefined || hasEnded(container, at.turn.now)) return;
    running = true;
    if (container.end === undefined)
      stopContainer(at, index, planned, at.plan.gracePeriodSeconds, `Stopping container ${planned.name}`);
  });
  const { place } = at.worker;
  if (!running && place !== undefined && !place.stopped)
    at.worker.place = placeWith(place, place.containers, true);
}

function beginSandbox(at: PodTurn): void {
  const { turn } = at;
  const { sandbox } = turn.spec.timings ?? defaultTimings;
  const attempt = at.worker.place === undefined ? 0 : 1;
  const until = turn.now + sample(sandbox, turn.host.luck.sandbox, at.uid, attempt);
  at.worker.activity = { doing: 'sandbox', until };
}

/** How long the worker waits after a sandbox could not be made (pkg/kubelet/kubelet.go backOffPeriod). */
const sandboxRetry: Duration = 10 * second;

function makeSandbox(at: PodTurn): void {
  const { turn, worker } = at;
  const { cidr } = turn.host;
  const { name, namespace = 'default' } = worker.pod.metadata;
  const containers = worker.place?.containers ?? at.plan.absent;
  if (worker.pod.spec.hostNetwork === true) {
    worker.place = { namespace, name, ip: turn.spec.hostIp, address: undefined, stopped: false, containers };
    return;
  }
  const { orphans, images, lastAddress } = turn.runtime;
  const next = nextAddress(cidr, lastAddress, (place) => isTaken(turn, place));
  if (next === undefined) {
    recordPodEvent(turn, worker, undefined, {
      type: 'Warning',
      reason: 'FailedCreatePodSandBox',
      message: noAddressMessage(at),
    });
    worker.activity = { doing: 'sandbox', until: turn.now + sandboxRetry };
    return;
  }
  turn.runtime = { orphans, images, lastAddress: next };
  const address = placeOf(cidr, next);
  worker.place = { namespace, name, ip: addressText(cidr, address), address, stopped: false, containers };
}

function isTaken(turn: Turn, place: number): boolean {
  const holds = (pod: RuntimePod | undefined): boolean => pod?.address === place && !pod.stopped;
  let taken = false;
  turn.memory.workers.scan(undefined, undefined, (_, worker) => !(taken = holds(worker.place)));
  if (!taken) turn.runtime.orphans.scan(undefined, undefined, (_, pod) => !(taken = holds(pod)));
  return taken;
}

function noAddressMessage(at: PodTurn): string {
  const { cidr } = at.turn.host;
  const range = `${addressText(cidr, 1)}-${addressText(cidr, cidr.size - 2)}`;
  return `Failed to create pod sandbox: rpc error: code = Unknown desc = failed to setup network for sandbox: no IP addresses available in range set: ${range}`;
}

function graceOf(at: PodTurn): number {
  return at.worker.pod.metadata.deletionGracePeriodSeconds ?? at.plan.gracePeriodSeconds;
}

/** SIGTERM to all that run. What the worker was doing is given up. */
function beginTermination(at: PodTurn): void {
  const { activity } = at.worker;
  if (activity?.doing === 'pull') waitsNoMore(at, activity.image);
  at.worker.state = 'terminating';
  at.worker.activity = undefined;
  at.plan.containers.forEach((planned, index) => {
    const container = containerOf(at, index);
    if (container !== undefined && !hasEnded(container, at.turn.now))
      stopContainer(at, index, planned, graceOf(at), `Stopping container ${planned.name}`);
  });
}

/** Once nothing runs any more the sandbox goes too, and the Pod has ended for good. */
function finishTermination(at: PodTurn): void {
  const { place } = at.worker;
  for (const container of place?.containers ?? [])
    if (container !== undefined && !hasEnded(container, at.turn.now)) return;
  if (place !== undefined) at.worker.place = placeWith(place, place.containers, true);
  at.worker.state = 'terminated';
}
