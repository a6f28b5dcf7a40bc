/**
 * When the change that endpoints are written for was made: the earliest of the Pods' and the Service's times that are new
 * since the sync before (kubernetes v1.34.1 staging/src/k8s.io/endpointslice/util/trigger_time_tracker.go).
 */
import type { ObjectKey } from '../api/object.ts';
import type { Pod, Service } from '../api/generated/types.ts';
import { conditionOf } from '../api/pod.ts';
import { OrderedMap } from '../collections/ordered-map.ts';

export const triggerTime = 'endpoints.kubernetes.io/last-change-trigger-time';

interface Known {
  readonly service: string;
  /** When each Pod last became ready or unready, by its name. */
  readonly pods: Readonly<Record<string, string>>;
}

export type Triggers = OrderedMap<ObjectKey, Known>;

export const noTriggers: Triggers = OrderedMap.empty();

/** The time to write (undefined: nothing is new), and what to remember. */
export function triggered(
  triggers: Triggers,
  key: ObjectKey,
  service: Service,
  pods: readonly Pod[],
): { readonly at: string | undefined; readonly known: Known } {
  const before = triggers.get(key);
  const created = service.metadata.creationTimestamp ?? '';
  const times: Record<string, string> = {};
  let earliest: string | undefined;
  for (const pod of pods) {
    const at = conditionOf(pod.status, 'Ready')?.lastTransitionTime;
    if (typeof at !== 'string') continue;
    times[pod.metadata.name] = at;
    if (at > (before?.pods[pod.metadata.name] ?? '') && (earliest === undefined || at < earliest))
      earliest = at;
  }
  if (created > (before?.service ?? '') && (earliest === undefined || created < earliest)) earliest = created;
  return { at: before === undefined ? created : earliest, known: { service: created, pods: times } };
}
