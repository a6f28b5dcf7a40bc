/**
 * JSON text read with the numbers as they are written, and refused in the words of Go's encoding/json scanner.
 * (Go 1.24 encoding/json/scanner.go)
 */
import type { Json } from '../generated/types.ts';
import { setField, type Tree, type TreeFields } from './tree.ts';

export type Parsed = { readonly value: Json } | { readonly error: string };

/** Told of every field as it is read: where it is, and whether its object had one of that name already. */
export type SeeField = (path: readonly (string | number)[], again: boolean) => void;

/** The value that the text says; `number` gives the value of each number's literal. */
export function parseJson(text: string, number: (literal: string) => number, see?: SeeField): Parsed {
  const reader: Reader = { text, at: 0, number, see, path: [] };
  try {
    const value = readValue(reader);
    skipSpace(reader);
    if (reader.at < text.length) throw unexpected(reader, 'after top-level value');
    return { value };
  } catch (error) {
    if (error instanceof SyntaxError) return { error: error.message };
    throw error;
  }
}

interface Reader {
  readonly text: string;
  at: number;
  readonly number: (literal: string) => number;
  readonly see: SeeField | undefined;
  /** Where the reader is; kept where somebody is told of it. */
  readonly path: (string | number)[];
}

function readValue(reader: Reader): Tree {
  skipSpace(reader);
  const char = reader.text[reader.at];
  switch (char) {
    case '{':
      return readObject(reader);
    case '[':
      return readArray(reader);
    case '"':
      return readString(reader);
    case 't':
      return readLiteral(reader, 'true', true);
    case 'f':
      return readLiteral(reader, 'false', false);
    case 'n':
      return readLiteral(reader, 'null', null);
    default:
      if (char !== undefined && /[-\d]/.test(char)) return readNumber(reader);
      throw unexpected(reader, 'looking for beginning of value');
  }
}

function readObject(reader: Reader): Tree {
  const fields: TreeFields = {};
  reader.at++;
  if (take(reader, '}')) return fields;
  for (;;) {
    skipSpace(reader);
    if (reader.text[reader.at] !== '"')
      throw unexpected(reader, 'looking for beginning of object key string');
    const key = readString(reader);
    if (!take(reader, ':')) throw unexpected(reader, 'after object key');
    setField(fields, key, readField(reader, key, Object.hasOwn(fields, key)));
    if (take(reader, '}')) return fields;
    if (!take(reader, ',')) throw unexpected(reader, 'after object key:value pair');
  }
}

function readField(reader: Reader, key: string, again: boolean): Tree {
  reader.see?.([...reader.path, key], again);
  return readInside(reader, key);
}

function readInside(reader: Reader, step: string | number): Tree {
  if (reader.see === undefined) return readValue(reader);
  reader.path.push(step);
  const value = readValue(reader);
  reader.path.pop();
  return value;
}

function readArray(reader: Reader): Tree {
  const items: Tree[] = [];
  reader.at++;
  if (take(reader, ']')) return items;
  for (;;) {
    items.push(readInside(reader, items.length));
    if (take(reader, ']')) return items;
    if (!take(reader, ',')) throw unexpected(reader, 'after array element');
  }
}

function readLiteral(reader: Reader, word: string, value: boolean | null): Tree {
  for (let i = 1; i < word.length; i++) {
    reader.at++;
    if (reader.text[reader.at] !== word[i])
      throw unexpected(reader, `in literal ${word} (expecting '${word[i] ?? ''}')`);
  }
  reader.at++;
  return value;
}

function readString(reader: Reader): string {
  const start = reader.at;
  for (;;) {
    reader.at++;
    const char = reader.text[reader.at];
    if (char === undefined || char < ' ') throw unexpected(reader, 'in string literal');
    if (char === '"') break;
    if (char === '\\') readEscape(reader);
  }
  reader.at++;
  return JSON.parse(reader.text.slice(start, reader.at)) as string;
}

function readEscape(reader: Reader): void {
  reader.at++;
  const char = reader.text[reader.at];
  if (char === undefined || !'bfnrt\\/"u'.includes(char)) throw unexpected(reader, 'in string escape code');
  if (char !== 'u') return;
  for (let i = 0; i < 4; i++) {
    reader.at++;
    if (!/^[0-9a-fA-F]$/.test(reader.text[reader.at] ?? ''))
      throw unexpected(reader, 'in \\u hexadecimal character escape');
  }
}

function readNumber(reader: Reader): Tree {
  const start = reader.at;
  if (reader.text[reader.at] === '-') reader.at++;
  if (reader.text[reader.at] === '0') reader.at++;
  else readDigits(reader, 'in numeric literal');
  if (reader.text[reader.at] === '.') {
    reader.at++;
    readDigits(reader, 'after decimal point in numeric literal');
  }
  if (/^[eE]$/.test(reader.text[reader.at] ?? '')) {
    reader.at++;
    if (/^[-+]$/.test(reader.text[reader.at] ?? '')) reader.at++;
    readDigits(reader, 'in exponent of numeric literal');
  }
  return reader.number(reader.text.slice(start, reader.at));
}

function readDigits(reader: Reader, where: string): void {
  if (!isDigit(reader.text[reader.at])) throw unexpected(reader, where);
  while (isDigit(reader.text[reader.at])) reader.at++;
}

const isDigit = (char: string | undefined): boolean => char !== undefined && char >= '0' && char <= '9';

function skipSpace(reader: Reader): void {
  while (' \t\r\n'.includes(reader.text[reader.at] ?? 'x')) reader.at++;
}

function take(reader: Reader, char: string): boolean {
  skipSpace(reader);
  if (reader.text[reader.at] !== char) return false;
  reader.at++;
  return true;
}

function unexpected({ text, at }: Reader, where: string): SyntaxError {
  const char = text[at];
  if (char === undefined) return new SyntaxError('unexpected end of JSON input');
  const shown = char === "'" ? "\\'" : char === '"' ? '"' : JSON.stringify(char).slice(1, -1);
  return new SyntaxError(`invalid character '${shown}' ${where}`);
}
