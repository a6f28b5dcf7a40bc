/** What the world asks of a workload over time: a line of points, in milli-units. */
import type { Duration, VirtualTime } from '../time/time.ts';

export interface DemandPoint {
  /** The demand begins to go to `value` here, */
  readonly at: VirtualTime;
  readonly value: number;
  /** and is there so much later. The next point is not before. */
  readonly over: Duration;
}

/** In order of time. Before the first point nothing is asked for. */
export type Demand = readonly DemandPoint[];

/** The demand at a time, whole. */
export function demandAt(demand: Demand, now: VirtualTime): number {
  let value = 0;
  for (const { at, value: next, over } of demand) {
    if (at > now) break;
    value = at + over <= now ? next : value + Math.round(((next - value) * (now - at)) / over);
  }
  return value;
}

/** When the demand has become what it stays. */
export const lastChange = (demand: Demand): VirtualTime =>
  demand.reduce((last, { at, over }) => Math.max(last, at + over), 0);
