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
import { failBinding } from './binding-failure.ts';
import { forgetPod } from './cache.ts';
import { recordEvent } from './failure.ts';
import { profileFor } from './framework.ts';
import type { QueuedPod } from './queue.ts';
import type { BindTag, Work } from './scheduler.ts';
import { snapshotOf } from './snapshot.ts';
import { waitingFor } from './waiting-pods.ts';

/** A binding by a plugin of one's own. */
interface OwnBinding {
  readonly binder: string;
  readonly annotations: Readonly<Record<string, string>> | undefined;
}

/** `after`: when the decision is over, from now. */
export function sendBinding(
  work: Work,
  queued: QueuedPod,
  node: string,
  after: Duration,
  own?: OwnBinding,
): void {
  const { attempts, unschedulableCount, consecutiveErrors, info } = queued;
  const { namespace, name, uid } = queued.pod.metadata;
  const taken = take(work.bucket, work.now + after);
  work.bucket = taken.bucket;
  const binding = {
    apiVersion: 'v1',
    kind: 'Binding',
    metadata:
      own?.annotations === undefined
        ? { namespace, name, uid }
        : { namespace, name, uid, annotations: own.annotations },
    target: { kind: 'Node', name: node },
  };
  work.requests.push({
    do: 'call',
    tag: {
      of: 'bind',
      key: info.key,
      uid,
      node,
      tries: { attempts, unschedulableCount, consecutiveErrors },
      binder: own?.binder,
    },
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
  if (pod !== undefined) runPostBind(work, tag, pod);
}

/** A Pod that is gone from the watch is told to nobody. */
function runPostBind(work: Work, tag: BindTag, pod: Pod): void {
  const cycle = profileFor(work, pod)?.cycle;
  if (cycle === undefined) return;
  const info = work.cache.pods.get(tag.uid);
  const node = work.cache.nodes.get(tag.node);
  if (info === undefined || node === undefined) return;
  for (const plugin of cycle.postBinds)
    plugin.postBind(info, node, snapshotOf(work), waitingFor(work, plugin.name, 0));
}

function fail(work: Work, tag: BindTag, pod: Pod, message: string): void {
  const failure = {
    rejectors: [],
    reason: 'SchedulerError',
    message: `running Bind plugin "${tag.binder ?? 'DefaultBinder'}": ${message}`,
  } as const;
  failBinding(work, { ...tag.tries, pod }, tag.uid, failure, 0);
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
