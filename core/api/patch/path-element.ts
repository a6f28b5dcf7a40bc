/**
 * One step of a field path as FieldsV1 writes it: `f:name` a field, `k:{"name":"c"}` an item by its keys, `v:"x"` an item of a set,
 * `i:0` an item by place. (sigs.k8s.io/structured-merge-diff v6 fieldpath/element.go, serialize-pe.go)
 */
import { byText, goNumber } from './go-text.ts';
import { isFields, type Tree } from './tree.ts';

/** The written form, which is the same for equal steps. */
export type PathElement = string;

/** More than the fields of all kinds; beyond it they are forgotten. */
const mostRemembered = 10_000;
const ofFields = new Map<string, PathElement>();
const ofKeys = new Map<string, PathElement>();

/** Remembered: a text that has been looked up before is found again without being read. */
export function fieldElement(name: string): PathElement {
  const known = ofFields.get(name);
  return known ?? remembered(ofFields, name, `f:${name}`);
}

function remembered(elements: Map<string, PathElement>, of: string, element: PathElement): PathElement {
  if (elements.size >= mostRemembered) elements.clear();
  elements.set(of, element);
  return element;
}

export const valueElement = (value: Tree): PathElement => `v:${JSON.stringify(value)}`;

/** `keyElement` of an item that one text identifies, as a condition's type does. */
export function textKeyElement(name: string, value: string): PathElement {
  const key = `${name}\u0000${value}`;
  return ofKeys.get(key) ?? remembered(ofKeys, key, keyElement({ [name]: value }));
}

/** The keys in order of their names. */
export function keyElement(keys: Readonly<Record<string, Tree>>): PathElement {
  const names = Object.keys(keys).sort(byText);
  return `k:{${names.map((name) => `${JSON.stringify(name)}:${JSON.stringify(keys[name])}`).join(',')}}`;
}

/** The name of a field; undefined for an item of a list. */
export const fieldNameOf = (element: PathElement): string | undefined =>
  element.startsWith('f:') ? element.slice(2) : undefined;

export const isKeyElement = (element: PathElement): boolean => element.startsWith('k:');

/** A step as somebody else wrote it, in the form this room writes; undefined where it is none. */
export function normalElement(text: string): PathElement | undefined {
  if (text.startsWith('f:') || /^i:-?\d+$/.test(text)) return text;
  if (!text.startsWith('k:') && !text.startsWith('v:')) return undefined;
  const value = valueIn(text);
  if (value === undefined) return undefined;
  if (text.startsWith('v:')) return valueElement(value);
  return isFields(value) ? keyElement(value) : undefined;
}

function valueIn(element: PathElement): Tree | undefined {
  try {
    return JSON.parse(element.slice(2)) as Tree;
  } catch {
    return undefined;
  }
}

/** As messages write it: `.name`, `[name="c"]`, `[="x"]`, `[0]`. */
export function elementText(element: PathElement): string {
  const rest = element.slice(2);
  switch (element.charAt(0)) {
    case 'f':
      return `.${rest}`;
    case 'i':
      return `[${rest}]`;
    case 'v':
      return `[=${valueText(valueIn(element) ?? null)}]`;
    default: {
      const keys = valueIn(element) ?? {};
      const pairs = isFields(keys) ? Object.entries(keys) : [];
      return `[${pairs.map(([name, value]) => `${name}=${valueText(value)}`).join(',')}]`;
    }
  }
}

const valueText = (value: Tree): string =>
  typeof value === 'number' ? goNumber(value) : JSON.stringify(value);

const ranks = ['f', 'k', 'v', 'i'];

/** Fields before items by keys, those before values, those before places; each in its own order. */
export function compareElements(a: PathElement, b: PathElement): number {
  if (a === b) return 0;
  const rank = ranks.indexOf(a.charAt(0)) - ranks.indexOf(b.charAt(0));
  if (rank !== 0) return rank;
  switch (a.charAt(0)) {
    case 'f':
      return byText(a, b);
    case 'i':
      return Number(a.slice(2)) - Number(b.slice(2));
    case 'v':
      return compareValues(valueIn(a) ?? null, valueIn(b) ?? null);
    default:
      return compareKeys(valueIn(a), valueIn(b));
  }
}

function compareKeys(a: Tree | undefined, b: Tree | undefined): number {
  const left = isFields(a) ? Object.entries(a) : [];
  const right = isFields(b) ? Object.entries(b) : [];
  for (const [i, [name, value]] of left.entries()) {
    const other = right[i];
    if (other === undefined) return 1;
    const order = byText(name, other[0]) || compareValues(value, other[1]);
    if (order !== 0) return order;
  }
  return left.length - right.length;
}

/** Numbers before text before booleans before everything else. */
function compareValues(a: Tree, b: Tree): number {
  const kinds = ['number', 'string', 'boolean', 'object'];
  if (typeof a !== typeof b) return kinds.indexOf(typeof a) - kinds.indexOf(typeof b);
  if (typeof a === 'string' && typeof b === 'string') return byText(a, b);
  if (typeof a === 'object') return byText(JSON.stringify(a), JSON.stringify(b));
  return Number(a) - Number(b);
}
