/** What became of the Pods of a workload trace: when each was bound, and how much of the cluster they held over time. */
import { milliValue, wholeValue } from '../../core/text/quantity.ts';
import type { Pod } from '../../core/api/generated/types.ts';
import type { VirtualTime } from '../../core/time/time.ts';
import type { NodeSpec, WorkloadPod } from '../cluster/spec.ts';
import { gpuMilliResource } from './openb.ts';
import type { Write } from './write-observer.ts';

/** CPUs in thousandths, bytes, GPUs in thousandths. */
interface Amount {
  readonly cpu: number;
  readonly memory: number;
  readonly gpu: number;
}

interface Life {
  readonly createdAt: VirtualTime;
  boundAt: VirtualTime | undefined;
}

/** The cluster at one moment; allocations are shares of what the nodes have, and undefined where they have none. */
export interface LedgerSample {
  readonly at: VirtualTime;
  readonly cpu: number | undefined;
  readonly memory: number | undefined;
  readonly gpu: number | undefined;
  readonly bound: number;
  readonly pending: number;
}

export interface LedgerReport {
  readonly created: number;
  readonly scheduled: number;
  /** Created, still there, and on no node. */
  readonly pending: number;
  /** Deleted before they were on a node. */
  readonly leftUnscheduled: number;
  /** From creation to binding, of the scheduled ones. */
  readonly waiting:
    { readonly p50: number; readonly p90: number; readonly p99: number; readonly max: number } | undefined;
  /** Over all the time, not only at the samples. */
  readonly allocation: Readonly<Record<'cpu' | 'memory' | 'gpu', Allocation | undefined>>;
  readonly samples: readonly LedgerSample[];
}

/** Shares of what the nodes have. */
interface Allocation {
  readonly mean: number;
  readonly peak: number;
}

const podsPrefix = '/registry/pods/';

interface Change {
  readonly at: VirtualTime;
  readonly held: Amount;
  readonly bound: number;
  readonly pending: number;
}

const nothing: Amount = { cpu: 0, memory: 0, gpu: 0 };
const plus = (a: Amount, b: Amount, sign: 1 | -1): Amount => ({
  cpu: a.cpu + sign * b.cpu,
  memory: a.memory + sign * b.memory,
  gpu: a.gpu + sign * b.gpu,
});

export class PodLedger {
  /** What it follows: keys of Pods. */
  readonly prefix = podsPrefix;
  private readonly requests = new Map<string, Amount>();
  private readonly living = new Map<string, Life>();
  /** Pods that hold their requests: bound and not over. */
  private readonly holding = new Set<string>();
  private readonly capacity: Amount;
  private readonly changes: Change[] = [{ at: 0, held: nothing, bound: 0, pending: 0 }];
  private readonly waits: VirtualTime[] = [];
  private created = 0;
  private leftUnscheduled = 0;

  constructor(nodes: readonly NodeSpec[], pods: readonly WorkloadPod[]) {
    this.capacity = nodes
      .map((node) => amountOf(node.allocatable ?? node.capacity))
      .reduce((a, b) => plus(a, b, 1), nothing);
    for (const { object } of pods) {
      const key = `${podsPrefix}${object.metadata.namespace ?? 'default'}/${object.metadata.name ?? ''}`;
      this.requests.set(key, requestsOf(object as Partial<Pod>));
    }
  }

  readonly note = (write: Write): void => {
    const { key, at } = write;
    const request = this.requests.get(key);
    if (request === undefined) return;
    if (write.delete === true) this.leave(key, at, request);
    else if (write.put !== undefined) {
      this.created++;
      this.living.set(key, { createdAt: at, boundAt: undefined });
      this.change(at, nothing, 1);
    }
    const part = (write.put ?? write.patch) as Partial<Pod> | undefined;
    if (part?.spec?.nodeName !== undefined) this.bind(key, at, request);
    if (part?.status?.phase === 'Succeeded' || part?.status?.phase === 'Failed')
      this.release(key, at, request);
  };

  private bind(key: string, at: VirtualTime, request: Amount): void {
    const life = this.living.get(key);
    if (life === undefined || life.boundAt !== undefined) return;
    life.boundAt = at;
    this.waits.push(at - life.createdAt);
    this.holding.add(key);
    this.change(at, request, 1);
  }

  private release(key: string, at: VirtualTime, request: Amount): void {
    if (this.holding.delete(key)) this.change(at, request, -1);
  }

  private leave(key: string, at: VirtualTime, request: Amount): void {
    const life = this.living.get(key);
    if (life === undefined) return;
    this.living.delete(key);
    this.release(key, at, request);
    if (life.boundAt !== undefined) return;
    this.leftUnscheduled++;
    this.change(at, nothing, 1);
  }

  private change(at: VirtualTime, by: Amount, sign: 1 | -1): void {
    const last = this.changes.at(-1) ?? { held: nothing };
    this.changes.push({
      at,
      held: plus(last.held, by, sign),
      bound: this.holding.size,
      pending: this.created - this.waits.length - this.leftUnscheduled,
    });
  }

  /** What happened until `end`, with so many samples at equal distances, the last one at the end. */
  report(end: VirtualTime, samples = 60): LedgerReport {
    const sorted = Float64Array.from(this.waits).sort();
    const rank = (p: number): number => sorted[Math.max(0, Math.ceil(p * sorted.length) - 1)] ?? 0;
    return {
      created: this.created,
      scheduled: this.waits.length,
      pending: this.created - this.waits.length - this.leftUnscheduled,
      leftUnscheduled: this.leftUnscheduled,
      waiting:
        sorted.length === 0 ? undefined : { p50: rank(0.5), p90: rank(0.9), p99: rank(0.99), max: rank(1) },
      allocation: {
        cpu: this.allocation('cpu', end),
        memory: this.allocation('memory', end),
        gpu: this.allocation('gpu', end),
      },
      samples: this.sampled(end, samples),
    };
  }

  private allocation(resource: keyof Amount, end: VirtualTime): Allocation | undefined {
    const all = this.capacity[resource];
    if (all === 0 || end === 0) return undefined;
    let peak = 0;
    let product = 0;
    for (const [index, { at, held }] of this.changes.entries()) {
      const until = this.changes[index + 1]?.at ?? end;
      product += (held[resource] / all) * (until - at);
      peak = Math.max(peak, held[resource] / all);
    }
    return { mean: product / end, peak };
  }

  private sampled(end: VirtualTime, count: number): readonly LedgerSample[] {
    const share = (held: number, all: number): number | undefined => (all === 0 ? undefined : held / all);
    let next = 0;
    let current = this.changes[0] ?? { at: 0, held: nothing, bound: 0, pending: 0 };
    return Array.from({ length: count }, (_, i) => {
      const at = Math.round((end * (i + 1)) / count);
      for (
        let change = this.changes[next];
        change !== undefined && change.at <= at;
        change = this.changes[++next]
      )
        current = change;
      const { held, bound, pending } = current;
      const { cpu, memory, gpu } = this.capacity;
      return {
        at,
        cpu: share(held.cpu, cpu),
        memory: share(held.memory, memory),
        gpu: share(held.gpu, gpu),
        bound,
        pending,
      };
    });
  }
}

const amountOf = (quantities: Readonly<Record<string, string>>): Amount => ({
  cpu: milliValue(quantities['cpu'] ?? '0'),
  memory: wholeValue(quantities['memory'] ?? '0'),
  gpu: wholeValue(quantities[gpuMilliResource] ?? '0'),
});

function requestsOf(pod: Partial<Pod>): Amount {
  const containers = pod.spec?.containers ?? [];
  return containers
    .map((container) => amountOf(container.resources?.requests ?? {}))
    .reduce((a, b) => plus(a, b, 1), nothing);
}
