/** What a cluster is when it has come to rest: everything is as it was asked for, and nothing is left over. */
import type {
  DaemonSet,
  Deployment,
  EndpointSlice,
  Job,
  Node,
  Pod,
  ReplicaSet,
  Service,
  StatefulSet,
} from '../../core/api/generated/types.ts';
import type { ApiObject } from '../../core/api/object.ts';
import { isPodReady } from '../../core/api/pod.ts';
import { objectsOfStore } from './store-objects.ts';
import type { Store } from '../../core/etcd/store.ts';

/** What is not at rest, in words. */
export function unsettledIn(store: Store<ApiObject>): readonly string[] {
  const objects = objectsOfStore(store);
  const of = <T extends ApiObject>(kind: string): readonly T[] =>
    objects.filter((object) => object.kind === kind) as unknown as readonly T[];
  const pods = of<Pod>('Pod');
  return [
    ...of<Deployment>('Deployment').flatMap(deploymentProblems),
    ...of<ReplicaSet>('ReplicaSet').flatMap((set) => sizeProblems(set, pods)),
    ...of<StatefulSet>('StatefulSet').flatMap((set) => sizeProblems(set, pods)),
    ...of<DaemonSet>('DaemonSet').flatMap((set) => daemonProblems(set, pods, of<Node>('Node').length)),
    ...of<Job>('Job').flatMap((job) => jobProblems(job)),
    ...pods.flatMap((pod) => podProblems(pod, of<Job>('Job'))),
    ...of<Service>('Service').flatMap((service) => serviceProblems(service, pods, of('EndpointSlice'))),
    ...leftOver(objects),
  ];
}

/** L3 */
function deploymentProblems({ metadata, spec, status = {} }: Deployment): readonly string[] {
  const wanted = spec.replicas ?? 1;
  const counts = {
    replicas: status.replicas ?? 0,
    updated: status.updatedReplicas ?? 0,
    ready: status.readyReplicas ?? 0,
    available: status.availableReplicas ?? 0,
  };
  if (
    Object.values(counts).every((count) => count === wanted) &&
    status.observedGeneration === metadata.generation
  )
    return [];
  return [`L3: Deployment ${metadata.name} wants ${wanted}, and has ${JSON.stringify(counts)}`];
}

/** L3 */
function sizeProblems(set: ReplicaSet | StatefulSet, pods: readonly Pod[]): readonly string[] {
  const { metadata, spec, status } = set;
  const own = pods.filter((pod) => pod.metadata.ownerReferences?.some(({ uid }) => uid === metadata.uid));
  const ready = own.filter(isPodReady).length;
  const wanted = spec.replicas ?? 1;
  if (own.length === wanted && ready === wanted && (status?.readyReplicas ?? 0) === wanted) return [];
  return [
    `L3: ${set.kind} ${metadata.name} wants ${wanted}, has ${own.length}, ready ${ready}, says ${status?.readyReplicas ?? 0}`,
  ];
}

/** L3: no node of these clusters is kept from a daemon. */
function daemonProblems(
  { metadata, status }: DaemonSet,
  pods: readonly Pod[],
  nodes: number,
): readonly string[] {
  const own = pods.filter((pod) => pod.metadata.ownerReferences?.some(({ uid }) => uid === metadata.uid));
  const on = new Set(own.filter(isPodReady).map(({ spec }) => spec.nodeName));
  const { desiredNumberScheduled, updatedNumberScheduled = 0, numberReady, numberAvailable = 0 } = status;
  const counts = [
    own.length,
    on.size,
    desiredNumberScheduled,
    updatedNumberScheduled,
    numberReady,
    numberAvailable,
  ];
  if (counts.every((count) => count === nodes)) return [];
  return [`L3: DaemonSet ${metadata.name} on ${nodes} nodes has ${counts.join()}: ${JSON.stringify(status)}`];
}

/** L8 */
const jobProblems = (job: Job): readonly string[] =>
  isOver(job) ? [] : [`L8: Job ${job.metadata.name} is not over: ${JSON.stringify(job.status)}`];

const isOver = ({ status }: Job): boolean =>
  (status?.conditions ?? []).some(
    ({ type, status: is }) => (type === 'Complete' || type === 'Failed') && is === 'True',
  );

/**
 * L4, L8. A Pod that a Job made on a stale view, and that its controller hears of when the Job is over, keeps its finalizer until
 * the Job goes, in the real one too. (job_controller.go addPod, syncJob of a finished Job)
 */
function podProblems({ metadata, spec, status }: Pod, jobs: readonly Job[]): readonly string[] {
  const { name, finalizers = [], ownerReferences = [] } = metadata;
  const job = jobs.find((each) => ownerReferences.some(({ uid }) => uid === each.metadata.uid));
  const isLate =
    job !== undefined && isOver(job) && (status.phase === 'Succeeded' || status.phase === 'Failed');
  return [
    ...((spec.nodeName ?? '') === '' ? [`L4: Pod ${name} is on no node`] : []),
    ...(finalizers.length > 0 && !isLate
      ? [`L8: Pod ${name} (${status.phase}) is held by ${finalizers.join()}`]
      : []),
  ];
}

/** L7 */
function serviceProblems(
  { metadata, spec }: Service,
  pods: readonly Pod[],
  slices: readonly EndpointSlice[],
): readonly string[] {
  const selector = Object.entries(spec.selector ?? {});
  if (selector.length === 0) return [];
  const wanted = pods
    .filter(
      (pod) => selector.every(([key, value]) => pod.metadata.labels?.[key] === value) && isPodReady(pod),
    )
    .map((pod) => pod.status.podIP ?? '');
  const told = slices
    .filter((slice) => slice.metadata.labels?.['kubernetes.io/service-name'] === metadata.name)
    .flatMap((slice) => slice.endpoints ?? [])
    .filter(({ conditions }) => conditions?.ready !== false)
    .map(({ addresses }) => addresses[0] ?? '');
  return [...wanted].sort().join() === [...told].sort().join()
    ? []
    : [`L7: Service ${metadata.name} leads to ${told.join()}, and ready are ${wanted.join()}`];
}

/** L9 */
function leftOver(objects: readonly ApiObject[]): readonly string[] {
  const uids = new Set(objects.map(({ metadata }) => metadata.uid));
  return objects.flatMap(({ kind, metadata }) => {
    const owners = metadata.ownerReferences ?? [];
    return [
      ...(metadata.deletionTimestamp === undefined
        ? []
        : [`L9: ${kind} ${metadata.name} is still being deleted`]),
      ...(owners.length > 0 && !owners.some(({ uid }) => uids.has(uid))
        ? [`L9: ${kind} ${metadata.name} has lost its owners`]
        : []),
    ];
  });
}
