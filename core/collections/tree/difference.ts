/** What two trees do not have alike. Trees of one origin share most of their leaves, and those are not looked into. */
import { collectLeaves, type Leaf, type Less, type Node } from './node.ts';

/** One entry that two maps do not have alike. */
export interface Difference<K, V> {
  readonly key: K;
  readonly before: V | undefined;
  readonly after: V | undefined;
}

/** Every entry that one of the trees has otherwise than the other, in key order. */
export function differences<K, V>(
  before: Node<K, V>,
  after: Node<K, V>,
  less: Less<K>,
): readonly Difference<K, V>[] {
  if (before === after) return [];
  const mine: Leaf<K, V>[] = [];
  const theirs: Leaf<K, V>[] = [];
  collectLeaves(before, mine);
  collectLeaves(after, theirs);
  const shared = new Set<Leaf<K, V>>(mine);
  const both = new Set(theirs.filter((node) => shared.has(node)));
  return mergeDifferences(pairs(mine, both), pairs(theirs, both), less);
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
