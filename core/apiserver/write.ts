/**
 * Changing an object that exists: GuaranteedUpdate. What is to be written is decided on the cached object and written
 * if etcd still has that one; if not, it is decided again on what etcd has. Only a decision on what etcd has is final,
 * so a stale cache never refuses anything. (kubernetes v1.34.1 staging/src/k8s.io/apiserver/pkg/storage/etcd3/store.go)
 */
import { revisionOf, splitKey, stampRevision, type ApiObject } from '../api/object.ts';
import { registryKey } from '../api/kinds.ts';
import type { Status } from '../api/request.ts';
import { internalError, notFound, timeout } from '../api/status.ts';
import type { KeyValue, KvResponse, RangeResponse, TxnResponse } from '../etcd/message.ts';
import type { VirtualTime } from '../time/time.ts';
import { rbacGroup, refusalOfGrant } from './access.ts';
import { decide, type Decision } from './decision.ts';
import type { QuotaRequest } from './admission/quota-evaluator.ts';
import { charge, quotasHaveASay } from './quota-charge.ts';
import { answered, answeredGone } from './write-answer.ts';
import { createApplied } from './verbs/apply.ts';
import { isDryRun } from './verbs/write-options.ts';
import { onBudgetWritten, putBudget } from './verbs/eviction.ts';
import {
  ask,
  cacheAt,
  refuse,
  type ApiserverState,
  type ApiserverStep,
  type RequestEvent,
  type Write,
  type WriteRequest,
} from './state.ts';

/** The request's deadline ends a real one's retries; here a number does. */
const mostAttempts = 64;

/** Begins a change of the object `key` of the resource at `place`. */
export function startWrite(
  state: ApiserverState,
  event: RequestEvent,
  request: WriteRequest,
  place: number,
  key: string,
  now: VirtualTime,
): ApiserverStep {
  const write: Write = {
    call: event.call,
    event,
    request,
    cache: place,
    key,
    phase: request.verb === 'delete' ? 'delete' : 'change',
    current: undefined,
    fresh: false,
    txn: 'put',
    next: undefined,
    then: 'answer',
    attempt: 0,
    warnings: [],
  };
  const cached = cacheAt(state, place).view.objects.get(key);
  return cached === undefined ? reread(state, write) : proceed(state, write, cached, false, now);
}

/** What etcd answered to a step of a write. */
export function onWritten(
  state: ApiserverState,
  write: Write,
  response: KvResponse<ApiObject>,
  now: VirtualTime,
): ApiserverStep {
  switch (response.type) {
    case 'error':
      return refuse(state, write.call, internalError(response.error.message));
    case 'range':
      return onRead(state, write, response.kvs[0], now);
    case 'txn':
      if (response.succeeded) return onCommitted(state, write, response.revision, now);
      return onRead(state, { ...write, attempt: write.attempt + 1 }, rangeOf(response).kvs[0], now);
    case 'put':
    case 'deleteRange':
    case 'compact':
      throw new Error(`a write is answered by a txn, not by ${response.type}`);
  }
}

/** What etcd answered to the budget of an eviction. */
export function onBudget(
  state: ApiserverState,
  write: Write,
  response: KvResponse<ApiObject>,
  now: VirtualTime,
): ApiserverStep {
  const next = onBudgetWritten(state, write, response, now);
  if (next !== 'go') return next;
  const { current } = write;
  if (current === undefined) throw new Error('a Pod that may go is known');
  return proceed(state, { ...write, phase: 'evict', attempt: 0 }, current, true, now);
}

/** What a transaction that failed has read. */
export function rangeOf(response: TxnResponse<ApiObject>): RangeResponse<ApiObject> {
  const range = response.responses[0];
  if (range?.type !== 'range') throw new Error('a failed transaction reads the key');
  return range;
}

function onRead(
  state: ApiserverState,
  write: Write,
  kv: KeyValue<ApiObject> | undefined,
  now: VirtualTime,
): ApiserverStep {
  if (kv !== undefined && write.attempt < mostAttempts) return proceed(state, write, kv.value, true, now);
  const { info } = cacheAt(state, write.cache);
  if (kv !== undefined)
    return refuse(state, write.call, timeout('request did not complete within requested timeout'));
  // Whoever was faster than the second half of a deletion has done what it was for. (ignoreNotFound in store.go)
  if (write.phase === 'remove' && write.next !== undefined)
    return answeredGone(state, write, write.next, revisionOf(write.next));
  const { request } = write;
  if (request.verb === 'patch' && request.patchType === 'apply' && request.subresource === undefined)
    return createApplied(state, write, request, now);
  return refuse(state, write.call, notFound(info.resource, splitKey(write.key).name));
}

function proceed(
  state: ApiserverState,
  write: Write,
  current: ApiObject,
  fresh: boolean,
  now: VirtualTime,
): ApiserverStep {
  const decision = granted(state, write, current, decide(state, write, current, now));
  if (decision.do !== 'refuse' && decision.do !== 'budget' && decision.warnings !== undefined)
    return carryOut(state, { ...write, warnings: decision.warnings }, current, fresh, decision, now);
  return carryOut(state, write, current, fresh, decision, now);
}

/** A decision to write a role or a binding is refused where it would give more than its user has. */
function granted(state: ApiserverState, write: Write, current: ApiObject, decision: Decision): Decision {
  if (decision.do !== 'put' || cacheAt(state, write.cache).info.group !== rbacGroup) return decision;
  const status = refusalOfGrant(state, write.event.user, decision.object, current);
  return status === undefined ? decision : { do: 'refuse', status };
}

function carryOut(
  state: ApiserverState,
  write: Write,
  current: ApiObject,
  fresh: boolean,
  decision: Decision,
  now: VirtualTime,
): ApiserverStep {
  switch (decision.do) {
    case 'put':
      if (isChargedTo(state, write, current)) return chargeFirst(state, write, current, fresh, decision, now);
      if (isDryRun(write.request)) return pretendToPut(state, write, current, fresh, decision);
      return put(state, write, current, fresh, decision);
    case 'delete':
      if (isDryRun(write.request) && fresh)
        return answeredGone(state, write, decision.answer, revisionOf(current));
      return !isDryRun(write.request)
        ? remove(state, write, current, fresh, decision.answer)
        : reread(state, write);
    case 'budget':
      if (!fresh) return reread(state, write);
      return putBudget(state, { ...write, current, attempt: 0 }, decision.budget, decision.before);
    case 'keep':
      return fresh ? answered(state, write, current) : reread(state, write);
    case 'refuse':
      return fresh ? refuse(state, write.call, decision.status) : reread(state, write);
  }
}

/** Whether quotas have a say in what an update makes of an object. */
function isChargedTo(state: ApiserverState, write: Write, { metadata }: ApiObject): boolean {
  const { request } = write;
  if (request.verb !== 'update' && request.verb !== 'patch') return false;
  const { info } = cacheAt(state, write.cache);
  const { subresource = '' } = request;
  const namespace = metadata.namespace ?? '';
  return quotasHaveASay(state, { info, operation: 'UPDATE', subresource, namespace });
}

function chargeFirst(
  state: ApiserverState,
  write: Write,
  current: ApiObject,
  fresh: boolean,
  { object, then }: Extract<Decision, { do: 'put' }>,
  now: VirtualTime,
): ApiserverStep {
  const { request, event } = write;
  const asked: QuotaRequest = {
    operation: 'UPDATE',
    info: cacheAt(state, write.cache).info,
    subresource: request.verb === 'update' || request.verb === 'patch' ? (request.subresource ?? '') : '',
    namespace: current.metadata.namespace ?? '',
    name: current.metadata.name,
    object,
    oldObject: current,
    user: event.user,
    dryRun: isDryRun(request),
  };
  const decided = withDecision(write, current, fresh, 'put', object, then);
  return charge(state, { of: 'write', write: decided, asked, refusal: undefined }, now);
}

/** Goes on with an update that the quotas of its namespace have judged. A refusal of what is stale is not final. */
export function onWriteCharged(
  state: ApiserverState,
  write: Write,
  refusal: Status | undefined,
): ApiserverStep {
  const { current, next: object, fresh, then } = write;
  if (current === undefined || object === undefined) throw new Error('what is charged was decided');
  if (refusal !== undefined) return fresh ? refuse(state, write.call, refusal) : reread(state, write);
  const decision = { do: 'put', object, then } as const;
  return isDryRun(write.request)
    ? pretendToPut(state, write, current, fresh, decision)
    : put(state, write, current, fresh, decision);
}

function put(
  state: ApiserverState,
  write: Write,
  current: ApiObject,
  fresh: boolean,
  { object, then }: Extract<Decision, { do: 'put' }>,
): ApiserverStep {
  const key = registryKey(cacheAt(state, write.cache).info, write.key);
  return ask(state, {
    do: 'etcd',
    tag: { of: 'write', write: withDecision(write, current, fresh, 'put', object, then) },
    request: {
      type: 'txn',
      compare: [{ key, target: 'MOD', result: 'EQUAL', operand: revisionOf(current) }],
      success: [{ type: 'put', key, value: object }],
      failure: [{ type: 'range', key }],
    },
  });
}

/** A dry run is answered as if it had been written, at the revision that is there. */
function pretendToPut(
  state: ApiserverState,
  write: Write,
  current: ApiObject,
  fresh: boolean,
  { object, then }: Extract<Decision, { do: 'put' }>,
): ApiserverStep {
  if (!fresh) return reread(state, write);
  const shown = stampRevision(object, revisionOf(current));
  return then === 'answer'
    ? answered(state, write, shown)
    : answeredGone(state, write, shown, revisionOf(current));
}

/** Deletes the key, and answers `next` at the deletion's revision (or as it is where an update emptied its finalizers). */
function remove(
  state: ApiserverState,
  write: Write,
  current: ApiObject,
  fresh: boolean,
  next: ApiObject,
): ApiserverStep {
  const key = registryKey(cacheAt(state, write.cache).info, write.key);
  return ask(state, {
    do: 'etcd',
    tag: { of: 'write', write: withDecision(write, current, fresh, 'delete', next, 'answer') },
    request: {
      type: 'txn',
      compare: [{ key, target: 'MOD', result: 'EQUAL', operand: revisionOf(current) }],
      success: [{ type: 'deleteRange', key, prevKv: true }],
      failure: [{ type: 'range', key }],
    },
  });
}

const withDecision = (
  write: Write,
  current: ApiObject,
  fresh: boolean,
  txn: Write['txn'],
  next: ApiObject,
  then: Write['then'],
): Write => ({
  call: write.call,
  event: write.event,
  request: write.request,
  cache: write.cache,
  key: write.key,
  phase: write.phase,
  current,
  fresh,
  txn,
  next,
  then,
  attempt: write.attempt,
  warnings: write.warnings,
});

function reread(state: ApiserverState, write: Write): ApiserverStep {
  const key = registryKey(cacheAt(state, write.cache).info, write.key);
  return ask(state, { do: 'etcd', tag: { of: 'write', write }, request: { type: 'range', key } });
}

function onCommitted(state: ApiserverState, write: Write, revision: number, now: VirtualTime): ApiserverStep {
  const { next } = write;
  if (next === undefined) throw new Error('what was written is known');
  if (write.txn === 'delete') return answeredGone(state, write, next, revision);
  const object = stampRevision(next, revision);
  switch (write.then) {
    case 'answer':
      return answered(state, write, object);
    case 'delete':
    case 'remove':
      return proceed(state, { ...write, phase: write.then }, object, true, now);
  }
}
