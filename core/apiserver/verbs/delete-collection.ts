/**
 * DELETE of a collection: what a list would be answered with is deleted, one object after the other, and then shown.
 * (kubernetes v1.34.1 staging/src/k8s.io/apiserver/pkg/registry/generic/registry/store.go DeleteCollection; one worker is
 * the default)
 */
import { itemsOf } from '../../api/list-items.ts';
import { keyOf, type ObjectKey } from '../../api/object.ts';
import type { DeleteCollectionRequest, ListAnswer, ListRequest } from '../../api/request.ts';
import type { KvResponse } from '../../etcd/message.ts';
import type { ApiObject } from '../../api/object.ts';
import type { VirtualTime } from '../../time/time.ts';
import {
  answer,
  placeOf,
  refuse,
  type ApiserverState,
  type ApiserverStep,
  type Collection,
  type CollectionItemRequest,
  type RequestEvent,
  type Write,
} from '../state.ts';
import { startWrite } from '../write.ts';
import { onRangeRead, startList } from './get-list.ts';
import { checkDeleteOptions } from './write-options.ts';

export function startCollection(
  state: ApiserverState,
  event: RequestEvent,
  request: DeleteCollectionRequest,
  place: number,
  now: VirtualTime,
): ApiserverStep {
  const refusal = checkDeleteOptions(request);
  if (refusal !== undefined) return refuse(state, event.call, refusal);
  return listed(startList(state, event.call, listOf(request), place), event, request, place, now);
}

/** What etcd answered to the list. */
export function onCollectionRead(
  state: ApiserverState,
  event: RequestEvent,
  request: DeleteCollectionRequest,
  response: KvResponse<ApiObject>,
  now: VirtualTime,
): ApiserverStep {
  const step = onRangeRead(state, event.call, listOf(request), response);
  return listed(step, event, request, placeOf(state, request.resource) ?? -1, now);
}

const listOf = (request: DeleteCollectionRequest): ListRequest => ({
  verb: 'list',
  resource: request.resource,
  namespace: request.namespace,
  labelSelector: request.labelSelector,
  fieldSelector: request.fieldSelector,
  resourceVersion: request.resourceVersion,
  resourceVersionMatch: request.resourceVersionMatch,
  limit: request.limit,
  continue: request.continue,
});

/** The list is asked for, refused, or there. */
function listed(
  step: ApiserverStep,
  event: RequestEvent,
  request: DeleteCollectionRequest,
  place: number,
  now: VirtualTime,
): ApiserverStep {
  const [first] = step.requests;
  if (first?.do === 'etcd')
    return { state: step.state, requests: [{ ...first, tag: { of: 'collection', event, request } }] };
  if (first?.do !== 'answer' || !first.answer.ok || first.answer.list === undefined) return step;
  const { list } = first.answer;
  const items = itemsOf(list);
  const page: ListAnswer['page'] = { ...list.page, items };
  const shown: ListAnswer = { ...list, page, isDeleted: true };
  return next(step.state, event, { request, shown, rest: items.map(keyOf) }, place, now);
}

/** Deletes the first of what is left. */
function next(
  state: ApiserverState,
  event: RequestEvent,
  { request, shown, rest }: Collection,
  place: number,
  now: VirtualTime,
): ApiserverStep {
  const [key, ...others] = rest;
  if (key === undefined) return answer(state, event.call, { ok: true, code: 200, list: shown });
  const one = itemRequest(request, key, { request, shown, rest: others });
  return startWrite(state, event, one, place, key, now);
}

const itemRequest = (
  request: DeleteCollectionRequest,
  key: ObjectKey,
  collection: Collection,
): CollectionItemRequest => ({
  verb: 'delete',
  resource: request.resource,
  name: key.slice(key.indexOf('/') + 1),
  gracePeriodSeconds: request.gracePeriodSeconds,
  preconditions: request.preconditions,
  propagationPolicy: request.propagationPolicy,
  orphanDependents: request.orphanDependents,
  dryRun: request.dryRun,
  collection,
});

/** Goes on with the next object when one is deleted, or was gone already. */
export function afterItem(step: ApiserverStep, write: Write, now: VirtualTime): ApiserverStep {
  const { request } = write;
  const [first] = step.requests;
  if (!('collection' in request) || first?.do !== 'answer') return step;
  if (!first.answer.ok && first.answer.code !== 404) return step;
  return next(step.state, write.event, request.collection, write.cache, now);
}
