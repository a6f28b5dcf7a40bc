/**
 * Failed Pods of a DaemonSet are made anew on their node after 1 s, 2 s, 4 s, … up to 15 minutes: the kubelet may refuse
 * each of them. (client-go util/flowcontrol/backoff.go, as kubernetes v1.34.1 pkg/controller/daemon uses it)
 */
import type { DaemonSet } from '../../api/generated/types.ts';
import { OrderedMap } from '../../collections/ordered-map.ts';
import { minute, second, type Duration, type VirtualTime } from '../../time/time.ts';

interface Entry {
  readonly delay: Duration;
  readonly at: VirtualTime;
}

/** By DaemonSet, its observed generation and the node. */
export type FailedPods = OrderedMap<string, Entry>;

export const noFailedPods: FailedPods = OrderedMap.empty();

const firstDelay = second;
const longestDelay = 15 * minute;

export const failedPodsKey = ({ metadata, status }: DaemonSet, node: string): string =>
  `${metadata.uid}/${status.observedGeneration ?? 0}/${node}`;

/** The delay of a node whose last failed Pod was removed less than that ago. */
export function heldFor(failed: FailedPods, key: string, now: VirtualTime): Duration | undefined {
  const entry = failed.get(key);
  return entry === undefined || isForgotten(entry, now) || now - entry.at >= entry.delay
    ? undefined
    : entry.delay;
}

/** A failed Pod is removed: the next one will have to wait longer. */
export function withFailure(failed: FailedPods, key: string, now: VirtualTime): FailedPods {
  const entry = failed.get(key);
  const delay =
    entry === undefined || isForgotten(entry, now) ? firstDelay : Math.min(2 * entry.delay, longestDelay);
  return failed.set(key, { delay, at: now });
}

const isForgotten = ({ at }: Entry, now: VirtualTime): boolean => now - at > 2 * longestDelay;

/** Without what is too old to count. It is tidied where it changes, so that it does not grow for ever. */
export function withoutForgotten(failed: FailedPods, now: VirtualTime): FailedPods {
  let left = failed;
  for (const [key, entry] of failed.entries()) if (isForgotten(entry, now)) left = left.delete(key);
  return left;
}
