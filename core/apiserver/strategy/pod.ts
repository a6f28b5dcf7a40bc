/** What the server makes of a Pod. (kubernetes v1.34.1 pkg/registry/core/pod/strategy.go) */
import type { Container, PodSpec, PodStatus, Time } from '../../api/generated/types.ts';
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

/** A status that does not say the class of its Pod keeps it. */
export const withClass = (status: Fields, current: Fields | undefined): Fields =>
  (status['qosClass'] ?? '') === '' && current?.['qosClass'] !== undefined
    ? { ...status, qosClass: current['qosClass'] }
    : status;

/** What an update through a subresource may bring of what was sent; all else stays as it is. */
export function podThrough(
  subresource: 'ephemeralcontainers' | 'resize',
  next: Stored,
  current: Stored,
): Stored {
  const [sent, spec] = [next.spec, current.spec] as unknown as readonly [PodSpec, PodSpec];
  const kept = subresource === 'resize' ? resized(sent, spec) : debugged(sent, spec);
  const metadata = { ...current.metadata, resourceVersion: '' };
  const { managedFields } = next.metadata;
  return {
    ...current,
    metadata: managedFields === undefined ? metadata : { ...metadata, managedFields },
    spec: kept as unknown as Fields,
  };
}

/** (dropNonEphemeralContainerUpdates) */
const debugged = ({ ephemeralContainers }: PodSpec, spec: PodSpec): PodSpec => ({
  ...spec,
  ephemeralContainers,
});

/** Containers that have been added, removed or renamed are left for validation to refuse. (dropNonResizeUpdates) */
function resized({ containers, initContainers }: PodSpec, spec: PodSpec): PodSpec {
  return {
    ...spec,
    containers: withResourcesOf(containers, spec.containers),
    initContainers: initContainers && withResourcesOf(initContainers, spec.initContainers ?? []),
  };
}

function withResourcesOf(sent: readonly Container[], current: readonly Container[]): readonly Container[] {
  if (sent.length !== current.length || sent.some(({ name }, i) => name !== current[i]?.name)) return sent;
  return current.map((container, i) => {
    const { resources, resizePolicy } = sent[i] ?? container;
    return { ...container, resources, resizePolicy };
  });
}
