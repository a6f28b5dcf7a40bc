/**
 * The ControllerRevisions of a DaemonSet: one for each template it has had, the newest with the highest number.
 * (kubernetes v1.34.1 pkg/controller/daemon/update.go, constructHistory and cleanupHistory)
 */
import type { ControllerRevision, DaemonSet, Pod } from '../../api/generated/types.ts';
import type { ApiObject } from '../../api/object.ts';
import { same } from '../../api/merge-patch.ts';
import { revisionData } from '../../api/names/controller-revision.ts';
import { podTemplateHash } from '../../api/names/pod-template-hash.ts';
import { requirementsOf } from '../../api/selector.ts';
import { viewOf, type Informers } from '../../client/informer.ts';
import { claim, orphansFor } from '../claim.ts';
import { refused, type Ask, type Reply } from '../controller.ts';
import { ownerReferenceTo } from '../replica-kind.ts';
import { create, get, patch, remove, update, updateStatus } from '../requests.ts';
import { hashLabel } from './pod.ts';

export interface History {
  /** The hash of the revision of the template as it is. */
  readonly hash: string;
  readonly old: readonly ControllerRevision[];
}

type Step<Memory, T> = Generator<Ask<Memory>, T, Reply>;

/** Finds the revision of the set's template, or records it. Undefined: something failed. */
export function* findHistory<Memory>(
  caches: Informers,
  set: DaemonSet,
  pods: readonly Pod[],
): Step<Memory, History | undefined> {
  const owned = yield* claimRevisions<Memory>(caches, set);
  if (owned === undefined) return undefined;
  const labelled = yield* labelRevisions<Memory>(owned);
  if (labelled === undefined) return undefined;
  const data = revisionData(set.spec.template);
  const current = labelled.filter((revision) => same(revision.data, data));
  const old = labelled.filter((revision) => !current.includes(revision));
  const number = old.reduce((most, { revision }) => Math.max(most, revision), 0) + 1;
  const found =
    current.length === 0 ? yield* record<Memory>(set, number) : yield* onlyOne<Memory>(current, pods);
  if (found === undefined) return undefined;
  if (found.revision < number) {
    // The template is one the set has had before: its revision becomes the newest.
    const { answers } = yield { requests: [update('controllerrevisions', { ...found, revision: number })] };
    if (answers[0]?.ok !== true) return undefined;
  }
  return { hash: hashOf(found), old };
}

const hashOf = ({ metadata }: ControllerRevision): string => metadata.labels?.[hashLabel] ?? '';

function* claimRevisions<Memory>(
  caches: Informers,
  set: DaemonSet,
): Step<Memory, readonly ControllerRevision[] | undefined> {
  const selector = requirementsOf(set.spec.selector);
  const view = viewOf(caches, 'controllerrevisions');
  const own = [...view.objects.valuesOf('controller', set.metadata.uid)];
  const candidates = [...own, ...orphansFor(view, set.metadata.namespace, selector, own.length)];
  const owner = { object: set, resource: 'daemonsets', selector };
  return yield* claim<ControllerRevision, Memory>(owner, 'controllerrevisions', candidates);
}

/** A revision of an old version of Kubernetes is named in its label too. */
function* labelRevisions<Memory>(
  revisions: readonly ControllerRevision[],
): Step<Memory, readonly ControllerRevision[] | undefined> {
  const bare = revisions.filter((revision) => hashOf(revision) === '');
  if (bare.length === 0) return revisions;
  const labelled = bare.map(({ metadata, ...rest }) => ({
    ...rest,
    metadata: { ...metadata, labels: { ...metadata.labels, [hashLabel]: metadata.name } },
  }));
  const { answers } = yield { requests: labelled.map((revision) => update('controllerrevisions', revision)) };
  if (answers.some((answer) => !answer.ok)) return undefined;
  return [...revisions.filter((revision) => !bare.includes(revision)), ...labelled];
}

/** Records the template. Its name is a hash: where another template has it, the set counts a collision and tries again. */
function* record<Memory>(set: DaemonSet, revision: number): Step<Memory, ControllerRevision | undefined> {
  const { name, namespace, annotations } = set.metadata;
  const { template } = set.spec;
  const hash = podTemplateHash(template, set.status.collisionCount);
  const data = revisionData(template);
  const wanted = {
    apiVersion: 'apps/v1',
    kind: 'ControllerRevision',
    metadata: {
      name: `${name}-${hash}`,
      namespace,
      labels: { ...template.metadata?.labels, [hashLabel]: hash },
      annotations,
      ownerReferences: [ownerReferenceTo(set)],
    },
    data,
    revision,
  };
  const { answers } = yield { requests: [create('controllerrevisions', wanted)] };
  const [made] = answers;
  if (made?.ok === true) return made.object as ControllerRevision;
  if (!refused(made, 'AlreadyExists')) return undefined;
  const looked = yield {
    requests: [
      get('controllerrevisions', namespace, wanted.metadata.name),
      get('daemonsets', namespace, name),
    ],
  };
  const [there, current] = looked.answers.map((answer) => (answer.ok ? answer.object : undefined));
  if (there !== undefined && same((there as ControllerRevision).data, data))
    return there as ControllerRevision;
  if (there !== undefined && current !== undefined) yield* countCollision<Memory>(set, current);
  return undefined;
}

function* countCollision<Memory>(set: DaemonSet, current: ApiObject): Step<Memory, void> {
  const fresh = current as DaemonSet;
  if (fresh.status.collisionCount !== set.status.collisionCount) return;
  const collisionCount = (fresh.status.collisionCount ?? 0) + 1;
  yield {
    requests: [updateStatus('daemonsets', { ...fresh, status: { ...fresh.status, collisionCount } })],
  };
}

/** Of several revisions with the same template the newest stays, and all Pods become its own. */
function* onlyOne<Memory>(
  current: readonly ControllerRevision[],
  pods: readonly Pod[],
): Step<Memory, ControllerRevision | undefined> {
  const kept = current.reduce((most, revision) => (revision.revision >= most.revision ? revision : most));
  if (current.length === 1) return kept;
  const hash = hashOf(kept);
  const others = pods.filter(({ metadata }) => metadata.labels?.[hashLabel] !== hash);
  const relabelled = yield {
    requests: others.map((pod) => patch('pods', pod, { metadata: { labels: { [hashLabel]: hash } } })),
  };
  if (relabelled.answers.some((answer) => !answer.ok)) return undefined;
  const { answers } = yield {
    requests: current
      .filter((revision) => revision !== kept)
      .map((revision) => remove('controllerrevisions', revision)),
  };
  return answers.some((answer) => !answer.ok) ? undefined : kept;
}

/** Forgets the oldest revisions beyond revisionHistoryLimit that no Pod is of. False: something failed. */
export function* forgetHistory<Memory>(
  set: DaemonSet,
  pods: readonly Pod[],
  old: readonly ControllerRevision[],
): Step<Memory, boolean> {
  const surplus = old.length - (set.spec.revisionHistoryLimit ?? 10);
  if (surplus <= 0) return true;
  const live = new Set(pods.map(({ metadata }) => metadata.labels?.[hashLabel]));
  const idle = old
    .filter((revision) => !live.has(hashOf(revision)))
    .sort((a, b) => a.revision - b.revision)
    .slice(0, surplus);
  if (idle.length === 0) return true;
  const { answers } = yield { requests: idle.map((revision) => remove('controllerrevisions', revision)) };
  return answers.every((answer) => answer.ok);
}
