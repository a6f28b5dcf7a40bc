/**
 * CrashLoopBackOff: how long a container that ended waits for its next start. The first restart is at once, then 10 s
 * doubling to 300 s, each counted from the moment the container ended.
 * (kubernetes v1.34.1 pkg/kubelet/kuberuntime/kuberuntime_manager.go doBackOff, client-go util/flowcontrol/backoff.go)
 */
import { durationText } from '../time/duration.ts';
import { second, type Duration, type VirtualTime } from '../time/time.ts';

export interface Backoff {
  readonly delay: Duration;
  /** When the container was last started after having ended. */
  readonly restartedAt: VirtualTime;
}

const initialDelay: Duration = 10 * second;
const longestDelay: Duration = 300 * second;

/** Forgotten when the container ended strictly more than 600 s after its last restart; a good run of 300 s changes nothing. */
const isForgotten = (backoff: Backoff, finishedAt: VirtualTime): boolean =>
  finishedAt - backoff.restartedAt > 2 * longestDelay;

/** When a container that ended at `finishedAt` may be started again. */
export function restartAllowedAt(backoff: Backoff | undefined, finishedAt: VirtualTime): VirtualTime {
  return backoff === undefined || isForgotten(backoff, finishedAt) ? finishedAt : finishedAt + backoff.delay;
}

/** The back-off after the container that ended at `finishedAt` is started again now: what its next end will wait for. */
export function afterRestart(
  backoff: Backoff | undefined,
  finishedAt: VirtualTime,
  now: VirtualTime,
): Backoff {
  const first = backoff === undefined || isForgotten(backoff, finishedAt);
  const delay = first ? initialDelay : Math.min(2 * backoff.delay, longestDelay);
  return { delay, restartedAt: now };
}

/** What the container's status says while it waits: `back-off 1m20s restarting failed container=c pod=p_ns(uid)`. */
export const backoffMessage = (backoff: Backoff, container: string, pod: string): string =>
  `back-off ${durationText(backoff.delay)} restarting failed container=${container} pod=${pod}`;
