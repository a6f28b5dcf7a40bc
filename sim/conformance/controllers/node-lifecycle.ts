/**
 * node-lifecycle: series of passes over nodes whose kubelets come and go: the conditions and taints of each node, and the
 * state, rate and queue of each zone. Every field is compared. The controller is run with its handlers and its syncs; a
 * pass is made at every step, as the recording did, and not at the instants of its own loop.
 *
 * The real controller compares heartbeats as Go compares structs, location and all. The client of the recording decoded a
 * Node anew when it was patched, with another location than the statuses that were posted had, so that the pass after the
 * first patch took the heartbeat for a new one. (On a cluster every Node is decoded in the same way.) So it is here.
 */
import { keyOf, type ApiObject } from '../../../core/api/object.ts';
import { mergePatch, same } from '../../../core/api/merge-patch.ts';
import type { Lease, Node, NodeCondition } from '../../../core/api/generated/types.ts';
import type { ApiAnswer, ApiRequest } from '../../../core/api/request.ts';
import type { Delta, Informers } from '../../../core/client/informer.ts';
import type { Context, Controller } from '../../../core/controllers/controller.ts';
import type { NodeMemory } from '../../../core/controllers/nodelifecycle/memory.ts';
import { noScheduleTaints } from '../../../core/controllers/nodelifecycle/no-schedule.ts';
import { nodeLifecycle } from '../../../core/controllers/nodelifecycle/nodelifecycle.ts';
import { defaultSettings, taintPasses } from '../../../core/controllers/nodelifecycle/settings.ts';
import { microTimeText, second, timeText, virtualTimeOf } from '../../../core/time/time.ts';
import { firstDifference } from '../difference.ts';
import type { Family } from '../family.ts';
import { cachesOf, runSync } from './sync.ts';

interface Case {
  readonly name: string;
  readonly evictionQPS: number;
  readonly secondaryQPS: number;
  readonly nodeMonitorGracePeriodSeconds: number;
  readonly nodeStartupGracePeriodSeconds: number;
  readonly nodes: readonly {
    readonly name: string;
    readonly labels: Readonly<Record<string, string>>;
    readonly statusPosted: boolean;
  }[];
  readonly steps: readonly Step[];
}

interface Step {
  readonly advanceSeconds: number;
  readonly events: readonly {
    readonly node: string;
    /** Empty, `cordonToggle`, or a condition: `PIDPressure=True`; what else is said shows in the other fields. */
    readonly event: string;
    readonly leaseRenewed: boolean;
    readonly readyPosted: boolean;
    readonly readyStatus: string;
  }[];
  readonly noExecuteQueueDrained: boolean;
}

export const nodeLifecycleFamily: Family = {
  name: 'node-lifecycle',
  *answer(cases) {
    for (const recorded of cases) {
      const asked = recorded as unknown as Case;
      yield { name: asked.name, difference: differenceIn(asked) };
    }
  },
};

function differenceIn(asked: Case): string | undefined {
  const world = new NodeWorld(asked);
  for (const [at, step] of asked.steps.entries()) {
    const difference = firstDifference(step, { ...step, ...world.step(step) }, `steps[${at}]`);
    if (difference !== undefined) return difference;
  }
  return undefined;
}

/** Nodes and Leases as the apiserver has them, the two controllers that follow them, and a clock that is set. */
class NodeWorld {
  private now = virtualTimeOf(1_760_000_000);
  private readonly nodes = new Map<string, Node>();
  private readonly leases = new Map<string, Lease>();
  private readonly lifecycle: Controller<NodeMemory>;
  private memory: NodeMemory;
  private revision = 0;

  constructor(asked: Case) {
    this.lifecycle = nodeLifecycle({
      grace: {
        monitor: asked.nodeMonitorGracePeriodSeconds * second,
        startup: asked.nodeStartupGracePeriodSeconds * second,
      },
      rates: {
        ...defaultSettings.rates,
        evictionRate: asked.evictionQPS,
        secondaryEvictionRate: asked.secondaryQPS,
      },
      // A pass at any instant.
      passes: { prefix: 'pass/', period: 1 },
    });
    this.memory = { ...this.lifecycle.initial, start: 0 };
    for (const { name, labels, statusPosted } of asked.nodes)
      this.put(
        'nodes',
        newNode(name, labels, statusPosted ? [this.condition('True', 'KubeletReady')] : [], this.now),
      );
  }

  step({ advanceSeconds, events, noExecuteQueueDrained }: Step): object {
    this.now += advanceSeconds * second;
    for (const event of events) this.happen(event);
    this.sync('pass/now');
    for (const name of this.nodes.keys()) this.taintNoSchedule(name);
    const zonesBeforeDrain = this.zones();
    if (noExecuteQueueDrained) this.drain();
    const nodes = [...this.nodes.values()].map(({ metadata, status, spec }) => ({
      name: metadata.name,
      conditions: (status.conditions ?? [])
        .map(({ type, status: is, reason }) => `${type}=${is} ${reason ?? ''}`)
        .sort(),
      taints: (spec.taints ?? []).map(({ key, effect }) => `${key}:${effect}`).sort(),
    }));
    return { nodes, zonesBeforeDrain };
  }

  private happen({
    node: name,
    event,
    leaseRenewed,
    readyPosted,
    readyStatus,
  }: Step['events'][number]): void {
    const node = this.nodes.get(name) as Node;
    let conditions = node.status.conditions ?? [];
    if (event.includes('=')) {
      const [type = '', status = ''] = event.split('=');
      conditions = this.posted(conditions, type, status);
    }
    if (readyPosted) conditions = this.posted(conditions, 'Ready', readyStatus);
    const unschedulable =
      event === 'cordonToggle' ? node.spec.unschedulable !== true : node.spec.unschedulable;
    this.put('nodes', {
      ...node,
      spec: { ...node.spec, unschedulable },
      status: { ...node.status, conditions },
    });
    if (leaseRenewed) this.put('leases', newLease(name, microTimeText(this.now)));
  }

  private posted(
    conditions: readonly NodeCondition[],
    type: string,
    status: string,
  ): readonly NodeCondition[] {
    const before = conditions.find((each) => each.type === type);
    const next = { ...this.condition(status, 'Kubelet'), type };
    if (before === undefined) return [...conditions, next];
    const { lastTransitionTime } = before.status === status ? before : next;
    return conditions.map((each) => (each === before ? { ...next, lastTransitionTime } : each));
  }

  private condition(status: string, reason: string): NodeCondition {
    const at = timeText(this.now);
    return { type: 'Ready', status, reason, lastHeartbeatTime: at, lastTransitionTime: at };
  }

  private put(resource: 'nodes' | 'leases', object: Node | Lease): void {
    const stored = resource === 'nodes' ? this.nodes : this.leases;
    const before = stored.get(object.metadata.name);
    if (before !== undefined && same(before, object)) return;
    const metadata = { ...object.metadata, resourceVersion: `${++this.revision}` };
    const next = { ...object, metadata } as Node & Lease;
    stored.set(metadata.name, next);
    const delta: Delta = {
      stream: resource,
      type: before === undefined ? 'added' : 'updated',
      key: keyOf(next),
      object: next,
      before,
    };
    this.memory = this.lifecycle.handle(this.context(this.memory), delta)?.memory ?? this.memory;
  }

  private context<Memory>(memory: Memory): Context<Memory> {
    return { seed: '', caches: this.caches(), memory, now: this.now };
  }

  private caches(): Informers {
    return cachesOf({
      nodes: [...this.nodes.values()] as readonly ApiObject[],
      leases: [...this.leases.values()] as readonly ApiObject[],
      pods: [],
    });
  }

  private sync(key: string): void {
    const sync = this.lifecycle.sync(this.context(this.memory), key);
    let step = sync.next();
    while (step.done !== true) {
      this.memory = step.value.remember?.(this.memory) ?? this.memory;
      const answers = step.value.requests.map((request) => this.perform(request));
      step = sync.next({ answers, now: this.now });
    }
    this.memory = step.value.remember?.(this.memory) ?? this.memory;
  }

  private taintNoSchedule(name: string): void {
    runSync(noScheduleTaints.sync(this.context(undefined), name), this.now, (request) =>
      this.perform(request),
    );
  }

  private perform(request: ApiRequest): ApiAnswer {
    const name = 'name' in request ? (request.name ?? '') : '';
    const before = this.nodes.get(name) as Node;
    if (request.verb === 'update') this.put('nodes', { ...before, status: (request.object as Node).status });
    if (request.verb === 'patch') this.put('nodes', decodedAnew(mergePatch(before, request.patch) as Node));
    return { ok: true, code: 200, object: this.nodes.get(name) as ApiObject };
  }

  /** The pass of the NoExecute taints without its rates, unless a rate is 0. */
  private drain(): void {
    for (let left = -1, now = this.waiting(); now !== left; now = this.waiting()) {
      left = now;
      const zones = Object.entries(this.memory.zones).map(([name, zone]) => [
        name,
        { ...zone, queue: { ...zone.queue, tokenAt: 0 } },
      ]);
      this.memory = { ...this.memory, zones: Object.fromEntries(zones) as NodeMemory['zones'] };
      this.sync(`${taintPasses.prefix}now`);
    }
  }

  private waiting(): number {
    return Object.values(this.memory.zones).reduce((sum, { queue }) => sum + queue.waiting.size, 0);
  }

  private zones(): object {
    const entries = Object.entries(this.memory.zones).map(([name, { state, queue }]) => [
      name,
      { state, limiterQPS: `${queue.rate}`, queued: [...queue.waiting.values()].sort() },
    ]);
    return Object.fromEntries(entries) as object;
  }
}

/** Its times are the same instants, and compare as others than those that were posted. */
const decodedAnew = (node: Node): Node => ({
  ...node,
  status: {
    ...node.status,
    conditions: (node.status.conditions ?? []).map((condition) => ({
      ...condition,
      lastHeartbeatTime: condition.lastHeartbeatTime?.replace('Z', '+00:00'),
    })),
  },
});

const newNode = (
  name: string,
  labels: Readonly<Record<string, string>>,
  conditions: readonly NodeCondition[],
  now: number,
): Node => ({
  apiVersion: 'v1',
  kind: 'Node',
  metadata: { name, uid: name, labels, creationTimestamp: timeText(now), resourceVersion: '0' },
  spec: {},
  status: { conditions },
});

const newLease = (name: string, renewTime: string): Lease =>
  ({
    apiVersion: 'coordination.k8s.io/v1',
    kind: 'Lease',
    metadata: { namespace: 'kube-node-lease', name, uid: name, resourceVersion: '0' },
    spec: { holderIdentity: name, renewTime },
  }) as unknown as Lease;
