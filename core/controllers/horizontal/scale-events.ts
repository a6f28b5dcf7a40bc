/** Changes of a size that were made lately: the policies of a behavior count them. (kubernetes v1.34.1 horizontal.go) */
import type { HPAScalingRules } from '../../api/generated/types.ts';
import { second, type VirtualTime } from '../../time/time.ts';

export interface ScaleEvent {
  /** How many replicas came or went; never negative. */
  readonly change: number;
  readonly at: VirtualTime;
}

/** How many came or went since a time. */
export function eventsOf(events: readonly ScaleEvent[], since: VirtualTime): number {
  let sum = 0;
  for (const { change, at } of events) if (at > since) sum += change;
  return sum;
}

/** With one more event, in the place of one that is too old for every policy where there is such. */
export function storedEvent(
  events: readonly ScaleEvent[],
  rules: HPAScalingRules | undefined,
  change: number,
  now: VirtualTime,
): readonly ScaleEvent[] {
  const longest = Math.max(0, ...(rules?.policies ?? []).map(({ periodSeconds }) => periodSeconds));
  const outdated = events.findLastIndex(({ at }) => at < now - longest * second);
  const newest = { change, at: now };
  return outdated < 0 ? [...events, newest] : events.map((event, i) => (i === outdated ? newest : event));
}
