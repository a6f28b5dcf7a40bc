/** What the scheduler follows beside nodes and Pods, for its plugins to look up. */
import { viewOf, type InformerSpec, type Informers } from '../client/informer.ts';
import type { Listers } from './framework.ts';

export const followed: readonly InformerSpec[] = [
  { resource: 'nodes' },
  { resource: 'pods' },
  { resource: 'persistentvolumeclaims' },
  { resource: 'persistentvolumes' },
  { resource: 'storageclasses' },
  { resource: 'csinodes' },
  { resource: 'namespaces' },
  { resource: 'services' },
  { resource: 'replicationcontrollers' },
  { resource: 'replicasets' },
  { resource: 'statefulsets' },
  { resource: 'poddisruptionbudgets' },
];

/** What was looked up last: after most events only the Pods are others. */
let last: { readonly informers: Informers; readonly listers: Listers } | undefined;

export function listersOf(informers: Informers): Listers {
  if (last === undefined || !sameButPods(last.informers, informers)) {
    last = { informers, listers: lookedUp(informers) };
    return last.listers;
  }
  const { listers } = last;
  return {
    pods: viewOf(informers, 'pods'),
    namespaces: listers.namespaces,
    services: listers.services,
    replicationControllers: listers.replicationControllers,
    replicaSets: listers.replicaSets,
    statefulSets: listers.statefulSets,
    podDisruptionBudgets: listers.podDisruptionBudgets,
    claims: listers.claims,
    volumes: listers.volumes,
    storageClasses: listers.storageClasses,
    csiNodes: listers.csiNodes,
  };
}

/** Whether all informers but those of nodes and Pods are the same. */
function sameButPods(a: Informers, b: Informers): boolean {
  if (a.places !== b.places) return false;
  const { nodes, pods } = a.places;
  for (let place = 0; place < a.list.length; place++)
    if (a.list[place] !== b.list[place] && place !== nodes && place !== pods) return false;
  return true;
}

const lookedUp = (informers: Informers): Listers => ({
  pods: viewOf(informers, 'pods'),
  namespaces: viewOf(informers, 'namespaces'),
  services: viewOf(informers, 'services'),
  replicationControllers: viewOf(informers, 'replicationcontrollers'),
  replicaSets: viewOf(informers, 'replicasets'),
  statefulSets: viewOf(informers, 'statefulsets'),
  podDisruptionBudgets: viewOf(informers, 'poddisruptionbudgets'),
  claims: viewOf(informers, 'persistentvolumeclaims'),
  volumes: viewOf(informers, 'persistentvolumes'),
  storageClasses: viewOf(informers, 'storageclasses'),
  csiNodes: viewOf(informers, 'csinodes'),
});
