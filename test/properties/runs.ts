/** How many random runs a property gets: a few of a fixed seed, or as many others as are asked for. */
export function runs(few: number): { readonly numRuns: number; readonly seed?: number } {
  const more = process.env['WAVETANK_RUNS'];
  return more === undefined ? { numRuns: few, seed: 7 } : { numRuns: Number(more) };
}

/** How often each law was asked: one that nothing was held against has not been tested. */
export function counting(): {
  readonly add: (looked: Readonly<Record<string, number>>) => void;
  readonly neverAsked: (laws: readonly string[]) => readonly string[];
} {
  const counts: Record<string, number> = {};
  return {
    add: (looked) => {
      for (const [law, count] of Object.entries(looked)) counts[law] = (counts[law] ?? 0) + count;
    },
    neverAsked: (laws) => laws.filter((law) => (counts[law] ?? 0) === 0),
  };
}
