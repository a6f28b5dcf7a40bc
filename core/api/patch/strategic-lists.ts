/**
 * Lists of strategic merge patches: their order, their items by merge key, and sets of scalars. Go's sorts are
 * spelt out, because orders that compare equal both ways end as the real algorithm leaves them.
 * (kubernetes v1.34.1 apimachinery/pkg/util/strategicpatch/patch.go)
 */
import { byText, goText, goTypeName } from './go-text.ts';
import { badArgType, listOfLists, noMergeKey, StrategicError } from './strategic-error.ts';
import { fieldOf, isFields, type Tree, type TreeFields } from './tree.ts';

export const patchDirective = '$patch';

/** What the items of all lists are; an error where they are not of one type, or where there is none. */
export function elementKind(...lists: readonly (readonly Tree[])[]): 'map' | 'scalar' {
  let type: string | undefined;
  for (const list of lists)
    for (const item of list) {
      const current = goTypeName(item);
      if (type === undefined) {
        type = current;
        if (Array.isArray(item)) throw listOfLists();
      } else if (type !== current)
        throw new StrategicError(
          `list element types are not identical: [${lists.map((l) => goText([...l])).join(' ')}]`,
        );
    }
  if (type === undefined) throw new StrategicError('no elements in any of the given slices');
  return type === 'map[string]interface {}' ? 'map' : 'scalar';
}

/** What identifies an item: its merge key, or itself. */
const identity = (item: Tree, mergeKey: string): Tree | undefined => {
  if (mergeKey === '') return item;
  return isFields(item) ? (fieldOf(item, mergeKey) ?? null) : null;
};

/** The place of the first item that is the same as this one; -1 where there is none. */
function placeOf(list: readonly Tree[], item: Tree, mergeKey: string): number {
  const wanted = identity(item, mergeKey);
  return list.findIndex((other) => identity(other, mergeKey) === wanted);
}

/** Go's insertion sort, which sort.Sort is for short lists and sort.SliceStable for blocks. `less` may say yes both ways. */
function insertionSort(list: Tree[], length: number, less: (a: Tree, b: Tree) => boolean): void {
  for (let i = 1; i < length; i++)
    for (let j = i; j > 0; j--) {
      const right = list[j] ?? null;
      const left = list[j - 1] ?? null;
      if (!less(right, left)) break;
      list[j] = left;
      list[j - 1] = right;
    }
}

/** Items in the order of another list; those it does not have stay in front, those to be deleted come last. */
export function sortedBy(
  list: readonly Tree[],
  order: readonly Tree[],
  mergeKey: string,
  kind: 'map' | 'scalar',
): Tree[] {
  const key = kind === 'map' ? mergeKey : '';
  if (kind === 'map') requireMergeKeys(mergeKey, list, order);
  const [kept, deleted] = kind === 'map' ? splitDeletions(list) : [[...list], []];
  insertionSort(kept, kept.length, (a, b) => {
    const left = placeOf(order, a, key);
    const right = left < 0 ? -1 : placeOf(order, b, key);
    return right >= 0 ? left < right : true;
  });
  return [...kept, ...deleted];
}

function requireMergeKeys(mergeKey: string, ...lists: readonly (readonly Tree[])[]): void {
  for (const list of lists)
    for (const item of list) {
      if (!isFields(item)) throw badArgType({}, item);
      if (!Object.hasOwn(item, mergeKey)) throw noMergeKey(item, mergeKey);
    }
}

/** The items to keep and those that carry `$patch: delete`. */
export function splitDeletions(list: readonly Tree[]): [kept: Tree[], deleted: Tree[]] {
  const kept: Tree[] = [];
  const deleted: Tree[] = [];
  for (const item of list) {
    if (!isFields(item)) throw badArgType({}, item);
    (fieldOf(item, patchDirective) === 'delete' ? deleted : kept).push(item);
  }
  return [kept, deleted];
}

/** Items of the patch in its order and the server's own in theirs, put together by the order on the server. */
export function interleaved(
  patch: readonly Tree[],
  serverOnly: readonly Tree[],
  patchOrder: readonly Tree[],
  serverOrder: readonly Tree[],
  mergeKey: string,
  kind: 'map' | 'scalar',
): Tree[] {
  const right = sortedBy(patch, patchOrder, mergeKey, kind);
  const left = sortedBy(serverOnly, serverOrder, mergeKey, kind);
  const key = kind === 'map' ? mergeKey : '';
  const merged: Tree[] = [];
  let i = 0;
  let j = 0;
  while (i < left.length || j < right.length) {
    const own = left[i];
    const patched = right[j];
    if (patched === undefined || (own !== undefined && comesFirst(own, patched, serverOrder, key))) {
      merged.push(own ?? null);
      i++;
    } else {
      merged.push(patched);
      j++;
    }
  }
  return merged;
}

function comesFirst(a: Tree, b: Tree, order: readonly Tree[], key: string): boolean {
  const left = placeOf(order, a, key);
  const right = placeOf(order, b, key);
  return left >= 0 && right >= 0 && left < right;
}

/** The items that another list has too, and the others. */
export function partition(
  list: readonly Tree[],
  by: readonly Tree[],
  mergeKey: string,
): [shared: Tree[], others: Tree[]] {
  const shared: Tree[] = [];
  const others: Tree[] = [];
  for (const item of list) {
    if (mergeKey === '') (by.includes(item) ? shared : others).push(item);
    else {
      if (!isFields(item)) throw badArgType({}, item);
      const value = fieldOf(item, mergeKey);
      if (value === undefined) throw noMergeKey(item, mergeKey);
      (find(by, mergeKey, value) < 0 ? others : shared).push(item);
    }
  }
  return [shared, others];
}

/** The place of the item with this merge key; -1 where there is none. */
export function find(list: readonly Tree[], mergeKey: string, value: Tree, length = list.length): number {
  for (let i = 0; i < length; i++) {
    const item = list[i];
    if (!isFields(item)) throw new StrategicError(`value for key ${i} is not a map.`);
    if (fieldOf(item, mergeKey) === value) return i;
  }
  return -1;
}

/** Scalars by their text, in place. */
export function sortScalars(list: Tree[], length = list.length): Tree[] {
  insertionSort(list, length, (a, b) => byText(goText(a), goText(b)) <= 0);
  return list;
}

/** A copy of the list, by the text of the merge key. */
export function sortedByKey(list: readonly Tree[], mergeKey: string): TreeFields[] {
  if (list.length === 0) return [];
  if (elementKind(list) !== 'map') throw badArgType({}, list[0]);
  const sorted = [...list];
  const textOf = (item: Tree): string => goText(isFields(item) ? fieldOf(item, mergeKey) : undefined);
  insertionSort(sorted, sorted.length, (a, b) => byText(textOf(a), textOf(b)) <= 0);
  return sorted as TreeFields[];
}

/**
 * Drops what occurs again, in place: the last item takes the dropped one's place. The list keeps its length, and what lies
 * behind the length that is returned is of no meaning.
 */
export function dropDuplicates(list: Tree[]): number {
  let last = list.length - 1;
  for (let i = 0; i < last; i++)
    for (let j = i + 1; j <= last; j++)
      if (list[i] === list[j]) {
        list[j] = list[last] ?? null;
        last--;
        j--;
      }
  return last + 1;
}
