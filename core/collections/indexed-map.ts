/**
 * A persistent map with secondary indices kept beside it. An index holds the keys of each term, in order; a
 * change that leaves an object's terms alone does not touch it.
 */
import { OrderedMap } from './ordered-map.ts';
import type { Difference } from './tree/difference.ts';

export interface IndexDefinition<V> {
  readonly name: string;
  /** The terms under which a value is found. */
  readonly terms: (value: V) => readonly string[];
  /** True when the two values certainly have the same terms: compare the parts they are made of by identity. */
  readonly same: (before: V, after: V) => boolean;
}

type Keys = OrderedMap<string, true>;
/** The keys of each term that has any. */
type Index = OrderedMap<string, Keys>;

const noKeys: Keys = OrderedMap.empty();
const noTerms: readonly string[] = [];

const withKey = (index: Index, term: string, key: string): Index =>
  index.set(term, (index.get(term) ?? noKeys).set(key, true));

function withoutKey(index: Index, term: string, key: string): Index {
  const left = (index.get(term) ?? noKeys).delete(key);
  return left.size === 0 ? index.delete(term) : index.set(term, left);
}

export class IndexedMap<V> {
  readonly objects: OrderedMap<string, V>;
  private readonly definitions: readonly IndexDefinition<V>[];
  private readonly indices: readonly Index[];

  private constructor(
    objects: OrderedMap<string, V>,
    definitions: readonly IndexDefinition<V>[],
    indices: readonly Index[],
  ) {
    this.objects = objects;
    this.definitions = definitions;
    this.indices = indices;
  }

  static empty<V>(definitions: readonly IndexDefinition<V>[]): IndexedMap<V> {
    return new IndexedMap<V>(
      OrderedMap.empty(),
      definitions,
      definitions.map(() => OrderedMap.empty()),
    );
  }

  get size(): number {
    return this.objects.size;
  }

  get(key: string): V | undefined {
    return this.objects.get(key);
  }

  /** The map with `value` at `key`. Who knows what is there now gives it as `before`, and saves the look. */
  set(key: string, value: V, before: V | undefined = this.objects.get(key)): IndexedMap<V> {
    const objects = this.objects.set(key, value);
    if (objects === this.objects) return this;
    return new IndexedMap(objects, this.definitions, this.reindexed(key, before, value));
  }

  delete(key: string): IndexedMap<V> {
    const before = this.objects.get(key);
    if (before === undefined) return this;
    return new IndexedMap(this.objects.delete(key), this.definitions, this.reindexed(key, before, undefined));
  }

  private reindexed(key: string, before: V | undefined, after: V | undefined): readonly Index[] {
    let indices = this.indices;
    for (let i = 0; i < this.definitions.length; i++) {
      const definition = this.definitions[i] as IndexDefinition<V>;
      if (before !== undefined && after !== undefined && definition.same(before, after)) continue;
      const old = before === undefined ? noTerms : definition.terms(before);
      const now = after === undefined ? noTerms : definition.terms(after);
      let index = indices[i] as Index;
      for (const term of old) if (!now.includes(term)) index = withoutKey(index, term, key);
      for (const term of now) if (!old.includes(term)) index = withKey(index, term, key);
      if (index === indices[i]) continue;
      if (indices === this.indices) indices = this.indices.slice();
      (indices as Index[])[i] = index;
    }
    return indices;
  }

  /** The keys under a term of an index, in order. An index that was not defined is a defect, and throws. */
  keysOf(index: string, term: string): IterableIterator<string> {
    return (this.indexNamed(index).get(term) ?? noKeys).keys();
  }

  /** The values under a term of an index, in order of their keys. */
  *valuesOf(index: string, term: string): IterableIterator<V> {
    for (const key of this.keysOf(index, term)) {
      const value = this.objects.get(key);
      if (value !== undefined) yield value;
    }
  }

  /** How many keys a term has, without visiting them. */
  countOf(index: string, term: string): number {
    return this.indexNamed(index).get(term)?.size ?? 0;
  }

  private indexNamed(name: string): Index {
    const at = this.definitions.findIndex((definition) => definition.name === name);
    const index = this.indices[at];
    if (index === undefined) throw new Error(`no index ${name}`);
    return index;
  }

  difference(after: IndexedMap<V>): readonly Difference<string, V>[] {
    return this.objects.difference(after.objects);
  }
}
