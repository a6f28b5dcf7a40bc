/**
 * Batches of 1, 2, 4, …, each begun when the one before has succeeded: what cannot have a Pod, for want of quota say, asks
 * once and not five hundred times. (kubernetes v1.34.1 pkg/controller/replicaset/replica_set.go, slowStartBatch)
 */
import type { Ask, Reply } from './controller.ts';

/** Where controllers begin (SlowStartInitialBatchSize). */
export const slowStartInitialBatchSize = 1;

export interface SlowStart<Failure> {
  readonly successes: number;
  /** The first failure of the batch that failed; what comes after that batch was not tried. */
  readonly error: Failure | undefined;
}

/** Does `count` things in growing batches. `batch` does so many from an index on, all at once, and answers with what failed. */
export function* slowStartBatch<Memory, Failure>(
  count: number,
  initialBatchSize: number,
  batch: (from: number, size: number) => Generator<Ask<Memory>, readonly Failure[], Reply>,
  maxBatchSize = Infinity,
): Generator<Ask<Memory>, SlowStart<Failure>, Reply> {
  let successes = 0;
  let from = 0;
  for (
    let size = Math.min(count, initialBatchSize);
    size > 0;
    size = Math.min(2 * size, count - from, maxBatchSize)
  ) {
    const failures = yield* batch(from, size);
    successes += size - failures.length;
    if (failures[0] !== undefined) return { successes, error: failures[0] };
    from += size;
  }
  return { successes, error: undefined };
}
