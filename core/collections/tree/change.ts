/** Changes of a tree: the nodes on one path are copied, split where they grow too wide, and joined where too narrow. */
import {
  branch,
  childIndex,
  placeIn,
  leaf,
  lowerBound,
  natural,
  type Branch,
  type Leaf,
  type Less,
  type Node,
} from './node.ts';
import { noPrints, printsOf } from './prints.ts';

/** Widest node. Measured at 150,000 entries: 16, 32 and 64 cost the same within 15 %; 32 keeps the least memory. */
const widest = 32;
const narrowest = 8;

function replaced<T>(items: readonly T[], index: number, item: T): readonly T[] {
  const copy = items.slice();
  copy[index] = item;
  return copy;
}

function inserted<T>(items: readonly T[], index: number, item: T): readonly T[] {
  const copy = new Array<T>(items.length + 1);
  for (let i = 0; i < index; i++) copy[i] = items[i] as T;
  copy[index] = item;
  for (let i = index; i < items.length; i++) copy[i + 1] = items[i] as T;
  return copy;
}

function removed<T>(items: readonly T[], index: number): readonly T[] {
  const copy = items.slice();
  copy.splice(index, 1);
  return copy;
}

/** A node after a change: itself, or itself and the half that was split off with its separator. */
export interface Grown<K, V> {
  readonly node: Node<K, V>;
  readonly separator?: K;
  readonly right?: Node<K, V>;
}

/** The tree with `value` at `key`; the same node when it is there already. */
export function setIn<K, V>(node: Node<K, V>, key: K, value: V, less: Less<K>): Grown<K, V> {
  if (node.children === undefined) {
    const place = placeIn(node, key, less);
    if (place >= 0)
      return { node: node.values[place] === value ? node : withValue(node, place, value, less) };
    const index = ~place;
    return splitLeaf(inserted(node.keys, index, key), inserted(node.values, index, value), index);
  }
  const index = childIndex(node.keys, key, less);
  const child = node.children[index] as Node<K, V>;
  const grown = setIn(child, key, value, less);
  if (grown.right === undefined) {
    if (grown.node === child) return { node };
    const size = node.size + grown.node.size - child.size;
    return {
      node: {
        keys: node.keys,
        values: undefined,
        children: replaced(node.children, index, grown.node),
        size,
        prints: undefined,
      },
    };
  }
  const children = inserted(replaced(node.children, index, grown.node), index + 1, grown.right);
  return splitBranch(inserted(node.keys, index, grown.separator as K), children, index);
}

/** The leaf with another value, and with the prints of its keys, which are made once. */
const withValue = <K, V>(node: Leaf<K, V>, index: number, value: V, less: Less<K>): Leaf<K, V> => ({
  keys: node.keys,
  values: replaced(node.values, index, value),
  children: undefined,
  size: node.size,
  prints: node.prints ?? (less === natural ? printsOf(node.keys) : noPrints),
});

/** Appending in order (the common case for growing names) leaves full nodes behind instead of half-full ones. */
const splitPoint = (length: number, index: number): number =>
  index >= length - 2 ? length - 2 : length >>> 1;

function splitLeaf<K, V>(keys: readonly K[], values: readonly V[], index: number): Grown<K, V> {
  if (keys.length <= widest) return { node: leaf(keys, values) };
  const middle = splitPoint(keys.length, index);
  return {
    node: leaf(keys.slice(0, middle), values.slice(0, middle)),
    separator: keys[middle] as K,
    right: leaf(keys.slice(middle), values.slice(middle)),
  };
}

function splitBranch<K, V>(keys: readonly K[], children: readonly Node<K, V>[], index: number): Grown<K, V> {
  if (children.length <= widest) return { node: branch(keys, children) };
  const middle = splitPoint(children.length, index);
  return {
    node: branch(keys.slice(0, middle - 1), children.slice(0, middle)),
    separator: keys[middle - 1] as K,
    right: branch(keys.slice(middle), children.slice(middle)),
  };
}

/** The node without `key`; the same node when the key is not there. A node may come back narrow, or empty. */
export function deleteIn<K, V>(node: Node<K, V>, key: K, less: Less<K>): Node<K, V> {
  if (node.children === undefined) {
    const index = lowerBound(node.keys, key, less);
    if (index === node.keys.length || less(key, node.keys[index] as K)) return node;
    return leaf(removed(node.keys, index), removed(node.values, index));
  }
  const index = childIndex(node.keys, key, less);
  const child = node.children[index] as Node<K, V>;
  const shrunk = deleteIn(child, key, less);
  if (shrunk === child) return node;
  if (width(shrunk) >= narrowest || node.children.length === 1) {
    return {
      keys: node.keys,
      values: undefined,
      children: replaced(node.children, index, shrunk),
      size: node.size - 1,
      prints: undefined,
    };
  }
  return mergeChild(node, index, shrunk);
}

const width = <K, V>(node: Node<K, V>): number => (node.children ?? node.keys).length;

/** The branch with its narrow child `index` joined to a neighbour (and split evenly where both are too wide for one). */
function mergeChild<K, V>(node: Branch<K, V>, index: number, shrunk: Node<K, V>): Branch<K, V> {
  const leftIndex = index === 0 ? 0 : index - 1;
  const left = index === 0 ? shrunk : (node.children[leftIndex] as Node<K, V>);
  const right = index === 0 ? (node.children[1] as Node<K, V>) : shrunk;
  const joined = join(left, node.keys[leftIndex] as K, right);
  const keys = node.keys.slice();
  const children = node.children.slice();
  if (joined.right === undefined) {
    keys.splice(leftIndex, 1);
    children.splice(leftIndex, 2, joined.node);
  } else {
    keys[leftIndex] = joined.separator as K;
    children.splice(leftIndex, 2, joined.node, joined.right);
  }
  return branch(keys, children);
}

function join<K, V>(left: Node<K, V>, separator: K, right: Node<K, V>): Grown<K, V> {
  if (left.children === undefined || right.children === undefined) {
    const keys = [...left.keys, ...right.keys];
    const values = [...(left.values ?? []), ...(right.values ?? [])];
    return splitLeaf(keys, values, 0);
  }
  return splitBranch([...left.keys, separator, ...right.keys], [...left.children, ...right.children], 0);
}
