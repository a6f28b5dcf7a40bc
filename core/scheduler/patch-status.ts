/** A write of a Pod's status by the scheduler, within its rate limit. */
import type { Json, Pod } from '../api/generated/types.ts';
import { take } from '../client/flow-control.ts';
import type { Duration } from '../time/time.ts';
import type { SchedulerTag, Work } from './scheduler.ts';

/** Asks for the patch; it leaves after `after`, or when the limit lets it. */
export function patchStatus(
  work: Work,
  pod: Pod,
  status: Readonly<Record<string, Json>>,
  after: Duration,
  tag: SchedulerTag = { of: 'status' },
): void {
  const taken = take(work.bucket, work.now + after);
  work.bucket = taken.bucket;
  work.requests.push({
    do: 'call',
    tag,
    userAgent: 'scheduler',
    request: {
      verb: 'patch',
      resource: 'pods',
      subresource: 'status',
      namespace: pod.metadata.namespace,
      name: pod.metadata.name,
      patchType: 'merge',
      patch: { status },
    },
    after: after + taken.wait,
  });
}
