/**
 * A persistent map of texts whose newest member is a hash table: what is written is found by one look, however many
 * entries there are, and a change copies nothing. An older map stays as it was: it remembers what it has otherwise than
 * the map that was made of it, and that one likewise, up to the newest, whose table they share. Who asks an older map
 * something makes it the newest instead where few changes lie between, and gives it a table of its own where they
 * are many; so a checkpoint costs nothing until it is resumed. (H. G. Baker, "Shallow binding makes functional arrays fast", 1991.)
 *
 * The order of keys is an index, made when somebody first asks for a range and brought up to date whenever one does.
 */
import { OrderedMap } from './ordered-map.ts';

/** What the newest map of a family has; no other refers to it. */
interface Table<V> {
  readonly entries: Map<string, V>;
  /** The entries in order, but for those of `unordered`; undefined until it is asked for. */
  order: OrderedMap<string, V> | undefined;
  /** Keys that were written since, some more than once. */
  unordered: string[];
}

/** Where this many changes lie between a map and the newest, and more than there are entries, it takes a copy. */
const fewChanges = 1_000;

/** Entries by their keys; a change gives another map. Its values are never undefined. */
export class HashedMap<V> {
  private table: Table<V> | undefined;
  /** The map that was made of this one, which lacks a table then: the two differ in `key`, where this one has `value`. */
  private next: HashedMap<V> | undefined = undefined;
  private key = '';
  private value: V | undefined = undefined;

  private constructor(table: Table<V> | undefined) {
    this.table = table;
  }

  /** A map without entries is of no family: any number may grow from it. */
  static empty<V>(): HashedMap<V> {
    return new HashedMap<V>(undefined);
  }

  get size(): number {
    return this.isEmpty() ? 0 : this.own().entries.size;
  }

  get(key: string): V | undefined {
    return this.isEmpty() ? undefined : this.own().entries.get(key);
  }

  /** The map with `value` at `key`; the same map when it is there already. */
  set(key: string, value: V): HashedMap<V> {
    if (this.isEmpty()) return new HashedMap<V>(tableOf(new Map([[key, value]])));
    const table = this.own();
    const before = table.entries.get(key);
    if (before === value) return this;
    table.entries.set(key, value);
    return this.passed(table, key, before);
  }

  /** The map without `key`; the same map when it is not there. */
  delete(key: string): HashedMap<V> {
    if (this.isEmpty()) return this;
    const table = this.own();
    const before = table.entries.get(key);
    if (before === undefined) return this;
    table.entries.delete(key);
    return this.passed(table, key, before);
  }

  has(key: string): boolean {
    return this.get(key) !== undefined;
  }

  /** Visits all entries in the order of their keys. */
  scan(visit: (key: string, value: V) => boolean | void): void {
    this.ordered().scan(undefined, undefined, visit);
  }

  /** The entries in the order of their keys. */
  entries(): IterableIterator<[string, V]> {
    return this.ordered().entries();
  }

  keys(): IterableIterator<string> {
    return this.ordered().keys();
  }

  values(): IterableIterator<V> {
    return this.ordered().values();
  }

  /** The same entries, to be read in the order of their keys (of their UTF-16 code units). */
  ordered(): OrderedMap<string, V> {
    return this.isEmpty() ? OrderedMap.empty() : orderOf(this.own());
  }

  private isEmpty(): boolean {
    return this.table === undefined && this.next === undefined;
  }

  /** Hands the table, which has been changed at `key`, to a new map. */
  private passed(table: Table<V>, key: string, before: V | undefined): HashedMap<V> {
    noteChange(table, key);
    const next = new HashedMap<V>(table);
    this.table = undefined;
    this.next = next;
    this.key = key;
    this.value = before;
    return next;
  }

  /** The table, with the entries of this map. */
  private own(): Table<V> {
    return this.table ?? this.recovered();
  }

  private recovered(): Table<V> {
    const path: HashedMap<V>[] = [this];
    let newest = this.next as HashedMap<V>;
    for (; newest.next !== undefined; newest = newest.next) path.push(newest);
    const shared = newest.table as Table<V>;
    if (path.length > Math.max(fewChanges, shared.entries.size)) return this.copied(shared, path);
    for (let older = path.pop(); older !== undefined; newest = older, older = path.pop())
      older.takeFrom(newest, shared);
    return shared;
  }

  /** Swaps with the map that was made of this one: it has the table now, and that one the difference. */
  private takeFrom(next: HashedMap<V>, table: Table<V>): void {
    const { key } = this;
    next.key = key;
    next.value = table.entries.get(key);
    next.table = undefined;
    next.next = this;
    restore(table.entries, key, this.value);
    noteChange(table, key);
    this.table = table;
    this.next = undefined;
    this.value = undefined;
  }

  private copied(shared: Table<V>, path: readonly HashedMap<V>[]): Table<V> {
    const entries = new Map(shared.entries);
    for (let i = path.length - 1; i >= 0; i--) {
      const { key, value } = path[i] as HashedMap<V>;
      restore(entries, key, value);
    }
    this.table = tableOf(entries);
    this.next = undefined;
    this.value = undefined;
    return this.table;
  }
}

const tableOf = <V>(entries: Map<string, V>): Table<V> => ({ entries, order: undefined, unordered: [] });

function restore<V>(entries: Map<string, V>, key: string, value: V | undefined): void {
  if (value === undefined) entries.delete(key);
  else entries.set(key, value);
}

/** An order that nobody has asked for while everything changed is made anew when somebody does. */
function noteChange<V>(table: Table<V>, key: string): void {
  if (table.order === undefined) return;
  table.unordered.push(key);
  if (table.unordered.length <= Math.max(fewChanges, table.entries.size / 2)) return;
  table.order = undefined;
  table.unordered = [];
}

function orderOf<V>(table: Table<V>): OrderedMap<string, V> {
  const { entries, unordered } = table;
  let order = table.order;
  if (order === undefined) {
    const keys = [...entries.keys()].sort();
    order = OrderedMap.ascending(
      keys,
      keys.map((key) => entries.get(key) as V),
    );
  } else if (unordered.length > 0) {
    for (const key of unordered) {
      const value = entries.get(key);
      order = value === undefined ? order.delete(key) : order.set(key, value);
    }
    table.unordered = [];
  }
  table.order = order;
  return order;
}
