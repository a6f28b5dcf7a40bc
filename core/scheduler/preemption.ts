/**
 * Which Pods of lower priority would have to go so that a Pod fits, and where that does the least harm.
 * (kubernetes v1.34.1 plugins/defaultpreemption/default_preemption.go and framework/preemption/preemption.go)
 */
import type { Pod, PodDisruptionBudget } from '../api/generated/types.ts';
import { conditionOf } from '../api/pod.ts';
import { matchesLabels, requirementsOf } from '../api/selector.ts';
import { objectsIn } from '../api/view.ts';
import { unresolvable, type Listers, type Rejection, type Snapshot } from './framework.ts';
import { withoutPod, withPod, type NodeInfo } from './node-info.ts';
import type { PodInfo } from './pod-info.ts';
import { filterWithNominated, withChange, type Search } from './search.ts';

export interface Candidate {
  readonly node: string;
  /** The most important first. */
  readonly victims: readonly PodInfo[];
  readonly pdbViolations: number;
}

export interface DryRun {
  readonly candidates: readonly Candidate[];
  /** Why a node is no candidate. */
  readonly rejected: ReadonlyMap<string, Rejection>;
}

const noVictims = unresolvable('', 'No preemption victims found for incoming pod');

/** Candidates that are looked for: a tenth of the nodes, but not fewer than this. */
const minCandidates = 100;

/** Tries the nodes in turn from `offset`, until enough candidates are found of which one violates no budget. */
export function dryRun(
  pod: PodInfo,
  search: Search,
  nodes: readonly string[],
  offset: number,
  snapshot: Snapshot,
): DryRun {
  const candidates: Candidate[] = [];
  const rejected = new Map<string, Rejection>();
  const wanted = Math.min(nodes.length, Math.max(Math.floor(nodes.length / 10), minCandidates));
  const budgets = [...objectsIn(snapshot.listers.podDisruptionBudgets)];
  let harmless = 0;
  for (let i = 0; i < nodes.length; i++) {
    const node = nodes[(offset + i) % nodes.length] ?? '';
    const info = snapshot.nodes.get(node);
    if (info === undefined) continue;
    const found = victimsOn(pod, search, info, budgets, snapshot);
    if ('code' in found) rejected.set(node, found);
    else {
      candidates.push(found);
      if (found.pdbViolations === 0) harmless++;
      if (harmless > 0 && candidates.length >= wanted) break;
    }
  }
  return { candidates, rejected };
}

/** All that may go are taken away; then as many as possible are let back in, those whose budget is spent first. */
function victimsOn(
  pod: PodInfo,
  { running }: Search,
  info: NodeInfo,
  budgets: readonly PodDisruptionBudget[],
  snapshot: Snapshot,
): Candidate | Rejection {
  const potential = info.pods.filter(({ priority }) => priority < pod.priority);
  if (potential.length === 0) return noVictims;
  let now = { info, running };
  for (const victim of potential)
    now = {
      running: withChange(now.running, pod, now.info, victim, -1),
      info: withoutPod(now.info, victim),
    };
  const rejection = filterWithNominated(now.running, pod, now.info, snapshot);
  if (rejection !== undefined) return rejection;
  const byImportance = moreImportantFirst(potential, snapshot.listers);
  const { violating, others } = byBudget(byImportance, budgets);
  const victims: PodInfo[] = [];
  const reprieved = (victim: PodInfo): boolean => {
    const back = {
      running: withChange(now.running, pod, now.info, victim, 1),
      info: withPod(now.info, victim),
    };
    const fits = filterWithNominated(back.running, pod, back.info, snapshot) === undefined;
    if (fits) now = back;
    else victims.push(victim);
    return fits;
  };
  const pdbViolations = violating.filter((victim) => !reprieved(victim)).length;
  for (const victim of others) reprieved(victim);
  if (victims.length === 0) return noVictims;
  return { node: info.name, victims: moreImportantFirst(victims, snapshot.listers), pdbViolations };
}

/** A Pod that has not started is taken to start now. */
const notStarted = '~';

const startOf = (pod: PodInfo, listers: Listers): string =>
  listers.pods.objects.get(pod.key)?.status.startTime ?? notStarted;

/** By priority; among equals the one that has run for longer. */
function moreImportantFirst(pods: readonly PodInfo[], listers: Listers): readonly PodInfo[] {
  const starts = new Map(pods.map((pod) => [pod, startOf(pod, listers)]));
  return [...pods].sort((a, b) => {
    if (a.priority !== b.priority) return b.priority - a.priority;
    const first = starts.get(a) ?? notStarted;
    const second = starts.get(b) ?? notStarted;
    return first < second ? -1 : first > second ? 1 : 0;
  });
}

interface ByBudget {
  readonly violating: readonly PodInfo[];
  readonly others: readonly PodInfo[];
}

/** Each Pod uses up every budget it is under; one that is under an empty one violates it. */
function byBudget(pods: readonly PodInfo[], budgets: readonly PodDisruptionBudget[]): ByBudget {
  const left = budgets.map(({ status }) => status.disruptionsAllowed);
  const violating: PodInfo[] = [];
  const others: PodInfo[] = [];
  for (const pod of pods) {
    let violates = false;
    budgets.forEach((budget, i) => {
      if (!isUnder(budget, pod)) return;
      left[i] = (left[i] ?? 0) - 1;
      if ((left[i] ?? 0) < 0) violates = true;
    });
    (violates ? violating : others).push(pod);
  }
  return { violating, others };
}

/** A Pod without labels is under none, and a budget that selects everything is over none. */
function isUnder({ metadata, spec, status }: PodDisruptionBudget, pod: PodInfo): boolean {
  if (metadata.namespace !== pod.namespace || Object.keys(pod.labels ?? {}).length === 0) return false;
  const selector = requirementsOf(spec.selector);
  if (selector.length === 0 || !matchesLabels(selector, pod.labels)) return false;
  return status.disruptedPods?.[pod.key.slice(pod.key.indexOf('/') + 1)] === undefined;
}

/** Those that do the least harm; the real one takes any of them. (pickOneNodeForPreemption) */
export function leastHarmful(candidates: readonly Candidate[], listers: Listers): readonly Candidate[] {
  const harms: readonly ((candidate: Candidate) => number | string)[] = [
    ({ pdbViolations }) => pdbViolations,
    ({ victims }) => victims[0]?.priority ?? 0,
    ({ victims }) => victims.reduce((sum, { priority }) => sum + priority + 2_147_483_648, 0),
    ({ victims }) => victims.length,
  ];
  let best = candidates;
  for (const harm of harms) best = withExtreme(best, harm, (a, b) => a < b);
  return withExtreme(
    best,
    (candidate) => earliestStart(candidate, listers),
    (a, b) => a > b,
  );
}

function withExtreme(
  candidates: readonly Candidate[],
  measure: (candidate: Candidate) => number | string,
  better: (a: number | string, b: number | string) => boolean,
): readonly Candidate[] {
  let extreme: number | string | undefined;
  let best: Candidate[] = [];
  for (const candidate of candidates) {
    const value = measure(candidate);
    if (extreme === undefined || better(value, extreme)) {
      extreme = value;
      best = [candidate];
    } else if (value === extreme) best.push(candidate);
  }
  return best;
}

/** Of the victims of the highest priority. */
function earliestStart({ victims }: Candidate, listers: Listers): string {
  const highest = victims[0]?.priority ?? 0;
  const starts = victims
    .filter(({ priority }) => priority === highest)
    .map((victim) => startOf(victim, listers));
  return starts.reduce((earliest, start) => (start < earliest ? start : earliest), notStarted);
}

/** Why a Pod may not push others out, or not yet; undefined: it may. `verdict`: of the node it is nominated to. */
export function ineligibility(
  pod: PodInfo,
  nominatedNodeName: string,
  verdict: Rejection | undefined,
  snapshot: Snapshot,
): string | undefined {
  if (pod.spec.preemptionPolicy === 'Never') return 'not eligible due to preemptionPolicy=Never.';
  if (nominatedNodeName === '' || verdict?.code === 'UnschedulableAndUnresolvable') return undefined;
  const pods = snapshot.nodes.get(nominatedNodeName)?.pods ?? [];
  const leaving = pods.some(
    (other) => other.priority < pod.priority && wasPreempted(snapshot.listers.pods.objects.get(other.key)),
  );
  return leaving ? 'not eligible due to a terminating pod on the nominated node.' : undefined;
}

function wasPreempted(pod: Pod | undefined): boolean {
  if (pod?.metadata.deletionTimestamp === undefined) return false;
  const target = conditionOf(pod.status, 'DisruptionTarget');
  return target?.status === 'True' && target.reason === 'PreemptionByScheduler';
}

const unhelpful = 'Preemption is not helpful for scheduling';

/** What is said where no candidate was found, of all nodes. */
export function noCandidate(rejected: DryRun['rejected'], nodeCount: number): string {
  const reasons: Record<string, number> = {};
  for (const rejection of rejected.values())
    for (const reason of rejection.reasons) reasons[reason] = (reasons[reason] ?? 0) + 1;
  const others = nodeCount - rejected.size;
  if (others > 0) reasons[unhelpful] = others;
  return `0/${nodeCount} nodes are available: ${histogram(reasons)}.`;
}

/** `2 node(s) were unschedulable, 3 Insufficient cpu`: sorted as text, as the real one does. */
export const histogram = (reasons: Readonly<Record<string, number>>): string =>
  Object.keys(reasons)
    .map((reason) => `${reasons[reason] ?? 0} ${reason}`)
    .sort()
    .join(', ');
