/**
 * Fingerprints of the keys of a leaf: a text with one character for each. The keys of Kubernetes begin alike for 40 characters
 * and each lies somewhere else in memory; a binary search in a leaf waits for five of them. A key that is there is found
 * by its print in one short text, and of the keys only that one is looked at.
 */

/** Of keys that have no prints: they are few, or no texts. */
export const noPrints = '';

/** A search among fewer keys is as fast without. */
const fewest = 8;

/** The prints of keys that are ordered by `<`. */
export function printsOf(keys: readonly unknown[]): string {
  if (keys.length < fewest) return noPrints;
  const codes = new Array<number>(keys.length);
  for (let i = 0; i < keys.length; i++) {
    const key = keys[i];
    if (typeof key !== 'string') return noPrints;
    codes[i] = printOf(key);
  }
  return String.fromCharCode(...codes);
}

/** A number below 256, of the end of a text: names that are generated differ there. */
function printOf(key: string): number {
  const last = key.length - 1;
  const a = last >= 0 ? key.charCodeAt(last) : 0;
  const b = last >= 1 ? key.charCodeAt(last - 1) : 0;
  const c = last >= 2 ? key.charCodeAt(last - 2) : 0;
  return (a + 7 * b + 31 * c) & 255;
}

const characters = Array.from({ length: 256 }, (_, code) => String.fromCharCode(code));

/** Where so many keys have the same print, they are searched in their order. */
const mostAlike = 3;

/** The place of `key`; -1 where its print does not lead to it. */
export function printedIndex(prints: string, keys: readonly string[], key: string): number {
  const print = characters[printOf(key)] as string;
  let at = prints.indexOf(print);
  for (let tried = 0; at >= 0 && tried < mostAlike; tried++) {
    if (keys[at] === key) return at;
    at = prints.indexOf(print, at + 1);
  }
  return -1;
}
