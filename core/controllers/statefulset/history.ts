/**
 * The ControllerRevisions of a StatefulSet: one for each template it has had, the newest number on the one it has now
 * (kubernetes v1.34.1 pkg/controller/statefulset/stateful_set_control.go, pkg/controller/history/controller_history.go).
 */
import type { ControllerRevision, Pod, PodTemplateSpec, StatefulSet } from '../../api/generated/types.ts';
import { same } from '../../api/merge-patch.ts';
import { requirementsOf } from '../../api/selector.ts';
import { viewOf, type Informers } from '../../client/informer.ts';
import { claim, objectsAt, orphansFor } from '../claim.ts';
import { refused, type Ask, type Reply } from '../controller.ts';
import { create, get, remove, update } from '../requests.ts';
import { podRevision, type Revisions } from './plan.ts';
import { revisionOf, templateOf } from './pods.ts';

export type Step<T> = Generator<Ask<undefined>, T, Reply>;

export interface History {
  readonly revisions: Revisions;
  readonly collisionCount: number;
  /** The template of the current revision; the update revision's is the set's own. */
  readonly currentTemplate: PodTemplateSpec;
  /** All there were when the sync began, the oldest first. */
  readonly known: readonly ControllerRevision[];
}

/** The set's revisions, the oldest first, after adopting those that nobody owns; undefined when that failed. */
export function* claimRevisions(
  caches: Informers,
  set: StatefulSet,
): Step<readonly ControllerRevision[] | undefined> {
  const view = viewOf(caches, 'controllerrevisions');
  const selector = requirementsOf(set.spec.selector);
  const owned = [...objectsAt(view, view.objects.keysOf('controller', set.metadata.uid))];
  const orphans = orphansFor(view, set.metadata.namespace, selector, owned.length);
  if (orphans.length === 0) return owned.sort(older);
  const owner = { object: set, resource: 'statefulsets', selector };
  const adopted = yield* claim<ControllerRevision, undefined>(owner, 'controllerrevisions', orphans);
  return adopted === undefined ? undefined : [...owned, ...adopted].sort(older);
}

const older = (a: ControllerRevision, b: ControllerRevision): number =>
  a.revision - b.revision ||
  compare(a.metadata.creationTimestamp ?? '', b.metadata.creationTimestamp ?? '') ||
  compare(a.metadata.name, b.metadata.name);

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/** Finds the revision of the set's template, or records it (getStatefulSetRevisions); undefined when a write failed. */
export function* reviseHistory(
  set: StatefulSet,
  known: readonly ControllerRevision[],
): Step<History | undefined> {
  const newest = known.at(-1);
  const next = (newest?.revision ?? 0) + 1;
  const wanted = revisionOf(set, next, set.status.collisionCount ?? 0);
  const equal = known.filter((revision) => same(revision.data, wanted.data)).at(-1);
  let recorded: Recorded | undefined = {
    name: equal?.metadata.name ?? '',
    collisionCount: set.status.collisionCount ?? 0,
  };
  if (equal === undefined) recorded = yield* recordRevision(set, next);
  else if (equal !== newest) {
    // The template is one the set has had before: its revision becomes the newest.
    const { answers } = yield { requests: [update('controllerrevisions', { ...equal, revision: next })] };
    if (answers[0]?.ok !== true) return undefined;
  }
  if (recorded === undefined) return undefined;
  const current = known.find((revision) => revision.metadata.name === set.status.currentRevision);
  return {
    revisions: { current: current?.metadata.name ?? recorded.name, update: recorded.name },
    collisionCount: recorded.collisionCount,
    currentTemplate: (current === undefined ? undefined : templateOf(current)) ?? set.spec.template,
    known,
  };
}

interface Recorded {
  readonly name: string;
  readonly collisionCount: number;
}

/** Records the template. A name that another template has counts as a collision, and gives the next try another one. */
function* recordRevision(set: StatefulSet, next: number): Step<Recorded | undefined> {
  let collisionCount = set.status.collisionCount ?? 0;
  const first = revisionOf(set, next, collisionCount);
  for (;;) {
    const { name } = revisionOf(set, next, collisionCount).metadata;
    const wanted = { ...first, metadata: { ...first.metadata, name } };
    const [answer] = (yield { requests: [create('controllerrevisions', wanted)] }).answers;
    if (answer?.ok === true) return { name, collisionCount };
    if (!refused(answer, 'AlreadyExists')) return undefined;
    const [there] = (yield { requests: [get('controllerrevisions', set.metadata.namespace, name)] }).answers;
    if (there?.ok !== true) return undefined;
    if (same((there.object as ControllerRevision | undefined)?.data, wanted.data))
      return { name, collisionCount };
    collisionCount++;
  }
}

/** Deletes revisions no Pod is of, beyond revisionHistoryLimit, the oldest first; answers whether that succeeded (truncateHistory). */
export function* forgetHistory(
  set: StatefulSet,
  pods: readonly Pod[],
  { known, revisions }: History,
): Step<boolean> {
  const limit = set.spec.revisionHistoryLimit ?? 10;
  // No more than these can be too many: then nothing is looked at.
  if (limit < 0 || known.length <= limit) return true;
  const live = new Set([revisions.current, revisions.update, ...pods.map(podRevision)]);
  const idle = known.filter(({ metadata }) => !live.has(metadata.name));
  for (const revision of idle.slice(0, Math.max(0, idle.length - limit))) {
    const { answers } = yield { requests: [remove('controllerrevisions', revision)] };
    if (answers[0]?.ok !== true) return false;
  }
  return true;
}
