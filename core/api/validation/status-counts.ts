/**
 * Statuses of workloads: how many Pods there are of each sort. They are written for every Pod that comes, so the usual one
 * is seen to be right by a few comparisons. (kubernetes v1.34.1 pkg/apis/{apps,core,policy,autoscaling}/validation)
 */
import { invalidValue } from '../field-error.ts';
import type * as types from '../generated/types.ts';
import { checkNotNegative, type Errors } from './fields.ts';

type Counts = Readonly<Record<string, unknown>>;

const countsOf = (status: object | undefined): Counts => (status ?? {}) as Counts;

const countOf = (status: Counts, field: string): number => (status[field] as number | undefined) ?? 0;

function checkCounts(errors: Errors, status: Counts, fields: readonly string[]): void {
  for (const field of fields) checkNotNegative(errors, `status.${field}`, countOf(status, field));
}

function checkNotAbove(errors: Errors, status: Counts, fields: readonly string[]): void {
  for (const field of fields)
    if (countOf(status, field) > countOf(status, 'replicas'))
      errors.push(
        invalidValue(`status.${field}`, countOf(status, field), 'cannot be greater than status.replicas'),
      );
}

/** `ready`: how the message calls the count of those. */
function checkAvailable(errors: Errors, status: Counts, ready: string): void {
  const available = countOf(status, 'availableReplicas');
  if (available > countOf(status, 'readyReplicas'))
    errors.push(invalidValue('status.availableReplicas', available, `cannot be greater than ${ready}`));
}

/** How often a name was taken by somebody else: it never happened less often than it had. */
function checkCollisions(errors: Errors, next: Counts, before: Counts): void {
  const was = before['collisionCount'];
  if (was === undefined) return;
  const now = countOf(next, 'collisionCount');
  if (next['collisionCount'] === undefined || now < (was as number))
    errors.push(invalidValue('status.collisionCount', now, 'cannot be decremented'));
}

type Replicated = types.ReplicaSet | types.ReplicationController;

const ofReplicaSet = [
  'replicas',
  'fullyLabeledReplicas',
  'readyReplicas',
  'availableReplicas',
  'observedGeneration',
];

/** Of a ReplicaSet or a ReplicationController. */
export function checkReplicaSetStatus(errors: Errors, { status }: Replicated): void {
  if (status === undefined) return;
  const { replicas = 0, fullyLabeledReplicas: labeled = 0, observedGeneration = 0 } = status;
  const { readyReplicas: ready = 0, availableReplicas: available = 0 } = status;
  const isRight =
    labeled >= 0 &&
    labeled <= replicas &&
    available >= 0 &&
    available <= ready &&
    ready <= replicas &&
    observedGeneration >= 0;
  if (isRight) return;
  const counts = countsOf(status);
  checkCounts(errors, counts, ofReplicaSet);
  checkNotAbove(errors, counts, ['fullyLabeledReplicas', 'readyReplicas', 'availableReplicas']);
  checkAvailable(errors, counts, 'readyReplicas');
}

const ofDeployment = [
  'observedGeneration',
  'replicas',
  'updatedReplicas',
  'readyReplicas',
  'availableReplicas',
  'unavailableReplicas',
  'collisionCount',
];

export function checkDeploymentStatus(
  errors: Errors,
  { status }: types.Deployment,
  before: types.Deployment,
): void {
  const counts = countsOf(status);
  checkCounts(errors, counts, ofDeployment);
  checkNotAbove(errors, counts, ['updatedReplicas', 'readyReplicas', 'availableReplicas']);
  checkAvailable(errors, counts, 'readyReplicas');
  checkCollisions(errors, counts, countsOf(before.status));
}

const ofStatefulSet = [
  'replicas',
  'readyReplicas',
  'currentReplicas',
  'updatedReplicas',
  'availableReplicas',
  'observedGeneration',
  'collisionCount',
];

export function checkStatefulSetStatus(
  errors: Errors,
  { status }: types.StatefulSet,
  before: types.StatefulSet,
): void {
  const counts = countsOf(status);
  checkCounts(errors, counts, ofStatefulSet);
  checkNotAbove(errors, counts, ['readyReplicas', 'currentReplicas', 'updatedReplicas', 'availableReplicas']);
  checkAvailable(errors, counts, 'status.readyReplicas');
  checkCollisions(errors, counts, countsOf(before.status));
}

const ofDaemonSet = [
  'currentNumberScheduled',
  'numberMisscheduled',
  'desiredNumberScheduled',
  'numberReady',
  'observedGeneration',
  'updatedNumberScheduled',
  'numberAvailable',
  'numberUnavailable',
  'collisionCount',
];

export function checkDaemonSetStatus(
  errors: Errors,
  { status }: types.DaemonSet,
  before: types.DaemonSet,
): void {
  const counts = countsOf(status);
  checkCounts(errors, counts, ofDaemonSet);
  checkCollisions(errors, counts, countsOf(before.status));
}

export function checkDisruptionBudgetStatus(errors: Errors, { status }: types.PodDisruptionBudget): void {
  checkCounts(errors, countsOf(status), [
    'disruptionsAllowed',
    'currentHealthy',
    'desiredHealthy',
    'expectedPods',
  ]);
}

export function checkAutoscalerStatus(errors: Errors, { status }: types.HorizontalPodAutoscaler): void {
  checkCounts(errors, countsOf(status), ['currentReplicas', 'desiredReplicas']);
}
