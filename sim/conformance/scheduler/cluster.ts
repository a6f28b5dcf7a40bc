/** The cluster of a recorded case as the scheduler sees it. */
import type {
  Namespace,
  Node,
  Pod,
  PodDisruptionBudget,
  ReplicaSet,
  Service,
  StatefulSet,
} from '../../../core/api/generated/types.ts';
import { keyFor, keyOf, type Resource, type ResourceTypes } from '../../../core/api/object.ts';
import { emptyView, withObject, type View } from '../../../core/api/view.ts';
import { newInformers } from '../../../core/client/informer.ts';
import { OrderedMap } from '../../../core/collections/ordered-map.ts';
import { emptyCache, setNode, setPod, type SchedulerCache } from '../../../core/scheduler/cache.ts';
import type { Listers, NominatedPods, Snapshot } from '../../../core/scheduler/framework.ts';
import { followed, listersOf } from '../../../core/scheduler/listers.ts';
import { podInfoOf, type PodInfo } from '../../../core/scheduler/pod-info.ts';

/** Objects with only the fields that the scheduler reads. */
export interface Recorded {
  readonly metadata: { readonly name: string; readonly namespace?: string };
  readonly spec?: object;
  readonly status?: object;
}

export interface RecordedCluster {
  readonly nodes: readonly Recorded[];
  readonly pods: readonly Recorded[];
  readonly namespaces?: readonly Recorded[];
  readonly services?: readonly Recorded[];
  readonly replicaSets?: readonly Recorded[];
  readonly statefulSets?: readonly Recorded[];
  readonly pdbs?: readonly Recorded[];
  readonly nominatedPods?: readonly Recorded[];
}

export interface Cluster {
  readonly cache: SchedulerCache;
  readonly nominated: NominatedPods;
  readonly listers: Listers;
}

/** A recorded Pod, whole: recorded ones have no uid, so its namespace and name stand for it. */
export function podOf({ metadata, spec, status }: Recorded): Pod {
  const named = { namespace: 'default', ...metadata };
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      uid: keyFor(named.namespace, named.name),
      resourceVersion: '1',
      creationTimestamp: '',
      ...named,
    },
    spec: { containers: [], ...spec },
    status: status ?? {},
  };
}

export function clusterOf(recorded: RecordedCluster): Cluster {
  let cache = emptyCache();
  for (const node of recorded.nodes)
    cache = setNode(cache, { spec: {}, status: {}, ...node } as unknown as Node);
  const pods = recorded.pods.map(podOf);
  for (const pod of pods) cache = setPod(cache, pod);
  const nominatedPods = (recorded.nominatedPods ?? []).map(podOf);
  return {
    cache,
    nominated: nominatedOf(nominatedPods),
    listers: {
      ...listersOf(newInformers('conformance', followed)),
      pods: viewWith('pods', [...pods, ...nominatedPods]),
      namespaces: viewWith('namespaces', (recorded.namespaces ?? []) as unknown as readonly Namespace[]),
      services: viewWith('services', (recorded.services ?? []) as unknown as readonly Service[]),
      replicaSets: viewWith('replicasets', (recorded.replicaSets ?? []) as unknown as readonly ReplicaSet[]),
      statefulSets: viewWith(
        'statefulsets',
        (recorded.statefulSets ?? []) as unknown as readonly StatefulSet[],
      ),
      podDisruptionBudgets: viewWith(
        'poddisruptionbudgets',
        (recorded.pdbs ?? []) as unknown as readonly PodDisruptionBudget[],
      ),
    },
  };
}

function viewWith<R extends keyof ResourceTypes>(resource: R, objects: readonly ResourceTypes[R][]): View<R> {
  let view = emptyView<Resource>(resource as Resource);
  objects.forEach((object, i) => {
    view = withObject(view, keyOf(object), object, i + 1);
  });
  return view as unknown as View<R>;
}

function nominatedOf(pods: readonly Pod[]): NominatedPods {
  let nominated: NominatedPods = OrderedMap.empty();
  for (const pod of pods) {
    const node = pod.status.nominatedNodeName ?? '';
    const others: readonly PodInfo[] = nominated.get(node) ?? [];
    nominated = nominated.set(node, [...others, podInfoOf(pod)]);
  }
  return nominated;
}

export const snapshotOf = ({ cache, nominated, listers }: Cluster): Snapshot => ({
  nodes: cache.nodes,
  nodeCount: cache.nodes.size,
  imageNodes: cache.imageNodes,
  affinityNodes: cache.affinityNodes,
  nominated,
  listers,
});
