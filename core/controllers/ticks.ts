/**
 * A loop that the real controller runs every so often, whether or not there is anything to do: here its passes happen at
 * the same instants, but only those that have something to do. A pass is a key of the workqueue, one for each instant.
 */
import type { Duration, VirtualTime } from '../time/time.ts';

export interface Ticks {
  /** What the keys of its passes begin with. */
  readonly prefix: string;
  /** From one pass to the next. */
  readonly period: Duration;
}

/** The first pass at `at` or later of a loop that began at `start`: its key and its time. */
export function passAt(
  { prefix, period }: Ticks,
  start: VirtualTime,
  at: VirtualTime,
): { readonly key: string; readonly at: VirtualTime } {
  const number = Math.max(0, Math.ceil((at - start) / period));
  return { key: `${prefix}${number}`, at: start + number * period };
}
