/**
 * The order in which nodes are examined: round the zones in turn, a node from each, so that a search that stops early
 * has seen every zone. (kubernetes v1.34.1 pkg/scheduler/backend/cache/node_tree.go)
 */
import type { Node } from '../api/generated/types.ts';

interface Zone {
  readonly key: string;
  /** In the order they were heard of. */
  readonly nodes: readonly string[];
}

/** Zones in the order they were heard of. */
export type NodeTree = readonly Zone[];

export const emptyTree: NodeTree = [];

/** Region and zone of a node; empty where it has neither. (component-helpers/node/topology/helpers.go, GetZoneKey) */
export function zoneKeyOf(node: Node): string {
  const labels = node.metadata.labels ?? {};
  const region =
    labels['topology.kubernetes.io/region'] ?? labels['failure-domain.beta.kubernetes.io/region'] ?? '';
  const zone =
    labels['topology.kubernetes.io/zone'] ?? labels['failure-domain.beta.kubernetes.io/zone'] ?? '';
  return region === '' && zone === '' ? '' : `${region}:\u0000:${zone}`;
}

export function withTreeNode(tree: NodeTree, node: Node): NodeTree {
  const key = zoneKeyOf(node);
  const at = tree.findIndex((zone) => zone.key === key);
  const zone = tree[at];
  if (zone === undefined) return [...tree, { key, nodes: [node.metadata.name] }];
  return replaced(tree, at, { key, nodes: [...zone.nodes, node.metadata.name] });
}

export function withoutTreeNode(tree: NodeTree, node: Node): NodeTree {
  const key = zoneKeyOf(node);
  const at = tree.findIndex((zone) => zone.key === key);
  const zone = tree[at];
  if (zone === undefined) return tree;
  const nodes = zone.nodes.filter((name) => name !== node.metadata.name);
  if (nodes.length > 0) return replaced(tree, at, { key, nodes });
  return tree.filter((_, i) => i !== at);
}

function replaced(tree: NodeTree, at: number, zone: Zone): NodeTree {
  const copy = tree.slice();
  copy[at] = zone;
  return copy;
}

export function nodesInOrder(tree: NodeTree): readonly string[] {
  const longest = tree.reduce((most, zone) => Math.max(most, zone.nodes.length), 0);
  const names: string[] = [];
  for (let i = 0; i < longest; i++)
    for (const zone of tree) {
      const name = zone.nodes[i];
      if (name !== undefined) names.push(name);
    }
  return names;
}

export const treeSize = (tree: NodeTree): number => tree.reduce((sum, zone) => sum + zone.nodes.length, 0);
