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

/** The code of the hexadecimal digit that the four bits of a word from `shift` on are. */
function digit(word: number, shift: number): number {
  const value = (word >>> shift) & 15;
  return value < 10 ? 48 + value : 87 + value;
}

const dash = 45;

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
  // One text of 36 characters: put together from parts it would be twenty.
  return String.fromCharCode(
    digit(first, 28),
    digit(first, 24),
    digit(first, 20),
    digit(first, 16),
    digit(first, 12),
    digit(first, 8),
    digit(first, 4),
    digit(first, 0),
    dash,
    digit(next, 28),
    digit(next, 24),
    digit(next, 20),
    digit(next, 16),
    dash,
    digit(version, 12),
    digit(version, 8),
    digit(version, 4),
    digit(version, 0),
    dash,
    digit(variant, 12),
    digit(variant, 8),
    digit(variant, 4),
    digit(variant, 0),
    dash,
    digit(third, 28),
    digit(third, 24),
    digit(third, 20),
    digit(third, 16),
    digit(fourth, 28),
    digit(fourth, 24),
    digit(fourth, 20),
    digit(fourth, 16),
    digit(fourth, 12),
    digit(fourth, 8),
    digit(fourth, 4),
    digit(fourth, 0),
  );
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
