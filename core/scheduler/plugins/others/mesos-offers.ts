/**
 * Offers as Mesos makes them: the role that has the smallest dominant share of the cluster is offered resources next, and
 * takes the first offer that fits; offers come in a drawn order. A role is the annotation `mesos/role`, else the
 * namespace; the dominant share is the largest of its shares of cpu, memory and extended resources, over its weight.
 * (Ghodsi et al., Dominant Resource Fairness, NSDI 2011; apache/mesos docs/allocation-modules.md)
 *
 * Simplified: a role takes one task's worth of an offer and declines the rest at once; there is no refusal filter, no
 * reservation, quota or revocation.
 */
import { OrderedMap } from '../../../collections/ordered-map.ts';
import type { SchedulerCache } from '../../cache.ts';
import type { NodeInfo } from '../../node-info.ts';
import type { SchedulerPlugin } from '../../own-plugin.ts';
import type { PodInfo } from '../../pod-info.ts';
import type { QueuedPod } from '../../queue.ts';

type Amounts = Map<string, number>;

const roleOf = ({ annotations, namespace }: PodInfo): string => annotations?.['mesos/role'] ?? namespace;

/** Which role's Pod is next. `weights` of roles: 1 where nothing is said. */
function dominantResourceFairness(weights: ReadonlyMap<string, number>): SchedulerPlugin {
  const allocations = new Allocations();
  const capacity = new Capacity();
  return {
    name: 'MesosDominantResourceFairness',
    configured: (args) => dominantResourceFairness(weightsIn(args)),
    next(waiting, cache): QueuedPod | undefined {
      const total = capacity.of(cache.nodes);
      const allocated = allocations.of(cache.pods);
      let best: QueuedPod | undefined;
      let smallest = Infinity;
      const seen = new Set<string>();
      for (const queued of waiting) {
        const role = roleOf(queued.info);
        if (seen.has(role)) continue;
        seen.add(role);
        const share = dominantShare(allocated.get(role), total) / (weights.get(role) ?? 1);
        if (share < smallest) {
          smallest = share;
          best = queued;
        }
      }
      return best;
    },
  };
}

function weightsIn(args: Readonly<Record<string, unknown>>): ReadonlyMap<string, number> {
  const { weights = {}, ...rest } = args;
  const unknown = Object.keys(rest).find((name) => name !== 'apiVersion' && name !== 'kind');
  if (unknown !== undefined) throw new Error(`unknown field ${unknown}; there is weights`);
  const entries = typeof weights === 'object' && weights !== null ? Object.entries(weights) : undefined;
  if (entries?.every(([, weight]) => typeof weight === 'number' && weight > 0) !== true)
    throw new Error('weights: expected numbers above 0 by the names of roles');
  return new Map(entries as [string, number][]);
}

function dominantShare(allocated: Amounts | undefined, total: ReadonlyMap<string, number>): number {
  let share = 0;
  for (const [resource, amount] of allocated ?? []) {
    const there = total.get(resource) ?? 0;
    if (there > 0) share = Math.max(share, amount / there);
  }
  return share;
}

const add = (amounts: Amounts, name: string, amount: number): void => {
  amounts.set(name, (amounts.get(name) ?? 0) + amount);
};

/** What each role has, brought up to date by the Pods that differ. Dropping it changes nothing but time. */
class Allocations {
  private pods: OrderedMap<string, PodInfo> = OrderedMap.empty();
  private readonly byRole = new Map<string, Amounts>();

  of(all: SchedulerCache['pods']): ReadonlyMap<string, Amounts> {
    const pods = all.ordered();
    for (const { before, after } of this.pods.difference(pods)) {
      if (before !== undefined) this.count(before, -1);
      if (after !== undefined) this.count(after, 1);
    }
    this.pods = pods;
    return this.byRole;
  }

  private count(pod: PodInfo, sign: 1 | -1): void {
    const role = roleOf(pod);
    const amounts = this.byRole.get(role) ?? new Map<string, number>();
    this.byRole.set(role, amounts);
    const { requests, scalars } = pod.shape;
    add(amounts, 'cpu', sign * requests.milliCpu);
    add(amounts, 'memory', sign * requests.memory);
    for (const [name, amount] of scalars) add(amounts, name, sign * amount);
  }
}

/** What all nodes have, in the same manner. */
class Capacity {
  private nodes: OrderedMap<string, NodeInfo> = OrderedMap.empty();
  private readonly total: Amounts = new Map();

  of(all: SchedulerCache['nodes']): ReadonlyMap<string, number> {
    const nodes = all.ordered();
    for (const { before, after } of this.nodes.difference(nodes)) {
      if (before?.allocatable === after?.allocatable && before?.node === after?.node) continue;
      if (before?.node !== undefined) this.count(before, -1);
      if (after?.node !== undefined) this.count(after, 1);
    }
    this.nodes = nodes;
    return this.total;
  }

  private count({ allocatable }: NodeInfo, sign: 1 | -1): void {
    add(this.total, 'cpu', sign * allocatable.milliCpu);
    add(this.total, 'memory', sign * allocatable.memory);
    for (const [name, amount] of Object.entries(allocatable.scalars)) add(this.total, name, sign * amount);
  }
}

/** The order of offers is drawn: any node that fits is as likely as another. */
export const mesosOffers: SchedulerPlugin = { name: 'MesosOffers', score: () => 0 };

export const mesosDominantResourceFairness = dominantResourceFairness(new Map());
