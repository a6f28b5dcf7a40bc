declare module 'seedrandom/lib/alea.js' {
  /** Johannes Baagøe's Alea, seeded by text. `int32` gives the same bits on every engine. */
  export default function alea(seed: string): { int32(): number };
}
