/**
 * How many of certain Pods are in each domain, kept with the columns: only nodes that changed since the last decision
 * are counted anew. An index like the columns themselves: dropping it changes nothing but time.
 */
import type { Requirement } from '../api/selector.ts';
import { selectorText } from '../api/selector.ts';
import type { Columns } from './columns.ts';
import type { NodeInfo } from './node-info.ts';
import { countMatching } from './spread-constraints.ts';

/** Which Pods are counted, by the values of which label. */
export interface Counted {
  readonly topologyKey: string;
  readonly namespace: string;
  readonly selector: readonly Requirement[];
  /** Nodes that lack one of these labels do not count. */
  readonly requiredKeys: readonly string[];
}

const noDomain = -1;

export class DomainCounts {
  readonly counted: Counted;
  /** By row; -1: the node does not count. */
  readonly domainOfRow: Int32Array;
  readonly podsOfRow: Int32Array;
  /** By domain. */
  readonly pods: number[] = [];
  /** The nodes of each domain: one that has none left is no domain. */
  private readonly nodes: number[] = [];
  private readonly ids = new Map<string, number>();
  private position = 0;
  private live = 0;

  constructor(columns: Columns, counted: Counted) {
    this.counted = counted;
    this.domainOfRow = new Int32Array(columns.capacity).fill(noDomain);
    this.podsOfRow = new Int32Array(columns.capacity);
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
    const { counted, domainOfRow, podsOfRow, pods, nodes } = this;
    const before = domainOfRow[row] as number;
    if (before !== noDomain) {
      pods[before] = (pods[before] as number) - (podsOfRow[row] as number);
      nodes[before] = (nodes[before] as number) - 1;
      if (nodes[before] === 0) this.live--;
    }
    const domain = this.domainOf(info);
    domainOfRow[row] = domain;
    if (domain === noDomain || info === undefined) return;
    const matching = countMatching(info, counted.selector, counted.namespace);
    podsOfRow[row] = matching;
    pods[domain] = (pods[domain] as number) + matching;
    nodes[domain] = (nodes[domain] as number) + 1;
    if (nodes[domain] === 1) this.live++;
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

/** Counts that are kept beside one set of columns, at the most. */
const bound = 1_000;
const kept = new WeakMap<Columns, Map<string, DomainCounts>>();

/** The counts as they are now. */
export function domainCounts(columns: Columns, counted: Counted): DomainCounts {
  const key = `${counted.namespace} ${counted.topologyKey} ${counted.requiredKeys.join(',')} ${selectorText(counted.selector)}`;
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
