/**
 * DefaultBinder, asynchronous: the next Pod is decided while a binding is under way.
 * (kubernetes v1.34.1 plugins/defaultbinder/default_binder.go, schedule_one.go bindingCycle and handleBindingCycleError)
 */
import type { Pod } from '../api/generated/types.ts';
import { splitKey } from '../api/object.ts';
import type { ApiAnswer } from '../api/request.ts';
import { take } from '../client/flow-control.ts';
import { viewOf } from '../client/informer.ts';
import type { Duration } from '../time/time.ts';
import { forgetPod, isAssumed } from './cache.ts';
import { wakeHelped } from './event-handlers.ts';
import { handleFailure, recordEvent } from './failure.ts';
import type { QueuedPod } from './queue.ts';
import type { BindTag, Work } from './scheduler.ts';

/** `after`: when the decision is over, from now. */
export function sendBinding(work: Work, queued: QueuedPod, node: string, after: Duration): void {
  const { attempts, unschedulableCount, consecutiveErrors, info } = queued;
  const { namespace, name, uid } = queued.pod.metadata;
  const taken = take(work.bucket, work.now + after);
  work.bucket = taken.bucket;
  const binding = {
    apiVersion: 'v1',
    kind: 'Binding',
    metadata: { namespace, name, uid },
    target: { kind: 'Node', name: node },
  };
  work.requests.push({
    do: 'call',
    tag: { of: 'bind', key: info.key, uid, node, tries: { attempts, unschedulableCount, consecutiveErrors } },
    userAgent: 'scheduler',
    request: { verb: 'create', resource: 'pods', namespace, name, subresource: 'binding', object: binding },
    after: after + taken.wait,
  });
}

export function finishBinding(work: Work, tag: BindTag, answer: ApiAnswer): void {
  const known = viewOf(work.informers, 'pods').objects.get(tag.key);
  const pod = known?.metadata.uid === tag.uid ? known : undefined;
  if (answer.ok) succeed(work, tag, pod);
  else fail(work, tag, pod ?? goneFrom(tag), answer.status.message ?? `no answer (${answer.code})`);
}

function succeed(work: Work, tag: BindTag, pod: Pod | undefined): void {
  // A Pod that is gone from the watch already will not be confirmed by it.
  if (pod === undefined) work.cache = forgetPod(work.cache, tag.uid);
  const message = `Successfully assigned ${tag.key} to ${tag.node}`;
  recordEvent(
    work,
    pod ?? goneFrom(tag),
    { type: 'Normal', reason: 'Scheduled', action: 'Binding', message },
    0,
  );
}

function fail(work: Work, tag: BindTag, pod: Pod, message: string): void {
  const counted = work.cache.pods.get(tag.uid);
  if (counted !== undefined && isAssumed(work.cache, tag.uid)) {
    work.cache = forgetPod(work.cache, tag.uid);
    wakeHelped(work, { resource: 'AssignedPod', action: 'Delete', before: counted });
  }
  const failure = {
    rejectors: [],
    reason: 'SchedulerError',
    message: `running Bind plugin "DefaultBinder": ${message}`,
  } as const;
  handleFailure(work, { ...tag.tries, pod }, tag.uid, failure, 0);
}

/** As much of a Pod that is gone as an Event about it needs. */
function goneFrom(tag: BindTag): Pod {
  const { namespace, name } = splitKey(tag.key);
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace, uid: tag.uid, resourceVersion: '', creationTimestamp: '' },
    spec: { containers: [] },
    status: {},
  };
}
