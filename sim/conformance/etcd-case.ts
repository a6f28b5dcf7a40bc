/** The files of recorded etcd answers: their shape, and the words of etcd's protobuf in both directions. */
import * as z from 'zod';
import type {
  Compare,
  EtcdEvent,
  KeyValue,
  KvResponse,
  LeaseResponse,
  Operation,
  TxnRequest,
  TxnResponse,
} from '../../core/etcd/message.ts';

const whole = z.number().int();

const range = z.object({
  key: z.string(),
  range_end: z.string().optional(),
  revision: whole.optional(),
  limit: whole.optional(),
  sort_order: z.enum(['NONE', 'ASCEND', 'DESCEND']).optional(),
  sort_target: z.enum(['KEY', 'VERSION', 'CREATE', 'MOD', 'VALUE']).optional(),
  keys_only: z.boolean().optional(),
  count_only: z.boolean().optional(),
  min_mod_revision: whole.optional(),
  max_mod_revision: whole.optional(),
  min_create_revision: whole.optional(),
  max_create_revision: whole.optional(),
});

const put = z.object({
  key: z.string(),
  value: z.string().optional(),
  lease: whole.optional(),
  prev_kv: z.boolean().optional(),
  ignore_value: z.boolean().optional(),
  ignore_lease: z.boolean().optional(),
});

const deleteRange = z.object({
  key: z.string(),
  range_end: z.string().optional(),
  prev_kv: z.boolean().optional(),
});

const compare = z.object({
  key: z.string(),
  range_end: z.string().optional(),
  target: z.enum(['VERSION', 'CREATE', 'MOD', 'VALUE', 'LEASE']),
  result: z.enum(['EQUAL', 'GREATER', 'LESS', 'NOT_EQUAL']),
  version: whole.optional(),
  create_revision: whole.optional(),
  mod_revision: whole.optional(),
  value: z.string().optional(),
  lease: whole.optional(),
});

const txn = z.object({
  compare: z.array(compare).optional(),
  get success() {
    return z.array(requestOp).optional();
  },
  get failure() {
    return z.array(requestOp).optional();
  },
});

const requestOp = z
  .object({
    range: range.optional(),
    put: put.optional(),
    delete_range: deleteRange.optional(),
    get txn() {
      return txn.optional();
    },
  })
  .refine(
    (op) => Object.values(op).filter((value) => value !== undefined).length === 1,
    'wants exactly one of range, put, delete_range, txn',
  );

const watchSpec = z.object({
  key: z.string(),
  range_end: z.string().optional(),
  start_revision: whole.optional(),
  prev_kv: z.boolean().optional(),
  progress_notify: z.boolean().optional(),
  filters: z.array(z.enum(['NOPUT', 'NODELETE'])).optional(),
  watch_id: whole.optional(),
  /** Watches with the same name share a stream; without one a watch has its own, named by its id. */
  stream: z.string().optional(),
});

const leaseOp = z.object({ ID: whole });

const operation = z.discriminatedUnion('type', [
  range.extend({ type: z.literal('range') }),
  put.extend({ type: z.literal('put') }),
  deleteRange.extend({ type: z.literal('delete_range') }),
  txn.extend({ type: z.literal('txn') }),
  z.object({ type: z.literal('compact'), revision: whole.optional() }),
  leaseOp.extend({ type: z.literal('lease_grant'), TTL: whole.optional() }),
  leaseOp.extend({ type: z.literal('lease_revoke') }),
  leaseOp.extend({ type: z.literal('lease_keepalive') }),
  leaseOp.extend({ type: z.literal('lease_ttl'), keys: z.boolean().optional() }),
  leaseOp.extend({ type: z.literal('lease_expired') }),
  z.object({ type: z.literal('lease_list') }),
  watchSpec.extend({ type: z.literal('watch_create'), id: z.string() }),
  z.object({ type: z.literal('watch_cancel'), id: z.string() }),
  z.object({ type: z.literal('watch_progress'), stream: z.string() }),
  z.object({ type: z.literal('progress_idle') }),
]);

const anything = z.record(z.string(), z.unknown());

const sequence = z.object({
  name: z.string(),
  seed: z.string().optional(),
  steps: z.array(z.object({ op: operation, want: anything })),
  watches: z
    .array(z.object({ id: z.string(), want_events: z.array(anything), want_final: anything.optional() }))
    .optional(),
});

export const etcdFile = z.object({
  kubernetes: z.undefined({ error: 'these are cases of kube-apiserver, not of etcd' }).optional(),
  etcd: z.string(),
  family: z.string(),
  sequences: z.array(sequence),
});

export type RecordedSequence = z.output<typeof sequence>;
export type RecordedOperation = z.output<typeof operation>;

type Recorded<Type extends RecordedOperation['type']> = Extract<RecordedOperation, { type: Type }>;

export const rangeRequest = (
  op: Omit<Recorded<'range'>, 'type'>,
): Extract<Operation<string>, { type: 'range' }> => ({
  type: 'range',
  key: op.key,
  rangeEnd: op.range_end,
  revision: op.revision,
  limit: op.limit,
  sortOrder: op.sort_order,
  sortTarget: op.sort_target,
  keysOnly: op.keys_only,
  countOnly: op.count_only,
  minModRevision: op.min_mod_revision,
  maxModRevision: op.max_mod_revision,
  minCreateRevision: op.min_create_revision,
  maxCreateRevision: op.max_create_revision,
});

export const putRequest = (
  op: Omit<Recorded<'put'>, 'type'>,
): Extract<Operation<string>, { type: 'put' }> => ({
  type: 'put',
  key: op.key,
  value: op.value,
  lease: op.lease,
  prevKv: op.prev_kv,
  ignoreValue: op.ignore_value,
  ignoreLease: op.ignore_lease,
});

export const deleteRangeRequest = (
  op: Omit<Recorded<'delete_range'>, 'type'>,
): Extract<Operation<string>, { type: 'deleteRange' }> => ({
  type: 'deleteRange',
  key: op.key,
  rangeEnd: op.range_end,
  prevKv: op.prev_kv,
});

export const txnRequest = (op: Omit<Recorded<'txn'>, 'type'>): TxnRequest<string> => ({
  type: 'txn',
  compare: (op.compare ?? []).map(compareOf),
  success: (op.success ?? []).map(operationOf),
  failure: (op.failure ?? []).map(operationOf),
});

/** A field that the protobuf leaves out is zero or empty. */
function compareOf(op: z.output<typeof compare>): Compare<string> {
  const operands = {
    VERSION: op.version ?? 0,
    CREATE: op.create_revision ?? 0,
    MOD: op.mod_revision ?? 0,
    LEASE: op.lease ?? 0,
    VALUE: op.value ?? '',
  };
  return {
    key: op.key,
    rangeEnd: op.range_end,
    target: op.target,
    result: op.result,
    operand: operands[op.target],
  };
}

function operationOf(op: z.output<typeof requestOp>): Operation<string> {
  if (op.range !== undefined) return rangeRequest(op.range);
  if (op.put !== undefined) return putRequest(op.put);
  if (op.delete_range !== undefined) return deleteRangeRequest(op.delete_range);
  return txnRequest(op.txn ?? {});
}

/** An answer in the words of the recording: what is zero, empty or false is left out. */
export type Answer = Readonly<Record<string, unknown>>;

export function pruned(answer: Answer): Answer {
  const isZero = (value: unknown): boolean =>
    value === undefined ||
    value === 0 ||
    value === '' ||
    value === false ||
    (Array.isArray(value) && value.length === 0);
  return Object.fromEntries(Object.entries(answer).filter(([, value]) => !isZero(value)));
}

export const header = (revision: number): Answer | undefined => (revision === 0 ? undefined : { revision });

export const kvAnswer = (kv: KeyValue<string> | undefined): Answer | undefined =>
  kv === undefined
    ? undefined
    : pruned({
        key: kv.key,
        value: kv.value,
        create_revision: kv.createRevision,
        mod_revision: kv.modRevision,
        version: kv.version,
        lease: kv.lease,
      });

export function kvResponseAnswer(response: KvResponse<string>): Answer {
  switch (response.type) {
    case 'error':
      return { error: response.error };
    case 'compact':
      return { header: header(response.revision) };
    case 'range':
    case 'put':
    case 'deleteRange':
    case 'txn':
      return operationAnswer(response);
  }
}

function operationAnswer(response: TxnResponse<string>['responses'][number]): Answer {
  const head = header(response.revision);
  switch (response.type) {
    case 'range':
      return pruned({
        header: head,
        kvs: response.kvs.map(kvAnswer),
        more: response.more,
        count: response.count,
      });
    case 'put':
      return pruned({ header: head, prev_kv: kvAnswer(response.prevKv) });
    case 'deleteRange':
      return pruned({ header: head, deleted: response.deleted, prev_kvs: response.prevKvs.map(kvAnswer) });
    case 'txn':
      return pruned({
        header: head,
        succeeded: response.succeeded,
        responses: response.responses.map((inner) => ({ [fieldOf[inner.type]]: operationAnswer(inner) })),
      });
  }
}

const fieldOf = { range: 'range', put: 'put', deleteRange: 'delete_range', txn: 'txn' } as const;

export function leaseAnswer(response: LeaseResponse): Answer {
  switch (response.type) {
    case 'error':
      return { error: response.error };
    case 'leaseGrant':
    case 'leaseKeepAlive':
      return pruned({ header: header(response.revision), ID: response.id, TTL: response.ttlSeconds });
    case 'leaseRevoke':
      return { header: header(response.revision) };
    case 'leaseTimeToLive':
      return pruned({
        header: header(response.revision),
        ID: response.id,
        live: response.ttlSeconds > 0,
        TTL_missing: response.ttlSeconds === -1,
        grantedTTL: response.grantedTtlSeconds,
        keys: response.keys,
      });
    case 'leaseLeases':
      // The recording has them in order of id.
      return pruned({
        header: header(response.revision),
        leases: response.leases.slice().sort((a, b) => a - b),
      });
  }
}

export const eventAnswer = (event: EtcdEvent<string>): Answer =>
  pruned({
    type: event.type,
    kv: event.kv === undefined ? { key: event.key, mod_revision: event.modRevision } : kvAnswer(event.kv),
    prev_kv: kvAnswer(event.prevKv),
  });
