/**
 * A persistent map from text that nobody walks in order but by its tree: the newest version answers from a table beside it,
 * in one look however many entries there are; an older one, which few ask, from its tree.
 */
import { OrderedMap } from './ordered-map.ts';

/** What the newest version has. It follows the version that changed last. */
interface Table<V> {
  newest: OrderedMap<string, V>;
  readonly values: Map<string, V>;
}

export class TextMap<V> {
  private readonly tree: OrderedMap<string, V>;
  private readonly table: Table<V>;

  private constructor(tree: OrderedMap<string, V>, table: Table<V>) {
    this.tree = tree;
    this.table = table;
  }

  static empty<V>(): TextMap<V> {
    const tree = OrderedMap.empty<string, V>();
    return new TextMap<V>(tree, { newest: tree, values: new Map() });
  }

  get size(): number {
    return this.tree.size;
  }

  get(key: string): V | undefined {
    return this.table.newest === this.tree ? this.table.values.get(key) : this.tree.get(key);
  }

  set(key: string, value: V): TextMap<V> {
    const tree = this.tree.set(key, value);
    if (tree === this.tree) return this;
    if (this.table.newest === this.tree) {
      this.table.newest = tree;
      this.table.values.set(key, value);
    }
    return new TextMap(tree, this.table);
  }

  delete(key: string): TextMap<V> {
    const tree = this.tree.delete(key);
    if (tree === this.tree) return this;
    if (this.table.newest === this.tree) {
      this.table.newest = tree;
      this.table.values.delete(key);
    }
    return new TextMap(tree, this.table);
  }
}
