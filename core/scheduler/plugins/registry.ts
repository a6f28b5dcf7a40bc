/**
 * The plugins of a profile, in their order and with their weights.
 * (kubernetes v1.34.1 pkg/scheduler/apis/config/v1/default_plugins.go)
 */
import { argumentsWith, defaultArguments, type PluginArguments } from '../arguments.ts';
import type { EnqueuePlugin, FilterPlugin, Profile, ScorePlugin, WeightedScore } from '../framework.ts';
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
    enqueue: Object.fromEntries([...filters, schedulingGates].map((plugin) => [plugin.name, plugin])),
  };
}

export const defaultProfile: Profile = profileWith(defaultArguments);

/** The default plugins with what `pluginConfig` of a profile says. */
export const configuredProfile = (pluginConfig: Parameters<typeof argumentsWith>[0]): Profile =>
  profileWith(argumentsWith(pluginConfig));
