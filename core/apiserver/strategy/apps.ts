/** What the server makes of StatefulSets and DaemonSets. (kubernetes v1.34.1 pkg/registry/apps, the strategy.go of each) */
import type { StatefulSetSpec } from '../../api/generated/types.ts';
import { same } from '../../api/merge-patch.ts';
import type { Fields, Stored } from './stored.ts';

/** `maxUnavailable` of a StatefulSet is behind a gate that is off (MaxUnavailableStatefulSet). */
export function withoutMaxUnavailable(object: Stored): Stored {
  const spec = object.spec as unknown as StatefulSetSpec;
  const rolling = spec.updateStrategy?.rollingUpdate;
  if (rolling?.maxUnavailable === undefined) return object;
  const { maxUnavailable: _, ...rollingUpdate } = rolling;
  const changed = { ...spec, updateStrategy: { ...spec.updateStrategy, rollingUpdate } };
  return { ...object, spec: changed as unknown as Fields };
}

/** The old counter of changes of the template: in apps/v1 an annotation. */
const templateGeneration = 'deprecated.daemonset.template.generation';

const withTemplateGeneration = (object: Stored, generation: number): Stored => ({
  ...object,
  metadata: {
    ...object.metadata,
    annotations: { ...object.metadata.annotations, [templateGeneration]: `${generation}` },
  },
});

export const createDaemonSet = (object: Stored): Stored => withTemplateGeneration(object, 1);

export function updateDaemonSet(next: Stored, current: Stored): Stored {
  const was = Number(current.metadata.annotations?.[templateGeneration] ?? 0);
  const isKept = same(next.spec?.['template'], current.spec?.['template']);
  return withTemplateGeneration(next, isKept ? was : was + 1);
}
