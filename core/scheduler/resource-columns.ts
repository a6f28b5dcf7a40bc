/**
 * Amounts of every node as numbers: what NodeResourcesFit and NodeResourcesBalancedAllocation reckon with. Those of one
 * node lie together, so that it is fetched from memory once and not for each of them.
 */
import type { ColumnGroup } from './columns.ts';

/** Where the amounts of a row begin: `row * rowWidth`. */
export const rowWidth = 8;

/** Where an amount is among those of its row. */
export const allocatableMilliCpu = 0;
export const allocatableMemory = 1;
export const allowedPods = 2;
export const milliCpu = 3;
export const memory = 4;
export const pods = 5;
export const nonZeroMilliCpu = 6;
export const nonZeroMemory = 7;

export const resourceColumns: ColumnGroup<Float64Array> = {
  make: (rows) => new Float64Array(rows * rowWidth),
  write: (amounts, row, node, isSameNode) => {
    const at = row * rowWidth;
    if (!isSameNode) {
      const { allocatable } = node;
      amounts[at + allocatableMilliCpu] = allocatable.milliCpu;
      amounts[at + allocatableMemory] = allocatable.memory;
      amounts[at + allowedPods] = allocatable.pods;
    }
    amounts[at + milliCpu] = node.milliCpu;
    amounts[at + memory] = node.memory;
    amounts[at + pods] = node.pods.length;
    amounts[at + nonZeroMilliCpu] = node.nonZeroMilliCpu;
    amounts[at + nonZeroMemory] = node.nonZeroMemory;
  },
};
