/**
 * The scheduling framework: one interface for each extension point. A plugin is one file that implements those it
 * takes part in; plugins/registry.ts puts them together as a profile.
 *
 * The plain `filter` and `score` judge one node and are the truth. `filterRows` and `scoreRows` judge many from columns
 * and must say the same; the tests compare them. A plugin without them is judged by the plain ones.
 * (kubernetes v1.34.1 staging/src/k8s.io/kube-scheduler/framework/interface.go)
 */
import type {
  CSINode,
  Node,
  PersistentVolume,
  PersistentVolumeClaim,
  Pod,
  PodSpec,
  StorageClass,
} from '../api/generated/types.ts';
import type { View } from '../api/view.ts';
import type { HashedMap } from '../collections/hashed-map.ts';
import type { OrderedMap } from '../collections/ordered-map.ts';
import type { Groups } from './best-places.ts';
import type { SchedulerCache } from './cache.ts';
import type { Columns } from './columns.ts';
import type { CyclePlugins, PostFilters } from './cycle-plugins.ts';
import type { NodeInfo } from './node-info.ts';
import type { NodeTree } from './node-tree.ts';
import type { PodInfo } from './pod-info.ts';
import type { QueuedPod } from './queue.ts';
import type { VolumePlans } from './volume-plan.ts';

/** Why a node, or every node, will not do. `Unresolvable`: no Pod that went away would change it. */
export interface Rejection {
  readonly plugin: string;
  readonly code: 'Unschedulable' | 'UnschedulableAndUnresolvable';
  readonly reasons: readonly string[];
}

export const unschedulable = (plugin: string, ...reasons: readonly string[]): Rejection => ({
  plugin,
  code: 'Unschedulable',
  reasons,
});

export const unresolvable = (plugin: string, ...reasons: readonly string[]): Rejection => ({
  plugin,
  code: 'UnschedulableAndUnresolvable',
  reasons,
});

/** Objects other than nodes and the Pods on them that plugins look up. */
export interface Listers {
  readonly pods: View<'pods'>;
  readonly namespaces: View<'namespaces'>;
  readonly services: View<'services'>;
  readonly replicationControllers: View<'replicationcontrollers'>;
  readonly replicaSets: View<'replicasets'>;
  readonly statefulSets: View<'statefulsets'>;
  readonly podDisruptionBudgets: View<'poddisruptionbudgets'>;
  readonly claims: View<'persistentvolumeclaims'>;
  readonly volumes: View<'persistentvolumes'>;
  readonly storageClasses: View<'storageclasses'>;
  readonly csiNodes: View<'csinodes'>;
}

/** Pods for which a preemption made room, by the node where it did. */
export type NominatedPods = OrderedMap<string, readonly PodInfo[]>;

/** The cluster as one decision sees it. */
export interface Snapshot {
  readonly nodes: HashedMap<NodeInfo>;
  readonly nodeCount: number;
  readonly imageNodes: OrderedMap<string, number>;
  /** The nodes that have Pods with affinity to Pods or anti-affinity. */
  readonly affinityNodes: OrderedMap<string, true>;
  readonly nominated: NominatedPods;
  /** What Pods that have a node are about to do with volumes. */
  readonly volumePlans?: VolumePlans | undefined;
  readonly listers: Listers;
}

/** Visits every node that is there: Pods may be counted on one that is gone. */
export function eachNode(snapshot: Snapshot, visit: (info: NodeInfo, node: Node) => void): void {
  snapshot.nodes.scan((_name, info) => {
    if (info.node !== undefined) visit(info, info.node);
  });
}

/** Something that happened which may make a waiting Pod schedulable. */
export type ClusterEvent =
  | { readonly resource: 'Node'; readonly action: 'Add'; readonly after: Node }
  | { readonly resource: 'Node'; readonly action: 'Delete'; readonly before: Node }
  | {
      readonly resource: 'Node';
      readonly action: 'UpdateNodeAllocatable' | 'UpdateNodeLabel' | 'UpdateNodeTaint';
      readonly before: Node;
      readonly after: Node;
    }
  | { readonly resource: 'AssignedPod'; readonly action: 'Add'; readonly after: PodInfo }
  | { readonly resource: 'AssignedPod'; readonly action: 'Delete'; readonly before: PodInfo }
  | {
      readonly resource: 'AssignedPod';
      readonly action: 'UpdatePodLabel' | 'UpdatePodScaleDown';
      readonly before: PodInfo;
      readonly after: PodInfo;
    }
  /** The waiting Pod itself was changed. */
  | {
      readonly resource: 'Pod';
      readonly action: 'UpdatePodToleration' | 'UpdatePodSchedulingGatesEliminated' | 'UpdatePodScaleDown';
      readonly uid: string;
    }
  | {
      readonly resource: 'Pod';
      readonly action: 'UpdatePodLabel';
      readonly uid: string;
      readonly before: PodInfo;
      readonly after: PodInfo;
    }
  | {
      readonly resource: 'PersistentVolumeClaim';
      readonly action: 'Add' | 'Update';
      readonly after: PersistentVolumeClaim;
    }
  | Written<'PersistentVolume', PersistentVolume>
  | Written<'StorageClass', StorageClass>
  | Written<'CSINode', CSINode>;

/** `before`: undefined when it is new. */
interface Written<Kind extends string, T> {
  readonly resource: Kind;
  readonly action: 'Add' | 'Update';
  readonly before: T | undefined;
  readonly after: T;
}

/** The Pod on a node that an event is about. */
export const assignedPodOf = (event: ClusterEvent & { readonly resource: 'AssignedPod' }): PodInfo =>
  event.action === 'Delete' ? event.before : event.after;

export interface Plugin {
  readonly name: string;
}

/** Keeps a Pod out of the queue. Answers with the reason while it does. */
export interface PreEnqueuePlugin extends Plugin {
  preEnqueue(pod: Pod): string | undefined;
}

/** Asked when something happened: might a Pod that this plugin rejected be accepted now? (QueueingHintFn) */
export interface EnqueuePlugin extends Plugin {
  mayHelp(event: ClusterEvent, pod: PodInfo, listers: Listers): boolean;
}

export type PreFilterResult<S> =
  /** `state` is given back to this plugin's filter. `nodeNames`: no other node needs to be looked at. */
  | { readonly outcome: 'filter'; readonly state: S; readonly nodeNames?: readonly string[] | undefined }
  /** This plugin's filter has nothing to say about the Pod. */
  | { readonly outcome: 'skip' }
  | { readonly outcome: 'reject'; readonly rejection: Rejection };

/** What a filter judges: rows in the order they are examined. It sets the verdict of those it rejects first. */
export interface Batch {
  readonly columns: Columns;
  readonly rows: Int32Array;
  /** Positions in `rows` and in `verdicts`. */
  from: number;
  to: number;
  readonly verdicts: (Rejection | undefined)[];
}

/** A plugin that may say that it need not be asked anew for every Pod of a template (routines.ts). */
interface Prepared {
  /**
   * Whether, for all Pods of this spec, what it prepares and whether it has anything to say follow from the spec and from
   * `goesBy`, while the images on nodes are what they are and no Pod has affinity or is nominated. Absent: only if `byNode`.
   */
  bySpec?(spec: PodSpec): boolean;
  /** What else it goes by. The same value: the same follows. */
  goesBy?(pod: PodInfo, snapshot: Snapshot): unknown;
}

/** `S` is the state that its `preFilter` makes for one attempt. */
export interface FilterPlugin<S = unknown> extends Plugin, Prepared {
  /**
   * Its state and its verdict follow from the node itself and from what likeness.ts says of the Pod, whatever is on
   * other nodes: Pods that are alike share them.
   */
  readonly byNode?: boolean | undefined;
  preFilter?(pod: PodInfo, snapshot: Snapshot): PreFilterResult<S>;
  /** The same, found by the columns. */
  preFilterRows?(pod: PodInfo, snapshot: Snapshot, columns: Columns): PreFilterResult<S>;
  filter(pod: PodInfo, node: NodeInfo, state: S): Rejection | undefined;
  filterRows?(pod: PodInfo, batch: Batch, state: S): void;
  /**
   * The state as it would be with one more Pod on a node, or without one of its Pods. Absent: the state does not depend
   * on them. (PreFilterExtensions, AddPod and RemovePod)
   */
  changed?(pod: PodInfo, state: S, other: PodInfo, node: Node, by: 1 | -1): S;
}

/** The nodes that passed every filter. */
export interface Feasible {
  readonly columns: Columns;
  readonly rows: Int32Array;
  readonly count: number;
}

/** Nodes in groups that get the same from a plugin in the end. Groups are numbered from 0, and keep their numbers. */
export interface Grouping {
  readonly size: number;
  /** Takes in what has changed. False: it serves no longer, and another has to be asked for. */
  update(): boolean;
  /** The number of a node's group. It changes only when the node does. */
  groupOf(row: number): number;
  /** The number of each node's group, by place in the order of nodes. */
  groupsInOrder(tree: NodeTree): Groups;
  /** What a node of each group gets, where there are so many nodes of each; of a group without nodes nothing is said. */
  scores(nodes: Int32Array, scores: Float64Array): void;
}

export interface ScorePlugin<S = unknown> extends Plugin, Prepared {
  /**
   * Its state and its score before `normalize` follow from the node itself and from what likeness.ts says of the Pod,
   * and `normalize` makes of nothing but zeros so many equals.
   */
  readonly byNode?: boolean | undefined;
  /**
   * What every node gets from it in the end, where that can be told without looking at them; 'nothing': it takes no
   * part. Undefined: they must be looked at.
   */
  alike?(pod: PodInfo, snapshot: Snapshot, columns: Columns): number | 'nothing' | undefined;
  /** Groups of nodes that get the same from it in the end; undefined: there are none. */
  groups?(pod: PodInfo, snapshot: Snapshot, columns: Columns): Grouping | undefined;
  /** `undefined`: the plugin adds nothing for this Pod. */
  preScore?(pod: PodInfo, snapshot: Snapshot, feasible: Feasible): { readonly state: S } | undefined;
  /** The same, found by the columns. */
  preScoreRows?(pod: PodInfo, snapshot: Snapshot, feasible: Feasible): { readonly state: S } | undefined;
  score(pod: PodInfo, node: NodeInfo, state: S): number;
  scoreRows?(pod: PodInfo, feasible: Feasible, state: S, scores: Float64Array): void;
  /** Brings the scores into 0..100. Absent: they are there already. */
  normalize?(scores: Float64Array, count: number, state: S): void;
}

/** A Reserve plugin: it allows the chosen node, or rejects it. */
export interface LastLook extends Plugin {
  look(pod: PodInfo, node: NodeInfo, snapshot: Snapshot): Rejection | undefined;
}

export interface WeightedScore {
  readonly plugin: ScorePlugin;
  readonly weight: number;
}

export interface Profile {
  readonly preEnqueue: readonly PreEnqueuePlugin[];
  readonly filters: readonly FilterPlugin[];
  readonly scores: readonly WeightedScore[];
  /** By the name of the plugin. */
  readonly enqueue: Readonly<Record<string, EnqueuePlugin>>;
  /** Which of the Pods to be tried is next; of the scheduler's own profile only. */
  readonly next?:
    ((waiting: Iterable<QueuedPod>, cache: SchedulerCache) => QueuedPod | undefined) | undefined;
  /** Undefined: once a node is chosen, only the default plugins have a say. */
  readonly cycle?: CyclePlugins | undefined;
  /** Undefined: DynamicResources and DefaultPreemption. */
  readonly postFilters?: PostFilters | undefined;
  /** VolumeBindingArgs: how long it is waited for the volumes of a Pod that has a node. */
  readonly bindTimeoutSeconds: number;
  /** DefaultPreemption is not among its plugins: nobody is pushed off a node. */
  readonly withoutPreemption?: boolean | undefined;
  /** Instead of the scheduler's. */
  readonly percentageOfNodesToScore?: number | undefined;
}

export interface NamedProfile {
  readonly schedulerName: string;
  readonly profile: Profile;
}

/** The profiles of one scheduler, the first by its own name. */
export interface Profiles extends NamedProfile {
  readonly others: readonly NamedProfile[];
}

/** The profile that a Pod asks for; undefined: it is somebody else's. */
export function profileFor(profiles: Profiles, { spec }: Pod): Profile | undefined {
  if (spec.schedulerName === profiles.schedulerName) return profiles.profile;
  for (const other of profiles.others) if (other.schedulerName === spec.schedulerName) return other.profile;
  return undefined;
}

/** The profile whose plugins judge node by node: what the columns are measured against. */
export function plain(profile: Profile): Profile {
  return {
    ...profile,
    filters: profile.filters.map((plugin) => {
      const { name } = plugin;
      const filter = plugin.filter.bind(plugin);
      return {
        name,
        filter,
        ...(plugin.preFilter === undefined ? {} : { preFilter: plugin.preFilter.bind(plugin) }),
        ...(plugin.changed === undefined ? {} : { changed: plugin.changed.bind(plugin) }),
      };
    }),
    scores: profile.scores.map(({ plugin, weight }) => ({ weight, plugin: plainScore(plugin) })),
  };
}

function plainScore(plugin: ScorePlugin): ScorePlugin {
  const only: ScorePlugin = { name: plugin.name, score: plugin.score.bind(plugin) };
  return {
    ...only,
    ...(plugin.preScore === undefined ? {} : { preScore: plugin.preScore.bind(plugin) }),
    ...(plugin.normalize === undefined ? {} : { normalize: plugin.normalize.bind(plugin) }),
  };
}

export const maxNodeScore = 100;

/** kubernetes v1.34.1 pkg/scheduler/framework/plugins/helper/normalize_score.go, DefaultNormalizeScore */
export function defaultNormalize(scores: Float64Array, count: number, reverse: boolean): void {
  let max = 0;
  for (let i = 0; i < count; i++) max = Math.max(max, scores[i] ?? 0);
  if (max === 0) {
    if (reverse) scores.fill(maxNodeScore, 0, count);
    return;
  }
  for (let i = 0; i < count; i++) {
    const score = Math.floor((maxNodeScore * (scores[i] ?? 0)) / max);
    scores[i] = reverse ? maxNodeScore - score : score;
  }
}

/** Every node's verdict by the plain filter, for a plugin without `filterRows`. */
export function filterEach(plugin: FilterPlugin, pod: PodInfo, batch: Batch, state: unknown): void {
  const { columns, rows, verdicts } = batch;
  for (let i = batch.from; i < batch.to; i++)
    verdicts[i] ??= plugin.filter(pod, columns.nodeAt(rows[i] ?? -1), state);
}

export function scoreEach(
  plugin: ScorePlugin,
  pod: PodInfo,
  feasible: Feasible,
  state: unknown,
  scores: Float64Array,
): void {
  const { columns, rows, count } = feasible;
  for (let i = 0; i < count; i++) scores[i] = plugin.score(pod, columns.nodeAt(rows[i] ?? -1), state);
}

/** Scores by the columns, where the plugin can. */
export function scoreRowsBy(
  plugin: ScorePlugin,
  pod: PodInfo,
  feasible: Feasible,
  state: unknown,
  scores: Float64Array,
): void {
  if (plugin.scoreRows !== undefined) plugin.scoreRows(pod, feasible, state, scores);
  else scoreEach(plugin, pod, feasible, state, scores);
}
