/** What etcd holds, read as a person would with etcdctl: for reports and expectations, never for a component. */
import { infoOf } from '../../core/api/custom/custom-resource.ts';
import type { CustomResourceDefinition } from '../../core/api/generated/types.ts';
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
  /** A resource by its name; a custom one is known while its definition is there. */
  infoOf(resource: string): ResourceInfo | undefined;
}

export function registryOf({ store }: EtcdServerState<ApiObject>): Registry {
  return {
    revision: store.revision,
    get: (resource, key) => getKey(store, registryKey(known(store, resource), key))?.value,
    list: (resource, namespace) =>
      readNow(store, rangeOf(known(store, resource), namespace), 0).kvs.map((kv) => kv.value),
    count: (resource, namespace) => countNow(store, rangeOf(known(store, resource), namespace)),
    infoOf: (resource) => find(store, resource),
  };
}

type Store = EtcdServerState<ApiObject>['store'];

const definitions = resourceNamed('customresourcedefinitions');

/** A custom resource is called as its definition is. */
function find(store: Store, resource: string): ResourceInfo | undefined {
  const info = resourceNamed(resource);
  if (info !== undefined || definitions === undefined) return info;
  const definition = getKey(store, registryKey(definitions, resource))?.value;
  return definition === undefined ? undefined : infoOf(definition as unknown as CustomResourceDefinition);
}

function known(store: Store, resource: string): ResourceInfo {
  const info = find(store, resource);
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
