/**
 * What the runtime runs for nobody: Pods that were deleted while the kubelet was down, or that are not let in again when it
 * starts. They have a second to end (kubernetes v1.34.1 pkg/kubelet/kubelet_pods.go HandlePodCleanups).
 */
import { sample } from '../random/distribution.ts';
import { second } from '../time/time.ts';
import { hasEnded, placeWith, stoppedBy } from './containers.ts';
import { defaultStop, defaultStopExitCode } from './spec.ts';
import type { Runtime, RuntimePod } from './state.ts';
import { setTimer, type Turn } from './turn.ts';

const grace = 1 * second;

export function stopOrphans(turn: Turn): void {
  for (const [uid, place] of turn.runtime.orphans.entries()) {
    const stopping = stop(turn, uid, place);
    putOrphans(turn, turn.runtime.orphans.set(uid, stopping));
    const last = Math.max(turn.now, ...stopping.containers.map((container) => container?.end?.at ?? 0));
    setTimer(turn, { of: 'pod', uid }, last - turn.now, false);
  }
}

function putOrphans(turn: Turn, orphans: Runtime['orphans']): void {
  const { images, lastAddress } = turn.runtime;
  turn.runtime = { orphans, images, lastAddress };
}

/** What the runtime runs of a Pod that the kubelet takes up again. */
export function adopt(turn: Turn, uid: string): RuntimePod | undefined {
  const { orphans } = turn.runtime;
  if (orphans.size === 0) return undefined;
  const place = orphans.get(uid);
  if (place !== undefined) putOrphans(turn, orphans.delete(uid));
  return place;
}

/** Nothing of its Spec is known: it behaves as most images do. */
function stop(turn: Turn, uid: string, place: RuntimePod): RuntimePod {
  const containers = place.containers.map((container, index) => {
    if (container === undefined || hasEnded(container, turn.now)) return container;
    const wanted = sample(defaultStop, turn.host.luck.stop, uid, index, container.restartCount);
    return stoppedBy(container, { now: turn.now, grace, hook: 0, wanted, exitCode: defaultStopExitCode });
  });
  return placeWith(place, containers, place.stopped);
}

/** Of an orphan whose containers have ended nothing is left. */
export function forgetOrphan(turn: Turn, uid: string): void {
  const { orphans } = turn.runtime;
  const place = orphans.get(uid);
  if (place?.containers.every((container) => container === undefined || hasEnded(container, turn.now)))
    putOrphans(turn, orphans.delete(uid));
}
