/** Values as Go writes them: JSON by encoding/json, numbers by strconv, and what fmt.Sprint makes of a value. */
import type { Json } from '../../core/api/generated/types.ts';

/** The fields of an object. */
export type Fields = Readonly<Record<string, Json>>;

export const isList = (value: Json): value is readonly Json[] => Array.isArray(value);

/** It has fields: neither a list nor a plain value. */
export const isFields = (value: Json): value is Fields =>
  typeof value === 'object' && value !== null && !isList(value);

/** The names of the fields that are set. */
export const keysOf = (fields: Fields): string[] =>
  Object.keys(fields).filter((key) => (fields[key] as Json | undefined) !== undefined);

/** JSON with its keys in order; over several lines where an indent is given. */
export function jsonText(value: Json, indent = '', margin = '\n'): string {
  if (isList(value))
    return within(
      '[]',
      value.map((item) => jsonText(item, indent, margin + indent)),
      indent,
      margin,
    );
  if (!isFields(value)) return typeof value === 'string' ? quoted(value) : `${value}`;
  const colon = indent === '' ? ':' : ': ';
  const entries = keysOf(value)
    .sort()
    .map((key) => `${quoted(key)}${colon}${jsonText(value[key] ?? null, indent, margin + indent)}`);
  return within('{}', entries, indent, margin);
}

function within(brackets: string, items: readonly string[], indent: string, margin: string): string {
  const [open = '', close = ''] = brackets;
  if (items.length === 0) return brackets;
  return indent === ''
    ? `${open}${items.join(',')}${close}`
    : `${open}${margin}${indent}${items.join(`,${margin}${indent}`)}${margin}${close}`;
}

/** What HTML would take for markup is escaped. */
const quoted = (text: string): string =>
  JSON.stringify(text).replace(
    /[<>&\u2028\u2029]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );

/** `map[a:1 b:[x y]]`, `<nil>`: a value as `fmt.Sprint` writes it. */
export function printed(value: Json): string {
  if (value === null) return '<nil>';
  if (typeof value === 'number') return numberText(value, 1e21);
  if (isList(value)) return `[${value.map(printed).join(' ')}]`;
  if (!isFields(value)) return `${value}`;
  const keys = keysOf(value).sort();
  return `map[${keys.map((key) => `${key}:${printed(value[key] ?? null)}`).join(' ')}]`;
}

/** A number: whole ones in full, others with an exponent where they are below 0.0001 or not below a bound. */
export function numberText(value: number, bound: number): string {
  const size = Math.abs(value);
  if (Number.isInteger(value) || (size >= 1e-4 && size < bound)) return `${value}`;
  return value.toExponential().replace(/e([-+])(\d)$/, 'e$10$2');
}
