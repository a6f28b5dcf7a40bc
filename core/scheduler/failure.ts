/**
 * A Pod that could not be scheduled: back into the queue, an Event, and the reason as a condition of its status.
 * (kubernetes v1.34.1 pkg/scheduler/schedule_one.go, handleSchedulingFailure)
 */
import type { Json, Pod, PodCondition } from '../api/generated/types.ts';
import { keyOf } from '../api/object.ts';
import { conditionOf } from '../api/pod.ts';
import { take } from '../client/flow-control.ts';
import { viewOf } from '../client/informer.ts';
import { record, type Occurrence, type Recorder } from '../client/recorder.ts';
import { timeText, type Duration, type VirtualTime } from '../time/time.ts';
import { profileFor } from './framework.ts';
import { unnominate } from './nominator.ts';
import { podInfoOf } from './pod-info.ts';
import { requeue, type Tries } from './queue.ts';
import type { Work } from './scheduler.ts';
import { patchStatus } from './patch-status.ts';

export interface Failure {
  /** The plugins that rejected it; none: it was an error. */
  readonly rejectors: readonly string[];
  readonly reason: 'Unschedulable' | 'SchedulerError';
  readonly message: string;
  /** The node the Pod is nominated to; empty: to none any more; undefined: as before. */
  readonly nominated?: string | undefined;
}

/** `after`: when the attempt is over, from now. */
export function handleFailure(
  work: Work,
  tried: Tries & { readonly pod: Pod },
  uid: string,
  failure: Failure,
  after: Duration,
): void {
  const found = viewOf(work.informers, 'pods').objects.get(keyOf(tried.pod));
  const known = found?.metadata.uid === uid ? found : undefined;
  const waiting = known !== undefined && (known.spec.nodeName ?? '') === '';
  if (waiting)
    work.queue = requeue(work.queue, tried, known, podInfoOf(known), failure.rejectors, work.now + after);
  recordFailure(work, known ?? tried.pod, failure.message, after);
  if (waiting) patchCondition(work, known, failure, after);
}

export const recordFailure = (work: Work, pod: Pod, message: string, after: Duration): void => {
  recordEvent(
    work,
    pod,
    { type: 'Warning', reason: 'FailedScheduling', action: 'Scheduling', message: note(message) },
    after,
  );
};

/** The API takes no longer note. */
const noteLengthLimit = 1024;
const note = (message: string): string =>
  message.length <= noteLengthLimit ? message : `${message.slice(0, noteLengthLimit - 4)} ...`;

export function recordEvent(work: Work, pod: Pod, occurrence: Occurrence, after: Duration): void {
  const { uid, name, namespace, resourceVersion } = pod.metadata;
  const regarding = { kind: 'Pod', namespace, name, uid, apiVersion: 'v1', resourceVersion };
  const component = profileFor(work, pod) === undefined ? work.schedulerName : pod.spec.schedulerName;
  const recorded = record(recorderOf(work.recorder, component), regarding, occurrence, work.now + after);
  work.recorder = recorded.recorder;
  for (const request of recorded.requests) {
    if (request.do !== 'call') {
      work.requests.push(request);
      continue;
    }
    const taken = take(work.eventBucket, work.now + after);
    work.eventBucket = taken.bucket;
    work.requests.push({ ...request, after: (request.after ?? 0) + after + taken.wait });
  }
}

/** Each profile reports by its own name. */
function recorderOf(recorder: Recorder, component = recorder.reporter.component): Recorder {
  const { reporter } = recorder;
  return reporter.component === component
    ? recorder
    : { ...recorder, reporter: { ...reporter, component, source: { component } } };
}

/** Writes the condition and the nomination where they say something new. */
function patchCondition(work: Work, pod: Pod, failure: Failure, after: Duration): void {
  const conditions = conditionsWith(pod, failure, work.now + after);
  const before = pod.status.nominatedNodeName ?? '';
  const { nominated = before } = failure;
  if (conditions === undefined && nominated === before) return;
  if (nominated === '') work.nominated = unnominate(work.nominated, pod.metadata.uid);
  const status: Record<string, Json> = {};
  if (conditions !== undefined) status['conditions'] = conditions as unknown as Json;
  if (nominated !== before) status['nominatedNodeName'] = nominated === '' ? null : nominated;
  patchStatus(work, pod, status, after);
}

function conditionsWith(
  pod: Pod,
  { reason, message }: Failure,
  at: VirtualTime,
): readonly PodCondition[] | undefined {
  const conditions = pod.status.conditions ?? [];
  const before = conditionOf(pod.status, 'PodScheduled');
  if (before?.status === 'False' && before.reason === reason && before.message === message) return undefined;
  const condition: PodCondition = {
    type: 'PodScheduled',
    observedGeneration: pod.metadata.generation,
    status: 'False',
    lastTransitionTime: before?.status === 'False' ? before.lastTransitionTime : timeText(at),
    reason,
    message,
  };
  return before === undefined
    ? [...conditions, condition]
    : conditions.map((old) => (old === before ? condition : old));
}
