/**
 * The one shape of a component: a value and an event in, a value and wishes out. It never calls another component,
 * and what can be observed of it is a function of the arguments. Only sim/ makes things happen one after another.
 */
import type { VirtualTime } from './time/time.ts';

export interface Step<State, Request> {
  readonly state: State;
  readonly requests: readonly Request[];
}

export type Reducer<State, Event, Request> = (
  state: State,
  event: Event,
  now: VirtualTime,
) => Step<State, Request>;

/** Closes a switch over a union: the compiler refuses it while a case is missing. */
export function never(value: never): never {
  throw new Error(`unhandled case: ${JSON.stringify(value)}`);
}

/** An invariant that only a defect of wavetank can break. */
export function assert(condition: unknown, message: string): asserts condition {
  if (!condition) throw new Error(`invariant broken: ${message}`);
}
