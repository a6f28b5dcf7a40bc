/**
 * deployment-rollback: what becomes of a Deployment that is told to go back to a revision (0: to the last one).
 * Every field is compared. Names of ReplicaSets in Events end in hashes of templates that the recording does not show, so
 * they are compared as `<hash>`. Nor does it show sizes: those with which its Events agree are taken, 3 Pods wanted, one
 * of each ReplicaSet, and no surge.
 */
import type { Deployment } from '../../../core/api/generated/types.ts';
import type { News } from '../../../core/controllers/controller.ts';
import { annotation } from '../../../core/controllers/deployment/math.ts';
import { rollback, rollbackTo } from '../../../core/controllers/deployment/rollback.ts';
import { firstDifference } from '../difference.ts';
import type { Family } from '../family.ts';
import { deploymentOf, granted, replicaSetOf, rolloutOf, templateOf } from './deployment-case.ts';
import { play } from './play.ts';

interface Case {
  readonly name: string;
  readonly currentImage: string;
  readonly deploymentAnnotationsBefore: Readonly<Record<string, string>>;
  readonly replicaSets:
    readonly { readonly name: string; readonly image: string; readonly revision: string }[] | null;
  readonly events: readonly string[] | null;
}

export const deploymentRollbackFamily: Family = {
  name: 'deployment-rollback',
  *answer(cases) {
    for (const recorded of cases) {
      const asked = recorded as unknown as Case;
      const want = { ...asked, events: (asked.events ?? []).map(withoutHash) };
      yield { name: asked.name, difference: firstDifference(want, { ...want, ...answerOf(asked) }) };
    }
  },
};

const withoutHash = (event: string): string => event.replace(/ replica set d-\w+ /, ' replica set d-<hash> ');

function answerOf({ currentImage, deploymentAnnotationsBefore, replicaSets }: Case): object {
  const made = deploymentOf({ replicas: 3, template: templateOf(currentImage) });
  const asked: Deployment = {
    ...made,
    metadata: { ...made.metadata, annotations: deploymentAnnotationsBefore },
  };
  const sets = (replicaSets ?? []).map(({ name, image, revision }, i) => {
    const annotations = { [annotation.revision]: revision, 'from-rs': name };
    const set = replicaSetOf({ name, spec: 1, available: 1, createdMinute: i, annotations });
    return { ...set, spec: { ...set.spec, template: templateOf(image) } };
  });
  const revision = rollbackTo(asked);
  if (revision === undefined) return { error: 'no rollback is asked for' };
  let after = asked;
  const { news } = play(rollback(rolloutOf(asked, sets), revision), 0, (request) => {
    if (request.verb === 'update' && request.resource === 'deployments')
      after = request.object as unknown as Deployment;
    return granted(request);
  });
  const { template } = after.spec;
  return {
    annotationsAfter: after.metadata.annotations,
    events: news.map(eventText).map(withoutHash),
    imageAfter: template.spec?.containers[0]?.image,
    templateLabelsAfter: template.metadata?.labels,
  };
}

const eventText = ({ occurrence: { type, reason, message } }: News): string => `${type} ${reason} ${message}`;
