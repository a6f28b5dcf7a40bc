/** What the metrics API says of one Pod. */
import type { Duration, VirtualTime } from '../time/time.ts';

export interface PodMetric {
  /** Milli-units, rounded up: millicores, or bytes times a thousand. */
  readonly value: number;
  /** The end of the window that the value is the average of. */
  readonly timestamp: VirtualTime;
  readonly window: Duration;
}

/** By the name of the Pod; all are in one namespace. */
export type PodMetrics = Readonly<Record<string, PodMetric>>;
