/** The hashes that are put into names, and the letters they are written in. */

const offsetBasis = 0x811c9dc5;
const prime = 0x01000193;

/** FNV-1a of the UTF-8 bytes of a text (Go's hash/fnv New32a), going on from an earlier hash. */
export function fnv32a(text: string, hash = offsetBasis): number {
  let h = hash;
  for (const byte of utf8(text)) h = Math.imul(h ^ byte, prime);
  return h >>> 0;
}

/** FNV-1 (Go's hash/fnv New32): multiplies first. */
export function fnv32(text: string, hash = offsetBasis): number {
  let h = hash;
  for (const byte of utf8(text)) h = Math.imul(h, prime) ^ byte;
  return h >>> 0;
}

function utf8(text: string): readonly number[] {
  const bytes: number[] = [];
  for (const character of text) {
    const code = character.codePointAt(0) ?? 0;
    if (code < 0x80) bytes.push(code);
    else if (code < 0x800) bytes.push(0xc0 | (code >> 6), 0x80 | (code & 63));
    else if (code < 0x10000) bytes.push(0xe0 | (code >> 12), 0x80 | ((code >> 6) & 63), 0x80 | (code & 63));
    else
      bytes.push(
        0xf0 | (code >> 18),
        0x80 | ((code >> 12) & 63),
        0x80 | ((code >> 6) & 63),
        0x80 | (code & 63),
      );
  }
  return bytes;
}

/** No vowels, and nothing that is easily taken for something else. */
const alphabet = 'bcdfghjklmnpqrstvwxz2456789';

/** Each character as one of the alphabet (k8s.io/apimachinery/pkg/util/rand SafeEncodeString). */
export function safeEncode(text: string): string {
  let encoded = '';
  for (const byte of utf8(text)) encoded += alphabet[byte % alphabet.length] ?? '';
  return encoded;
}

/** Eight bytes, of which the number fills the lower four, least first, hashed after what was hashed before. */
export function fnv32aOfInt32(number: number, hash: number): number {
  let h = hash;
  for (let i = 0; i < 8; i++) h = Math.imul(h ^ (i < 4 ? (number >>> (8 * i)) & 255 : 0), prime);
  return h >>> 0;
}
