/**
 * The nodes of a B+ tree, and the search for a key in one of them. Nodes are never changed once a tree holds them: trees
 * share them.
 */
import { noPrints, printedIndex } from './prints.ts';

/** Entries in order of their keys. */
export interface Leaf<K, V> {
  readonly keys: readonly K[];
  readonly values: readonly V[];
  readonly children: undefined;
  readonly size: number;
  /** Of its keys (prints.ts); undefined until one of them is given another value: who is written again is looked for again. */
  readonly prints: string | undefined;
}

/** `keys[i]` is not above the smallest key of `children[i + 1]`, and above every key of `children[i]`. */
export interface Branch<K, V> {
  readonly keys: readonly K[];
  readonly values: undefined;
  readonly children: readonly Node<K, V>[];
  readonly size: number;
  /** A leaf's alone; it is here so that all nodes have the same shape. */
  readonly prints: undefined;
}

/** A tree, or a part of one. */
export type Node<K, V> = Leaf<K, V> | Branch<K, V>;
/** Whether one key comes before another. */
export type Less<K> = (a: K, b: K) => boolean;

/** A leaf of keys in order, each with its value. */
export const leaf = <K, V>(keys: readonly K[], values: readonly V[]): Leaf<K, V> => ({
  keys,
  values,
  children: undefined,
  size: keys.length,
  prints: undefined,
});

/** A branch that knows how many entries are below it. */
export function branch<K, V>(keys: readonly K[], children: readonly Node<K, V>[]): Branch<K, V> {
  let size = 0;
  for (const child of children) size += child.size;
  return { keys, values: undefined, children, size, prints: undefined };
}

/** The order of `<`. */
export const natural = <K>(a: K, b: K): boolean => a < b;

/** The first index whose key is not less than `key`. Texts in their natural order are compared without a call. */
export function lowerBound<K>(keys: readonly K[], key: K, less: Less<K>): number {
  if (typeof key === 'string' && less === natural)
    return lowerBoundOfText(keys as readonly unknown[] as readonly string[], key);
  let low = 0;
  let high = keys.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (less(keys[middle] as K, key)) low = middle + 1;
    else high = middle;
  }
  return low;
}

function lowerBoundOfText(keys: readonly string[], key: string): number {
  let low = 0;
  let high = keys.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((keys[middle] as string) < key) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** The place of `key` in a leaf; where it is not there, the place where it would be, as `~place`. */
export function placeIn<K, V>({ keys, prints }: Leaf<K, V>, key: K, less: Less<K>): number {
  if (prints !== undefined && prints !== noPrints && typeof key === 'string') {
    const place = printedIndex(prints, keys as readonly unknown[] as readonly string[], key);
    if (place >= 0) return place;
  }
  const place = lowerBound(keys, key, less);
  return place < keys.length && !less(key, keys[place] as K) ? place : ~place;
}

/** The child that holds `key`: the first whose right separator is above it. */
export function childIndex<K>(keys: readonly K[], key: K, less: Less<K>): number {
  if (typeof key === 'string' && less === natural)
    return childIndexOfText(keys as readonly unknown[] as readonly string[], key);
  let low = 0;
  let high = keys.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (less(key, keys[middle] as K)) high = middle;
    else low = middle + 1;
  }
  return low;
}

function childIndexOfText(keys: readonly string[], key: string): number {
  let low = 0;
  let high = keys.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (key < (keys[middle] as string)) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** The smallest key below a node. */
function firstKey<K, V>(node: Node<K, V>): K {
  let at = node;
  while (at.children !== undefined) at = at.children[0] as Node<K, V>;
  return at.keys[0] as K;
}

/** Every leaf below a node, in order. */
export function collectLeaves<K, V>(node: Node<K, V>, into: Leaf<K, V>[]): void {
  if (node.children === undefined) into.push(node);
  else for (const child of node.children) collectLeaves(child, into);
}

/** Whether every separator stands where it says it does, for tests. */
export function separatorsHold<K, V>(node: Node<K, V>, less: Less<K>): boolean {
  if (node.children === undefined) return true;
  return node.children.every(
    (child, i) =>
      separatorsHold(child, less) &&
      (i === 0 || child.size === 0 || !less(firstKey(child), node.keys[i - 1] as K)),
  );
}
