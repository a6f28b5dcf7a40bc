/**
 * Rolls out what a Deployment describes: one ReplicaSet for each template it has had, the newest growing and the others
 * shrinking within maxSurge and maxUnavailable. (kubernetes v1.34.1 pkg/controller/deployment)
 */
import { controllerOf, keyFor, keyOf, type ApiObject, type ObjectKey } from '../api/object.ts';
import type { Deployment, OwnerReference, ReplicaSet } from '../api/generated/types.ts';
import { same } from '../api/merge-patch.ts';
import { isTerminal } from '../api/pod.ts';
import { matchesLabels, requirementsOf } from '../api/selector.ts';
import { objectsIn } from '../api/view.ts';
import { viewOf, type Delta } from '../client/informer.ts';
import { OrderedMap } from '../collections/ordered-map.ts';
import { claim, objectsAt } from './claim.ts';
import {
  done,
  failed,
  type Context,
  type Controller,
  type Effects,
  type Outcome,
  type Sync,
} from './controller.ts';
import {
  active,
  annotation,
  availableOf,
  byCreation,
  byRevision,
  hasProgressDeadline,
  hasRevisionHistoryLimit,
  isRollingUpdate,
  maxUnavailable,
  newSize,
  sizeOf,
  totalAvailable,
  totalReplicas,
  totalSize,
  wantedReplicas,
} from './deployment-math.ts';
import {
  resize,
  sortOut,
  Stop,
  write,
  writeStatus,
  type Orphans,
  type Rollout,
  type Sorted,
  type Step,
} from './deployment-replicasets.ts';
import {
  condition,
  isComplete,
  progressing,
  rolloutStatusOf,
  statusOf,
  stuckCheckAfter,
  withCondition,
} from './deployment-status.ts';
import { scale } from './deployment-scale.ts';
import { remove } from './requests.ts';

export const deploymentController: Controller<Orphans> = {
  name: 'deployment-controller',
  component: 'deployment-controller',
  workers: 5,
  follows: ['deployments', 'replicasets', 'pods'],
  initial: OrderedMap.empty(),
  maxRetries: 15,
  handle,
  sync,
};

function handle(context: Context<Orphans>, delta: Delta): Effects<Orphans> | undefined {
  if (delta.stream === 'deployments') return { mark: [delta.key] };
  return delta.stream === 'replicasets' ? onReplicaSet(context, delta) : onPod(context, delta);
}

function onReplicaSet(
  context: Context<Orphans>,
  { key, object, before, type }: Delta,
): Effects<Orphans> | undefined {
  const owner = controllerOf(object);
  const ownerBefore = before === undefined ? undefined : controllerOf(before);
  const mark: string[] = [];
  if (ownerBefore !== undefined && ownerBefore.uid !== owner?.uid)
    mark.push(...ownerKeys(context, object, ownerBefore));
  if (owner !== undefined) mark.push(...ownerKeys(context, object, owner));
  else if (
    type !== 'deleted' &&
    (ownerBefore !== undefined || before?.metadata.labels !== object.metadata.labels)
  )
    for (const deployment of objectsIn(viewOf(context.caches, 'deployments'), object.metadata.namespace))
      if (matchesLabels(requirementsOf(deployment.spec.selector), object.metadata.labels))
        mark.push(keyOf(deployment));
  const orphans = context.memory;
  if (owner === undefined && type !== 'deleted') return { mark, memory: orphans.set(key, true) };
  return orphans.get(key) === undefined ? { mark } : { mark, memory: orphans.delete(key) };
}

function ownerKeys(
  context: Context<Orphans>,
  object: ApiObject,
  owner: OwnerReference,
): readonly ObjectKey[] {
  if (owner.kind !== 'Deployment') return [];
  const key = keyFor(object.metadata.namespace, owner.name);
  return viewOf(context.caches, 'deployments').objects.get(key)?.metadata.uid === owner.uid ? [key] : [];
}

/** Only Recreate waits for Pods: until the last of them is gone. */
function onPod(context: Context<Orphans>, { object, type }: Delta): Effects<Orphans> | undefined {
  if (type !== 'deleted') return undefined;
  const owner = controllerOf(object);
  if (owner?.kind !== 'ReplicaSet') return undefined;
  const set = viewOf(context.caches, 'replicasets').objects.get(
    keyFor(object.metadata.namespace, owner.name),
  );
  const above = set === undefined ? undefined : controllerOf(set);
  if (set === undefined || above === undefined) return undefined;
  const [key] = ownerKeys(context, set, above);
  const deployment = key === undefined ? undefined : viewOf(context.caches, 'deployments').objects.get(key);
  if (key === undefined || deployment?.spec.strategy?.type !== 'Recreate') return undefined;
  return viewOf(context.caches, 'pods').objects.countOf('controller', owner.uid) > 0
    ? undefined
    : { mark: [key] };
}

function* sync(context: Context<Orphans>, key: ObjectKey): Sync<Orphans> {
  const deployment = viewOf(context.caches, 'deployments').objects.get(key);
  if (deployment === undefined) return done;
  const sets = yield* claimReplicaSets(context, deployment);
  if (sets === undefined) return failed;
  const rollout: Rollout = { deployment, now: context.now, caches: context.caches, sets };
  try {
    return yield* roll(rollout);
  } catch (stop) {
    if (stop instanceof Stop) return stop.final ? done : failed;
    throw stop;
  }
}

function* claimReplicaSets(
  context: Context<Orphans>,
  deployment: Deployment,
): Step<readonly ReplicaSet[] | undefined> {
  const view = viewOf(context.caches, 'replicasets');
  const { uid, namespace = '' } = deployment.metadata;
  const owned = objectsAt(view, view.objects.keysOf('controller', uid));
  const orphans = objectsAt(view, context.memory.keys(`${namespace}/`, `${namespace}0`));
  const owner = {
    object: deployment,
    resource: 'deployments',
    selector: requirementsOf(deployment.spec.selector),
  };
  return yield* claim<ReplicaSet, Orphans>(owner, 'replicasets', [...owned, ...orphans]);
}

function* roll(rollout: Rollout): Step<Outcome<Orphans>> {
  if (rollout.deployment.metadata.deletionTimestamp !== undefined)
    return yield* statusOnly(rollout, yield* sortOut(rollout, false));
  yield* notePause(rollout);
  if (rollout.deployment.spec.paused === true || (yield* isScalingEvent(rollout)))
    return yield* scaleOnly(rollout);
  return isRollingUpdate(rollout.deployment) ? yield* rollingUpdate(rollout) : yield* recreate(rollout);
}

const all = ({ newSet, old }: Sorted): readonly ReplicaSet[] =>
  newSet === undefined ? old : [...old, newSet];

function* statusOnly(rollout: Rollout, sorted: Sorted): Step<Outcome<Orphans>> {
  const status = statusOf(rollout.deployment, all(sorted), sorted.newSet, rollout.now);
  if (!same(status, rollout.deployment.status)) yield* writeStatus(rollout, status);
  return done;
}

function* rolloutStatus(rollout: Rollout, sorted: Sorted): Step<Outcome<Orphans>> {
  const { deployment } = rollout;
  const status = rolloutStatusOf(deployment, all(sorted), sorted.newSet, rollout.now);
  if (!same(status, deployment.status)) {
    yield* writeStatus(rollout, status);
    return done;
  }
  const again = stuckCheckAfter(deployment, status, rollout.now);
  return again === undefined ? done : { again };
}

/** A paused Deployment says so, and its deadline rests (checkPausedConditions). */
function* notePause(rollout: Rollout): Step<void> {
  const { deployment } = rollout;
  const known = progressing(deployment.status);
  if (!hasProgressDeadline(deployment) || known?.reason === 'ProgressDeadlineExceeded') return;
  const paused = deployment.spec.paused === true;
  if (paused === (known?.reason === 'DeploymentPaused')) return;
  const next = paused
    ? condition(rollout.now, 'Progressing', 'Unknown', 'DeploymentPaused', 'Deployment is paused')
    : condition(rollout.now, 'Progressing', 'Unknown', 'DeploymentResumed', 'Deployment is resumed');
  yield* writeStatus(rollout, withCondition(deployment.status, next));
}

/** A ReplicaSet was last sized for another number of Pods than the Deployment wants now. */
function* isScalingEvent(rollout: Rollout): Step<boolean> {
  const sorted = yield* sortOut(rollout, false);
  const wanted = `${wantedReplicas(rollout.deployment)}`;
  return active(all(sorted)).some(
    ({ metadata }) => (metadata.annotations?.[annotation.desiredReplicas] ?? wanted) !== wanted,
  );
}

function* scaleOnly(rollout: Rollout): Step<Outcome<Orphans>> {
  const sorted = yield* sortOut(rollout, false);
  yield* scale(rollout, sorted);
  if (rollout.deployment.spec.paused === true) yield* cleanup(rollout, sorted.old);
  return yield* statusOnly(rollout, sorted);
}

function* rollingUpdate(rollout: Rollout): Step<Outcome<Orphans>> {
  const sorted = yield* sortOut(rollout, true);
  const { newSet, old } = sorted;
  if (newSet === undefined) return done;
  if (yield* growNew(rollout, newSet, all(sorted))) return yield* rolloutStatus(rollout, sorted);
  if (yield* shrinkOld(rollout, newSet, all(sorted), active(old)))
    return yield* rolloutStatus(rollout, sorted);
  if (isComplete(rollout.deployment, rollout.deployment.status)) yield* cleanup(rollout, old);
  return yield* rolloutStatus(rollout, sorted);
}

function* growNew(rollout: Rollout, newSet: ReplicaSet, sets: readonly ReplicaSet[]): Step<boolean> {
  const { deployment } = rollout;
  const wanted = wantedReplicas(deployment);
  if (sizeOf(newSet) === wanted) return false;
  const size = sizeOf(newSet) > wanted ? wanted : newSize(deployment, totalSize(sets), sizeOf(newSet));
  return size !== sizeOf(newSet) && (yield* resize(rollout, newSet, size)).scaled;
}

function* shrinkOld(
  rollout: Rollout,
  newSet: ReplicaSet,
  sets: readonly ReplicaSet[],
  old: readonly ReplicaSet[],
): Step<boolean> {
  if (totalSize(old) === 0) return false;
  const { deployment } = rollout;
  const minAvailable = wantedReplicas(deployment) - maxUnavailable(deployment);
  const newUnavailable = sizeOf(newSet) - availableOf(newSet);
  const mayGo = totalSize(sets) - minAvailable - newUnavailable;
  if (mayGo <= 0) return false;
  const afterCleanup = yield* shrinkUnhealthy(rollout, old, mayGo);
  const surplus = totalAvailable([...afterCleanup, newSet]) - minAvailable;
  const shrunk = yield* shrinkBy(rollout, afterCleanup, surplus);
  return shrunk || totalSize(afterCleanup) < totalSize(old);
}

/** Pods of old ReplicaSets that are not available go first: they are of no use to anyone. */
function* shrinkUnhealthy(
  rollout: Rollout,
  old: readonly ReplicaSet[],
  mayGo: number,
): Step<readonly ReplicaSet[]> {
  let left = mayGo;
  const after: ReplicaSet[] = [];
  for (const set of byCreation(old)) {
    const going = Math.min(left, sizeOf(set) - availableOf(set));
    if (going <= 0) after.push(set);
    else after.push((yield* resize(rollout, set, sizeOf(set) - going)).set);
    left -= Math.max(0, going);
  }
  return after;
}

function* shrinkBy(rollout: Rollout, old: readonly ReplicaSet[], surplus: number): Step<boolean> {
  let left = surplus;
  for (const set of byCreation(old)) {
    const going = Math.min(left, sizeOf(set));
    if (going <= 0) continue;
    yield* resize(rollout, set, sizeOf(set) - going);
    left -= going;
  }
  return left < surplus;
}

function* recreate(rollout: Rollout): Step<Outcome<Orphans>> {
  const before = yield* sortOut(rollout, false);
  const shrinking = active(before.old);
  for (const set of shrinking) yield* resize(rollout, set, 0);
  if (shrinking.length > 0 || oldPodsRun(rollout, before)) return yield* rolloutStatus(rollout, before);
  const sorted = before.newSet === undefined ? yield* sortOut(rollout, true) : before;
  const { newSet } = sorted;
  if (newSet !== undefined && sizeOf(newSet) !== wantedReplicas(rollout.deployment))
    yield* resize(rollout, newSet, wantedReplicas(rollout.deployment));
  else if (isComplete(rollout.deployment, rollout.deployment.status)) yield* cleanup(rollout, sorted.old);
  return yield* rolloutStatus(rollout, sorted);
}

function oldPodsRun({ caches }: Rollout, { old }: Sorted): boolean {
  if (totalReplicas(old) > 0) return true;
  const pods = viewOf(caches, 'pods');
  for (const set of old)
    for (const pod of pods.objects.valuesOf('controller', set.metadata.uid))
      if (!isTerminal(pod)) return true;
  return false;
}

/** Old ReplicaSets beyond revisionHistoryLimit are deleted, the oldest first, if they are empty. */
function* cleanup(rollout: Rollout, old: readonly ReplicaSet[]): Step<void> {
  const { deployment } = rollout;
  if (!hasRevisionHistoryLimit(deployment)) return;
  const alive = old.filter(({ metadata }) => metadata.deletionTimestamp === undefined);
  const surplus = alive.length - (deployment.spec.revisionHistoryLimit ?? 0);
  for (const set of byRevision(alive).slice(0, Math.max(0, surplus))) {
    const observed = (set.metadata.generation ?? 0) <= (set.status.observedGeneration ?? 0);
    if (set.status.replicas === 0 && sizeOf(set) === 0 && observed)
      yield* write(rollout, remove('replicasets', set));
  }
}
