/**
 * A small world for controllers: a store that answers each request after 1 ms and tells each change 1 ms later, and the
 * kube-controller-manager. What was asked and what changed is written down, as text a person can read.
 */
import { keyFor, keyOf, splitKey, type ApiObject, type Resource } from '../../../core/api/object.ts';
import { heartbeatsAnnotation } from '../../../core/api/heartbeats.ts';
import { conflict, notFound, alreadyExists } from '../../../core/api/status.ts';
import type { Json, Pod } from '../../../core/api/generated/types.ts';
import { mergePatch, same } from '../../../core/api/merge-patch.ts';
import { mergeTypeOfDefinition } from '../../../core/api/patch/merge-type-of-kind.ts';
import { applyStrategicPatch } from '../../../core/api/patch/strategic.ts';
import { isTerminal } from '../../../core/api/pod.ts';
import type { ApiAnswer, ApiRequest, NewObject, PatchRequest, Status } from '../../../core/api/request.ts';
import { emptyView, withObject, withoutObject, type View } from '../../../core/api/view.ts';
import type { ClientEvent, ClientRequest } from '../../../core/client/component.ts';
import { targetNodeOf } from '../../../core/controllers/daemon/pod.ts';
import {
  newControllerManager,
  reduceControllerManager,
  type ControllerManagerState,
  type ControllerTag,
} from '../../../core/controllers/manager.ts';
import { millisecond, second, timeText, type Duration, type VirtualTime } from '../../../core/time/time.ts';

type Event = ClientEvent<ControllerTag>;
type Call = Extract<ClientRequest<ControllerTag>, { do: 'call' }>;

/** An object as a test writes it: what matters. */
export type Plain = { readonly [key: string]: unknown };

export interface WorldOptions {
  readonly qps?: number;
  readonly burst?: number;
  /** Refuses a request: the Status, or undefined to let it pass. */
  readonly refuse?: (request: ApiRequest, userAgent: string) => Status | undefined;
  /** Pods become Running and Ready this long after they were created; absent: never. */
  readonly readyAfter?: Duration;
  /** How a Pod's container ends by itself, counted from when it was ready; undefined: never. */
  readonly end?: (pod: Pod) => { readonly after: Duration; readonly exitCode: number } | undefined;
}

/** The finalizers that admission gives. */
const inUse: Readonly<Record<string, string>> = {
  persistentvolumeclaims: 'kubernetes.io/pvc-protection',
  persistentvolumes: 'kubernetes.io/pv-protection',
};

export class World {
  now: VirtualTime = 0;
  state: ControllerManagerState;
  /** `when who verb what answer` of every write of a controller, and of every Event. */
  readonly lines: string[] = [];
  steps = 0;
  /** News of these resources is lost from now on. */
  readonly deafTo = new Set<Resource>();
  private revision = 0;
  private names = 0;
  private readonly views = new Map<Resource, View>();
  private readonly agenda: { at: VirtualTime; order: number; run: () => void }[] = [];
  private order = 0;
  private readonly watched = new Set<string>();
  private readonly stalled = new Map<Resource, (() => void)[]>();
  private readonly options: WorldOptions;

  constructor(options: WorldOptions = {}) {
    this.options = options;
    this.state = newControllerManager({
      seed: 'test',
      limits: { qps: options.qps ?? 0, burst: options.burst ?? 0 },
    });
  }

  start(): this {
    this.send({ type: 'start' });
    return this;
  }

  /** The process is gone with its memory, and begins anew. */
  restart(): void {
    this.watched.clear();
    this.start();
  }

  later(delay: Duration, run: () => void): void {
    this.agenda.push({ at: this.now + delay, order: this.order++, run });
  }

  /** Lets time pass, up to `until`. */
  run(until: VirtualTime): this {
    for (;;) {
      let first = -1;
      this.agenda.forEach((entry, i) => {
        const best = this.agenda[first];
        if (
          entry.at <= until &&
          (best === undefined || entry.at < best.at || (entry.at === best.at && entry.order < best.order))
        )
          first = i;
      });
      const entry = this.agenda[first];
      if (entry === undefined) break;
      this.agenda[first] = this.agenda[this.agenda.length - 1] ?? entry;
      this.agenda.pop();
      this.now = Math.max(this.now, entry.at);
      entry.run();
    }
    this.now = Math.max(this.now, until);
    return this;
  }

  get<T>(resource: Resource, key: string): T | undefined {
    return this.view(resource).objects.get(key) as T | undefined;
  }

  list<T>(resource: Resource): T[] {
    return [...this.view(resource).objects.objects.values()] as unknown as T[];
  }

  /** Writes an object as the apiserver would, and tells the watchers. */
  create(resource: Resource, object: Plain): ApiObject {
    const answer = this.perform({
      verb: 'create',
      resource,
      namespace: (object['metadata'] as Plain)['namespace'] as string | undefined,
      object: object as unknown as NewObject,
    });
    if (!answer.ok || answer.object === undefined)
      throw new Error(`cannot create: ${JSON.stringify(answer)}`);
    return answer.object;
  }

  /** Changes an object by a merge patch. */
  change(resource: Resource, key: string, patch: Plain): void {
    const object = this.view(resource).objects.get(key);
    if (object === undefined) throw new Error(`no ${resource} ${key}`);
    this.store(resource, mergePatch(object, patch) as ApiObject, patch['spec'] !== undefined);
  }

  delete(resource: Resource, key: string): void {
    const { namespace, name } = splitKey(key);
    this.perform({ verb: 'delete', resource, namespace, name });
  }

  /** The object vanishes, whatever keeps it. */
  vanish(resource: Resource, key: string): void {
    const object = this.view(resource).objects.get(key);
    if (object === undefined) return;
    const revision = ++this.revision;
    const view = withoutObject(this.view(resource), key, revision);
    this.views.set(resource, view);
    this.tell(
      resource,
      'DELETED',
      { ...object, metadata: { ...object.metadata, resourceVersion: `${revision}` } },
      view,
    );
  }

  /** From now on the watch of a resource is silent. */
  stall(resource: Resource): void {
    this.stalled.set(resource, []);
  }

  /** The watch goes on, with all that has happened meanwhile. */
  proceed(resource: Resource): void {
    const kept = this.stalled.get(resource) ?? [];
    this.stalled.delete(resource);
    for (const tell of kept) this.later(millisecond, tell);
  }

  view(resource: Resource): View {
    return this.views.get(resource) ?? emptyView(resource);
  }

  private send(event: Event): void {
    this.steps++;
    const step = reduceControllerManager(this.state, event, this.now);
    this.state = step.state;
    for (const request of step.requests) this.accept(request);
  }

  private accept(request: ClientRequest<ControllerTag>): void {
    if (request.do === 'timer')
      this.later(request.after, () => {
        this.send({ type: 'timer', tag: request.tag });
      });
    else if (request.do === 'watch') this.watched.add(request.stream);
    else if (request.do === 'call')
      this.later((request.after ?? 0) + millisecond, () => {
        this.answer(request);
      });
  }

  private answer(call: Call): void {
    const answer =
      this.options.refuse === undefined ? undefined : this.options.refuse(call.request, call.userAgent);
    const given: ApiAnswer =
      answer === undefined ? this.perform(call.request) : { ok: false, code: answer.code, status: answer };
    if (call.request.verb !== 'list' && call.request.verb !== 'get') this.write(call, given);
    this.later(millisecond, () => {
      this.send({ type: 'answer', tag: call.tag, request: call.request, answer: given });
    });
  }

  private write({ request, userAgent }: Call, answer: ApiAnswer): void {
    const name = answer.ok
      ? (answer.object?.metadata.name ?? '')
      : 'name' in request
        ? (request.name ?? '')
        : '';
    const event =
      answer.ok && request.resource === 'events'
        ? (answer.object as unknown as { reason: string; message: string; count: number })
        : undefined;
    const what =
      event === undefined
        ? `${request.resource}${'subresource' in request && request.subresource !== undefined ? `/${request.subresource}` : ''} ${name}`
        : `event ${event.reason} x${event.count}: ${event.message}`;
    const code = answer.ok ? '' : ` ${answer.code}`;
    this.lines.push(`${(this.now / second).toFixed(4)} ${userAgent} ${request.verb} ${what}${code}`);
  }

  private perform(request: ApiRequest): ApiAnswer {
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
        const stored = this.store(resource, next, request.subresource === undefined);
        this.vanishFreed(resource, stored);
        return { ok: true, code: 200, object: stored };
      }
      case 'patch': {
        const next = patched(before, request);
        if (next.metadata.resourceVersion !== before.metadata.resourceVersion)
          return refusal(conflict(resource, request.name));
        const stored = this.store(resource, next, false);
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
      creationTimestamp: timeText(this.now),
      resourceVersion: '0',
    };
    const status =
      (object as { status?: unknown }).status ??
      (resource === 'pods' ? { phase: 'Pending' } : { replicas: 0 });
    const stored = this.store(
      resource,
      { ...object, metadata, ...(resource === 'events' ? {} : { status }) } as ApiObject,
      false,
    );
    if (resource === 'nodes') this.live(name);
    const { readyAfter } = this.options;
    if (resource === 'pods' && readyAfter !== undefined)
      this.later(readyAfter, () => {
        this.ready(key);
      });
    return { ok: true, code: 201, object: stored };
  }

  /** The kubelet of a node lives as long as the world does. */
  private live(node: string): void {
    this.perform({
      verb: 'create',
      resource: 'leases',
      namespace: 'kube-node-lease',
      object: {
        apiVersion: 'coordination.k8s.io/v1',
        kind: 'Lease',
        metadata: { name: node, annotations: { [heartbeatsAnnotation]: 'derived' } },
      },
    });
  }

  /** What a scheduler and a kubelet would have written by now. */
  ready(key: string, ip = `10.0.0.${this.names}`): void {
    if (this.view('pods').objects.get(key) === undefined) return;
    this.change('pods', key, {
      status: {
        phase: 'Running',
        podIP: ip,
        podIPs: [{ ip }],
        conditions: [{ type: 'Ready', status: 'True', lastTransitionTime: timeText(this.now) }],
      },
    });
    const pod = this.view('pods').objects.get(key) as unknown as Pod;
    const nodeName = targetNodeOf(pod) ?? 'node-1';
    this.store('pods', mergePatch(pod, { spec: { nodeName } }) as ApiObject, false);
    const end = this.options.end?.(pod);
    if (end !== undefined)
      this.later(end.after, () => {
        this.end(key, end.exitCode);
      });
  }

  /** The Pod's container has ended, for good. */
  private end(key: string, exitCode: number): void {
    const pod = this.get<Pod>('pods', key);
    if (pod === undefined || isTerminal(pod)) return;
    const at = timeText(this.now);
    const [name = 'c'] = pod.spec.containers.map((container) => container.name);
    const terminated = { exitCode, finishedAt: at };
    this.change('pods', key, {
      status: {
        phase: exitCode === 0 ? 'Succeeded' : 'Failed',
        conditions: [{ type: 'Ready', status: 'False', lastTransitionTime: at }],
        containerStatuses: [{ name, state: { terminated } }],
      },
    });
  }

  /** The kubelet has stopped a Pod that is being deleted; a finalizer may hold it yet. */
  private stopped(key: string): void {
    const pod = this.get<Pod>('pods', key);
    if (pod === undefined) return;
    if ((pod.metadata.finalizers ?? []).length === 0) this.vanish('pods', key);
    else this.end(key, 143);
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
        this.store(
          resource,
          {
            ...object,
            metadata: {
              ...object.metadata,
              finalizers,
              deletionTimestamp: timeText(this.now),
              deletionGracePeriodSeconds: 30,
            },
          },
          false,
        );
      if (resource === 'pods')
        this.later(300 * millisecond, () => {
          this.stopped(key);
        });
    } else this.vanish(resource, key);
    return { ok: true, code: 200, object };
  }

  private store(resource: Resource, object: ApiObject, newGeneration: boolean): ApiObject {
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
    this.tell(resource, before === undefined ? 'ADDED' : 'MODIFIED', stored, view);
    return stored;
  }

  private tell(
    resource: Resource,
    type: 'ADDED' | 'MODIFIED' | 'DELETED',
    object: ApiObject,
    view: View,
  ): void {
    const tell = (): void => {
      if (this.watched.has(resource) && !this.deafTo.has(resource))
        this.send({ type: 'watch', stream: resource, event: { type, object, view } });
    };
    const stalled = this.stalled.get(resource);
    if (stalled === undefined) this.later(millisecond, tell);
    else stalled.push(tell);
  }
}

function patched(before: ApiObject, { patchType, patch }: PatchRequest): ApiObject {
  if (patchType !== 'strategic') return mergePatch(before, patch) as ApiObject;
  const applied = applyStrategicPatch(before as unknown as Json, patch, mergeTypeOfDefinition(before.kind));
  if (!('result' in applied)) throw new Error(`cannot patch: ${JSON.stringify(applied)}`);
  return applied.result as unknown as ApiObject;
}

const refusal = (status: Status): ApiAnswer => ({ ok: false, code: status.code, status });
