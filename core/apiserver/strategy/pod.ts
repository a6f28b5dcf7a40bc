/** What the server makes of a Pod. (kubernetes v1.34.1 pkg/registry/core/pod/strategy.go) */
import type { PodSpec, PodStatus, Time } from '../../api/generated/types.ts';
import { qosClassOf, type QosClass } from '../../api/pod.ts';
import { withoutGated } from './gates.ts';
import type { Fields, Stored } from './stored.ts';

/** `conditions` is there so that binding, which sets it, does not have to add a field. */
const pending = (qosClass: QosClass): PodStatus => ({ phase: 'Pending', conditions: undefined, qosClass });

/** One status serves every new Pod of a class. */
const firstStatus: Readonly<Record<QosClass, PodStatus>> = {
  Guaranteed: pending('Guaranteed'),
  Burstable: pending('Burstable'),
  BestEffort: pending('BestEffort'),
};

/** Pending, with the class its resources put it in; a gated Pod also says why it is not scheduled. */
export function firstPodStatus(spec: PodSpec, now?: Time): PodStatus {
  const status = firstStatus[qosClassOf({ spec })];
  if (spec.schedulingGates === undefined || spec.schedulingGates.length === 0) return status;
  const gated = {
    type: 'PodScheduled',
    status: 'False',
    reason: 'SchedulingGated',
    message: 'Scheduling is blocked due to non-empty scheduling gates',
    lastProbeTime: undefined,
    lastTransitionTime: now,
  };
  return { ...status, conditions: [gated] };
}

export function createPod(object: Stored): Stored {
  const spec = withoutGated(object.spec as unknown as PodSpec);
  const status = firstPodStatus(spec, object.metadata.creationTimestamp);
  return { ...object, spec: spec as unknown as Fields, status: status as unknown as Fields };
}
