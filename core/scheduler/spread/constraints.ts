/**
 * Topology spread constraints as PodTopologySpread reckons with them: those of the Pod, or those of the profile with a
 * selector found by what the Pod belongs to.
 * (kubernetes v1.34.1 plugins/podtopologyspread/common.go and plugins/helper/spread.go)
 */
import type { Node, TopologySpreadConstraint } from '../../api/generated/types.ts';
import { keyFor } from '../../api/object.ts';
import { matchesLabels, requirementsOf, requirementsOfMap, type Requirement } from '../../api/selector.ts';
import { objectsIn } from '../../api/view.ts';
import type { PluginArguments } from '../arguments.ts';
import type { Listers } from '../framework.ts';
import type { NodeInfo } from '../node-info.ts';
import { matchesRequired, requiredTerms } from '../../api/node-affinity.ts';
import type { PodInfo } from '../pod-info.ts';
import { firstUntolerated } from '../../api/taints.ts';

export const hostname = 'kubernetes.io/hostname';
const zone = 'topology.kubernetes.io/zone';

export interface SpreadConstraint {
  readonly maxSkew: number;
  readonly topologyKey: string;
  readonly selector: readonly Requirement[];
  readonly minDomains: number;
  readonly honorsAffinity: boolean;
  readonly honorsTaints: boolean;
}

/** What holds where neither Pod nor profile says anything. (plugin.go, systemDefaultConstraints) */
const systemDefaults: readonly TopologySpreadConstraint[] = [
  { topologyKey: hostname, whenUnsatisfiable: 'ScheduleAnyway', maxSkew: 3 },
  { topologyKey: zone, whenUnsatisfiable: 'ScheduleAnyway', maxSkew: 5 },
];

export type Action = 'DoNotSchedule' | 'ScheduleAnyway';

/** The constraints of one kind that hold for the Pod. */
export function constraintsOf(
  pod: PodInfo,
  action: Action,
  args: PluginArguments['PodTopologySpread'],
  listers: Listers,
): readonly SpreadConstraint[] {
  const own = pod.spec.topologySpreadConstraints ?? [];
  if (own.length > 0) return own.filter(isOf(action)).map((constraint) => spreadConstraint(constraint, pod));
  const defaults = args.defaultingType === 'System' ? systemDefaults : args.defaultConstraints;
  const wanted = defaults.filter(isOf(action));
  if (wanted.length === 0) return [];
  const selector = defaultSelector(pod, listers);
  if (selector.length === 0) return [];
  return wanted.map((constraint) => ({ ...spreadConstraint(constraint, pod), selector }));
}

const isOf =
  (action: Action) =>
  ({ whenUnsatisfiable }: TopologySpreadConstraint): boolean =>
    whenUnsatisfiable === action;

function spreadConstraint(constraint: TopologySpreadConstraint, pod: PodInfo): SpreadConstraint {
  const { labelSelector, matchLabelKeys = [], maxSkew, topologyKey, minDomains = 1 } = constraint;
  const selector = requirementsOf(labelSelector);
  const merged = matchLabelKeys.flatMap((key): readonly Requirement[] => {
    const value = pod.labels?.[key];
    return value === undefined ? [] : [{ key, operator: '=', values: [value] }];
  });
  return {
    maxSkew,
    topologyKey,
    selector: merged.length === 0 ? selector : [...merged, ...selector],
    minDomains,
    honorsAffinity: (constraint.nodeAffinityPolicy ?? 'Honor') === 'Honor',
    honorsTaints: (constraint.nodeTaintsPolicy ?? 'Ignore') === 'Honor',
  };
}

/** What the Services that select the Pod and its controller select by, together. */
function defaultSelector(pod: PodInfo, listers: Listers): readonly Requirement[] {
  const labels: Record<string, string> = {};
  if (listers.services.objects.size > 0)
    for (const { spec } of objectsIn(listers.services, pod.namespace))
      if (spec.selector !== undefined && matchesLabels(requirementsOfMap(spec.selector), pod.labels))
        Object.assign(labels, spec.selector);
  const { controller } = pod;
  const key = keyFor(pod.namespace, controller?.name ?? '');
  switch (controller === undefined ? '' : `${controller.apiVersion} ${controller.kind}`) {
    case 'v1 ReplicationController': {
      const owner = listers.replicationControllers.objects.get(key);
      return requirementsOfMap({ ...labels, ...owner?.spec.selector });
    }
    case 'apps/v1 ReplicaSet':
      return withOwner(labels, listers.replicaSets.objects.get(key));
    case 'apps/v1 StatefulSet':
      return withOwner(labels, listers.statefulSets.objects.get(key));
    default:
      return requirementsOfMap(labels);
  }
}

type Selecting = Parameters<typeof requirementsOf>[0];

function withOwner(
  labels: Readonly<Record<string, string>>,
  owner: { readonly spec: { readonly selector: Selecting } } | undefined,
): readonly Requirement[] {
  const others = owner === undefined ? [] : requirementsOf(owner.spec.selector);
  return Object.keys(labels).length === 0 ? others : [...requirementsOfMap(labels), ...others];
}

/** Whether a node has every key that is spread over. */
export function hasAllKeys(node: Node, constraints: readonly SpreadConstraint[]): boolean {
  const labels = node.metadata.labels ?? {};
  for (const { topologyKey } of constraints) if (labels[topologyKey] === undefined) return false;
  return true;
}

/** Whether the Pods of a node count for a constraint. (matchNodeInclusionPolicies) */
export const isCounted = (constraint: SpreadConstraint, pod: PodInfo, node: Node): boolean =>
  (!constraint.honorsAffinity || matchesRequired(pod.spec, node)) &&
  (!constraint.honorsTaints || firstUntolerated(node.spec.taints, pod.spec.tolerations) === undefined);

/** Whether the Pods of every node count for a constraint, whatever Pod is to be scheduled. */
export const countsEveryNode = (constraint: SpreadConstraint, { spec }: PodInfo): boolean =>
  !constraint.honorsTaints &&
  (!constraint.honorsAffinity ||
    (requiredTerms(spec) === undefined && Object.keys(spec.nodeSelector ?? {}).length === 0));

/** Pods that are being deleted do not count, and an empty selector counts none. */
export const isMatching = (pod: PodInfo, selector: readonly Requirement[], namespace: string): boolean =>
  selector.length > 0 &&
  !pod.terminating &&
  pod.namespace === namespace &&
  matchesLabels(selector, pod.labels);

export function countMatching(info: NodeInfo, selector: readonly Requirement[], namespace: string): number {
  let count = 0;
  for (const pod of info.pods) if (isMatching(pod, selector, namespace)) count++;
  return count;
}
