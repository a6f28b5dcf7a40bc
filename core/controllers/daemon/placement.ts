/**
 * Where a DaemonSet's Pods belong: on every node that its template's node selector and affinity choose and whose taints
 * it tolerates. (kubernetes v1.34.1 pkg/controller/daemon/daemon_controller.go, NodeShouldRunDaemonPod)
 */
import { matchesRequired } from '../../api/node-affinity.ts';
import { firstUntolerated, isTolerated } from '../../api/taints.ts';
import type { Node, PodTemplateSpec, Toleration } from '../../api/generated/types.ts';
import type { View } from '../../api/view.ts';

export interface Placement {
  /** A Pod is to be made where there is none. */
  readonly run: boolean;
  /** A Pod that is there may stay. */
  readonly keep: boolean;
}

const both: Placement = { run: true, keep: true };
const keepOnly: Placement = { run: false, keep: true };
const neither: Placement = { run: false, keep: false };

export function placementOn(template: PodTemplateSpec, node: Node): Placement {
  const { spec } = template;
  const { nodeName = '' } = spec ?? {};
  if (nodeName !== '' && nodeName !== node.metadata.name) return neither;
  if (spec !== undefined && !matchesRequired(spec, node)) return neither;
  const { taints } = node.spec;
  if (taints === undefined) return both;
  const tolerations = tolerationsOf(template);
  if (firstUntolerated(taints, tolerations) === undefined) return both;
  // What is there stays, unless a taint drives it out.
  const drivesOut = taints.some((taint) => taint.effect === 'NoExecute' && !isTolerated(tolerations, taint));
  return drivesOut ? neither : keepOnly;
}

export interface PlacedNode extends Placement {
  readonly node: Node;
}

interface Placements {
  readonly nodes: View<'nodes'>['objects'];
  readonly list: readonly PlacedNode[];
}

/** The last answers for each template: nodes change seldom, and a sync asks for all of them. */
const latest = new WeakMap<PodTemplateSpec, Placements>();

/** All nodes in the order of their names, each with what belongs there. */
export function placementsOf(template: PodTemplateSpec, { objects }: View<'nodes'>): readonly PlacedNode[] {
  const known = latest.get(template);
  if (known?.nodes === objects) return known.list;
  const list = [...objects.objects.values()].map((node) => ({ node, ...placementOn(template, node) }));
  latest.set(template, { nodes: objects, list });
  return list;
}

/** What a node's own troubles must not do to a daemon (util/daemonset_util.go, AddOrUpdateDaemonPodTolerations). */
const added: readonly Toleration[] = [
  { key: 'node.kubernetes.io/not-ready', operator: 'Exists', effect: 'NoExecute' },
  { key: 'node.kubernetes.io/unreachable', operator: 'Exists', effect: 'NoExecute' },
  { key: 'node.kubernetes.io/disk-pressure', operator: 'Exists', effect: 'NoSchedule' },
  { key: 'node.kubernetes.io/memory-pressure', operator: 'Exists', effect: 'NoSchedule' },
  { key: 'node.kubernetes.io/pid-pressure', operator: 'Exists', effect: 'NoSchedule' },
  { key: 'node.kubernetes.io/unschedulable', operator: 'Exists', effect: 'NoSchedule' },
];
const addedToHostNetwork: Toleration = {
  key: 'node.kubernetes.io/network-unavailable',
  operator: 'Exists',
  effect: 'NoSchedule',
};

const tolerations = new WeakMap<PodTemplateSpec, readonly Toleration[]>();

/** The tolerations of the template's Pods: its own, and those that every daemon has. */
export function tolerationsOf(template: PodTemplateSpec): readonly Toleration[] {
  let all = tolerations.get(template);
  if (all === undefined) {
    const { hostNetwork = false, tolerations: own = [] } = template.spec ?? {};
    all = [...added, ...(hostNetwork ? [addedToHostNetwork] : [])].reduce(withToleration, own);
    tolerations.set(template, all);
  }
  return all;
}

/** One that says the same but for how long gives way. */
function withToleration(all: readonly Toleration[], next: Toleration): readonly Toleration[] {
  const isSame = (other: Toleration): boolean =>
    other.key === next.key &&
    other.effect === next.effect &&
    other.operator === next.operator &&
    (other.value ?? '') === (next.value ?? '');
  return all.some(isSame) ? all.map((other) => (isSame(other) ? next : other)) : [...all, next];
}
