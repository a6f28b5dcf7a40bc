/** What a Deployment and its ReplicaSets note on one another (kubernetes v1.34.1 pkg/controller/deployment/util/deployment_util.go). */
import type { Deployment } from '../../api/generated/types.ts';
import { annotation, maxSurge, wantedReplicas, wholeNumber } from './math.ts';

export type Annotations = Readonly<Record<string, string>>;

/** Annotations of a Deployment that are not its ReplicaSets'. */
const notCopied: ReadonlySet<string> = new Set([
  'kubectl.kubernetes.io/last-applied-configuration',
  ...Object.values(annotation),
]);

/** A revision history longer than this loses its oldest entries. */
const historyLimit = 2_000;

/** The annotations of the new ReplicaSet, which may exist already (SetNewReplicaSetAnnotations). */
export function annotationsFor(
  deployment: Deployment,
  known: Annotations | undefined,
  revision: number,
  exists: boolean,
): Annotations {
  const before = known?.[annotation.revision];
  // A revision that is no number is left alone, and all else with it.
  if (known !== undefined && before !== undefined && before !== '' && wholeNumber(before) === undefined)
    return known;
  const annotations: Record<string, string> = { ...known };
  for (const [name, value] of Object.entries(deployment.metadata.annotations ?? {}))
    if (!notCopied.has(name)) annotations[name] = value;
  if ((wholeNumber(before) ?? 0) < revision) {
    annotations[annotation.revision] = `${revision}`;
    if (before !== undefined) {
      const history = appended(known?.[annotation.revisionHistory] ?? '', before);
      if (history !== undefined) annotations[annotation.revisionHistory] = history;
    }
  }
  return exists ? annotations : { ...annotations, ...sizeAnnotations(deployment) };
}

/** The history with one more revision; undefined where even that one alone would be too long. */
function appended(history: string, revision: string): string | undefined {
  if (history === '' || history.startsWith(',')) return revision;
  const revisions = [...history.split(','), revision];
  while (revisions.length > 1 && revisions.join(',').length > historyLimit) revisions.shift();
  const text = revisions.join(',');
  return text.length > historyLimit ? undefined : text;
}

/** The sizes a ReplicaSet was last given its own by: they tell a change of the Deployment's size from a rollout. */
export const sizeAnnotations = (deployment: Deployment): Annotations => ({
  [annotation.desiredReplicas]: `${wantedReplicas(deployment)}`,
  [annotation.maxReplicas]: `${wantedReplicas(deployment) + maxSurge(deployment)}`,
});

/** The Deployment's annotations after a rollback: what was copied from it is now copied back (SetDeploymentAnnotationsTo). */
export function rolledBack(own: Annotations | undefined, of: Annotations | undefined): Annotations {
  const annotations: Record<string, string> = {};
  for (const [name, value] of Object.entries(own ?? {})) if (notCopied.has(name)) annotations[name] = value;
  for (const [name, value] of Object.entries(of ?? {})) if (!notCopied.has(name)) annotations[name] = value;
  return annotations;
}
