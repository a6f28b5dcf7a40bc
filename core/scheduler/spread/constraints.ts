/**
 * Topology spread constraints as PodTopologySpread reckons with them: those of the Pod, or those of the profile with a
 * selector found by what the Pod belongs to.
 * (kubernetes v1.34.1 plugins/podtopologyspread/common.go and plugins/helper/spread.go)
 */
import type { LabelSelector, Node, TopologySpreadConstraint } from '../../api/generated/types.ts';
import { keyFor, type ObjectKey } from '../../api/object.ts';
import {
  matchesLabels,
  requirementsOf,
  requirementsOfMap,
  type Labels,
  type Requirement,
} from '../../api/selector.ts';
import { objectsIn } from '../../api/view.ts';
import type { PluginArguments } from '../arguments.ts';
import type { Listers } from '../framework.ts';
import type { NodeInfo } from '../node-info.ts';
import { matchesRequired, requiredTerms } from '../../api/node-affinity.ts';
import { sameLabels, type PodInfo } from '../pod-info.ts';
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
  const own = pod.spec.topologySpreadConstraints ?? none;
  if (own.length > 0) return own.filter(isOf(action)).map((constraint) => spreadConstraint(constraint, pod));
  const defaults = defaultsOf(args);
  if (!defaults.some(isOf(action))) return none;
  const selector = defaultSelector(pod, listers);
  if (selector.length === 0) return none;
  return defaults
    .filter(isOf(action))
    .map((constraint) => ({ ...spreadConstraint(constraint, pod), selector }));
}

const none: readonly never[] = [];

/** The constraints of Pods that have none of their own. */
export const defaultsOf = ({
  defaultingType,
  defaultConstraints,
}: PluginArguments['PodTopologySpread']): readonly TopologySpreadConstraint[] =>
  defaultingType === 'System' ? systemDefaults : defaultConstraints;

/** Constraints of one kind. */
export const isOf =
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

/** The constraints of the Pods of a template, and all that they follow from beside the Pods. */
export interface TemplateConstraints {
  readonly pod: PodInfo;
  /** Of its controller. */
  readonly ownerKey: ObjectKey;
  readonly services: Listers['services']['objects'];
  /** Of its controller. */
  readonly selector: unknown;
  readonly constraints: readonly SpreadConstraint[];
}

/** The constraints as they were found for the last Pod, where all that they follow from is as it was then. */
export function constraintsLike(
  last: TemplateConstraints | undefined,
  pod: PodInfo,
  action: Action,
  args: PluginArguments['PodTopologySpread'],
  listers: Listers,
): TemplateConstraints {
  const services = listers.services.objects;
  const ownerKey =
    last !== undefined && last.pod.namespace === pod.namespace && nameOfOwner(last.pod) === nameOfOwner(pod)
      ? last.ownerKey
      : keyFor(pod.namespace, nameOfOwner(pod) ?? '');
  const selector = selectorOfOwner(pod, listers, ownerKey);
  if (last?.services === services && last.selector === selector && areOfOneTemplate(last.pod, pod))
    return last;
  return { pod, ownerKey, services, selector, constraints: constraintsOf(pod, action, args, listers) };
}

const areOfOneTemplate = (a: PodInfo, b: PodInfo): boolean =>
  a.spec === b.spec &&
  a.namespace === b.namespace &&
  sameLabels(a.labels, b.labels) &&
  ownerKind(a) === ownerKind(b);

/** What the Services that select the Pod and its controller select by, together. */
function defaultSelector(pod: PodInfo, listers: Listers): readonly Requirement[] {
  const labels: Record<string, string> = {};
  if (listers.services.objects.size > 0)
    for (const { spec } of objectsIn(listers.services, pod.namespace))
      if (spec.selector !== undefined && matchesLabels(requirementsOfMap(spec.selector), pod.labels))
        Object.assign(labels, spec.selector);
  const selector = selectorOfOwner(pod, listers);
  switch (ownerKind(pod)) {
    case 'ReplicationController':
      return requirementsOfMap({ ...labels, ...(selector as Labels | undefined) });
    case 'ReplicaSet':
    case 'StatefulSet':
      return withOwner(labels, selector as LabelSelector | undefined);
    default:
      return requirementsOfMap(labels);
  }
}

type OwnerKind = 'ReplicationController' | 'ReplicaSet' | 'StatefulSet';

/** Undefined: nobody whose selector counts. */
function ownerKind({ controller }: PodInfo): OwnerKind | undefined {
  if (controller === undefined) return undefined;
  const { apiVersion, kind } = controller;
  if (kind === 'ReplicationController') return apiVersion === 'v1' ? kind : undefined;
  return apiVersion === 'apps/v1' && (kind === 'ReplicaSet' || kind === 'StatefulSet') ? kind : undefined;
}

const nameOfOwner = ({ controller }: PodInfo): string | undefined => controller?.name;

function selectorOfOwner(
  pod: PodInfo,
  listers: Listers,
  key: ObjectKey = keyFor(pod.namespace, nameOfOwner(pod) ?? ''),
): unknown {
  const kind = ownerKind(pod);
  if (kind === undefined) return undefined;
  switch (kind) {
    case 'ReplicationController':
      return listers.replicationControllers.objects.get(key)?.spec.selector;
    case 'ReplicaSet':
      return listers.replicaSets.objects.get(key)?.spec.selector;
    case 'StatefulSet':
      return listers.statefulSets.objects.get(key)?.spec.selector;
  }
}

function withOwner(labels: Labels, selector: LabelSelector | undefined): readonly Requirement[] {
  const others = selector === undefined ? [] : requirementsOf(selector);
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
