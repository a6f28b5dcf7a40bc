/**
 * A Pod needs room for what it requests; among nodes with room the emptiest is preferred (LeastAllocated).
 * (kubernetes v1.34.1 plugins/noderesources/fit.go, least_allocated.go)
 */
import type { ResourceAmounts } from '../../api/pod-resources.ts';
import type { PluginArguments } from '../arguments.ts';
import {
  unresolvable,
  unschedulable,
  type EnqueuePlugin,
  type FilterPlugin,
  type Rejection,
  type ScorePlugin,
} from '../framework.ts';
import { allocatableOf, type Allocatable, type NodeInfo } from '../node-info.ts';
import type { PodInfo, PodShape } from '../pod-info.ts';
import {
  allocatableMemory,
  allocatableMilliCpu,
  allowedPods,
  memory,
  milliCpu,
  nonZeroMemory,
  nonZeroMilliCpu,
  pods,
  resourceColumns,
  rowWidth,
} from '../resource-columns.ts';
import { leastRequested, strategyScore } from '../scoring-strategy.ts';

const name = 'NodeResourcesFit';

/** What is short, as bits; `beyond`: the node would be too small even if it were empty. */
const shortOf = { pods: 1, cpu: 2, memory: 4, ephemeralStorage: 8, scalars: 16, beyond: 32 };
const reasonOf: readonly (readonly [bit: number, reason: string])[] = [
  [shortOf.pods, 'Too many pods'],
  [shortOf.cpu, 'Insufficient cpu'],
  [shortOf.memory, 'Insufficient memory'],
  [shortOf.ephemeralStorage, 'Insufficient ephemeral-storage'],
];

function lacking(request: number, allocatable: number, used: number, bit: number): number {
  if (request === 0 || request <= allocatable - used) return 0;
  return request > allocatable ? bit | shortOf.beyond : bit;
}

const refusals = new Map<string, Rejection>();
const refusalBound = 10_000;

/** The same refusal for the same shortage, so that refusals can be counted by identity. */
function refusalOf(mask: number, scalars: readonly string[]): Rejection {
  const key = scalars.length === 0 ? `${mask}` : `${mask} ${scalars.join(' ')}`;
  let rejection = refusals.get(key);
  if (rejection === undefined) {
    const reasons = reasonOf.filter(([bit]) => (mask & bit) !== 0).map(([, reason]) => reason);
    for (const scalar of scalars) reasons.push(`Insufficient ${scalar}`);
    rejection =
      (mask & shortOf.beyond) === 0 ? unschedulable(name, ...reasons) : unresolvable(name, ...reasons);
    if (refusals.size >= refusalBound) refusals.clear();
    refusals.set(key, rejection);
  }
  return rejection;
}

type Ignored = (resource: string) => boolean;

/** Extended resources that are short on a node, after what `mask` says is short already. */
function judgeScalars(
  mask: number,
  shape: PodShape,
  info: NodeInfo,
  isIgnored: Ignored,
): Rejection | undefined {
  let all = mask;
  const short: string[] = [];
  for (const [resource, amount] of shape.scalars) {
    if (isIgnored(resource)) continue;
    const bits = lacking(
      amount,
      info.allocatable.scalars[resource] ?? 0,
      info.scalars[resource] ?? 0,
      shortOf.scalars,
    );
    if (bits !== 0) short.push(resource);
    all |= bits;
  }
  return all === 0 ? undefined : refusalOf(all, short);
}

function judge(shape: PodShape, info: NodeInfo, isIgnored: Ignored): Rejection | undefined {
  const { allocatable } = info;
  const { requests } = shape;
  const mask =
    (info.pods.length + 1 > allocatable.pods ? shortOf.pods : 0) |
    lacking(requests.milliCpu, allocatable.milliCpu, info.milliCpu, shortOf.cpu) |
    lacking(requests.memory, allocatable.memory, info.memory, shortOf.memory) |
    lacking(
      requests.ephemeralStorage,
      allocatable.ephemeralStorage,
      info.ephemeralStorage,
      shortOf.ephemeralStorage,
    );
  if (shape.scalars.length > 0) return judgeScalars(mask, shape, info, isIgnored);
  return mask === 0 ? undefined : refusalOf(mask, []);
}

/** The mean of cpu and memory; a resource that the node has none of is left out. */
function leastAllocated(cpuAsked: number, allCpu: number, memoryAsked: number, allMemory: number): number {
  if (allCpu === 0) return allMemory === 0 ? 0 : leastRequested(memoryAsked, allMemory);
  if (allMemory === 0) return leastRequested(cpuAsked, allCpu);
  return Math.floor((leastRequested(cpuAsked, allCpu) + leastRequested(memoryAsked, allMemory)) / 2);
}

/** Whether the Pod would fit, were nothing else on the node. */
const fitsEmpty = (requests: ResourceAmounts, shape: PodShape, allocatable: Allocatable): boolean =>
  allocatable.pods >= 1 &&
  requests.milliCpu <= allocatable.milliCpu &&
  requests.memory <= allocatable.memory &&
  requests.ephemeralStorage <= allocatable.ephemeralStorage &&
  shape.scalars.every(([resource, amount]) => amount <= (allocatable.scalars[resource] ?? 0));

const grew = (requests: ResourceAmounts, shape: PodShape, before: Allocatable, after: Allocatable): boolean =>
  after.pods > before.pods ||
  (requests.milliCpu > 0 && after.milliCpu > before.milliCpu) ||
  (requests.memory > 0 && after.memory > before.memory) ||
  (requests.ephemeralStorage > 0 && after.ephemeralStorage > before.ephemeralStorage) ||
  shape.scalars.some(([resource]) => (after.scalars[resource] ?? 0) > (before.scalars[resource] ?? 0));

/** Whether another Pod gave back something that this one asks for. */
function freed(pod: PodInfo, before: ResourceAmounts, after: ResourceAmounts): boolean {
  const { requests, scalars } = pod.shape;
  return (
    (requests.milliCpu > 0 && before.milliCpu > after.milliCpu) ||
    (requests.memory > 0 && before.memory > after.memory) ||
    (requests.ephemeralStorage > 0 && before.ephemeralStorage > after.ephemeralStorage) ||
    scalars.some(([resource]) => (before.scalars[resource] ?? 0) > (after.scalars[resource] ?? 0))
  );
}

/** Extended resources that a profile leaves to others. Only they may be ignored. */
function ignoredBy({
  ignoredResources,
  ignoredResourceGroups,
}: PluginArguments['NodeResourcesFit']): Ignored {
  if (ignoredResources.length === 0 && ignoredResourceGroups.length === 0) return () => false;
  return (resource) =>
    isExtended(resource) &&
    (ignoredResources.includes(resource) ||
      ignoredResourceGroups.includes(resource.slice(0, resource.indexOf('/'))));
}

const isExtended = (resource: string): boolean =>
  resource.includes('/') && !resource.includes('kubernetes.io/') && !resource.startsWith('requests.');

export function nodeResourcesFit(
  args: PluginArguments['NodeResourcesFit'],
): FilterPlugin & ScorePlugin & EnqueuePlugin {
  const isIgnored = ignoredBy(args);
  const { type, resources } = args.scoringStrategy;
  const byDefault =
    type === 'LeastAllocated' &&
    resources.map(({ name: resource, weight }) => `${resource} ${weight}`).join() === 'cpu 1,memory 1';
  return {
    name,
    byNode: true,
    filter: (pod, info) => judge(pod.shape, info, isIgnored),
    filterRows(pod, { columns, rows, from, to, verdicts }) {
      const amounts = columns.group(resourceColumns);
      const { shape } = pod;
      const cpuAsked = shape.requests.milliCpu;
      const memoryAsked = shape.requests.memory;
      const more = shape.requests.ephemeralStorage > 0 || shape.scalars.length > 0;
      for (let i = from; i < to; i++) {
        const at = (rows[i] as number) * rowWidth;
        const cpuLeft = (amounts[at + allocatableMilliCpu] as number) - (amounts[at + milliCpu] as number);
        const memoryLeft = (amounts[at + allocatableMemory] as number) - (amounts[at + memory] as number);
        const room =
          (amounts[at + pods] as number) + 1 <= (amounts[at + allowedPods] as number) &&
          (cpuAsked === 0 || cpuAsked <= cpuLeft) &&
          (memoryAsked === 0 || memoryAsked <= memoryLeft);
        if (room && !more) continue;
        verdicts[i] ??= judge(shape, columns.nodeAt(rows[i] as number), isIgnored);
      }
    },
    score: strategyScore(args.scoringStrategy),
    ...(byDefault ? { scoreRows: scoreLeastAllocated } : {}),
    mayHelp(event, pod) {
      const { shape } = pod;
      switch (event.resource) {
        case 'AssignedPod':
          if (event.action === 'Add') return false;
          return (
            event.action === 'Delete' || freed(pod, event.before.shape.requests, event.after.shape.requests)
          );
        case 'Pod':
          return event.action === 'UpdatePodScaleDown' && event.uid === pod.uid;
        case 'Node': {
          if (event.action !== 'Add' && event.action !== 'UpdateNodeAllocatable') return false;
          const after = allocatableOf(event.after.status.allocatable);
          if (!fitsEmpty(shape.requests, shape, after)) return false;
          return (
            event.action === 'Add' ||
            grew(shape.requests, shape, allocatableOf(event.before.status.allocatable), after)
          );
        }
        default:
          return false;
      }
    },
  };
}

const scoreLeastAllocated: NonNullable<ScorePlugin['scoreRows']> = (
  pod,
  { columns, rows, count },
  _state,
  scores,
) => {
  const amounts = columns.group(resourceColumns);
  const { scored } = pod.shape;
  for (let i = 0; i < count; i++) {
    const at = (rows[i] as number) * rowWidth;
    scores[i] = leastAllocated(
      (amounts[at + nonZeroMilliCpu] as number) + scored.milliCpu,
      amounts[at + allocatableMilliCpu] as number,
      (amounts[at + nonZeroMemory] as number) + scored.memory,
      amounts[at + allocatableMemory] as number,
    );
  }
};
