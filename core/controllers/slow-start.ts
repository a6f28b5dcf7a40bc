/**
 * Batches of 1, 2, 4, …, each sent when the one before has succeeded: what cannot have a Pod, for want of quota say, asks
 * once and not five hundred times. (kubernetes v1.34.1 pkg/controller/replicaset/replica_set.go, slowStartBatch)
 */
import type { ApiAnswer } from '../api/request.ts';
import type { Ask, Reply } from './controller.ts';

/** Where real controllers begin (SlowStartInitialBatchSize). */
export const slowStartInitialBatchSize = 1;

export interface SlowStart {
  readonly successes: number;
  /** The first failure of the batch that failed; those after it were not sent. */
  readonly error: ApiAnswer | undefined;
}

/**
 * Asks `count` things in growing batches. `batch` says what to ask from an index on, and how many; `isFailure` tells which
 * answers end it: all others count as successes.
 */
export function* slowStartBatch<Memory>(
  count: number,
  initialBatchSize: number,
  batch: (from: number, size: number) => Ask<Memory>,
  isFailure: (answer: ApiAnswer) => boolean,
): Generator<Ask<Memory>, SlowStart, Reply> {
  let successes = 0;
  let from = 0;
  for (let size = Math.min(count, initialBatchSize); size > 0; size = Math.min(2 * size, count - from)) {
    const { answers } = yield batch(from, size);
    const failures = answers.filter(isFailure);
    successes += size - failures.length;
    if (failures[0] !== undefined) return { successes, error: failures[0] };
    from += size;
  }
  return { successes, error: undefined };
}
