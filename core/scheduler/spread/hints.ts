/**
 * PodTopologySpread's queueing hints: what changes how Pods are counted, or where.
 * (kubernetes v1.34.1 plugins/podtopologyspread/plugin.go)
 */
import type { Node } from '../../api/generated/types.ts';
import { same } from '../../api/merge-patch.ts';
import { matchesLabels } from '../../api/selector.ts';
import { assignedPodOf, type ClusterEvent } from '../framework.ts';
import type { PodInfo } from '../pod-info.ts';
import { hasAllKeys, type SpreadConstraint } from './constraints.ts';

/** Whether an event may help a Pod that these constraints kept from every node. (isSchedulableAfterPodChange) */
export function spreadMayChange(
  event: ClusterEvent,
  pod: PodInfo,
  constraints: readonly SpreadConstraint[],
): boolean {
  const counts = (other: PodInfo) => (constraint: SpreadConstraint) =>
    matchesLabels(constraint.selector, other.labels);
  const countsOther = (before: PodInfo, after: PodInfo): boolean =>
    constraints.some((constraint) => counts(before)(constraint) !== counts(after)(constraint));
  switch (event.resource) {
    case 'Node':
      return nodeMayHelp(event, constraints);
    case 'Pod':
      if (event.uid !== pod.uid) return false;
      if (event.action === 'UpdatePodLabel') return countsOther(event.before, event.after);
      return event.action === 'UpdatePodToleration' && constraints.some(({ honorsTaints }) => honorsTaints);
    case 'AssignedPod': {
      const other = assignedPodOf(event);
      if (other.namespace !== pod.namespace || event.action === 'UpdatePodScaleDown') return false;
      if (event.action === 'UpdatePodLabel') return countsOther(event.before, event.after);
      return constraints.some(counts(other));
    }
    default:
      return false;
  }
}

/**
 * A node counts where it has every key of the constraints: one that comes, goes, or changes its domains or its taints may
 * help. (isSchedulableAfterNodeChange)
 */
function nodeMayHelp(
  event: ClusterEvent & { readonly resource: 'Node' },
  constraints: readonly SpreadConstraint[],
): boolean {
  if (event.action === 'UpdateNodeAllocatable') return false;
  if (event.action === 'Add') return hasAllKeys(event.after, constraints);
  if (event.action === 'Delete') return hasAllKeys(event.before, constraints);
  const { before, after } = event;
  const counts = hasAllKeys(after, constraints);
  if (hasAllKeys(before, constraints) !== counts) return true;
  return (
    counts &&
    (!same(before.spec.taints, after.spec.taints) ||
      constraints.some(({ topologyKey }) => valueOf(before, topologyKey) !== valueOf(after, topologyKey)))
  );
}

const valueOf = (node: Node, key: string): string | undefined => node.metadata.labels?.[key];
