/**
 * Spreads Pods over the values of node labels: a domain may not be ahead of the emptiest by more than maxSkew, or is
 * liked less the more it is. (kubernetes v1.34.1 plugins/podtopologyspread/filtering.go and scoring.go)
 */
import type { PodSpec } from '../../api/generated/types.ts';
import { matchesLabels } from '../../api/selector.ts';
import type { PluginArguments } from '../arguments.ts';
import type { Columns } from '../columns.ts';
import {
  unresolvable,
  unschedulable,
  type EnqueuePlugin,
  type FilterPlugin,
  type ScorePlugin,
  type Snapshot,
} from '../framework.ts';
import type { PodInfo } from '../pod-info.ts';
import {
  constraintsLike,
  constraintsOf,
  countsEveryNode,
  defaultsOf,
  hasAllKeys,
  isCounted,
  isOf,
  type SpreadConstraint,
  type TemplateConstraints,
} from '../spread/constraints.ts';
import { addTo, countsFor, domainOf, keysOf } from '../spread/domains.ts';
import { hardSpread, hardSpreadByRows, spreadOf, type Spread } from '../spread/filtering.ts';
import { spreadGroups, type SpreadGroups } from '../spread/groups.ts';
import { spreadMayChange } from '../spread/hints.ts';
import {
  normalize,
  softScore,
  softScoreRows,
  softSpread,
  softSpreadByRows,
  type SoftSpread,
} from '../spread/scoring.ts';

const name = 'PodTopologySpread';
const skewed = unschedulable(name, "node(s) didn't match pod topology spread constraints");
const unlabelled = unresolvable(
  name,
  "node(s) didn't match pod topology spread constraints (missing required label)",
);

/** The groups by constraints that were asked for last. */
interface Groups {
  readonly constraints: readonly SpreadConstraint[];
  readonly grouping: SpreadGroups | undefined;
}

type PodTopologySpread = FilterPlugin<readonly Spread[]> & ScorePlugin<SoftSpread> & EnqueuePlugin;

export function podTopologySpread(args: PluginArguments['PodTopologySpread']): PodTopologySpread {
  /** With the system's own constraints a node without a zone is spread over by hostname all the same. */
  const requiresAllKeys = ({ spec }: PodInfo): boolean =>
    (spec.topologySpreadConstraints ?? []).length > 0 || args.defaultingType !== 'System';
  /** What was found for the last Pod of a spec: one attempt asks several times, and templates take turns. */
  const softBySpec = new WeakMap<PodSpec, TemplateConstraints>();
  let groupsIn: Columns | undefined;
  let groupsBySpec = new WeakMap<PodSpec, Groups>();
  function softConstraints(pod: PodInfo, { listers }: Snapshot): readonly SpreadConstraint[] {
    const last = softBySpec.get(pod.spec);
    const found = constraintsLike(last, pod, 'ScheduleAnyway', args, listers);
    if (found !== last) softBySpec.set(pod.spec, found);
    return found.constraints;
  }
  function groupsBy(
    constraints: readonly SpreadConstraint[],
    pod: PodInfo,
    columns: Columns,
  ): SpreadGroups | undefined {
    if (!constraints.every((constraint) => countsEveryNode(constraint, pod))) return undefined;
    const keys = requiresAllKeys(pod) ? keysOf(constraints) : [];
    const counts = constraints.map((constraint) => countsFor(columns, pod, constraint, keys));
    return spreadGroups(columns, constraints, counts);
  }

  return {
    name,
    bySpec: ({ topologySpreadConstraints = [] }) =>
      ![...topologySpreadConstraints, ...defaultsOf(args)].some(isOf('DoNotSchedule')),
    goesBy: softConstraints,
    preFilter(pod, snapshot) {
      const constraints = constraintsOf(pod, 'DoNotSchedule', args, snapshot.listers);
      return constraints.length === 0
        ? { outcome: 'skip' }
        : { outcome: 'filter', state: hardSpread(pod, constraints, snapshot) };
    },
    preFilterRows(pod, snapshot, columns) {
      const constraints = constraintsOf(pod, 'DoNotSchedule', args, snapshot.listers);
      if (constraints.length === 0) return { outcome: 'skip' };
      const state = constraints.every((constraint) => countsEveryNode(constraint, pod))
        ? hardSpreadByRows(pod, constraints, columns)
        : hardSpread(pod, constraints, snapshot);
      return { outcome: 'filter', state };
    },
    filter(_pod, { node }, spreads) {
      for (const { constraint, counts, minimum, self } of spreads) {
        const domain = node?.metadata.labels?.[constraint.topologyKey];
        if (domain === undefined) return unlabelled;
        if ((counts.get(domain) ?? 0) + self - minimum > constraint.maxSkew) return skewed;
      }
      return undefined;
    },
    changed(pod, spreads, other, node, by) {
      const constraints = spreads.map(({ constraint }) => constraint);
      if (other.namespace !== pod.namespace || !hasAllKeys(node, constraints)) return spreads;
      return spreads.map((spread) => {
        const { constraint, counts, self } = spread;
        if (!matchesLabels(constraint.selector, other.labels) || !isCounted(constraint, pod, node))
          return spread;
        const after = new Map(counts.entries());
        addTo(after, domainOf(node, constraint), by);
        return spreadOf(constraint, after, self);
      });
    },
    alike: (pod, snapshot) => (softConstraints(pod, snapshot).length === 0 ? 'nothing' : undefined),
    groups(pod, snapshot, columns) {
      const constraints = softConstraints(pod, snapshot);
      if (groupsIn !== columns) {
        groupsIn = columns;
        groupsBySpec = new WeakMap();
      }
      const known = groupsBySpec.get(pod.spec);
      if (known?.constraints === constraints && known.grouping?.update() !== false) return known.grouping;
      const grouping = groupsBy(constraints, pod, columns);
      groupsBySpec.set(pod.spec, { constraints, grouping });
      return grouping;
    },
    preScore(pod, snapshot, feasible) {
      const constraints = constraintsOf(pod, 'ScheduleAnyway', args, snapshot.listers);
      if (constraints.length === 0) return undefined;
      return { state: softSpread(pod, constraints, requiresAllKeys(pod), snapshot, feasible) };
    },
    preScoreRows(pod, snapshot, feasible) {
      const constraints = softConstraints(pod, snapshot);
      if (constraints.length === 0) return undefined;
      const requiresAll = requiresAllKeys(pod);
      const state = constraints.every((constraint) => countsEveryNode(constraint, pod))
        ? softSpreadByRows(pod, constraints, requiresAll, feasible)
        : softSpread(pod, constraints, requiresAll, snapshot, feasible);
      return { state };
    },
    score: softScore,
    scoreRows(pod, feasible, state, scores) {
      const { columns, rows, count } = feasible;
      if (state.rows === undefined)
        for (let i = 0; i < count; i++) scores[i] = softScore(pod, columns.nodeAt(rows[i] ?? -1), state);
      else softScoreRows(feasible, state, scores);
    },
    normalize,
    mayHelp: (event, pod, listers) =>
      spreadMayChange(event, pod, constraintsOf(pod, 'DoNotSchedule', args, listers)),
  };
}
