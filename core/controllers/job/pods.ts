/**
 * How the Job controller creates and deletes Pods, and takes their finalizer off.
 * (kubernetes v1.34.1 pkg/controller/job/job_controller.go)
 */
import { keyOf, type ObjectKey } from '../../api/object.ts';
import type { Pod } from '../../api/generated/types.ts';
import type { ApiAnswer, PatchRequest } from '../../api/request.ts';
import { isPodReady } from '../../api/pod.ts';
import {
  creationObserved,
  deletionObserved,
  expectCreations,
  expectDeletions,
} from '../../client/expectations.ts';
import type { VirtualTime } from '../../time/time.ts';
import { namespaceTerminating, refused, type Ask, type Reply } from '../controller.ts';
import { remove } from '../requests.ts';
import { slowStartBatch, slowStartInitialBatchSize } from '../slow-start.ts';
import { expectReleases, releaseObserved, type JobMemory } from './memory.ts';
import { podRequest } from './pod.ts';
import { isTracked, trackingFinalizer } from './pod-state.ts';
import type { Reading } from './reading.ts';

export type Step<T> = Generator<Ask<JobMemory>, T, Reply>;

/** What came of deleting Pods. */
export interface Deleted {
  readonly count: number;
  /** How many of all were Ready. */
  readonly ready: number;
  readonly failed: boolean;
}

/** Creates a Pod for each index, slowly at first. Returns how many there are now, and whether any failed. */
export function* createPods(
  reading: Reading,
  key: ObjectKey,
  indexes: readonly (number | undefined)[],
  now: VirtualTime,
): Step<{ readonly created: number; readonly failed: boolean }> {
  const count = indexes.length;
  const { successes, error } = yield* slowStartBatch(
    count,
    slowStartInitialBatchSize,
    function* (from, size): Step<readonly ApiAnswer[]> {
      const requests = indexes
        .slice(from, from + size)
        .map((index) =>
          podRequest(reading.job, index, index === undefined ? undefined : reading.lastFailed.get(index)),
        );
      const remember = (memory: JobMemory): JobMemory => ({
        ...memory,
        expectations: expectCreations(memory.expectations, key, count, now),
      });
      const { answers } = yield from === 0 ? { requests, remember } : { requests };
      return answers.filter((answer) => !answer.ok && !namespaceTerminating(answer));
    },
  );
  if (error === undefined) return { created: count, failed: false };
  yield {
    requests: [],
    remember: (memory) => ({
      ...memory,
      expectations: creationObserved(memory.expectations, key, count - successes),
    }),
  };
  return { created: successes, failed: true };
}

/** Deletes Pods of a Job that ends. They keep their finalizer until they are counted. (deleteActivePods) */
export function* deleteTracked(pods: readonly Pod[]): Step<Deleted> {
  if (pods.length === 0) return { count: 0, ready: 0, failed: false };
  const { answers } = yield { requests: pods.map((pod) => remove('pods', pod)) };
  return deletedOf(pods, answers);
}

/** Deletes Pods that are too many, which are not to be counted. (deleteJobPods) */
export function* deleteUncounted(pods: readonly Pod[], key: ObjectKey, now: VirtualTime): Step<Deleted> {
  if (pods.length === 0) return { count: 0, ready: 0, failed: false };
  const expect = (memory: JobMemory): JobMemory => ({
    ...memory,
    expectations: expectDeletions(memory.expectations, key, pods.map(keyOf), now),
  });
  const held = pods.filter(isTracked);
  const { answers: patched } = yield { requests: held.map(withoutFinalizer), remember: expect };
  const stuck = new Set(held.filter((_, i) => patched[i]?.ok !== true));
  const free = pods.filter((pod) => !stuck.has(pod));
  const { answers } = yield {
    requests: free.map((pod) => remove('pods', pod)),
    remember: (memory) => ({
      ...memory,
      expectations: [...stuck].reduce(
        (expectations, pod) => deletionObserved(expectations, key, keyOf(pod)),
        memory.expectations,
      ),
    }),
  };
  const gone = patched.filter((answer) => refused(answer, 'NotFound')).length;
  const deleted = deletedOf(free, answers);
  return {
    count: deleted.count + gone,
    ready: deleted.ready,
    failed: deleted.failed || stuck.size > gone,
  };
}

function deletedOf(pods: readonly Pod[], answers: readonly ApiAnswer[]): Deleted {
  const failures = answers.filter((answer) => !answer.ok && !refused(answer, 'NotFound')).length;
  return {
    count: pods.length - failures,
    ready: pods.filter(isPodReady).length,
    failed: failures > 0,
  };
}

/** Takes the finalizer off Pods that the status has counted. Returns those that have lost it, or were gone, and the time. */
export function* releasePods(
  pods: readonly Pod[],
  key: ObjectKey,
  now: VirtualTime,
): Step<{ readonly pods: readonly Pod[]; readonly now: VirtualTime }> {
  if (pods.length === 0) return { pods, now };
  const uids = pods.map((pod) => pod.metadata.uid);
  const reply = yield {
    requests: pods.map(withoutFinalizer),
    remember: (memory) => expectReleases(memory, key, uids),
  };
  const { answers } = reply;
  const failed = pods.filter((_, i) => answers[i]?.ok !== true);
  if (failed.length > 0)
    yield {
      requests: [],
      remember: (memory) =>
        failed.reduce((rest, pod) => releaseObserved(rest, key, pod.metadata.uid), memory),
    };
  const released = pods.filter((_, i) => answers[i]?.ok === true || refused(answers[i], 'NotFound'));
  return { pods: released, now: reply.now };
}

export const withoutFinalizer = ({ metadata: { namespace, name } }: Pod): PatchRequest => ({
  verb: 'patch',
  resource: 'pods',
  namespace,
  name,
  patchType: 'strategic',
  patch: { metadata: { '$deleteFromPrimitiveList/finalizers': [trackingFinalizer] } },
});
