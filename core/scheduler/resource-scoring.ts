/**
 * What NodeResourcesFit and NodeResourcesBalancedAllocation score by: of each resource, how much would be taken of how
 * much there is. (kubernetes v1.34.1 plugins/noderesources/resource_allocation.go)
 */
import { isScalarResource, type ResourceAmounts } from '../api/pod-resources.ts';
import type { NodeInfo } from './node-info.ts';

export interface Share {
  /** What would be taken with the Pod there. */
  readonly requested: number;
  /** 0: the resource does not count. */
  readonly allocatable: number;
}

const none: Share = { requested: 0, allocatable: 0 };

/** Of one resource. `nonZero`: containers that name no cpu or memory count a little. */
export function shareOf(name: string, info: NodeInfo, asked: ResourceAmounts, nonZero: boolean): Share {
  const { allocatable } = info;
  switch (name) {
    case 'cpu': {
      const used = nonZero ? info.nonZeroMilliCpu : info.milliCpu;
      return { requested: used + asked.milliCpu, allocatable: allocatable.milliCpu };
    }
    case 'memory': {
      const used = nonZero ? info.nonZeroMemory : info.memory;
      return { requested: used + asked.memory, allocatable: allocatable.memory };
    }
    case 'ephemeral-storage':
      return {
        requested: info.ephemeralStorage + asked.ephemeralStorage,
        allocatable: allocatable.ephemeralStorage,
      };
    default: {
      const amount = asked.scalars[name] ?? 0;
      // A Pod that does not ask for an extended resource is not scored by it.
      if (!isScalarResource(name) || amount === 0) return none;
      return {
        requested: (info.scalars[name] ?? 0) + amount,
        allocatable: allocatable.scalars[name] ?? 0,
      };
    }
  }
}

/** How much the Pod asks for of a resource. */
export function askedOf(name: string, asked: ResourceAmounts): number {
  switch (name) {
    case 'cpu':
      return asked.milliCpu;
    case 'memory':
      return asked.memory;
    case 'ephemeral-storage':
      return asked.ephemeralStorage;
    default:
      return asked.scalars[name] ?? 0;
  }
}
