/** What is expected of a run. */
import type { Duration, VirtualTime } from '../../core/time/time.ts';

/** Where it was written. */
interface Place {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

/** Holds at some moment from `after` to `after + within`. */
export interface Eventually {
  readonly mood: 'eventually';
  readonly after: VirtualTime;
  readonly within: Duration;
  readonly that: string;
  readonly at: Place;
}

/**
 * Holds at every moment from `after` on; without `after`, from the first moment it holds: a Deployment has no ready
 * Pods when it begins, and nobody means that moment. One that never holds has failed.
 */
interface Always {
  readonly mood: 'always';
  readonly after: VirtualTime | undefined;
  readonly that: string;
  readonly at: Place;
}

export type Expectation = Eventually | Always;
