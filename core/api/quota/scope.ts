/** The scopes of a ResourceQuota: which objects it is for. (kubernetes v1.34.1 pkg/quota/v1/evaluator/core/pods.go, persistent_volume_claims.go) */
import type { PersistentVolumeClaim, Pod, PodAffinityTerm } from '../generated/types.ts';
import { qosClassOf } from '../pod.ts';

export interface ScopeRequirement {
  readonly scopeName: string;
  readonly operator: string;
  readonly values?: readonly string[] | undefined;
}

/** What has no scopes is in none. */
export const matchesNoScope = (): boolean => false;

export function podMatchesScope(requirement: ScopeRequirement, pod: Pod): boolean {
  switch (requirement.scopeName) {
    case 'Terminating':
      return isTerminating(pod);
    case 'NotTerminating':
      return !isTerminating(pod);
    case 'BestEffort':
      return qosClassOf(pod) === 'BestEffort';
    case 'NotBestEffort':
      return qosClassOf(pod) !== 'BestEffort';
    case 'PriorityClass': {
      const { priorityClassName = '' } = pod.spec;
      return meets(requirement, priorityClassName === '' ? [] : [priorityClassName]);
    }
    case 'CrossNamespacePodAffinity':
      return reachesOtherNamespaces(pod);
    default:
      return false;
  }
}

/** A claim is of every VolumeAttributesClass that it names, has, or is on its way to. */
export function claimMatchesScope(requirement: ScopeRequirement, claim: PersistentVolumeClaim): boolean {
  if (requirement.scopeName !== 'VolumeAttributesClass') return false;
  const { spec, status } = claim;
  const names = [
    spec.volumeAttributesClassName,
    status?.currentVolumeAttributesClassName,
    status?.modifyVolumeStatus?.targetVolumeAttributesClassName,
  ];
  return meets(
    requirement,
    names.filter((name): name is string => name !== undefined && name !== ''),
  );
}

/** Whether any of the names meets it; where there is none, whether that does. */
function meets({ operator, values = [] }: ScopeRequirement, names: readonly string[]): boolean {
  switch (operator) {
    case 'In':
      return names.some((name) => values.includes(name));
    case 'NotIn':
      return names.length === 0 || names.some((name) => !values.includes(name));
    case 'Exists':
      return names.length > 0;
    case 'DoesNotExist':
      return names.length === 0;
    default:
      return false;
  }
}

const isTerminating = ({ spec }: Pod): boolean =>
  spec.activeDeadlineSeconds !== undefined && spec.activeDeadlineSeconds >= 0;

function reachesOtherNamespaces({ spec }: Pod): boolean {
  const { podAffinity, podAntiAffinity } = spec.affinity ?? {};
  return [podAffinity, podAntiAffinity].some(
    (affinity) =>
      (affinity?.requiredDuringSchedulingIgnoredDuringExecution ?? []).some(namesNamespaces) ||
      (affinity?.preferredDuringSchedulingIgnoredDuringExecution ?? []).some(({ podAffinityTerm }) =>
        namesNamespaces(podAffinityTerm),
      ),
  );
}

const namesNamespaces = ({ namespaces, namespaceSelector }: PodAffinityTerm): boolean =>
  (namespaces ?? []).length > 0 || namespaceSelector !== undefined;
