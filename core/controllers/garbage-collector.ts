/**
 * Deletes objects whose owners are gone (kubernetes v1.34.1 pkg/controller/garbagecollector). The graph of owners is the
 * caches' own index: an object's dependents are found by its uid.
 */
import { keyFor, keyOf, splitKey, type ApiObject, type ObjectKey, type Resource } from '../api/object.ts';
import type { OwnerReference } from '../api/generated/types.ts';
import { customKindOf, customKindsOf } from '../api/custom/kinds.ts';
import { resourceOfKind, resources, type ResourceInfo } from '../api/kinds.ts';
import type { DeleteRequest } from '../api/request.ts';
import { informerNamed, type Delta, type Informers } from '../client/informer.ts';
import type { View } from '../api/view.ts';
import { OrderedMap } from '../collections/ordered-map.ts';
import { patchOwners } from './claim.ts';
import {
  done,
  failed,
  refused,
  type Ask,
  type Context,
  type Controller,
  type Effects,
  type Outcome,
  type Reply,
  type Sync,
} from './controller.ts';
import { podChange } from './pod-interest.ts';
import { get, patch } from './requests.ts';

/**
 * Owners known to be gone, and when in order they were learnt of: no need to ask the apiserver for them. They are kept by
 * all that a reference says and the namespace it was said in: one that is not where one reference looks for it may be where
 * another does.
 */
interface Absent {
  readonly at: OrderedMap<string, number>;
  readonly inOrder: OrderedMap<number, string>;
  readonly next: number;
}

type Step<T> = Generator<Ask<Absent>, T, Reply>;

/** The size of the absentOwnerCache (garbagecollector.go). */
const mostAbsent = 500;

const foreground = 'foregroundDeletion';
const orphan = 'orphan';

/** Events are never looked at, Nodes have no owners, and Leases are renewed too often to be looked at each time. */
const ownerless: ReadonlySet<string> = new Set(['events', 'leases', 'nodes']);

/** Whatever else can be deleted. */
const monitored = resources.map(({ resource }) => resource).filter((resource) => !ownerless.has(resource));

export const garbageCollector: Controller<Absent> = {
  name: 'generic-garbage-collector',
  component: 'garbage-collector-controller',
  workers: 20,
  // cmd/kube-controller-manager/app/core.go: each deletion takes two requests.
  pace: { qps: 2, burst: 1 },
  follows: [...monitored, 'nodes'],
  pods: { when: podChange.deleted | podChange.ending | podChange.owners },
  followsCustom: true,
  initial: { at: OrderedMap.empty(), inOrder: OrderedMap.empty(), next: 0 },
  handle,
  sync,
};

/** `resource namespace/name`; an owner whose dependents are to be orphaned has `orphan` before it. */
const itemKey = (resource: Resource, key: ObjectKey): string => `${resource} ${key}`;

/** The objects of a resource that is known; a custom one may have ceased to be served. */
const objectsOf = (caches: Informers, resource: Resource): View['objects'] | undefined =>
  informerNamed(caches, resource)?.view.objects;

function handle(
  { caches, memory }: Context<Absent>,
  { stream, type, key, object, before }: Delta,
): Effects<Absent> | undefined {
  const { metadata } = object;
  if (type === 'deleted') {
    const dependents = dependentsOf(caches, metadata.uid).map(({ resource, object: dependent }) =>
      itemKey(resource, keyOf(dependent)),
    );
    const mark = [...dependents, ...waitingOwners(caches, object)];
    if (dependents.length > 0)
      return {
        mark,
        memory: remembered(memory, identityOf(object.apiVersion, object.kind, key, metadata.uid)),
      };
    return mark.length === 0 ? undefined : { mark };
  }
  const sameOwners = before !== undefined && before.metadata.ownerReferences === metadata.ownerReferences;
  const ending = metadata.deletionTimestamp !== undefined && metadata.finalizers !== undefined;
  if (sameOwners && !ending) return undefined;
  const mark: string[] = [];
  if (ending && metadata.finalizers?.includes(foreground) === true)
    mark.push(itemKey(stream, key), ...itemsBelow(caches, metadata.uid));
  if (ending && metadata.finalizers?.includes(orphan) === true)
    mark.push(itemKey(orphan, itemKey(stream, key)));
  if (
    !sameOwners &&
    metadata.ownerReferences?.some((owner) => isMissing(caches, metadata.namespace, owner)) === true
  )
    mark.push(itemKey(stream, key));
  // An object that begins to go, or has changed owners, may be the last that its owner waits for.
  if (!sameOwners && before !== undefined) mark.push(...waitingOwners(caches, before));
  return mark.length === 0 ? undefined : { mark };
}

const identityOf = (apiVersion: string, kind: string, key: ObjectKey, uid: string): string =>
  `${apiVersion} ${kind} ${key} ${uid}`;

function remembered(memory: Absent, owner: string): Absent {
  if (memory.at.get(owner) !== undefined) return memory;
  let { at, inOrder } = memory;
  at = at.set(owner, memory.next);
  inOrder = inOrder.set(memory.next, owner);
  const oldest = inOrder.first();
  if (inOrder.size > mostAbsent && oldest !== undefined) {
    inOrder = inOrder.delete(oldest[0]);
    at = at.delete(oldest[1]);
  }
  return { at, inOrder, next: memory.next + 1 };
}

interface Item {
  readonly resource: Resource;
  readonly object: ApiObject;
}

function dependentsOf(caches: Informers, uid: string): readonly Item[] {
  const found: Item[] = [];
  for (const { resource, view } of caches.list) {
    if (view.objects.size === 0 || ownerless.has(resource)) continue;
    for (const index of ['controller', 'owner'])
      for (const object of view.objects.valuesOf(index, uid)) found.push({ resource, object });
  }
  return found;
}

const itemsBelow = (caches: Informers, uid: string): readonly string[] =>
  dependentsOf(caches, uid).map(({ resource, object }) => itemKey(resource, keyOf(object)));

/** Owners that are being deleted and wait for what they own. */
function waitingOwners(caches: Informers, { metadata }: ApiObject): readonly string[] {
  const found: string[] = [];
  for (const owner of metadata.ownerReferences ?? []) {
    const at = ownerAt(caches, metadata.namespace, owner);
    if (at?.object.metadata.uid === owner.uid && isWaiting(at.object))
      found.push(itemKey(at.resource, keyOf(at.object)));
  }
  return found;
}

const isWaiting = ({ metadata }: ApiObject): boolean =>
  metadata.deletionTimestamp !== undefined && metadata.finalizers?.includes(foreground) === true;

/** The kind that a reference names: one of Kubernetes' own, or a custom one that is defined. */
function kindOf(caches: Informers, owner: OwnerReference): ResourceInfo | undefined {
  const builtIn = resourceOfKind(owner.apiVersion, owner.kind);
  if (builtIn !== undefined) return builtIn;
  const definitions = informerNamed(caches, 'customresourcedefinitions')?.view;
  return definitions === undefined
    ? undefined
    : customKindOf(customKindsOf([...definitions.objects.objects.values()]), owner);
}

function ownerAt(caches: Informers, namespace: string | undefined, owner: OwnerReference): Item | undefined {
  const info = kindOf(caches, owner);
  if (info === undefined) return undefined;
  const object = objectsOf(caches, info.resource)?.get(ownerKey(info, namespace, owner));
  return object === undefined ? undefined : { resource: info.resource, object };
}

const ownerKey = (info: ResourceInfo, namespace: string | undefined, owner: OwnerReference): ObjectKey =>
  keyFor(info.namespaced ? namespace : undefined, owner.name);

/** The cache does not know the owner: it may be gone, or not be here yet. An owner of an unknown kind is taken as there. */
function isMissing(caches: Informers, namespace: string | undefined, owner: OwnerReference): boolean {
  const info = kindOf(caches, owner);
  const objects = info === undefined ? undefined : objectsOf(caches, info.resource);
  if (info === undefined || objects === undefined) return false;
  return objects.get(ownerKey(info, namespace, owner))?.metadata.uid !== owner.uid;
}

function* sync(context: Context<Absent>, item: string): Sync<Absent> {
  const [resource = '', key = '', rest] = item.split(' ');
  if (rest !== undefined) return yield* orphanDependents(context, key, rest);
  const cached = objectsOf(context.caches, resource)?.get(key);
  if (cached === undefined) return done;
  const { namespace, name } = splitKey(key);
  const [answer] = (yield { requests: [get(resource, namespace, name)] }).answers;
  if (answer?.ok !== true) return refused(answer, 'NotFound') ? done : failed;
  const object = answer.object;
  if (object === undefined || object.metadata.uid !== cached.metadata.uid) return done;
  if (isWaiting(object)) return yield* finishForeground(context, resource, object);
  if (object.metadata.deletionTimestamp !== undefined) return done;
  return yield* collect(context, resource, object);
}

/** attemptToDeleteItem: what becomes of an object depends on how many of its owners are there, gone, or waiting for it. */
function* collect(
  { caches, memory }: Context<Absent>,
  resource: Resource,
  object: ApiObject,
): Step<Outcome<Absent>> {
  const owners = object.metadata.ownerReferences ?? [];
  if (owners.length === 0) return done;
  const solid: OwnerReference[] = [];
  let [gone, waiting] = [0, 0];
  let learnt: readonly string[] = [];
  for (const owner of owners) {
    const fate = yield* fateOf(caches, memory, object, owner);
    if (fate === 'unknown') return failed;
    // Nobody could say what is meant, and it will not become better: the object is left alone.
    if (fate === 'invalid') return { remember: (known) => learnt.reduce(remembered, known) };
    if (fate === 'there') solid.push(owner);
    else if (fate === 'waiting') waiting++;
    else {
      gone++;
      learnt = [...learnt, fate.gone];
    }
  }
  const remember = (known: Absent): Absent => learnt.reduce(remembered, known);
  if (solid.length > 0) {
    if (gone + waiting === 0) return done;
    const [answer] = (yield { requests: [patchOwners(resource, object, solid)], remember }).answers;
    return answer?.ok === true || refused(answer, 'NotFound') ? done : failed;
  }
  const hasDependents = dependentsOf(caches, object.metadata.uid).length > 0;
  const [answer] = (yield { requests: [deleteOf(resource, object, waiting > 0 && hasDependents)], remember })
    .answers;
  return answer?.ok === true || refused(answer, 'NotFound') ? done : failed;
}

function* fateOf(
  caches: Informers,
  memory: Absent,
  object: ApiObject,
  owner: OwnerReference,
): Step<'there' | 'waiting' | 'unknown' | 'invalid' | { readonly gone: string }> {
  const info = kindOf(caches, owner);
  if (info === undefined) return 'there';
  // An object of no namespace with an owner of some namespace (namespacedOwnerOfClusterScopedObjectErr).
  if (info.namespaced && object.metadata.namespace === undefined) return 'invalid';
  const key = ownerKey(info, object.metadata.namespace, owner);
  const gone = { gone: identityOf(owner.apiVersion, owner.kind, key, owner.uid) };
  if (memory.at.get(gone.gone) !== undefined) return gone;
  const { namespace, name } = splitKey(key);
  const [answer] = (yield { requests: [get(info.resource, namespace, name)] }).answers;
  if (answer?.ok !== true) return refused(answer, 'NotFound') ? gone : 'unknown';
  if (answer.object?.metadata.uid !== owner.uid) return gone;
  return isWaiting(answer.object) ? 'waiting' : 'there';
}

/** Finalizers on the object choose how its own dependents fare; else they are deleted in the background. */
function deleteOf(resource: Resource, object: ApiObject, waitForDependents: boolean): DeleteRequest {
  const { namespace, name, uid, finalizers = [] } = object.metadata;
  const propagationPolicy = finalizers.includes(orphan)
    ? 'Orphan'
    : waitForDependents || finalizers.includes(foreground)
      ? 'Foreground'
      : 'Background';
  return { verb: 'delete', resource, namespace, name, preconditions: { uid }, propagationPolicy };
}

/** An object that waits for its dependents goes when none blocks it any more (processDeletingDependentsItem). */
function* finishForeground(
  { caches }: Context<Absent>,
  resource: Resource,
  object: ApiObject,
): Step<Outcome<Absent>> {
  const { uid } = object.metadata;
  const blocking = dependentsOf(caches, uid).filter(({ object: { metadata } }) =>
    (metadata.ownerReferences ?? []).some((owner) => owner.uid === uid && owner.blockOwnerDeletion === true),
  );
  // Each of them marks the owner again when it is gone.
  if (blocking.length > 0) return done;
  return yield* withoutFinalizer(resource, object, foreground);
}

function* orphanDependents(
  { caches }: Context<Absent>,
  resource: Resource,
  key: ObjectKey,
): Step<Outcome<Absent>> {
  const cached = objectsOf(caches, resource)?.get(key);
  if (cached === undefined) return done;
  const { uid } = cached.metadata;
  const dependents = dependentsOf(caches, uid);
  if (dependents.length > 0) {
    const { answers } = yield {
      requests: dependents.map(({ resource: kind, object }) =>
        patchOwners(
          kind,
          object,
          (object.metadata.ownerReferences ?? []).filter((owner) => owner.uid !== uid),
        ),
      ),
    };
    if (answers.some((answer) => !answer.ok && answer.code !== 404)) return failed;
  }
  return yield* withoutFinalizer(resource, cached, orphan);
}

/** Reads the object anew and takes a finalizer off; a conflict means that it must be read again. */
function* withoutFinalizer(
  resource: Resource,
  { metadata }: ApiObject,
  finalizer: string,
): Step<Outcome<Absent>> {
  const [fresh] = (yield { requests: [get(resource, metadata.namespace, metadata.name)] }).answers;
  if (fresh?.ok !== true || fresh.object === undefined) return refused(fresh, 'NotFound') ? done : failed;
  const { finalizers = [], resourceVersion, uid } = fresh.object.metadata;
  if (uid !== metadata.uid || !finalizers.includes(finalizer)) return done;
  const left = finalizers.filter((other) => other !== finalizer);
  const change = { metadata: { resourceVersion, finalizers: left.length === 0 ? null : left } };
  const [answer] = (yield { requests: [patch(resource, fresh.object, change)] }).answers;
  return answer?.ok === true || refused(answer, 'NotFound') ? done : failed;
}
