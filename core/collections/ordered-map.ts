/**
 * A persistent ordered map: a B+ tree whose nodes are copied along one path by each change, so that every older
 * value stays as it was and shares all the rest. A change of 150,000 entries costs about a microsecond, and a root
 * is a complete, frozen picture: a revision, a stale cache, a checkpoint and a fork are all just older roots.
 *
 * Keys are ordered by `less`; the default is the order of UTF-16 code units, which for the names Kubernetes allows
 * is byte order. Nodes are never changed once a map holds them.
 */

/** Widest node. Measured at 150,000 entries: 16, 32 and 64 cost the same within 15 %; 32 keeps the least memory. */
const widest = 32;
const narrowest = 8;

interface Leaf<K, V> {
  readonly keys: readonly K[];
  readonly values: readonly V[];
  readonly children: undefined;
  readonly size: number;
}

/** `keys[i]` is not above the smallest key of `children[i + 1]`, and above every key of `children[i]`. */
interface Branch<K, V> {
  readonly keys: readonly K[];
  readonly values: undefined;
  readonly children: readonly Node<K, V>[];
  readonly size: number;
}

type Node<K, V> = Leaf<K, V> | Branch<K, V>;
type Less<K> = (a: K, b: K) => boolean;

const leaf = <K, V>(keys: readonly K[], values: readonly V[]): Leaf<K, V> => ({
  keys,
  values,
  children: undefined,
  size: keys.length,
});

function branch<K, V>(keys: readonly K[], children: readonly Node<K, V>[]): Branch<K, V> {
  let size = 0;
  for (const child of children) size += child.size;
  return { keys, values: undefined, children, size };
}

/** The order of `<`. */
const natural = <K>(a: K, b: K): boolean => a < b;

/** The first index whose key is not less than `key`. Texts in their natural order are compared without a call. */
function lowerBound<K>(keys: readonly K[], key: K, less: Less<K>): number {
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

/** The child that holds `key`: the first whose right separator is above it. */
function childIndex<K>(keys: readonly K[], key: K, less: Less<K>): number {
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
interface Grown<K, V> {
  readonly node: Node<K, V>;
  readonly separator?: K;
  readonly right?: Node<K, V>;
}

function setIn<K, V>(node: Node<K, V>, key: K, value: V, less: Less<K>): Grown<K, V> {
  if (node.children === undefined) {
    const index = lowerBound(node.keys, key, less);
    const there = index < node.keys.length && !less(key, node.keys[index] as K);
    if (there) {
      if (node.values[index] === value) return { node };
      return { node: leaf(node.keys, replaced(node.values, index, value)) };
    }
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
      },
    };
  }
  const children = inserted(replaced(node.children, index, grown.node), index + 1, grown.right);
  return splitBranch(inserted(node.keys, index, grown.separator as K), children, index);
}

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
function deleteIn<K, V>(node: Node<K, V>, key: K, less: Less<K>): Node<K, V> {
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

function firstKey<K, V>(node: Node<K, V>): K {
  let at = node;
  while (at.children !== undefined) at = at.children[0] as Node<K, V>;
  return at.keys[0] as K;
}

function collectLeaves<K, V>(node: Node<K, V>, into: Leaf<K, V>[]): void {
  if (node.children === undefined) into.push(node);
  else for (const child of node.children) collectLeaves(child, into);
}

/** Entries `start` (inclusive) to `end` (exclusive) of a leaf. */
interface Run<K, V> {
  readonly leaf: Leaf<K, V>;
  readonly start: number;
  readonly end: number;
}

/** One entry that two maps do not have alike. */
export interface Difference<K, V> {
  readonly key: K;
  readonly before: V | undefined;
  readonly after: V | undefined;
}

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

  get size(): number {
    return this.root.size;
  }

  get(key: K): V | undefined {
    const less = this.less;
    let node = this.root;
    while (node.children !== undefined) node = node.children[childIndex(node.keys, key, less)] as Node<K, V>;
    const index = lowerBound(node.keys, key, less);
    return index < node.keys.length && !less(key, node.keys[index] as K) ? node.values[index] : undefined;
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
    if (this.root === after.root) return [];
    const mine: Leaf<K, V>[] = [];
    const theirs: Leaf<K, V>[] = [];
    collectLeaves(this.root, mine);
    collectLeaves(after.root, theirs);
    const shared = new Set<Leaf<K, V>>(mine);
    const both = new Set(theirs.filter((node) => shared.has(node)));
    return mergeDifferences(pairs(mine, both), pairs(theirs, both), this.less);
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

function separatorsHold<K, V>(node: Node<K, V>, less: Less<K>): boolean {
  if (node.children === undefined) return true;
  return node.children.every(
    (child, i) =>
      separatorsHold(child, less) &&
      (i === 0 || child.size === 0 || !less(firstKey(child), node.keys[i - 1] as K)),
  );
}

function pairs<K, V>(leaves: readonly Leaf<K, V>[], except: ReadonlySet<Leaf<K, V>>): (readonly [K, V])[] {
  const found: (readonly [K, V])[] = [];
  for (const node of leaves)
    if (!except.has(node)) node.keys.forEach((key, i) => found.push([key, node.values[i] as V]));
  return found;
}

function mergeDifferences<K, V>(
  before: readonly (readonly [K, V])[],
  after: readonly (readonly [K, V])[],
  less: Less<K>,
): readonly Difference<K, V>[] {
  const found: Difference<K, V>[] = [];
  let i = 0;
  let j = 0;
  while (i < before.length || j < after.length) {
    const mine = before[i];
    const theirs = after[j];
    if (theirs === undefined || (mine !== undefined && less(mine[0], theirs[0]))) {
      if (mine !== undefined) found.push({ key: mine[0], before: mine[1], after: undefined });
      i++;
    } else if (mine === undefined || less(theirs[0], mine[0])) {
      found.push({ key: theirs[0], before: undefined, after: theirs[1] });
      j++;
    } else {
      if (mine[1] !== theirs[1]) found.push({ key: mine[0], before: mine[1], after: theirs[1] });
      i++;
      j++;
    }
  }
  return found;
}
