/**
 * `pods/eviction`: a deletion that a PodDisruptionBudget may refuse. The budget is told first, then the Pod why it goes;
 * then it goes. (kubernetes v1.34.1 pkg/registry/core/pod/storage/eviction.go)
 */
import type { Pod, PodCondition, PodDisruptionBudget } from '../../api/generated/types.ts';
import { registryKey, resourceNamed, type ResourceInfo } from '../../api/kinds.ts';
import { keyOf, revisionOf, type ApiObject } from '../../api/object.ts';
import type { CreateRequest, DeleteOptions, NewObject, Status } from '../../api/request.ts';
import { badRequest, internalError, notFound, timeout } from '../../api/status.ts';
import type { KvResponse } from '../../etcd/message.ts';
import { timeText, type VirtualTime } from '../../time/time.ts';
import type { Decision } from '../decision.ts';
import { ask, refuse, viewIn, type ApiserverState, type ApiserverStep, type Write } from '../state.ts';
import type { WriteRequest } from '../state.ts';
import { checkPreconditions, decideDelete } from './delete.ts';
import { isDryRun } from './write-options.ts';
import { budgetsOf, canIgnoreBudgets, verdictOf } from './disruption-budget.ts';

interface Eviction extends NewObject {
  readonly deleteOptions?: DeleteOptions | undefined;
}

export const deleteOptionsOf = (request: WriteRequest): DeleteOptions =>
  request.verb === 'create' ? ((request.object as Eviction).deleteOptions ?? {}) : {};

/** What stands against an eviction whatever Pod it is of. */
export function checkEviction(request: CreateRequest): Status | undefined {
  return request.object.metadata.name === request.name
    ? undefined
    : badRequest('name in URL does not match name in Eviction object');
}

/** The first half: is the Pod allowed to go? `budget`: that must be written before. */
export function decideEviction(
  state: ApiserverState,
  current: ApiObject,
  request: CreateRequest,
  now: VirtualTime,
): Decision {
  const pod = current as Pod;
  const budgets = canIgnoreBudgets(pod) ? [] : budgetsOf(pod, viewIn(state, 'poddisruptionbudgets'));
  const verdict = verdictOf(pod, budgets, now);
  switch (verdict.may) {
    case 'stay':
      return { do: 'refuse', status: verdict.status };
    case 'go after':
      return !isDryRun(request)
        ? { do: 'budget', budget: verdict.budget, before: revisionOf(budgets[0] as ApiObject) }
        : decideToGo(pod, request, now);
    // A guarded write is of the Pod that was looked at, or the eviction begins again.
    case 'go if unchanged':
    case 'go':
      return decideToGo(pod, request, now);
  }
}

/** The second half: the Pod is told that it is evicted, and deleted then. */
export function decideToGo(current: ApiObject, request: CreateRequest, now: VirtualTime): Decision {
  const pod = current as Pod;
  const refusal = checkPreconditions(podInfo(), pod, deleteOptionsOf(request).preconditions);
  if (refusal !== undefined) return { do: 'refuse', status: refusal };
  const condition: PodCondition = {
    type: 'DisruptionTarget',
    status: 'True',
    reason: 'EvictionByEvictionAPI',
    message: 'Eviction API: evicting',
    lastProbeTime: undefined,
    lastTransitionTime: timeText(now),
  };
  const conditions = pod.status.conditions ?? [];
  const before = conditions.find(({ type }) => type === condition.type);
  // Told already: the deletion alone is left.
  if (before?.status === 'True' && before.reason === condition.reason)
    return decideDelete(podInfo(), pod, deleteOptionsOf(request), now);
  const others = conditions.filter((other) => other !== before);
  const object: Pod = {
    ...pod,
    metadata: { ...pod.metadata, resourceVersion: '' },
    status: { ...pod.status, conditions: [...others, condition] },
  };
  return { do: 'put', object, then: 'delete' };
}

function podInfo(): ResourceInfo {
  const info = resourceNamed('pods');
  if (info === undefined) throw new Error('pods are a resource');
  return info;
}

/** Writes the budget, if it is still the one that was looked at. */
export function putBudget(
  state: ApiserverState,
  write: Write,
  budget: PodDisruptionBudget,
  before: number,
): ApiserverStep {
  const info = resourceNamed('poddisruptionbudgets');
  if (info === undefined) throw new Error('poddisruptionbudgets are a resource');
  const key = registryKey(info, keyOf(budget));
  return ask(state, {
    do: 'etcd',
    tag: { of: 'budget', write },
    request: {
      type: 'txn',
      compare: [{ key, target: 'MOD', result: 'EQUAL', operand: before }],
      success: [{ type: 'put', key, value: budget }],
      failure: [{ type: 'range', key }],
    },
  });
}

/** Tried again as long as others write the budget. (EvictionsRetry) */
const mostTries = 20;

/** What became of the budget: the Pod goes; or it is asked again of the budget that is there; or the request is over. */
export function onBudgetWritten(
  state: ApiserverState,
  write: Write,
  response: KvResponse<ApiObject>,
  now: VirtualTime,
): ApiserverStep | 'go' {
  if (response.type === 'error') return refuse(state, write.call, internalError(response.error.message));
  if (response.type !== 'txn') throw new Error(`a budget is written by a txn, not by ${response.type}`);
  if (response.succeeded) return 'go';
  const range = response.responses[0];
  const found = range?.type === 'range' ? range.kvs[0]?.value : undefined;
  const pod = write.current as Pod;
  if (found === undefined) return refuse(state, write.call, notFound('poddisruptionbudgets', ''));
  if (write.attempt >= mostTries)
    return refuse(
      state,
      write.call,
      timeout(
        `couldn't update PodDisruptionBudget ${JSON.stringify(found.metadata.name)} due to conflicts`,
        10,
      ),
    );
  const verdict = verdictOf(pod, [found as unknown as PodDisruptionBudget], now);
  switch (verdict.may) {
    case 'stay':
      return refuse(state, write.call, verdict.status);
    case 'go after':
      return putBudget(state, { ...write, attempt: write.attempt + 1 }, verdict.budget, revisionOf(found));
    case 'go if unchanged':
    case 'go':
      return 'go';
  }
}
