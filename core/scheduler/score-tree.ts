/**
 * Scores by place in the order of nodes, in a tree of ranges: the best of a range, how many share it, the n-th of those
 * and the n-th place that has a score at all are found in as many steps as the number of places has digits.
 */

/** The score of a place that has none. Scores are not negative. */
export const noScore = -1;

export class ScoreTree {
  /** The leaf of place p is at `leaves + p`, the parent of i at i / 2. */
  private readonly leaves: number;
  private readonly best: Float64Array;
  /** How many leaves have the best score. */
  private readonly ties: Int32Array;
  /** How many leaves have a score. */
  private readonly scored: Int32Array;

  /** `scoreAt` of every place. */
  constructor(places: number, scoreAt: (place: number) => number) {
    let leaves = 1;
    while (leaves < places) leaves *= 2;
    this.leaves = leaves;
    this.best = new Float64Array(leaves * 2).fill(noScore);
    this.ties = new Int32Array(leaves * 2);
    this.scored = new Int32Array(leaves * 2);
    for (let place = 0; place < places; place++) this.setLeaf(leaves + place, scoreAt(place));
    for (let node = leaves - 1; node > 0; node--) this.combine(node);
  }

  /** How many places have a score. */
  get size(): number {
    return this.scored[1] as number;
  }

  set(place: number, score: number): void {
    let node = this.leaves + place;
    if (this.best[node] === score) return;
    this.setLeaf(node, score);
    for (node >>= 1; node > 0; node >>= 1) this.combine(node);
  }

  private setLeaf(leaf: number, score: number): void {
    this.best[leaf] = score;
    this.ties[leaf] = this.scored[leaf] = score === noScore ? 0 : 1;
  }

  private combine(node: number): void {
    const { best, ties, scored } = this;
    const left = node * 2;
    const right = left + 1;
    const leftBest = best[left] as number;
    const rightBest = best[right] as number;
    best[node] = leftBest > rightBest ? leftBest : rightBest;
    ties[node] =
      (leftBest >= rightBest ? (ties[left] as number) : 0) +
      (rightBest >= leftBest ? (ties[right] as number) : 0);
    scored[node] = (scored[left] as number) + (scored[right] as number);
  }

  /** The best score of the places `from` to `to` (exclusive). */
  bestIn(from: number, to: number): number {
    const { best } = this;
    let most = noScore;
    for (let low = from + this.leaves, high = to + this.leaves; low < high; low >>= 1, high >>= 1) {
      if ((low & 1) === 1) most = Math.max(most, best[low++] as number);
      if ((high & 1) === 1) most = Math.max(most, best[--high] as number);
    }
    return most;
  }

  /** How many places of a range have its best score, which is known. */
  tiesIn(from: number, to: number, score: number): number {
    const { best, ties } = this;
    let count = 0;
    for (let low = from + this.leaves, high = to + this.leaves; low < high; low >>= 1, high >>= 1) {
      if ((low & 1) === 1) {
        if (best[low] === score) count += ties[low] as number;
        low++;
      }
      if ((high & 1) === 1) {
        high--;
        if (best[high] === score) count += ties[high] as number;
      }
    }
    return count;
  }

  /** How many places of a range have a score. */
  scoredIn(from: number, to: number): number {
    const { scored } = this;
    let count = 0;
    for (let low = from + this.leaves, high = to + this.leaves; low < high; low >>= 1, high >>= 1) {
      if ((low & 1) === 1) count += scored[low++] as number;
      if ((high & 1) === 1) count += scored[--high] as number;
    }
    return count;
  }

  /** The place of a range with its best score that has `skip` such before it. */
  nthBest(from: number, to: number, score: number, skip: number): number {
    const { leaves, best, ties } = this;
    let left = skip;
    for (let place = from; place < to;) {
      let node = this.widest(place, to);
      if (best[node] !== score || (ties[node] as number) <= left) {
        if (best[node] === score) left -= ties[node] as number;
        place += this.widthOf(node);
        continue;
      }
      while (node < leaves) {
        node *= 2;
        const here = best[node] === score ? (ties[node] as number) : 0;
        if (here > left) continue;
        left -= here;
        node++;
      }
      return node - leaves;
    }
    return -1;
  }

  /** The place at or after `from` that has a score and `skip` such before it. */
  nthScored(from: number, skip: number): number {
    const { leaves, scored } = this;
    let left = skip;
    for (let place = from; place < leaves;) {
      let node = this.widest(place, leaves);
      if ((scored[node] as number) <= left) {
        left -= scored[node] as number;
        place += this.widthOf(node);
        continue;
      }
      while (node < leaves) {
        node *= 2;
        const here = scored[node] as number;
        if (here > left) continue;
        left -= here;
        node++;
      }
      return node - leaves;
    }
    return -1;
  }

  /** The topmost node whose leaves begin with a place and end before `to`. */
  private widest(place: number, to: number): number {
    let node = place + this.leaves;
    for (let width = 1; (node & 1) === 0 && place + width * 2 <= to; width *= 2) node >>= 1;
    return node;
  }

  private widthOf(node: number): number {
    let width = 1;
    for (let below = node; below < this.leaves; below *= 2) width *= 2;
    return width;
  }
}
