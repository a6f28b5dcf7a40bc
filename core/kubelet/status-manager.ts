/**
 * Brings the status of each Pod to the apiserver: one write at a time, always the newest, nothing where nothing has
 * changed; and deletes a Pod there once it has ended and its last status has been written.
 *
 * The real kubelet sends a strategic merge patch; here it is a merge patch with whole lists, in which the conditions of
 * others are repeated as last seen. (kubernetes v1.34.1 pkg/kubelet/status/status_manager.go)
 */
import type { Pod, PodStatus } from '../api/generated/types.ts';
import { revisionOf } from '../api/object.ts';
import { conditionOf, isTerminal } from '../api/pod.ts';
import type { ApiAnswer } from '../api/request.ts';
import { second, type Duration } from '../time/time.ts';
import { equalValues } from './equal.ts';
import type { PodWorker, WorkerDraft } from './state.ts';
import { call, setTimer, type Turn } from './turn.ts';

/** How long after a failed write the next is tried (status_manager.go syncPeriod). */
const retryPeriod: Duration = 10 * second;

/** Writes the worker's status if the apiserver does not have it, or deletes the Pod when nothing is left to say. */
export function sendStatus(turn: Turn, uid: string, worker: WorkerDraft): void {
  const { status, sent } = worker;
  if (worker.busy || worker.gone || status === undefined) return;
  if (sent !== undefined && sent.phase === status.phase && equalValues(sent, status)) {
    if (mayDelete(worker)) sendDelete(turn, uid, worker);
    return;
  }
  const { namespace, name } = worker.pod.metadata;
  const patch = { metadata: { uid }, status };
  call(
    turn,
    { of: 'podStatus', uid },
    {
      verb: 'patch',
      resource: 'pods',
      subresource: 'status',
      namespace,
      name,
      patchType: 'merge',
      patch: patch as never,
    },
  );
  worker.sent = status;
  worker.busy = true;
}

/** It is to be deleted, nothing of it runs, and its last status has been written. */
const mayDelete = (worker: PodWorker): boolean =>
  worker.state === 'terminated' && worker.pod.metadata.deletionTimestamp !== undefined;

function sendDelete(turn: Turn, uid: string, worker: WorkerDraft): void {
  const { namespace, name } = worker.pod.metadata;
  call(
    turn,
    { of: 'podDelete', uid },
    { verb: 'delete', resource: 'pods', namespace, name, gracePeriodSeconds: 0, preconditions: { uid } },
  );
  worker.busy = true;
}

/** After the answer to a status write. A Pod that is not found is forgotten when its deletion is heard. */
export function onStatusAnswer(turn: Turn, uid: string, worker: WorkerDraft, answer: ApiAnswer): void {
  if (answer.ok) {
    if (answer.object !== undefined) worker.revision = revisionOf(answer.object);
    worker.busy = false;
    return sendStatus(turn, uid, worker);
  }
  if (answer.code === 404) return;
  setTimer(turn, { of: 'podStatus', uid }, retryPeriod, false);
  worker.sent = undefined;
}

/**
 * After the answer to a deletion: 409 says that another Pod has the name by now. What follows is heard from the watch,
 * once no finalizer holds the Pod.
 */
export function onDeleteAnswer(turn: Turn, uid: string, answer: ApiAnswer): void {
  if (!answer.ok && answer.code !== 404 && answer.code !== 409)
    setTimer(turn, { of: 'podDelete', uid }, retryPeriod, false);
}

/**
 * True when somebody else has written a readiness that contradicts the kubelet's, as the node lifecycle controller does
 * while it hears nothing of the node. Echoes of the kubelet's own earlier writes are none, and a Pod that another has
 * ended stays ended.
 */
export function isOverruled(worker: PodWorker, pod: Pod): boolean {
  const { status } = worker;
  // What comes back has the conditions as they were sent.
  if (status === undefined || worker.busy || status.conditions === pod.status.conditions) return false;
  if (isTerminal(pod)) return false;
  return revisionOf(pod) > worker.revision && readiness(pod.status) !== readiness(status);
}

const readiness = (status: PodStatus): string | undefined => conditionOf(status, 'Ready')?.status;
