/** What the apiserver makes up: uids and the ends of generated names. Both are drawn by key, not by position. */
import { bits, bitsAt, bitsOfTwo, purposeOf, type Purpose, type Seed } from '../random/draw.ts';
import type { VirtualTime } from '../time/time.ts';

export interface Luck {
  readonly uid: Purpose;
  readonly uidAgain: Purpose;
  readonly suffix: Purpose;
  readonly clusterIp: Purpose;
  readonly nodePort: Purpose;
  readonly accountWait: Purpose;
}

/** The draws of one apiserver: two of a cluster never make the same name or uid for the same key. */
export const newLuck = (seed: Seed, server: string): Luck => ({
  uid: purposeOf(seed, `uid ${server}`),
  uidAgain: purposeOf(seed, `uid-again ${server}`),
  suffix: purposeOf(seed, `generateName ${server}`),
  clusterIp: purposeOf(seed, `clusterIP ${server}`),
  nodePort: purposeOf(seed, `nodePort ${server}`),
  accountWait: purposeOf(seed, `accountWait ${server}`),
});

const hexBytes: readonly string[] = Array.from(
  { length: 256 },
  (_, byte) => (byte < 16 ? '0' : '') + byte.toString(16),
);

const hex16 = (word: number, shift: number): string =>
  (hexBytes[(word >>> (shift + 8)) & 255] as string) + (hexBytes[(word >>> shift) & 255] as string);

const hex32 = (word: number): string => hex16(word, 16) + hex16(word, 0);

/**
 * The uid of the object that is created under `key` at a time: 128 bits of which 64 are drawn for it, in the form
 * of RFC 4122 version 4. A name that is used again gets another uid, as it is another time.
 */
export function uidFor(luck: Luck, key: string, now: VirtualTime): string {
  const [first, next] = bitsOfTwo(luck.uid, luck.uidAgain, key, now);
  const third = bitsAt(luck.uid, first, next);
  const fourth = bitsAt(luck.uidAgain, next, first);
  const version = (next & 0x0fff) | 0x4000;
  const variant = (third & 0x3fff) | 0x8000;
  return `${hex32(first)}-${hex16(next, 16)}-${hex16(version, 0)}-${hex16(variant, 0)}-${hex16(third, 16)}${hex32(fourth)}`;
}

/** No vowels, so that no words appear. (kubernetes v1.34.1 apimachinery/pkg/util/rand) */
const alphabet = 'bcdfghjklmnpqrstvwxz2456789';
const suffixLength = 5;
const suffixCount = 27 * 27 * 27 * 27 * 27;
/** 63 less the suffix. (apiserver/pkg/storage/names/generate.go) */
const longestBase = 58;

/** The name made of a base: the base and 5 characters, drawn for the `count`-th name of this base. */
export function generatedName(luck: Luck, base: string, count: number): string {
  let rest = bits(luck.suffix, base, count) % suffixCount;
  let name = base.length > longestBase ? base.slice(0, longestBase) : base;
  for (let i = 0; i < suffixLength; i++) {
    name += alphabet.charAt(rest % alphabet.length);
    rest = Math.floor(rest / alphabet.length);
  }
  return name;
}
