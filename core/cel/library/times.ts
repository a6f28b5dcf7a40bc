/** What the library has wrong of times. */
import type { Environment } from '@marcbachmann/cel-js';

interface Time {
  readonly getTime: () => number;
  readonly getUTCFullYear: () => number;
}

const dayMillis = 86_400_000;

/** Adds getDayOfYear in UTC, counted from 0, under the name that `replacedMethods` gives it. */
export function registerTimes(environment: Environment): void {
  // The library's is a day off where the machine's time zone has summer time.
  environment.registerFunction('google.protobuf.Timestamp.getUTCDayOfYear(): int', (time: Time) =>
    BigInt(Math.floor(time.getTime() / dayMillis) - daysBefore(time.getUTCFullYear())),
  );
}

/** Days from 1970 to the first of January of a year. */
function daysBefore(year: number): number {
  const past = year - 1;
  const leaps = Math.floor(past / 4) - Math.floor(past / 100) + Math.floor(past / 400);
  return (year - 1970) * 365 + leaps - 477;
}
