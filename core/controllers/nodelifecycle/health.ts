/**
 * What the controller knows of a node's health: when its kubelet was last heard of, by its Lease or its status, and what
 * follows when that is too long ago (kubernetes v1.34.1 pkg/controller/nodelifecycle, tryUpdateNodeHealth).
 */
import { conditionOf } from '../../api/pod.ts';
import type { Lease, Node, NodeCondition, NodeStatus } from '../../api/generated/types.ts';
import { same } from '../../api/merge-patch.ts';
import { parseTimeText, second, timeText, type Duration, type VirtualTime } from '../../time/time.ts';

export interface GracePeriods {
  /** Of a node that has posted its status (--node-monitor-grace-period). */
  readonly monitor: Duration;
  /** Of one that never did (--node-startup-grace-period). */
  readonly startup: Duration;
}

export const defaultGrace: GracePeriods = { monitor: 50 * second, startup: 60 * second };

export interface NodeHealth {
  /** When the pass that noticed the last sign of life took place. */
  readonly probe: VirtualTime;
  /** The Ready condition as it was seen last. */
  readonly ready: NodeCondition | undefined;
  readonly renewTime: string | undefined;
}

export interface Observation {
  readonly health: NodeHealth;
  /** The Ready condition before this pass; one that was never posted is Unknown. */
  readonly observed: string;
  /** The Ready condition after it; undefined: never posted. */
  readonly current: NodeCondition | undefined;
  /** The status to be written, where the kubelet is silent for too long. */
  readonly status: NodeStatus | undefined;
  /** When it has been silent for too long; a later pass than at this time decides. */
  readonly silentAt: VirtualTime;
}

/** `renewedAt`: the pass that would have noticed the renewal of the Lease, if it was renewed. */
export function observe(
  node: Node,
  lease: Lease | undefined,
  saved: NodeHealth | undefined,
  renewedAt: VirtualTime,
  now: VirtualTime,
  grace: GracePeriods,
): Observation {
  const ready = conditionOf(node.status, 'Ready');
  const seen = withLease(withStatus(node, ready, saved, now), lease, saved?.renewTime, renewedAt);
  const silentAt = seen.probe + (ready === undefined ? grace.startup : grace.monitor);
  const observed = ready?.status ?? 'Unknown';
  if (now <= silentAt) return { health: seen, observed, current: ready, status: undefined, silentAt };
  const conditions = unknownConditions(node, now);
  const current = conditionOf({ conditions }, 'Ready');
  if (same(current, ready)) return { health: seen, observed, current: ready, status: undefined, silentAt };
  const health: NodeHealth = { ...seen, ready: current, renewTime: lease?.spec?.renewTime };
  return { health, observed, current, status: { ...node.status, conditions }, silentAt };
}

function withStatus(
  node: Node,
  ready: NodeCondition | undefined,
  saved: NodeHealth | undefined,
  now: VirtualTime,
): NodeHealth {
  if (saved === undefined) {
    const probe = ready === undefined ? (parseTimeText(node.metadata.creationTimestamp) ?? now) : now;
    return { probe, ready, renewTime: undefined };
  }
  const isNews =
    (saved.ready === undefined) !== (ready === undefined) ||
    saved.ready?.lastHeartbeatTime !== ready?.lastHeartbeatTime;
  // What was known of the Lease is forgotten with it: the pass after this one takes the Lease for renewed. So does the real one.
  return isNews ? { probe: now, ready, renewTime: undefined } : saved;
}

function withLease(
  health: NodeHealth,
  lease: Lease | undefined,
  before: string | undefined,
  renewedAt: VirtualTime,
): NodeHealth {
  if (lease === undefined) return health;
  const renewTime = lease.spec?.renewTime ?? '';
  return before === undefined || before < renewTime
    ? { ready: health.ready, renewTime, probe: Math.max(health.probe, renewedAt) }
    : health;
}

/** In the order in which those are added that are missing. NetworkUnavailable is not the kubelet's. */
const kubeletsOwn = ['Ready', 'MemoryPressure', 'DiskPressure', 'PIDPressure'] as const;

function unknownConditions({ status, metadata }: Node, now: VirtualTime): readonly NodeCondition[] {
  const lastTransitionTime = timeText(now);
  const conditions = (status.conditions ?? []).map((condition): NodeCondition =>
    (kubeletsOwn as readonly string[]).includes(condition.type) && condition.status !== 'Unknown'
      ? {
          ...condition,
          status: 'Unknown',
          reason: 'NodeStatusUnknown',
          message: 'Kubelet stopped posting node status.',
          lastTransitionTime,
        }
      : condition,
  );
  for (const type of kubeletsOwn)
    if (conditionOf({ conditions }, type) === undefined)
      conditions.push({
        type,
        status: 'Unknown',
        reason: 'NodeStatusNeverUpdated',
        message: 'Kubelet never posted node status.',
        lastHeartbeatTime: metadata.creationTimestamp,
        lastTransitionTime,
      });
  return conditions;
}
