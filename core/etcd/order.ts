/**
 * etcd orders keys by their bytes (UTF-8), JavaScript by UTF-16 code units. The two differ only where a surrogate (the
 * half of a character above U+FFFF) meets U+E000..U+FFFF: the characters above U+FFFF sort last in UTF-8 and before
 * U+E000 in UTF-16. A key with any of these units is re-encoded once, so that every comparison stays the native `<`.
 */

/** A key in the order of bytes: two of them compare by `<` as etcd compares the keys. */
export type OrderKey = string;

/** The last key that was already in order: a write asks for the order of its one key again and again. */
let lastInOrder = '';
const outOfOrder = /[\ud800-\uffff]/;

/** The key re-encoded so that `<` is the order of its UTF-8 bytes: nearly always the key itself. */
export function orderKey(key: string): OrderKey {
  if (key === lastInOrder) return key;
  if (!outOfOrder.test(key)) return (lastInOrder = key);
  let encoded = '';
  for (let i = 0; i < key.length; i++) encoded += String.fromCharCode(inByteOrder(key.charCodeAt(i)));
  return encoded;
}

/** Surrogates move above everything else, and what was above them moves down: a permutation of the code units. */
function inByteOrder(unit: number): number {
  if (unit < 0xd800) return unit;
  return unit >= 0xe000 ? unit - 0x800 : unit + 0x2000;
}

/** Negative, zero or positive as the UTF-8 bytes of `a` are below, equal to or above those of `b`. */
export function compareBytes(a: string, b: string): number {
  if (a === b) return 0;
  return orderKey(a) < orderKey(b) ? -1 : 1;
}

/** A request's key and range_end: one key, or all keys from `from` (inclusive) to `to` (exclusive; undefined: no end). */
export interface Bounds {
  readonly single: boolean;
  readonly from: OrderKey;
  readonly to: OrderKey | undefined;
}

/** An absent range_end means the one key, "\0" every key from `key` on. */
export function boundsOf(key: string, rangeEnd: string | undefined): Bounds {
  const from = orderKey(key);
  if (rangeEnd === undefined || rangeEnd === '') return { single: true, from, to: undefined };
  return { single: false, from, to: rangeEnd === '\0' ? undefined : orderKey(rangeEnd) };
}

/** The range_end that makes a range of everything that begins with `prefix`: its last character, one up. */
export function prefixEnd(prefix: string): string {
  const last = prefix.length - 1;
  return prefix.slice(0, last) + String.fromCharCode(prefix.charCodeAt(last) + 1);
}
