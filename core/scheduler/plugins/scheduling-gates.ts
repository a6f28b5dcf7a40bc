/** A Pod with scheduling gates waits until the last is taken away. (kubernetes v1.34.1 plugins/schedulinggates/scheduling_gates.go) */
import type { EnqueuePlugin, PreEnqueuePlugin } from '../framework.ts';

export const schedulingGates: PreEnqueuePlugin & EnqueuePlugin = {
  name: 'SchedulingGates',
  preEnqueue(pod) {
    const gates = pod.spec.schedulingGates ?? [];
    if (gates.length === 0) return undefined;
    return `waiting for scheduling gates: [${gates.map((gate) => gate.name).join(' ')}]`;
  },
  mayHelp: (event, pod) =>
    event.resource === 'Pod' &&
    event.action === 'UpdatePodSchedulingGatesEliminated' &&
    event.uid === pod.uid,
};
