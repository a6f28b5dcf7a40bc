/**
 * How many of certain Pods are in each domain, kept with the columns: only nodes that changed since the last decision
 * are counted anew. An index like the columns themselves: dropping it changes nothing but time.
 */
import type { Columns } from './columns.ts';
import { matchingPods, type MatchingPods } from './matching-pods.ts';
import { noDomain, nodeDomains, type NodeDomains } from './node-domains.ts';
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

export class DomainCounts {
  readonly key: string;
  /** By row; -1: the node does not count. */
  readonly domainOfRow: Int32Array;
  /** By row, of nodes that do not count too. */
  readonly podsOfRow: Int32Array;
  /** By domain. */
  readonly pods: number[] = [];
  /** In all domains. */
  total = 0;
  private readonly columns: Columns;
  private readonly domains: NodeDomains;
  private readonly matching: MatchingPods;
  /** What of each row is in the sums: so many Pods, in that domain. */
  private readonly countedIn: Int32Array;
  private readonly counted: Int32Array;
  private position: number;

  constructor(columns: Columns, { topologyKey, requiredKeys, key, counts }: Counted) {
    this.columns = columns;
    this.key = keyOf(topologyKey, requiredKeys, key);
    this.domains = nodeDomains(columns, topologyKey, requiredKeys);
    this.matching = matchingPods(columns, key, counts);
    this.domains.update();
    this.matching.update();
    this.domainOfRow = this.domains.domainOfRow;
    this.podsOfRow = this.matching.podsOfRow;
    this.countedIn = new Int32Array(columns.capacity).fill(noDomain);
    this.counted = new Int32Array(columns.capacity);
    this.sumUp();
    this.position = columns.changes;
  }

  /** Counts what changed. */
  update(): void {
    const { columns } = this;
    const { changes } = columns;
    if (changes === this.position) return;
    this.domains.update();
    this.matching.update();
    if (changes - this.position > columns.remembered) this.sumUp();
    else {
      this.grow();
      for (let at = this.position; at < changes; at++)
        if (this.concerns(columns.markOf(at))) this.count(columns.changedRow(at));
    }
    this.position = changes;
  }

  /** Whether a change is one of these Pods, or of a node itself. */
  concerns(mark: number): boolean {
    return mark === 0 || this.matching.isAbout(mark);
  }

  private sumUp(): void {
    this.grow();
    for (let row = 0; row < this.columns.capacity; row++) this.count(row);
  }

  /** A sum for every domain. */
  private grow(): void {
    while (this.pods.length < this.domains.nodes.length) this.pods.push(0);
  }

  private count(row: number): void {
    const { countedIn, counted, pods } = this;
    const before = countedIn[row] as number;
    const domain = this.domainOfRow[row] as number;
    const had = counted[row] as number;
    const has = domain === noDomain ? 0 : (this.podsOfRow[row] as number);
    if (before === domain && had === has) return;
    if (before !== noDomain) pods[before] = (pods[before] as number) - had;
    if (domain !== noDomain) pods[domain] = (pods[domain] as number) + has;
    countedIn[row] = domain;
    counted[row] = has;
    this.total += has - had;
  }

  /** The domain of the empty value, which nodes without the label are in too; -2: there is none. */
  get unlabelled(): number {
    return this.domains.unlabelled;
  }

  /** How many domains there are. */
  get size(): number {
    return this.domains.size;
  }

  /** The Pods of the domain that has this value; undefined: there is no such domain. */
  get(value: string): number | undefined {
    const id = this.domains.idOf(value);
    return id === undefined ? undefined : this.pods[id];
  }

  /** Of the domains there are; Infinity where there is none. */
  minimum(): number {
    const { pods } = this;
    const { nodes } = this.domains;
    let minimum = Infinity;
    for (let id = 0; id < pods.length; id++)
      if (nodes[id] !== 0 && (pods[id] as number) < minimum) minimum = pods[id] as number;
    return minimum;
  }

  *entries(): IterableIterator<[string, number]> {
    for (const [value, id] of this.domains.entries()) yield [value, this.pods[id] as number];
  }
}

/** The same where the same Pods are counted by the same domains. */
const keyOf = (topologyKey: string, requiredKeys: readonly string[], key: string): string =>
  `${topologyKey} ${requiredKeys.join()} ${key}`;

/** Counts that are kept beside one set of columns, at the most. */
const bound = 1_000;
const kept = new WeakMap<Columns, Map<string, DomainCounts>>();

/** The counts as they are now. */
export function domainCounts(columns: Columns, counted: Counted): DomainCounts {
  const key = keyOf(counted.topologyKey, counted.requiredKeys, counted.key);
  let all = kept.get(columns);
  if (all === undefined) {
    all = new Map();
    kept.set(columns, all);
  }
  let known = all.get(key);
  if (known !== undefined) known.update();
  else {
    if (all.size >= bound) all.clear();
    known = new DomainCounts(columns, counted);
    all.set(key, known);
  }
  return known;
}
