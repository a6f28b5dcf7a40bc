/** ReplicaSet and ReplicationController: one rule set, two kinds (the real one wraps the latter in an adapter). */
import { keyFor, type ObjectKey } from '../api/object.ts';
import type {
  OwnerReference,
  PodTemplateSpec,
  ReplicaSet,
  ReplicationController,
} from '../api/generated/types.ts';
import { requirementsOf, requirementsOfMap, matchesNothing, type Requirement } from '../api/selector.ts';
import { viewOf, type Informers } from '../client/informer.ts';

export type ReplicatingSet = ReplicaSet | ReplicationController;

export interface ReplicaKind {
  readonly kind: 'ReplicaSet' | 'ReplicationController';
  readonly apiVersion: 'apps/v1' | 'v1';
  readonly resource: 'replicasets' | 'replicationcontrollers';
  readonly controller: string;
  readonly selectorOf: (set: ReplicatingSet) => readonly Requirement[];
}

export const replicaSets: ReplicaKind = {
  kind: 'ReplicaSet',
  apiVersion: 'apps/v1',
  resource: 'replicasets',
  controller: 'replicaset-controller',
  selectorOf: (set) => requirementsOf((set as ReplicaSet).spec.selector),
};

export const replicationControllers: ReplicaKind = {
  kind: 'ReplicationController',
  apiVersion: 'v1',
  resource: 'replicationcontrollers',
  controller: 'replication-controller',
  selectorOf: (set) => {
    const { selector } = (set as ReplicationController).spec;
    return selector === undefined ? matchesNothing : requirementsOfMap(selector);
  },
};

export const setAt = (kind: ReplicaKind, caches: Informers, key: ObjectKey): ReplicatingSet | undefined =>
  viewOf(caches, kind.resource).objects.get(key);

/** The set that an ownerReference of an object in `namespace` means, if it is of this kind and still the same one. */
export function ownerAt(
  kind: ReplicaKind,
  caches: Informers,
  namespace: string | undefined,
  owner: OwnerReference | undefined,
): ReplicatingSet | undefined {
  if (owner?.kind !== kind.kind || owner.apiVersion !== kind.apiVersion) return undefined;
  const set = setAt(kind, caches, keyFor(namespace, owner.name));
  return set?.metadata.uid === owner.uid ? set : undefined;
}

export const ownerReferenceTo = (object: {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly uid: string };
}): OwnerReference => ({
  apiVersion: object.apiVersion,
  kind: object.kind,
  name: object.metadata.name,
  uid: object.metadata.uid,
  controller: true,
  blockOwnerDeletion: true,
});

export const templateLabels = (template: PodTemplateSpec | undefined): Readonly<Record<string, string>> =>
  template?.metadata?.labels ?? {};
