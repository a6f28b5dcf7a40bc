/**
 * Sets of fields, as managers own them. A set is a tree: a node is a member or not, and has children that are members.
 * (sigs.k8s.io/structured-merge-diff v6 fieldpath/set.go)
 */
import type { Json } from '../generated/types.ts';
import { typeAt, type MergeType } from './merge-type.ts';
import {
  compareElements,
  elementText,
  fieldNameOf,
  isKeyElement,
  normalElement,
  type PathElement,
} from './path-element.ts';
import { isFields, type TreeFields } from './tree.ts';

export interface FieldSet {
  readonly member: boolean;
  readonly children: ReadonlyMap<PathElement, FieldSet>;
}

export const noFields: FieldSet = { member: false, children: new Map() };
const leaf: FieldSet = { member: true, children: new Map() };

export const isEmpty = (set: FieldSet): boolean => !set.member && set.children.size === 0;

export type FieldPath = readonly PathElement[];

/** A set that is being filled. */
export interface FieldSetBuilder {
  member: boolean;
  readonly children: Map<PathElement, FieldSetBuilder>;
}

export const newFieldSet = (): FieldSetBuilder => ({ member: false, children: new Map() });

/** Makes the field at the path a member; nobody owns a whole object. */
export function insertPath(set: FieldSetBuilder, path: FieldPath): void {
  if (path.length === 0) return;
  let node = set;
  for (const element of path) {
    let child = node.children.get(element);
    if (child === undefined) {
      child = newFieldSet();
      node.children.set(element, child);
    }
    node = child;
  }
  node.member = true;
}

/** The set of these paths, each given as the names of fields. */
export function fieldSetOf(...paths: readonly (readonly string[])[]): FieldSet {
  const set = newFieldSet();
  for (const path of paths)
    insertPath(
      set,
      path.map((name) => `f:${name}`),
    );
  return set;
}

/** The first set itself where the second adds nothing. */
export function union(a: FieldSet, b: FieldSet): FieldSet {
  if (isEmpty(b) || a === b) return a;
  if (isEmpty(a)) return b;
  let children: Map<PathElement, FieldSet> | undefined;
  for (const [element, child] of b.children) {
    const known = a.children.get(element);
    const both = known === undefined ? child : union(known, child);
    if (both !== known) (children ??= new Map(a.children)).set(element, both);
  }
  if (children === undefined && (a.member || !b.member)) return a;
  return { member: a.member || b.member, children: children ?? a.children };
}

export function intersection(a: FieldSet, b: FieldSet): FieldSet {
  return childrenKept(a, a.member && b.member, (child, element) => {
    const other = b.children.get(element);
    return other === undefined ? noFields : intersection(child, other);
  });
}

/** What only the first set has. A parent does not stand for its children. */
export function difference(a: FieldSet, b: FieldSet): FieldSet {
  if (isEmpty(b)) return a;
  return childrenKept(a, a.member && !b.member, (child, element) => {
    const other = b.children.get(element);
    return other === undefined ? child : difference(child, other);
  });
}

/** What only the first set has, without all that lies under a member of the second. */
export function recursiveDifference(a: FieldSet, b: FieldSet): FieldSet {
  return childrenKept(a, a.member && !b.member, (child, element) => {
    const other = b.children.get(element);
    if (other === undefined) return child;
    return other.member ? noFields : recursiveDifference(child, other);
  });
}

/** The set itself where all of it is kept. */
function childrenKept(
  set: FieldSet,
  member: boolean,
  kept: (child: FieldSet, element: PathElement) => FieldSet,
): FieldSet {
  const children = new Map<PathElement, FieldSet>();
  let isWhole = member === set.member;
  for (const [element, child] of set.children) {
    const result = kept(child, element);
    if (result !== child) isWhole = false;
    if (!isEmpty(result)) children.set(element, result);
  }
  return isWhole ? set : { member, children };
}

/** The set with every struct field that leads to a member as a member too: removing reaches them. */
export function withNamedFields(set: FieldSet, type: MergeType | undefined): FieldSet {
  const children = new Map<PathElement, FieldSet>();
  for (const [element, child] of set.children) {
    const name = fieldNameOf(element);
    const named = name !== undefined && type?.is === 'map' && type.field(name) !== undefined;
    const inner = withNamedFields(child, innerType(type, element, name));
    children.set(element, named && !inner.member ? { ...inner, member: true } : inner);
  }
  return { member: set.member, children };
}

function innerType(
  type: MergeType | undefined,
  element: PathElement,
  name: string | undefined,
): MergeType | undefined {
  if (name !== undefined)
    return type?.is === 'map' ? typeAt(type, name) : type?.is === 'deduced' ? type : undefined;
  return isKeyElement(element) && type?.is === 'list' ? type.of() : undefined;
}

/** Every member, parents' level before their children's, in the order of the path elements. */
export function pathsOf(set: FieldSet, prefix: FieldPath = []): FieldPath[] {
  const elements = [...set.children].sort(([a], [b]) => compareElements(a, b));
  const here = elements.filter(([, child]) => child.member).map(([element]) => [...prefix, element]);
  return [...here, ...elements.flatMap(([element, child]) => pathsOf(child, [...prefix, element]))];
}

/** `.spec.containers[name="c"].image`. */
export const pathText = (path: FieldPath): string => path.map(elementText).join('');

const written = new WeakMap<FieldSet, Json>();
const read = new WeakMap<object, FieldSet>();

/** The set as managedFields carry it. Both ways are remembered: a set that stays is written as it was. */
export function toFieldsV1(set: FieldSet): Json {
  const known = written.get(set);
  if (known !== undefined) return known;
  const fields = fieldsOfSet(set);
  written.set(set, fields);
  read.set(fields as object, set);
  return fields;
}

function fieldsOfSet(set: FieldSet): Json {
  const fields: Record<string, Json> = {};
  const elements = [...set.children].sort(([a], [b]) => compareElements(a, b));
  for (const [element, child] of elements) {
    const inner = fieldsOfSet(child) as Readonly<Record<string, Json>>;
    fields[element] = child.member && child.children.size > 0 ? { '.': {}, ...inner } : inner;
  }
  return fields;
}

/** The set that managedFields carry; undefined where it is none. */
export function fromFieldsV1(fields: Json | undefined): FieldSet | undefined {
  if (fields === undefined || !isFields(fields)) return undefined;
  const known = read.get(fields);
  if (known !== undefined) return known;
  const set = nodeOf(fields, false);
  if (set !== undefined) read.set(fields, set);
  return set;
}

function nodeOf(fields: TreeFields, inside: boolean): FieldSet | undefined {
  const names = Object.keys(fields);
  if (inside && names.length === 0) return leaf;
  const children = new Map<PathElement, FieldSet>();
  for (const name of names) {
    if (name === '.') continue;
    const element = normalElement(name);
    const value = fields[name];
    const child = isFields(value) ? nodeOf(value, true) : undefined;
    if (element === undefined || child === undefined) return undefined;
    children.set(element, child);
  }
  return { member: inside && names.includes('.'), children };
}
