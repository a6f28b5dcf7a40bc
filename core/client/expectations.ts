/**
 * What a controller has asked for and not yet seen in its cache (kubernetes v1.34.1 pkg/controller/controller_utils.go,
 * ControllerExpectations and UIDTrackingControllerExpectations): until then its cache is known to be behind, and a sync
 * that counted in it would create or delete too much.
 */
import { OrderedMap } from '../collections/ordered-map.ts';
import { minute, type VirtualTime } from '../time/time.ts';

interface Expectation {
  /** Creations not yet seen; below zero when more were seen than expected. */
  readonly creations: number;
  /** Keys of the objects whose deletion is not yet seen. */
  readonly deletions: OrderedMap<string, true>;
  readonly since: VirtualTime;
}

/** By the key of the object whose controller expects. */
export type Expectations = OrderedMap<string, Expectation>;

/** An expectation that was never met is given up after this time (ExpectationsTimeout). */
const expectationsTimeout = 5 * minute;

const noDeletions: OrderedMap<string, true> = OrderedMap.empty();

export const newExpectations = (): Expectations => OrderedMap.empty();

/** True when everything expected has been seen, or has been waited for long enough. */
export function satisfied(expectations: Expectations, key: string, now: VirtualTime): boolean {
  const expectation = expectations.get(key);
  if (expectation === undefined) return true;
  if (expectation.creations <= 0 && expectation.deletions.size === 0) return true;
  return now - expectation.since > expectationsTimeout;
}

/** Expects so many creations and these deletions, and nothing else any more. */
export function expect(
  expectations: Expectations,
  key: string,
  creations: number,
  deleted: readonly string[],
  now: VirtualTime,
): Expectations {
  let deletions = noDeletions;
  for (const object of deleted) deletions = deletions.set(object, true);
  return expectations.set(key, { creations, deletions, since: now });
}

export const expectCreations = (
  expectations: Expectations,
  key: string,
  count: number,
  now: VirtualTime,
): Expectations => expect(expectations, key, count, [], now);

export const expectDeletions = (
  expectations: Expectations,
  key: string,
  deleted: readonly string[],
  now: VirtualTime,
): Expectations => expect(expectations, key, 0, deleted, now);

/** A creation was seen, or will never be seen because it failed. */
export function creationObserved(expectations: Expectations, key: string, count = 1): Expectations {
  const expectation = expectations.get(key);
  if (expectation === undefined || expectation.creations <= 0) return expectations;
  return expectations.set(key, { ...expectation, creations: expectation.creations - count });
}

/** The deletion of `deleted` was seen, or will never be seen because it failed. */
export function deletionObserved(expectations: Expectations, key: string, deleted: string): Expectations {
  const expectation = expectations.get(key);
  if (expectation === undefined || expectation.deletions.get(deleted) === undefined) return expectations;
  return expectations.set(key, { ...expectation, deletions: expectation.deletions.delete(deleted) });
}

/** The object is gone, and with it what its controller expected. */
export const deleteExpectations = (expectations: Expectations, key: string): Expectations =>
  expectations.get(key) === undefined ? expectations : expectations.delete(key);
