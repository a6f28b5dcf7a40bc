/** How many Pods a Deployment may have where (kubernetes v1.34.1 pkg/controller/deployment/util/deployment_util.go). */
import type { Deployment, IntOrString, ReplicaSet } from '../../api/generated/types.ts';

/** What a Deployment and its ReplicaSets note on themselves and on one another. */
export const annotation = {
  revision: 'deployment.kubernetes.io/revision',
  revisionHistory: 'deployment.kubernetes.io/revision-history',
  desiredReplicas: 'deployment.kubernetes.io/desired-replicas',
  maxReplicas: 'deployment.kubernetes.io/max-replicas',
  rollbackTo: 'deprecated.deployment.rollback.to',
} as const;

/** The number that a text is, as Go's strconv reads it; undefined where it is none. */
export const wholeNumber = (text: string | undefined): number | undefined =>
  text !== undefined && /^[+-]?\d+$/.test(text) ? Number(text) : undefined;

/** Where Go has MaxInt32 for "none". */
const unlimited = 2_147_483_647;

export const hasProgressDeadline = (deployment: Deployment): boolean =>
  (deployment.spec.progressDeadlineSeconds ?? unlimited) !== unlimited;

export const hasRevisionHistoryLimit = (deployment: Deployment): boolean =>
  (deployment.spec.revisionHistoryLimit ?? unlimited) !== unlimited;

export const wantedReplicas = (deployment: Deployment): number => deployment.spec.replicas ?? 1;
export const sizeOf = (set: ReplicaSet): number => set.spec.replicas ?? 1;
export const availableOf = (set: ReplicaSet): number => set.status.availableReplicas ?? 0;

export const isRollingUpdate = (deployment: Deployment): boolean =>
  (deployment.spec.strategy?.type ?? 'RollingUpdate') === 'RollingUpdate';

/** A number, or a percentage of `total` rounded up or down. */
export function scaledValue(value: IntOrString | undefined, total: number, roundUp: boolean): number {
  if (value === undefined) return 0;
  if (typeof value === 'number') return value;
  const share = (Number.parseInt(value, 10) * total) / 100;
  return roundUp ? Math.ceil(share) : Math.floor(share);
}

/** Surge rounds up, unavailable rounds down; both 0 would be no way forward, so then one may be unavailable. */
export function resolveFenceposts(
  maxSurge: IntOrString | undefined,
  maxUnavailable: IntOrString | undefined,
  desired: number,
): { readonly surge: number; readonly unavailable: number } {
  const surge = scaledValue(maxSurge, desired, true);
  const unavailable = scaledValue(maxUnavailable, desired, false);
  return { surge, unavailable: surge === 0 && unavailable === 0 ? 1 : unavailable };
}

export function maxUnavailable(deployment: Deployment): number {
  const desired = wantedReplicas(deployment);
  if (!isRollingUpdate(deployment) || desired === 0) return 0;
  const { maxSurge: surge, maxUnavailable: unavailable } = deployment.spec.strategy?.rollingUpdate ?? {};
  return Math.min(resolveFenceposts(surge, unavailable, desired).unavailable, desired);
}

export function maxSurge(deployment: Deployment): number {
  if (!isRollingUpdate(deployment)) return 0;
  const { maxSurge: surge, maxUnavailable: unavailable } = deployment.spec.strategy?.rollingUpdate ?? {};
  return resolveFenceposts(surge, unavailable, wantedReplicas(deployment)).surge;
}

export const totalSize = (sets: readonly ReplicaSet[]): number =>
  sets.reduce((sum, set) => sum + sizeOf(set), 0);
export const totalReplicas = (sets: readonly ReplicaSet[]): number =>
  sets.reduce((sum, set) => sum + set.status.replicas, 0);
export const totalReady = (sets: readonly ReplicaSet[]): number =>
  sets.reduce((sum, set) => sum + (set.status.readyReplicas ?? 0), 0);
export const totalAvailable = (sets: readonly ReplicaSet[]): number =>
  sets.reduce((sum, set) => sum + availableOf(set), 0);

export const active = (sets: readonly ReplicaSet[]): readonly ReplicaSet[] =>
  sets.filter((set) => sizeOf(set) > 0);

/** The size of the new ReplicaSet, given how many Pods all have together (NewRSNewReplicas). */
export function newSize(deployment: Deployment, together: number, size: number): number {
  const desired = wantedReplicas(deployment);
  if (!isRollingUpdate(deployment)) return desired;
  const room = desired + maxSurge(deployment) - together;
  return room <= 0 ? size : size + Math.min(room, desired - size);
}

/** The new ReplicaSet has all the Pods and all of them are available (IsSaturated). */
export function isSaturated(deployment: Deployment, newSet: ReplicaSet | undefined): boolean {
  if (newSet === undefined) return false;
  const desired = wantedReplicas(deployment);
  return (
    sizeOf(newSet) === desired &&
    wholeNumber(newSet.metadata.annotations?.[annotation.desiredReplicas]) === desired &&
    availableOf(newSet) === desired
  );
}

/** The part of a change of size that a ReplicaSet takes (GetReplicaSetProportion). */
export function proportion(deployment: Deployment, set: ReplicaSet, toAdd: number, added: number): number {
  if (sizeOf(set) === 0 || toAdd === 0 || toAdd === added) return 0;
  const fraction = fractionOf(deployment, set);
  const allowed = toAdd - added;
  return toAdd > 0 ? Math.min(fraction, allowed) : Math.max(fraction, allowed);
}

function fractionOf(deployment: Deployment, set: ReplicaSet): number {
  const desired = wantedReplicas(deployment);
  if (desired === 0) return -sizeOf(set);
  const before =
    wholeNumber(set.metadata.annotations?.[annotation.maxReplicas]) || (deployment.status.replicas ?? 0);
  if (before === 0) return 0;
  return Math.round((sizeOf(set) * (desired + maxSurge(deployment))) / before) - sizeOf(set);
}

/** By age, then by name. */
export const older = (a: ReplicaSet, b: ReplicaSet): number =>
  compareText(a.metadata.creationTimestamp ?? '', b.metadata.creationTimestamp ?? '') ||
  compareText(a.metadata.name, b.metadata.name);

const compareText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

export const byCreation = (sets: readonly ReplicaSet[]): readonly ReplicaSet[] => [...sets].sort(older);
/** Largest first; among equals the newer when growing, the older when shrinking. */
export const bySize = (sets: readonly ReplicaSet[], newerFirst: boolean): readonly ReplicaSet[] =>
  [...sets].sort((a, b) => sizeOf(b) - sizeOf(a) || (newerFirst ? older(b, a) : older(a, b)));
