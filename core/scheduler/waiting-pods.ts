/**
 * The Pods that wait at Permit, and what plugins say about them. A plugin speaks while it is asked about another Pod; what
 * it said is kept as signals and carried out at the end of the step.
 * (kubernetes v1.34.1 pkg/scheduler/framework/runtime/waiting_pods_map.go)
 */
import type { ObjectKey } from '../api/object.ts';
import type { Duration } from '../time/time.ts';
import type { WaitingPod, WaitingPods } from './cycle-plugins.ts';
import type { QueuedPod } from './queue.ts';
import type { Work } from './scheduler.ts';
import type { VolumePlan } from './volume-plan.ts';

/** A Pod that has a node and is not yet being bound. */
export interface PodInCycle {
  readonly queued: QueuedPod;
  readonly node: string;
  readonly plan: VolumePlan | undefined;
  /** The plugins that have it wait; empty: it is past Permit. */
  readonly pending: readonly string[];
  /** Which PreBind plugin is next. */
  readonly next: number;
}

/** What a plugin said about a Pod that waits. */
export interface Signal {
  readonly key: ObjectKey;
  readonly plugin: string;
  /** Undefined: it allows the Pod. */
  readonly message: string | undefined;
  /** From now. */
  readonly after: Duration;
}

/** The Pods that wait, for one plugin. `after`: when it is asked, from now. */
export function waitingFor(work: Work, plugin: string, after: Duration): WaitingPods {
  const pods: WaitingPod[] = [];
  work.cycles.scan(undefined, undefined, (_key, { queued, node, pending }) => {
    if (pending.length > 0) pods.push({ pod: queued.info, node, pending });
  });
  return {
    pods,
    allow: (pod) => {
      signal(work, { key: pod.key, plugin, message: undefined, after });
    },
    reject: (pod, message) => {
      signal(work, { key: pod.key, plugin, message, after });
    },
  };
}

/** Keeps a signal until the end of the step. */
export function signal(work: Work, said: Signal): void {
  work.signals ??= [];
  work.signals.push(said);
}
