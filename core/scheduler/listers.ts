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

export const listersOf = (informers: Informers): Listers => ({
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
