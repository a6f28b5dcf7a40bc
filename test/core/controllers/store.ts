/**
 * The store of the small world for controllers: it answers a request as the apiserver would, as far as controllers rely on
 * it (names, uids, generations, conflicts, finalizers), and says what has changed.
 */
import { keyFor, keyOf, type ApiObject, type Resource } from '../../../core/api/object.ts';
import { conflict, notFound, alreadyExists } from '../../../core/api/status.ts';
import type { Json, Pod } from '../../../core/api/generated/types.ts';
import { mergePatch, same } from '../../../core/api/merge-patch.ts';
import { mergeTypeOfDefinition } from '../../../core/api/patch/merge-type-of-kind.ts';
import { applyStrategicPatch } from '../../../core/api/patch/strategic.ts';
import { isTerminal } from '../../../core/api/pod.ts';
import type { ApiAnswer, ApiRequest, NewObject, PatchRequest, Status } from '../../../core/api/request.ts';
import { emptyView, withObject, withoutObject, type View } from '../../../core/api/view.ts';
import { timeText, type VirtualTime } from '../../../core/time/time.ts';

/** Those whom the store tells what has happened. */
export interface Surroundings {
  readonly now: VirtualTime;
  /** The watchers of the resource. */
  tell(resource: Resource, type: 'ADDED' | 'MODIFIED' | 'DELETED', object: ApiObject, view: View): void;
  /** Whoever acts upon an object that is new. */
  created(resource: Resource, key: string): void;
  /** The kubelet that is to stop a Pod. */
  deleted(pod: string): void;
}

/** The finalizers that admission gives. */
const inUse: Readonly<Record<string, string>> = {
  persistentvolumeclaims: 'kubernetes.io/pvc-protection',
  persistentvolumes: 'kubernetes.io/pv-protection',
};

export class Store {
  /** How many names were generated. */
  names = 0;
  private revision = 0;
  private readonly views = new Map<Resource, View>();
  private readonly around: Surroundings;

  constructor(around: Surroundings) {
    this.around = around;
  }

  view(resource: Resource): View {
    return this.views.get(resource) ?? emptyView(resource);
  }

  perform(request: ApiRequest): ApiAnswer {
    const { resource } = request;
    if (request.verb === 'list')
      return {
        ok: true,
        code: 200,
        list: {
          view: this.view(resource),
          namespace: request.namespace,
          resourceVersion: `${this.revision}`,
        },
      };
    if (request.verb === 'deletecollection') throw new Error('no controller deletes collections');
    if (request.verb === 'create') return this.performCreate(resource, request.namespace, request.object);
    const before = this.view(resource).objects.get(keyFor(request.namespace, request.name));
    if (before === undefined) return refusal(notFound(resource, request.name));
    switch (request.verb) {
      case 'get':
        return { ok: true, code: 200, object: before };
      case 'update': {
        const { metadata } = request.object;
        if (
          metadata.resourceVersion !== undefined &&
          metadata.resourceVersion !== before.metadata.resourceVersion
        )
          return refusal(conflict(resource, request.name));
        const given = request.object as ApiObject & { status?: unknown };
        const next =
          request.subresource === 'status'
            ? ({
                ...before,
                metadata: { ...before.metadata, annotations: given.metadata.annotations },
                status: given.status,
              } as ApiObject)
            : given;
        const stored = this.put(resource, next, request.subresource === undefined);
        this.vanishFreed(resource, stored);
        return { ok: true, code: 200, object: stored };
      }
      case 'patch': {
        const next = patched(before, request);
        if (next.metadata.resourceVersion !== before.metadata.resourceVersion)
          return refusal(conflict(resource, request.name));
        const stored = this.put(resource, next, false);
        this.vanishFreed(resource, stored);
        return { ok: true, code: 200, object: stored };
      }
      case 'delete':
        return this.performDelete(resource, before, request.propagationPolicy);
    }
  }

  /** What was to be deleted goes with its last finalizer. */
  private vanishFreed(resource: Resource, stored: ApiObject): void {
    const { deletionTimestamp, finalizers = [] } = stored.metadata;
    if (deletionTimestamp === undefined || finalizers.length > 0) return;
    if (resource !== 'pods' || isTerminal(stored as Pod)) this.vanish(resource, keyOf(stored));
  }

  private performCreate(resource: Resource, namespace: string | undefined, object: NewObject): ApiAnswer {
    const name =
      object.metadata.name ??
      `${object.metadata.generateName ?? ''}${(this.names++).toString(36).padStart(5, 'a')}`;
    const key = keyFor(namespace, name);
    if (this.view(resource).objects.get(key) !== undefined) return refusal(alreadyExists(resource, name));
    const protection = inUse[resource];
    const metadata = {
      ...object.metadata,
      ...(protection === undefined
        ? {}
        : { finalizers: [...(object.metadata.finalizers ?? []), protection] }),
      name,
      ...(namespace === undefined ? {} : { namespace }),
      uid: `uid-${String(this.revision + 1).padStart(4, '0')}`,
      generation: 1,
      creationTimestamp: timeText(this.around.now),
      resourceVersion: '0',
    };
    const status =
      (object as { status?: unknown }).status ??
      (resource === 'pods' ? { phase: 'Pending' } : { replicas: 0 });
    const stored = this.put(
      resource,
      { ...object, metadata, ...(resource === 'events' ? {} : { status }) } as ApiObject,
      false,
    );
    this.around.created(resource, key);
    return { ok: true, code: 201, object: stored };
  }

  private performDelete(resource: Resource, object: ApiObject, policy: string | undefined): ApiAnswer {
    const key = keyOf(object);
    const finalizer =
      policy === 'Foreground' ? 'foregroundDeletion' : policy === 'Orphan' ? 'orphan' : undefined;
    const finalizers = [
      ...(object.metadata.finalizers ?? []),
      ...(finalizer === undefined ? [] : [finalizer]),
    ];
    if (resource === 'pods' || finalizers.length > 0) {
      if (object.metadata.deletionTimestamp === undefined)
        this.put(
          resource,
          {
            ...object,
            metadata: {
              ...object.metadata,
              finalizers,
              deletionTimestamp: timeText(this.around.now),
              deletionGracePeriodSeconds: 30,
            },
          },
          false,
        );
      if (resource === 'pods') this.around.deleted(key);
    } else this.vanish(resource, key);
    return { ok: true, code: 200, object };
  }

  /** The object vanishes, whatever keeps it. */
  vanish(resource: Resource, key: string): void {
    const object = this.view(resource).objects.get(key);
    if (object === undefined) return;
    const revision = ++this.revision;
    const view = withoutObject(this.view(resource), key, revision);
    this.views.set(resource, view);
    this.around.tell(
      resource,
      'DELETED',
      { ...object, metadata: { ...object.metadata, resourceVersion: `${revision}` } },
      view,
    );
  }

  put(resource: Resource, object: ApiObject, newGeneration: boolean): ApiObject {
    const key = keyOf(object);
    const before = this.view(resource).objects.get(key);
    if (before !== undefined && same(before, object)) return before;
    const revision = ++this.revision;
    const specChanged =
      newGeneration &&
      before !== undefined &&
      !same((before as { spec?: unknown }).spec, (object as { spec?: unknown }).spec);
    const generation = specChanged ? (before.metadata.generation ?? 0) + 1 : object.metadata.generation;
    const stored = {
      ...object,
      metadata: { ...object.metadata, generation, resourceVersion: `${revision}` },
    } as ApiObject;
    const view = withObject(this.view(resource), key, stored, revision);
    this.views.set(resource, view);
    this.around.tell(resource, before === undefined ? 'ADDED' : 'MODIFIED', stored, view);
    return stored;
  }
}

function patched(before: ApiObject, { patchType, patch }: PatchRequest): ApiObject {
  if (patchType !== 'strategic') return mergePatch(before, patch) as ApiObject;
  const applied = applyStrategicPatch(before as unknown as Json, patch, mergeTypeOfDefinition(before.kind));
  if (!('result' in applied)) throw new Error(`cannot patch: ${JSON.stringify(applied)}`);
  return applied.result as unknown as ApiObject;
}

const refusal = (status: Status): ApiAnswer => ({ ok: false, code: status.code, status });
