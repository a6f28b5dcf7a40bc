/**
 * Rollback by the annotation that extensions/v1beta1's spec.rollbackTo became: the template of an old ReplicaSet is the
 * Deployment's again. (kubernetes v1.34.1 pkg/controller/deployment/rollback.go)
 *
 * `kubectl rollout undo` does not use it any more: it writes the old template itself.
 */
import type { Deployment, PodTemplateSpec, ReplicaSet } from '../../api/generated/types.ts';
import { done, news, type Outcome } from '../controller.ts';
import { update } from '../requests.ts';
import { rolledBack } from './annotations.ts';
import { annotation, wholeNumber } from './math.ts';
import {
  equalIgnoringHash,
  hashLabel,
  report,
  sortOut,
  write,
  type Orphans,
  type Rollout,
  type Step,
} from './replicasets.ts';
import { lastRevision, revisionOf } from './revision.ts';
import { all } from './write-status.ts';

/** The revision that is asked for, 0 for the last one; undefined where no rollback is. */
export const rollbackTo = ({ metadata }: Deployment): number | undefined =>
  wholeNumber(metadata.annotations?.[annotation.rollbackTo]);

/** Goes back to a revision, or gives it up with a warning; either way the annotation goes. */
export function* rollback(rollout: Rollout, asked: number): Step<Outcome<Orphans>> {
  const sets = all(yield* sortOut(rollout, true));
  const revision = asked === 0 ? lastRevision(sets) : asked;
  const target = revision === 0 ? undefined : sets.find((set) => revisionOf(set) === revision);
  if (target === undefined)
    return yield* giveUp(
      rollout,
      'DeploymentRollbackRevisionNotFound',
      revision === 0 ? 'Unable to find last revision.' : 'Unable to find the revision to rollback to.',
    );
  const { deployment } = rollout;
  const { name } = deployment.metadata;
  if (equalIgnoringHash(deployment.spec.template, target.spec.template))
    return yield* giveUp(
      rollout,
      'DeploymentRollbackTemplateUnchanged',
      `The rollback revision contains the same template as current deployment "${name}"`,
    );
  rollout.deployment = returned(deployment, target);
  yield* writeWithoutRollback(rollout);
  const message = `Rolled back deployment "${name}" to revision ${revision}`;
  yield* report(news(deployment, 'Normal', 'DeploymentRollback', message));
  return done;
}

function* giveUp(rollout: Rollout, reason: string, message: string): Step<Outcome<Orphans>> {
  yield* report(news(rollout.deployment, 'Warning', reason, message));
  yield* writeWithoutRollback(rollout);
  return done;
}

/** The Deployment with the template of one of its ReplicaSets, and what that one was told of itself. */
function returned(deployment: Deployment, { metadata, spec }: ReplicaSet): Deployment {
  return {
    ...deployment,
    metadata: {
      ...deployment.metadata,
      annotations: rolledBack(deployment.metadata.annotations, metadata.annotations),
    },
    spec: { ...deployment.spec, template: withoutHash(spec.template) ?? deployment.spec.template },
  };
}

function withoutHash(template: PodTemplateSpec | undefined): PodTemplateSpec | undefined {
  if (template === undefined) return undefined;
  const { [hashLabel]: _, ...labels } = template.metadata?.labels ?? {};
  return { ...template, metadata: { ...template.metadata, labels } };
}

function* writeWithoutRollback(rollout: Rollout): Step<void> {
  const { deployment } = rollout;
  const { [annotation.rollbackTo]: _, ...annotations } = deployment.metadata.annotations ?? {};
  yield* write(
    rollout,
    update('deployments', { ...deployment, metadata: { ...deployment.metadata, annotations } }),
  );
}
