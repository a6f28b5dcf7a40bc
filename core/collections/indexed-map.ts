/**
 * A persistent map with secondary indices beside it. An index holds the keys of each term, in order. The indices are
 * brought up to date when somebody asks: a map remembers what has changed since its indices were last asked for, and where that is much,
 * they are made anew. A map that nobody asks, as most of an apiserver's, pays nothing for them.
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
const noIndex: Index = OrderedMap.empty();
const noTerms: readonly string[] = [];

const withKey = (index: Index, term: string, key: string): Index =>
  index.set(term, (index.get(term) ?? noKeys).set(key, true));

function withoutKey(index: Index, term: string, key: string): Index {
  const left = (index.get(term) ?? noKeys).delete(key);
  return left.size === 0 ? index.delete(term) : index.set(term, left);
}

/** A change that the indices have not been told of. */
interface Step<V> {
  readonly key: string;
  readonly before: V | undefined;
  readonly after: V | undefined;
  readonly previous: Step<V> | undefined;
}

/** What has happened since the indices were asked for. Without a base there was so much that they are made anew. */
interface Trail<V> {
  readonly base: readonly Index[] | undefined;
  readonly length: number;
  readonly last: Step<V> | undefined;
}

/** A trail is not followed further than this, or than a quarter of the objects: to walk them all costs little more. */
const longTrail = 64;

/** The indices that somebody has asked for, by the trail that leads to them. */
const made = new WeakMap<object, readonly Index[]>();

export class IndexedMap<V> {
  readonly objects: OrderedMap<string, V>;
  private readonly definitions: readonly IndexDefinition<V>[];
  private readonly trail: Trail<V>;

  private constructor(
    objects: OrderedMap<string, V>,
    definitions: readonly IndexDefinition<V>[],
    trail: Trail<V>,
  ) {
    this.objects = objects;
    this.definitions = definitions;
    this.trail = trail;
  }

  static empty<V>(definitions: readonly IndexDefinition<V>[]): IndexedMap<V> {
    return new IndexedMap<V>(OrderedMap.empty(), definitions, {
      base: definitions.map(() => noIndex),
      length: 0,
      last: undefined,
    });
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
    return new IndexedMap(objects, this.definitions, this.trailAfter(key, before, value));
  }

  delete(key: string): IndexedMap<V> {
    const before = this.objects.get(key);
    if (before === undefined) return this;
    return new IndexedMap(
      this.objects.delete(key),
      this.definitions,
      this.trailAfter(key, before, undefined),
    );
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

  /** The terms of an index that have keys, in order from `from` (inclusive) to `to` (exclusive). */
  termsOf(index: string, from: string, to: string): IterableIterator<string> {
    return this.indexNamed(index).keys(from, to);
  }

  /** How many keys a term has, without visiting them. */
  countOf(index: string, term: string): number {
    return this.indexNamed(index).get(term)?.size ?? 0;
  }

  private indexNamed(name: string): Index {
    const at = this.definitions.findIndex((definition) => definition.name === name);
    const index = this.indices()[at];
    if (index === undefined) throw new Error(`no index ${name}`);
    return index;
  }

  private trailAfter(key: string, before: V | undefined, after: V | undefined): Trail<V> {
    const { trail } = this;
    if (before !== undefined && after !== undefined && this.areIndexedAlike(before, after)) return trail;
    const base = made.get(trail);
    if (base !== undefined) return { base, length: 1, last: { key, before, after, previous: undefined } };
    if (trail.base === undefined || trail.length >= Math.max(longTrail, this.objects.size >> 2))
      return { base: undefined, length: 0, last: undefined };
    const last = { key, before, after, previous: trail.last };
    return { base: trail.base, length: trail.length + 1, last };
  }

  private areIndexedAlike(before: V, after: V): boolean {
    for (const definition of this.definitions) if (!definition.same(before, after)) return false;
    return true;
  }

  private indices(): readonly Index[] {
    const { trail, definitions, objects } = this;
    const known = made.get(trail);
    if (known !== undefined) return known;
    const indices =
      trail.base === undefined
        ? definitions.map((definition) => indexOf(definition, objects))
        : definitions.map((definition, i) => followed(trail.base?.[i] ?? noIndex, definition, trail));
    made.set(trail, indices);
    return indices;
  }

  difference(after: IndexedMap<V>): readonly Difference<string, V>[] {
    return this.objects.difference(after.objects);
  }
}

function indexOf<V>(definition: IndexDefinition<V>, objects: OrderedMap<string, V>): Index {
  let index = noIndex;
  for (const [key, value] of objects)
    for (const term of definition.terms(value)) index = withKey(index, term, key);
  return index;
}

function followed<V>(base: Index, definition: IndexDefinition<V>, trail: Trail<V>): Index {
  const steps: Step<V>[] = [];
  for (let step = trail.last; step !== undefined; step = step.previous) steps.push(step);
  let index = base;
  for (let i = steps.length - 1; i >= 0; i--) index = withStep(index, definition, steps[i] as Step<V>);
  return index;
}

function withStep<V>(index: Index, definition: IndexDefinition<V>, { key, before, after }: Step<V>): Index {
  if (before !== undefined && after !== undefined && definition.same(before, after)) return index;
  const old = before === undefined ? noTerms : definition.terms(before);
  const now = after === undefined ? noTerms : definition.terms(after);
  let next = index;
  for (const term of old) if (!now.includes(term)) next = withoutKey(next, term, key);
  for (const term of now) if (!old.includes(term)) next = withKey(next, term, key);
  return next;
}
