/** What wavetank decides on one recorded Pod, in the words of the recording: every plugin, every node. */
import { columnsOf } from '../../../core/scheduler/columns.ts';
import { scoreEach, type Profile, type Rejection, type Snapshot } from '../../../core/scheduler/framework.ts';
import { podInfoOf, type PodInfo } from '../../../core/scheduler/pod-info.ts';
import {
  dryRun,
  ineligibility,
  leastHarmful,
  noCandidate,
  type DryRun,
} from '../../../core/scheduler/preemption.ts';
import { filterWithNominated, leftOut, preFilter, type Search } from '../../../core/scheduler/search.ts';
import type { Pod } from '../../../core/api/generated/types.ts';
import { snapshotOf, type Cluster } from './cluster.ts';

type Amounts = Readonly<Record<string, number>>;

export interface RecordedRejection {
  readonly plugin?: string;
  readonly code: string;
  readonly reasons: readonly string[];
}

type Verdict =
  | { readonly ok: true }
  | (RecordedRejection & { readonly byPreFilter?: true; readonly all?: readonly RecordedRejection[] });

export interface RecordedDecision {
  readonly preFilter: object;
  readonly filter: Readonly<Record<string, Verdict>>;
  readonly skipScore?: readonly string[];
  readonly raw?: Readonly<Record<string, Amounts>>;
  readonly scores?: Readonly<Record<string, Amounts>>;
  readonly weights?: Amounts;
  readonly total?: Amounts;
  readonly best: readonly string[];
  readonly nominatedFirst?: true;
  readonly postFilter?: Readonly<Record<string, unknown>>;
}

export interface Question {
  readonly pod: Pod;
  readonly cluster: Cluster;
  readonly profile: Profile;
  /** Every plugin's filter is asked on its own as well. */
  readonly all: boolean;
}

export function decisionOn({ pod, cluster, profile, all }: Question): RecordedDecision {
  const info = podInfoOf(pod);
  const snapshot = snapshotOf(cluster);
  const search = preFilter(profile, info, snapshot);
  if ('code' in search) return { preFilter: recorded(search), filter: {}, best: [] };
  const verdicts = new Map<string, Rejection>();
  const filter: Record<string, Verdict> = {};
  for (const [name, node] of snapshot.nodes.entries()) {
    const left = search.nodeNames !== undefined && !search.nodeNames.includes(name);
    const rejection = left ? leftOut(search) : filterWithNominated(search.running, info, node, snapshot);
    if (rejection === undefined) filter[name] = { ok: true };
    else {
      verdicts.set(name, rejection);
      filter[name] = {
        ...recorded(rejection),
        ...(left ? { byPreFilter: true } : {}),
        ...(all && !left ? everyRejection(search, info, snapshot, name) : {}),
      };
    }
  }
  const feasible = [...snapshot.nodes.keys()].filter((name) => !verdicts.has(name));
  const nominated = pod.status.nominatedNodeName ?? '';
  return {
    preFilter: preFilterOf(search),
    filter,
    ...(feasible.length > 0
      ? scoresOf(profile, info, snapshot, feasible)
      : { best: [], postFilter: postFilterOf(info, nominated, search, verdicts, snapshot) }),
    ...(nominated !== '' && feasible.includes(nominated) ? { nominatedFirst: true } : {}),
  };
}

/** Reasons are sorted as they are in the recordings. */
const recorded = ({ plugin, code, reasons }: Rejection): RecordedRejection => ({
  ...(plugin === '' ? {} : { plugin }),
  code,
  reasons: [...reasons].sort(),
});

const preFilterOf = ({ nodeNames, skipped }: Search): RecordedDecision['preFilter'] => ({
  code: 'Success',
  ...(nodeNames === undefined ? {} : { nodeNames }),
  skip: [...skipped].sort(),
});

function everyRejection(
  { running }: Search,
  pod: PodInfo,
  snapshot: Snapshot,
  name: string,
): { readonly all?: readonly RecordedRejection[] } {
  const info = snapshot.nodes.get(name);
  if (info === undefined) return {};
  const all = running.flatMap(({ plugin, state }) => {
    const rejection = plugin.filter(pod, info, state);
    return rejection === undefined ? [] : [recorded(rejection)];
  });
  return all.length > 1 ? { all } : {};
}

/** Only the scores of these are brought into 0..100 by their plugin, so only these have raw ones. */
function scoresOf(
  profile: Profile,
  pod: PodInfo,
  snapshot: Snapshot,
  names: readonly string[],
): Pick<RecordedDecision, 'skipScore' | 'raw' | 'scores' | 'weights' | 'total' | 'best'> {
  const columns = columnsOf(snapshot.nodes);
  const rows = Int32Array.from(names, (name) => columns.rowOf(name) ?? -1);
  const feasible = { columns, rows, count: rows.length };
  const byNode = (values: Float64Array): Amounts =>
    Object.fromEntries(names.map((name, i) => [name, values[i] ?? 0]));
  const skipScore: string[] = [];
  const raw: Record<string, Amounts> = {};
  const scores: Record<string, Amounts> = {};
  const weights: Record<string, number> = {};
  const totals = new Float64Array(names.length);
  for (const { plugin, weight } of profile.scores) {
    weights[plugin.name] = weight;
    const prepared =
      plugin.preScore === undefined ? { state: undefined } : plugin.preScore(pod, snapshot, feasible);
    if (prepared === undefined) {
      skipScore.push(plugin.name);
      continue;
    }
    const values = new Float64Array(names.length);
    scoreEach(plugin, pod, feasible, prepared.state, values);
    if (plugin.normalize !== undefined) {
      raw[plugin.name] = byNode(values);
      plugin.normalize(values, names.length, prepared.state);
    }
    scores[plugin.name] = byNode(values);
    values.forEach((value, i) => (totals[i] = (totals[i] ?? 0) + weight * value));
  }
  const most = Math.max(...totals);
  const best = names.filter((_, i) => totals[i] === most).sort();
  return { skipScore: skipScore.sort(), raw, scores, weights, total: byNode(totals), best };
}

function postFilterOf(
  pod: PodInfo,
  nominatedNodeName: string,
  search: Search,
  verdicts: ReadonlyMap<string, Rejection>,
  snapshot: Snapshot,
): Readonly<Record<string, unknown>> {
  const potentialNodes = [...verdicts]
    .filter(([, { code }]) => code === 'Unschedulable')
    .map(([name]) => name);
  const tried = dryRun(pod, search, potentialNodes, 0, snapshot);
  const reason = ineligibility(pod, nominatedNodeName, verdicts.get(nominatedNodeName), snapshot);
  const found = reason === undefined && tried.candidates.length > 0;
  const refusal = reason ?? noCandidate(tried.rejected, snapshot.nodeCount);
  return {
    code: found ? 'Success' : 'Unschedulable',
    ...(found ? {} : { reasons: [`preemption: ${refusal}`] }),
    potentialNodes: potentialNodes.sort(),
    ...dryRunOf(tried),
    nominated: found
      ? leastHarmful(tried.candidates, snapshot.listers)
          .map(({ node }) => node)
          .sort()
      : [],
    ...(reason === undefined && !found ? { clearsNomination: true } : {}),
  };
}

const dryRunOf = ({ candidates, rejected }: DryRun): Readonly<Record<string, unknown>> => ({
  candidates: Object.fromEntries(
    candidates.map(({ node, victims, pdbViolations }) => [
      node,
      { victims: victims.map(({ key }) => key), pdbViolations },
    ]),
  ),
  ...(rejected.size === 0
    ? {}
    : {
        dryRunRejected: Object.fromEntries(
          [...rejected].map(([node, rejection]) => [node, recorded(rejection)]),
        ),
      }),
});
