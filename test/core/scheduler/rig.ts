/**
 * A scheduler with as much of a cluster around it as it can see: lists, watches, bindings, status patches and Events,
 * each a fixed time on its way. What it did is written down as lines a person can read.
 */
import type { Json, Node, Pod, PodCondition } from '../../../core/api/generated/types.ts';
import { mergePatch } from '../../../core/api/merge-patch.ts';
import { keyOf, type ApiObject, type Resource } from '../../../core/api/object.ts';
import type { ApiAnswer, ApiRequest, Status, WatchEvent } from '../../../core/api/request.ts';
import { emptyView, withObject, withoutObject, type View } from '../../../core/api/view.ts';
import type { ClientEvent, ClientRequest } from '../../../core/client/component.ts';
import type { Profile } from '../../../core/scheduler/framework.ts';
import { defaultProfile } from '../../../core/scheduler/plugins/registry.ts';
import {
  newScheduler,
  schedulerWith,
  type SchedulerState,
  type SchedulerTag,
} from '../../../core/scheduler/scheduler.ts';
import { millisecond, second, type VirtualTime } from '../../../core/time/time.ts';

interface Entry {
  readonly at: VirtualTime;
  readonly sequence: number;
  readonly background: boolean;
  readonly run: () => void;
}

export interface RigOptions {
  readonly seed?: string;
  readonly profile?: Profile;
  readonly percentageOfNodesToScore?: number;
  readonly limits?: { readonly qps: number; readonly burst: number };
  /** The answer to a binding; undefined: it is done. */
  readonly refuseBinding?: (pod: string, attempt: number) => Status | undefined;
  /** Called before every event that the scheduler hears. */
  readonly beforeEvent?: () => void;
}

/** One step of the reducer, to be done again. */
export interface Recorded {
  readonly state: SchedulerState;
  readonly event: ClientEvent<SchedulerTag>;
  readonly now: VirtualTime;
  readonly requests: readonly ClientRequest<SchedulerTag>[];
}

const latency = 2 * millisecond;

export class Rig {
  state: SchedulerState;
  now: VirtualTime = 0;
  readonly steps: Recorded[] = [];
  readonly lines: string[] = [];
  readonly explained: { readonly key: string; readonly detail: Json }[] = [];
  private readonly agenda: Entry[] = [];
  private readonly views = new Map<Resource, View>();
  private readonly history: {
    readonly resource: Resource;
    readonly revision: number;
    readonly event: WatchEvent;
  }[] = [];
  private readonly watched = new Set<string>();
  private readonly bindings = new Map<string, number>();
  private readonly options: RigOptions;
  private sequence = 0;
  private revision = 0;

  constructor(options: RigOptions = {}) {
    this.options = options;
    this.state = newScheduler({
      seed: options.seed ?? 'rig',
      limits: options.limits ?? { qps: 0, burst: 0 },
      percentageOfNodesToScore: options.percentageOfNodesToScore ?? 0,
    });
    for (const resource of ['nodes', 'pods', 'persistentvolumeclaims'])
      this.views.set(resource, emptyView(resource));
    this.later(0, () => {
      this.hear({ type: 'start' });
    });
  }

  /** Something that is done to the cluster at a time of its own. */
  at(time: VirtualTime, run: () => void): this {
    this.later(time - this.now, run);
    return this;
  }

  put(...objects: readonly (ApiObject & { readonly spec?: unknown })[]): this {
    for (const object of objects) this.write(resourceOf(object), object);
    return this;
  }

  remove(object: ApiObject): this {
    const resource = resourceOf(object);
    const key = keyOf(object);
    const last = this.view(resource).objects.get(key);
    if (last === undefined) return this;
    this.revision++;
    const view = withoutObject(this.view(resource), key, this.revision);
    this.views.set(resource, view);
    this.deliver(resource, 'DELETED', last, view);
    return this;
  }

  pod(name: string): Pod | undefined {
    return this.view('pods').objects.get(`default/${name}`) as Pod | undefined;
  }

  node(name: string): Node | undefined {
    return this.view('nodes').objects.get(name) as Node | undefined;
  }

  nodes(): readonly Node[] {
    return [...this.view('nodes').objects.objects.values()] as unknown as Node[];
  }

  pods(): readonly Pod[] {
    return [...this.view('pods').objects.objects.values()] as unknown as Pod[];
  }

  /** Runs until nothing is left but background timers, or until a time. */
  run(until: VirtualTime = Infinity): this {
    for (;;) {
      const index = this.nextEntry();
      const entry = this.agenda[index];
      if (entry === undefined || entry.at > until) break;
      if (until === Infinity && this.agenda.every(({ background }) => background)) break;
      this.agenda.splice(index, 1);
      this.now = entry.at;
      entry.run();
    }
    if (until !== Infinity) this.now = until;
    return this;
  }

  private nextEntry(): number {
    let best = 0;
    this.agenda.forEach((entry, i) => {
      const first = this.agenda[best] as Entry;
      if (entry.at < first.at || (entry.at === first.at && entry.sequence < first.sequence)) best = i;
    });
    return best;
  }

  private later(after: number, run: () => void, background = false): void {
    this.agenda.push({ at: this.now + after, sequence: this.sequence++, background, run });
  }

  private hear(event: ClientEvent<SchedulerTag>): void {
    this.options.beforeEvent?.();
    const { state } = this;
    const step = schedulerWith(this.options.profile ?? defaultProfile)(state, event, this.now);
    this.steps.push({ state, event, now: this.now, requests: step.requests });
    this.state = step.state;
    for (const request of step.requests) this.serve(request);
  }

  private serve(request: ClientRequest<SchedulerTag>): void {
    switch (request.do) {
      case 'call':
        this.later((request.after ?? 0) + latency / 2, () => {
          const answer = this.answer(request.request);
          this.later(latency / 2, () => {
            this.hear({ type: 'answer', tag: request.tag, request: request.request, answer });
          });
        });
        return;
      case 'watch':
        this.watched.add(request.stream);
        for (const { resource, revision, event } of this.history)
          if (resource === request.stream && revision > Number(request.request.resourceVersion))
            this.send(resource, event);
        return;
      case 'timer':
        this.later(
          request.after,
          () => {
            this.hear({ type: 'timer', tag: request.tag });
          },
          request.background,
        );
        return;
      case 'explain':
        this.explained.push({ key: request.key, detail: request.detail });
        return;
      case 'unwatch':
        throw new Error('the scheduler gives up no watch');
      case 'exit':
        throw new Error('nobody else leads here');
    }
  }

  private answer(request: ApiRequest): ApiAnswer {
    if (request.verb === 'list') {
      const view = this.view(request.resource);
      return { ok: true, code: 200, list: { view, resourceVersion: `${this.revision}` } };
    }
    if (request.verb === 'create' && request.resource === 'events') {
      const event = request.object as unknown as { readonly reason: string; readonly message: string };
      this.note(`${event.reason}: ${event.message}`);
      return { ok: true, code: 201 };
    }
    if (request.verb === 'patch' && request.resource === 'events') {
      this.note('the last Event again');
      return { ok: true, code: 200 };
    }
    if (request.verb === 'delete') {
      const leaving = this.pod(request.name);
      this.note(`delete ${request.name}`);
      if (leaving !== undefined) this.remove(leaving);
      return { ok: true, code: 200 };
    }
    const name =
      request.verb === 'create' ? (request.name ?? '') : request.verb === 'patch' ? request.name : '';
    const pod = this.pod(name);
    if (request.verb === 'patch') {
      if (pod !== undefined) this.write('pods', mergePatch(pod, request.patch) as Pod);
      this.note(`patch ${name}`);
      return { ok: true, code: 200 };
    }
    if (request.verb === 'create' && request.subresource === 'binding')
      return this.bind(name, pod, request.object);
    throw new Error(`the rig does not answer ${request.verb} ${request.resource}`);
  }

  private bind(name: string, pod: Pod | undefined, object: unknown): ApiAnswer {
    const attempt = (this.bindings.get(name) ?? 0) + 1;
    this.bindings.set(name, attempt);
    const { target, metadata } = object as {
      readonly target: { readonly name: string };
      readonly metadata: { readonly uid: string };
    };
    const refusal =
      pod?.metadata.uid !== metadata.uid ? notFound(name) : this.options.refuseBinding?.(name, attempt);
    if (refusal !== undefined || pod === undefined) {
      this.note(`refused ${name}`);
      return { ok: false, code: refusal?.code ?? 404, status: refusal ?? notFound(name) };
    }
    this.note(`bind ${name} to ${target.name}`);
    const scheduled: PodCondition = { type: 'PodScheduled', status: 'True' };
    const others = (pod.status.conditions ?? []).filter(({ type }) => type !== 'PodScheduled');
    this.write('pods', {
      ...pod,
      spec: { ...pod.spec, nodeName: target.name },
      status: { ...pod.status, conditions: [...others, scheduled] },
    } as Pod);
    return { ok: true, code: 201 };
  }

  note(line: string): void {
    this.lines.push(`${(this.now / second).toFixed(4)}s ${line}`);
  }

  private view(resource: Resource): View {
    return this.views.get(resource) ?? emptyView(resource);
  }

  private write(resource: Resource, object: ApiObject): void {
    this.revision++;
    const key = keyOf(object);
    const known = this.view(resource).objects.get(key) !== undefined;
    const stamped = { ...object, metadata: { ...object.metadata, resourceVersion: `${this.revision}` } };
    const view = withObject(this.view(resource), key, stamped, this.revision);
    this.views.set(resource, view);
    this.deliver(resource, known ? 'MODIFIED' : 'ADDED', stamped, view);
  }

  private deliver(
    resource: Resource,
    type: 'ADDED' | 'MODIFIED' | 'DELETED',
    object: ApiObject,
    view: View,
  ): void {
    const event: WatchEvent = { type, object, view };
    this.history.push({ resource, revision: this.revision, event });
    if (this.watched.has(resource)) this.send(resource, event);
  }

  private send(stream: Resource, event: WatchEvent): void {
    this.later(latency / 2, () => {
      this.hear({ type: 'watch', stream, event });
    });
  }
}

const resourceOf = (object: ApiObject): Resource => `${object.kind.toLowerCase()}s`;

const notFound = (name: string): Status => ({
  kind: 'Status',
  apiVersion: 'v1',
  metadata: {},
  status: 'Failure',
  message: `pods "${name}" not found`,
  reason: 'NotFound',
  code: 404,
});

type Amounts = Readonly<Record<string, string>>;

export function aNode(
  name: string,
  allocatable: Amounts = {},
  more: Partial<Node['spec']> & { labels?: Amounts } = {},
): Node {
  const { labels, ...spec } = more;
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name, uid: `uid-${name}`, resourceVersion: '1', creationTimestamp: '', labels },
    spec,
    status: { allocatable: { cpu: '4', memory: '8Gi', pods: '110', ...allocatable } },
  };
}

export function aPod(name: string, requests: Amounts = {}, spec: Partial<Pod['spec']> = {}): Pod {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name,
      namespace: 'default',
      uid: `uid-${name}`,
      resourceVersion: '1',
      creationTimestamp: '',
      generation: 1,
    },
    spec: {
      schedulerName: 'default-scheduler',
      containers: [{ name: 'c', image: 'img', resources: { requests } }],
      ...spec,
    },
    status: { phase: 'Pending' },
  };
}
