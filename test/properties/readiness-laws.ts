/** L6: a Pod that has a node is not left unready for longer than its containers' back-off, a pull and a start take. */
import type { Pod } from '../../core/api/generated/types.ts';
import { isPodReady } from '../../core/api/pod.ts';
import { second, type Duration, type VirtualTime } from '../../core/time/time.ts';

/** MaxContainerBackOff. */
const longestBackoff: Duration = 300 * second;

/** Is shown the Pods of a cluster now and again. */
export class ReadinessLaws {
  readonly broken: string[] = [];
  /** The longest that a Pod was not ready and became so again. */
  longest: Duration = 0;
  private readonly besides: Duration;
  private since = new Map<string, VirtualTime>();

  /** @param besides what is needed besides the back-off: pulls, starts, the time in which a kubelet is away */
  constructor(besides: Duration) {
    this.besides = besides;
  }

  show(pods: readonly Pod[], now: VirtualTime): void {
    const since = new Map<string, VirtualTime>();
    for (const pod of pods) {
      const { uid, name } = pod.metadata;
      const before = this.since.get(uid);
      if (!isDue(pod)) {
        if (before !== undefined && isPodReady(pod)) this.longest = Math.max(this.longest, now - before);
        continue;
      }
      const waits = now - (before ?? now);
      const isLate = waits > longestBackoff + this.besides;
      since.set(uid, isLate ? now : (before ?? now));
      if (isLate)
        this.broken.push(`L6: ${name} on ${pod.spec.nodeName} has not been ready for ${waits / second} s`);
    }
    this.since = since;
  }
}

/** It has a node, is to stay, and is not ready. */
const isDue = (pod: Pod): boolean =>
  (pod.spec.nodeName ?? '') !== '' &&
  pod.metadata.deletionTimestamp === undefined &&
  pod.status.phase !== 'Succeeded' &&
  pod.status.phase !== 'Failed' &&
  !isPodReady(pod);
