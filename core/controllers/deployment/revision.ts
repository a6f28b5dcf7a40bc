/** Revisions: the numbers that order a Deployment's ReplicaSets (kubernetes v1.34.1 pkg/controller/deployment/util/deployment_util.go). */
import type { ReplicaSet } from '../../api/generated/types.ts';
import { annotation, older, wholeNumber } from './math.ts';

/** The ReplicaSet's revision, 0 where it has none; undefined where it is no number. */
export function revisionOf({ metadata }: ReplicaSet): number | undefined {
  const text = metadata.annotations?.[annotation.revision];
  return text === undefined ? 0 : wholeNumber(text);
}

export const maxRevision = (sets: readonly ReplicaSet[]): number =>
  sets.reduce((max, set) => Math.max(max, revisionOf(set) ?? 0), 0);

/** The revision before the newest, 0 where there is none: what an undo goes back to. */
export function lastRevision(sets: readonly ReplicaSet[]): number {
  let [newest, last] = [0, 0];
  for (const set of sets) {
    const revision = revisionOf(set);
    if (revision === undefined) continue;
    if (revision >= newest) [newest, last] = [revision, newest];
    else if (revision > last) last = revision;
  }
  return last;
}

/** The oldest revision first; by age where revisions are equal or no numbers. */
export const byRevision = (sets: readonly ReplicaSet[]): readonly ReplicaSet[] =>
  [...sets].sort((a, b) => {
    const [ofA, ofB] = [revisionOf(a), revisionOf(b)];
    return (ofA === undefined || ofB === undefined ? 0 : ofA - ofB) || older(a, b);
  });
