/** An applied configuration merged into the live object: what it says wins. (sigs.k8s.io/structured-merge-diff v6 typed/merge.go) */
import { formOf, typeAt, type ListType, type MapType, type MergeType } from './merge-type.ts';
import type { PathElement } from './path-element.ts';
import { elementsOf } from './typed-items.ts';
import { fieldOf, isFields, setField, type Tree, type TreeFields } from './tree.ts';

/** The live value with the configuration in it. An absent side is undefined; null is a value. */
export function mergeTyped(
  type: MergeType,
  live: Tree | undefined,
  config: Tree | undefined,
): Tree | undefined {
  if (config === undefined) return live;
  const form = formOf(type, config);
  if (form.is === 'scalar' || form.atomic) return config;
  if (form.is === 'list') {
    const [left, right] = [Array.isArray(live) ? live : [], Array.isArray(config) ? config : []];
    return left.length === 0 && right.length === 0 ? config : someOf(mergeItems(form, left, right));
  }
  const [left, right] = [isFields(live) ? live : {}, isFields(config) ? config : {}];
  if (Object.keys(left).length === 0 && Object.keys(right).length === 0) return config;
  return mergeFieldsOf(form, left, right);
}

const someOf = (items: Tree[]): Tree[] | undefined => (items.length > 0 ? items : undefined);

function mergeFieldsOf(map: MapType, live: TreeFields, config: TreeFields): TreeFields | undefined {
  const merged: TreeFields = {};
  for (const name of new Set([...Object.keys(live), ...Object.keys(config)])) {
    const type = typeAt(map, name);
    const left = fieldOf(live, name);
    const value = type === undefined ? left : mergeTyped(type, left, fieldOf(config, name));
    if (value !== undefined) setField(merged, name, value);
  }
  return Object.keys(merged).length > 0 ? merged : undefined;
}

/**
 * The items of both lists: shared ones in the order of the configuration, the live object's own where they stood between them.
 * An item that occurs twice in the live list is replaced, not merged.
 */
function mergeItems(list: ListType, live: readonly Tree[], config: readonly Tree[]): Tree[] {
  const left = elementsOf(list, live);
  const right = elementsOf(list, config);
  const observedLeft = observed(left);
  const observedRight = new Map(right);
  const shared = right.map(([element]) => element).filter((element) => observedLeft.has(element));
  const taken = new Set<PathElement>();
  const out: Tree[] = [];
  let nextShared = shared.shift();
  const mergeBoth = (element: PathElement): void => {
    taken.add(element);
    push(out, mergeTyped(list.of(), observedLeft.get(element), observedRight.get(element)));
  };
  let [l, r] = [0, 0];
  while (l < left.length || r < right.length) {
    const ours = left[l];
    const theirs = right[r];
    if (ours !== undefined && theirs !== undefined) {
      if (ours[0] === theirs[0]) {
        mergeBoth(ours[0]);
        l++;
        r++;
        nextShared = shared.shift();
        continue;
      }
      if (observedRight.has(ours[0]) && nextShared !== undefined && nextShared !== ours[0]) {
        l++;
        continue;
      }
    }
    if (ours !== undefined) {
      if (!observedRight.has(ours[0])) {
        push(out, ours[1]);
        l++;
        continue;
      }
      if (taken.has(ours[0])) l++;
    }
    if (theirs !== undefined) {
      mergeBoth(theirs[0]);
      r++;
      if (nextShared === theirs[0]) nextShared = shared.shift();
    }
  }
  return out;
}

/** The items by what identifies them; null for one that occurs again. */
function observed(items: readonly (readonly [PathElement, Tree])[]): Map<PathElement, Tree> {
  const found = new Map<PathElement, Tree>();
  for (const [element, item] of items) found.set(element, found.has(element) ? null : item);
  return found;
}

function push(list: Tree[], item: Tree | undefined): void {
  if (item !== undefined) list.push(item);
}
