/** What a controller waits for before it trusts its cache again. */
import { describe, expect, test } from 'vitest';
import * as expectations from '../../../core/client/expectations.ts';
import { minute } from '../../../core/time/time.ts';

const none = expectations.newExpectations();

describe('expectations', () => {
  test('nothing expected is nothing to wait for', () => {
    expect(expectations.satisfied(none, 'rs', 0)).toBe(true);
  });

  test('creations are waited for one by one', () => {
    let kept = expectations.expectCreations(none, 'rs', 2, 0);
    kept = expectations.creationObserved(kept, 'rs');
    expect(expectations.satisfied(kept, 'rs', 1)).toBe(false);
    kept = expectations.creationObserved(kept, 'rs');
    expect(expectations.satisfied(kept, 'rs', 1)).toBe(true);
  });

  test('creations that were never tried are not waited for', () => {
    const kept = expectations.creationObserved(expectations.expectCreations(none, 'rs', 40, 0), 'rs', 40);
    expect(expectations.satisfied(kept, 'rs', 1)).toBe(true);
  });

  test('a deletion is counted once, however often it is seen, and only if it was expected', () => {
    let kept = expectations.expectDeletions(none, 'rs', ['a', 'b'], 0);
    for (const seen of ['a', 'a', 'c']) kept = expectations.deletionObserved(kept, 'rs', seen);
    expect(expectations.satisfied(kept, 'rs', 1)).toBe(false);
    expect(expectations.satisfied(expectations.deletionObserved(kept, 'rs', 'b'), 'rs', 1)).toBe(true);
  });

  test('what never comes is given up after five minutes', () => {
    const kept = expectations.expectCreations(none, 'rs', 1, 0);
    expect(expectations.satisfied(kept, 'rs', 5 * minute)).toBe(false);
    expect(expectations.satisfied(kept, 'rs', 5 * minute + 1)).toBe(true);
  });

  test('they are forgotten with the object', () => {
    const kept = expectations.expectCreations(none, 'rs', 1, 0);
    expect(expectations.satisfied(expectations.deleteExpectations(kept, 'rs'), 'rs', 0)).toBe(true);
  });
});
