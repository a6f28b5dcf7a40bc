/**
 * A persistent ordered map: a B+ tree whose nodes are copied along one path by each change, so that every older
 * value stays as it was and shares all the rest. A change of 150,000 entries costs about a microsecond, and a root
 * is a complete, frozen picture: a revision, a stale cache, a checkpoint and a fork are all just older roots.
 *
 * Keys are ordered by `less`; the default is the order of UTF-16 code units, which for the names Kubernetes allows
 * is byte order. Nodes are never changed once a map holds them.
 */

import { treeOf } from './tree/build.ts';
import { deleteIn, setIn } from './tree/change.ts';
import { differences, type Difference } from './tree/difference.ts';
import {
  branch,
  childIndex,
  collectLeaves,
  leaf,
  lowerBound,
  natural,
  placeIn,
  separatorsHold,
  type Branch,
  type Leaf,
  type Less,
  type Node,
} from './tree/node.ts';

/** A separator may be below the smallest key of its child, whose left neighbour then holds the answer. */
function floorIn<K, V>(node: Node<K, V>, key: K, less: Less<K>): readonly [K, V] | undefined {
  let index = childIndex(node.keys, key, less);
  if (node.children === undefined)
    return index === 0 ? undefined : [node.keys[index - 1] as K, node.values[index - 1] as V];
  for (; index >= 0; index--) {
    const found = floorIn(node.children[index] as Node<K, V>, key, less);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** How many entries of a leaf lie before `to`: one comparison where all do, a handful where the range ends in it. */
function endIn<K, V>(node: Leaf<K, V>, to: K | undefined, less: Less<K>): number {
  const length = node.keys.length;
  if (to === undefined || length === 0 || less(node.keys[length - 1] as K, to)) return length;
  return lowerBound(node.keys, to, less);
}

/** Entries `start` (inclusive) to `end` (exclusive) of a leaf. */
interface Run<K, V> {
  readonly leaf: Leaf<K, V>;
  readonly start: number;
  readonly end: number;
}

/** Entries in the order of their keys; a change gives another map. */
export class OrderedMap<K, V> {
  private readonly root: Node<K, V>;
  private readonly less: Less<K>;

  private constructor(root: Node<K, V>, less: Less<K>) {
    this.root = root;
    this.less = less;
  }

  static empty<K, V>(less: Less<K> = natural): OrderedMap<K, V> {
    return new OrderedMap<K, V>(leaf<K, V>([], []), less);
  }

  static from<K, V>(entries: Iterable<readonly [K, V]>, less?: Less<K>): OrderedMap<K, V> {
    let map = OrderedMap.empty<K, V>(less);
    for (const [key, value] of entries) map = map.set(key, value);
    return map;
  }

  /** Of keys that ascend by `<`, each with its value: nothing is looked for. */
  static ascending<K, V>(keys: readonly K[], values: readonly V[]): OrderedMap<K, V> {
    return new OrderedMap<K, V>(treeOf(keys, values), natural);
  }

  get size(): number {
    return this.root.size;
  }

  get(key: K): V | undefined {
    const less = this.less;
    let node = this.root;
    while (node.children !== undefined) node = node.children[childIndex(node.keys, key, less)] as Node<K, V>;
    const place = placeIn(node, key, less);
    return place < 0 ? undefined : node.values[place];
  }

  has(key: K): boolean {
    return this.rank(key) < this.rankAfter(key);
  }

  /** The map with `value` at `key`; the same map when it is there already. */
  set(key: K, value: V): OrderedMap<K, V> {
    const grown = setIn(this.root, key, value, this.less);
    if (grown.node === this.root) return this;
    const root =
      grown.right === undefined ? grown.node : branch([grown.separator as K], [grown.node, grown.right]);
    return new OrderedMap(root, this.less);
  }

  /** The map without `key`; the same map when it is not there. */
  delete(key: K): OrderedMap<K, V> {
    let root = deleteIn(this.root, key, this.less);
    if (root === this.root) return this;
    while (root.children?.length === 1) root = root.children[0] as Node<K, V>;
    return new OrderedMap(root, this.less);
  }

  first(): readonly [K, V] | undefined {
    return this.at(0);
  }

  last(): readonly [K, V] | undefined {
    return this.at(this.size - 1);
  }

  /** The entry with `rank` entries before it. */
  at(rank: number): readonly [K, V] | undefined {
    if (rank < 0 || rank >= this.size) return undefined;
    let node = this.root;
    let rest = rank;
    while (node.children !== undefined) {
      let index = 0;
      while (rest >= (node.children[index] as Node<K, V>).size)
        rest -= (node.children[index++] as Node<K, V>).size;
      node = node.children[index] as Node<K, V>;
    }
    return [node.keys[rest] as K, node.values[rest] as V];
  }

  /** The last entry whose key is not above `key`. */
  floor(key: K): readonly [K, V] | undefined {
    return floorIn(this.root, key, this.less);
  }

  /** How many keys are less than `key`. */
  rank(key: K): number {
    return this.countBelow(
      (keys) => childIndex(keys, key, this.less),
      (keys) => lowerBound(keys, key, this.less),
    );
  }

  /** How many keys are not greater than `key`. */
  rankAfter(key: K): number {
    return this.countBelow(
      (keys) => childIndex(keys, key, this.less),
      (keys) => childIndex(keys, key, this.less),
    );
  }

  private countBelow(child: (keys: readonly K[]) => number, within: (keys: readonly K[]) => number): number {
    let node = this.root;
    let count = 0;
    while (node.children !== undefined) {
      const index = child(node.keys);
      for (let i = 0; i < index; i++) count += (node.children[i] as Node<K, V>).size;
      node = node.children[index] as Node<K, V>;
    }
    return count + within(node.keys);
  }

  /**
   * Visits entries in order from `from` (inclusive) to `to` (exclusive; undefined: to the end). A visit that answers
   * false ends the scan.
   */
  scan(from: K | undefined, to: K | undefined, visit: (key: K, value: V) => boolean | void): void {
    this.scanIn(this.root, from, to, visit);
  }

  private scanIn(
    node: Node<K, V>,
    from: K | undefined,
    to: K | undefined,
    visit: (key: K, value: V) => boolean | void,
  ): boolean {
    const less = this.less;
    if (node.children === undefined) {
      const end = endIn(node, to, less);
      for (let i = from === undefined ? 0 : lowerBound(node.keys, from, less); i < end; i++)
        if (visit(node.keys[i] as K, node.values[i] as V) === false) return false;
      if (end < node.keys.length) return false;
      return true;
    }
    const start = from === undefined ? 0 : childIndex(node.keys, from, less);
    for (let index = start; index < node.children.length; index++)
      if (!this.scanIn(node.children[index] as Node<K, V>, index === start ? from : undefined, to, visit))
        return false;
    return true;
  }

  /** The parts of leaves that lie between `from` (inclusive) and `to` (exclusive), in order. */
  private *runs(from: K | undefined, to: K | undefined): IterableIterator<Run<K, V>> {
    const less = this.less;
    const path: { readonly node: Branch<K, V>; index: number }[] = [];
    let node = this.root;
    let key = from;
    for (;;) {
      while (node.children !== undefined) {
        const index = key === undefined ? 0 : childIndex(node.keys, key, less);
        path.push({ node, index });
        node = node.children[index] as Node<K, V>;
      }
      const end = endIn(node, to, less);
      yield { leaf: node, start: key === undefined ? 0 : lowerBound(node.keys, key, less), end };
      if (end < node.keys.length) return;
      key = undefined;
      let top = path.at(-1);
      while (top !== undefined && ++top.index === top.node.children.length) {
        path.pop();
        top = path.at(-1);
      }
      if (top === undefined) return;
      node = top.node.children[top.index] as Node<K, V>;
    }
  }

  /** Entries in order from `from` (inclusive) to `to` (exclusive), one by one. */
  *entries(from?: K, to?: K): IterableIterator<[K, V]> {
    for (const { leaf, start, end } of this.runs(from, to))
      for (let i = start; i < end; i++) yield [leaf.keys[i] as K, leaf.values[i] as V];
  }

  *keys(from?: K, to?: K): IterableIterator<K> {
    for (const { leaf, start, end } of this.runs(from, to))
      for (let i = start; i < end; i++) yield leaf.keys[i] as K;
  }

  *values(from?: K, to?: K): IterableIterator<V> {
    for (const { leaf, start, end } of this.runs(from, to))
      for (let i = start; i < end; i++) yield leaf.values[i] as V;
  }

  [Symbol.iterator](): IterableIterator<[K, V]> {
    return this.entries();
  }

  /** What `after` has otherwise than this map, in key order. Nodes that both share are not looked into. */
  difference(after: OrderedMap<K, V>): readonly Difference<K, V>[] {
    return differences(this.root, after.root, this.less);
  }

  /** The depth and the fill of the tree, for tests. */
  shape(): { readonly depth: number; readonly leaves: number; readonly sound: boolean } {
    const leaves: Leaf<K, V>[] = [];
    collectLeaves(this.root, leaves);
    let depth = 1;
    for (let node = this.root; node.children !== undefined; node = node.children[0] as Node<K, V>) depth++;
    const keys = leaves.flatMap((node) => node.keys);
    const ordered = keys.every((key, i) => i === 0 || this.less(keys[i - 1] as K, key));
    return {
      depth,
      leaves: leaves.length,
      sound: ordered && keys.length === this.size && separatorsHold(this.root, this.less),
    };
  }
}
