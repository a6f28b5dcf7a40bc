/** What a benchmark is. A file bench/NAME.ts exports one as `subject`. */

export interface Figure {
  readonly figure: string;
  readonly value: number;
  readonly unit: string;
  /** What the value should not exceed. It is printed beside the value; missing it is no error, machines differ. */
  readonly atMost?: number | undefined;
  /** What it should reach, likewise. */
  readonly atLeast?: number | undefined;
}

export interface Case {
  readonly name: string;
  /**
   * Measures, after having checked that what is measured answers right (see `check`). Wall time, CPU time and peak RSS
   * are added by the frame; each case has a process of its own, so that they are the case's alone.
   */
  run(): readonly Figure[] | Promise<readonly Figure[]>;
}

export interface Bench {
  /** One sentence: what is measured. */
  readonly about: string;
  readonly cases: readonly Case[];
}

/** What was measured did not answer right: its figures mean nothing. */
export class WrongResult extends Error {}

/** Throws a WrongResult unless the two are equal as JSON. */
export function check(what: string, got: unknown, want: unknown): void {
  if (JSON.stringify(got) !== JSON.stringify(want))
    throw new WrongResult(`${what}: want ${JSON.stringify(want)}, got ${JSON.stringify(got)}`);
}

/** The mean wall time of one of `count` calls in microseconds: the best of `rounds`, after one round to warm up. */
export function microsecondsEach(count: number, rounds: number, call: (index: number) => void): number {
  let best = Infinity;
  for (let round = 0; round <= rounds; round++) {
    const start = performance.now();
    for (let i = 0; i < count; i++) call(round * count + i);
    const each = ((performance.now() - start) * 1_000) / count;
    if (round > 0 && each < best) best = each;
  }
  return best;
}

/** How many calls' things are made at a time: few enough to be still in the processor's caches when they are used. */
const batch = 100;

/**
 * As `microsecondsEach`, of calls that need something of their own: that is made for a hundred calls at a time, while
 * the clock stands.
 */
export function microsecondsEachGiven<T>(
  count: number,
  rounds: number,
  make: (index: number) => T,
  call: (made: T) => void,
): number {
  let best = Infinity;
  for (let round = 0; round <= rounds; round++) {
    let spent = 0;
    for (let from = 0; from < count; from += batch) {
      const made: T[] = [];
      for (let i = from; i < Math.min(from + batch, count); i++) made.push(make(round * count + i));
      const start = performance.now();
      for (const each of made) call(each);
      spent += performance.now() - start;
    }
    const each = (spent * 1_000) / count;
    if (round > 0 && each < best) best = each;
  }
  return best;
}
