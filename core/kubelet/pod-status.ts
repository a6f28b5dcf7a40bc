/**
 * The status of a Pod from what the kubelet has seen of its containers.
 * (kubernetes v1.34.1 pkg/kubelet/kubelet_pods.go generateAPIPodStatus, convertToAPIContainerStatuses)
 */
import type {
  ContainerState,
  ContainerStatus,
  HostIP,
  Pod,
  PodStatus,
  Time,
} from '../api/generated/types.ts';
import { qosClassOf } from '../api/pod.ts';
import { assert } from '../reducer.ts';
import { timeText } from '../time/time.ts';
import { conditionsOf, hasStarted, isKubeletCondition } from './conditions.ts';
import { phaseOf } from './phase.ts';
import type { Plan, PlannedContainer } from './plan.ts';
import type { ContainerEnd, RuntimeContainer, Waiting } from './state.ts';

/** A container as the kubelet has last seen it. */
export interface SeenContainer {
  readonly runtime: RuntimeContainer | undefined;
  /** `unseen`: it was started, but the kubelet has not listed it yet. */
  readonly state: 'absent' | 'unseen' | 'running' | 'ended';
  /** Why its next start is put off. */
  readonly waiting: Waiting | undefined;
  readonly started: boolean;
  readonly ready: boolean;
}

export interface SeenPod {
  readonly plan: Plan;
  readonly containers: readonly SeenContainer[];
  /** The sandbox's address; undefined: there is no sandbox. */
  readonly ip: string | undefined;
  /** The sandbox runs. */
  readonly hasSandbox: boolean;
  readonly hostIp: string;
  readonly hostIps: readonly HostIP[];
  readonly startTime: Time;
  /** It is to run no more, and its containers have been stopped. */
  readonly isTerminal: boolean;
}

/** The whole status; `known` is the one before it, from which transition times are kept. */
export function podStatusOf(pod: Pod, seen: SeenPod, known: PodStatus | undefined, now: Time): PodStatus {
  const { plan } = seen;
  const count = plan.containers.length;
  const waiting = plan.initCount > 0 ? 'PodInitializing' : 'ContainerCreating';
  const initStatuses = plan.initCount > 0 ? statusesOf(seen, 0, plan.initCount, waiting) : undefined;
  const statuses = statusesOf(seen, plan.initCount, count, waiting);
  const hasInitialized = hasStarted(statuses);
  // An end is an end: whatever the runtime holds, the phase does not go back.
  const ended =
    pod.status.phase === 'Succeeded' || pod.status.phase === 'Failed' ? pod.status.phase : undefined;
  const facts = { isTerminal: seen.isTerminal, hasInitialized };
  const phase = ended ?? phaseOf(pod.spec, initStatuses, statuses, facts);
  const generation = observable(pod.metadata.generation);
  const conditions = conditionsOf(
    pod,
    { phase, hasSandbox: seen.hasSandbox, initStatuses, statuses, generation },
    known?.conditions ?? pod.status.conditions,
    now,
  );
  return {
    observedGeneration: generation,
    phase,
    conditions,
    hostIP: seen.hostIp,
    hostIPs: seen.hostIps,
    podIP: seen.ip,
    podIPs: seen.ip === undefined ? undefined : [{ ip: seen.ip }],
    startTime: seen.startTime,
    initContainerStatuses: initStatuses,
    containerStatuses: statuses,
    qosClass: qosClassOf(pod),
  };
}

/**
 * The last status of a Pod of which nothing runs any more: its phase is an end, and a container that was never seen to
 * end counts as ended. (kubernetes v1.34.1 pkg/kubelet/status/status_manager.go TerminatePod)
 */
export function terminatedStatusOf(status: PodStatus, hasInit: boolean): PodStatus {
  const { containerStatuses: statuses } = status;
  const initialized = !hasInit || hasStarted(statuses);
  return {
    ...status,
    phase: status.phase === 'Succeeded' ? 'Succeeded' : 'Failed',
    containerStatuses: initialized ? statuses?.map(located) : statuses,
  };
}

function located(status: ContainerStatus): ContainerStatus {
  if (status.state?.terminated !== undefined) return status;
  const message = 'The container could not be located when the pod was terminated';
  return {
    ...status,
    state: { terminated: { exitCode: 137, reason: 'ContainerStatusUnknown', message } },
    ready: false,
    started: false,
  };
}

/** The status of a Pod that the node did not take. Conditions that others set are left to it. */
export function rejectedStatusOf(pod: Pod, reason: string, message: string, startTime: Time): PodStatus {
  return {
    observedGeneration: observable(pod.metadata.generation),
    phase: 'Failed',
    conditions: (pod.status.conditions ?? []).filter((condition) => !isKubeletCondition(condition.type)),
    reason,
    message: `Pod was rejected: ${message}`,
    startTime,
    qosClass: qosClassOf(pod),
  };
}

/** Generation 0 is as good as none. */
const observable = (generation: number | undefined): number | undefined =>
  generation === 0 ? undefined : generation;

function statusesOf(seen: SeenPod, from: number, to: number, waiting: string): readonly ContainerStatus[] {
  const planned = seen.plan.containers;
  const statuses = new Array<ContainerStatus>(to - from);
  for (let i = from; i < to; i++) {
    const [container, state] = [planned[i], seen.containers[i]];
    assert(container !== undefined && state !== undefined, 'a container of the plan has been looked at');
    statuses[i - from] = containerStatusOf(container, state, waiting);
  }
  return statuses;
}

const nothing: ContainerState = {};

/** One container's status. `creating` is the reason while it was never started. */
function containerStatusOf(
  planned: PlannedContainer,
  seen: SeenContainer,
  creating: string,
): ContainerStatus {
  const { runtime, waiting } = seen;
  if (runtime === undefined || (seen.state === 'unseen' && runtime.previous === undefined))
    return waiting === undefined ? creatingOf(planned, creating) : newStatus(planned, waiting);
  const previous = runtime.previous === undefined ? nothing : terminated(runtime.previous, runtime.previous);
  const states = statesOf(seen, runtime, previous);
  const unseen = seen.state === 'unseen';
  return {
    name: planned.name,
    state: states.state,
    lastState: states.lastState,
    ready: seen.ready,
    restartCount: unseen ? runtime.restartCount - 1 : runtime.restartCount,
    image: planned.image,
    imageID: planned.imageId,
    containerID: `containerd://${unseen ? (runtime.previous?.id ?? '') : runtime.id}`,
    started: seen.started,
  };
}

/** A container that was never started. */
const newStatus = (
  planned: PlannedContainer,
  waiting: Waiting | { readonly reason: string },
): ContainerStatus => ({
  name: planned.name,
  state: { waiting },
  lastState: nothing,
  ready: false,
  restartCount: 0,
  image: planned.image,
  imageID: '',
  started: false,
});

const created = new WeakMap<PlannedContainer, ContainerStatus>();

/** The first status of a container, which all Pods of the template share. */
function creatingOf(planned: PlannedContainer, reason: string): ContainerStatus {
  const known = created.get(planned);
  if (known?.state?.waiting?.reason === reason) return known;
  const status = newStatus(planned, { reason });
  created.set(planned, status);
  return status;
}

interface States {
  readonly state: ContainerState;
  readonly lastState: ContainerState;
}

function statesOf(seen: SeenContainer, runtime: RuntimeContainer, previous: ContainerState): States {
  if (seen.state === 'running')
    return { state: runningSince(timeText(runtime.startedAt)), lastState: previous };
  const ended =
    seen.state === 'unseen' || runtime.end === undefined ? previous : terminated(runtime, runtime.end);
  // A start that is put off shows as waiting, and how the container ended moves to its last state.
  if (seen.waiting !== undefined) return { state: { waiting: seen.waiting }, lastState: ended };
  return { state: ended, lastState: seen.state === 'unseen' ? nothing : previous };
}

let latestStart: ContainerState & { readonly running: { readonly startedAt: Time } } = {
  running: { startedAt: '' },
};

/** One value for all containers that were started in the same second. */
function runningSince(startedAt: Time): ContainerState {
  if (latestStart.running.startedAt !== startedAt) latestStart = { running: { startedAt } };
  return latestStart;
}

const terminated = (
  container: { readonly id: string; readonly startedAt: number },
  end: ContainerEnd,
): ContainerState => ({
  terminated: {
    exitCode: end.exitCode,
    reason: end.reason,
    startedAt: timeText(container.startedAt),
    finishedAt: timeText(end.at),
    containerID: `containerd://${container.id}`,
  },
});
