/** The rate limit of one client: client-go's token bucket (util/flowcontrol/throttle.go), as a value. */
import { second, type Duration, type VirtualTime } from '../time/time.ts';

interface Limit {
  /** Requests a second; 0: no limit. */
  readonly qps: number;
  readonly burst: number;
}

export interface TokenBucket extends Limit {
  /** When the bucket was or will be full again, were nothing more taken. */
  readonly fullAt: VirtualTime;
}

export const tokenBucket = (qps: number, burst: number): TokenBucket => ({ qps, burst, fullAt: 0 });

/** When a bucket that would be full at `fullAt` is full again after one more token was taken. */
export const fullAfter = ({ qps }: Limit, fullAt: VirtualTime, now: VirtualTime): VirtualTime =>
  qps === 0 ? fullAt : Math.max(fullAt, now) + Math.round(second / qps);

/** How long the request waits that has taken the last token of a bucket. */
export const waitOf = ({ qps, burst }: Limit, fullAt: VirtualTime, now: VirtualTime): Duration =>
  qps === 0 ? 0 : Math.max(0, fullAt - now - Math.round(second / qps) * burst);

/** Takes one token: the bucket after it, and how long the request waits for it. */
export function take(
  bucket: TokenBucket,
  now: VirtualTime,
): { readonly bucket: TokenBucket; readonly wait: Duration } {
  if (bucket.qps === 0) return { bucket, wait: 0 };
  const fullAt = fullAfter(bucket, bucket.fullAt, now);
  return { bucket: { qps: bucket.qps, burst: bucket.burst, fullAt }, wait: waitOf(bucket, fullAt, now) };
}
