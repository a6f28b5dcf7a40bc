/** Distributions of durations, drawn by one uniform number each, so that a keyed draw gives one value. */
import type { Duration } from '../time/time.ts';
import type { Purpose } from './draw.ts';
import { bitsAt, uniform } from './draw.ts';

/** How long something takes. Durations are microseconds. */
export type Distribution =
  | { readonly kind: 'fixed'; readonly value: Duration }
  | { readonly kind: 'uniform'; readonly min: Duration; readonly max: Duration }
  | { readonly kind: 'lognormal'; readonly median: Duration; readonly p99: Duration }
  | { readonly kind: 'exponential'; readonly mean: Duration };

export const fixed = (value: Duration): Distribution => ({ kind: 'fixed', value });
export const lognormal = (median: Duration, p99: Duration): Distribution => ({
  kind: 'lognormal',
  median,
  p99,
});

/** The 0.99 quantile of the standard normal distribution. */
const z99 = 2.3263478740408408;

/**
 * Quantile of the standard normal distribution, relative error below 1.2e-9
 * (Peter Acklam's rational approximation; only +, *, /, sqrt and log, which every engine rounds alike).
 */
export function normalQuantile(p: number): number {
  if (p <= 0) return -38;
  if (p >= 1) return 38;
  if (p < 0.02425) return tail(Math.sqrt(-2 * Math.log(p)));
  if (p > 1 - 0.02425) return -tail(Math.sqrt(-2 * Math.log(1 - p)));
  const q = p - 0.5;
  const r = q * q;
  return (
    ((((((-39.69683028665376 * r + 220.9460984245205) * r - 275.9285104469687) * r + 138.357751867269) * r -
      30.66479806614716) *
      r +
      2.506628277459239) *
      q) /
    (((((-54.47609879822406 * r + 161.5858368580409) * r - 155.6989798598866) * r + 66.80131188771972) * r -
      13.28068155288572) *
      r +
      1)
  );
}

const tail = (q: number): number =>
  (((((-0.007784894002430293 * q - 0.3223964580411365) * q - 2.400758277161838) * q - 2.549732539343734) * q +
    4.374664141464968) *
    q +
    2.938163982698783) /
  ((((0.007784695709041462 * q + 0.3224671290700398) * q + 2.445134137142996) * q + 3.754408661907416) * q +
    1);

/** The value below which a share `p` of the distribution lies, in whole microseconds, never negative. */
export function quantile(distribution: Distribution, p: number): Duration {
  switch (distribution.kind) {
    case 'fixed':
      return distribution.value;
    case 'uniform':
      return Math.round(distribution.min + (distribution.max - distribution.min) * p);
    case 'lognormal': {
      const sigma = Math.log(distribution.p99 / distribution.median) / z99;
      return Math.round(distribution.median * Math.exp(sigma * normalQuantile(p)));
    }
    case 'exponential':
      return Math.round(-distribution.mean * Math.log(1 - p));
  }
}

/** One value for one key of a purpose. */
export function sample(
  distribution: Distribution,
  purpose: Purpose,
  ...key: readonly (string | number)[]
): Duration {
  return distribution.kind === 'fixed'
    ? distribution.value
    : quantile(distribution, uniform(purpose, ...key));
}

const tableSize = 4_096;

/** A distribution as 4,096 quantiles, for links that carry millions of messages: 15 ns a draw instead of 120. */
export interface SampledDistribution {
  readonly distribution: Distribution;
  /** NaN where none was drawn yet: a small run draws few of them. */
  readonly quantiles: Float64Array;
}

export const tabulate = (distribution: Distribution): SampledDistribution => ({
  distribution,
  quantiles: new Float64Array(tableSize).fill(Number.NaN),
});

export function sampleTable(
  { distribution, quantiles }: SampledDistribution,
  purpose: Purpose,
  first: number,
  next: number,
): Duration {
  const row = bitsAt(purpose, first, next) >>> 20;
  const known = quantiles[row] ?? Number.NaN;
  if (!Number.isNaN(known)) return known;
  return (quantiles[row] = quantile(distribution, (row + 0.5) / tableSize));
}
