/**
 * A small world for controllers: a store (`store.ts`) that answers each request after 1 ms and tells each change 1 ms later,
 * and the kube-controller-manager. What was asked and what changed is written down, as text a person can read.
 */
import { heartbeatsAnnotation } from '../../../core/api/heartbeats.ts';
import type { Pod } from '../../../core/api/generated/types.ts';
import { mergePatch } from '../../../core/api/merge-patch.ts';
import { splitKey, type ApiObject, type Resource } from '../../../core/api/object.ts';
import { isTerminal } from '../../../core/api/pod.ts';
import type { ApiAnswer, ApiRequest, NewObject, Status } from '../../../core/api/request.ts';
import type { View } from '../../../core/api/view.ts';
import type { ClientEvent, ClientRequest } from '../../../core/client/component.ts';
import { targetNodeOf } from '../../../core/controllers/daemon/pod.ts';
import {
  newControllerManager,
  reduceControllerManager,
  type ControllerManagerState,
  type ControllerTag,
} from '../../../core/controllers/manager.ts';
import { millisecond, second, timeText, type Duration, type VirtualTime } from '../../../core/time/time.ts';
import { Store, type Surroundings } from './store.ts';

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

export class World implements Surroundings {
  now: VirtualTime = 0;
  state: ControllerManagerState;
  /** `when who verb what answer` of every write of a controller, and of every Event. */
  readonly lines: string[] = [];
  steps = 0;
  /** News of these resources is lost from now on. */
  readonly deafTo = new Set<Resource>();
  private readonly store = new Store(this);
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

  /** A node comes, and a second passes, in which the controllers see to it; what they wrote is not told. */
  withNode(): this {
    const metadata = { name: 'node-1' };
    this.create('nodes', { apiVersion: 'v1', kind: 'Node', metadata, spec: {}, status: {} });
    this.run(second);
    this.lines.length = 0;
    return this;
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
    const answer = this.store.perform({
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
    this.store.put(resource, mergePatch(object, patch) as ApiObject, patch['spec'] !== undefined);
  }

  delete(resource: Resource, key: string): void {
    const { namespace, name } = splitKey(key);
    this.store.perform({ verb: 'delete', resource, namespace, name });
  }

  /** The object vanishes, whatever keeps it. */
  vanish(resource: Resource, key: string): void {
    this.store.vanish(resource, key);
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
    return this.store.view(resource);
  }

  tell(resource: Resource, type: 'ADDED' | 'MODIFIED' | 'DELETED', object: ApiObject, view: View): void {
    const tell = (): void => {
      if (this.watched.has(resource) && !this.deafTo.has(resource))
        this.send({ type: 'watch', stream: resource, event: { type, object, view } });
    };
    const stalled = this.stalled.get(resource);
    if (stalled === undefined) this.later(millisecond, tell);
    else stalled.push(tell);
  }

  created(resource: Resource, key: string): void {
    if (resource === 'nodes') this.live(key);
    const { readyAfter } = this.options;
    if (resource === 'pods' && readyAfter !== undefined)
      this.later(readyAfter, () => {
        this.ready(key);
      });
  }

  deleted(pod: string): void {
    this.later(300 * millisecond, () => {
      this.stopped(pod);
    });
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
      answer === undefined
        ? this.store.perform(call.request)
        : { ok: false, code: answer.code, status: answer };
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

  /** The kubelet of a node lives as long as the world does. */
  private live(node: string): void {
    this.store.perform({
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
  ready(key: string, ip = `10.0.0.${this.store.names}`): void {
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
    this.store.put('pods', mergePatch(pod, { spec: { nodeName } }) as ApiObject, false);
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
}
