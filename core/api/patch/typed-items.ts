/** What identifies the items of a list that is not atomic. (sigs.k8s.io/structured-merge-diff v6 typed/helpers.go) */
import type { ListType } from './merge-type.ts';
import { keyElement, textKeyElement, valueElement, type PathElement } from './path-element.ts';
import { fieldOf, isFields, type Tree, type TreeFields } from './tree.ts';

export type Identified = { readonly element: PathElement } | { readonly error: string };

/** The path element of an item, or why it has none. */
export function elementOf(list: ListType, item: Tree): Identified {
  if (list.atomic) return { error: 'invalid indexing of non-associative list' };
  if (list.keys.length > 0) return keyedElement(list, item);
  if (item === null) return { error: "associative list without keys has an element that's an explicit null" };
  if (Array.isArray(item)) return { error: 'not supported: associative list with lists as elements' };
  if (isFields(item)) return { error: "associative list without keys has an element that's a map type" };
  return { element: valueElement(item) };
}

function keyedElement(list: ListType, item: Tree): Identified {
  if (item === null) return { error: 'associative list with keys may not have a null element' };
  if (!isFields(item)) return { error: 'associative list with keys may not have non-map elements' };
  const [only = ''] = list.keys;
  const text = list.keys.length === 1 ? fieldOf(item, only) : undefined;
  if (typeof text === 'string') return { element: textKeyElement(only, text) };
  const type = list.of();
  const keys: TreeFields = {};
  for (const name of list.keys) {
    const value = fieldOf(item, name) ?? (type.is === 'map' ? type.field(name)?.default : undefined);
    if (value === undefined)
      return {
        error: `associative list with keys has an element that omits key field ${JSON.stringify(name)} (and doesn't have default value)`,
      };
    keys[name] = value;
  }
  return { element: keyElement(keys) };
}

/** The elements of a list that is well formed; items without one are left out. */
export const elementsOf = (
  list: ListType,
  items: readonly Tree[],
): readonly (readonly [PathElement, Tree])[] =>
  items.flatMap((item) => {
    const found = elementOf(list, item);
    return 'element' in found ? [[found.element, item] as const] : [];
  });
