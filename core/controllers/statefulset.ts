/**
 * Keeps the numbered Pods of a StatefulSet: each with its name, its claims and its revision
 * (kubernetes v1.34.1 pkg/controller/statefulset).
 */
import { controllerOf, keyFor, keyOf, type ObjectKey } from '../api/object.ts';
import { isPodReady } from '../api/pod.ts';
import type { OwnerReference, Pod, StatefulSet } from '../api/generated/types.ts';
import { matchesLabels, requirementsOf } from '../api/selector.ts';
import { objectsIn } from '../api/view.ts';
import { viewOf, type Delta, type Informers } from '../client/informer.ts';
import { second } from '../time/time.ts';
import { claim, orphansFor } from './claim.ts';
import {
  done,
  failed,
  refused,
  type Context,
  type Controller,
  type Effects,
  type Sync,
} from './controller.ts';
import { updateStatus } from './requests.ts';
import { slowStartBatch, slowStartInitialBatchSize } from './slow-start.ts';
import { deletePod, enact, releaseClaims, type Work } from './statefulset/enact.ts';
import { claimRevisions, forgetHistory, reviseHistory, type Step } from './statefulset/history.ts';
import { ordinalOf, planPods, wantedReplicas, type Plan, type StatefulSetGates } from './statefulset/plan.ts';
import { isChanged, statusOf } from './statefulset/status.ts';
import { together } from './together.ts';

/** With Parallel at most so many Pods are worked on at once. */
const maxBatchSize = 500;

export const statefulSets = (gates: StatefulSetGates): Controller<undefined> => ({
  name: 'statefulset-controller',
  component: 'statefulset-controller',
  workers: 5,
  follows: ['statefulsets', 'pods', 'controllerrevisions', 'persistentvolumeclaims'],
  pods: { of: 'StatefulSet' },
  initial: undefined,
  handle,
  sync: (context, key) => sync(gates, context, key),
});

/** As it is without any feature gate set: those of 1.34. */
export const statefulSetController = statefulSets({ maxUnavailableStatefulSet: false });

function handle(context: Context<undefined>, delta: Delta): Effects<undefined> | undefined {
  if (delta.stream === 'statefulsets') return { mark: [delta.key] };
  return delta.stream === 'pods' ? onPod(context, delta) : undefined;
}

function onPod(
  { caches }: Context<undefined>,
  { object, before, type }: Delta,
): Effects<undefined> | undefined {
  const owner = controllerOf(object);
  const ownerBefore = before === undefined ? undefined : controllerOf(before);
  const left = ownerBefore?.kind === 'StatefulSet' && ownerBefore.uid !== owner?.uid;
  if (owner !== undefined && owner.kind !== 'StatefulSet' && !left) return undefined;
  const { namespace } = object.metadata;
  const sets = viewOf(caches, 'statefulsets').objects;
  const mark: string[] = left ? [...ownerKey(caches, namespace, ownerBefore)] : [];
  if (owner?.kind === 'StatefulSet') mark.push(...ownerKey(caches, namespace, owner));
  const isNewOrphan =
    owner === undefined &&
    type !== 'deleted' &&
    (before === undefined || left || before.metadata.labels !== object.metadata.labels);
  if (isNewOrphan && sets.size > 0)
    for (const set of objectsIn(viewOf(caches, 'statefulsets'), namespace))
      if (matchesLabels(requirementsOf(set.spec.selector), object.metadata.labels)) mark.push(keyOf(set));
  if (mark.length === 0) return undefined;
  const [key] = mark;
  const minReadySeconds = key === undefined ? 0 : (sets.get(key)?.spec.minReadySeconds ?? 0);
  const becameReady = before !== undefined && !isPodReady(before as Pod) && isPodReady(object as Pod);
  if (owner === undefined || !becameReady || minReadySeconds === 0) return { mark };
  // A second more, for the time in the condition has no fractions.
  return { mark, markAfter: { keys: mark, delay: (minReadySeconds + 1) * second } };
}

function ownerKey(
  caches: Informers,
  namespace: string | undefined,
  owner: OwnerReference,
): readonly ObjectKey[] {
  const key = keyFor(namespace, owner.name);
  return viewOf(caches, 'statefulsets').objects.get(key)?.metadata.uid === owner.uid ? [key] : [];
}

function* sync(
  gates: StatefulSetGates,
  { caches, now }: Context<undefined>,
  key: ObjectKey,
): Sync<undefined> {
  const set = viewOf(caches, 'statefulsets').objects.get(key);
  if (set === undefined) return done;
  const known = yield* claimRevisions(caches, set);
  const pods = known === undefined ? undefined : yield* claimPods(caches, set);
  if (known === undefined || pods === undefined) return failed;
  const history = yield* reviseHistory(set, known);
  if (history === undefined) return failed;
  const { revisions, collisionCount } = history;
  const plan = planPods(set, pods, revisions, gates, now);
  const { ok, updating } = yield* carryOut({ set, caches, history }, plan);
  const status = statusOf(set, pods, { revisions, collisionCount, updating }, now);
  let written = true;
  if (isChanged(set, status)) {
    const { answers } = yield { requests: [updateStatus('statefulsets', { ...set, status })] };
    written = answers[0]?.ok === true;
  }
  const forgotten = yield* forgetHistory(set, pods, history);
  if (!ok || !written || !forgotten) return failed;
  const { minReadySeconds = 0 } = set.spec;
  return minReadySeconds > 0 && (status.availableReplicas ?? 0) !== wantedReplicas(set)
    ? { again: minReadySeconds * second }
    : done;
}

function* claimPods(caches: Informers, set: StatefulSet): Step<readonly Pod[] | undefined> {
  const view = viewOf(caches, 'pods');
  const selector = requirementsOf(set.spec.selector);
  const candidates = [...view.objects.valuesOf('controller', set.metadata.uid)];
  for (const pod of orphansFor(view, set.metadata.namespace, selector, candidates.length))
    if (ordinalOf(set, pod.metadata.name) >= 0) candidates.push(pod);
  return yield* claim<Pod, undefined>(
    { object: set, resource: 'statefulsets', selector },
    'pods',
    candidates,
  );
}

interface CarriedOut {
  readonly ok: boolean;
  /** Pods that were deleted to be updated. */
  readonly updating: number;
}

/** The parts of a plan one after the other; a failure ends it. */
function* carryOut(work: Work, plan: Plan): Step<CarriedOut> {
  const { slots, condemned, surplus, outdated } = plan;
  const stopped = { ok: false, updating: 0 };
  if (!(yield* forAll(work, slots, (step) => enact(work, step)))) return stopped;
  if (!(yield* forAll(work, condemned, (pod) => releaseClaims(work, pod)))) return stopped;
  if (!(yield* forAll(work, surplus, (pod) => deleteSurplus(work, pod)))) return stopped;
  let updating = 0;
  for (const pod of outdated) {
    const answer = yield* deletePod(work, pod);
    if (answer?.ok !== true && !refused(answer, 'NotFound')) return { ok: false, updating };
    updating++;
  }
  return { ok: true, updating };
}

function* deleteSurplus(work: Work, pod: Pod): Step<boolean> {
  return (yield* deletePod(work, pod))?.ok === true;
}

/** OrderedReady: one after the other. Parallel: in batches that grow. Answers whether all succeeded (runForAll). */
function* forAll<T>({ set }: Work, items: readonly T[], act: (item: T) => Step<boolean>): Step<boolean> {
  if (set.spec.podManagementPolicy !== 'Parallel') {
    for (const item of items) if (!(yield* act(item))) return false;
    return true;
  }
  const { error } = yield* slowStartBatch(
    items.length,
    slowStartInitialBatchSize,
    function* (from, size): Step<readonly boolean[]> {
      const results = yield* together(items.slice(from, from + size).map(act));
      return results.filter((ok) => !ok);
    },
    maxBatchSize,
  );
  return error === undefined;
}
