/** Takes the most urgent Pod out of the queue and decides on it. */
import type { Pod } from '../api/generated/types.ts';
import { integer } from '../random/draw.ts';
import type { Duration } from '../time/time.ts';
import { beginCycle, lookOnceMore } from './binding-cycle.ts';
import { sendBinding } from './binding.ts';
import { assumePod, isAssumed } from './cache.ts';
import { explainAttempt } from './explain.ts';
import { profileFor, type Profile, type Snapshot } from './framework.ts';
import { unnominate } from './nominator.ts';
import { handleFailure, recordFailure } from './failure.ts';
import { treeSize } from './node-tree.ts';
import { postFilter } from './post-filter.ts';
import { pop, type ChooseNext, type QueuedPod } from './queue.ts';
import { scheduleOne, type Attempt } from './schedule-one.ts';
import type { Work } from './scheduler.ts';
import { snapshotOf } from './snapshot.ts';
import { bindVolumes } from './volume-cycle.ts';
import { volumePlan } from './volume-plan.ts';

/**
 * What a decision takes, in microseconds: so much, and so much for each node that is looked at. The order of magnitude
 * of the real one's scheduling_algorithm_duration; no measurement of ours.
 */
const attemptTime = 300;
const nodeTime = 0.2;

/** One attempt for one Pod. It leaves the queue empty-handed only where the Pod needs no node any more. */
export function decide(work: Work): void {
  const { profile: own, cache } = work;
  const choose = own.next === undefined ? undefined : chooserOf(own.next, cache);
  const popped = pop(work.queue, work.now, choose);
  if (popped === undefined) return;
  work.queue = popped.queue;
  const { next } = popped;
  if (skips(work, next)) return;
  const nodes = treeSize(work.cache.tree);
  if (nodes === 0) {
    work.busyUntil = work.now + attemptTime;
    // No plugin is to blame, so the Pod comes back by itself, as after an error.
    handleFailure(
      work,
      next,
      next.info.uid,
      { rejectors: [], reason: 'Unschedulable', message: noNodes },
      attemptTime,
    );
    return;
  }
  const snapshot = snapshotOf(work);
  const profile = profileFor(work, next.pod) ?? work.profile;
  const attempt = attemptOf(work, profile, next, snapshot);
  const lowest = next.info.priority <= work.cache.lowestPriority;
  const decision = work.onlooker?.recall?.(next, attempt, lowest) ?? scheduleOne(attempt);
  const took: Duration = attemptTime + Math.round(decision.evaluated * nodeTime);
  work.busyUntil = work.now + took;
  work.startIndex = decision.nextStartIndex;
  work.requests.push(explainAttempt(next, nodes, decision));
  if (decision.node === undefined) {
    const { diagnosis } = decision;
    const { message, nominated } = postFilter(work, profile, next, decision, snapshot, took);
    const failure = {
      rejectors: diagnosis.plugins(),
      reason: 'Unschedulable',
      message,
      nominated,
    } as const;
    work.onlooker?.observe({ queued: next, attempt, decision, message: failure.message });
    handleFailure(work, next, next.info.uid, failure, took);
    return;
  }
  const { cycle } = profile;
  const looked =
    cycle === undefined ? undefined : lookOnceMore(work, cycle, next.info, decision.node, snapshot, took);
  const objection = looked !== undefined && 'message' in looked ? looked : undefined;
  work.onlooker?.observe({ queued: next, attempt, decision, message: objection?.message });
  if (objection !== undefined) {
    handleFailure(work, next, next.info.uid, objection, took);
    return;
  }
  const plan =
    next.info.spec.volumes !== undefined && bindsVolumes(profile)
      ? volumePlan(next.info, decision.node, snapshot)
      : undefined;
  work.cache = assumePod(work.cache, next.info, decision.node);
  work.nominated = unnominate(work.nominated, next.info.uid);
  if (looked !== undefined && !('message' in looked))
    beginCycle(work, next, decision.node, plan, looked, took);
  else if (plan === undefined) sendBinding(work, next, decision.node, took);
  else bindVolumes(work, next, plan, took);
}

const bindsVolumes = ({ enqueue, filters }: Profile): boolean =>
  enqueue['VolumeBinding'] !== undefined && filters.some(({ name }) => name === 'VolumeBinding');

const chooserOf =
  (next: NonNullable<Profile['next']>, cache: Work['cache']): ChooseNext =>
  (waiting) =>
    next(waiting, cache);

const noNodes = 'no nodes available to schedule pods';

function attemptOf(
  work: Work,
  profile: Profile,
  { pod, info, attempts }: QueuedPod,
  snapshot: Snapshot,
): Attempt {
  const { cache, tieBreak } = work;
  return {
    pod: info,
    nominatedNodeName: pod.status.nominatedNodeName ?? '',
    snapshot,
    tree: cache.tree,
    profile,
    startIndex: work.startIndex,
    percentageOfNodesToScore: profile.percentageOfNodesToScore ?? work.percentageOfNodesToScore,
    pick: (count) => integer(tieBreak, count, info.uid, attempts),
  };
}

/** A Pod that is being deleted, or is assumed already, needs no decision. (schedule_one.go, skipPodSchedule) */
function skips(work: Work, { pod, info }: QueuedPod): boolean {
  if (isAssumed(work.cache, info.uid)) return true;
  if (!info.terminating) return false;
  recordFailure(work, pod, `skip schedule deleting pod: ${nameOf(pod)}`, 0);
  return true;
}

const nameOf = (pod: Pod): string => `${pod.metadata.namespace ?? ''}/${pod.metadata.name}`;
