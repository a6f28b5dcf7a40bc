/**
 * A view is one resource at one revision: the objects in key order and the indices that controllers ask for. The
 * apiserver's watch cache holds the newest; an informer holds the one it has been told of, however old.
 */
import { IndexedMap, type IndexDefinition } from '../collections/indexed-map.ts';
import type { Pod } from './generated/types.ts';
import {
  controllerOf,
  keyFor,
  type ApiObject,
  type ObjectKey,
  type Resource,
  type ResourceTypes,
} from './object.ts';
import { claimsOf } from './pod-claims.ts';

type ObjectOf<R extends Resource> = R extends keyof ResourceTypes ? ResourceTypes[R] : ApiObject;

export interface View<R extends Resource = Resource> {
  readonly resource: R;
  /** The store's revision the view is current at. */
  readonly revision: number;
  /** Objects under `namespace/name` (or `name`). */
  readonly objects: IndexedMap<ObjectOf<R>>;
}

const byController: IndexDefinition<ApiObject> = {
  name: 'controller',
  terms: (object) => {
    const owner = controllerOf(object);
    return owner === undefined ? [] : [owner.uid];
  },
  same: (before, after) => before.metadata.ownerReferences === after.metadata.ownerReferences,
};

/** Every other owner: garbage collection asks for both. */
const byOwner: IndexDefinition<ApiObject> = {
  name: 'owner',
  terms: (object) => {
    const controller = controllerOf(object);
    const others = (object.metadata.ownerReferences ?? []).filter((owner) => owner !== controller);
    return others.map((owner) => owner.uid);
  },
  same: byController.same,
};

/** The namespace of what nobody controls: those who adopt look for it. */
const byOrphan: IndexDefinition<ApiObject> = {
  name: 'orphan',
  terms: (object) => (controllerOf(object) === undefined ? [object.metadata.namespace ?? ''] : []),
  same: byController.same,
};

/** `namespace/key=value` of each label. */
const byLabel: IndexDefinition<ApiObject> = {
  name: 'label',
  terms: (object) => labelTerms(object.metadata.namespace, object.metadata.labels),
  same: (before, after) => before.metadata.labels === after.metadata.labels,
};

/** `spec.nodeName`, the empty text for a Pod that has none. */
const byNode: IndexDefinition<ApiObject> = {
  name: 'node',
  terms: (object) => {
    const node = nodeNameOf(object);
    return node === '' ? [] : [node];
  },
  same: (before, after) => nodeNameOf(before) === nodeNameOf(after),
};

const nodeNameOf = (object: ApiObject): string =>
  (object as ApiObject & { readonly spec?: { readonly nodeName?: string } }).spec?.nodeName ?? '';

/** `namespace/name` of each PersistentVolumeClaim that a Pod names (kubernetes v1.34.1 pkg/controller/volume/common/common.go). */
const byClaim: IndexDefinition<ApiObject> = {
  name: 'claim',
  terms: (object) => {
    const { metadata, spec } = object as PodLike;
    if (spec?.volumes === undefined) return noTerms;
    return claimsOf(spec, metadata.name).map(({ claim }) => keyFor(metadata.namespace, claim));
  },
  same: (before, after) => (before as PodLike).spec?.volumes === (after as PodLike).spec?.volumes,
};

type PodLike = ApiObject & { readonly spec?: Pod['spec'] };
const noTerms: readonly string[] = [];

interface LabelTerms {
  readonly namespace: string | undefined;
  readonly terms: readonly string[];
}

/** The terms of labels that were seen last in a namespace: Pods of one template share their labels. */
const termsOfLabels = new WeakMap<object, LabelTerms>();

function labelTerms(
  namespace: string | undefined,
  labels: Readonly<Record<string, string>> | undefined,
): readonly string[] {
  if (labels === undefined) return [];
  const known = termsOfLabels.get(labels);
  if (known !== undefined && known.namespace === namespace) return known.terms;
  const terms = Object.keys(labels).map((label) => labelTerm(namespace, label, labels[label] ?? ''));
  termsOfLabels.set(labels, { namespace, terms });
  return terms;
}

export const labelTerm = (namespace: string | undefined, label: string, value: string): string =>
  `${namespace ?? ''}/${label}=${value}`;

/** What each resource's view is indexed by. `controller` and `owner` have uids, see above for the others. */
const indices: Readonly<Record<string, readonly IndexDefinition<ApiObject>[]>> = {
  pods: [byController, byOwner, byOrphan, byLabel, byNode, byClaim],
  replicasets: [byController, byOwner],
  controllerrevisions: [byController, byOwner, byOrphan, byLabel],
  endpointslices: [byController, byOwner, byLabel],
  persistentvolumeclaims: [byController, byOwner],
  nodes: [],
  events: [],
  leases: [],
};
const otherIndices: readonly IndexDefinition<ApiObject>[] = [byController, byOwner];

/** The view of a resource before anything is in it. */
export function emptyView<R extends Resource>(resource: R): View<R> {
  const objects = IndexedMap.empty<ApiObject>(indices[resource] ?? otherIndices);
  return { resource, revision: 0, objects: objects as unknown as IndexedMap<ObjectOf<R>> };
}

/** The view with an object written at `revision`; `before` is what the key held, where the caller knows. */
export function withObject<R extends Resource>(
  view: View<R>,
  key: ObjectKey,
  object: ObjectOf<R>,
  revision: number,
  before?: ObjectOf<R>,
): View<R> {
  return { resource: view.resource, revision, objects: view.objects.set(key, object, before) };
}

/** The view with an object gone at `revision`. */
export function withoutObject<R extends Resource>(view: View<R>, key: ObjectKey, revision: number): View<R> {
  return { resource: view.resource, revision, objects: view.objects.delete(key) };
}

/** The objects of one namespace (or of all) with their keys, in key order. */
export const entriesIn = <R extends Resource>(
  view: View<R>,
  namespace?: string,
): IterableIterator<[ObjectKey, ObjectOf<R>]> =>
  namespace === undefined
    ? view.objects.objects.entries()
    : view.objects.objects.entries(`${namespace}/`, `${namespace}0`); // "0" follows "/"

/** The objects of one namespace (or of all) in key order. */
export function* objectsIn<R extends Resource>(
  view: View<R>,
  namespace?: string,
): IterableIterator<ObjectOf<R>> {
  if (namespace === undefined) yield* view.objects.objects.values();
  else yield* view.objects.objects.values(`${namespace}/`, `${namespace}0`); // "0" follows "/"
}
