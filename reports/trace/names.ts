/** Names of things in a trace: from etcd's keys to the words a person uses. */
import { resourceNamed, resources, type ResourceInfo } from '../../core/api/kinds.ts';
import { splitKey } from '../../core/api/object.ts';

/** What a key of the registry names. */
export interface Named {
  readonly info: ResourceInfo;
  /** `namespace/name` or `name`. */
  readonly objectKey: string;
  readonly namespace: string | undefined;
  readonly name: string;
}

const prefixes = resources
  .map((info) => [info.registryPrefix, info] as const)
  .sort(([a], [b]) => b.length - a.length);

/** The object a key of the registry is of; undefined for a key of no known resource. */
export function namedBy(registryKey: string): Named | undefined {
  const found = prefixes.find(([prefix]) => registryKey.startsWith(prefix));
  if (found === undefined) return undefined;
  const [prefix, info] = found;
  const objectKey = registryKey.slice(prefix.length);
  const { namespace, name } = info.namespaced
    ? splitKey(objectKey)
    : { namespace: undefined, name: objectKey };
  return { info, objectKey, namespace, name };
}

/** `Pod/web-abc`; with its namespace where that is not `default`: `Pod/kube-system/dns`. */
export function shortName(registryKey: string): string {
  const named = namedBy(registryKey);
  if (named === undefined) return registryKey;
  const { info, namespace, name } = named;
  return namespace === undefined || namespace === 'default'
    ? `${info.kind}/${name}`
    : `${info.kind}/${namespace}/${name}`;
}

/** `Pod/web-abc` of a resource and an object key, as request and watch events have them. */
export function shortNameOf(resource: string, objectKey: string): string {
  const info = resourceNamed(resource);
  if (info === undefined) return `${resource}/${objectKey}`;
  return objectKey === '' ? info.kind : shortName(info.registryPrefix + objectKey);
}
