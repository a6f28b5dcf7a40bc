/** A tree of entries that are in order already, made from below. */
import { branch, leaf, type Node } from './node.ts';

/** Of the 32 that a node may have: there is room for what comes, as in a tree that has grown. */
const usual = 24;

/** The tree of `keys`, which ascend, each with its value. */
export function treeOf<K, V>(keys: readonly K[], values: readonly V[]): Node<K, V> {
  if (keys.length === 0) return leaf([], []);
  let nodes: readonly Node<K, V>[] = evenly(keys.length, (from, to) =>
    leaf(keys.slice(from, to), values.slice(from, to)),
  );
  /** The smallest key below each node. */
  let firsts: readonly K[] = evenly(keys.length, (from) => keys[from] as K);
  while (nodes.length > 1) {
    const below = nodes;
    const smallest = firsts;
    nodes = evenly(below.length, (from, to) => branch(smallest.slice(from + 1, to), below.slice(from, to)));
    firsts = evenly(below.length, (from) => smallest[from] as K);
  }
  return nodes[0] as Node<K, V>;
}

/** `count` things in parts that differ by one at most. */
function evenly<T>(count: number, part: (from: number, to: number) => T): readonly T[] {
  const parts = Math.ceil(count / usual);
  return Array.from({ length: parts }, (_, i) =>
    part(Math.floor((i * count) / parts), Math.floor(((i + 1) * count) / parts)),
  );
}
