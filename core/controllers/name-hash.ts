/** The hashes that controllers put into names. */

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

/** JSON as Go writes a map: keys in order, `<`, `>` and `&` escaped. */
function goJson(value: unknown): string {
  return escaped(JSON.stringify(ordered(value)));
}

const escaped = (text: string): string =>
  text.replace(
    /[<>&\u2028\u2029]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );

function ordered(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(ordered);
  if (typeof value !== 'object' || value === null) return value;
  const map = value as Readonly<Record<string, unknown>>;
  return Object.fromEntries(
    Object.keys(map)
      .sort()
      .filter((key) => map[key] !== undefined)
      .map((key) => [key, ordered(map[key])]),
  );
}

/**
 * The `pod-template-hash` of a template. Kubernetes hashes a dump of the Go structure; here it is the JSON that is hashed,
 * so the hash tells templates apart as the real one does but is spelt otherwise.
 */
export function podTemplateHash(template: unknown, collisionCount: number | undefined): string {
  const ofTemplate = fnv32a(goJson(template));
  if (collisionCount === undefined) return safeEncode(`${ofTemplate}`);
  // Eight bytes, of which the number fills the lower four, least first.
  let hash = ofTemplate;
  for (let i = 0; i < 8; i++)
    hash = Math.imul(hash ^ (i < 4 ? (collisionCount >>> (8 * i)) & 255 : 0), prime);
  return safeEncode(`${hash >>> 0}`);
}

/** The hash of a ControllerRevision: of its data as JSON, and of how often names have collided (pkg/controller/history). */
export function controllerRevisionHash(data: unknown, collisionCount: number | undefined): string {
  const ofData = fnv32(goJson(data));
  return safeEncode(`${collisionCount === undefined ? ofData : fnv32(`${collisionCount}`, ofData)}`);
}
