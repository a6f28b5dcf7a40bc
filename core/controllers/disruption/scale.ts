/**
 * How many Pods the controllers of a budget's Pods want together (kubernetes v1.34.1 pkg/controller/disruption/disruption.go,
 * getExpectedScale and its finders). ReplicationControllers, Deployments, ReplicaSets and StatefulSets are found in the
 * caches; of any other controller the apiserver is asked for its scale.
 */
import { keyFor, controllerOf, type ApiObject, type Resource } from '../../api/object.ts';
import type { OwnerReference, Pod } from '../../api/generated/types.ts';
import type { GetRequest } from '../../api/request.ts';
import { viewOf, type Informers } from '../../client/informer.ts';
import { messageOf, refused, type Ask, type Reply } from '../controller.ts';
import { get } from '../requests.ts';

export interface Scale {
  readonly expected: number;
  /** Pods that have no controller. */
  readonly unmanaged: readonly string[];
}

/** Which resource a kind is served as; undefined where none is. */
export type Mapper = (kind: { readonly apiVersion: string; readonly kind: string }) => Resource | undefined;

type Step<T, Memory> = Generator<Ask<Memory>, T, Reply>;

/** The scale, or what kept it from being known. */
export function* expectedScale<Memory>(
  caches: Informers,
  pods: readonly Pod[],
  mapper: Mapper,
): Step<Scale | { readonly error: string }, Memory> {
  const scales = new Map<string, number>();
  const unmanaged: string[] = [];
  for (const pod of pods) {
    const owner = controllerOf(pod);
    if (owner === undefined) unmanaged.push(pod.metadata.name);
    if (owner === undefined || scales.has(owner.uid)) continue;
    const found = cachedScale(caches, owner, pod.metadata.namespace);
    if (found !== undefined) {
      scales.set(found.uid, found.replicas);
      continue;
    }
    const asked = yield* askedScale<Memory>(owner, pod.metadata.namespace, mapper);
    if (typeof asked !== 'number')
      return asked ?? { error: `found no controllers for pod "${pod.metadata.name}"` };
    scales.set(owner.uid, asked);
  }
  let expected = 0;
  for (const replicas of scales.values()) expected += replicas;
  return { expected, unmanaged };
}

interface Found {
  readonly uid: string;
  readonly replicas: number;
}

const groupOf = ({ apiVersion }: OwnerReference): string =>
  apiVersion.includes('/') ? apiVersion.slice(0, apiVersion.indexOf('/')) : '';

const isWorkload = (owner: OwnerReference, kind: string): boolean =>
  owner.kind === kind && (groupOf(owner) === 'apps' || groupOf(owner) === 'extensions');

function cachedScale(
  caches: Informers,
  owner: OwnerReference,
  namespace: string | undefined,
): Found | undefined {
  const key = keyFor(namespace, owner.name);
  if (owner.kind === 'ReplicationController' && groupOf(owner) === '')
    return foundAs(viewOf(caches, 'replicationcontrollers').objects.get(key), owner);
  if (isWorkload(owner, 'StatefulSet'))
    return foundAs(viewOf(caches, 'statefulsets').objects.get(key), owner);
  if (!isWorkload(owner, 'ReplicaSet')) return undefined;
  const set = viewOf(caches, 'replicasets').objects.get(key);
  if (set?.metadata.uid !== owner.uid) return undefined;
  const above = controllerOf(set);
  if (above?.kind !== 'Deployment') return foundAs(set, owner);
  const deployments = viewOf(caches, 'deployments').objects;
  return isWorkload(above, 'Deployment')
    ? foundAs(deployments.get(keyFor(namespace, above.name)), above)
    : undefined;
}

const foundAs = (
  object:
    (ApiObject & { readonly spec?: { readonly replicas?: number | undefined } | undefined }) | undefined,
  { uid }: OwnerReference,
): Found | undefined =>
  object?.metadata.uid === uid ? { uid, replicas: object.spec?.replicas ?? 1 } : undefined;

/** Undefined: there is no such controller. */
function* askedScale<Memory>(
  owner: OwnerReference,
  namespace: string | undefined,
  mapper: Mapper,
): Step<number | { readonly error: string } | undefined, Memory> {
  const resource = mapper(owner);
  if (resource === undefined)
    return { error: `no matches for kind "${owner.kind}" in version "${owner.apiVersion}"` };
  const request: GetRequest = { ...get(resource, namespace, owner.name), subresource: 'scale' };
  const [answer] = (yield { requests: [request] }).answers;
  if (refused(answer, 'NotFound')) return undefined;
  if (answer?.ok !== true) return { error: messageOf(answer) };
  const scale = answer.object as (ApiObject & { spec?: { replicas?: number } }) | undefined;
  return scale?.metadata.uid === owner.uid ? (scale.spec?.replicas ?? 0) : undefined;
}
