/**
 * Keeps as many Pods as a ReplicaSet (or a ReplicationController) wants: find it, claim its Pods, create or delete the
 * difference, write its status. (kubernetes v1.34.1 pkg/controller/replicaset/replica_set.go)
 */
import { controllerOf, keyFor, keyOf, splitKey, type ObjectKey } from '../api/object.ts';
import type { Pod } from '../api/generated/types.ts';
import { isPodActive } from '../api/pod.ts';
import type { ApiAnswer, ApiRequest } from '../api/request.ts';
import { matchesLabels } from '../api/selector.ts';
import { objectsIn } from '../api/view.ts';
import {
  creationObserved,
  deleteExpectations,
  deletionObserved,
  expectCreations,
  expectDeletions,
  newExpectations,
  satisfied,
  type Expectations,
} from '../client/expectations.ts';
import { viewOf, type Delta, type Informers } from '../client/informer.ts';
import type { VirtualTime } from '../time/time.ts';
import { claim, orphansFor } from './claim.ts';
import {
  failed,
  messageOf,
  namespaceTerminating,
  refused,
  type Ask,
  type Context,
  type Controller,
  type Effects,
  type Reply,
  type Sync,
} from './controller.ts';
import { inDeletionOrder } from './deletion-order.ts';
import {
  countOrphan,
  countPod,
  noOrphans,
  noOwnedPods,
  sameLabels,
  type LabelledPods,
  type OrphanCounts,
  type OwnedPods,
} from './owned-pods.ts';
import { podNews } from './pod-control.ts';
import { ownerAt, ownerReferenceTo, setAt, type ReplicaKind, type ReplicatingSet } from './replica-kind.ts';
import { create, remove } from './requests.ts';
import {
  countOf,
  nextAvailabilityCheck,
  sameStatus,
  statusOf,
  writeStatus,
  type Replicas,
  type Trouble,
} from './replica-status.ts';
import { slowStartBatch, slowStartInitialBatchSize } from './slow-start.ts';

export interface ReplicaMemory {
  readonly expectations: Expectations;
  readonly owned: OwnedPods;
  readonly orphans: OrphanCounts;
}

/** At most so many Pods are created or deleted by one sync. */
const burstReplicas = 500;

type Step<T> = Generator<Ask<ReplicaMemory>, T, Reply>;

export const replicaController = (kind: ReplicaKind): Controller<ReplicaMemory> => ({
  name: kind.controller,
  component: kind.controller,
  workers: 5,
  follows: [kind.resource, 'pods'],
  pods: { of: kind.kind },
  initial: { expectations: newExpectations(), owned: noOwnedPods, orphans: noOrphans },
  handle: (context, delta) => (delta.stream === 'pods' ? onPod(kind, context, delta) : onSet(context, delta)),
  answered: (context, key, request, answer) => onAnswer(kind, context, key, request, answer),
  sync: (context, key) => sync(kind, context, key),
});

function onSet({ memory }: Context<ReplicaMemory>, delta: Delta): Effects<ReplicaMemory> {
  // After a relist a set that was made anew under its name is told as an update: nothing is expected of the new one.
  const isAnother = delta.before !== undefined && delta.before.metadata.uid !== delta.object.metadata.uid;
  if (delta.type !== 'deleted' && !isAnother) return { mark: [delta.key] };
  return {
    mark: [delta.key],
    memory: { ...memory, expectations: deleteExpectations(memory.expectations, delta.key) },
  };
}

function onPod(
  kind: ReplicaKind,
  context: Context<ReplicaMemory>,
  delta: Delta,
): Effects<ReplicaMemory> | undefined {
  const pod = delta.object as Pod;
  const before = delta.before as Pod | undefined;
  const { memory } = context;
  const owner = controllerOf(pod);
  const ownerBefore = before === undefined ? undefined : controllerOf(before);
  const after = delta.type === 'deleted' ? undefined : pod;
  const orphans = countOrphan(memory.orphans, before, after);
  if (owner !== undefined && owner.kind !== kind.kind && ownerBefore?.kind !== kind.kind)
    return orphans === memory.orphans ? undefined : { memory: { ...memory, orphans } };

  const gone = after === undefined || pod.metadata.deletionTimestamp !== undefined;
  const owned = countPod(memory.owned, before, after);
  const { namespace } = pod.metadata;
  const mark: string[] = [];
  let { expectations } = memory;
  if (owner?.kind === kind.kind && owner.apiVersion === kind.apiVersion) {
    const key = keyFor(namespace, owner.name);
    if (setAt(kind, context.caches, key)?.metadata.uid === owner.uid) {
      mark.push(key);
      if (gone) expectations = deletionObserved(expectations, key, delta.key);
      else if (before === undefined) expectations = creationObserved(expectations, key);
    }
  }
  if (ownerBefore !== undefined && ownerBefore.uid !== owner?.uid) {
    const left = ownerAt(kind, context.caches, namespace, ownerBefore);
    if (left !== undefined) mark.push(keyOf(left));
  }
  if (owner === undefined && !gone && isNewOrphan(before, pod)) mark.push(...suitors(kind, context, pod));
  if (owned === memory.owned && expectations === memory.expectations && orphans === memory.orphans)
    return mark.length === 0 ? undefined : { mark };
  return { mark, memory: { expectations, owned, orphans } };
}

const isNewOrphan = (before: Pod | undefined, pod: Pod): boolean =>
  before === undefined ||
  controllerOf(before) !== undefined ||
  !sameLabels(before.metadata.labels ?? {}, pod.metadata.labels ?? {});

/** The sets that would adopt a Pod without a controller. */
function suitors(kind: ReplicaKind, context: Context<ReplicaMemory>, pod: Pod): readonly ObjectKey[] {
  if (pod.metadata.labels === undefined) return [];
  const found: ObjectKey[] = [];
  for (const set of objectsIn(viewOf(context.caches, kind.resource), pod.metadata.namespace)) {
    const selector = kind.selectorOf(set);
    if (selector.length > 0 && matchesLabels(selector, pod.metadata.labels)) found.push(keyOf(set));
  }
  return found;
}

/** Events are recorded as each answer comes; a deletion that failed will never be seen. */
function onAnswer(
  kind: ReplicaKind,
  { caches, memory }: Context<ReplicaMemory>,
  key: ObjectKey,
  request: ApiRequest,
  answer: ApiAnswer,
): Effects<ReplicaMemory> | undefined {
  if (request.resource !== 'pods' || (request.verb !== 'create' && request.verb !== 'delete'))
    return undefined;
  const set = setAt(kind, caches, key);
  const heard = set === undefined ? [] : podNews(set, request, answer);
  if (request.verb === 'create' || answer.ok) return heard.length === 0 ? undefined : { news: heard };
  const podKey = `${request.namespace ?? ''}/${request.name}`;
  const expectations = deletionObserved(memory.expectations, key, podKey);
  return { memory: { ...memory, expectations }, news: heard };
}

function* sync(kind: ReplicaKind, context: Context<ReplicaMemory>, key: ObjectKey): Sync<ReplicaMemory> {
  const set = setAt(kind, context.caches, key);
  if (set === undefined)
    return {
      remember: (memory) => ({ ...memory, expectations: deleteExpectations(memory.expectations, key) }),
    };
  const settled = satisfied(context.memory.expectations, key, context.now);
  const replicas = countedPods(kind, context, set) ?? (yield* claimPods(kind, context, set));
  if (replicas === undefined) return failed;

  const missing = (set.spec.replicas ?? 1) - replicas.active;
  let trouble: Trouble | undefined;
  if (settled && set.metadata.deletionTimestamp === undefined) {
    if (missing > 0) trouble = yield* createPods(set, key, Math.min(missing, burstReplicas), context.now);
    if (missing < 0)
      trouble = yield* deletePods(kind, context, set, key, replicas, Math.min(-missing, burstReplicas));
  }
  const status = statusOf(set, replicas, trouble, context.now);
  const written = sameStatus(set.status, status) || (yield* writeStatus<ReplicaMemory>(kind, set, status));
  if (!written || trouble !== undefined) return failed;
  const again = nextAvailabilityCheck(set, status, replicas, context.now);
  return again === undefined ? {} : { again };
}

/**
 * The set's Pods, where the counts say that they are just those with its ownerReference, which is almost always: none of
 * its own has left the selector, and there is no other that it might adopt. No Pod is looked at.
 */
function countedPods(
  kind: ReplicaKind,
  { caches, memory, now }: Context<ReplicaMemory>,
  set: ReplicatingSet,
): Replicas | undefined {
  const groups = memory.owned.get(set.metadata.uid) ?? noGroups;
  const selector = kind.selectorOf(set);
  for (const group of groups) if (!matchesLabels(selector, group.labels)) return undefined;
  if (orphansOf(kind, caches, memory, set).length > 0) return undefined;
  return countOf(set, groups, () => ownPods(caches, set), now);
}

const noGroups: readonly LabelledPods[] = [];
const noPods: readonly Pod[] = [];

function orphansOf(
  kind: ReplicaKind,
  caches: Informers,
  { owned, orphans }: ReplicaMemory,
  set: ReplicatingSet,
): readonly Pod[] {
  const { namespace, uid } = set.metadata;
  if (orphans.size === 0 || orphans.get(namespace ?? '') === undefined) return noPods;
  const total = (owned.get(uid) ?? noGroups).reduce((sum, group) => sum + group.total, 0);
  return orphansFor(viewOf(caches, 'pods'), namespace, kind.selectorOf(set), total).filter(isPodActive);
}

const ownPods = (caches: Informers, { metadata }: ReplicatingSet): readonly Pod[] =>
  [...viewOf(caches, 'pods').objects.valuesOf('controller', metadata.uid)].filter(isPodActive);

/** The set's Pods after those that match have been adopted, and those that do not have been released. */
function* claimPods(
  kind: ReplicaKind,
  { caches, memory, now }: Context<ReplicaMemory>,
  set: ReplicatingSet,
): Step<Replicas | undefined> {
  const claimed = yield* claim<Pod, ReplicaMemory>(
    { object: set, resource: kind.resource, selector: kind.selectorOf(set) },
    'pods',
    [...ownPods(caches, set), ...orphansOf(kind, caches, memory, set)],
  );
  if (claimed === undefined) return undefined;
  const groups = claimed.reduce<OwnedPods>(
    (counts, pod) => countPod(counts, undefined, ownedBy(set, pod)),
    noOwnedPods,
  );
  return countOf(set, groups.get(set.metadata.uid) ?? noGroups, () => claimed, now);
}

/** The Pod as it is once adopted, which the cache does not know yet. */
const ownedBy = (set: ReplicatingSet, pod: Pod): Pod =>
  controllerOf(pod) !== undefined
    ? pod
    : { ...pod, metadata: { ...pod.metadata, ownerReferences: [ownerReferenceTo(set)] } };

/** A Pod of the set's template, to be named by the apiserver. */
function podOf(set: ReplicatingSet): ApiRequest {
  const { metadata, spec } = set.spec.template ?? {};
  return create('pods', {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      generateName: `${set.metadata.name}-`,
      namespace: set.metadata.namespace,
      labels: metadata?.labels,
      annotations: metadata?.annotations,
      finalizers: metadata?.finalizers,
      ownerReferences: [ownerReferenceTo(set)],
    },
    spec,
  });
}

/** Creates Pods of the set's template, slowly at first; those that were not tried are no longer expected. */
function* createPods(
  set: ReplicatingSet,
  key: ObjectKey,
  count: number,
  now: VirtualTime,
): Step<Trouble | undefined> {
  const request = podOf(set);
  const { successes, error } = yield* slowStartBatch(
    count,
    slowStartInitialBatchSize,
    function* (from, size): Step<readonly ApiAnswer[]> {
      const requests = new Array<ApiRequest>(size).fill(request);
      const remember = (memory: ReplicaMemory): ReplicaMemory => ({
        ...memory,
        expectations: expectCreations(memory.expectations, key, count, now),
      });
      const { answers } = yield from === 0 ? { requests, remember } : { requests };
      return answers.filter((answer) => !answer.ok && !namespaceTerminating(answer));
    },
  );
  if (error === undefined) return undefined;
  const skipped = count - successes;
  yield {
    requests: [],
    remember: (memory) => ({ ...memory, expectations: creationObserved(memory.expectations, key, skipped) }),
  };
  return { reason: 'FailedCreate', message: messageOf(error) };
}

function* deletePods(
  kind: ReplicaKind,
  context: Context<ReplicaMemory>,
  set: ReplicatingSet,
  key: ObjectKey,
  replicas: Replicas,
  count: number,
): Step<Trouble | undefined> {
  const pods = replicas.pods();
  const chosen =
    count < pods.length
      ? inDeletionOrder(pods, related(kind, context, set), context.now).slice(0, count)
      : pods;
  const { answers } = yield {
    requests: chosen.map((pod) => remove('pods', pod)),
    remember: (memory) => ({
      ...memory,
      expectations: expectDeletions(memory.expectations, key, chosen.map(keyOf), context.now),
    }),
  };
  const error = answers.find((answer) => !answer.ok && !refused(answer, 'NotFound'));
  return error === undefined ? undefined : { reason: 'FailedDelete', message: messageOf(error) };
}

/** The Pods of every set with the same owner; none for a set that nobody owns. */
function related(kind: ReplicaKind, context: Context<ReplicaMemory>, set: ReplicatingSet): readonly Pod[] {
  const owner = controllerOf(set);
  if (owner === undefined) return [];
  const pods = viewOf(context.caches, 'pods');
  const found: Pod[] = [];
  for (const sibling of viewOf(context.caches, kind.resource).objects.keysOf('controller', owner.uid)) {
    const uid = setAt(kind, context.caches, sibling)?.metadata.uid;
    if (uid !== undefined && splitKey(sibling).namespace === set.metadata.namespace)
      for (const pod of pods.objects.valuesOf('controller', uid)) found.push(pod);
  }
  return found;
}
