/** Deployments and ReplicaSets as the recorded cases describe them, and a rollout under way to put to the controller's steps. */
import type {
  Deployment,
  IntOrString,
  PodTemplateSpec,
  ReplicaSet,
} from '../../../core/api/generated/types.ts';
import { keyOf, type ApiObject, type Resource } from '../../../core/api/object.ts';
import type { ApiAnswer, ApiRequest } from '../../../core/api/request.ts';
import { emptyView, withObject } from '../../../core/api/view.ts';
import { informersOf, type Informers } from '../../../core/client/informer.ts';
import { byCreation } from '../../../core/controllers/deployment/math.ts';
import type { Rollout } from '../../../core/controllers/deployment/replicasets.ts';
import { minute, timeText } from '../../../core/time/time.ts';

/** A ReplicaSet of a table: its sizes, and how late it was made. */
export interface DescribedSet {
  readonly name: string;
  readonly spec: number;
  readonly available: number;
  readonly createdMinute: number;
  readonly annotations?: Readonly<Record<string, string>>;
}

const labels = { app: 'd' };

export const templateOf = (image: string): PodTemplateSpec => ({
  metadata: { labels },
  spec: { containers: [{ name: 'c', image }] },
});

export const metadataOf = (kind: string, name: string): Deployment['metadata'] => ({
  name,
  namespace: 'ns',
  uid: `${kind} ${name}`,
  generation: 1,
  creationTimestamp: timeText(0),
  resourceVersion: '1',
});

export const deploymentOf = (spec: Partial<Deployment['spec']>): Deployment => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: metadataOf('Deployment', 'd'),
  spec: { selector: { matchLabels: labels }, template: templateOf('img:new'), ...spec },
  status: {},
});

export const rollingUpdateOf = (
  maxSurge: IntOrString,
  maxUnavailable: IntOrString,
): Deployment['spec']['strategy'] => ({
  type: 'RollingUpdate',
  rollingUpdate: { maxSurge, maxUnavailable },
});

/** A ReplicaSet of the Deployment above; the one called `new` has its template. */
export const replicaSetOf = (described: DescribedSet): ReplicaSet => ({
  apiVersion: 'apps/v1',
  kind: 'ReplicaSet',
  metadata: {
    ...metadataOf('ReplicaSet', described.name),
    creationTimestamp: timeText(described.createdMinute * minute),
    ...(described.annotations === undefined ? {} : { annotations: described.annotations }),
  },
  spec: {
    replicas: described.spec,
    selector: { matchLabels: labels },
    template: templateOf(`img:${described.name}`),
  },
  status: { replicas: described.spec, availableReplicas: described.available },
});

/** A sync that has found these ReplicaSets. */
export const rolloutOf = (deployment: Deployment, sets: readonly ReplicaSet[]): Rollout => ({
  deployment,
  now: 0,
  caches: cachesOf(['deployments', 'replicasets', 'pods'], {}),
  sets: byCreation(sets),
});

/** Caches of these resources that hold these objects. */
export function cachesOf(
  resources: readonly Resource[],
  objects: Readonly<Record<Resource, readonly ApiObject[]>>,
): Informers {
  return informersOf(
    resources.map((resource) =>
      (objects[resource] ?? []).reduce(
        (view, object) => withObject(view, keyOf(object), object, 1),
        emptyView(resource),
      ),
    ),
  );
}

/** An apiserver that grants everything and answers a write with what was written. */
export const granted = (request: ApiRequest): ApiAnswer =>
  request.verb === 'create' || request.verb === 'update'
    ? { ok: true, code: 200, object: request.object as unknown as ApiObject }
    : { ok: true, code: 200 };
