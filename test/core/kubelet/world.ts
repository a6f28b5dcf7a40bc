/**
 * A node and the least of an apiserver, to drive the kubelet's reducer directly: requests are answered after a
 * millisecond, watch events come one millisecond later, timers when they are due. What happens is kept as lines.
 */
import type { Node, Pod } from '../../../core/api/generated/types.ts';
import { keyFor, keyOf, type ApiObject } from '../../../core/api/object.ts';
import { mergePatch } from '../../../core/api/merge-patch.ts';
import type { ApiAnswer, ApiRequest, NewObject, WatchEvent } from '../../../core/api/request.ts';
import { emptyView, withObject, withoutObject, type View } from '../../../core/api/view.ts';
import { newKubelet, reduceKubelet, restartKubelet } from '../../../core/kubelet/kubelet.ts';
import type { KubeletSpec } from '../../../core/kubelet/spec.ts';
import type { KubeletEvent, KubeletRequest, KubeletState, KubeletTag } from '../../../core/kubelet/state.ts';
import { fixed } from '../../../core/random/distribution.ts';
import { millisecond, second, timeText, type VirtualTime } from '../../../core/time/time.ts';

export const spec: KubeletSpec = {
  seed: '1',
  node: { name: 'node-1', labels: {}, taints: [], capacity: { cpu: '4', memory: '16Gi', pods: '110' } },
  podCidr: '10.0.3.0/24',
  hostIp: '10.200.0.4',
  images: {
    default: { pull: fixed(2 * second), startup: fixed(0), stop: fixed(300 * millisecond) },
    byName: {},
  },
  limits: { qps: 0, burst: 0 },
  heartbeats: 'derived',
  timings: { sandbox: fixed(500 * millisecond), imageCheck: fixed(100 * millisecond) },
};

interface Entry {
  readonly at: VirtualTime;
  readonly sequence: number;
  readonly process: number;
  readonly event: KubeletEvent;
}

export class World {
  state: KubeletState;
  now: VirtualTime = 0;
  readonly lines: string[] = [];
  readonly requests: { readonly at: VirtualTime; readonly request: ApiRequest }[] = [];
  pods: View<'pods'> = emptyView('pods');
  node: Node | undefined;
  private lease: ApiObject | undefined;
  private revision = 1;
  private sequence = 0;
  /** Which life of the process: answers and timers of an earlier one are lost. */
  private process = 0;
  private watching = false;
  private agenda: Entry[] = [];
  /** Answers the next requests of a verb with this instead. */
  fail: ((request: ApiRequest) => ApiAnswer | undefined) | undefined;

  constructor(of: KubeletSpec = spec) {
    this.state = newKubelet(of);
    this.post(0, { type: 'start' });
  }

  /** Kills the kubelet's process and starts it again, at once or after a while. */
  restart(after = 0): void {
    this.process++;
    this.watching = false;
    this.state = restartKubelet(this.state);
    this.post(after, { type: 'start' });
  }

  put(pod: Pod): void {
    const key = keyOf(pod);
    const before = this.pods.objects.get(key);
    const object = this.stamped(pod);
    this.pods = withObject(this.pods, key, object, this.revision);
    this.tell(before === undefined ? 'ADDED' : 'MODIFIED', object);
  }

  get(name: string): Pod | undefined {
    return this.pods.objects.get(`default/${name}`);
  }

  /** What a user's deletion does: the Pod is marked, and the kubelet told. */
  markDeleted(name: string, graceSeconds = 30): void {
    const pod = this.get(name);
    if (pod === undefined) throw new Error(`no Pod ${name}`);
    const deletionTimestamp = timeText(this.now + graceSeconds * second);
    this.put({
      ...pod,
      metadata: { ...pod.metadata, deletionTimestamp, deletionGracePeriodSeconds: graceSeconds },
    });
  }

  /** The control plane has not heard of the node for too long. */
  markUnknown(): void {
    if (this.node === undefined) return;
    const { status } = this.node;
    const conditions = (status.conditions ?? []).map((known) => ({ ...known, status: 'Unknown' }));
    this.node = { ...this.node, status: { ...status, conditions } };
  }

  remove(name: string): void {
    const pod = this.get(name);
    if (pod === undefined) return;
    const object = this.stamped(pod);
    this.pods = withoutObject(this.pods, `default/${name}`, this.revision);
    this.tell('DELETED', object);
  }

  /** Runs until nothing but background timers is left, or until a time. */
  run(until: VirtualTime = Infinity): this {
    for (let steps = 0; steps < 100_000; steps++) {
      const next = this.agenda.reduce<Entry | undefined>(
        (best, entry) => (best === undefined || before(entry, best) ? entry : best),
        undefined,
      );
      if (next === undefined || next.at > until) break;
      this.agenda = this.agenda.filter((entry) => entry !== next);
      this.now = next.at;
      if (next.process === this.process) this.step(next.event);
    }
    if (until !== Infinity) this.now = until;
    return this;
  }

  private step(event: KubeletEvent): void {
    const { state, requests } = reduceKubelet(this.state, event, this.now);
    this.state = frozen(state);
    for (const request of requests) this.serve(request);
  }

  private serve(request: KubeletRequest): void {
    switch (request.do) {
      case 'timer':
        return this.post(request.after, { type: 'timer', tag: request.tag });
      case 'watch':
        this.watching = true;
        return;
      case 'unwatch':
      case 'explain':
        return;
      case 'exit':
        throw new Error('a kubelet stays');
      case 'call': {
        const { tag, request: asked, after = 0 } = request;
        this.requests.push({ at: this.now, request: asked });
        this.write(asked);
        const answer = this.fail?.(asked) ?? this.answerTo(asked);
        return this.post(after + millisecond, {
          type: 'answer',
          tag,
          request: asked,
          answer,
        } as KubeletEvent & { tag: KubeletTag });
      }
    }
  }

  private answerTo(request: ApiRequest): ApiAnswer {
    const key =
      'name' in request && request.name !== undefined ? keyFor(request.namespace, request.name) : '';
    if (request.resource === 'pods') return this.answerPods(request, key);
    if (request.resource === 'nodes') return this.answerNodes(request);
    if (request.verb === 'patch') return { ok: true, code: 200 };
    if (request.verb === 'get')
      return this.lease === undefined ? failure(404) : { ok: true, code: 200, object: this.lease };
    const object = this.stamped((request as { object?: NewObject }).object as ApiObject);
    if (request.resource === 'leases') this.lease = object;
    return { ok: true, code: 201, object };
  }

  private answerNodes(request: ApiRequest): ApiAnswer {
    if (request.verb === 'create') {
      if (this.node !== undefined) return failure(409);
      this.node = this.stamped({
        ...(request.object as Node),
        metadata: { ...request.object.metadata, uid: 'node-uid' },
      } as Node);
    }
    if (this.node === undefined) return failure(404);
    if (request.verb === 'patch') this.node = this.stamped(mergePatch(this.node, request.patch) as Node);
    return { ok: true, code: 200, object: this.node };
  }

  private answerPods(request: ApiRequest, key: string): ApiAnswer {
    if (request.verb === 'list')
      return {
        ok: true,
        code: 200,
        list: { view: this.pods as unknown as View, resourceVersion: `${this.revision}` },
      };
    const pod = this.pods.objects.get(key);
    if (pod === undefined) return failure(404);
    if (request.verb === 'patch') this.put(mergePatch(pod, request.patch) as Pod);
    if (request.verb === 'delete') {
      if (request.preconditions?.uid !== pod.metadata.uid) return failure(409);
      this.remove(pod.metadata.name);
      return { ok: true, code: 200, object: pod };
    }
    return { ok: true, code: 200, object: this.pods.objects.get(key) ?? pod };
  }

  private stamped<T extends ApiObject>(object: T): T {
    this.revision++;
    return { ...object, metadata: { ...object.metadata, resourceVersion: `${this.revision}` } };
  }

  private tell(type: WatchEvent['type'], object: ApiObject): void {
    if (!this.watching) return;
    const event: WatchEvent = { type, object, view: this.pods as unknown as View };
    this.post(2 * millisecond, { type: 'watch', stream: 'pods', event });
  }

  private post(after: number, event: KubeletEvent): void {
    this.agenda.push({ at: this.now + after, sequence: this.sequence++, process: this.process, event });
  }

  private write(request: ApiRequest): void {
    const line = lineOf(request);
    if (line !== undefined) this.lines.push(`${(this.now / second).toFixed(3).padStart(8)}s  ${line}`);
  }
}

/** The value with everything in it frozen: a step that changes an older state throws. */
function frozen<T>(value: T): T {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value;
  Object.freeze(value);
  for (const part of Object.values(value)) frozen(part);
  return value;
}

const before = (a: Entry, b: Entry): boolean => a.at < b.at || (a.at === b.at && a.sequence < b.sequence);

export const failure = (code: number): ApiAnswer => ({
  ok: false,
  code,
  status: { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Failure', code },
});

interface EventFields {
  readonly type: string;
  readonly reason: string;
  readonly message: string;
  readonly involvedObject: { readonly kind: string };
}

interface EventCount {
  readonly count: number;
  readonly message: string;
}

/** The line of a request about a Pod: its Events, its statuses, its deletion. */
function lineOf(request: ApiRequest): string | undefined {
  if (request.resource === 'events' && request.verb === 'create') {
    const event = request.object as unknown as EventFields;
    return event.involvedObject.kind === 'Pod'
      ? `event ${event.type} ${event.reason}: ${event.message}`
      : undefined;
  }
  if (request.resource === 'events' && request.verb === 'patch') {
    const { count, message } = request.patch as unknown as EventCount;
    return `event again (x${count}): ${message}`;
  }
  if (request.resource !== 'pods') return undefined;
  if (request.verb === 'delete') return `delete ${request.name} grace=${request.gracePeriodSeconds ?? ''}`;
  if (request.verb !== 'patch') return undefined;
  return `status ${statusLine((request.patch as unknown as Pod).status)}`;
}

/** A status in one line: phase, readiness, and each container's state. */
export function statusLine(status: Pod['status']): string {
  const ready = status.conditions?.find((condition) => condition.type === 'Ready');
  const containers = [...(status.initContainerStatuses ?? []), ...(status.containerStatuses ?? [])].map(
    (container) => {
      const { running, waiting, terminated } = container.state ?? {};
      const state =
        running !== undefined
          ? 'running'
          : terminated !== undefined
            ? `${terminated.reason ?? ''}(${terminated.exitCode})`
            : (waiting?.reason ?? '');
      return `${container.name}=${state}${container.ready ? '+ready' : ''} x${container.restartCount}`;
    },
  );
  return [
    status.phase,
    `Ready=${ready?.status ?? '-'}${ready?.reason === undefined ? '' : `(${ready.reason})`}`,
    status.reason,
    status.podIP,
    ...containers,
  ]
    .filter((part) => part !== undefined)
    .join(' ');
}

interface PodParts {
  readonly uid?: string;
  readonly spec?: Partial<Pod['spec']>;
}

/** A bound Pod with one container `c` of image `web:1`. */
export function pod(name: string, { uid = `uid-${name}`, spec: parts = {} }: PodParts = {}): Pod {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name,
      namespace: 'default',
      uid,
      resourceVersion: '1',
      creationTimestamp: timeText(0),
      generation: 1,
    },
    spec: {
      containers: [container()],
      restartPolicy: 'Always',
      nodeName: 'node-1',
      terminationGracePeriodSeconds: 30,
      ...parts,
    },
    status: {
      phase: 'Pending',
      conditions: [{ type: 'PodScheduled', status: 'True', lastTransitionTime: timeText(0) }],
      qosClass: 'BestEffort',
    },
  };
}

export function container(
  parts: Partial<Pod['spec']['containers'][number]> = {},
): Pod['spec']['containers'][number] {
  return { name: 'c', image: 'web:1', imagePullPolicy: 'IfNotPresent', ...parts };
}
