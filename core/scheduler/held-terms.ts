/**
 * The terms of affinity that Pods on nodes have, and how many Pods of each domain have them. Kept with the columns: a
 * node that changed is counted by the Pods that came or went. An index like the columns themselves: dropping it changes
 * nothing but time.
 */
import type { Node } from '../api/generated/types.ts';
import { termsOf, textOf, type AffinityTerm } from './affinity-terms.ts';
import type { Columns } from './columns.ts';
import { noDomain } from './node-domains.ts';
import type { NodeInfo } from './node-info.ts';
import type { PodInfo } from './pod-info.ts';
import { domainIn, topologyBy } from './topology.ts';

type Sort = 'affinity' | 'antiAffinity' | 'preferredAffinity' | 'preferredAntiAffinity';

/** One term of some Pods. */
export interface HeldTerm {
  readonly sort: Sort;
  readonly term: AffinityTerm;
  /** Of a preferred one; 0 of a required one. */
  readonly weight: number;
  /** Who has it, by the number of the domain. */
  readonly pods: number[];
  readonly domainOfRow: Int32Array;
  /** Pods in all domains. */
  total: number;
  /** With the Pods of nodes that are in no domain. */
  holders: number;
}

interface Row {
  readonly node: Node | undefined;
  readonly pods: readonly PodInfo[];
}

const noPods: readonly PodInfo[] = [];
const emptyRow: Row = { node: undefined, pods: noPods };

export class HeldTerms {
  private readonly columns: Columns;
  private readonly rows: Row[];
  private readonly held = new Map<string, HeldTerm>();
  private position: number;

  constructor(columns: Columns) {
    this.columns = columns;
    this.rows = new Array<Row>(columns.capacity).fill(emptyRow);
    for (let row = 0; row < columns.capacity; row++) this.count(row, columns.infoAt(row));
    this.position = columns.changes;
  }

  /** Counts what changed. False: too much has, and it must be made anew. */
  update(): boolean {
    const { columns } = this;
    if (columns.changes - this.position > columns.remembered) return false;
    for (; this.position < columns.changes; this.position++) {
      const row = columns.changedRow(this.position);
      this.count(row, columns.infoAt(row));
    }
    return true;
  }

  /** Every term that some Pod has. */
  terms(): IterableIterator<HeldTerm> {
    return this.held.values();
  }

  private count(row: number, info: NodeInfo | undefined): void {
    const before = this.rows[row] as Row;
    const node = info?.node;
    const pods = node === undefined ? noPods : (info?.podsWithAffinity ?? noPods);
    if (before.node === node && before.pods === pods) return;
    this.rows[row] = { node, pods };
    const known =
      before.node?.metadata.labels === node?.metadata.labels ? sharedLength(before.pods, pods) : 0;
    for (let i = known; i < before.pods.length; i++) this.add(before.pods[i] as PodInfo, before.node, -1);
    for (let i = known; i < pods.length; i++) this.add(pods[i] as PodInfo, node, 1);
  }

  private add(pod: PodInfo, node: Node | undefined, by: 1 | -1): void {
    const terms = termsOf(pod);
    for (const term of terms.affinity) this.addTerm('affinity', term, 0, node, by);
    for (const term of terms.antiAffinity) this.addTerm('antiAffinity', term, 0, node, by);
    for (const term of terms.preferredAffinity)
      this.addTerm('preferredAffinity', term, term.weight, node, by);
    for (const term of terms.preferredAntiAffinity)
      this.addTerm('preferredAntiAffinity', term, term.weight, node, by);
  }

  private addTerm(sort: Sort, term: AffinityTerm, weight: number, node: Node | undefined, by: 1 | -1): void {
    const key = `${sort} ${weight} ${textOf(term)}`;
    const topology = this.columns.group(topologyBy(term.topologyKey));
    let held = this.held.get(key);
    if (held === undefined) {
      held = { sort, term, weight, pods: [], domainOfRow: topology.domainOfRow, total: 0, holders: 0 };
      this.held.set(key, held);
    }
    held.holders += by;
    if (held.holders === 0) this.held.delete(key);
    const domain = domainIn(topology, node, term.topologyKey);
    if (domain === noDomain) return;
    while (held.pods.length <= domain) held.pods.push(0);
    held.pods[domain] = (held.pods[domain] as number) + by;
    held.total += by;
  }
}

/** How long the part is that two lists begin with both. */
function sharedLength(a: readonly PodInfo[], b: readonly PodInfo[]): number {
  const length = Math.min(a.length, b.length);
  let shared = 0;
  while (shared < length && a[shared] === b[shared]) shared++;
  return shared;
}

const kept = new WeakMap<Columns, HeldTerms>();

/** The terms as they are held now. */
export function heldTerms(columns: Columns): HeldTerms {
  const known = kept.get(columns);
  if (known?.update() === true) return known;
  const made = new HeldTerms(columns);
  kept.set(columns, made);
  return made;
}
