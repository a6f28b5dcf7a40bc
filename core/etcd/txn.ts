/**
 * Carries out requests about keys. A txn is decided as a whole against the store before it (its compares, also those of
 * nested txns), then checked as a whole, and only then carried out: it either takes one revision or changes nothing.
 * etcd v3.6.4 server/etcdserver/txn/txn.go
 */
import { checkDeleteRequest, checkPutRequest, checkTxnRequest } from './check.ts';
import { compact } from './compaction.ts';
import { compacted, futureRevision, keyNotFound, leaseNotFound, type Failure } from './failure.ts';
import type {
  Compare,
  DeleteRangeRequest,
  DeleteRangeResponse,
  EtcdEvent,
  KeyValue,
  KvRequest,
  KvResponse,
  Operation,
  PutRequest,
  PutResponse,
  RangeRequest,
  TxnRequest,
  TxnResponse,
} from './message.ts';
import { boundsOf, orderKey } from './order.ts';
import { checkRangeRequest, range } from './range.ts';
import { getKey, readNow, type Codec, type Store } from './store.ts';
import {
  commit,
  deleteKeys,
  draftOf,
  keyOfDraft,
  revisionOf,
  viewOf,
  writeKey,
  writeOne,
  type Draft,
} from './write.ts';

/** What a request did: the store after it, the answer, and what was written, in order. */
export interface KvOutcome<V> {
  readonly store: Store<V>;
  readonly response: KvResponse<V>;
  readonly events: readonly EtcdEvent<V>[];
}

export function applyKv<V>(store: Store<V>, request: KvRequest<V>, codec: Codec<V>): KvOutcome<V> {
  switch (request.type) {
    case 'range':
      return unchanged(store, checkRangeRequest(request) ?? range(store, request, codec));
    case 'put': {
      const failure = checkPutRequest(request, codec) ?? checkPut(store, request);
      return failure === undefined
        ? written(store, (draft) => put(draft, request, codec))
        : unchanged(store, failure);
    }
    case 'deleteRange': {
      const failure = checkDeleteRequest(request);
      return failure === undefined
        ? written(store, (draft) => deleteRange(draft, request))
        : unchanged(store, failure);
    }
    case 'txn': {
      const failure = checkTxnRequest(request, codec);
      if (failure !== undefined) return unchanged(store, failure);
      return guardedPut(store, request, codec) ?? txn(store, request, codec);
    }
    case 'compact': {
      const after = compact(store, request.revision);
      if ('type' in after) return unchanged(store, after);
      return unchanged(after, { type: 'compact', revision: after.revision });
    }
  }
}

const nothing: readonly never[] = [];

const unchanged = <V>(store: Store<V>, response: KvResponse<V>): KvOutcome<V> => ({
  store,
  response,
  events: nothing,
});

function written<V>(store: Store<V>, write: (draft: Draft<V>) => KvResponse<V>): KvOutcome<V> {
  const draft = draftOf(store);
  const response = write(draft);
  return response.type === 'error'
    ? unchanged(store, response)
    : { store: commit(draft), response, events: draft.events };
}

/** The apiserver's usual write, one put under one compare that holds: as `txn` would do it, in one look at the key. */
function guardedPut<V>(store: Store<V>, request: TxnRequest<V>, codec: Codec<V>): KvOutcome<V> | undefined {
  const compare = request.compare[0];
  const only = request.success[0];
  if (request.compare.length !== 1 || request.success.length !== 1) return undefined;
  if (compare === undefined || only?.type !== 'put' || !isPlainPut(only)) return undefined;
  if (compare.key !== only.key || (compare.rangeEnd ?? '') !== '') return undefined;
  const before = store.live.get(orderKey(only.key));
  if ((before !== undefined && before.lease !== 0) || !holdsFor(before, compare, codec)) return undefined;
  const { store: after, event } = writeOne(store, only.key, before, only.value ?? codec.empty, codec);
  const { revision } = after;
  const put: PutResponse<V> = { type: 'put', revision, prevKv: only.prevKv === true ? before : undefined };
  const response: TxnResponse<V> = { type: 'txn', revision, succeeded: true, responses: [put] };
  return { store: after, response, events: [event] };
}

/** A put that says all it needs to: it has no lease, and keeps nothing of what is there. */
const isPlainPut = <V>(request: PutRequest<V>): boolean =>
  (request.lease ?? 0) === 0 && request.ignoreValue !== true && request.ignoreLease !== true;

function txn<V>(store: Store<V>, request: TxnRequest<V>, codec: Codec<V>): KvOutcome<V> {
  const branch = decide(store, request, codec);
  const failure = checkBranch(store, branch);
  if (failure !== undefined) return unchanged(store, failure);
  return written(store, (draft) => {
    const response = execute(draft, branch, codec);
    if (response.type === 'error') return response;
    return {
      type: 'txn',
      revision: revisionOf(draft),
      succeeded: response.succeeded,
      responses: response.responses,
    };
  });
}

/** The branch that a txn takes. */
interface Branch<V> {
  readonly type: 'branch';
  readonly succeeded: boolean;
  readonly operations: readonly Decided<V>[];
}

/** An operation, where a nested txn has been replaced by the branch it takes. */
type Decided<V> = Exclude<Operation<V>, TxnRequest<V>> | Branch<V>;

function decide<V>(store: Store<V>, request: TxnRequest<V>, codec: Codec<V>): Branch<V> {
  let succeeded = true;
  for (const compare of request.compare)
    if (!holds(store, compare, codec)) {
      succeeded = false;
      break;
    }
  const operations: Decided<V>[] = [];
  for (const operation of succeeded ? request.success : request.failure)
    operations.push(operation.type === 'txn' ? decide(store, operation, codec) : operation);
  return { type: 'branch', succeeded, operations };
}

/** A compare must hold for every key of its range; a range without keys is compared as one key that does not exist. */
function holds<V>(store: Store<V>, compare: Compare<V>, codec: Codec<V>): boolean {
  if (compare.rangeEnd === undefined || compare.rangeEnd === '')
    return holdsFor(getKey(store, compare.key), compare, codec);
  const found = readNow(store, boundsOf(compare.key, compare.rangeEnd), 0);
  return found.count === 0
    ? holdsFor(undefined, compare, codec)
    : found.kvs.every((kv) => holdsFor(kv, compare, codec));
}

/** A key that does not exist has the number 0 everywhere, and no value: a comparison with its value never holds. */
function holdsFor<V>(kv: KeyValue<V> | undefined, compare: Compare<V>, codec: Codec<V>): boolean {
  if (compare.target === 'VALUE')
    return kv !== undefined && isResult(codec.compareValues(kv.value, compare.operand as V), compare.result);
  return isResult(numberOf(kv, compare.target) - (compare.operand as number), compare.result);
}

function numberOf<V>(kv: KeyValue<V> | undefined, target: Exclude<Compare<V>['target'], 'VALUE'>): number {
  if (kv === undefined) return 0;
  switch (target) {
    case 'VERSION':
      return kv.version;
    case 'CREATE':
      return kv.createRevision;
    case 'MOD':
      return kv.modRevision;
    case 'LEASE':
      return kv.lease;
  }
}

function isResult(difference: number, result: Compare<unknown>['result']): boolean {
  switch (result) {
    case 'EQUAL':
      return difference === 0;
    case 'NOT_EQUAL':
      return difference !== 0;
    case 'GREATER':
      return difference > 0;
    case 'LESS':
      return difference < 0;
  }
}

/** What would make an operation of the branch fail, before any of them is carried out. */
function checkBranch<V>(store: Store<V>, branch: Branch<V>): Failure | undefined {
  for (const operation of branch.operations) {
    const failure = checkOperation(store, operation);
    if (failure !== undefined) return failure;
  }
  return undefined;
}

function checkOperation<V>(store: Store<V>, operation: Decided<V>): Failure | undefined {
  switch (operation.type) {
    case 'range':
      return checkRevision(store, operation);
    case 'put':
      return checkPut(store, operation);
    case 'deleteRange':
      return undefined;
    case 'branch':
      return checkBranch(store, operation);
  }
}

/** In a txn also a negative revision is older than a compaction; alone it means now. */
function checkRevision<V>(store: Store<V>, request: RangeRequest): Failure | undefined {
  const revision = request.revision ?? 0;
  if (revision === 0) return undefined;
  if (revision > store.revision) return futureRevision;
  return revision < store.compactRevision ? compacted : undefined;
}

function checkPut<V>(store: Store<V>, request: PutRequest<V>): Failure | undefined {
  if (
    (request.ignoreValue === true || request.ignoreLease === true) &&
    getKey(store, request.key) === undefined
  )
    return keyNotFound;
  const lease = request.lease ?? 0;
  return lease !== 0 && store.leases.get(lease) === undefined ? leaseNotFound : undefined;
}

function execute<V>(draft: Draft<V>, branch: Branch<V>, codec: Codec<V>): TxnResponse<V> | Failure {
  const responses: OperationResponse<V>[] = [];
  for (const operation of branch.operations) {
    const response = carryOut(draft, operation, codec);
    if (response.type === 'error') return response;
    responses.push(response);
  }
  // Only the outermost txn has a header of its own.
  return { type: 'txn', revision: 0, succeeded: branch.succeeded, responses };
}

type OperationResponse<V> = TxnResponse<V>['responses'][number];

function carryOut<V>(
  draft: Draft<V>,
  operation: Decided<V>,
  codec: Codec<V>,
): OperationResponse<V> | Failure {
  switch (operation.type) {
    case 'range':
      return range(viewOf(draft), operation, codec);
    case 'put':
      return put(draft, operation, codec);
    case 'deleteRange':
      return deleteRange(draft, operation);
    case 'branch':
      return execute(draft, operation, codec);
  }
}

function put<V>(draft: Draft<V>, request: PutRequest<V>, codec: Codec<V>): PutResponse<V> | Failure {
  let value = request.value ?? codec.empty;
  let lease = request.lease ?? 0;
  if (request.ignoreValue === true || request.ignoreLease === true) {
    const before = keyOfDraft(draft, request.key);
    if (before === undefined) return keyNotFound;
    if (request.ignoreValue === true) value = before.value;
    if (request.ignoreLease === true) lease = before.lease;
  }
  const before = writeKey(draft, request.key, value, lease, codec);
  return { type: 'put', revision: draft.revision, prevKv: request.prevKv === true ? before : undefined };
}

function deleteRange<V>(draft: Draft<V>, request: DeleteRangeRequest): DeleteRangeResponse<V> {
  const deleted = deleteKeys(draft, boundsOf(request.key, request.rangeEnd));
  return {
    type: 'deleteRange',
    revision: revisionOf(draft),
    deleted: deleted.length,
    prevKvs: request.prevKv === true ? deleted : nothing,
  };
}
