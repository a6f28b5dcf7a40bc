/**
 * The three strategies of NodeResourcesFit. Divisions are of whole numbers, as in Go.
 * (kubernetes v1.34.1 plugins/noderesources/least_allocated.go, most_allocated.go, requested_to_capacity_ratio.go,
 * helper/shape_score.go)
 */
import type { ScoringStrategy, UtilizationPoint } from './arguments.ts';
import { maxNodeScore } from './framework.ts';
import type { NodeInfo } from './node-info.ts';
import type { PodInfo } from './pod-info.ts';
import { shareOf } from './resource-scoring.ts';

/** Of one resource, 0..100. Exact while 100 times the capacity is below 2^53. */
export const leastRequested = (requested: number, capacity: number): number =>
  requested > capacity ? 0 : Math.floor(((capacity - requested) * maxNodeScore) / capacity);

const mostRequested = (requested: number, capacity: number): number =>
  Math.floor((Math.min(requested, capacity) * maxNodeScore) / capacity);

/** The score of a node by what it would have left, or not, of each resource. */
export function strategyScore(strategy: ScoringStrategy): (pod: PodInfo, info: NodeInfo) => number {
  const scorer = scorerOf(strategy);
  const byRatio = strategy.type === 'RequestedToCapacityRatio';
  return (pod, info) => {
    let sum = 0;
    let weights = 0;
    for (const { name, weight } of strategy.resources) {
      const { requested, allocatable } = shareOf(name, info, pod.shape.scored, true);
      if (allocatable === 0) continue;
      const score = scorer(requested, allocatable);
      if (byRatio && score <= 0) continue;
      sum += score * weight;
      weights += weight;
    }
    if (weights === 0) return 0;
    return byRatio ? Math.round(sum / weights) : Math.floor(sum / weights);
  };
}

function scorerOf(strategy: ScoringStrategy): (requested: number, capacity: number) => number {
  switch (strategy.type) {
    case 'LeastAllocated':
      return leastRequested;
    case 'MostAllocated':
      return mostRequested;
    case 'RequestedToCapacityRatio': {
      const shape = strategy.requestedToCapacityRatio?.shape ?? [];
      return (requested, capacity) =>
        brokenLinear(shape, requested > capacity ? 100 : Math.floor((requested * 100) / capacity));
    }
  }
}

/** The scores of a configuration are 0..10. */
const scale = 10;

function brokenLinear(shape: readonly UtilizationPoint[], utilization: number): number {
  for (let i = 0; i < shape.length; i++) {
    const point = shape[i] as UtilizationPoint;
    if (utilization > point.utilization) continue;
    const before = shape[i - 1];
    if (before === undefined) return point.score * scale;
    const rise = (point.score - before.score) * scale * (utilization - before.utilization);
    return before.score * scale + Math.trunc(rise / (point.utilization - before.utilization));
  }
  return (shape[shape.length - 1]?.score ?? 0) * scale;
}
