/** What a DaemonSet's status says of its nodes. (kubernetes v1.34.1 pkg/controller/daemon, updateDaemonSetStatus) */
import type { DaemonSet, DaemonSetStatus } from '../../api/generated/types.ts';
import { isPodAvailable, isPodReady } from '../../api/pod.ts';
import type { Ask, Reply } from '../controller.ts';
import { get, updateStatus } from '../requests.ts';
import { isUpdated, olderFirst, type Situation } from './plan.ts';

/** The status, of which a node's oldest Pod alone is part. `isHandled`: the generation has been acted upon. */
export function statusOf({ set, hash, nodes, podsOn, now }: Situation, isHandled: boolean): DaemonSetStatus {
  let [desired, current, misscheduled, ready, updated, available] = [0, 0, 0, 0, 0, 0];
  for (const { node, run } of nodes) {
    const pods = podsOn.get(node.metadata.name);
    if (run) desired++;
    if (pods === undefined) continue;
    if (!run) {
      misscheduled++;
      continue;
    }
    current++;
    const oldest = pods.reduce((first, pod) => (olderFirst(pod, first) < 0 ? pod : first));
    if (isPodReady(oldest)) {
      ready++;
      if (isPodAvailable(oldest, set.spec.minReadySeconds ?? 0, now)) available++;
    }
    if (isUpdated(oldest, hash)) updated++;
  }
  const unavailable = desired - available;
  const { collisionCount, observedGeneration } = set.status;
  return {
    currentNumberScheduled: current,
    numberMisscheduled: misscheduled,
    desiredNumberScheduled: desired,
    numberReady: ready,
    observedGeneration: isHandled ? set.metadata.generation : observedGeneration,
    ...(updated === 0 ? {} : { updatedNumberScheduled: updated }),
    ...(available === 0 ? {} : { numberAvailable: available }),
    ...(unavailable === 0 ? {} : { numberUnavailable: unavailable }),
    ...(collisionCount === undefined ? {} : { collisionCount }),
  };
}

/** Writes what is new; where somebody was quicker, once more on what is there now. False: it failed. */
export function* writeStatus<Memory>(
  set: DaemonSet,
  status: DaemonSetStatus,
): Generator<Ask<Memory>, boolean, Reply> {
  if (!isNew(set, status)) return true;
  const first = yield { requests: [updateStatus('daemonsets', { ...set, status })] };
  if (first.answers[0]?.ok === true) return true;
  const { namespace, name } = set.metadata;
  const [fresh] = (yield { requests: [get('daemonsets', namespace, name)] }).answers;
  if (fresh?.ok !== true) return false;
  const second = yield {
    requests: [updateStatus('daemonsets', { ...(fresh.object as DaemonSet), status })],
  };
  return second.answers[0]?.ok === true;
}

const counts = [
  'desiredNumberScheduled',
  'currentNumberScheduled',
  'numberMisscheduled',
  'numberReady',
  'updatedNumberScheduled',
  'numberAvailable',
  'numberUnavailable',
] as const;

const isNew = ({ status, metadata }: DaemonSet, next: DaemonSetStatus): boolean =>
  counts.some((count) => (status[count] ?? 0) !== (next[count] ?? 0)) ||
  (status.observedGeneration ?? 0) < (metadata.generation ?? 0);
