/**
 * Probes. `doProbe` is one tick of a probe worker as the kubelet has it. A simulated process only ever goes from not
 * serving to serving, so the few instants at which a probe changes anything can be computed when the container is first
 * seen (`probeTimes`): a steady Pod costs no tick. A test drives both and compares.
 * (kubernetes v1.34.1 pkg/kubelet/prober/worker.go, prober_manager.go)
 */
import type { Probe } from '../api/generated/types.ts';
import { second, type Duration, type VirtualTime } from '../time/time.ts';

export type ProbeKind = 'startup' | 'liveness' | 'readiness';
type ProbeResult = 'success' | 'failure' | 'unknown';

/** What a worker remembers between two ticks. */
export interface ProbeWorker {
  readonly containerId: string | undefined;
  /** What the kubelet goes by. */
  readonly result: ProbeResult | undefined;
  /** The last answer of the process, and how often in a row it was given. */
  readonly lastResult: ProbeResult | undefined;
  readonly resultRun: number;
  /** Waits for a new container. */
  readonly onHold: boolean;
}

export interface ProbeTick {
  readonly containerId: string | undefined;
  readonly state: 'running' | 'waiting' | 'terminated';
  readonly age: Duration;
  readonly started: boolean;
  readonly podDeleting: boolean;
  readonly podTerminal: boolean;
  readonly restartPolicy: string;
  /** `warning` counts as success; `error` is thrown away: neither the result nor the run changes. */
  readonly answer: 'success' | 'warning' | 'failure' | 'unknown' | 'error';
}

export const newProbeWorker: ProbeWorker = {
  containerId: undefined,
  result: undefined,
  lastResult: undefined,
  resultRun: 0,
  onHold: false,
};

const initialResult: Readonly<Record<ProbeKind, ProbeResult>> = {
  startup: 'unknown',
  liveness: 'success',
  readiness: 'failure',
};

/** One tick: the worker after it, and whether it goes on. */
export function doProbe(
  kind: ProbeKind,
  probe: Probe,
  before: ProbeWorker,
  tick: ProbeTick,
): { readonly worker: ProbeWorker; readonly keepGoing: boolean } {
  if (tick.podTerminal) return { worker: before, keepGoing: false };
  if (tick.containerId === undefined) return { worker: before, keepGoing: true };
  let worker = before;
  if (worker.containerId !== tick.containerId)
    worker = { ...worker, containerId: tick.containerId, result: initialResult[kind], onHold: false };
  if (worker.onHold) return { worker, keepGoing: true };
  if (tick.state !== 'running') {
    const over = tick.state === 'terminated' && tick.restartPolicy === 'Never';
    return { worker: { ...worker, result: 'failure' }, keepGoing: !over };
  }
  if (tick.podDeleting && kind !== 'readiness')
    return { worker: { ...worker, result: 'success' }, keepGoing: false };
  const tooEarly = Math.floor(tick.age / second) < (probe.initialDelaySeconds ?? 0);
  const notItsTurn = tick.started === (kind === 'startup');
  if (tooEarly || notItsTurn || tick.answer === 'error') return { worker, keepGoing: true };
  return { worker: answered(kind, probe, worker, resultOf(tick.answer)), keepGoing: true };
}

function resultOf(answer: Exclude<ProbeTick['answer'], 'error'>): ProbeResult {
  return answer === 'success' || answer === 'warning' ? 'success' : 'failure';
}

function answered(kind: ProbeKind, probe: Probe, worker: ProbeWorker, result: ProbeResult): ProbeWorker {
  const resultRun = worker.lastResult === result ? worker.resultRun + 1 : 1;
  const next = { ...worker, lastResult: result, resultRun };
  const threshold = result === 'failure' ? (probe.failureThreshold ?? 3) : (probe.successThreshold ?? 1);
  if (resultRun < threshold) return next;
  const decided = kind === 'startup' || (kind === 'liveness' && result === 'failure');
  return decided ? { ...next, result, onHold: true, resultRun: 0 } : { ...next, result };
}

/** A container as its probes see it. */
export interface Probed {
  readonly startup: Probe | undefined;
  readonly liveness: Probe | undefined;
  readonly readiness: Probe | undefined;
  readonly startedAt: VirtualTime;
  /** From here on the process answers. */
  readonly servesAt: VirtualTime;
  /** Since when the workers of the Pod have been ticking. */
  readonly workersSince: VirtualTime;
  /** When the kubelet first saw it run. */
  readonly seenAt: VirtualTime;
}

/** When its probes decide something for the first time; undefined: never. */
export interface ProbeTimes {
  readonly startedAt: VirtualTime | undefined;
  readonly readyAt: VirtualTime | undefined;
  /** It is killed for not answering. */
  readonly failsAt: VirtualTime | undefined;
  readonly failedBy: 'startup' | 'liveness' | undefined;
  /** The first probe that was not answered. */
  readonly unhealthyAt: VirtualTime | undefined;
  readonly unhealthyBy: ProbeKind | undefined;
}

/** The instants at which the probes of a container change what the kubelet thinks of it. */
export function probeTimes(container: Probed): ProbeTimes {
  const { startup, liveness, readiness, seenAt } = container;
  const starts =
    startup === undefined ? undefined : course(startup, container, container.workersSince, seenAt);
  const startedAt = starts === undefined ? seenAt : starts.succeedsAt;
  if (startedAt === undefined || starts?.failsAt !== undefined)
    return {
      startedAt: undefined,
      readyAt: undefined,
      failsAt: starts?.failsAt,
      failedBy: 'startup',
      unhealthyAt: starts?.unhealthyAt,
      unhealthyBy: 'startup',
    };
  const lives =
    liveness === undefined ? undefined : course(liveness, container, container.workersSince, startedAt);
  // A status that says "started, not ready" triggers the readiness probe at once, and its period begins there.
  const readies = readiness === undefined ? undefined : course(readiness, container, startedAt, startedAt);
  const failsAt = lives?.failsAt;
  const unhealthy = earliest([
    ['startup', starts?.unhealthyAt],
    ['liveness', lives?.unhealthyAt],
    ['readiness', readies?.unhealthyAt],
  ]);
  return {
    startedAt,
    readyAt: readies === undefined ? startedAt : readies.succeedsAt,
    failsAt,
    failedBy: failsAt === undefined ? undefined : 'liveness',
    unhealthyAt: unhealthy?.[1],
    unhealthyBy: unhealthy?.[0],
  };
}

interface Course {
  readonly succeedsAt: VirtualTime | undefined;
  readonly failsAt: VirtualTime | undefined;
  readonly unhealthyAt: VirtualTime | undefined;
}

/** How one probe goes whose ticks lie at `origin` and every period after, from the first tick at or after `from`. */
function course(probe: Probe, container: Probed, origin: VirtualTime, from: VirtualTime): Course {
  const period = (probe.periodSeconds ?? 10) * second;
  const earliestTick = Math.max(from, container.startedAt + (probe.initialDelaySeconds ?? 0) * second);
  const first = tickFrom(origin, period, earliestTick);
  const served = Math.max(first, tickFrom(origin, period, container.servesAt));
  const failures = (served - first) / period;
  const threshold = probe.failureThreshold ?? 3;
  return {
    succeedsAt: served + ((probe.successThreshold ?? 1) - 1) * period,
    failsAt: failures >= threshold ? first + (threshold - 1) * period : undefined,
    unhealthyAt: failures > 0 ? first : undefined,
  };
}

const tickFrom = (origin: VirtualTime, period: Duration, at: VirtualTime): VirtualTime =>
  at <= origin ? origin : origin + Math.ceil((at - origin) / period) * period;

type Unhealthy = readonly [ProbeKind, VirtualTime];

function earliest(
  candidates: readonly (readonly [ProbeKind, VirtualTime | undefined])[],
): Unhealthy | undefined {
  let found: Unhealthy | undefined;
  for (const [kind, at] of candidates)
    if (at !== undefined && (found === undefined || at < found[1])) found = [kind, at];
  return found;
}

const titles: Readonly<Record<ProbeKind, string>> = {
  startup: 'Startup',
  liveness: 'Liveness',
  readiness: 'Readiness',
};

/** The text of the Unhealthy Event: nothing listens yet. What a command or a gRPC client prints then is not known. */
export function unhealthyMessage(kind: ProbeKind, probe: Probe | undefined, podIp: string): string {
  return `${titles[kind]} probe failed: ${refusal(probe, podIp)}`;
}

function refusal(probe: Probe | undefined, podIp: string): string {
  const { httpGet, tcpSocket, grpc } = probe ?? {};
  if (httpGet !== undefined) {
    const address = `${httpGet.host ?? podIp}:${httpGet.port}`;
    const path = httpGet.path ?? '/';
    const url = `${(httpGet.scheme ?? 'HTTP').toLowerCase()}://${address}${path.startsWith('/') ? path : `/${path}`}`;
    return `Get "${url}": dial tcp ${address}: connect: connection refused`;
  }
  if (tcpSocket !== undefined)
    return `dial tcp ${tcpSocket.host ?? podIp}:${tcpSocket.port}: connect: connection refused`;
  if (grpc !== undefined)
    return `timeout: failed to connect service "${podIp}:${grpc.port}" within ${probe?.timeoutSeconds ?? 1}s: context deadline exceeded`;
  return '';
}
