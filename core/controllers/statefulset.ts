/**
 * Keeps the numbered Pods of a StatefulSet: each with its name, its claims and its revision
 * (kubernetes v1.34.1 pkg/controller/statefulset).
 */
import { controllerOf, keyFor, keyOf, type ObjectKey } from '../api/object.ts';
import type {
  ControllerRevision,
  OwnerReference,
  Pod,
  PodTemplateSpec,
  StatefulSet,
  StatefulSetStatus,
} from '../api/generated/types.ts';
import { same } from '../api/merge-patch.ts';
import type { ApiRequest } from '../api/request.ts';
import { requirementsOf } from '../api/selector.ts';
import { objectsIn } from '../api/view.ts';
import { viewOf, type Delta, type Informers } from '../client/informer.ts';
import { second, type VirtualTime } from '../time/time.ts';
import { claim, narrowestTerm, objectsAt } from './claim.ts';
import {
  done,
  failed,
  messageOf,
  news,
  refused,
  type Ask,
  type Context,
  type Controller,
  type Effects,
  type News,
  type Reply,
  type Sync,
} from './controller.ts';
import { create, remove, update, updateStatus } from './requests.ts';
import { claimsOf, podOf, revisionOf, templateOf } from './statefulset/pods.ts';
import {
  isRunningAndAvailable,
  isRunningAndReady,
  ordinalOf,
  planPods,
  revisionFor,
  revisionLabel,
  type PodAction,
  type Revisions,
} from './statefulset/plan.ts';

type Step<T> = Generator<Ask<undefined>, T, Reply>;

export const statefulSetController: Controller<undefined> = {
  name: 'statefulset-controller',
  component: 'statefulset-controller',
  workers: 5,
  follows: ['statefulsets', 'pods', 'controllerrevisions', 'persistentvolumeclaims'],
  initial: undefined,
  handle,
  sync,
};

function handle(context: Context<undefined>, delta: Delta): Effects<undefined> | undefined {
  if (delta.stream === 'statefulsets') return { mark: [delta.key] };
  return delta.stream === 'pods' ? onPod(context, delta) : undefined;
}

function onPod(
  { caches }: Context<undefined>,
  { object, before, type }: Delta,
): Effects<undefined> | undefined {
  const owner = controllerOf(object);
  const ownerBefore = before === undefined ? undefined : controllerOf(before);
  const mark: string[] = [];
  const { namespace } = object.metadata;
  if (owner?.kind === 'StatefulSet') mark.push(...ownerKey(caches, namespace, owner));
  if (ownerBefore?.kind === 'StatefulSet' && ownerBefore.uid !== owner?.uid)
    mark.push(...ownerKey(caches, namespace, ownerBefore));
  if (owner === undefined && type === 'added' && viewOf(caches, 'statefulsets').objects.size > 0)
    for (const set of objectsIn(viewOf(caches, 'statefulsets'), namespace))
      if (ordinalOf(set, object.metadata.name) >= 0) mark.push(keyOf(set));
  return mark.length === 0 ? undefined : { mark };
}

function ownerKey(
  caches: Informers,
  namespace: string | undefined,
  owner: OwnerReference,
): readonly ObjectKey[] {
  const key = keyFor(namespace, owner.name);
  return viewOf(caches, 'statefulsets').objects.get(key)?.metadata.uid === owner.uid ? [key] : [];
}

function* sync({ caches, now }: Context<undefined>, key: ObjectKey): Sync<undefined> {
  const set = viewOf(caches, 'statefulsets').objects.get(key);
  if (set === undefined) return done;
  const pods = yield* claimPods(caches, set);
  if (pods === undefined) return failed;
  const known = yield* reviseHistory(caches, set);
  if (known === undefined) return failed;
  const actions = planPods(set, pods, known.revisions, now);
  const acted = yield* act(caches, set, known, actions);
  const status = statusOf(set, pods, known.revisions, now);
  if (isChanged(set, status)) {
    const { answers } = yield { requests: [updateStatus('statefulsets', { ...set, status })] };
    if (answers[0]?.ok !== true) return failed;
  }
  if (!acted) return failed;
  yield* forgetHistory(set, pods, known);
  const { minReadySeconds = 0, replicas = 1 } = set.spec;
  return minReadySeconds > 0 && (status.availableReplicas ?? 0) !== replicas
    ? { again: minReadySeconds * second }
    : done;
}

function* claimPods(caches: Informers, set: StatefulSet): Step<readonly Pod[] | undefined> {
  const view = viewOf(caches, 'pods');
  const selector = requirementsOf(set.spec.selector);
  const candidates = [...view.objects.valuesOf('controller', set.metadata.uid)];
  const term = narrowestTerm(view, set.metadata.namespace, selector);
  if (term !== undefined && term.count !== candidates.length)
    for (const pod of objectsAt(view, view.objects.keysOf('label', term.term)))
      if (controllerOf(pod) === undefined && ordinalOf(set, pod.metadata.name) >= 0) candidates.push(pod);
  return yield* claim<Pod, undefined>(
    { object: set, resource: 'statefulsets', selector },
    'pods',
    candidates,
  );
}

interface History {
  readonly revisions: Revisions;
  /** The template of the current revision; the update revision's is the set's own. */
  readonly currentTemplate: PodTemplateSpec;
  readonly older: readonly ControllerRevision[];
}

/** Finds the revision of the set's template, or records it (getStatefulSetRevisions). */
function* reviseHistory(caches: Informers, set: StatefulSet): Step<History | undefined> {
  const view = viewOf(caches, 'controllerrevisions');
  const owned = [...objectsAt(view, view.objects.keysOf('controller', set.metadata.uid))].sort(
    (a, b) => a.revision - b.revision,
  );
  const next = (owned.at(-1)?.revision ?? 0) + 1;
  const wanted = revisionOf(set, next);
  const equal = owned.filter((revision) => same(revision.data, wanted.data)).at(-1);
  let name = equal?.metadata.name;
  if (equal === undefined) {
    const { answers } = yield { requests: [create('controllerrevisions', wanted)] };
    if (answers[0]?.ok !== true) return undefined;
    name = wanted.metadata.name;
  } else if (equal !== owned.at(-1)) {
    // The template is one the set has had before: its revision becomes the newest.
    const { answers } = yield { requests: [update('controllerrevisions', { ...equal, revision: next })] };
    if (answers[0]?.ok !== true) return undefined;
  }
  const updateName = name ?? '';
  const current = owned.find((revision) => revision.metadata.name === set.status.currentRevision);
  const revisions: Revisions = { current: current?.metadata.name ?? updateName, update: updateName };
  const currentTemplate = (current === undefined ? undefined : templateOf(current)) ?? set.spec.template;
  return { revisions, currentTemplate, older: owned.filter((revision) => revision !== equal) };
}

/** Claims first, then their Pods; each step is done for all at once. Answers whether everything succeeded. */
function* act(
  caches: Informers,
  set: StatefulSet,
  history: History,
  actions: readonly PodAction[],
): Step<boolean> {
  if (actions.length === 0) return true;
  const ordinals = actions.flatMap((action) => (action.do === 'create' ? [action.ordinal] : []));
  if (!(yield* createClaims(caches, set, ordinals))) return false;
  const requests = actions.map((action) => requestOf(set, history, action));
  const { answers } = yield { requests, news: actions.flatMap((action) => recreationNews(set, action)) };
  const heard: News[] = [];
  let ok = true;
  answers.forEach((answer, i) => {
    const request = requests[i];
    if (request === undefined) return;
    ok &&= answer.ok;
    // Somebody else was quicker, or the cache is behind: nothing worth an Event.
    if (refused(answer, 'AlreadyExists') || refused(answer, 'NotFound')) return;
    const name =
      request.verb === 'create'
        ? (request.object.metadata.name ?? '')
        : request.verb === 'delete'
          ? request.name
          : '';
    const what = `${request.verb} Pod ${name} in StatefulSet ${set.metadata.name}`;
    const title = request.verb === 'create' ? 'Create' : 'Delete';
    if (answer.ok) heard.push(news(set, 'Normal', `Successful${title}`, `${what} successful`));
    else heard.push(news(set, 'Warning', `Failed${title}`, `${what} failed error: ${messageOf(answer)}`));
  });
  yield { requests: [], news: heard };
  return ok;
}

function requestOf(set: StatefulSet, history: History, action: PodAction): ApiRequest {
  if (action.do === 'delete') return remove('pods', action.pod);
  const revision = revisionFor(set, history.revisions, action.ordinal);
  const template = revision === history.revisions.update ? set.spec.template : history.currentTemplate;
  return create('pods', podOf(set, template, action.ordinal, revision));
}

function recreationNews(set: StatefulSet, action: PodAction): readonly News[] {
  if (action.do === 'create' || action.recreate === undefined) return [];
  const place = `StatefulSet ${keyOf(set)} is recreating`;
  return action.recreate === 'Failed'
    ? [news(set, 'Warning', 'RecreatingFailedPod', `${place} failed Pod ${action.pod.metadata.name}`)]
    : [news(set, 'Normal', 'RecreatingTerminatedPod', `${place} terminated Pod ${action.pod.metadata.name}`)];
}

function* createClaims(caches: Informers, set: StatefulSet, ordinals: readonly number[]): Step<boolean> {
  const claims = viewOf(caches, 'persistentvolumeclaims').objects;
  const missing = ordinals.flatMap((ordinal) =>
    claimsOf(set, ordinal)
      .filter(({ metadata }) => claims.get(keyFor(metadata.namespace, metadata.name)) === undefined)
      .map((wanted) => ({ wanted, pod: `${set.metadata.name}-${ordinal}` })),
  );
  if (missing.length === 0) return true;
  const { answers } = yield {
    requests: missing.map(({ wanted }) => create('persistentvolumeclaims', wanted)),
  };
  const heard = answers.map((answer, i): News => {
    const what = `create Claim ${missing[i]?.wanted.metadata.name ?? ''} Pod ${missing[i]?.pod ?? ''} in StatefulSet ${set.metadata.name}`;
    return answer.ok
      ? news(set, 'Normal', 'SuccessfulCreate', `${what} success`)
      : news(set, 'Warning', 'FailedCreate', `${what} failed error: ${messageOf(answer)}`);
  });
  yield { requests: [], news: heard.filter((_, i) => !refused(answers[i], 'AlreadyExists')) };
  return answers.every((answer) => answer.ok || refused(answer, 'AlreadyExists'));
}

function statusOf(
  set: StatefulSet,
  pods: readonly Pod[],
  revisions: Revisions,
  now: VirtualTime,
): StatefulSetStatus {
  const counts = {
    replicas: 0,
    readyReplicas: 0,
    availableReplicas: 0,
    currentReplicas: 0,
    updatedReplicas: 0,
  };
  for (const pod of pods) {
    counts.replicas++;
    if (isRunningAndReady(pod)) counts.readyReplicas++;
    if (isRunningAndAvailable(set, pod, now)) counts.availableReplicas++;
    if (pod.metadata.deletionTimestamp !== undefined) continue;
    const revision = pod.metadata.labels?.[revisionLabel];
    if (revision === revisions.current) counts.currentReplicas++;
    if (revision === revisions.update) counts.updatedReplicas++;
  }
  // Once every Pod is of the new revision and ready, that revision is the current one (completeRollingUpdate).
  const rolling = (set.spec.updateStrategy?.type ?? 'RollingUpdate') === 'RollingUpdate';
  const complete =
    rolling && counts.updatedReplicas === counts.replicas && counts.readyReplicas === counts.replicas;
  const { readyReplicas, updatedReplicas, replicas, availableReplicas } = counts;
  const currentReplicas = complete ? updatedReplicas : counts.currentReplicas;
  return {
    observedGeneration: set.metadata.generation,
    replicas,
    ...(readyReplicas === 0 ? {} : { readyReplicas }),
    ...(currentReplicas === 0 ? {} : { currentReplicas }),
    ...(updatedReplicas === 0 ? {} : { updatedReplicas }),
    currentRevision: complete ? revisions.update : revisions.current,
    updateRevision: revisions.update,
    collisionCount: set.status.collisionCount ?? 0,
    availableReplicas,
  };
}

const isChanged = ({ status }: StatefulSet, next: StatefulSetStatus): boolean =>
  (next.observedGeneration ?? 0) > (status.observedGeneration ?? 0) ||
  next.replicas !== status.replicas ||
  (next.currentReplicas ?? 0) !== (status.currentReplicas ?? 0) ||
  (next.readyReplicas ?? 0) !== (status.readyReplicas ?? 0) ||
  (next.updatedReplicas ?? 0) !== (status.updatedReplicas ?? 0) ||
  next.currentRevision !== status.currentRevision ||
  next.updateRevision !== status.updateRevision ||
  (next.availableReplicas ?? 0) !== (status.availableReplicas ?? 0);

/** Revisions no Pod is of, beyond revisionHistoryLimit, the oldest first. */
function* forgetHistory(set: StatefulSet, pods: readonly Pod[], { older, revisions }: History): Step<void> {
  const live = new Set([
    revisions.current,
    revisions.update,
    ...pods.map((pod) => pod.metadata.labels?.[revisionLabel] ?? ''),
  ]);
  const idle = older.filter(({ metadata }) => !live.has(metadata.name));
  const surplus = idle.length - (set.spec.revisionHistoryLimit ?? 10);
  if (surplus > 0)
    yield { requests: idle.slice(0, surplus).map((revision) => remove('controllerrevisions', revision)) };
}
