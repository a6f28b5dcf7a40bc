/** What a request must fulfil before it is carried out. etcd v3.6.4 server/etcdserver/api/v3rpc/key.go */
import {
  duplicateKey,
  emptyKey,
  leaseProvided,
  tooManyOperations,
  valueProvided,
  type Failure,
} from './failure.ts';
import type { DeleteRangeRequest, Operation, PutRequest, TxnRequest } from './message.ts';
import { orderKey, type OrderKey } from './order.ts';
import { checkRangeRequest } from './range.ts';
import type { Codec } from './store.ts';

/** The most compares, and the most operations of one branch. With nested txns it is shared along each path. */
const maxTxnOps = 128;

export function checkPutRequest<V>(request: PutRequest<V>, codec: Codec<V>): Failure | undefined {
  if (request.key === '') return emptyKey;
  if (request.ignoreValue === true && request.value !== undefined && request.value !== codec.empty)
    return valueProvided;
  if (request.ignoreLease === true && (request.lease ?? 0) !== 0) return leaseProvided;
  return undefined;
}

export function checkDeleteRequest(request: DeleteRangeRequest): Failure | undefined {
  return request.key === '' ? emptyKey : undefined;
}

export function checkTxnRequest<V>(request: TxnRequest<V>, codec: Codec<V>): Failure | undefined {
  const failure = checkShape(request, codec, maxTxnOps);
  if (failure !== undefined) return failure;
  if (mayOverlap(request.success) && overlaps(request.success)) return duplicateKey;
  if (mayOverlap(request.failure) && overlaps(request.failure)) return duplicateKey;
  return undefined;
}

function checkShape<V>(request: TxnRequest<V>, codec: Codec<V>, most: number): Failure | undefined {
  const count = Math.max(request.compare.length, request.success.length, request.failure.length);
  if (count > most) return tooManyOperations;
  for (const compare of request.compare) if (compare.key === '') return emptyKey;
  return (
    checkOperations(request.success, codec, most - count) ??
    checkOperations(request.failure, codec, most - count)
  );
}

function checkOperations<V>(
  operations: readonly Operation<V>[],
  codec: Codec<V>,
  most: number,
): Failure | undefined {
  for (const operation of operations) {
    const failure = checkOperation(operation, codec, most);
    if (failure !== undefined) return failure;
  }
  return undefined;
}

function checkOperation<V>(operation: Operation<V>, codec: Codec<V>, most: number): Failure | undefined {
  switch (operation.type) {
    case 'range':
      return checkRangeRequest(operation);
    case 'put':
      return checkPutRequest(operation, codec);
    case 'deleteRange':
      return checkDeleteRequest(operation);
    case 'txn':
      return checkShape(operation, codec, most);
  }
}

/** One operation alone cannot meet another: the usual txn is not looked at any further. */
const mayOverlap = <V>(operations: readonly Operation<V>[]): boolean =>
  operations.length > 1 || operations[0]?.type === 'txn';

/** The range_end is taken as it is written: with "\0" (to the end of all keys) nothing lies in the interval, as in etcd. */
interface Interval {
  readonly from: OrderKey;
  readonly to: OrderKey;
}

/** The keys that a list of operations puts, and the intervals that it deletes. */
interface Touched {
  readonly puts: Set<OrderKey>;
  readonly deletes: Interval[];
}

/** Whether a key may be written twice, or written and deleted: no matter which branches will be taken. */
const overlaps = <V>(operations: readonly Operation<V>[]): boolean => touchedBy(operations) === undefined;

/** Nested txns are met in their order: what one deletes is held against the puts of later ones and of this level. */
function touchedBy<V>(operations: readonly Operation<V>[]): Touched | undefined {
  const puts = new Set<OrderKey>();
  const deletes: Interval[] = [];
  const isDeleted = (key: OrderKey): boolean => deletes.some(({ from, to }) => from <= key && key < to);
  for (const operation of operations)
    if (operation.type === 'deleteRange') deletes.push(intervalOf(operation));
  for (const operation of operations) {
    if (operation.type !== 'txn') continue;
    const success = touchedBy(operation.success);
    const failure = touchedBy(operation.failure);
    if (success === undefined || failure === undefined) return undefined;
    for (const key of success.puts) if (puts.has(key) || isDeleted(key)) return undefined;
    // Only one branch is taken: both of them may put the same key.
    for (const key of failure.puts)
      if ((puts.has(key) && !success.puts.has(key)) || isDeleted(key)) return undefined;
    for (const key of success.puts) puts.add(key);
    for (const key of failure.puts) puts.add(key);
    deletes.push(...success.deletes, ...failure.deletes);
  }
  for (const operation of operations) {
    if (operation.type !== 'put') continue;
    const key = orderKey(operation.key);
    if (puts.has(key) || isDeleted(key)) return undefined;
    puts.add(key);
  }
  return { puts, deletes };
}

function intervalOf(request: DeleteRangeRequest): Interval {
  const from = orderKey(request.key);
  const single = request.rangeEnd === undefined || request.rangeEnd === '';
  return { from, to: single ? `${from}\0` : orderKey(request.rangeEnd) };
}
