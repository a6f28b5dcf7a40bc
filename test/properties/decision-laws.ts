/**
 * What a controller may decide on what it knows: each request of the controller-manager is held against its caches as they were
 * when it was made. The numbers are those of the properties in the corpus of real failures.
 */
import type {
  Deployment,
  EndpointSlice,
  Pod,
  ReplicaSet,
  Service,
  StatefulSet,
} from '../../core/api/generated/types.ts';
import { controllerOf, keyFor, type ApiObject } from '../../core/api/object.ts';
import { isPodReady } from '../../core/api/pod.ts';
import type { CreateRequest, DeleteRequest, UpdateRequest } from '../../core/api/request.ts';
import { objectsIn } from '../../core/api/view.ts';
import type { ClientRequest } from '../../core/client/component.ts';
import { viewOf, type Informers } from '../../core/client/informer.ts';
import { maxSurge, maxUnavailable, wantedReplicas } from '../../core/controllers/deployment/math.ts';
import type { ControllerManagerState } from '../../core/controllers/manager.ts';
import type { Observer } from '../../sim/engine/world.ts';

type Call = Extract<ClientRequest<unknown>, { readonly do: 'call' }>;

/** What somebody who looks on has found wrong: empty, as long as all is well. `looked`: how often each law was asked. */
export class DecisionLaws implements Observer {
  readonly broken: string[] = [];
  readonly looked: Record<string, number> = {};

  stepped(process: string, _before: unknown, step: Parameters<Observer['stepped']>[2]): void {
    if (process !== 'kube-controller-manager') return;
    const { informers } = step.state as ControllerManagerState;
    for (const request of step.requests) if (request.do === 'call') this.called(informers, request);
  }

  private called(caches: Informers, { userAgent, request }: Call): void {
    if (request.verb === 'delete' && request.resource === 'pods') this.owned(caches, userAgent, request);
    if (
      request.verb === 'update' &&
      request.resource === 'replicasets' &&
      userAgent === 'deployment-controller'
    )
      this.rollout(caches, request);
    if (request.verb === 'create' && request.resource === 'pods' && userAgent === 'statefulset-controller')
      this.ordered(caches, request);
    if (userAgent === 'endpointslice-controller' && (request.verb === 'create' || request.verb === 'update'))
      this.endpoints(caches, request);
  }

  private law(name: string, holds: boolean, what: () => string): void {
    this.looked[name] = (this.looked[name] ?? 0) + 1;
    if (!holds) this.broken.push(`${name}: ${what()}`);
  }

  /** P14: a Pod is deleted by its owner alone, which is there. */
  private owned(caches: Informers, agent: string, { namespace, name }: DeleteRequest): void {
    const kind = ownerKinds[agent];
    if (kind === undefined) return;
    const pod = viewOf(caches, 'pods').objects.get(keyFor(namespace, name));
    const owner = pod === undefined ? undefined : controllerOf(pod);
    this.law('P14', owner?.kind === kind, () => `${agent} deletes ${name} of ${owner?.kind ?? 'nobody'}`);
  }

  /** P16: a rollout has no more Pods than its surge allows, and takes no available ones that it needs. */
  private rollout(caches: Informers, { object, subresource }: UpdateRequest): void {
    const next = object as unknown as ReplicaSet;
    const owner = controllerOf(next);
    if (subresource !== undefined || owner === undefined) return;
    const deployment = viewOf(caches, 'deployments').objects.get(keyFor(next.metadata.namespace, owner.name));
    if (deployment === undefined || deployment.metadata.uid !== owner.uid) return;
    const sets = [...objectsIn(viewOf(caches, 'replicasets'))].filter(
      (set) => controllerOf(set)?.uid === owner.uid,
    );
    const before = sets.find((set) => set.metadata.name === next.metadata.name);
    if (before === undefined) return;
    const change = (next.spec.replicas ?? 1) - (before.spec.replicas ?? 1);
    const total = sum(sets, (set) => set.spec.replicas ?? 1) + change;
    const most = wantedReplicas(deployment) + maxSurge(deployment);
    this.law('P16 surge', change <= 0 || total <= most, () => `${next.metadata.name}: ${total} of ${most}`);
    if (change < 0 && isRollout(deployment, sets)) this.lowered(deployment, sets, before, -change);
  }

  private lowered(deployment: Deployment, sets: readonly ReplicaSet[], set: ReplicaSet, by: number): void {
    const available = sum(sets, ({ status }) => status.availableReplicas ?? 0);
    const idle = (set.spec.replicas ?? 1) - (set.status.availableReplicas ?? 0);
    const left = available - Math.max(0, by - idle);
    const least = wantedReplicas(deployment) - maxUnavailable(deployment);
    this.law('P16 available', left >= least || left === available, () => {
      const { name } = set.metadata;
      return `${name} is lowered by ${by}: ${left} of ${least} stay available`;
    });
  }

  /** P17: a Pod of an ordered StatefulSet comes when all before it are ready. */
  private ordered(caches: Informers, { object, namespace }: CreateRequest): void {
    const pod = object as unknown as Pod;
    const owner = controllerOf(pod);
    const set: StatefulSet | undefined =
      owner === undefined
        ? undefined
        : viewOf(caches, 'statefulsets').objects.get(keyFor(namespace, owner.name));
    if (set === undefined || set.spec.podManagementPolicy === 'Parallel') return;
    const ordinal = Number(pod.metadata.name.slice(set.metadata.name.length + 1));
    for (let i = set.spec.ordinals?.start ?? 0; i < ordinal; i++) {
      const earlier = viewOf(caches, 'pods').objects.get(keyFor(namespace, `${set.metadata.name}-${i}`));
      this.law(
        'P17',
        earlier !== undefined && isPodReady(earlier),
        () => `${pod.metadata.name} comes before ${i} is ready`,
      );
    }
  }

  /** P22: every address is that of a Pod that the controller knows, and that its Service selects. */
  private endpoints(caches: Informers, request: CreateRequest | UpdateRequest): void {
    const slice = request.object as unknown as EndpointSlice;
    const { namespace, labels = {} } = slice.metadata;
    const name = labels['kubernetes.io/service-name'] ?? '';
    const service: Service | undefined = viewOf(caches, 'services').objects.get(keyFor(namespace, name));
    for (const { targetRef, addresses } of slice.endpoints ?? []) {
      const pod = viewOf(caches, 'pods').objects.get(keyFor(namespace, targetRef?.name ?? ''));
      const isIts =
        pod?.status.podIP === addresses[0] &&
        Object.entries(service?.spec.selector ?? {}).every(
          ([key, value]) => pod?.metadata.labels?.[key] === value,
        );
      this.law(
        'P22',
        isIts,
        () => `${slice.metadata.name} of ${name}: ${addresses[0]} is not ${targetRef?.name}'s`,
      );
    }
  }
}

const ownerKinds: Readonly<Record<string, string>> = {
  'replicaset-controller': 'ReplicaSet',
  'replication-controller': 'ReplicationController',
  'statefulset-controller': 'StatefulSet',
  'daemon-set-controller': 'DaemonSet',
  'job-controller': 'Job',
};

/** Not a change of size, in which each set gives its share, and not Recreate, which takes all at once. */
const isRollout = (deployment: Deployment, sets: readonly ReplicaSet[]): boolean =>
  (deployment.spec.strategy?.type ?? 'RollingUpdate') === 'RollingUpdate' &&
  sets.every(
    (set) =>
      (set.spec.replicas ?? 1) === 0 ||
      set.metadata.annotations?.['deployment.kubernetes.io/desired-replicas'] ===
        `${wantedReplicas(deployment)}`,
  );

const sum = <T extends ApiObject>(objects: readonly T[], of: (object: T) => number): number =>
  objects.reduce((total, object) => total + of(object), 0);
