/**
 * The arguments of the plugins, as KubeSchedulerConfiguration names them, with their defaults.
 * (kubernetes v1.34.1 pkg/scheduler/apis/config/v1/defaults.go)
 */
import type { NodeAffinity, TopologySpreadConstraint } from '../api/generated/types.ts';

export interface WeightedResource {
  readonly name: string;
  readonly weight: number;
}

export interface UtilizationPoint {
  /** Per cent, 0..100. */
  readonly utilization: number;
  /** 0..10. */
  readonly score: number;
}

export interface ScoringStrategy {
  readonly type: 'LeastAllocated' | 'MostAllocated' | 'RequestedToCapacityRatio';
  readonly resources: readonly WeightedResource[];
  readonly requestedToCapacityRatio?: { readonly shape: readonly UtilizationPoint[] } | undefined;
}

export interface PluginArguments {
  readonly NodeAffinity: { readonly addedAffinity?: NodeAffinity | undefined };
  readonly NodeResourcesFit: {
    readonly ignoredResources: readonly string[];
    readonly ignoredResourceGroups: readonly string[];
    readonly scoringStrategy: ScoringStrategy;
  };
  readonly NodeResourcesBalancedAllocation: { readonly resources: readonly WeightedResource[] };
  readonly InterPodAffinity: {
    readonly hardPodAffinityWeight: number;
    readonly ignorePreferredTermsOfExistingPods: boolean;
    /**
     * kubernetes/kubernetes#141526: in v1.34.1 a namespaceSelector of the Pod to be scheduled that labels can meet by
     * being absent (NotIn, DoesNotExist) selects every namespace. True: it selects those that it asks for.
     */
    readonly exactNamespaceSelector: boolean;
  };
  readonly PodTopologySpread: {
    readonly defaultConstraints: readonly TopologySpreadConstraint[];
    readonly defaultingType: 'System' | 'List';
  };
  readonly VolumeBinding: { readonly bindTimeoutSeconds: number };
}

const cpuAndMemory: readonly WeightedResource[] = [
  { name: 'cpu', weight: 1 },
  { name: 'memory', weight: 1 },
];

export const defaultArguments: PluginArguments = {
  NodeAffinity: {},
  NodeResourcesFit: {
    ignoredResources: [],
    ignoredResourceGroups: [],
    scoringStrategy: { type: 'LeastAllocated', resources: cpuAndMemory },
  },
  NodeResourcesBalancedAllocation: { resources: cpuAndMemory },
  InterPodAffinity: {
    hardPodAffinityWeight: 1,
    ignorePreferredTermsOfExistingPods: false,
    exactNamespaceSelector: false,
  },
  PodTopologySpread: { defaultConstraints: [], defaultingType: 'System' },
  VolumeBinding: { bindTimeoutSeconds: 600 },
};

export interface PluginConfig {
  readonly name: string;
  readonly args?: Readonly<Record<string, unknown>> | undefined;
}

/** The arguments with what a profile's `pluginConfig` says. It was validated before: each argument is of its type. */
export function argumentsWith(pluginConfig: readonly PluginConfig[]): PluginArguments {
  const all: Record<string, object> = { ...defaultArguments };
  for (const { name, args = {} } of pluginConfig)
    if (all[name] !== undefined) all[name] = { ...all[name], ...withDefaults(name, args) };
  return all as unknown as PluginArguments;
}

function withDefaults(name: string, args: Readonly<Record<string, unknown>>): object {
  if (name === 'NodeResourcesFit' && args['scoringStrategy'] !== undefined) {
    const strategy = args['scoringStrategy'] as Partial<ScoringStrategy>;
    const { type = 'LeastAllocated', resources = [] } = strategy;
    return {
      ...args,
      scoringStrategy: { ...strategy, type, resources: weighted(resources) },
    };
  }
  if (name === 'NodeResourcesBalancedAllocation')
    return { resources: weighted((args['resources'] ?? []) as readonly WeightedResource[]) };
  return args;
}

/** No resources: cpu and memory. No weight, or 0: 1. */
const weighted = (resources: readonly Partial<WeightedResource>[]): readonly WeightedResource[] =>
  resources.length === 0
    ? cpuAndMemory
    : resources.map(({ name = '', weight }) => ({
        name,
        weight: weight === undefined || weight === 0 ? 1 : weight,
      }));
