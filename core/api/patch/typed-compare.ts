/** Which fields differ between two values of one type. (sigs.k8s.io/structured-merge-diff v6 typed/compare.go) */
import { same } from '../merge-patch.ts';
import { insertPath, newFieldSet, type FieldPath, type FieldSet, type FieldSetBuilder } from './field-set.ts';
import { formOf, typeAt, type ListType, type MapType, type MergeType } from './merge-type.ts';
import { fieldElement, type PathElement } from './path-element.ts';
import { elementsOf } from './typed-items.ts';
import { fieldOf, isFields, type Tree, type TreeFields } from './tree.ts';

/** No field is in more than one of the sets. */
export interface Comparison {
  readonly added: FieldSet;
  readonly modified: FieldSet;
  readonly removed: FieldSet;
}

type Sets = Readonly<Record<keyof Comparison, FieldSetBuilder>>;

/** What the right value has more, has otherwise, and has no more. */
export function compare(type: MergeType, left: Tree, right: Tree): Comparison {
  const sets: Sets = { added: newFieldSet(), modified: newFieldSet(), removed: newFieldSet() };
  if (left !== right) compareValues(type, left, right, [], sets);
  return sets;
}

/** An absent side is undefined; null is a value. */
function compareValues(
  type: MergeType,
  left: Tree | undefined,
  right: Tree | undefined,
  path: FieldPath,
  sets: Sets,
): void {
  const leftForm = formOf(type, left);
  const rightForm = formOf(type, right);
  let leafSeen: boolean;
  if (right === undefined) leafSeen = compareForm(leftForm, left, right, path, sets);
  else if (left === undefined || leftForm.is === rightForm.is)
    leafSeen = compareForm(rightForm, left, right, path, sets);
  else {
    compareForm(leftForm, left, right, path, sets);
    leafSeen = compareForm(rightForm, left, right, path, sets);
  }
  if (leafSeen) return;
  if (left === undefined) insertPath(sets.added, path);
  else if (right === undefined) insertPath(sets.removed, path);
}

/** Whether the value was compared as a whole. */
function compareForm(
  form: ReturnType<typeof formOf>,
  left: Tree | undefined,
  right: Tree | undefined,
  path: FieldPath,
  sets: Sets,
): boolean {
  if (form.is === 'scalar') {
    compareLeaf(left, right, path, sets);
    return true;
  }
  if (form.is === 'list') {
    const [a, b] = [listOf(left), listOf(right)];
    if (form.atomic || (a.length === 0 && b.length === 0)) {
      compareLeaf(left, right, path, sets);
      return true;
    }
    compareItems(form, a, b, path, sets);
    return false;
  }
  const [a, b] = [mapOf(left), mapOf(right)];
  if (form.atomic || (Object.keys(a).length === 0 && Object.keys(b).length === 0)) {
    compareLeaf(left, right, path, sets);
    return true;
  }
  compareFields(form, a, b, path, sets);
  return false;
}

const listOf = (value: Tree | undefined): readonly Tree[] => (Array.isArray(value) ? value : []);
const mapOf = (value: Tree | undefined): TreeFields => (isFields(value) ? value : {});

function compareLeaf(left: Tree | undefined, right: Tree | undefined, path: FieldPath, sets: Sets): void {
  if (left === undefined) insertPath(sets.added, path);
  else if (right === undefined) insertPath(sets.removed, path);
  else if (!same(left, right)) insertPath(sets.modified, path);
}

function compareFields(map: MapType, left: TreeFields, right: TreeFields, path: FieldPath, sets: Sets): void {
  const names = new Set([...Object.keys(left), ...Object.keys(right)]);
  for (const name of names) {
    const [a, b] = [fieldOf(left, name), fieldOf(right, name)];
    const type = typeAt(map, name);
    if (type !== undefined && a !== b) compareValues(type, a, b, [...path, fieldElement(name)], sets);
  }
}

function compareItems(
  list: ListType,
  left: readonly Tree[],
  right: readonly Tree[],
  path: FieldPath,
  sets: Sets,
): void {
  const before = grouped(list, left);
  const after = grouped(list, right);
  for (const element of new Set([...before.keys(), ...after.keys()])) {
    const [a, b] = [before.get(element) ?? [], after.get(element) ?? []];
    const inner = [...path, element];
    if (a.length <= 1 && b.length <= 1) compareValues(list.of(), a[0], b[0], inner, sets);
    else if (a.length >= 2 && b.length >= 2) {
      if (!same(a, b)) insertPath(sets.modified, inner);
    } else if (a.length >= 2) {
      if (b.length > 0) compareValues(list.of(), undefined, b[0], inner, sets);
      insertPath(sets.removed, inner);
    } else {
      if (a.length > 0) compareValues(list.of(), a[0], undefined, inner, sets);
      insertPath(sets.added, inner);
    }
  }
}

/** The items by what identifies them: more than one where the list has duplicates. */
function grouped(list: ListType, items: readonly Tree[]): Map<PathElement, Tree[]> {
  const groups = new Map<PathElement, Tree[]>();
  for (const [element, item] of elementsOf(list, items)) {
    const group = groups.get(element);
    if (group === undefined) groups.set(element, [item]);
    else group.push(item);
  }
  return groups;
}
