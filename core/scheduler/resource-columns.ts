/** Amounts of every node as numbers by row: what NodeResourcesFit and NodeResourcesBalancedAllocation reckon with. */
import type { ColumnGroup } from './columns.ts';

export interface ResourceColumns {
  readonly allocatableMilliCpu: Float64Array;
  readonly allocatableMemory: Float64Array;
  readonly allocatableEphemeralStorage: Float64Array;
  readonly allowedPods: Float64Array;
  readonly milliCpu: Float64Array;
  readonly memory: Float64Array;
  readonly ephemeralStorage: Float64Array;
  readonly pods: Float64Array;
  readonly nonZeroMilliCpu: Float64Array;
  readonly nonZeroMemory: Float64Array;
}

export const resourceColumns: ColumnGroup<ResourceColumns> = {
  make: (rows) => ({
    allocatableMilliCpu: new Float64Array(rows),
    allocatableMemory: new Float64Array(rows),
    allocatableEphemeralStorage: new Float64Array(rows),
    allowedPods: new Float64Array(rows),
    milliCpu: new Float64Array(rows),
    memory: new Float64Array(rows),
    ephemeralStorage: new Float64Array(rows),
    pods: new Float64Array(rows),
    nonZeroMilliCpu: new Float64Array(rows),
    nonZeroMemory: new Float64Array(rows),
  }),
  write: (columns, row, node) => {
    const { allocatable } = node;
    columns.allocatableMilliCpu[row] = allocatable.milliCpu;
    columns.allocatableMemory[row] = allocatable.memory;
    columns.allocatableEphemeralStorage[row] = allocatable.ephemeralStorage;
    columns.allowedPods[row] = allocatable.pods;
    columns.milliCpu[row] = node.milliCpu;
    columns.memory[row] = node.memory;
    columns.ephemeralStorage[row] = node.ephemeralStorage;
    columns.pods[row] = node.pods.length;
    columns.nonZeroMilliCpu[row] = node.nonZeroMilliCpu;
    columns.nonZeroMemory[row] = node.nonZeroMemory;
  },
};
