/**
 * kubectl rollout for a Deployment: what it prints, and the patch it sends.
 * (kubernetes v1.34.1 kubectl/pkg/polymorphichelpers: history.go, rollback.go, objectrestarter.go)
 */
import type { Deployment, Json, PodTemplateSpec, ReplicaSet } from '../../../core/api/generated/types.ts';
import { controllerOf } from '../../../core/api/object.ts';
import { same } from '../../../core/api/merge-patch.ts';
import type { Deed } from './deed.ts';

interface Done {
  readonly out: string;
  readonly patch?: { readonly type: 'json' | 'strategic'; readonly patch: Json };
}

const revisionAnnotation = 'deployment.kubernetes.io/revision';

const revisionOf = ({ metadata }: ReplicaSet | Deployment): number =>
  Number(metadata.annotations?.[revisionAnnotation] ?? '0');

export function rolloutOf(
  deed: Extract<Deed, { do: 'rollout' }>,
  deployment: Deployment,
  sets: readonly ReplicaSet[],
  now: string,
): Done {
  const name = `deployment.apps/${deployment.metadata.name}`;
  const own = sets.filter((set) => controllerOf(set)?.uid === deployment.metadata.uid);
  switch (deed.verb) {
    case 'history':
      return { out: `${name} \n${history(own)}\n` };
    case 'undo':
      return undo(name, deployment, own, deed.toRevision);
    case 'restart':
      return {
        out: `${name} restarted\n`,
        patch: {
          type: 'strategic',
          patch: {
            spec: { template: { metadata: { annotations: { 'kubectl.kubernetes.io/restartedAt': now } } } },
          },
        },
      };
    case 'pause':
    case 'resume': {
      const paused = deed.verb === 'pause';
      if ((deployment.spec.paused === true) === paused) return { out: '' };
      return {
        out: `${name} ${paused ? 'paused' : 'resumed'}\n`,
        patch: { type: 'strategic', patch: { spec: { paused: paused ? true : null } } },
      };
    }
  }
}

function history(sets: readonly ReplicaSet[]): string {
  const rows = sets
    .map((set) => ({
      revision: revisionOf(set),
      cause: set.metadata.annotations?.['kubernetes.io/change-cause'] ?? '<none>',
    }))
    .filter(({ revision }) => revision > 0)
    .sort((a, b) => a.revision - b.revision);
  const lines = rows.map(({ revision, cause }) => `${`${revision}`.padEnd(10)}${cause}\n`);
  return `REVISION  CHANGE-CAUSE\n${lines.join('')}`;
}

/** Revision 0 is the one before the newest. */
function undo(name: string, deployment: Deployment, sets: readonly ReplicaSet[], toRevision: number): Done {
  const inOrder = sets.filter((set) => revisionOf(set) > 0).sort((a, b) => revisionOf(b) - revisionOf(a));
  const found = toRevision === 0 ? inOrder[1] : inOrder.find((set) => revisionOf(set) === toRevision);
  if (found === undefined) return { out: '' };
  const template = withoutHash(found.spec.template as PodTemplateSpec);
  if (same(template, deployment.spec.template))
    return {
      out: `${name} skipped rollback (current template already matches revision ${toRevision})\n`,
    };
  return {
    out: `${name} rolled back\n`,
    patch: {
      type: 'json',
      patch: [{ op: 'replace', path: '/spec/template', value: template as unknown as Json }],
    },
  };
}

function withoutHash(template: PodTemplateSpec): PodTemplateSpec {
  const { 'pod-template-hash': _hash, ...labels } = template.metadata?.labels ?? {};
  return { ...template, metadata: { ...template.metadata, labels } };
}
