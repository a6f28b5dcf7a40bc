/**
 * Prefers nodes where cpu and memory would be used in like measure.
 * (kubernetes v1.34.1 plugins/noderesources/balanced_allocation.go)
 */
import { maxNodeScore, type ScorePlugin } from '../framework.ts';
import { resourceColumns } from '../resource-columns.ts';

/** With two resources the standard deviation is half their distance; with one or none it is 0. */
function balance(cpuAsked: number, cpu: number, memoryAsked: number, memory: number): number {
  if (cpu === 0 || memory === 0) return maxNodeScore;
  const cpuFraction = Math.min(1, cpuAsked / cpu);
  const memoryFraction = Math.min(1, memoryAsked / memory);
  return Math.trunc((1 - Math.abs((cpuFraction - memoryFraction) / 2)) * maxNodeScore);
}

export const balancedAllocation: ScorePlugin = {
  name: 'NodeResourcesBalancedAllocation',
  /** A Pod that asks for neither would be drawn to nodes that are in balance already. */
  preScore({ shape: { requests } }) {
    return requests.milliCpu === 0 && requests.memory === 0 ? undefined : { state: undefined };
  },
  score({ shape: { requests } }, info) {
    const { allocatable } = info;
    return balance(
      info.milliCpu + requests.milliCpu,
      allocatable.milliCpu,
      info.memory + requests.memory,
      allocatable.memory,
    );
  },
  scoreRows({ shape: { requests } }, { columns, rows, count }, _state, scores) {
    const { allocatableMilliCpu, allocatableMemory, milliCpu, memory } = columns.group(resourceColumns);
    for (let i = 0; i < count; i++) {
      const row = rows[i] as number;
      scores[i] = balance(
        (milliCpu[row] as number) + requests.milliCpu,
        allocatableMilliCpu[row] as number,
        (memory[row] as number) + requests.memory,
        allocatableMemory[row] as number,
      );
    }
  },
};
