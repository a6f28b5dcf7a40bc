/**
 * The default profile, its plugins in their order and with their weights.
 * (kubernetes v1.34.1 pkg/scheduler/apis/config/v1/default_plugins.go)
 */
import type { EnqueuePlugin, FilterPlugin, Profile, ScorePlugin, WeightedScore } from '../framework.ts';
import { balancedAllocation } from './balanced-allocation.ts';
import { imageLocality } from './image-locality.ts';
import { nodeAffinity } from './node-affinity.ts';
import { nodeName } from './node-name.ts';
import { nodePorts } from './node-ports.ts';
import { nodeResourcesFit } from './node-resources-fit.ts';
import { nodeUnschedulable } from './node-unschedulable.ts';
import { schedulingGates } from './scheduling-gates.ts';
import { taintToleration } from './taint-toleration.ts';
import { volumeBinding } from './volume-binding.ts';

const filters: readonly (FilterPlugin & EnqueuePlugin)[] = [
  nodeUnschedulable,
  nodeName,
  taintToleration,
  nodeAffinity,
  nodePorts,
  nodeResourcesFit,
  volumeBinding,
];

const weighted = (plugin: ScorePlugin, weight: number): WeightedScore => ({ plugin, weight });

export const defaultProfile: Profile = {
  preEnqueue: [schedulingGates],
  filters,
  scores: [
    weighted(taintToleration as ScorePlugin, 3),
    weighted(nodeAffinity as ScorePlugin, 2),
    weighted(nodeResourcesFit, 1),
    weighted(balancedAllocation, 1),
    weighted(imageLocality as ScorePlugin, 1),
  ],
  enqueue: Object.fromEntries([...filters, schedulingGates].map((plugin) => [plugin.name, plugin])),
};
