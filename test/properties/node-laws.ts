/**
 * When the control plane may give a node up, and drive Pods from it: each request of two controllers is held against what their
 * process had seen by then. The numbers are those of the properties in the corpus of real failures.
 */
import type { Lease, Node, Pod, Taint } from '../../core/api/generated/types.ts';
import { heartbeatsOf } from '../../core/api/heartbeats.ts';
import { keyFor, type ApiObject } from '../../core/api/object.ts';
import { conditionOf } from '../../core/api/pod.ts';
import type { ApiRequest, DeleteRequest, PatchRequest, UpdateRequest } from '../../core/api/request.ts';
import { objectsIn } from '../../core/api/view.ts';
import { tolerates } from '../../core/api/taints.ts';
import { viewOf, type Informers } from '../../core/client/informer.ts';
import type { ControllerManagerState, ControllerTag } from '../../core/controllers/manager.ts';
import { parseTimeText, second, type Duration, type VirtualTime } from '../../core/time/time.ts';
import type { Observer } from '../../sim/engine/world.ts';
import { LawBook } from './law-book.ts';
import { syncTagOf, syncViewOf, type SyncTag, type SyncView } from './sync-view.ts';

/** What Kubernetes has. A test that gives other rules sees the laws broken. */
export interface NodeRules {
  /** --node-monitor-grace-period */
  readonly grace: Duration;
  /** Nodes a second and zone that get a NoExecute taint (--node-eviction-rate). */
  readonly rate: number;
  /** From a change of the nodes until the next pass over them has drawn its conclusions. */
  readonly pass: Duration;
  /** With as few nodes Ready as this nobody is driven away. */
  readonly few: number;
  /** How much longer than its tolerations say a Pod stays. */
  readonly patience: Duration;
}

export const kubernetesNodeRules: NodeRules = {
  grace: 50 * second,
  rate: 0.1,
  pass: 6 * second,
  few: 0,
  patience: 0,
};

/** NoExecute taints that have followed one another on a node without a gap. */
interface Stretch {
  readonly since: VirtualTime;
  /** Undefined: there is one still. */
  until: VirtualTime | undefined;
  readonly taints: Taint[];
}

/** When something was seen, and the time that it stands for. A sync that began before does not know of it. */
interface Sign {
  readonly seen: VirtualTime;
  readonly of: VirtualTime;
}

export class NodeLaws extends LawBook implements Observer {
  private readonly rules: NodeRules;
  /** The signs of life of each node; of Infinity while its Lease says that they are not written. */
  private readonly signs = new Map<string, Sign[]>();
  private readonly stretches = new Map<string, Stretch[]>();
  /** When each Pod was first seen on its node, by uid. */
  private readonly arrivals = new Map<string, VirtualTime>();
  /** Since when too few nodes have been Ready; undefined: enough are. */
  private allOut: VirtualTime | undefined = 0;
  /** The Node as each sync has read it last. */
  private readonly read = new Map<string, Node>();
  /** When a taint was put on a node, by zone. */
  private readonly tainted = new Map<string, VirtualTime[]>();

  constructor(rules: NodeRules = kubernetesNodeRules) {
    super();
    this.rules = rules;
  }

  stepped(process: string, ...[before, step, now, event]: Tail<Parameters<Observer['stepped']>>): void {
    if (process !== 'kube-controller-manager') return;
    const [was, is] = [before as ControllerManagerState, step.state as ControllerManagerState];
    if (was.informers !== is.informers) this.saw(was.informers, is.informers, now);
    if (event.type === 'answer' && event.answer.ok && event.answer.object?.kind === 'Node')
      this.hasRead(event.tag as ControllerTag, event.answer.object as Node);
    for (const asked of step.requests) {
      const tag = syncTagOf(asked);
      if (asked.do === 'call' && tag !== undefined) this.asked(is, tag, asked.request);
    }
  }

  private asked(state: ControllerManagerState, tag: SyncTag, request: ApiRequest): void {
    if (tag.controller === 'node-lifecycle-controller' && request.resource === 'nodes') {
      if (request.verb === 'update') this.givenUp(syncViewOf(state, tag), request);
      if (request.verb === 'patch') this.taints(syncViewOf(state, tag), tag, request);
    }
    if (tag.controller === 'taint-eviction-controller' && request.verb === 'delete')
      this.evicts(syncViewOf(state, tag), request);
  }

  private saw(was: Informers, is: Informers, now: VirtualTime): void {
    for (const { before, after } of changes(was, is, 'leases'))
      if (after !== undefined) this.sawLease(before as Lease | undefined, after as Lease, now);
    const nodes = changes(was, is, 'nodes');
    for (const { before, after } of nodes)
      this.sawNode(before as Node | undefined, after as Node | undefined, now);
    if (nodes.length > 0) {
      const ready = [...objectsIn(viewOf(is, 'nodes'))].filter(isReady).length;
      this.allOut = ready > this.rules.few ? undefined : (this.allOut ?? now);
    }
    for (const { after } of changes(was, is, 'pods')) {
      const pod = after as Pod | undefined;
      if ((pod?.spec.nodeName ?? '') !== '' && pod !== undefined && !this.arrivals.has(pod.metadata.uid))
        this.arrivals.set(pod.metadata.uid, now);
    }
  }

  /** Where renewals are not written, the Lease says whether they go on, and which was the last. */
  private sawLease(before: Lease | undefined, lease: Lease, now: VirtualTime): void {
    const { name } = lease.metadata;
    const renewTime = lease.spec?.renewTime ?? '';
    const heartbeats = heartbeatsOf(lease);
    if (heartbeats === 'derived') this.lives(name, now, Infinity);
    else if (heartbeats === 'ended') this.lives(name, now, parseTimeText(renewTime) ?? now);
    else if (before?.spec?.renewTime !== renewTime) this.lives(name, now, now);
  }

  private lives(node: string, seen: VirtualTime, of: VirtualTime): void {
    const signs = this.signs.get(node) ?? [];
    signs.push({ seen, of });
    this.signs.set(node, signs);
  }

  private sawNode(before: Node | undefined, node: Node | undefined, now: VirtualTime): void {
    const name = (node ?? before)?.metadata.name ?? '';
    const heartbeat = node === undefined ? undefined : heartbeatOf(node);
    if (before === undefined || heartbeat !== heartbeatOf(before))
      this.lives(name, now, Math.max(this.signs.get(name)?.at(-1)?.of ?? 0, now));
    const taints = (node?.spec.taints ?? []).filter(({ effect }) => effect === 'NoExecute');
    const known = this.stretches.get(name) ?? [];
    this.stretches.set(name, known);
    const last = known.at(-1);
    if (last === undefined || last.until !== undefined) {
      if (taints.length > 0) known.push({ since: now, until: undefined, taints });
    } else if (taints.length > 0) last.taints.push(...taints);
    else last.until = now;
  }

  private hasRead(tag: ControllerTag, node: Node): void {
    if (tag.of === 'sync') this.read.set(`${tag.key} ${node.metadata.name}`, node);
  }

  /** P23: a node is Unknown when nothing was seen of it for the grace period. */
  private givenUp({ caches, now }: SyncView, { object }: UpdateRequest): void {
    const node = object as unknown as Node;
    const { name } = node.metadata;
    const before = viewOf(caches, 'nodes').objects.get(name);
    if (conditionOf(node.status, 'Ready')?.status !== 'Unknown' || before === undefined) return;
    if (conditionOf(before.status, 'Ready')?.status !== 'True') return;
    const last = this.signs.get(name)?.findLast(({ seen }) => seen <= now)?.of ?? 0;
    this.law('P23 grace', last <= now - this.rules.grace, () => {
      const silent = (now - last) / second;
      return `${name} is given up after ${silent} s`;
    });
  }

  /** P23: one node a zone at a time loses its Pods, and none while all are out. */
  private taints({ caches, now }: SyncView, { key }: SyncTag, { name, patch }: PatchRequest): void {
    const node = this.read.get(`${key} ${name}`);
    const wanted = (patch as { spec?: { taints?: readonly Taint[] | null } }).spec?.taints ?? [];
    if (node === undefined || !wanted.some(drivesAway) || (node.spec.taints ?? []).some(drivesAway)) return;
    const { pass, rate } = this.rules;
    const isTotal = this.allOut !== undefined && now - this.allOut >= pass;
    this.law('P23 total', !isTotal, () => `${name} is tainted while no node is Ready`);
    const zone = zoneOf(viewOf(caches, 'nodes').objects.get(name) ?? node);
    const times = this.tainted.get(zone) ?? [];
    // A write that met a conflict is made again, by the same pass.
    if (times.at(-1) === now) return;
    times.push(now);
    this.tainted.set(zone, times);
    times.slice(0, -1).forEach((first, i) => {
      const count = times.length - i;
      const most = 1 + (rate * (now - first)) / second;
      this.law('P23 rate', count <= most, () => {
        const seconds = (now - first) / second;
        return `${count} nodes of ${zone} are tainted within ${seconds} s`;
      });
    });
  }

  /**
   * P24: a Pod goes because of a taint that it does not tolerate, or has tolerated for long enough. What was planned when the first
   * of several taints came is kept when another one takes its place, in the real one too (taint_eviction.go processPodOnNode): so
   * the taints of a stretch count together.
   */
  private evicts({ caches, now }: SyncView, { namespace, name }: DeleteRequest): void {
    const pod = viewOf(caches, 'pods').objects.get(keyFor(namespace, name));
    const stretch = this.stretches
      .get(pod?.spec.nodeName ?? '')
      ?.find(({ since, until }) => since <= now && (until === undefined || until > now));
    const may = pod !== undefined && stretch !== undefined && this.hasStayed(pod, stretch, now);
    this.law('P24', may, () => {
      const node = pod?.spec.nodeName ?? 'nowhere';
      const since = (now - (stretch?.since ?? now)) / second;
      const tolerations = JSON.stringify(pod?.spec.tolerations ?? []);
      return `${name} goes from ${node} after ${since} s, tolerating ${tolerations}`;
    });
  }

  private hasStayed({ metadata, spec }: Pod, { since, taints }: Stretch, now: VirtualTime): boolean {
    let least = Infinity;
    for (const taint of taints) {
      const toleration = spec.tolerations?.find((each) => tolerates(each, taint));
      if (toleration === undefined) return now - since >= this.rules.patience;
      least = Math.min(least, toleration.tolerationSeconds ?? Infinity);
    }
    const arrival = Math.max(since, this.arrivals.get(metadata.uid) ?? 0);
    return now - arrival >= Math.max(0, least) * second + this.rules.patience;
  }
}

type Tail<T extends readonly unknown[]> = T extends readonly [unknown, ...infer Rest] ? Rest : never;

interface Change {
  readonly before: ApiObject | undefined;
  readonly after: ApiObject | undefined;
}

function changes(was: Informers, is: Informers, resource: 'leases' | 'nodes' | 'pods'): readonly Change[] {
  const [before, after] = [viewOf(was, resource), viewOf(is, resource)];
  return before === after ? [] : before.objects.difference(after.objects as never);
}

const isReady = (node: Node): boolean => conditionOf(node.status, 'Ready')?.status === 'True';

const heartbeatOf = (node: Node): string | undefined => conditionOf(node.status, 'Ready')?.lastHeartbeatTime;

/** The taints that the node lifecycle controller puts on for the sake of evictions. */
const drivesAway = ({ key, effect }: Taint): boolean =>
  effect === 'NoExecute' &&
  (key === 'node.kubernetes.io/unreachable' || key === 'node.kubernetes.io/not-ready');

const zoneOf = ({ metadata }: Node): string => metadata.labels?.['topology.kubernetes.io/zone'] ?? '';
