/** Since when each workload has had all the replicas it wants, to the microsecond. */
import type { VirtualTime } from '../../core/time/time.ts';
import type { Write } from './write-observer.ts';

export const workloadPrefixes: readonly string[] = [
  '/registry/deployments/',
  '/registry/statefulsets/',
  '/registry/replicasets/',
  '/registry/controllers/',
  '/registry/daemonsets/',
];

interface Counts {
  readonly wanted: number;
  readonly available: number;
  readonly since: VirtualTime | undefined;
}

interface Counting {
  readonly spec?: { readonly replicas?: number };
  /** A DaemonSet wants what its nodes are. */
  readonly status?: {
    readonly availableReplicas?: number | null;
    readonly desiredNumberScheduled?: number | null;
    readonly numberAvailable?: number | null;
  };
}

export class Readiness {
  private readonly counts = new Map<string, Counts>();

  readonly note = (write: Write): void => {
    if (write.delete === true) {
      this.counts.delete(write.key);
      return;
    }
    const before = write.put === undefined ? this.counts.get(write.key) : undefined;
    const part = (write.put ?? write.patch) as Counting | undefined;
    const isDaemon = write.key.startsWith('/registry/daemonsets/');
    const wanted = isDaemon
      ? (part?.status?.desiredNumberScheduled ?? before?.wanted ?? 0)
      : (part?.spec?.replicas ?? before?.wanted ?? 1);
    const said = isDaemon ? part?.status?.numberAvailable : part?.status?.availableReplicas;
    // A merge patch says null where the field is gone, which is how zero is written.
    const available = said === null ? 0 : (said ?? before?.available ?? 0);
    const since = available >= wanted ? (before?.since ?? write.at) : undefined;
    this.counts.set(write.key, { wanted, available, since });
  };

  /** Since when the workload under a key of the registry has had all it wants. */
  since(registryKey: string): VirtualTime | undefined {
    return this.counts.get(registryKey)?.since;
  }
}
