/**
 * Rolls out what a Deployment describes: one ReplicaSet for each template it has had, the newest growing and the others
 * shrinking within maxSurge and maxUnavailable. (kubernetes v1.34.1 pkg/controller/deployment)
 */
import { controllerOf, keyFor, keyOf, type ApiObject, type ObjectKey } from '../api/object.ts';
import type { Deployment, OwnerReference, ReplicaSet } from '../api/generated/types.ts';
import { matchesLabels, requirementsOf } from '../api/selector.ts';
import { objectsIn } from '../api/view.ts';
import { viewOf, type Delta } from '../client/informer.ts';
import { OrderedMap } from '../collections/ordered-map.ts';
import { claim, claimedAlready, objectsAt } from './claim.ts';
import {
  done,
  failed,
  type Context,
  type Controller,
  type Effects,
  type Outcome,
  type Sync,
} from './controller.ts';
import { cleanup } from './deployment/cleanup.ts';
import {
  annotation,
  byCreation,
  hasProgressDeadline,
  isRollingUpdate,
  sizeOf,
  wantedReplicas,
  wholeNumber,
} from './deployment/math.ts';
import { recreate } from './deployment/recreate.ts';
import {
  sortedAlready,
  sortOut,
  Stop,
  writeStatus,
  type Orphans,
  type Rollout,
  type Step,
} from './deployment/replicasets.ts';
import { rollback, rollbackTo } from './deployment/rollback.ts';
import { rollingUpdate } from './deployment/rolling.ts';
import { scale } from './deployment/scale.ts';
import { condition, progressing, withCondition } from './deployment/status.ts';
import { all, statusOnly } from './deployment/write-status.ts';
import { podChange } from './pod-interest.ts';

export const deploymentController: Controller<Orphans> = {
  name: 'deployment-controller',
  component: 'deployment-controller',
  workers: 5,
  follows: ['deployments', 'replicasets', 'pods'],
  pods: { when: podChange.deleted },
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
  return hasPods(context, deployment) ? undefined : { mark: [key] };
}

function hasPods({ caches }: Context<Orphans>, deployment: Deployment): boolean {
  const sets = viewOf(caches, 'replicasets');
  const pods = viewOf(caches, 'pods');
  for (const set of sets.objects.valuesOf('controller', deployment.metadata.uid))
    if (pods.objects.countOf('controller', set.metadata.uid) > 0) return true;
  return false;
}

function* sync(context: Context<Orphans>, key: ObjectKey): Sync<Orphans> {
  const deployment = viewOf(context.caches, 'deployments').objects.get(key);
  if (deployment === undefined) return done;
  const sets = yield* claimReplicaSets(context, deployment);
  if (sets === undefined) return failed;
  const rollout: Rollout = { deployment, now: context.now, caches: context.caches, sets: byCreation(sets) };
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
  const candidates = [...view.objects.valuesOf('controller', uid)];
  if (context.memory.size > 0)
    candidates.push(...objectsAt(view, context.memory.keys(`${namespace}/`, `${namespace}0`)));
  const owner = {
    object: deployment,
    resource: 'deployments',
    selector: requirementsOf(deployment.spec.selector),
  };
  return (
    claimedAlready(owner, candidates) ?? (yield* claim<ReplicaSet, Orphans>(owner, 'replicasets', candidates))
  );
}

function* roll(rollout: Rollout): Step<Outcome<Orphans>> {
  if (rollout.deployment.metadata.deletionTimestamp !== undefined)
    return yield* statusOnly(rollout, yield* sortOut(rollout, false));
  if (isPauseNews(rollout.deployment)) yield* notePause(rollout);
  if (rollout.deployment.spec.paused === true) return yield* scaleOnly(rollout);
  // Nothing else is done with it: the rollback changes what there would be to do.
  const revision = rollbackTo(rollout.deployment);
  if (revision !== undefined) return yield* rollback(rollout, revision);
  if (yield* isScalingEvent(rollout)) return yield* scaleOnly(rollout);
  return isRollingUpdate(rollout.deployment) ? yield* rollingUpdate(rollout) : yield* recreate(rollout);
}

/** It has been paused, or resumed, and does not say so yet; without a deadline, or past it, it never does. */
function isPauseNews(deployment: Deployment): boolean {
  const known = progressing(deployment.status);
  if (!hasProgressDeadline(deployment) || known?.reason === 'ProgressDeadlineExceeded') return false;
  return (deployment.spec.paused === true) !== (known?.reason === 'DeploymentPaused');
}

/** A paused Deployment says so, and its deadline rests (checkPausedConditions). */
function* notePause(rollout: Rollout): Step<void> {
  const { deployment } = rollout;
  const next =
    deployment.spec.paused === true
      ? condition(rollout.now, 'Progressing', 'Unknown', 'DeploymentPaused', 'Deployment is paused')
      : condition(rollout.now, 'Progressing', 'Unknown', 'DeploymentResumed', 'Deployment is resumed');
  yield* writeStatus(rollout, withCondition(deployment.status, next));
}

/** A ReplicaSet was last sized for another number of Pods than the Deployment wants now. */
function* isScalingEvent(rollout: Rollout): Step<boolean> {
  const sorted = sortedAlready(rollout) ?? (yield* sortOut(rollout, false));
  const wanted = wantedReplicas(rollout.deployment);
  return all(sorted).some(
    (set) =>
      sizeOf(set) > 0 &&
      (wholeNumber(set.metadata.annotations?.[annotation.desiredReplicas]) ?? wanted) !== wanted,
  );
}

function* scaleOnly(rollout: Rollout): Step<Outcome<Orphans>> {
  const sorted = yield* sortOut(rollout, false);
  yield* scale(rollout, sorted);
  if (rollout.deployment.spec.paused === true && rollbackTo(rollout.deployment) === undefined)
    yield* cleanup(rollout, sorted.old);
  return yield* statusOnly(rollout, sorted);
}
