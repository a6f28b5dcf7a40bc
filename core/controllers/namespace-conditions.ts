/** What a namespace that is being deleted tells of its contents. (kubernetes v1.34.1 pkg/controller/namespace/deletion/status_condition_utils.go) */
import { groupAndPlural } from '../api/kinds.ts';
import type { NamespaceCondition } from '../api/generated/types.ts';
import type { ApiObject, Resource } from '../api/object.ts';
import { timeText, type VirtualTime } from '../time/time.ts';

/** An object that is still in it. */
export interface Content {
  readonly resource: Resource;
  readonly object: ApiObject;
}

/** The conditions, each as it was where nothing about it is new. */
export function namespaceConditions(
  before: readonly NamespaceCondition[] | undefined,
  left: readonly Content[],
  failures: readonly string[],
  now: VirtualTime,
): readonly NamespaceCondition[] {
  const wanted = [
    told('NamespaceDeletionDiscoveryFailure', 'ResourcesDiscovered', 'All resources successfully discovered'),
    told(
      'NamespaceDeletionGroupVersionParsingFailure',
      'ParsedGroupVersions',
      'All legacy kube types successfully parsed',
    ),
    failures.length === 0
      ? told(
          'NamespaceDeletionContentFailure',
          'ContentDeleted',
          'All content successfully deleted, may be waiting on finalization',
        )
      : trouble(
          'NamespaceDeletionContentFailure',
          'ContentDeletionFailed',
          `Failed to delete all resource types, ${failures.length} remaining: ${[...failures].sort().join(', ')}`,
        ),
    left.length === 0
      ? told('NamespaceContentRemaining', 'ContentRemoved', 'All content successfully removed')
      : trouble(
          'NamespaceContentRemaining',
          'SomeResourcesRemain',
          `Some resources are remaining: ${counts(
            left.map(({ resource }) => resourceText(resource)),
            'has',
          ).join(', ')}`,
        ),
    finalizers(left),
  ];
  return wanted.map((condition) => {
    const known = before?.find(({ type }) => type === condition.type);
    const { status, reason, message } = condition;
    if (known?.status === status && known.reason === reason && known.message === message) return known;
    return {
      ...condition,
      lastTransitionTime: known?.status === status ? known.lastTransitionTime : timeText(now),
    };
  });
}

const told = (type: string, reason: string, message: string): NamespaceCondition => ({
  type,
  status: 'False',
  reason,
  message,
});

const trouble = (type: string, reason: string, message: string): NamespaceCondition => ({
  ...told(type, reason, message),
  status: 'True',
});

function finalizers(left: readonly Content[]): NamespaceCondition {
  const all = left.flatMap(({ object }) => object.metadata.finalizers ?? []);
  return all.length === 0
    ? told(
        'NamespaceFinalizersRemaining',
        'ContentHasNoFinalizers',
        'All content-preserving finalizers finished',
      )
    : trouble(
        'NamespaceFinalizersRemaining',
        'SomeFinalizersRemain',
        `Some content in the namespace has finalizers remaining: ${counts(all, 'in').join(', ')}`,
      );
}

/** `configmaps.` with the dot that Kubernetes writes before an empty group too. */
function resourceText(resource: Resource): string {
  const { plural, group } = groupAndPlural(resource);
  return `${plural}.${group}`;
}

/** `deployments.apps has 2 resource instances`, in the order of the texts. */
function counts(names: readonly string[], word: string): readonly string[] {
  const found = new Map<string, number>();
  for (const name of names) found.set(name, (found.get(name) ?? 0) + 1);
  return [...found].map(([name, count]) => `${name} ${word} ${count} resource instances`).sort();
}
