/** Fills nodes up one after another, so that as few as possible are in use: the share of a node's cpu that would be taken. */
import type { SchedulerPlugin } from '../../core/scheduler/own-plugin.ts';

export const plugin: SchedulerPlugin = {
  name: 'BinPacking',
  score(pod, node) {
    const taken = node.milliCpu + pod.shape.requests.milliCpu;
    return Math.round((100 * taken) / Math.max(taken, node.allocatable.milliCpu));
  },
};
