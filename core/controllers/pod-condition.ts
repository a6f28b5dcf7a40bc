/** How controllers write to a Pod's status: one condition set, and what is to be sent for it. */
import { same } from '../api/merge-patch.ts';
import type { Json, Pod, PodCondition } from '../api/generated/types.ts';
import type { PatchRequest } from '../api/request.ts';
import { timeText, type VirtualTime } from '../time/time.ts';

/** The condition that says why a Pod is about to be deleted, and by whom. */
export const disruptionTarget = 'DisruptionTarget';

/**
 * The conditions with this one in its place or at the end; undefined where it is there as it should be. The time of its
 * transition stays while its status does. (kubernetes v1.34.1 pkg/api/v1/pod/util.go, UpdatePodCondition)
 */
export function withPodCondition(
  conditions: readonly PodCondition[] = [],
  wanted: PodCondition,
  now: VirtualTime,
): readonly PodCondition[] | undefined {
  const at = conditions.findIndex(({ type }) => type === wanted.type);
  const before = conditions[at];
  const lastTransitionTime = before?.status === wanted.status ? before.lastTransitionTime : timeText(now);
  const next: PodCondition = { ...wanted, lastTransitionTime };
  if (before === undefined) return [...conditions, next];
  return same(before, next) ? undefined : conditions.map((condition, i) => (i === at ? next : condition));
}

/** A patch of a Pod's status that holds only for this very Pod. (pkg/util/pod/pod.go, PatchPodStatus) */
export const patchPodStatus = ({ metadata }: Pod, status: Partial<Pod['status']>): PatchRequest => ({
  verb: 'patch',
  resource: 'pods',
  namespace: metadata.namespace,
  name: metadata.name,
  subresource: 'status',
  patchType: 'merge',
  patch: { metadata: { uid: metadata.uid }, status: status as unknown as Json },
});
