/**
 * `-o jsonpath='{range .items[*]}{.metadata.name}{"\n"}{end}'`: text with paths in braces. A path that finds nothing is
 * nothing. (kubernetes v1.34.1 client-go/util/jsonpath)
 */
import { findAll, parseJsonPath, type JsonPath } from '../../core/api/custom/json-path.ts';
import type { Json } from '../../core/api/generated/types.ts';
import { isFields, isList, jsonText, printed } from './go-text.ts';
import { GetInputError } from './problem.ts';

export type Template = readonly Part[];

type Part =
  | { readonly is: 'text'; readonly text: string }
  | { readonly is: 'path'; readonly path: JsonPath }
  /** Its parts for each thing found. */
  | { readonly is: 'range'; readonly path: JsonPath; readonly parts: Template };

/** Reads a template. */
export function parseTemplate(text: string): Template {
  const open: { readonly path: JsonPath; readonly parts: Part[] }[] = [];
  let parts: Part[] = [];
  for (const [whole, action, literal] of text.matchAll(
    /\{((?:'[^']*'|"(?:[^"\\]|\\.)*"|[^{}])*)\}|([^{]+|\{)/g,
  )) {
    const word = action?.trim();
    if (word === undefined) {
      if (literal === '{') throw wrong(text, 'unclosed action');
      parts.push({ is: 'text', text: literal ?? '' });
    } else if (/^range\s/.test(word)) {
      open.push({ path: pathOf(word.slice('range'.length).trim(), whole), parts });
      parts = [];
    } else if (word === 'end') {
      const range = open.pop();
      if (range === undefined) throw wrong(text, 'not in range, nothing to end');
      range.parts.push({ is: 'range', path: range.path, parts });
      parts = range.parts;
    } else if (/^["']/.test(word)) parts.push({ is: 'text', text: unquoted(word, whole) });
    else parts.push({ is: 'path', path: pathOf(word, whole) });
  }
  if (open.length > 0) throw wrong(text, 'range without end');
  return parts;
}

const wrong = (text: string, problem: string): GetInputError =>
  new GetInputError(`error parsing jsonpath ${text}, ${problem}`);

/** `.a`, `@.a`, `$.a`, `@`, `.`. */
function pathOf(word: string, whole: string): JsonPath {
  const path =
    word.startsWith('.') || /^[@$]/.test(word) ? parseJsonPath(word.replace(/^[@$]/, '')) : undefined;
  if (path === undefined) throw wrong(whole, `cannot read the path ${word}`);
  return path;
}

const escapes: Readonly<Record<string, string>> = { n: '\n', t: '\t', r: '\r' };

function unquoted(word: string, whole: string): string {
  if (word.length < 2 || !word.endsWith(word.charAt(0))) throw wrong(whole, 'unterminated quoted string');
  return word.slice(1, -1).replace(/\\(.)/g, (_, letter: string) => escapes[letter] ?? letter);
}

/** The template filled in. */
export const filled = (template: Template, value: Json): string =>
  template
    .map((part) => {
      if (part.is === 'text') return part.text;
      const found = findAll(value, part.path);
      return part.is === 'path'
        ? found.map(shown).join(' ')
        : found.map((each) => filled(part.parts, each)).join('');
    })
    .join('');

const shown = (value: Json): string =>
  isFields(value) || isList(value) ? jsonText(value) : value === null ? 'null' : printed(value);
