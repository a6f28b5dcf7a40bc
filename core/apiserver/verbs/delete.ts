/**
 * DELETE: at once, after a grace period, or when the last finalizer is gone. (kubernetes v1.34.1
 * staging/src/k8s.io/apiserver/pkg/registry/rest/delete.go, registry/generic/registry/store.go Delete)
 */
import type { ResourceInfo } from '../../api/kinds.ts';
import type { ApiObject, Resource } from '../../api/object.ts';
import type { Pod } from '../../api/generated/types.ts';
import { isTerminal } from '../../api/pod.ts';
import type { DeleteOptions, Status } from '../../api/request.ts';
import { conflict } from '../../api/status.ts';
import { parseTimeText, second, timeText, type VirtualTime } from '../../time/time.ts';
import type { Decision } from '../decision.ts';
import { markDefinition } from '../strategy/definition.ts';
import { isFinalized } from '../strategy/namespace.ts';
import { withMetadata, type Stored } from '../strategy/stored.ts';
import { strategyOf } from '../strategy/strategy.ts';

export function decideDelete(
  info: ResourceInfo,
  current: ApiObject,
  options: DeleteOptions,
  now: VirtualTime,
): Decision {
  const refusal = checkPreconditions(info, current, options.preconditions);
  if (refusal !== undefined) return { do: 'refuse', status: refusal };
  if (info.resource === 'namespaces') return deleteNamespace(current, now);
  const grace = info.resource === 'pods' ? podGrace(current as Pod, options) : undefined;
  if (grace === 'pending') return { do: 'keep' };
  const finalizers = finalizersAfter(info.resource, current, options);
  if (info.resource === 'customresourcedefinitions' && current.metadata.deletionTimestamp === undefined)
    return { do: 'put', object: markDefinition(current, finalizers, now), then: 'answer' };
  if (grace === undefined) return deleteWithoutGrace(current, finalizers, now);
  const marked = markGracefully(current, grace, finalizers, now);
  return { do: 'put', object: marked, then: grace === 0 && finalizers.length === 0 ? 'remove' : 'answer' };
}

export function checkPreconditions(
  info: ResourceInfo,
  { metadata }: ApiObject,
  preconditions: DeleteOptions['preconditions'],
): Status | undefined {
  const { uid, resourceVersion } = preconditions ?? {};
  // The kind stands where a resource usually does. (rest.BeforeDelete names the object's kind)
  if (uid !== undefined && uid !== metadata.uid)
    return conflict(
      info.kind,
      metadata.name,
      `the UID in the precondition (${uid}) does not match the UID in record (${metadata.uid}). The object might have been deleted and then recreated`,
    );
  if (resourceVersion !== undefined && resourceVersion !== metadata.resourceVersion)
    return conflict(
      info.kind,
      metadata.name,
      `the ResourceVersion in the precondition (${resourceVersion}) does not match the ResourceVersion in record (${metadata.resourceVersion}). The object might have been modified`,
    );
  return undefined;
}

/**
 * The grace period in seconds that a deletion begins or is shortened to; `pending`: it runs already and is not changed; undefined: no grace, now.
 * (kubernetes v1.34.1 pkg/registry/core/pod/strategy.go CheckGracefulDelete)
 */
function podGrace(pod: Pod, { gracePeriodSeconds }: DeleteOptions): number | 'pending' | undefined {
  const { deletionTimestamp, deletionGracePeriodSeconds } = pod.metadata;
  if (deletionTimestamp !== undefined) {
    const running = deletionGracePeriodSeconds ?? 0;
    // Marked to go at once, and still there: the second half of its deletion has been lost.
    if (running === 0) return undefined;
    const asked = gracePeriodSeconds ?? running;
    return asked < running ? Math.max(asked, 0) : 'pending';
  }
  const wanted = gracePeriodSeconds ?? pod.spec.terminationGracePeriodSeconds ?? 30;
  if ((pod.spec.nodeName ?? '') === '' || isTerminal(pod)) return 0;
  return wanted < 0 ? 1 : wanted;
}

const noFinalizers = (object: ApiObject): boolean => (object.metadata.finalizers ?? []).length === 0;

/** The time at which the grace is over; a shorter grace counts from when the deletion began. */
function markGracefully(
  current: ApiObject,
  grace: number,
  finalizers: readonly string[],
  now: VirtualTime,
): ApiObject {
  const { deletionTimestamp, deletionGracePeriodSeconds, generation } = current.metadata;
  const begun =
    deletionTimestamp === undefined
      ? now
      : (parseTimeText(deletionTimestamp) ?? now) - (deletionGracePeriodSeconds ?? 0) * second;
  return withMetadata(current, {
    generation: deletionTimestamp === undefined && generation !== undefined ? generation + 1 : generation,
    deletionTimestamp: timeText(begun + grace * second),
    deletionGracePeriodSeconds: grace,
    finalizers: listOrNone(finalizers),
  });
}

function deleteWithoutGrace(current: ApiObject, finalizers: readonly string[], now: VirtualTime): Decision {
  const { deletionTimestamp, generation } = current.metadata;
  if (finalizers.length === 0) return { do: 'delete', answer: current };
  if (deletionTimestamp !== undefined) return { do: 'keep' };
  const object = withMetadata(current, {
    generation: generation === undefined ? undefined : generation + 1,
    deletionTimestamp: timeText(now),
    deletionGracePeriodSeconds: 0,
    finalizers,
  });
  return { do: 'put', object, then: 'answer' };
}

const listOrNone = (list: readonly string[]): readonly string[] | undefined =>
  list.length === 0 ? undefined : list;

const orphan = 'orphan';
const foreground = 'foregroundDeletion';

/** The finalizers by which the garbage collector is told the policy. (deletionFinalizersForGarbageCollection) */
function finalizersAfter(resource: Resource, current: ApiObject, options: DeleteOptions): readonly string[] {
  const had = current.metadata.finalizers ?? [];
  if (current.metadata.deletionTimestamp !== undefined) return had;
  const policy = options.propagationPolicy ?? impliedPolicy(resource, had, options.orphanDependents);
  const others = had.filter((finalizer) => finalizer !== orphan && finalizer !== foreground);
  if (policy === 'Orphan') return [...others, orphan];
  return policy === 'Foreground' ? [...others, foreground] : others;
}

function impliedPolicy(
  resource: Resource,
  finalizers: readonly string[],
  orphanDependents: boolean | undefined,
): DeleteOptions['propagationPolicy'] {
  if (orphanDependents !== undefined) return orphanDependents ? 'Orphan' : 'Background';
  if (finalizers.includes(orphan)) return 'Orphan';
  if (finalizers.includes(foreground)) return 'Foreground';
  return strategyOf(resource).orphansByDefault === true ? 'Orphan' : 'Background';
}

/** A Namespace is marked; it goes when its controller has emptied it. (pkg/registry/core/namespace/storage) */
function deleteNamespace(current: Stored, now: VirtualTime): Decision {
  const { deletionTimestamp } = current.metadata;
  if (deletionTimestamp !== undefined)
    return isFinalized(current) && noFinalizers(current) ? { do: 'delete', answer: current } : { do: 'keep' };
  const marked = withMetadata(current, { deletionTimestamp: timeText(now) });
  return {
    do: 'put',
    object: { ...marked, status: { ...current.status, phase: 'Terminating' } } as Stored,
    then: 'answer',
  };
}
