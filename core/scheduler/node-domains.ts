/**
 * The domain of every node by the value of a label, numbered. Kept with the columns, and shared by all who count Pods by
 * these domains. An index like the columns themselves: dropping it changes nothing but time.
 */
import type { Node } from '../api/generated/types.ts';
import type { Columns } from './columns.ts';

/** Of a node that is in no domain. */
export const noDomain = -1;

export class NodeDomains {
  /** By row; -1: the node does not count. */
  readonly domainOfRow: Int32Array;
  /** The domain of the empty value, which nodes without the label are in too; -2: there is none. */
  unlabelled = -2;
  /** The nodes of each domain: one that has none left is no domain. */
  readonly nodes: number[] = [];
  private readonly columns: Columns;
  private readonly topologyKey: string;
  private readonly requiredKeys: readonly string[];
  private readonly nodeOfRow: (Node | undefined)[];
  /** A value keeps its number. */
  private readonly ids = new Map<string, number>();
  private position: number;
  private live = 0;

  constructor(columns: Columns, topologyKey: string, requiredKeys: readonly string[]) {
    this.columns = columns;
    this.topologyKey = topologyKey;
    this.requiredKeys = requiredKeys;
    this.domainOfRow = new Int32Array(columns.capacity).fill(noDomain);
    this.nodeOfRow = new Array<Node | undefined>(columns.capacity).fill(undefined);
    for (let row = 0; row < columns.capacity; row++) this.place(row);
    this.position = columns.changes;
  }

  /** Takes in the nodes that changed. */
  update(): void {
    const { columns } = this;
    const { changes } = columns;
    if (changes - this.position > columns.remembered)
      for (let row = 0; row < columns.capacity; row++) this.place(row);
    else
      for (let at = this.position; at < changes; at++)
        if (columns.markOf(at) === 0) this.place(columns.changedRow(at));
    this.position = changes;
  }

  private place(row: number): void {
    const node = this.columns.infoAt(row)?.node;
    if (node === this.nodeOfRow[row]) return;
    this.nodeOfRow[row] = node;
    const before = this.domainOfRow[row] as number;
    const domain = this.domainOf(node);
    if (before === domain) return;
    this.domainOfRow[row] = domain;
    if (before !== noDomain && --(this.nodes[before] as number) === 0) this.live--;
    if (domain !== noDomain && ++(this.nodes[domain] as number) === 1) this.live++;
  }

  private domainOf(node: Node | undefined): number {
    if (node === undefined) return noDomain;
    const labels = node.metadata.labels ?? {};
    for (const key of this.requiredKeys) if (labels[key] === undefined) return noDomain;
    const value = labels[this.topologyKey] ?? '';
    let id = this.ids.get(value);
    if (id === undefined) {
      id = this.nodes.length;
      this.ids.set(value, id);
      if (value === '') this.unlabelled = id;
      this.nodes.push(0);
    }
    return id;
  }

  /** How many domains there are. */
  get size(): number {
    return this.live;
  }

  /** The number of a value; undefined: there is no such domain. */
  idOf(value: string): number | undefined {
    const id = this.ids.get(value);
    return id === undefined || this.nodes[id] === 0 ? undefined : id;
  }

  /** Every domain by its value. */
  *entries(): IterableIterator<[string, number]> {
    for (const [value, id] of this.ids) if (this.nodes[id] !== 0) yield [value, id];
  }
}

/** Labels whose domains are kept beside one set of columns, at the most. */
const bound = 1_000;
const kept = new WeakMap<Columns, Map<string, NodeDomains>>();

/** The domains of a label, among the nodes that have the required ones too. */
export function nodeDomains(
  columns: Columns,
  topologyKey: string,
  requiredKeys: readonly string[],
): NodeDomains {
  let all = kept.get(columns);
  if (all === undefined) {
    all = new Map();
    kept.set(columns, all);
  }
  const key = `${topologyKey} ${requiredKeys.join()}`;
  let known = all.get(key);
  if (known === undefined) {
    if (all.size >= bound) all.clear();
    known = new NodeDomains(columns, topologyKey, requiredKeys);
    all.set(key, known);
  }
  return known;
}
