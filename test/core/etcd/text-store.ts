/** A store of texts, as a client of etcd has it, for the tests of this room. */
import type {
  EtcdEvent,
  KvRequest,
  KvResponse,
  LeaseRequest,
  LeaseResponse,
  Operation,
} from '../../../core/etcd/message.ts';
import { compareBytes } from '../../../core/etcd/order.ts';
import { applyLease } from '../../../core/etcd/lessor.ts';
import { newStore, type Codec, type Store } from '../../../core/etcd/store.ts';
import { applyKv } from '../../../core/etcd/txn.ts';

export const texts: Codec<string> = { empty: '', compareValues: compareBytes };

/** A place for the newest store, so that a test can write one request after another. */
export class TextStore {
  store: Store<string> = newStore();
  /** What the last request wrote. */
  events: readonly EtcdEvent<string>[] = [];

  kv(request: KvRequest<string>): KvResponse<string> {
    const { store, response, events } = applyKv(this.store, request, texts);
    this.store = store;
    this.events = events;
    return response;
  }

  lease(request: LeaseRequest, now = 0): LeaseResponse {
    const { store, response, events } = applyLease(this.store, request, now);
    this.store = store;
    this.events = events;
    return response;
  }

  /** What a range answers, short: `key=value@modRevision`, or the error. */
  read(key: string, rangeEnd?: string, revision?: number): string {
    const response = this.kv({ type: 'range', key, rangeEnd, revision });
    if (response.type === 'error') return response.error.message;
    if (response.type !== 'range') throw new Error('a range is answered by a range');
    return response.kvs.map((kv) => `${kv.key}=${kv.value}@${kv.modRevision}`).join(' ');
  }
}

export const put = (
  key: string,
  value?: string,
  lease?: number,
): Extract<Operation<string>, { type: 'put' }> => ({
  type: 'put',
  key,
  value,
  lease,
});

export const remove = (
  key: string,
  rangeEnd?: string,
): Extract<Operation<string>, { type: 'deleteRange' }> => ({
  type: 'deleteRange',
  key,
  rangeEnd,
});

export const always = (
  ...success: readonly Operation<string>[]
): Extract<Operation<string>, { type: 'txn' }> => ({
  type: 'txn',
  compare: [],
  success,
  failure: [],
});
