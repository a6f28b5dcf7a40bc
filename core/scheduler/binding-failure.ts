/**
 * A Pod that had a node and could not be bound there: what it was counted for is given back, and it is tried again.
 * (kubernetes v1.34.1 pkg/scheduler/schedule_one.go, handleBindingCycleError)
 */
import type { Pod } from '../api/generated/types.ts';
import { keyOf } from '../api/object.ts';
import type { Duration } from '../time/time.ts';
import { forgetPod, isAssumed } from './cache.ts';
import type { CyclePlugins } from './cycle-plugins.ts';
import { wakeHelped } from './event-handlers.ts';
import { handleFailure, type Failure } from './failure.ts';
import { profileFor } from './framework.ts';
import type { PodInfo } from './pod-info.ts';
import type { Tries } from './queue.ts';
import type { Work } from './scheduler.ts';
import { snapshotOf } from './snapshot.ts';
import { waitingFor } from './waiting-pods.ts';

/** `after`: when it failed, from now. */
export function failBinding(
  work: Work,
  tried: Tries & { readonly pod: Pod },
  uid: string,
  failure: Failure,
  after: Duration,
): void {
  const key = keyOf(tried.pod);
  if (work.cycles.get(key)?.queued.info.uid === uid) work.cycles = work.cycles.delete(key);
  if (work.volumePlans.get(key)?.queued.info.uid === uid) work.volumePlans = work.volumePlans.delete(key);
  const counted = work.cache.pods.get(uid);
  if (counted !== undefined && isAssumed(work.cache, uid)) {
    unreserve(work, profileFor(work, tried.pod)?.cycle, counted, counted.nodeName, after);
    work.cache = forgetPod(work.cache, uid);
    wakeHelped(work, { resource: 'AssignedPod', action: 'Delete', before: counted });
  }
  handleFailure(work, tried, uid, failure, after);
}

/** Tells the plugins that reserved something for the Pod that it is not to be. */
export function unreserve(
  work: Work,
  plugins: CyclePlugins | undefined,
  pod: PodInfo,
  node: string,
  after: Duration,
): void {
  const info = work.cache.nodes.get(node);
  if (plugins === undefined || info === undefined) return;
  for (const plugin of plugins.unreserves)
    plugin.unreserve(pod, info, snapshotOf(work), waitingFor(work, plugin.name, after));
}
