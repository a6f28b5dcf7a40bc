/** The requests controllers make, in a word each. */
import { resourceOfKind } from '../api/kinds.ts';
import type { ApiObject, Resource } from '../api/object.ts';
import type { Json } from '../api/generated/types.ts';
import type {
  CreateRequest,
  DeleteRequest,
  GetRequest,
  NewObject,
  PatchRequest,
  UpdateRequest,
} from '../api/request.ts';

/** An object of any kind, as it is to be written. */
type Written = NewObject & object;

export const get = (resource: Resource, namespace: string | undefined, name: string): GetRequest => ({
  verb: 'get',
  resource,
  namespace,
  name,
});

export const create = <T extends Written>(resource: Resource, object: T): CreateRequest => ({
  verb: 'create',
  resource,
  namespace: object.metadata.namespace,
  object,
});

export const update = <T extends ApiObject>(resource: Resource, object: T): UpdateRequest => ({
  verb: 'update',
  resource,
  namespace: object.metadata.namespace,
  name: object.metadata.name,
  object,
});

export const updateStatus = <T extends ApiObject>(resource: Resource, object: T): UpdateRequest => ({
  verb: 'update',
  resource,
  namespace: object.metadata.namespace,
  name: object.metadata.name,
  subresource: 'status',
  object,
});

export const patch = (resource: Resource, object: ApiObject, change: Json): PatchRequest => ({
  verb: 'patch',
  resource,
  namespace: object.metadata.namespace,
  name: object.metadata.name,
  patchType: 'merge',
  patch: change,
});

/** `propagationPolicy` absent: what the kind does by itself. */
export const remove = (
  resource: Resource,
  object: ApiObject,
  propagationPolicy?: DeleteRequest['propagationPolicy'],
): DeleteRequest => ({
  verb: 'delete',
  resource,
  namespace: object.metadata.namespace,
  name: object.metadata.name,
  propagationPolicy,
});

/** The resource of an object, and of what an ownerReference means; undefined for a kind that is not known. */
export const resourceOf = (object: {
  readonly apiVersion: string;
  readonly kind: string;
}): Resource | undefined => resourceOfKind(object.apiVersion, object.kind)?.resource;
