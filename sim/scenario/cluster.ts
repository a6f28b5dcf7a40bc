/** The cluster that a Scenario's spec describes, in the simulator's own words. */
import { wholeValue } from '../../core/text/quantity.ts';
import type { Taint } from '../../core/api/generated/types.ts';
import type { FlowSpec } from '../../core/apiserver/flow.ts';
import type { IndexedExit } from '../../core/kubelet/spec.ts';
import type { ClusterSpec, ImageSpec, NodeSpec } from '../cluster/spec.ts';
import type { SourceDocument } from './documents.ts';
import { defaultCapacity, defaultCluster, defaultFlow, defaultImage } from './defaults.ts';
import { BadInput, type Problem } from '../input/problem.ts';
import type { ScenarioSpec } from './schema.ts';

type ClusterPart = Omit<ClusterSpec, 'nodes' | 'actions' | 'faults' | 'workload'>;
type NodeGroup = NonNullable<ScenarioSpec['nodes']>[number];
type Components = NonNullable<ScenarioSpec['components']>;
type ImageGiven = NonNullable<NonNullable<ScenarioSpec['images']>['default']>;

/** Everything of the cluster but its nodes. What is not said is `defaultCluster`'s. */
export function clusterOf(spec: ScenarioSpec): ClusterPart {
  const components = spec.components ?? {};
  const limits = components.limits ?? {};
  const image = imageOf(spec.images?.default ?? {}, defaultImage);
  const byName = Object.entries(spec.images?.byName ?? {});
  return {
    seed: String(spec.seed ?? defaultCluster.seed),
    apiservers: components.apiservers ?? defaultCluster.apiservers,
    schedulers: components.schedulers,
    controllerManagers: components.controllerManagers,
    leaderElection: components.leaderElection,
    ...(components.apiserver === undefined ? {} : { flow: flowOf(components.apiserver) }),
    authorizationMode: components.authorizationMode ?? defaultCluster.authorizationMode,
    webhooks: Object.fromEntries(
      (components.webhooks ?? []).map(({ name, latency, outcome }) => [name, { latency, outcome }]),
    ),
    images: {
      default: image,
      byName: Object.fromEntries(byName.map(([name, given]) => [name, imageOf(given, image)])),
    },
    network: {
      clientToApiserver: spec.network?.clientToApiserver ?? defaultCluster.network.clientToApiserver,
      apiserverToEtcd: spec.network?.apiserverToEtcd ?? defaultCluster.network.apiserverToEtcd,
      etcdCommit: spec.network?.etcdCommit ?? defaultCluster.network.etcdCommit,
    },
    limits: {
      controllerManager: limits.controllerManager ?? defaultCluster.limits.controllerManager,
      scheduler: limits.scheduler ?? defaultCluster.limits.scheduler,
      kubelet: limits.kubelet ?? defaultCluster.limits.kubelet,
    },
    heartbeats: components.heartbeats ?? defaultCluster.heartbeats,
    percentageOfNodesToScore: components.percentageOfNodesToScore ?? defaultCluster.percentageOfNodesToScore,
    compactionInterval: components.compactionInterval ?? defaultCluster.compactionInterval,
  };
}

function flowOf({ cost = {}, ...given }: NonNullable<Components['apiserver']>): FlowSpec {
  return {
    cores: given.cores ?? defaultFlow.cores,
    cost: {
      read: cost.read ?? defaultFlow.cost.read,
      listedObject: cost.listedObject ?? defaultFlow.cost.listedObject,
      write: cost.write ?? defaultFlow.cost.write,
      watchEvent: cost.watchEvent ?? defaultFlow.cost.watchEvent,
    },
    maxRequestsInflight: given.maxRequestsInflight ?? defaultFlow.maxRequestsInflight,
    maxMutatingRequestsInflight: given.maxMutatingRequestsInflight ?? defaultFlow.maxMutatingRequestsInflight,
  };
}

function imageOf(given: ImageGiven, base: ImageSpec): ImageSpec {
  return {
    ...base,
    ...(given.pull === undefined ? {} : { pull: given.pull }),
    ...(given.startup === undefined ? {} : { startup: given.startup }),
    ...(given.exitAfter === undefined ? {} : { exitAfter: given.exitAfter }),
    ...(given.exitCode === undefined ? {} : { exitCode: given.exitCode }),
    ...(given.byCompletionIndex === undefined
      ? {}
      : { byCompletionIndex: given.byCompletionIndex.flatMap(indexedExits) }),
    ...(given.size === undefined ? {} : { sizeBytes: wholeValue(given.size) }),
  };
}

const indexedExits = ({
  indexes,
  exitAfter,
  exitCode,
}: NonNullable<ImageGiven['byCompletionIndex']>[number]): readonly IndexedExit[] =>
  indexes.map((range) => ({
    ...range,
    ...(exitAfter === undefined ? {} : { exitAfter }),
    ...(exitCode === undefined ? {} : { exitCode }),
  }));

/**
 * The nodes of all groups. A group without a name counts on from the nodes before it: node-1, node-2, …; a named one
 * has its name, with a number behind it where there are several.
 */
export function nodesOf(document: SourceDocument, groups: readonly NodeGroup[]): readonly NodeSpec[] {
  const nodes: NodeSpec[] = [];
  const problems: Problem[] = [];
  const taken = new Set<string>();
  for (const [index, group] of groups.entries()) {
    for (let i = 1; i <= group.count; i++) {
      const name = nodeName(group, i, nodes.length);
      if (taken.has(name))
        problems.push({
          at: document.at(['spec', 'nodes', index]),
          message: `spec.nodes[${index}]: there is a node ${name} already`,
        });
      taken.add(name);
      nodes.push(nodeOf(name, group));
    }
  }
  if (problems.length > 0) throw new BadInput(problems.slice(0, 1));
  return nodes;
}

function nodeName({ name, count }: NodeGroup, i: number, before: number): string {
  if (name === undefined) return `node-${before + 1}`;
  return count === 1 ? name : `${name}-${i}`;
}

function nodeOf(name: string, { template }: NodeGroup): NodeSpec {
  const { metadata = {}, spec = {}, status = {} } = template ?? {};
  return {
    name,
    labels: metadata.labels ?? {},
    ...(metadata.annotations === undefined ? {} : { annotations: metadata.annotations }),
    taints: (spec.taints ?? []).map(({ key, value, effect }): Taint =>
      value === undefined ? { key, effect } : { key, value, effect },
    ),
    ...(spec.unschedulable === undefined ? {} : { unschedulable: spec.unschedulable }),
    capacity: { ...defaultCapacity, ...status.capacity },
    ...(status.allocatable === undefined
      ? {}
      : { allocatable: { ...defaultCapacity, ...status.capacity, ...status.allocatable } }),
  };
}
