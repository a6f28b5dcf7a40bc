/** What etcd holds, read as a person would with etcdctl: for reports and expectations, never for a component. */
import { keyFor, type ApiObject, type ObjectKey } from '../../core/api/object.ts';
import { registryKey, resourceNamed, type ResourceInfo } from '../../core/api/kinds.ts';
import { prefixEnd } from '../../core/etcd/order.ts';
import type { EtcdServerState } from '../../core/etcd/server.ts';
import { countNow, getKey, readNow } from '../../core/etcd/store.ts';

export interface Registry {
  readonly revision: number;
  /** `key` is `namespace/name`, or `name` where the resource has no namespaces. */
  get(resource: string, key: ObjectKey): ApiObject | undefined;
  /** In key order; of one namespace, or of all. */
  list(resource: string, namespace?: string): readonly ApiObject[];
  count(resource: string, namespace?: string): number;
}

export function registryOf({ store }: EtcdServerState<ApiObject>): Registry {
  return {
    revision: store.revision,
    get: (resource, key) => getKey(store, registryKey(known(resource), key))?.value,
    list: (resource, namespace) =>
      readNow(store, rangeOf(known(resource), namespace), 0).kvs.map((kv) => kv.value),
    count: (resource, namespace) => countNow(store, rangeOf(known(resource), namespace)),
  };
}

function known(resource: string): ResourceInfo {
  const info = resourceNamed(resource);
  if (info === undefined) throw new Error(`no resource ${resource}`);
  return info;
}

function rangeOf(
  info: ResourceInfo,
  namespace: string | undefined,
): { readonly single: false; readonly from: string; readonly to: string } {
  const prefix =
    namespace === undefined ? info.registryPrefix : `${registryKey(info, keyFor(namespace, ''))}`;
  return { single: false, from: prefix, to: prefixEnd(prefix) };
}
