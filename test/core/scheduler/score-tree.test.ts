import { fc, test } from '@fast-check/vitest';
import { describe, expect } from 'vitest';
import { noScore, ScoreTree } from '../../../core/scheduler/score-tree.ts';

const score = fc.integer({ min: noScore, max: 3 });
const change = fc.record({ place: fc.nat(), score });

/** What the tree should find, by looking at one place after another. */
const places = (
  scores: readonly number[],
  from: number,
  to: number,
  wanted: (score: number) => boolean,
): number[] => scores.flatMap((each, place) => (place >= from && place < to && wanted(each) ? [place] : []));

describe('a tree of scores', () => {
  test.prop(
    {
      scores: fc.array(score, { minLength: 1, maxLength: 70 }),
      changes: fc.array(change, { maxLength: 20 }),
      bounds: fc.array(fc.nat(), { minLength: 2, maxLength: 2 }),
    },
    { numRuns: 300 },
  )('finds in any range what a look at every place finds', ({ scores: first, changes, bounds }) => {
    const scores = first.slice();
    const tree = new ScoreTree(scores.length, (place) => scores[place] ?? noScore);
    for (const { place, score: now } of changes) {
      scores[place % scores.length] = now;
      tree.set(place % scores.length, now);
    }
    const [from = 0, to = 0] = bounds.map((bound) => bound % (scores.length + 1)).sort((a, b) => a - b);
    const best = Math.max(noScore, ...scores.slice(from, to));
    const scored = places(scores, from, to, (each) => each !== noScore);
    expect(tree.bestIn(from, to)).toBe(best);
    expect(tree.scoredIn(from, to)).toBe(scored.length);
    if (best === noScore) return;
    const ties = places(scores, from, to, (each) => each === best);
    expect(tree.tiesIn(from, to, best)).toBe(ties.length);
    expect(ties.map((_, i) => tree.nthBest(from, to, best, i))).toEqual(ties);
    expect(tree.nthBest(from, to, best, ties.length)).toBe(-1);
    expect(scored.map((_, i) => tree.nthScored(from, i))).toEqual(scored);
  });
});
