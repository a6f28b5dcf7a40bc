/** Text in quotes, and JSON, as Go writes them. */

/** What `%q` writes as it is, but for the quote and the backslash. */
const plain = /^[ !#-[\]-~]*$/;
const printable = /^[\p{L}\p{M}\p{N}\p{P}\p{S} ]$/u;

const escapes: Readonly<Record<string, string>> = {
  '"': '\\"',
  '\\': '\\\\',
  '\u0007': '\\a',
  '\b': '\\b',
  '\f': '\\f',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
  '\v': '\\v',
};

/** `%q`: in double quotes, what cannot be printed by its number. (strconv.Quote) */
export function goQuote(text: string): string {
  if (plain.test(text)) return `"${text}"`;
  let quoted = '';
  for (const character of text) quoted += escapes[character] ?? shown(character);
  return `"${quoted}"`;
}

function shown(character: string): string {
  if (printable.test(character)) return character;
  const code = character.codePointAt(0) ?? 0;
  const hex = code.toString(16);
  if (code < 0x80) return `\\x${hex.padStart(2, '0')}`;
  return code < 0x10000 ? `\\u${hex.padStart(4, '0')}` : `\\U${hex.padStart(8, '0')}`;
}

/** JSON in which `<`, `>` and `&` are safe to stand in a page. (encoding/json) */
export const goJson = (value: unknown): string =>
  JSON.stringify(value).replace(
    /[<>&\u2028\u2029]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
