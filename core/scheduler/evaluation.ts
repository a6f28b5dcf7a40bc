/**
 * An attempt told in full: which filter rejected how many nodes and why, and what every plugin gave to the nodes that
 * passed, before and after normalising, and weighted. It is worked out by the plain plugins, node by node, from what
 * the attempt began with, so that nothing of it has to be kept: an attempt can be evaluated at any time afterwards.
 */
import { columnsOf } from './columns.ts';
import { plain, scoreEach, type Feasible, type Profile, type Rejection } from './framework.ts';
import type { NodeInfo } from './node-info.ts';
import { nodesInOrder } from './node-tree.ts';
import type { QueuedPod } from './queue.ts';
import { numFeasibleNodesToFind, type Attempt, type Decision } from './schedule-one.ts';
import {
  filterWithNominated,
  leftOut,
  nominatedBefore,
  preFilter,
  type Running,
  type Search,
} from './search.ts';

/** An attempt with what came of it, as the scheduler tells who watches it. */
export interface Attempted {
  readonly queued: QueuedPod;
  readonly attempt: Attempt;
  readonly decision: Decision;
  /** Of the FailedScheduling Event; undefined where a node was found. */
  readonly message: string | undefined;
}

/** Somebody who watches a scheduler decide. */
export interface Onlooker {
  /**
   * An attempt as it is known to have ended, so that it need not be made again; undefined: it is to be made.
   * `lowest`: no Pod on a node has a lower priority, so there is nobody to push off.
   */
  recall?(queued: QueuedPod, attempt: Attempt, lowest: boolean): Decision | undefined;
  /** Hears of every attempt before it takes effect. */
  observe(attempted: Attempted): void;
}

/** So many nodes were rejected by a plugin for a reason. */
export interface Rejected {
  readonly plugin: string;
  readonly reason: string;
  readonly nodes: number;
}

export interface PluginScore {
  readonly plugin: string;
  readonly weight: number;
  readonly raw: number;
  readonly normalized: number;
  readonly weighted: number;
}

export interface ScoredNode {
  readonly node: string;
  readonly total: number;
  readonly plugins: readonly PluginScore[];
}

export interface Evaluation {
  /** Of the cluster. */
  readonly nodes: number;
  readonly evaluated: number;
  readonly feasible: number;
  /** A PreFilter rejected the Pod before any node was looked at. */
  readonly preFilter: Rejection | undefined;
  /** The node the Pod was nominated to would do, and no other was looked at. */
  readonly nominatedFirst: boolean;
  readonly rejected: readonly Rejected[];
  /** The best first, and of equals the one that was looked at first; empty where fewer than two nodes passed. */
  readonly scored: readonly ScoredNode[];
}

/** What one filter says of one node. */
export interface FilterVerdict {
  readonly plugin: string;
  /** `skipped`: the plugin has nothing to say about the Pod. */
  readonly verdict: 'passes' | 'rejects' | 'skipped';
  readonly code?: Rejection['code'] | undefined;
  readonly reasons: readonly string[];
}

export interface NodeVerdict {
  readonly node: string;
  /** `absent`: there was no such node; `unseen`: the search had found enough nodes before it came to this one. */
  readonly outcome: 'absent' | 'rejected' | 'unseen' | 'feasible' | 'chosen';
  /** In the order of the profile. */
  readonly filters: readonly FilterVerdict[];
  /** Pods nominated to the node that were counted as if they were there. */
  readonly nominated: readonly string[];
  readonly score: ScoredNode | undefined;
  /** One more than the nodes that were scored higher; 0: it was not scored. */
  readonly rank: number;
}

/** What every node that was looked at was told. */
export function evaluate(attempt: Attempt): Evaluation {
  const profile = plain(attempt.profile);
  const { snapshot } = attempt;
  const search = preFilter(profile, attempt.pod, snapshot);
  const nothing = { nodes: snapshot.nodeCount, evaluated: 0, feasible: 0, nominatedFirst: false, scored: [] };
  if ('code' in search) {
    const rejected = search.reasons.map((reason) => rejectedAs(search.plugin, reason, snapshot.nodeCount));
    return { ...nothing, preFilter: search, rejected };
  }
  if (isNominatedFeasible(attempt, search.running))
    return {
      ...nothing,
      evaluated: 1,
      feasible: 1,
      nominatedFirst: true,
      preFilter: undefined,
      rejected: [],
    };
  const found = searched(attempt, search);
  return {
    nodes: snapshot.nodeCount,
    evaluated: found.evaluated,
    feasible: found.feasible.length,
    preFilter: undefined,
    nominatedFirst: false,
    rejected: found.rejected,
    scored: found.feasible.length < 2 ? [] : scoresOf(attempt, profile, found.feasible),
  };
}

const rejectedAs = (plugin: string, reason: string, nodes: number): Rejected => ({ plugin, reason, nodes });

function isNominatedFeasible(
  { pod, nominatedNodeName, snapshot }: Attempt,
  running: readonly Running[],
): boolean {
  const info = nominatedNodeName === '' ? undefined : snapshot.nodes.get(nominatedNodeName);
  return info?.node !== undefined && filterWithNominated(running, pod, info, snapshot) === undefined;
}

interface Searched {
  readonly feasible: readonly NodeInfo[];
  readonly evaluated: number;
  readonly rejected: readonly Rejected[];
}

/** The same walk as schedule-one.ts's, one node after another. */
function searched(attempt: Attempt, search: Search): Searched {
  const { pod, snapshot } = attempt;
  const names = namesToSearch(attempt, search);
  const wanted = numFeasibleNodesToFind(attempt.percentageOfNodesToScore, names.length);
  const feasible: NodeInfo[] = [];
  const counts = new Counts();
  const absent = nodesInOrder(attempt.tree).length - names.length;
  if (absent > 0) counts.add(leftOut(search), absent, search.narrowedBy.join(', '));
  let evaluated = 0;
  for (; evaluated < names.length; evaluated++) {
    const info = snapshot.nodes.get(names[(attempt.startIndex + evaluated) % names.length] ?? '');
    if (info === undefined) continue;
    const verdict = filterWithNominated(search.running, pod, info, snapshot);
    if (verdict !== undefined) counts.add(verdict, 1, verdict.plugin);
    else if (feasible.length === wanted) break;
    else feasible.push(info);
  }
  return { feasible, evaluated, rejected: counts.list() };
}

function namesToSearch({ snapshot, tree }: Attempt, { nodeNames }: Search): readonly string[] {
  if (nodeNames === undefined) return nodesInOrder(tree);
  return nodeNames.filter((name) => snapshot.nodes.get(name)?.node !== undefined);
}

class Counts {
  private readonly counts = new Map<string, Rejected>();

  add({ reasons }: Rejection, nodes: number, plugin: string): void {
    for (const reason of reasons) {
      const key = `${plugin}\u0000${reason}`;
      this.counts.set(key, rejectedAs(plugin, reason, (this.counts.get(key)?.nodes ?? 0) + nodes));
    }
  }

  /** Those with the most nodes first, as far as they differ. */
  list(): readonly Rejected[] {
    return [...this.counts.values()].sort((a, b) => b.nodes - a.nodes);
  }
}

function scoresOf(attempt: Attempt, profile: Profile, infos: readonly NodeInfo[]): readonly ScoredNode[] {
  const { pod, snapshot } = attempt;
  const columns = columnsOf(snapshot.nodes);
  const rows = Int32Array.from(infos, ({ name }) => columns.rowOf(name) ?? -1);
  const feasible: Feasible = { columns, rows, count: infos.length };
  const given: PluginScore[][] = infos.map(() => []);
  for (const { plugin, weight } of profile.scores) {
    const prepared =
      plugin.preScore === undefined ? { state: undefined } : plugin.preScore(pod, snapshot, feasible);
    if (prepared === undefined) continue;
    const scores = new Float64Array(infos.length);
    scoreEach(plugin, pod, feasible, prepared.state, scores);
    const raw = scores.slice();
    plugin.normalize?.(scores, infos.length, prepared.state);
    for (const [i, list] of given.entries()) {
      const normalized = scores[i] ?? 0;
      list.push({ plugin: plugin.name, weight, raw: raw[i] ?? 0, normalized, weighted: weight * normalized });
    }
  }
  return infos
    .map(({ name }, i): ScoredNode => {
      const plugins = given[i] ?? [];
      return { node: name, total: plugins.reduce((sum, { weighted }) => sum + weighted, 0), plugins };
    })
    .sort((a, b) => b.total - a.total);
}

/** One node's verdict, by every filter of the profile, and its scores. */
export function verdictOn(
  { attempt, decision }: Attempted,
  evaluation: Evaluation,
  node: string,
): NodeVerdict {
  const { pod, snapshot } = attempt;
  const info = snapshot.nodes.get(node);
  const nothing = { node, filters: [], nominated: [], score: undefined, rank: 0 };
  if (info?.node === undefined) return { ...nothing, outcome: 'absent' };
  const { scored } = evaluation;
  const score = scored.find((one) => one.node === node);
  const filters = filterVerdicts(attempt, info);
  const rejected = filters.some(({ verdict }) => verdict === 'rejects');
  const isFeasible = score !== undefined || (!rejected && evaluation.evaluated === evaluation.nodes);
  const outcome =
    decision.node === node ? 'chosen' : rejected ? 'rejected' : isFeasible ? 'feasible' : 'unseen';
  return {
    node,
    outcome,
    filters,
    nominated: nominatedBefore(pod, node, snapshot).map(({ key }) => key),
    score,
    rank: score === undefined ? 0 : 1 + scored.filter(({ total }) => total > score.total).length,
  };
}

/** The scheduler itself stops at the first rejection; here every filter is asked. */
function filterVerdicts(attempt: Attempt, info: NodeInfo): readonly FilterVerdict[] {
  const { pod, snapshot } = attempt;
  const profile = plain(attempt.profile);
  const search = preFilter(profile, pod, snapshot);
  if ('code' in search)
    return [{ plugin: search.plugin, verdict: 'rejects', code: search.code, reasons: search.reasons }];
  const left = search.nodeNames?.includes(info.name) === false ? leftOut(search) : undefined;
  return profile.filters.map(({ name }): FilterVerdict => {
    const running = search.running.find(({ plugin }) => plugin.name === name);
    if (running === undefined) return { plugin: name, verdict: 'skipped', reasons: [] };
    const narrowed = left !== undefined && search.narrowedBy.includes(name) ? left : undefined;
    const rejection = narrowed ?? filterWithNominated([running], pod, info, snapshot);
    if (rejection === undefined) return { plugin: name, verdict: 'passes', reasons: [] };
    return { plugin: name, verdict: 'rejects', code: rejection.code, reasons: rejection.reasons };
  });
}
