/** Takes the most urgent Pod out of the queue and decides on it. */
import type { Pod } from '../api/generated/types.ts';
import { integer } from '../random/draw.ts';
import type { Duration } from '../time/time.ts';
import { sendBinding } from './binding.ts';
import { assumePod, isAssumed } from './cache.ts';
import { preempt, type PostFilter } from './default-preemption.ts';
import { explainAttempt } from './explain.ts';
import { profileFor, type Profile, type Snapshot } from './framework.ts';
import { unnominate } from './nominator.ts';
import { listersOf } from './listers.ts';
import { handleFailure, recordFailure, type Failure } from './failure.ts';
import { treeSize } from './node-tree.ts';
import { pop, type ChooseNext, type QueuedPod } from './queue.ts';
import { scheduleOne, type Attempt, type Decision } from './schedule-one.ts';
import type { Work } from './scheduler.ts';
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
  const snapshot = snapshotOf(work, nodes);
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
    const { message, nominated } =
      profile.withoutPreemption === true ? nothingTried : postFilter(work, next, decision, snapshot, took);
    const failure = {
      rejectors: diagnosis.plugins(),
      reason: 'Unschedulable',
      message: diagnosis.message(message),
      nominated,
    } as const;
    work.onlooker?.observe({ queued: next, attempt, decision, message: failure.message });
    handleFailure(work, next, next.info.uid, failure, took);
    return;
  }
  const objection =
    profile.lastLooks === undefined ? undefined : objectionTo(profile, attempt, decision.node);
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
  if (plan === undefined) sendBinding(work, next, decision.node, took);
  else bindVolumes(work, next, plan, took);
}

const bindsVolumes = ({ enqueue, filters }: Profile): boolean =>
  enqueue['VolumeBinding'] !== undefined && filters.some(({ name }) => name === 'VolumeBinding');

const chooserOf =
  (next: NonNullable<Profile['next']>, cache: Work['cache']): ChooseNext =>
  (waiting) =>
    next(waiting, cache);

/** Why a Reserve or Permit plugin will not have the chosen node: a failure of one node. (schedule_one.go, schedulingCycle) */
function objectionTo(
  { lastLooks = [] }: Profile,
  { pod, snapshot }: Attempt,
  node: string,
): Failure | undefined {
  const info = snapshot.nodes.get(node);
  if (info === undefined) return undefined;
  for (const plugin of lastLooks) {
    const rejection = plugin.look(pod, info, snapshot);
    if (rejection === undefined) continue;
    const message = `0/1 nodes are available: 1 ${rejection.reasons.join(', ')}.`;
    return { rejectors: [plugin.name], reason: 'Unschedulable', message };
  }
  return undefined;
}

const noNodes = 'no nodes available to schedule pods';

const nothingTried: PostFilter = { message: undefined, nominated: undefined };

/** Looks for victims where there may be any. */
function postFilter(
  work: Work,
  queued: QueuedPod,
  { search, diagnosis }: Decision,
  snapshot: Snapshot,
  took: Duration,
): PostFilter {
  const { info } = queued;
  const none = search === undefined || info.priority <= work.cache.lowestPriority;
  if (!none) return preempt(work, queued, search, snapshot, took);
  const cleared = search !== undefined && info.spec.preemptionPolicy !== 'Never';
  return { message: diagnosis.withoutVictims(info), nominated: cleared ? '' : undefined };
}

const snapshotOf = ({ cache, nominated, informers, volumePlans }: Work, nodeCount: number): Snapshot => ({
  nodes: cache.nodes,
  nodeCount,
  imageNodes: cache.imageNodes,
  affinityNodes: cache.affinityNodes,
  nominated,
  volumePlans,
  listers: listersOf(informers),
});

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
