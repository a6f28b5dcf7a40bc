/**
 * Prefers nodes where their resources would be used in like measure.
 * (kubernetes v1.34.1 plugins/noderesources/balanced_allocation.go)
 */
import type { PluginArguments } from '../arguments.ts';
import { maxNodeScore, type ScorePlugin } from '../framework.ts';
import {
  allocatableMemory,
  allocatableMilliCpu,
  memory,
  milliCpu,
  resourceColumns,
  rowWidth,
} from '../resource-columns.ts';
import { askedOf, shareOf } from '../resource-scoring.ts';

/** Cpu and memory: the standard deviation of two fractions is half their distance, of one or none it is 0. */
function balance(cpuAsked: number, allCpu: number, memoryAsked: number, allMemory: number): number {
  if (allCpu === 0 || allMemory === 0) return maxNodeScore;
  const cpuFraction = Math.min(1, cpuAsked / allCpu);
  const memoryFraction = Math.min(1, memoryAsked / allMemory);
  return Math.trunc((1 - Math.abs((cpuFraction - memoryFraction) / 2)) * maxNodeScore);
}

function deviation(fractions: readonly number[]): number {
  const [first, second] = fractions;
  if (first === undefined || second === undefined) return 0;
  if (fractions.length === 2) return Math.abs((first - second) / 2);
  const mean = fractions.reduce((sum, fraction) => sum + fraction, 0) / fractions.length;
  const squares = fractions.reduce((sum, fraction) => sum + (fraction - mean) * (fraction - mean), 0);
  return Math.sqrt(squares / fractions.length);
}

export function balancedAllocation({
  resources,
}: PluginArguments['NodeResourcesBalancedAllocation']): ScorePlugin {
  const names = resources.map(({ name }) => name);
  const plugin: ScorePlugin = {
    name: 'NodeResourcesBalancedAllocation',
    byNode: true,
    /** A Pod that asks for none of them would be drawn to nodes that are in balance already. */
    preScore: ({ shape: { requests } }) =>
      names.every((name) => askedOf(name, requests) === 0) ? undefined : { state: undefined },
    score({ shape: { requests } }, info) {
      const fractions: number[] = [];
      for (const name of names) {
        const { requested, allocatable } = shareOf(name, info, requests, false);
        if (allocatable > 0) fractions.push(Math.min(1, requested / allocatable));
      }
      return Math.trunc((1 - deviation(fractions)) * maxNodeScore);
    },
  };
  return names.join() === 'cpu,memory' ? { ...plugin, scoreRows } : plugin;
}

const scoreRows: NonNullable<ScorePlugin['scoreRows']> = (pod, { columns, rows, count }, _state, scores) => {
  const { requests } = pod.shape;
  const amounts = columns.group(resourceColumns);
  for (let i = 0; i < count; i++) {
    const at = (rows[i] as number) * rowWidth;
    scores[i] = balance(
      (amounts[at + milliCpu] as number) + requests.milliCpu,
      amounts[at + allocatableMilliCpu] as number,
      (amounts[at + memory] as number) + requests.memory,
      amounts[at + allocatableMemory] as number,
    );
  }
};
