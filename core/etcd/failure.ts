/** The answers of etcd that are no success, as a gRPC client sees them. etcd v3.6.4 api/v3rpc/rpctypes/error.go */
import type { EtcdError } from './message.ts';

export interface Failure {
  readonly type: 'error';
  readonly error: EtcdError;
}

const invalidArgument = 3;
const notFound = 5;
const failedPrecondition = 9;
const outOfRange = 11;

const failure = (code: number, message: string): Failure => ({
  type: 'error',
  error: { code, message: `etcdserver: ${message}` },
});

export const emptyKey = failure(invalidArgument, 'key is not provided');
export const keyNotFound = failure(invalidArgument, 'key not found');
export const valueProvided = failure(invalidArgument, 'value is provided');
export const leaseProvided = failure(invalidArgument, 'lease is provided');
export const duplicateKey = failure(invalidArgument, 'duplicate key given in txn request');
export const tooManyOperations = failure(invalidArgument, 'too many operations in txn request');
export const compacted = failure(outOfRange, 'mvcc: required revision has been compacted');
export const futureRevision = failure(outOfRange, 'mvcc: required revision is a future revision');
export const leaseNotFound = failure(notFound, 'requested lease not found');
export const leaseExists = failure(failedPrecondition, 'lease already exists');
export const leaseTtlTooLarge = failure(outOfRange, 'too large lease TTL');
