/** The domains of a node label, numbered, with the domain of every node by row. */
import type { ColumnGroup } from './columns.ts';
import { noDomain } from './node-domains.ts';
import type { Node } from '../api/generated/types.ts';

export interface Topology {
  /** -1: the node lacks the label. */
  readonly domainOfRow: Int32Array;
  /** By the value of the label. A value keeps its number. */
  readonly ids: Map<string, number>;
  readonly nodeOfRow: (Node | undefined)[];
}

const groups = new Map<string, ColumnGroup<Topology>>();
const bound = 1_000;

/** The column of a label. */
export function topologyBy(key: string): ColumnGroup<Topology> {
  const known = groups.get(key);
  if (known !== undefined) return known;
  const group: ColumnGroup<Topology> = {
    make: (rows) => ({
      domainOfRow: new Int32Array(rows).fill(noDomain),
      ids: new Map(),
      nodeOfRow: new Array<Node | undefined>(rows).fill(undefined),
    }),
    write(topology, row, { node }, isSameNode) {
      if (isSameNode || topology.nodeOfRow[row] === node) return;
      topology.nodeOfRow[row] = node;
      topology.domainOfRow[row] = domainIn(topology, node, key);
    },
  };
  if (groups.size >= bound) groups.clear();
  groups.set(key, group);
  return group;
}

/** The number of a node's domain. */
export function domainIn({ ids }: Topology, node: Node | undefined, key: string): number {
  const value = node?.metadata.labels?.[key];
  if (value === undefined) return noDomain;
  let id = ids.get(value);
  if (id === undefined) {
    id = ids.size;
    ids.set(value, id);
  }
  return id;
}
