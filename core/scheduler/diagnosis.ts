/**
 * Why a Pod was not scheduled: which reasons how often, and which plugins are to blame, so that an event that concerns
 * none of them does not wake it. (kubernetes v1.34.1 pkg/scheduler/framework/types.go, FitError and Diagnosis)
 */
import type { Rejection } from './framework.ts';
import type { PodInfo } from './pod-info.ts';
import { histogram } from './preemption.ts';

/** `no new claims to deallocate` is DynamicResources' answer, which comes before that of DefaultPreemption. */
const noNewClaims = 'no new claims to deallocate';

/** Most attempts have nothing to tell: nothing is written into these. */
const noCounts = new Map<Rejection, number>();
const nobody = new Set<string>();

export class Diagnosis {
  private readonly nodeCount: number;
  private counts: Map<Rejection, number> = noCounts;
  private blamed: Set<string> = nobody;
  /** Rejected before a node was looked at. */
  private early: Rejection | undefined;
  private last: Rejection | undefined;
  private run = 0;

  constructor(nodeCount: number) {
    this.nodeCount = nodeCount;
  }

  /** One node's verdict. Runs of one verdict are counted before they are written down. */
  reject(rejection: Rejection): void {
    if (rejection === this.last) {
      this.run++;
      return;
    }
    this.settle();
    this.last = rejection;
    this.run = 1;
  }

  /** Nodes that were not looked at, because a plugin left them out. */
  rejectAbsent(rejection: Rejection, nodes: number): void {
    if (nodes > 0) this.count(rejection, nodes);
  }

  rejectAll(rejection: Rejection): void {
    this.early = rejection;
    this.blame(rejection.plugin);
  }

  blame(plugin: string): void {
    if (this.blamed === nobody) this.blamed = new Set();
    this.blamed.add(plugin);
  }

  private settle(): void {
    if (this.last === undefined) return;
    this.count(this.last, (this.counts.get(this.last) ?? 0) + this.run);
    this.last = undefined;
  }

  private count(rejection: Rejection, nodes: number): void {
    if (this.counts === noCounts) this.counts = new Map();
    this.counts.set(rejection, nodes);
  }

  /** Plugins that rejected a node, or all. */
  plugins(): readonly string[] {
    this.settle();
    const names = new Set(this.blamed);
    for (const rejection of this.counts.keys()) if (rejection.plugin !== '') names.add(rejection.plugin);
    return [...names].sort();
  }

  /** How many nodes each reason has; a node may have several. */
  reasons(): Readonly<Record<string, number>> {
    this.settle();
    if (this.early !== undefined)
      return Object.fromEntries(this.early.reasons.map((reason) => [reason, this.nodeCount]));
    const counts: Record<string, number> = {};
    for (const [{ reasons }, nodes] of this.counts)
      for (const reason of reasons) counts[reason] = (counts[reason] ?? 0) + nodes;
    return counts;
  }

  /**
   * The message of the FailedScheduling Event and of the PodScheduled condition. `preemption`: what DefaultPreemption
   * says; undefined: it has made room.
   */
  message(preemption: string | undefined): string {
    const head = `0/${this.nodeCount} nodes are available:`;
    // PostFilter cannot work without what the PreFilters after the rejecting one would have left it: v1.34.1 says so.
    if (this.early !== undefined) return `${head} ${this.early.reasons.join(', ')}. not found`;
    const told = `${head} ${histogram(this.reasons())}.`;
    return preemption === undefined ? told : `${told} ${noNewClaims}, preemption: ${preemption}`;
  }

  /** The same, with what the PostFilter plugins of a profile said; empty: one of them has found a way. */
  messageWith(postFilter: string): string {
    const reasons = this.early?.reasons.join(', ') ?? histogram(this.reasons());
    const told = `0/${this.nodeCount} nodes are available: ${reasons}.`;
    return postFilter === '' ? told : `${told} ${postFilter}`;
  }

  /** Why every node was rejected before one was looked at. */
  get rejectionOfAll(): Rejection | undefined {
    return this.early;
  }

  /** DefaultPreemption's words where no Pod has a lower priority: it need not look for one. */
  withoutVictims(pod: PodInfo): string {
    if (pod.spec.preemptionPolicy === 'Never') return 'not eligible due to preemptionPolicy=Never.';
    let candidates = 0;
    for (const [{ code }, nodes] of this.counts) if (code === 'Unschedulable') candidates += nodes;
    const reasons: Record<string, number> = {};
    if (candidates > 0) reasons['No preemption victims found for incoming pod'] = candidates;
    if (candidates < this.nodeCount)
      reasons['Preemption is not helpful for scheduling'] = this.nodeCount - candidates;
    return `0/${this.nodeCount} nodes are available: ${histogram(reasons)}.`;
  }
}
