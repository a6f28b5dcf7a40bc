/** The rate limit of one client: client-go's token bucket (util/flowcontrol/throttle.go), as a value. */
import { second, type Duration, type VirtualTime } from '../time/time.ts';

export interface TokenBucket {
  /** Requests a second; 0: no limit. */
  readonly qps: number;
  readonly burst: number;
  /** When the bucket was or will be full again, were nothing more taken. */
  readonly fullAt: VirtualTime;
}

export const tokenBucket = (qps: number, burst: number): TokenBucket => ({ qps, burst, fullAt: 0 });

/** Takes one token: the bucket after it, and how long the request waits for it. */
export function take(
  bucket: TokenBucket,
  now: VirtualTime,
): { readonly bucket: TokenBucket; readonly wait: Duration } {
  if (bucket.qps === 0) return { bucket, wait: 0 };
  const perToken = Math.round(second / bucket.qps);
  const fullAt = Math.max(bucket.fullAt, now) + perToken;
  const wait = Math.max(0, fullAt - now - perToken * bucket.burst);
  return { bucket: { qps: bucket.qps, burst: bucket.burst, fullAt }, wait };
}
