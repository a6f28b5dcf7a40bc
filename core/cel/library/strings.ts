/**
 * The string functions of cel-go's extension, which the library lacks or has in UTF-16 units: positions are code points,
 * and only ASCII changes its case. (cel-go ext/strings.go, version 2 as in Kubernetes)
 */
import type { Environment } from '@marcbachmann/cel-js';
import { fail } from './failure.ts';
import { registerNamespace } from './namespace.ts';
import { formatText } from './format-text.ts';

/** A method of the library, and the name ours is registered under: the library lets nobody register over its own. */
export const replacedMethods: Readonly<Record<string, string>> = {
  matches: 'matchesRE2',
  indexOf: 'indexOfRune',
  lastIndexOf: 'lastIndexOfRune',
  substring: 'substringOfRunes',
  split: 'splitText',
  lowerAscii: 'lowerASCII',
  upperAscii: 'upperASCII',
  getDayOfYear: 'getUTCDayOfYear',
};

/** Adds them, those of `replacedMethods` under our names; a position outside of the text is an error of the evaluation. */
export function registerStrings(environment: Environment): void {
  registerNamespace(environment, 'strings', 'StringsNamespace');
  environment
    .registerFunction('string.charAt(int): string', charAt)
    .registerFunction('string.indexOfRune(string): int', (text: string, part: string) =>
      indexOf(text, part, 0n),
    )
    .registerFunction('string.indexOfRune(string, int): int', indexOf)
    .registerFunction('string.lastIndexOfRune(string): int', (text: string, part: string) =>
      lastIndexOf(text, part, BigInt(runes(text).length)),
    )
    .registerFunction('string.lastIndexOfRune(string, int): int', lastIndexOf)
    .registerFunction('string.substringOfRunes(int): string', (text: string, from: bigint) =>
      substring(text, from, BigInt(runes(text).length)),
    )
    .registerFunction('string.substringOfRunes(int, int): string', substring)
    .registerFunction('string.replace(string, string): string', (text: string, old: string, by: string) =>
      text.replaceAll(old, () => by),
    )
    .registerFunction('string.replace(string, string, int): string', replaceSome)
    .registerFunction('string.splitText(string): list<string>', (text: string, by: string) => split(text, by))
    .registerFunction('string.splitText(string, int): list<string>', splitSome)
    .registerFunction('string.reverse(): string', (text: string) => runes(text).reverse().join(''))
    .registerFunction('string.lowerASCII(): string', (text: string) =>
      text.replace(/[A-Z]/g, (letter) => letter.toLowerCase()),
    )
    .registerFunction('string.upperASCII(): string', (text: string) =>
      text.replace(/[a-z]/g, (letter) => letter.toUpperCase()),
    )
    .registerFunction('string.format(list): string', formatText)
    .registerFunction('StringsNamespace.quote(string): string', (_: unknown, text: string) => quote(text));
}

const runes = (text: string): string[] => Array.from(text);

function charAt(text: string, at: bigint): string {
  const all = runes(text);
  if (at < 0n || at > BigInt(all.length)) return fail(`index out of range: ${at}`);
  return all[Number(at)] ?? '';
}

function indexOf(text: string, part: string, from: bigint): bigint {
  if (part === '') return from;
  const all = runes(text);
  const start = Number(from);
  if (start < 0) return fail(`index out of range: ${from}`);
  const found = all.slice(start).join('').indexOf(part);
  return found < 0 ? -1n : BigInt(start + runes(all.slice(start).join('').slice(0, found)).length);
}

function lastIndexOf(text: string, part: string, from: bigint): bigint {
  if (part === '') return from;
  const all = runes(text);
  if (from < 0n) return fail(`index out of range: ${from}`);
  const length = runes(part).length;
  for (let i = Math.min(Number(from), all.length - length); i >= 0; i--)
    if (all.slice(i, i + length).join('') === part) return BigInt(i);
  return -1n;
}

function substring(text: string, from: bigint, to: bigint): string {
  const all = runes(text);
  if (from > to) return fail(`invalid substring range. start: ${from}, end: ${to}`);
  if (from < 0n || from > BigInt(all.length)) return fail(`index out of range: ${from}`);
  if (to > BigInt(all.length)) return fail(`index out of range: ${to}`);
  return all.slice(Number(from), Number(to)).join('');
}

function replaceSome(text: string, old: string, by: string, most: bigint): string {
  if (most < 0n) return text.replaceAll(old, () => by);
  let left = Number(most);
  return text.replaceAll(old, (found) => (left-- > 0 ? by : found));
}

const split = (text: string, by: string): string[] => (by === '' ? runes(text) : text.split(by));

/** At most so many parts, the last of which is the rest. */
function splitSome(text: string, by: string, most: bigint): readonly string[] {
  if (most === 0n) return [];
  const parts = split(text, by);
  const limit = Number(most);
  return limit < 0 || parts.length <= limit
    ? parts
    : [...parts.slice(0, limit - 1), parts.slice(limit - 1).join(by)];
}

const escapes: Readonly<Record<string, string>> = {
  '\x07': '\\a',
  '\b': '\\b',
  '\f': '\\f',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
  '\v': '\\v',
  '\\': '\\\\',
  '"': '\\"',
};

const quote = (text: string): string => `"${text.replace(/[\x07\b\f\n\r\t\v\\"]/g, (c) => escapes[c] ?? c)}"`;
