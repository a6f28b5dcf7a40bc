/**
 * Filters, plugin by plugin and node by node: the reference that the columns must agree with, and what preemption tries
 * its victims against. (kubernetes v1.34.1 pkg/scheduler/framework/runtime/framework.go)
 */
import type { Columns } from './columns.ts';
import {
  unresolvable,
  type FilterPlugin,
  type PreFilterResult,
  type Profile,
  type Rejection,
  type Snapshot,
} from './framework.ts';
import { withPod, type NodeInfo } from './node-info.ts';
import type { PodInfo } from './pod-info.ts';

/** A filter that has something to say about a Pod, with the state its preFilter made. */
export interface Running {
  readonly plugin: FilterPlugin;
  readonly state: unknown;
}

export interface Search {
  readonly running: readonly Running[];
  /** The plugins that have nothing to say, in the order of the profile. */
  readonly skipped: readonly string[];
  /** Undefined: every node. */
  readonly nodeNames: readonly string[] | undefined;
  /** The plugins that narrowed the nodes down. */
  readonly narrowedBy: readonly string[];
}

/** RunPreFilterPlugins: what is to be asked of each node, or why no node will do. Without columns: by the reference. */
export function preFilter(
  profile: Profile,
  pod: PodInfo,
  snapshot: Snapshot,
  columns?: Columns,
): Search | Rejection {
  const running: Running[] = [];
  const skipped: string[] = [];
  const narrowedBy: string[] = [];
  let nodeNames: readonly string[] | undefined;
  let rejection: Rejection | undefined;
  for (const plugin of profile.filters) {
    const result = prepared(plugin, pod, snapshot, columns);
    if (result.outcome === 'reject') {
      if (result.rejection.code === 'UnschedulableAndUnresolvable') return result.rejection;
      rejection ??= result.rejection;
    } else if (result.outcome === 'skip') skipped.push(plugin.name);
    else {
      running.push({ plugin, state: result.state });
      if (result.nodeNames === undefined) continue;
      const { nodeNames: names } = result;
      nodeNames = nodeNames === undefined ? names : nodeNames.filter((name) => names.includes(name));
      narrowedBy.push(plugin.name);
      if (nodeNames.length === 0) return unresolvable('', nowhere(narrowedBy));
    }
  }
  return rejection ?? { running, skipped, nodeNames, narrowedBy };
}

const judgesAll: PreFilterResult<unknown> = { outcome: 'filter', state: undefined };

const prepared = (
  plugin: FilterPlugin,
  pod: PodInfo,
  snapshot: Snapshot,
  columns: Columns | undefined,
): PreFilterResult<unknown> =>
  columns !== undefined && plugin.preFilterRows !== undefined
    ? plugin.preFilterRows(pod, snapshot, columns)
    : (plugin.preFilter?.(pod, snapshot) ?? judgesAll);

const nowhere = (plugins: readonly string[]): string =>
  plugins.length === 1
    ? `node(s) didn't satisfy plugin ${plugins[0] ?? ''}`
    : `node(s) didn't satisfy plugin(s) [${[...plugins].sort().join(' ')}] simultaneously`;

/** What is said of the nodes that a preFilter left out. */
export const leftOut = ({ narrowedBy }: Search): Rejection =>
  unresolvable('', `node(s) didn't satisfy plugin(s) [${[...narrowedBy].sort().join(' ')}]`);

/** RunFilterPlugins: the first rejection of one node. */
export function filterNode(running: readonly Running[], pod: PodInfo, info: NodeInfo): Rejection | undefined {
  for (const { plugin, state } of running) {
    const rejection = plugin.filter(pod, info, state);
    if (rejection !== undefined) return rejection;
  }
  return undefined;
}

/**
 * The first rejection of one node on which other Pods of like or higher priority may come to be: the Pod must fit with
 * them, and without them, for they may never come. (RunFilterPluginsWithNominatedPods)
 */
export function filterWithNominated(
  running: readonly Running[],
  pod: PodInfo,
  info: NodeInfo,
  snapshot: Snapshot,
): Rejection | undefined {
  const others = nominatedBefore(pod, info.name, snapshot);
  if (others.length === 0) return filterNode(running, pod, info);
  let joined = { running, info };
  for (const other of others) joined = placed(joined.running, pod, joined.info, other);
  return filterNode(joined.running, pod, joined.info) ?? filterNode(running, pod, info);
}

/** The Pods nominated to a node that have a claim to its room before this one. */
export const nominatedBefore = (pod: PodInfo, node: string, { nominated }: Snapshot): readonly PodInfo[] =>
  nominated.size === 0
    ? []
    : (nominated.get(node) ?? []).filter(({ uid, priority }) => uid !== pod.uid && priority >= pod.priority);

interface Situation {
  readonly running: readonly Running[];
  readonly info: NodeInfo;
}

function placed(running: readonly Running[], pod: PodInfo, info: NodeInfo, other: PodInfo): Situation {
  return { running: withChange(running, pod, info, other, 1), info: withPod(info, other) };
}

/** The filters' states with another Pod on the node, or without it. */
export function withChange(
  running: readonly Running[],
  pod: PodInfo,
  info: NodeInfo,
  other: PodInfo,
  by: 1 | -1,
): readonly Running[] {
  const { node } = info;
  if (node === undefined) return running;
  return running.map((entry) =>
    entry.plugin.changed === undefined
      ? entry
      : { plugin: entry.plugin, state: entry.plugin.changed(pod, entry.state, other, node, by) },
  );
}
