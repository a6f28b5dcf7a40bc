/**
 * The best of the nodes that were looked at, found in numbers that lie in the order in which they are read. Half of the
 * nodes may have the best score, in no order, so nothing here branches on what cannot be guessed.
 */

/** As narrow as may be: every decision reads some hundred of them, which have to be fetched from memory. */
export type Scores = Int16Array | Int32Array;
export type Groups = Uint16Array | Int32Array;

/** The nodes that were looked at, by place in their order. */
export interface Places {
  /** What a node has by itself; below 0 where it was rejected, whatever is added. */
  readonly scores: Scores;
  readonly groups: Groups;
  /** What is added to it, by group. */
  readonly added: Int32Array;
  readonly start: number;
  /** How many there are, from `start` on, past the last place from the first on. */
  readonly evaluated: number;
  /** How many of them have a score. */
  readonly count: number;
}

/** So many share the best score. The three best places, the first of equals; -1 where there is none. */
export interface Best {
  readonly ties: number;
  readonly first: number;
  readonly second: number;
  readonly third: number;
}

/** Of so many places, where no node has more than `most`, with whatever is added. */
export const scoresUpTo = (most: number, places: number): Scores =>
  most < -nowhereIn16 ? new Int16Array(places) : new Int32Array(places);

/** What stands there for a node that was rejected. */
export const nowhereIn = (scores: Scores): number => (scores.BYTES_PER_ELEMENT === 2 ? nowhereIn16 : nowhere);

const nowhereIn16 = -0x4000;
const nowhere = -0x4000_0000;

/** For numbers of groups below a bound. */
export const groupsBelow = (bound: number, places: number): Groups =>
  bound <= 0x1_0000 ? new Uint16Array(places) : new Int32Array(places);

/** Scratch: the places of the best score, in order. */
let tied = new Int32Array(1024);

export function bestOf(places: Places): Best {
  const { scores, start, evaluated } = places;
  if (tied.length < evaluated) tied = new Int32Array(evaluated * 2);
  const end = Math.min(scores.length, start + evaluated);
  const wrapped = start + evaluated - end;
  const most = mostIn(places, 0, wrapped, mostIn(places, start, end, nowhere));
  const ties = tiesIn(places, 0, wrapped, most, tiesIn(places, start, end, most, 0));
  const first = tied[0] as number;
  if (ties >= 3) return { ties, first, second: tied[1] as number, third: tied[2] as number };
  const below: Below = { most, next: nowhere, first: -1, last: nowhere, second: -1 };
  lookBelow(places, start, end, below);
  lookBelow(places, 0, wrapped, below);
  return ties === 2
    ? { ties, first, second: tied[1] as number, third: below.first }
    : { ties, first, second: below.first, third: below.second };
}

/** The place that has `skip` with the best score before it, of the places that were asked for last. */
export const tieAt = (skip: number): number => tied[skip] as number;

function mostIn({ scores, groups, added }: Places, from: number, to: number, before: number): number {
  let most = before;
  for (let place = from; place < to; place++) {
    const score = (scores[place] as number) + (added[groups[place] as number] as number);
    if (score > most) most = score;
  }
  return most;
}

/** Notes the places of a score, after so many others. */
function tiesIn(
  { scores, groups, added }: Places,
  from: number,
  to: number,
  score: number,
  before: number,
): number {
  const noted = tied;
  let ties = before;
  for (let place = from; place < to; place++) {
    const other = score ^ ((scores[place] as number) + (added[groups[place] as number] as number));
    noted[ties] = place;
    // Unless it is 0, it or its negative has the sign bit.
    ties += 1 - ((other | (0 - other)) >>> 31);
  }
  return ties;
}

/** The two best that score less than the best. */
interface Below {
  readonly most: number;
  next: number;
  first: number;
  last: number;
  second: number;
}

function lookBelow({ scores, groups, added }: Places, from: number, to: number, below: Below): void {
  const { most } = below;
  let { last } = below;
  for (let place = from; place < to; place++) {
    const score = (scores[place] as number) + (added[groups[place] as number] as number);
    if (score <= last || score === most || (scores[place] as number) < 0) continue;
    if (score > below.next) {
      below.second = below.first;
      below.last = last = below.next;
      below.first = place;
      below.next = score;
    } else {
      below.second = place;
      below.last = last = score;
    }
  }
}
