/**
 * etcd's protocol: the fields of its protobuf messages, spelt in this language. `V` is what a value is: text for a
 * client of etcd, an API object for the apiserver (which would otherwise encode and decode it at every step).
 */

import type { Duration } from '../time/time.ts';

export interface KeyValue<V> {
  readonly key: string;
  readonly value: V;
  readonly createRevision: number;
  readonly modRevision: number;
  readonly version: number;
  /** 0: none. */
  readonly lease: number;
}

export type SortTarget = 'KEY' | 'VERSION' | 'CREATE' | 'MOD' | 'VALUE';

export interface RangeRequest {
  readonly type: 'range';
  readonly key: string;
  /** Absent: the one key. "\0": from `key` on. */
  readonly rangeEnd?: string | undefined;
  /** 0 or less: now. */
  readonly revision?: number | undefined;
  readonly limit?: number | undefined;
  readonly sortOrder?: 'NONE' | 'ASCEND' | 'DESCEND' | undefined;
  readonly sortTarget?: SortTarget | undefined;
  readonly keysOnly?: boolean | undefined;
  readonly countOnly?: boolean | undefined;
  readonly minModRevision?: number | undefined;
  readonly maxModRevision?: number | undefined;
  readonly minCreateRevision?: number | undefined;
  readonly maxCreateRevision?: number | undefined;
}

export interface PutRequest<V> {
  readonly type: 'put';
  readonly key: string;
  readonly value?: V | undefined;
  readonly lease?: number | undefined;
  readonly prevKv?: boolean | undefined;
  readonly ignoreValue?: boolean | undefined;
  readonly ignoreLease?: boolean | undefined;
}

export interface DeleteRangeRequest {
  readonly type: 'deleteRange';
  readonly key: string;
  readonly rangeEnd?: string | undefined;
  readonly prevKv?: boolean | undefined;
}

export interface Compare<V> {
  readonly key: string;
  readonly rangeEnd?: string | undefined;
  readonly target: 'VERSION' | 'CREATE' | 'MOD' | 'VALUE' | 'LEASE';
  readonly result: 'EQUAL' | 'GREATER' | 'LESS' | 'NOT_EQUAL';
  /** What the target is compared with: a number, or a value for VALUE. */
  readonly operand: number | V;
}

export type Operation<V> = RangeRequest | PutRequest<V> | DeleteRangeRequest | TxnRequest<V>;

export interface TxnRequest<V> {
  readonly type: 'txn';
  readonly compare: readonly Compare<V>[];
  readonly success: readonly Operation<V>[];
  readonly failure: readonly Operation<V>[];
}

export interface CompactRequest {
  readonly type: 'compact';
  readonly revision: number;
}

/** A request that reads or writes keys. Leases and watches have messages of their own. */
export type KvRequest<V> = RangeRequest | PutRequest<V> | DeleteRangeRequest | TxnRequest<V> | CompactRequest;

export type LeaseRequest =
  | { readonly type: 'leaseGrant'; readonly id: number; readonly ttlSeconds: number }
  | { readonly type: 'leaseRevoke'; readonly id: number }
  | { readonly type: 'leaseKeepAlive'; readonly id: number }
  | { readonly type: 'leaseTimeToLive'; readonly id: number; readonly keys?: boolean | undefined }
  | { readonly type: 'leaseLeases' };

export type LeaseResponse =
  | {
      readonly type: 'leaseGrant';
      readonly revision: number;
      readonly id: number;
      readonly ttlSeconds: number;
    }
  | { readonly type: 'leaseRevoke'; readonly revision: number }
  /** A lease that is not there answers a TTL of 0. */
  | {
      readonly type: 'leaseKeepAlive';
      readonly revision: number;
      readonly id: number;
      readonly ttlSeconds: number;
    }
  | {
      readonly type: 'leaseTimeToLive';
      readonly revision: number;
      readonly id: number;
      /** Whole seconds left; -1: there is no such lease. */
      readonly ttlSeconds: number;
      readonly grantedTtlSeconds: number;
      readonly keys: readonly string[];
    }
  /** In order of expiry, and of id where two expire together. */
  | { readonly type: 'leaseLeases'; readonly revision: number; readonly leases: readonly number[] }
  | { readonly type: 'error'; readonly error: EtcdError };

/** A gRPC status: code 3 INVALID_ARGUMENT, 5 NOT_FOUND, 9 FAILED_PRECONDITION, 11 OUT_OF_RANGE, … */
export interface EtcdError {
  readonly code: number;
  readonly message: string;
}

export interface RangeResponse<V> {
  readonly type: 'range';
  readonly revision: number;
  readonly kvs: readonly KeyValue<V>[];
  readonly more: boolean;
  readonly count: number;
}

export interface PutResponse<V> {
  readonly type: 'put';
  readonly revision: number;
  readonly prevKv?: KeyValue<V> | undefined;
}

export interface DeleteRangeResponse<V> {
  readonly type: 'deleteRange';
  readonly revision: number;
  readonly deleted: number;
  readonly prevKvs: readonly KeyValue<V>[];
}

export interface TxnResponse<V> {
  readonly type: 'txn';
  readonly revision: number;
  readonly succeeded: boolean;
  readonly responses: readonly (
    RangeResponse<V> | PutResponse<V> | DeleteRangeResponse<V> | TxnResponse<V>
  )[];
}

export type KvResponse<V> =
  | RangeResponse<V>
  | PutResponse<V>
  | DeleteRangeResponse<V>
  | TxnResponse<V>
  | { readonly type: 'compact'; readonly revision: number }
  | { readonly type: 'error'; readonly error: EtcdError };

/** One change of one key, as a watch tells it. On DELETE `kv` has only its key and modRevision, and the value is absent. */
export interface EtcdEvent<V> {
  readonly type: 'PUT' | 'DELETE';
  readonly key: string;
  readonly modRevision: number;
  readonly kv?: KeyValue<V> | undefined;
  readonly prevKv?: KeyValue<V> | undefined;
}

export interface WatchCreate {
  readonly key: string;
  readonly rangeEnd?: string | undefined;
  /** 0: from the next revision. */
  readonly startRevision?: number | undefined;
  readonly prevKv?: boolean | undefined;
  readonly progressNotify?: boolean | undefined;
  readonly noPut?: boolean | undefined;
  readonly noDelete?: boolean | undefined;
  /** 0 or absent: the server chooses. */
  readonly watchId?: number | undefined;
}

export interface WatchResponse<V> {
  readonly revision: number;
  readonly watchId: number;
  readonly created?: boolean | undefined;
  readonly canceled?: boolean | undefined;
  readonly cancelReason?: string | undefined;
  readonly compactRevision?: number | undefined;
  readonly events: readonly EtcdEvent<V>[];
}

/** A request under way, as the network knows it; etcd only gives it back with the answer. */
export type EtcdCallId = number;
/** A gRPC watch stream of a client; it may carry several watches. Unique for the whole run. */
export type EtcdStreamId = number;

/** What etcd asks to be reminded of: a lease may have run out, a stream may be due a periodic progress notification. */
export type EtcdTimer =
  { readonly of: 'lease'; readonly id: number } | { readonly of: 'progress'; readonly stream: EtcdStreamId };

export type EtcdServerEvent<V> =
  | { readonly type: 'kv'; readonly call: EtcdCallId; readonly request: KvRequest<V> }
  | { readonly type: 'lease'; readonly call: EtcdCallId; readonly request: LeaseRequest }
  | { readonly type: 'timer'; readonly timer: EtcdTimer }
  | { readonly type: 'watch'; readonly stream: EtcdStreamId; readonly create: WatchCreate }
  | { readonly type: 'cancelWatch'; readonly stream: EtcdStreamId; readonly watchId: number }
  | { readonly type: 'progress'; readonly stream: EtcdStreamId }
  /** The stream is gone, with all its watches. */
  | { readonly type: 'closeStream'; readonly stream: EtcdStreamId };

export type EtcdServerRequest<V> =
  | { readonly do: 'answer'; readonly call: EtcdCallId; readonly response: KvResponse<V> }
  | { readonly do: 'answerLease'; readonly call: EtcdCallId; readonly response: LeaseResponse }
  /** Comes back as an event when the time is there. Always a background timer: a cluster that only waits for one is at rest. */
  | { readonly do: 'timer'; readonly timer: EtcdTimer; readonly after: Duration }
  | { readonly do: 'deliver'; readonly stream: EtcdStreamId; readonly response: WatchResponse<V> }
  /** What a request has written, in order, for the trace: `prevKv` is always given where there was one. */
  | { readonly do: 'committed'; readonly revision: number; readonly events: readonly EtcdEvent<V>[] };
