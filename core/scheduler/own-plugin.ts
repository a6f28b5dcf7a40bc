/**
 * Plugins that are none of the default ones: a user's, and those of other schedulers. One object has whatever methods of
 * the framework it takes part in; a profile enables it by its name, as a KubeSchedulerConfiguration does.
 *
 *     import type { SchedulerPlugin } from '../../core/scheduler/own-plugin.ts';
 *
 *     export const plugin: SchedulerPlugin = {
 *       name: 'OneARack',
 *       filter: (pod, node) => (node.pods.length > 0 ? 'node(s) have a Pod already' : undefined),
 *     };
 *
 * A run is a function of its input only while its plugins are: no clock, no dice, nothing kept between calls.
 */
import type { Node, Pod } from '../api/generated/types.ts';
import type { Seed } from '../random/draw.ts';
import type { SchedulerCache } from './cache.ts';
import type {
  BindAnswer,
  BindPlugin,
  PermitPlugin,
  PostBindPlugin,
  PostFilterAnswer,
  PostFilterPlugin,
  PreBindAnswer,
  PreBindPlugin,
  UnreservePlugin,
  Wait,
  WaitingPods,
} from './cycle-plugins.ts';
import type {
  ClusterEvent,
  EnqueuePlugin,
  Feasible,
  FilterPlugin,
  LastLook,
  Listers,
  PreEnqueuePlugin,
  PreFilterResult,
  Rejection,
  ScorePlugin,
  Snapshot,
} from './framework.ts';
import type { NodeInfo } from './node-info.ts';
import type { PodInfo } from './pod-info.ts';
import type { QueuedPod } from './queue.ts';

/** Why not: a text stands for an Unschedulable rejection with that one reason. */
type Verdict = Rejection | string | undefined;

export interface SchedulerPlugin {
  readonly name: string;
  /** The plugin with the `args` of its pluginConfig. It may throw: the message is told with the place of the args. */
  configured?(args: Readonly<Record<string, unknown>>, handle: { readonly seed: Seed }): SchedulerPlugin;
  /** PreEnqueue: why the Pod may not yet be queued. */
  preEnqueue?(pod: Pod): string | undefined;
  /** QueueSort: whether `a` is tried before `b`. One plugin orders the queue of all profiles. */
  less?(a: QueuedPod, b: QueuedPod): boolean;
  /** QueueSort where the order depends on the cluster: which of those to be tried now is next. @default the first */
  next?(waiting: Iterable<QueuedPod>, cache: SchedulerCache): QueuedPod | undefined;
  /** PreFilter: once an attempt. Its state is given to `filter`. @default the filter judges, without a state */
  preFilter?(pod: PodInfo, snapshot: Snapshot): PreFilterResult<unknown>;
  /** Filter: one node. */
  filter?(pod: PodInfo, node: NodeInfo, state: unknown): Verdict;
  /** PreFilterExtensions: the state with another Pod on a node (1) or without it (-1), for preemption. */
  changed?(pod: PodInfo, state: unknown, other: PodInfo, node: Node, by: 1 | -1): unknown;
  /** PreScore: undefined means that the plugin adds nothing for this Pod. */
  preScore?(pod: PodInfo, snapshot: Snapshot, feasible: Feasible): { readonly state: unknown } | undefined;
  /** Score: one node, any finite number if there is a `normalize`, else a whole number from 0 to 100. */
  score?(pod: PodInfo, node: NodeInfo, state: unknown): number;
  /** NormalizeScore: brings the first `count` scores to whole numbers from 0 to 100. */
  normalize?(scores: Float64Array, count: number, state: unknown): void;
  /** Reserve: a last look before the Pod is assumed on the node. */
  reserve?(pod: PodInfo, node: NodeInfo, snapshot: Snapshot): Verdict;
  /** Unreserve: a Pod that had the node will not be bound there. */
  unreserve?(pod: PodInfo, node: NodeInfo, snapshot: Snapshot, waiting: WaitingPods): void;
  /** PostFilter: no node will do. It may nominate one and push Pods off it; nothing or a text: it knows no way. */
  postFilter?(
    pod: PodInfo,
    snapshot: Snapshot,
    verdictOf: (node: string) => Rejection | undefined,
    waiting: WaitingPods,
  ): PostFilterAnswer | Verdict;
  /** Permit: after every Reserve. It allows, rejects, or has the Pod wait until this plugin allows it later on. */
  permit?(pod: PodInfo, node: NodeInfo, snapshot: Snapshot, waiting: WaitingPods): Wait | Verdict;
  /** PreBind: what must be done before the Pod, counted on the node by now, is bound. Nothing: it is done. */
  preBind?(pod: PodInfo, node: NodeInfo, snapshot: Snapshot): PreBindAnswer | Verdict;
  /** Bind: sends the Binding, or leaves it to the next plugin. Nothing: it skips. */
  bind?(pod: PodInfo, node: NodeInfo, snapshot: Snapshot): BindAnswer | undefined;
  /** PostBind: the Pod is bound. */
  postBind?(pod: PodInfo, node: NodeInfo, snapshot: Snapshot, waiting: WaitingPods): void;
  /** QueueingHint: whether an event may help a Pod that this plugin rejected. @default it may */
  mayHelp?(event: ClusterEvent, pod: PodInfo, listers: Listers): boolean;
}

/** The methods that make an object a plugin, and the extension point that each belongs to. */
export const pointOfMethod = {
  preEnqueue: 'preEnqueue',
  less: 'queueSort',
  next: 'queueSort',
  preFilter: 'preFilter',
  filter: 'filter',
  preScore: 'preScore',
  score: 'score',
  postFilter: 'postFilter',
  reserve: 'reserve',
  unreserve: 'reserve',
  permit: 'permit',
  preBind: 'preBind',
  bind: 'bind',
  postBind: 'postBind',
} as const satisfies Partial<Record<keyof SchedulerPlugin, string>>;

type Method = keyof typeof pointOfMethod;

/** The extension points that a plugin takes part in. */
export function pointsOf(plugin: SchedulerPlugin): readonly string[] {
  const methods = Object.keys(pointOfMethod) as Method[];
  const points = methods
    .filter((method) => plugin[method] !== undefined)
    .map((method) => pointOfMethod[method]);
  return [...new Set(points)];
}

/** A plugin's parts as a profile holds them. */
export interface PluginParts {
  readonly preEnqueue: PreEnqueuePlugin | undefined;
  readonly filter: FilterPlugin | undefined;
  readonly score: ScorePlugin | undefined;
  readonly reserve: LastLook | undefined;
  readonly unreserve: UnreservePlugin | undefined;
  readonly postFilter: PostFilterPlugin | undefined;
  readonly permit: PermitPlugin | undefined;
  readonly preBind: PreBindPlugin | undefined;
  readonly bind: BindPlugin | undefined;
  readonly postBind: PostBindPlugin | undefined;
  readonly enqueue: EnqueuePlugin;
}

export function partsOf(plugin: SchedulerPlugin): PluginParts {
  const { name } = plugin;
  const rejection = rejections(name);
  return {
    preEnqueue:
      plugin.preEnqueue === undefined ? undefined : { name, preEnqueue: plugin.preEnqueue.bind(plugin) },
    filter: filterOf(plugin, rejection),
    score: scoreOf(plugin),
    reserve: lastLook(plugin, rejection),
    unreserve:
      plugin.unreserve === undefined ? undefined : { name, unreserve: plugin.unreserve.bind(plugin) },
    postFilter: postFilterOf(plugin, rejection),
    permit: permitOf(plugin, rejection),
    preBind: preBindOf(plugin, rejection),
    bind: bindOf(plugin),
    postBind: plugin.postBind === undefined ? undefined : { name, postBind: plugin.postBind.bind(plugin) },
    enqueue: { name, mayHelp: plugin.mayHelp?.bind(plugin) ?? (() => true) },
  };
}

type ToRejection = (verdict: Verdict) => Rejection | undefined;

/** One rejection for each text: rejections are counted by their identity. */
function rejections(plugin: string): ToRejection {
  const known = new Map<string, Rejection>();
  return (verdict) => {
    if (typeof verdict !== 'string') return verdict;
    const found = known.get(verdict);
    if (found !== undefined) return found;
    const made: Rejection = { plugin, code: 'Unschedulable', reasons: [verdict] };
    known.set(verdict, made);
    return made;
  };
}

function filterOf(plugin: SchedulerPlugin, rejection: ToRejection): FilterPlugin | undefined {
  if (plugin.filter === undefined && plugin.preFilter === undefined) return undefined;
  return {
    name: plugin.name,
    filter: (pod, node, state) => rejection(plugin.filter?.(pod, node, state)),
    ...(plugin.preFilter === undefined ? {} : { preFilter: plugin.preFilter.bind(plugin) }),
    ...(plugin.changed === undefined ? {} : { changed: plugin.changed.bind(plugin) }),
  };
}

function scoreOf(plugin: SchedulerPlugin): ScorePlugin | undefined {
  if (plugin.score === undefined) return undefined;
  return {
    name: plugin.name,
    score: plugin.score.bind(plugin),
    ...(plugin.preScore === undefined ? {} : { preScore: plugin.preScore.bind(plugin) }),
    ...(plugin.normalize === undefined ? {} : { normalize: plugin.normalize.bind(plugin) }),
  };
}

const lastLook = (plugin: SchedulerPlugin, rejection: ToRejection): LastLook | undefined =>
  plugin.reserve === undefined
    ? undefined
    : {
        name: plugin.name,
        look: (pod, node, snapshot) => rejection(plugin.reserve?.(pod, node, snapshot)),
      };

function postFilterOf(plugin: SchedulerPlugin, rejection: ToRejection): PostFilterPlugin | undefined {
  if (plugin.postFilter === undefined) return undefined;
  const knowsNoWay: Rejection = { plugin: plugin.name, code: 'Unschedulable', reasons: [] };
  return {
    name: plugin.name,
    postFilter: (pod, snapshot, verdictOf, waiting) => {
      const answer = plugin.postFilter?.(pod, snapshot, verdictOf, waiting);
      if (typeof answer === 'object' && 'outcome' in answer) return answer;
      return { outcome: 'reject', rejection: rejection(answer) ?? knowsNoWay };
    },
  };
}

function permitOf(plugin: SchedulerPlugin, rejection: ToRejection): PermitPlugin | undefined {
  if (plugin.permit === undefined) return undefined;
  return {
    name: plugin.name,
    permit: (pod, node, snapshot, waiting) => {
      const answer = plugin.permit?.(pod, node, snapshot, waiting);
      return typeof answer === 'object' && 'waitSeconds' in answer ? answer : rejection(answer);
    },
  };
}

function preBindOf(plugin: SchedulerPlugin, rejection: ToRejection): PreBindPlugin | undefined {
  if (plugin.preBind === undefined) return undefined;
  return {
    name: plugin.name,
    preBind: (pod, node, snapshot) => {
      const answer = plugin.preBind?.(pod, node, snapshot);
      if (typeof answer === 'object' && 'outcome' in answer) return answer;
      const rejected = rejection(answer);
      return rejected === undefined ? { outcome: 'ready' } : { outcome: 'reject', rejection: rejected };
    },
  };
}

const bindOf = (plugin: SchedulerPlugin): BindPlugin | undefined =>
  plugin.bind === undefined
    ? undefined
    : {
        name: plugin.name,
        bind: (pod, node, snapshot) => plugin.bind?.(pod, node, snapshot) ?? { outcome: 'skip' },
      };
