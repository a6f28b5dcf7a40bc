/**
 * The plugins of a profile, in their order and with their weights.
 * (kubernetes v1.34.1 pkg/scheduler/apis/config/v1/default_plugins.go)
 */
import { argumentsWith, defaultArguments, type PluginArguments } from '../arguments.ts';
import type { CyclePlugins, PostFilters } from '../cycle-plugins.ts';
import type {
  EnqueuePlugin,
  FilterPlugin,
  PreEnqueuePlugin,
  Profile,
  ScorePlugin,
  WeightedScore,
} from '../framework.ts';
import { partsOf, type PluginParts, type SchedulerPlugin } from '../own-plugin.ts';
import { balancedAllocation } from './balanced-allocation.ts';
import { dynamicResources } from './dynamic-resources.ts';
import { imageLocality } from './image-locality.ts';
import { interPodAffinity } from './inter-pod-affinity.ts';
import { nodeAffinity } from './node-affinity.ts';
import { nodeName } from './node-name.ts';
import { nodePorts } from './node-ports.ts';
import { nodeResourcesFit } from './node-resources-fit.ts';
import { nodeUnschedulable } from './node-unschedulable.ts';
import { nodeVolumeLimits } from './node-volume-limits.ts';
import { podTopologySpread } from './pod-topology-spread.ts';
import { schedulingGates } from './scheduling-gates.ts';
import { taintToleration } from './taint-toleration.ts';
import { volumeBinding } from './volume-binding.ts';
import { volumeRestrictions } from './volume-restrictions.ts';
import { volumeZone } from './volume-zone.ts';

const weighted = (plugin: unknown, weight: number): WeightedScore => ({
  plugin: plugin as ScorePlugin,
  weight,
});

/** The default plugins with arguments of a profile. */
export function profileWith(args: PluginArguments): Profile {
  const affinity = nodeAffinity(args.NodeAffinity);
  const fit = nodeResourcesFit(args.NodeResourcesFit);
  const spread = podTopologySpread(args.PodTopologySpread);
  const interPod = interPodAffinity(args.InterPodAffinity);
  const filters = [
    nodeUnschedulable,
    nodeName,
    taintToleration,
    affinity,
    nodePorts,
    fit,
    volumeRestrictions,
    nodeVolumeLimits,
    volumeBinding,
    volumeZone,
    spread,
    interPod,
    dynamicResources,
  ] as readonly (FilterPlugin & EnqueuePlugin)[];
  return {
    preEnqueue: [schedulingGates],
    filters,
    scores: [
      weighted(taintToleration, 3),
      weighted(affinity, 2),
      weighted(fit, 1),
      weighted(volumeBinding, 1),
      weighted(spread, 2),
      weighted(interPod, 2),
      weighted(balancedAllocation(args.NodeResourcesBalancedAllocation), 1),
      weighted(imageLocality, 1),
    ],
    bindTimeoutSeconds: args.VolumeBinding.bindTimeoutSeconds,
    enqueue: Object.fromEntries([...filters, schedulingGates].map((plugin) => [plugin.name, plugin])),
  };
}

export const defaultProfile: Profile = profileWith(defaultArguments);

/** The default plugins with what `pluginConfig` of a profile says. */
export const configuredProfile = (pluginConfig: Parameters<typeof argumentsWith>[0]): Profile =>
  profileWith(argumentsWith(pluginConfig));

/** Which plugins a profile runs at which extension points, in order. */
export interface PluginChoice {
  readonly preEnqueue: readonly string[];
  /** @default PrioritySort */
  readonly queueSort?: string | undefined;
  readonly preFilter: readonly string[];
  readonly filter: readonly string[];
  readonly postFilter: readonly string[];
  readonly score: readonly { readonly name: string; readonly weight: number }[];
  readonly reserve?: readonly string[] | undefined;
  readonly permit?: readonly string[] | undefined;
  /** @default VolumeBinding */
  readonly preBind?: readonly string[] | undefined;
  /** @default DefaultBinder */
  readonly bind?: readonly string[] | undefined;
  readonly postBind?: readonly string[] | undefined;
  /** Instead of the scheduler's. */
  readonly percentageOfNodesToScore?: number | undefined;
}

/**
 * A profile of some of the default plugins, and of `own` ones. Who filters or scores has its preFilter or preScore with
 * it.
 */
export function chosenProfile(
  choice: PluginChoice,
  args: PluginArguments,
  own: readonly SchedulerPlugin[] = [],
): Profile {
  const parts = own.map(partsOf);
  const all = withOwn(profileWith(args), parts);
  const { preFilter, filter, score } = choice;
  const preparing = preFilter.filter((name) => !filter.includes(name));
  const sort = own.find(({ name }) => name === choice.queueSort);
  return {
    preEnqueue: named<PreEnqueuePlugin>(all.preEnqueue, choice.preEnqueue),
    filters: [...named(all.filters, filter), ...named(all.filters, preparing).map(onlyPreparing)],
    scores: score.flatMap(({ name, weight }) =>
      all.scores.filter((plugin) => plugin.name === name).map((plugin) => ({ plugin, weight })),
    ),
    enqueue: all.enqueue,
    bindTimeoutSeconds: args.VolumeBinding.bindTimeoutSeconds,
    next: sort?.next?.bind(sort),
    cycle: cycleOf(choice, parts),
    postFilters: postFiltersOf(choice, parts),
    withoutPreemption: !choice.postFilter.includes('DefaultPreemption'),
    percentageOfNodesToScore: choice.percentageOfNodesToScore,
  };
}

/** Undefined: none of its own plugins takes part, and the default ones do as they always do. */
function cycleOf(choice: PluginChoice, parts: readonly PluginParts[]): CyclePlugins | undefined {
  const { reserve = [], permit = [], preBind = ['VolumeBinding'], postBind = [] } = choice;
  const { bind = ['DefaultBinder'] } = choice;
  const those = <K extends keyof PluginParts>(part: K, names: readonly string[]) =>
    named(partsAt(parts, part), names);
  const cycle: CyclePlugins = {
    reserves: those('reserve', reserve),
    unreserves: those('unreserve', reserve).reverse(),
    permits: those('permit', permit),
    preBinds: preBind.flatMap<CyclePlugins['preBinds'][number]>((name) =>
      name === 'VolumeBinding' ? [name] : those('preBind', [name]),
    ),
    binds: bind.flatMap<CyclePlugins['binds'][number]>((name) =>
      name === 'DefaultBinder' ? [name] : those('bind', [name]),
    ),
    postBinds: those('postBind', postBind),
  };
  const all = Object.values(cycle) as readonly (readonly unknown[])[];
  return all.every((plugins) => plugins.every((plugin) => typeof plugin === 'string')) ? undefined : cycle;
}

function postFiltersOf({ postFilter }: PluginChoice, parts: readonly PluginParts[]): PostFilters | undefined {
  const own = partsAt(parts, 'postFilter');
  const all = postFilter.flatMap<PostFilters[number]>((name) =>
    name === 'DynamicResources' || name === 'DefaultPreemption' ? [name] : named(own, [name]),
  );
  return all.every((plugin) => typeof plugin === 'string') ? undefined : all;
}

function partsAt<K extends keyof PluginParts>(
  own: readonly PluginParts[],
  part: K,
): NonNullable<PluginParts[K]>[] {
  return own.flatMap((each) => {
    const found = each[part];
    return found === undefined ? [] : [found as NonNullable<PluginParts[K]>];
  });
}

/** All that there is to choose from. */
interface Plugins extends Pick<Profile, 'preEnqueue' | 'filters' | 'enqueue'> {
  readonly scores: readonly ScorePlugin[];
}

function withOwn({ preEnqueue, filters, scores, enqueue }: Profile, own: readonly PluginParts[]): Plugins {
  const parts = <K extends keyof PluginParts>(part: K): NonNullable<PluginParts[K]>[] => partsAt(own, part);
  return {
    preEnqueue: [...preEnqueue, ...parts('preEnqueue')],
    filters: [...filters, ...parts('filter')],
    scores: [...scores.map(({ plugin }) => plugin), ...parts('score')],
    enqueue: { ...enqueue, ...Object.fromEntries(parts('enqueue').map((plugin) => [plugin.name, plugin])) },
  };
}

const named = <P extends { readonly name: string }>(plugins: readonly P[], names: readonly string[]): P[] =>
  names.flatMap((name) => plugins.filter((plugin) => plugin.name === name));

/** Its preFilter may still reject every node, or narrow them down. */
const onlyPreparing = (plugin: FilterPlugin): FilterPlugin => ({
  name: plugin.name,
  filter: () => undefined,
  ...(plugin.preFilter === undefined ? {} : { preFilter: plugin.preFilter.bind(plugin) }),
});
