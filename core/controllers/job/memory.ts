/** What the Job controller has in mind between syncs; all of it is lost when it restarts. */
import type { ObjectKey } from '../../api/object.ts';
import { deleteExpectations, newExpectations, type Expectations } from '../../client/expectations.ts';
import { OrderedMap } from '../../collections/ordered-map.ts';
import { noFailures, type BackoffRecord } from './backoff.ts';
import type { Uids } from './reading.ts';

export interface JobMemory {
  readonly expectations: Expectations;
  /** Of each Job, Pods that have lost their finalizer and whose cache entry may not show it yet (tracking_utils.go). */
  readonly releases: OrderedMap<ObjectKey, OrderedMap<string, true>>;
  readonly backoff: OrderedMap<ObjectKey, BackoffRecord>;
  /** Uids of Jobs that have been written to be at their end, which the cache does not show yet (finishedJobExpectations). */
  readonly ended: OrderedMap<string, true>;
}

export const newJobMemory: JobMemory = {
  expectations: newExpectations(),
  releases: OrderedMap.empty(),
  backoff: OrderedMap.empty(),
  ended: OrderedMap.empty(),
};

export const backoffOf = ({ backoff }: JobMemory, key: ObjectKey): BackoffRecord =>
  backoff.get(key) ?? noFailures;

export function withBackoff(memory: JobMemory, key: ObjectKey, record: BackoffRecord): JobMemory {
  const before = backoffOf(memory, key);
  const isSame =
    before.failuresAfterLastSuccess === record.failuresAfterLastSuccess &&
    before.lastFailure === record.lastFailure;
  return isSame ? memory : { ...memory, backoff: memory.backoff.set(key, record) };
}

export const withoutBackoff = (memory: JobMemory, key: ObjectKey): JobMemory =>
  memory.backoff.get(key) === undefined ? memory : { ...memory, backoff: memory.backoff.delete(key) };

const noUids: OrderedMap<string, true> = OrderedMap.empty();

export function releasesOf({ releases }: JobMemory, key: ObjectKey): Uids {
  const uids = releases.get(key) ?? noUids;
  return { has: (uid) => uids.get(uid) !== undefined };
}

export function expectReleases(memory: JobMemory, key: ObjectKey, uids: readonly string[]): JobMemory {
  const expected = uids.reduce((all, uid) => all.set(uid, true), memory.releases.get(key) ?? noUids);
  return { ...memory, releases: memory.releases.set(key, expected) };
}

/** The cache shows that the finalizer is gone, or the request to take it off has failed. */
export function releaseObserved(memory: JobMemory, key: ObjectKey, uid: string): JobMemory {
  const expected = memory.releases.get(key);
  if (expected?.get(uid) === undefined) return memory;
  const left = expected.delete(uid);
  const releases = left.size === 0 ? memory.releases.delete(key) : memory.releases.set(key, left);
  return { ...memory, releases };
}

export const isEnded = ({ ended }: JobMemory, uid: string): boolean => ended.get(uid) !== undefined;

export const expectEnd = (memory: JobMemory, uid: string): JobMemory => ({
  ...memory,
  ended: memory.ended.set(uid, true),
});

/** The cache shows the end of the Job, or that it is gone. */
export const endObserved = (memory: JobMemory, uid: string): JobMemory =>
  isEnded(memory, uid) ? { ...memory, ended: memory.ended.delete(uid) } : memory;

/** The Job is gone. */
export const forgetJob = (memory: JobMemory, key: ObjectKey): JobMemory => ({
  ...memory,
  expectations: deleteExpectations(memory.expectations, key),
  releases: memory.releases.get(key) === undefined ? memory.releases : memory.releases.delete(key),
  backoff: withoutBackoff(memory, key).backoff,
});
