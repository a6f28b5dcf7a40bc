/**
 * YAML as kubectl prints it: keys in their natural order, lists not indented below their key, strings quoted only where
 * another reader would take them for something else, and lines folded at the first space behind column 80.
 * (sigs.k8s.io/yaml v1.6.0 over go.yaml.in/yaml/v2 v2.4.2: encode.go, emitterc.go, sorter.go)
 */
import type { Json } from '../../core/api/generated/types.ts';
import { isFields, isList, keysOf, numberText, type Fields } from './go-text.ts';
import { scalar } from './go-yaml-scalar.ts';

/** A document, with a line feed at its end. */
export const yamlText = (value: Json): string => `${node(value, 0, 0)}\n`;

const pad = (indent: number): string => ' '.repeat(indent);

const isEmpty = (value: Json): boolean =>
  isList(value) ? value.length === 0 : isFields(value) && keysOf(value).length === 0;

/** A value that begins at a column, with the lines after its first one at an indent. */
function node(value: Json, indent: number, column: number): string {
  if (isEmpty(value)) return isList(value) ? '[]' : '{}';
  if (isList(value)) return sequence(value, indent);
  if (isFields(value)) return mapping(value, indent);
  if (typeof value === 'string') return scalar(value, { indent, column, key: false });
  return typeof value === 'number' ? numberText(value, 1e6) : `${value}`;
}

const sequence = (list: readonly Json[], indent: number): string =>
  list.map((item) => `- ${node(item, indent + 2, indent + 2)}`).join(`\n${pad(indent)}`);

const mapping = (fields: Fields, indent: number): string =>
  keysOf(fields)
    .sort(naturally)
    .map((key) => entry(key, fields[key] ?? null, indent))
    .join(`\n${pad(indent)}`);

/** Longer keys, in bytes, stand on a line of their own behind a question mark. */
const longestSimpleKey = 128;

function entry(key: string, value: Json, indent: number): string {
  const simple = Buffer.byteLength(key) <= longestSimpleKey && !key.includes('\n');
  if (!simple) {
    const name = scalar(key, { indent: indent + 2, column: indent + 2, key: false });
    return `? ${name}\n${pad(indent)}: ${node(value, indent + 2, indent + 2)}`;
  }
  const name = `${scalar(key, { indent, column: indent, key: true })}:`;
  if (isEmpty(value) || !(isList(value) || isFields(value)))
    return `${name} ${node(value, indent + 2, indent + [...name].length + 1)}`;
  const inside = isList(value) ? indent : indent + 2;
  return `${name}\n${pad(inside)}${node(value, inside, inside)}`;
}

const letter = /\p{L}/u;
const digit = /\p{Nd}/u;

/** Numbers within keys are ordered by their value, and anything else before letters. */
function naturally(one: string, other: string): number {
  const [a, b] = [[...one], [...other]];
  for (let i = 0; i < a.length && i < b.length; i++) {
    const [x = '', y = ''] = [a[i], b[i]];
    if (x === y) continue;
    const [xIsLetter, yIsLetter] = [letter.test(x), letter.test(y)];
    if (xIsLetter !== yIsLetter) return yIsLetter ? -1 : 1;
    return (xIsLetter ? 0 : byNumber(a, b, i)) || (codeOf(x) ?? 0) - (codeOf(y) ?? 0);
  }
  return a.length - b.length;
}

const codeOf = (character: string): number | undefined => character.codePointAt(0);

/** By the numbers that begin at a place; zeros within a number count as if a one stood before them. */
function byNumber(a: readonly string[], b: readonly string[], from: number): number {
  const start = (a[from] === '0' || b[from] === '0') && followsNumber(a, from) ? '1' : '';
  const [x, y] = [digitsAt(a, from), digitsAt(b, from)];
  const difference = Number(start + x) - Number(start + y);
  return difference === 0 ? x.length - y.length : difference;
}

const digitsAt = (text: readonly string[], from: number): string => {
  let end = from;
  while (end < text.length && digit.test(text[end] ?? '')) end++;
  return text.slice(from, end).join('');
};

/** There is a digit other than 0 in the run of digits before a place. */
function followsNumber(text: readonly string[], place: number): boolean {
  for (let i = place - 1; i >= 0 && digit.test(text[i] ?? ''); i--) if (text[i] !== '0') return true;
  return false;
}
