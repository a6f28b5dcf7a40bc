/**
 * `pods/eviction`: a deletion that a PodDisruptionBudget may refuse (budgets are not kept yet). The Pod is told why
 * before it goes. (kubernetes v1.34.1 pkg/registry/core/pod/storage/eviction.go)
 */
import type { Pod, PodCondition } from '../../api/generated/types.ts';
import type { ApiObject } from '../../api/object.ts';
import { isTerminal } from '../../api/pod.ts';
import type { CreateRequest, DeleteOptions, NewObject } from '../../api/request.ts';
import { timeText, type VirtualTime } from '../../time/time.ts';
import type { Decision } from '../decision.ts';
import type { WriteRequest } from '../state.ts';
import { decideDelete } from './delete.ts';
import { resourceNamed } from '../../api/kinds.ts';

interface Eviction extends NewObject {
  readonly deleteOptions?: DeleteOptions | undefined;
}

export const deleteOptionsOf = (request: WriteRequest): DeleteOptions =>
  request.verb === 'create' ? ((request.object as Eviction).deleteOptions ?? {}) : {};

export function decideEviction(current: ApiObject, request: CreateRequest, now: VirtualTime): Decision {
  const pod = current as Pod;
  const info = resourceNamed('pods');
  if (info === undefined) throw new Error('pods are a resource');
  // A Pod that does no work needs no reason. (canIgnorePDB)
  if (isTerminal(pod) || (pod.spec.nodeName ?? '') === '' || pod.metadata.deletionTimestamp !== undefined)
    return decideDelete(info, pod, deleteOptionsOf(request), now);
  const condition: PodCondition = {
    type: 'DisruptionTarget',
    status: 'True',
    reason: 'EvictionByEvictionAPI',
    message: 'Eviction API: evicting',
    lastProbeTime: undefined,
    lastTransitionTime: timeText(now),
  };
  const others = (pod.status.conditions ?? []).filter(({ type }) => type !== 'DisruptionTarget');
  const object: Pod = {
    ...pod,
    metadata: { ...pod.metadata, resourceVersion: '' },
    status: { ...pod.status, conditions: [...others, condition] },
  };
  return { do: 'put', object, then: 'delete' };
}
