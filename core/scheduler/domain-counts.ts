/**
 * How many of certain Pods are in each domain, kept with the columns: only nodes that changed since the last decision
 * are counted anew, and of their Pods only those that came or went. An index like the columns themselves: dropping it
 * changes nothing but time.
 */
import type { Node } from '../api/generated/types.ts';
import type { Columns } from './columns.ts';
import type { NodeInfo } from './node-info.ts';
import type { PodInfo } from './pod-info.ts';

/** Which Pods are counted, by the values of which label. */
export interface Counted {
  /** The same for the same Pods. */
  readonly key: string;
  readonly counts: (pod: PodInfo) => boolean;
  readonly topologyKey: string;
  /** Nodes that lack one of these labels do not count. */
  readonly requiredKeys: readonly string[];
}

/** Of a node that is in no domain. */
export const noDomain = -1;

const noPods: readonly PodInfo[] = [];

export class DomainCounts {
  readonly counted: Counted;
  readonly key: string;
  /** By row; -1: the node does not count. */
  readonly domainOfRow: Int32Array;
  readonly podsOfRow: Int32Array;
  /** By domain. */
  readonly pods: number[] = [];
  /** In all domains. */
  total = 0;
  private readonly countedOfRow: (readonly PodInfo[])[];
  private readonly nodeOfRow: (Node | undefined)[];
  /** The nodes of each domain: one that has none left is no domain. */
  private readonly nodes: number[] = [];
  private readonly ids = new Map<string, number>();
  private position = 0;
  private live = 0;

  constructor(columns: Columns, counted: Counted) {
    this.counted = counted;
    this.key = keyOf(counted);
    this.domainOfRow = new Int32Array(columns.capacity).fill(noDomain);
    this.podsOfRow = new Int32Array(columns.capacity);
    this.nodeOfRow = new Array<Node | undefined>(columns.capacity).fill(undefined);
    this.countedOfRow = new Array<readonly PodInfo[]>(columns.capacity).fill(noPods);
    for (let row = 0; row < columns.capacity; row++) this.count(row, columns.infoAt(row));
    this.position = columns.changes;
  }

  /** Counts what changed. False: too much has, and it must be made anew. */
  update(columns: Columns): boolean {
    const { changes } = columns;
    if (changes - this.position > columns.remembered) return false;
    for (; this.position < changes; this.position++) {
      const row = columns.changedRow(this.position);
      this.count(row, columns.infoAt(row));
    }
    return true;
  }

  private count(row: number, info: NodeInfo | undefined): void {
    const { domainOfRow, podsOfRow, pods, nodes } = this;
    const before = domainOfRow[row] as number;
    const domain = info?.node === this.nodeOfRow[row] ? before : this.domainOf(info);
    this.nodeOfRow[row] = info?.node;
    const matching = domain === noDomain ? 0 : this.matching(row, info);
    if (before === domain && domain !== noDomain) {
      const more = matching - (podsOfRow[row] as number);
      podsOfRow[row] = matching;
      pods[domain] = (pods[domain] as number) + more;
      this.total += more;
      return;
    }
    if (before !== noDomain) {
      pods[before] = (pods[before] as number) - (podsOfRow[row] as number);
      nodes[before] = (nodes[before] as number) - 1;
      this.total -= podsOfRow[row] as number;
      if (nodes[before] === 0) this.live--;
    }
    domainOfRow[row] = domain;
    podsOfRow[row] = matching;
    if (domain === noDomain) return;
    pods[domain] = (pods[domain] as number) + matching;
    nodes[domain] = (nodes[domain] as number) + 1;
    this.total += matching;
    if (nodes[domain] === 1) this.live++;
  }

  /** Of the Pods of a node those that count. What is at the front of the list as it was is known. */
  private matching(row: number, info: NodeInfo | undefined): number {
    const { countedOfRow, counted } = this;
    const now = info?.pods ?? noPods;
    const before = this.domainOfRow[row] === noDomain ? noPods : (countedOfRow[row] as readonly PodInfo[]);
    countedOfRow[row] = now;
    const shared = sharedLength(before, now);
    let count = before.length === 0 ? 0 : (this.podsOfRow[row] as number);
    for (let i = shared; i < before.length; i++) if (counted.counts(before[i] as PodInfo)) count--;
    for (let i = shared; i < now.length; i++) if (counted.counts(now[i] as PodInfo)) count++;
    return count;
  }

  private domainOf(info: NodeInfo | undefined): number {
    const node = info?.node;
    if (node === undefined) return noDomain;
    const labels = node.metadata.labels ?? {};
    for (const key of this.counted.requiredKeys) if (labels[key] === undefined) return noDomain;
    const value = labels[this.counted.topologyKey] ?? '';
    let id = this.ids.get(value);
    if (id === undefined) {
      id = this.pods.length;
      this.ids.set(value, id);
      this.pods.push(0);
      this.nodes.push(0);
    }
    return id;
  }

  /** The domain of the empty value, which nodes without the label are in too; -2: there is none. */
  get unlabelled(): number {
    return this.ids.get('') ?? -2;
  }

  /** How many domains there are. */
  get size(): number {
    return this.live;
  }

  /** The Pods of the domain that has this value; undefined: there is no such domain. */
  get(value: string): number | undefined {
    const id = this.ids.get(value);
    return id === undefined || this.nodes[id] === 0 ? undefined : this.pods[id];
  }

  /** Of the domains there are; Infinity where there is none. */
  minimum(): number {
    let minimum = Infinity;
    for (let id = 0; id < this.pods.length; id++)
      if (this.nodes[id] !== 0 && (this.pods[id] as number) < minimum) minimum = this.pods[id] as number;
    return minimum;
  }

  *entries(): IterableIterator<[string, number]> {
    for (const [value, id] of this.ids) if (this.nodes[id] !== 0) yield [value, this.pods[id] as number];
  }
}

/** How long the part is that two lists begin with both. */
export function sharedLength(a: readonly PodInfo[], b: readonly PodInfo[]): number {
  const length = Math.min(a.length, b.length);
  let shared = 0;
  while (shared < length && a[shared] === b[shared]) shared++;
  return shared;
}

/** The same where the same Pods are counted by the same domains. */
const keyOf = ({ topologyKey, requiredKeys, key }: Counted): string =>
  `${topologyKey} ${requiredKeys.join(',')} ${key}`;

/** Counts that are kept beside one set of columns, at the most. */
const bound = 1_000;
const kept = new WeakMap<Columns, Map<string, DomainCounts>>();

/** The counts as they are now. */
export function domainCounts(columns: Columns, counted: Counted): DomainCounts {
  const key = keyOf(counted);
  let all = kept.get(columns);
  if (all === undefined) {
    all = new Map();
    kept.set(columns, all);
  }
  const known = all.get(key);
  if (known?.update(columns) === true) return known;
  if (all.size >= bound) all.clear();
  const made = new DomainCounts(columns, counted);
  all.set(key, made);
  return made;
}
