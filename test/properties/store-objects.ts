import type { ApiObject } from '../../core/api/object.ts';
import { prefixEnd } from '../../core/etcd/order.ts';
import { readNow, type Store } from '../../core/etcd/store.ts';

/** Everything there is in a store, in the order of keys. */
export const objectsOfStore = (store: Store<ApiObject>): readonly ApiObject[] =>
  readNow(store, { single: false, from: '/registry/', to: prefixEnd('/registry/') }, 0).kvs.map(
    ({ value }) => value,
  );
