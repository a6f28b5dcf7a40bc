/**
 * pdb: the status of a PodDisruptionBudget after one sync of the disruption controller. Every field is compared. The
 * recorded controller knew which kinds are served from a mapper that was empty: a controller that its caches do not
 * have is of a kind that nobody serves.
 */
import type { ApiObject, Resource } from '../../../core/api/object.ts';
import type { Pod, PodDisruptionBudget } from '../../../core/api/generated/types.ts';
import { syncBudget } from '../../../core/controllers/disruption/disruption.ts';
import { second, timeText, virtualTimeOf } from '../../../core/time/time.ts';
import { wholeCaseFamily } from '../family.ts';
import { cachesOf, runSync } from './sync.ts';

interface Case {
  readonly maxUnavailable: number | string | null;
  readonly minAvailable: number | string | null;
  readonly controllers: readonly Controller[] | null;
  readonly pods: readonly RecordedPod[] | null;
}

interface Controller {
  readonly kind: string;
  readonly name: string;
  readonly replicas: number;
}

interface RecordedPod {
  readonly name: string;
  readonly controller: string;
  readonly ready: boolean;
  readonly deleting?: boolean;
  readonly disruptedSecondsAgo?: number;
}

export const pdbFamily = wholeCaseFamily('pdb', answerOf);

const now = virtualTimeOf(1_760_000_000);

function answerOf(asked: Case): object {
  const budget = budgetOf(asked);
  const objects: Record<Resource, ApiObject[]> = {
    poddisruptionbudgets: [budget],
    pods: (asked.pods ?? []).map((pod) => podOf(asked, pod)),
    replicationcontrollers: [],
    replicasets: [],
    deployments: [],
    statefulsets: [],
  };
  for (const controller of asked.controllers ?? []) addController(objects, controller);
  let written: PodDisruptionBudget | undefined;
  const context = { seed: '', caches: cachesOf(objects), memory: undefined, now };
  runSync(
    syncBudget(context, 'ns/pdb', () => undefined),
    now,
    (request) => {
      if (request.verb === 'update') written = request.object as PodDisruptionBudget;
      return { ok: true, code: 200 };
    },
  );
  const { status } = written ?? budget;
  return {
    updated: written !== undefined,
    error: '',
    conditions: (status.conditions ?? []).map(
      ({ type, status: value, reason, message }) => `${type}=${value} ${reason}: ${message}`,
    ),
    currentHealthy: status.currentHealthy,
    desiredHealthy: status.desiredHealthy,
    disruptedPods: Object.keys(status.disruptedPods ?? {}).sort(),
    disruptionsAllowed: status.disruptionsAllowed,
    expectedPods: status.expectedPods,
  };
}

const labels = { app: 'a' };

function budgetOf({ maxUnavailable, minAvailable, pods }: Case): PodDisruptionBudget {
  const disrupted = (pods ?? []).filter(({ disruptedSecondsAgo }) => disruptedSecondsAgo !== undefined);
  return {
    apiVersion: 'policy/v1',
    kind: 'PodDisruptionBudget',
    metadata: {
      namespace: 'ns',
      name: 'pdb',
      uid: 'pdb',
      resourceVersion: '1',
      creationTimestamp: timeText(0),
    },
    spec: {
      selector: { matchLabels: labels },
      ...(maxUnavailable === null ? {} : { maxUnavailable }),
      ...(minAvailable === null ? {} : { minAvailable }),
    },
    status: {
      currentHealthy: 0,
      desiredHealthy: 0,
      disruptionsAllowed: 0,
      expectedPods: 0,
      disruptedPods: Object.fromEntries(
        disrupted.map(({ name, disruptedSecondsAgo = 0 }) => [
          name,
          timeText(now - disruptedSecondsAgo * second),
        ]),
      ),
    },
  };
}

function podOf({ controllers }: Case, { name, controller, ready, deleting }: RecordedPod): Pod {
  const kind = controllers?.find((each) => each.name === controller)?.kind ?? 'none';
  const owned = kind === 'Deployment' ? `${controller}-rs` : controller;
  const owners = {
    kind: ownerKinds[kind] ?? kind,
    apiVersion: kind === 'ReplicationController' ? 'v1' : 'apps/v1',
  };
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      namespace: 'ns',
      name,
      uid: name,
      resourceVersion: '1',
      labels,
      ...(kind === 'none'
        ? {}
        : { ownerReferences: [{ ...owners, name: owned, uid: owned, controller: true }] }),
      ...(deleting === true ? { deletionTimestamp: timeText(now) } : {}),
    },
    spec: { containers: [] },
    status: { phase: 'Running', conditions: [{ type: 'Ready', status: ready ? 'True' : 'False' }] },
  } as unknown as Pod;
}

/** A Deployment's Pods have its ReplicaSet for an owner; a controller that is missing was a ReplicaSet. */
const ownerKinds: Readonly<Record<string, string>> = { Deployment: 'ReplicaSet', Missing: 'ReplicaSet' };

const resources: Readonly<Record<string, Resource>> = {
  ReplicaSet: 'replicasets',
  StatefulSet: 'statefulsets',
  ReplicationController: 'replicationcontrollers',
  Deployment: 'deployments',
};

function addController(objects: Record<Resource, ApiObject[]>, { kind, name, replicas }: Controller): void {
  const resource = resources[kind];
  if (resource === undefined) return;
  const object = (of: string, named: string, owner?: string): ApiObject =>
    ({
      apiVersion: of === 'ReplicationController' ? 'v1' : 'apps/v1',
      kind: of,
      metadata: {
        namespace: 'ns',
        name: named,
        uid: named,
        resourceVersion: '1',
        ...(owner === undefined
          ? {}
          : {
              ownerReferences: [
                { apiVersion: 'apps/v1', kind: 'Deployment', name: owner, uid: owner, controller: true },
              ],
            }),
      },
      spec: { replicas },
      status: { replicas },
    }) as unknown as ApiObject;
  objects[resource]?.push(object(kind, name));
  if (kind === 'Deployment') objects['replicasets']?.push(object('ReplicaSet', `${name}-rs`, name));
}
