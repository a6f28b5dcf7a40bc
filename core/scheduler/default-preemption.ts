/**
 * DefaultPreemption: a Pod for which no node will do pushes Pods of lower priority off one of them. The victims are told
 * why and deleted, the Pod is nominated to the node, and is tried again when they are gone.
 *
 * Simplified: the real one keeps the Pod out of the queue until its requests to delete the victims are answered.
 * (kubernetes v1.34.1 plugins/defaultpreemption/default_preemption.go, framework/preemption/executor.go)
 */
import type { Json, Pod, PodCondition } from '../api/generated/types.ts';
import type { ApiAnswer } from '../api/request.ts';
import { take } from '../client/flow-control.ts';
import { integer } from '../random/draw.ts';
import { timeText, type Duration } from '../time/time.ts';
import { recordEvent } from './failure.ts';
import type { Rejection, Snapshot } from './framework.ts';
import { nodesInOrder } from './node-tree.ts';
import { nominate, unnominate } from './nominator.ts';
import type { PodInfo } from './pod-info.ts';
import { dryRun, ineligibility, leastHarmful, noCandidate, type Candidate } from './preemption.ts';
import type { QueuedPod } from './queue.ts';
import type { Work } from './scheduler.ts';
import { filterWithNominated, leftOut, type Search } from './search.ts';
import { patchStatus } from './patch-status.ts';

export interface PostFilter {
  /** What DefaultPreemption says; undefined: it found a node. */
  readonly message: string | undefined;
  /** The node the Pod is nominated to; empty: to none any more; undefined: as before. */
  readonly nominated: string | undefined;
}

/** `after`: when the attempt is over, from now. */
export function preempt(
  work: Work,
  { pod, info, attempts }: QueuedPod,
  search: Search,
  snapshot: Snapshot,
  after: Duration,
): PostFilter {
  const known = pod.status.nominatedNodeName ?? '';
  const verdicts = new Map<string, Rejection>();
  const verdictOf = (name: string): Rejection | undefined => {
    const node = snapshot.nodes.get(name);
    if (node?.node === undefined) return undefined;
    if (search.nodeNames?.includes(name) === false) return leftOut(search);
    return filterWithNominated(search.running, info, node, snapshot);
  };
  const reason = ineligibility(info, known, known === '' ? undefined : verdictOf(known), snapshot);
  if (reason !== undefined) return { message: reason, nominated: undefined };
  for (const name of nodesInOrder(work.cache.tree)) {
    const verdict = verdictOf(name);
    if (verdict?.code === 'Unschedulable') verdicts.set(name, verdict);
  }
  const potential = [...verdicts.keys()];
  const offset =
    potential.length === 0 ? 0 : integer(work.tieBreak, potential.length, info.uid, attempts, 'offset');
  const tried = dryRun(info, search, potential, offset, snapshot);
  const best = leastHarmful(tried.candidates, snapshot.listers);
  const chosen =
    best[best.length < 2 ? 0 : integer(work.tieBreak, best.length, info.uid, attempts, 'victims')];
  if (chosen === undefined)
    return { message: noCandidate(tried.rejected, snapshot.nodeCount), nominated: '' };
  makeRoom(work, pod, info, chosen, snapshot, after);
  return { message: undefined, nominated: chosen.node };
}

function makeRoom(
  work: Work,
  pod: Pod,
  info: PodInfo,
  { node, victims }: Candidate,
  snapshot: Snapshot,
  after: Duration,
): void {
  for (const victim of victims) evict(work, pod, victim, node, snapshot, after);
  // Pods of lower priority that were to come here have to look elsewhere.
  for (const other of work.nominated.get(node) ?? []) {
    if (other.priority >= info.priority) continue;
    work.nominated = unnominate(work.nominated, other.uid);
    const found = snapshot.listers.pods.objects.get(other.key);
    if (found !== undefined) patchStatus(work, found, { nominatedNodeName: null }, after);
  }
  work.nominated = nominate(work.nominated, info, node);
}

/** Pushes one Pod off a node for another, where it is still there. */
export function evict(
  work: Work,
  pod: Pod,
  victim: PodInfo,
  node: string,
  snapshot: Snapshot,
  after: Duration,
): void {
  const found = snapshot.listers.pods.objects.get(victim.key);
  if (found?.metadata.uid === victim.uid) pushOff(work, pod, found, node, after);
}

/** The Pod that was told why it goes, and is deleted when that is written. */
export interface VictimTag {
  readonly of: 'victim';
  readonly namespace: string | undefined;
  readonly name: string;
  readonly uid: string;
}

/** What became of telling a victim: one that could not be told stays. (preemptPod) */
export function onVictimTold(work: Work, { namespace, name, uid }: VictimTag, answer: ApiAnswer): void {
  if (!answer.ok) return;
  const taken = take(work.bucket, work.now);
  work.bucket = taken.bucket;
  work.requests.push({
    do: 'call',
    tag: { of: 'status' },
    userAgent: 'scheduler',
    request: { verb: 'delete', resource: 'pods', namespace, name, preconditions: { uid } },
    after: taken.wait,
  });
}

function pushOff(work: Work, pod: Pod, victim: Pod, node: string, after: Duration): void {
  const { name, namespace, uid } = victim.metadata;
  if (victim.metadata.deletionTimestamp !== undefined) return;
  const target: PodCondition = {
    type: 'DisruptionTarget',
    observedGeneration: victim.metadata.generation,
    status: 'True',
    lastTransitionTime: timeText(work.now + after),
    reason: 'PreemptionByScheduler',
    message: `${pod.spec.schedulerName ?? ''}: preempting to accommodate a higher priority pod`,
  };
  const others = (victim.status.conditions ?? []).filter(({ type }) => type !== target.type);
  const conditions = [...others, target] as unknown as Json;
  patchStatus(work, victim, { conditions }, after, { of: 'victim', namespace, name, uid });
  recordEvent(
    work,
    victim,
    {
      type: 'Normal',
      reason: 'Preempted',
      action: 'Preempting',
      message: `Preempted by pod ${pod.metadata.uid} on node ${node}`,
    },
    after,
  );
}
