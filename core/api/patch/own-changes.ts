/**
 * The commonest update of all: its manager changes values that it owned alone before, and nothing else. Then nobody's fields
 * change, and there is no need for the sets of fields to be compared: a Deployment's status is written so at every step of a rollout.
 */
import { same } from '../merge-patch.ts';
import type { FieldSet } from './field-set.ts';
import { formOf, typeAt, type ListType, type MapType, type MergeType } from './merge-type.ts';
import { fieldElement, type PathElement } from './path-element.ts';
import { elementOf } from './typed-items.ts';
import { fieldOf, isFields, type Tree, type TreeFields } from './tree.ts';

/** Who has what at one place of an object. */
interface Place {
  readonly own: FieldSet | undefined;
  readonly others: readonly FieldSet[];
  /** What no write changes the owners of, with all that is below it. */
  readonly ignored: FieldSet | undefined;
  /** What nobody ever owns, itself and not what is below it. */
  readonly unowned: FieldSet | undefined;
}

/** What two values are to each other: alike, changed in values of the owner alone, or something that has to be looked at closely. */
type Change = 'none' | 'own' | 'other';

/** Whether some values that `own` has alone differ, and nothing else does: no field came or went, and all fit their type. */
export function changesOnlyOwn(type: MergeType, before: Tree, after: Tree, place: Place): boolean {
  return changeOf(type, before, after, place) === 'own';
}

function changeOf(type: MergeType, before: Tree | undefined, after: Tree | undefined, place: Place): Change {
  if (before === after) return 'none';
  if (place.ignored?.member === true) return 'none';
  if (place.unowned?.member === true && !isFields(after)) return 'none';
  if (before === undefined || after === undefined || before === null || after === null) return 'other';
  const form = formOf(type, after);
  if (form.is === 'scalar')
    return typeof before === typeof after ? leafChange(before, after, place) : 'other';
  if (form.atomic) return same(before, after) ? 'none' : 'other';
  if (form.is === 'list')
    return Array.isArray(before) && Array.isArray(after) ? itemsChange(form, before, after, place) : 'other';
  return isFields(before) && isFields(after) ? fieldsChange(form, before, after, place) : 'other';
}

function leafChange(before: Tree, after: Tree, { own, others }: Place): Change {
  if (typeof after === 'object' || typeof before === 'object') return 'other';
  return own?.member === true && !others.some(({ member }) => member) ? 'own' : 'other';
}

function fieldsChange(map: MapType, before: TreeFields, after: TreeFields, place: Place): Change {
  let change: Change = 'none';
  for (const name of Object.keys(after)) {
    const [left, right] = [fieldOf(before, name), fieldOf(after, name)];
    if (left === right) continue;
    const type = typeAt(map, name);
    if (type === undefined) return 'other';
    const inner = changeOf(type, left, right, inside(place, fieldElement(name)));
    if (inner === 'other') return 'other';
    if (inner === 'own') change = 'own';
  }
  for (const name of Object.keys(before))
    if (before[name] !== undefined && fieldOf(after, name) === undefined) return 'other';
  return change;
}

/** Items that stay in their places. */
function itemsChange(list: ListType, before: readonly Tree[], after: readonly Tree[], place: Place): Change {
  if (before.length !== after.length || list.keys.length === 0) return same(before, after) ? 'none' : 'other';
  let change: Change = 'none';
  const seen = new Set<PathElement>();
  for (const [i, right] of after.entries()) {
    const left = before[i] ?? null;
    const [was, is] = [elementOf(list, left), elementOf(list, right)];
    if ('error' in was || 'error' in is || was.element !== is.element || seen.has(is.element)) return 'other';
    seen.add(is.element);
    const inner = changeOf(list.of(), left, right, inside(place, is.element));
    if (inner === 'other') return 'other';
    if (inner === 'own') change = 'own';
  }
  return change;
}

const inside = ({ own, others, ignored, unowned }: Place, element: PathElement): Place => ({
  own: own?.children.get(element),
  others: othersInside(others, element),
  ignored: ignored?.children.get(element),
  unowned: unowned?.children.get(element),
});

const nobody: readonly FieldSet[] = [];

function othersInside(others: readonly FieldSet[], element: PathElement): readonly FieldSet[] {
  let found: FieldSet[] | undefined;
  for (const set of others) {
    const child = set.children.get(element);
    if (child !== undefined) (found ??= []).push(child);
  }
  return found ?? nobody;
}
