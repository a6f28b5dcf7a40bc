/**
 * Luck has a name, not a position: a draw is a function of the seed and of what it is for, so that one more Pod,
 * or another policy, leaves every other draw as it was.
 *
 * A purpose is expanded once with seedrandom's alea; a draw mixes the purpose with its key by 32-bit integer
 * arithmetic alone, which is the same on every engine.
 */
import alea from 'seedrandom/lib/alea.js';

/** The seed of a run. */
export type Seed = string;

/** Where the draws of one purpose begin. */
export interface Purpose {
  readonly a: number;
  readonly b: number;
}

/** A purpose under a seed. Keep it: it costs a microsecond, a draw 20 ns. */
export function purposeOf(seed: Seed, purpose: string): Purpose {
  const random = alea(`${seed}\u0000${purpose}`);
  return { a: random.int32(), b: random.int32() };
}

/** 32-bit finaliser of MurmurHash3 (Austin Appleby, public domain): every input bit moves every output bit. */
function scramble(value: number): number {
  let h = value;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return h ^ (h >>> 16);
}

function mixNumber(hash: number, value: number): number {
  const high = Math.floor(value / 0x1_0000_0000);
  const mixed = scramble(Math.imul(hash ^ (value | 0), 0x9e3779b1) + 0x7f4a7c15);
  return high === 0 ? mixed : scramble(Math.imul(mixed ^ (high | 0), 0x9e3779b1) + 1);
}

function mixText(hash: number, text: string): number {
  let h = hash ^ text.length;
  for (let i = 0; i < text.length; i++) h = Math.imul(h ^ text.charCodeAt(i), 0x01000193);
  return scramble(h);
}

type Key = readonly (string | number)[];

function mix(start: number, key: Key): number {
  let hash = start;
  for (const part of key) hash = typeof part === 'number' ? mixNumber(hash, part) : mixText(hash, part);
  return hash;
}

/** 32 uniform bits for one key of a purpose. */
export function bits(purpose: Purpose, ...key: Key): number {
  return scramble(mix(purpose.a, key) ^ purpose.b) >>> 0;
}

/** 32 uniform bits for one numeric key: `bits` without an array, for latencies. */
export function bitsAt(purpose: Purpose, first: number, next: number): number {
  return scramble(mixNumber(mixNumber(purpose.a, first), next) ^ purpose.b) >>> 0;
}

/** `bits` of one key of two purposes: the text is read once for both. */
export function bitsOfTwo(
  one: Purpose,
  other: Purpose,
  text: string,
  number: number,
): readonly [number, number] {
  let h = one.a ^ text.length;
  let g = other.a ^ text.length;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    h = Math.imul(h ^ code, 0x01000193);
    g = Math.imul(g ^ code, 0x01000193);
  }
  return [
    scramble(mixNumber(scramble(h), number) ^ one.b) >>> 0,
    scramble(mixNumber(scramble(g), number) ^ other.b) >>> 0,
  ];
}

/** A uniform number in [0, 1) with 53 bits, for one key of a purpose. */
export function uniform(purpose: Purpose, ...key: Key): number {
  const high = scramble(mix(purpose.a, key) ^ purpose.b) >>> 5;
  const low = scramble(mix(purpose.b, key) ^ purpose.a) >>> 6;
  return (high * 0x400_0000 + low) / 0x20_0000_0000_0000;
}

/** A uniform number in [0, 1) of a seed, a purpose and a key: the rare draw that keeps no purpose. */
export function draw(seed: Seed, purpose: string, ...key: Key): number {
  return uniform(purposeOf(seed, purpose), ...key);
}

/** A uniform integer in [0, bound). */
export function integer(purpose: Purpose, bound: number, ...key: Key): number {
  return Math.floor(uniform(purpose, ...key) * bound);
}
