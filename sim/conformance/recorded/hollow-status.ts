/** The statuses that the hollow kubelet writes, and how the annotations of a Pod steer them. */
import type { ContainerState, Pod, PodCondition, PodStatus } from '../../../core/api/generated/types.ts';
import { millisecond, second, type Duration } from '../../../core/time/time.ts';

/** What a hollow Pod is doing, as its kubelet sees it. */
export type Stage = 'creating' | 'running' | 'ready' | 'succeeded' | 'failed';

/** How a Pod is to behave, in the words of its annotations. */
export interface Behaviour {
  /** From Running to Ready; undefined: at once. */
  readonly readyAfter: Duration | undefined;
  /** From Running to its end by itself. */
  readonly exitAfter: Duration | undefined;
  readonly exitCode: number;
  /** From the wish to delete it to its end. */
  readonly terminationAfter: Duration;
}

/** From Pending to Running. */
export const startAfter: Duration = 800 * millisecond;
const terminationAfter: Duration = 300 * millisecond;
/** Of a Pod that is not to be restarted. */
const usualExit: Duration = 3 * second;

const completionIndex = 'batch.kubernetes.io/job-completion-index';

export function behaviourOf({ metadata, spec }: Pod): Behaviour {
  const said = metadata.annotations ?? {};
  const time = (name: string): Duration | undefined => {
    const text = said[`hollow/${name}`];
    return text === undefined ? undefined : Number(text) * millisecond;
  };
  const failIndex = said['hollow/fail-index'];
  const fails = failIndex !== undefined && failIndex.split(',').includes(said[completionIndex] ?? '');
  const code = Number(said['hollow/exit-code'] ?? '0');
  return {
    readyAfter: time('ready-ms') === 0 ? undefined : time('ready-ms'),
    exitAfter: time('exit-ms') ?? (spec.restartPolicy === 'Never' ? usualExit : undefined),
    exitCode: fails && code === 0 ? 1 : failIndex !== undefined && !fails ? 0 : code,
    terminationAfter: time('term-ms') ?? terminationAfter,
  };
}

export interface Host {
  readonly hostIp: string;
  readonly podIp: string;
}

/** A whole status, written as a merge patch: transition times are kept where a condition says what it said. */
export function hollowStatus(pod: Pod, stage: Stage, exitCode: number, host: Host, now: string): PodStatus {
  const ended = stage === 'succeeded' || stage === 'failed';
  const ready = stage === 'ready';
  const why = ready
    ? undefined
    : stage === 'succeeded'
      ? 'PodCompleted'
      : stage === 'failed'
        ? 'PodFailed'
        : 'ContainersNotReady';
  const known = pod.status.conditions ?? [];
  const condition = (type: string, status: boolean, reason?: string): PodCondition => {
    const before = known.find((held) => held.type === type);
    const text = status ? 'True' : 'False';
    const since = before?.status === text ? (before.lastTransitionTime ?? now) : now;
    const given = reason === undefined ? {} : { reason };
    return { type, status: text, lastTransitionTime: since, ...given };
  };
  const scheduled = known.find(({ type }) => type === 'PodScheduled') ?? condition('PodScheduled', true);
  const others = known.filter(({ type }) => !own.has(type));
  return {
    phase:
      stage === 'creating' ? 'Pending' : ended ? (stage === 'failed' ? 'Failed' : 'Succeeded') : 'Running',
    conditions: [
      condition('PodReadyToStartContainers', stage !== 'creating'),
      condition('Initialized', true),
      condition('Ready', ready, why),
      condition('ContainersReady', ready, why),
      scheduled,
      ...others,
    ],
    hostIP: host.hostIp,
    hostIPs: [{ ip: host.hostIp }],
    ...(stage === 'creating' ? {} : { podIP: host.podIp, podIPs: [{ ip: host.podIp }] }),
    startTime: pod.status.startTime ?? now,
    containerStatuses: pod.spec.containers.map(({ name, image }) => ({
      name,
      state: containerState(stage, exitCode, now),
      lastState: {},
      ready,
      restartCount: 0,
      image: image ?? '',
      imageID: '',
      started: stage === 'ready' || stage === 'running',
    })),
  };
}

const own = new Set(['PodReadyToStartContainers', 'Initialized', 'Ready', 'ContainersReady', 'PodScheduled']);

function containerState(stage: Stage, exitCode: number, now: string): ContainerState {
  switch (stage) {
    case 'creating':
      return { waiting: { reason: 'ContainerCreating' } };
    case 'running':
    case 'ready':
      return { running: { startedAt: now } };
    case 'succeeded':
      return { terminated: { exitCode: 0, reason: 'Completed', startedAt: now, finishedAt: now } };
    case 'failed':
      return { terminated: { exitCode, reason: 'Error', startedAt: now, finishedAt: now } };
  }
}
