/**
 * The ReplicaSets of a Deployment: which is the new one, making it, and giving one a size
 * (kubernetes v1.34.1 pkg/controller/deployment/{sync.go,util/deployment_util.go}).
 */
import { controllerOf, keyFor, type ObjectKey } from '../../api/object.ts';
import type { Deployment, DeploymentStatus, PodTemplateSpec, ReplicaSet } from '../../api/generated/types.ts';
import { same } from '../../api/merge-patch.ts';
import type { ApiAnswer, ApiRequest } from '../../api/request.ts';
import { viewOf, type Informers } from '../../client/informer.ts';
import type { OrderedMap } from '../../collections/ordered-map.ts';
import type { VirtualTime } from '../../time/time.ts';
import {
  messageOf,
  namespaceTerminating,
  news,
  refused,
  type Ask,
  type News,
  type Reply,
} from '../controller.ts';
import { annotation, hasProgressDeadline, newSize, sizeOf, totalSize } from './math.ts';
import { annotationsFor, sizeAnnotations, type Annotations } from './annotations.ts';
import { maxRevision } from './revision.ts';
import { condition, progressing, withCondition } from './status.ts';
import { podTemplateHash } from '../../api/names/pod-template-hash.ts';
import { ownerReferenceTo } from '../replica-kind.ts';
import { create, update, updateStatus } from '../requests.ts';

/** Keys of the ReplicaSets that nobody owns: a Deployment may adopt them, and must not look for them among all others. */
export type Orphans = OrderedMap<ObjectKey, true>;
export type Step<T> = Generator<Ask<Orphans>, T, Reply>;

/** A sync of one Deployment under way. As in the real one, its copy of the Deployment is changed as it goes. */
export interface Rollout {
  deployment: Deployment;
  now: VirtualTime;
  readonly caches: Informers;
  /** The ReplicaSets as the cache had them, the oldest first. */
  readonly sets: readonly ReplicaSet[];
}

/** A failed write ends the sync. `final`: trying again would not help. */
export class Stop {
  readonly final: boolean;
  constructor(final: boolean) {
    this.final = final;
  }
}

/** Sends one request and waits for its answer. */
function* ask(rollout: Rollout, request: ApiRequest, heard?: readonly News[]): Step<ApiAnswer | undefined> {
  const reply = yield heard === undefined ? { requests: [request] } : { requests: [request], news: heard };
  rollout.now = reply.now;
  return reply.answers[0];
}

/** Sends one write; a refusal ends the sync. */
export function* write(rollout: Rollout, request: ApiRequest): Step<ApiAnswer | undefined> {
  const answer = yield* ask(rollout, request);
  if (answer?.ok !== true) throw new Stop(namespaceTerminating(answer));
  return answer;
}

/** Sends one deletion; what is gone already is no matter. */
export function* erase(rollout: Rollout, request: ApiRequest): Step<void> {
  const answer = yield* ask(rollout, request);
  if (answer?.ok !== true && !refused(answer, 'NotFound')) throw new Stop(namespaceTerminating(answer));
}

/** Writes the Deployment's status. The copy keeps its old resourceVersion: a second write in one sync meets a conflict. */
export function* writeStatus(rollout: Rollout, status: DeploymentStatus): Step<void> {
  rollout.deployment = { ...rollout.deployment, status };
  yield* write(rollout, updateStatus('deployments', rollout.deployment));
}

/** Records an Event. */
export function* report(item: News): Step<void> {
  yield { requests: [], news: [item] };
}

export const hashLabel = 'pod-template-hash';

/** For each ReplicaSet's template the Deployment's that it was found equal to: every sync asks again of the same two. */
const foundEqual = new WeakMap<PodTemplateSpec, PodTemplateSpec>();

/** The two templates say the same, whatever their hash labels. */
export function equalIgnoringHash(a: PodTemplateSpec | undefined, b: PodTemplateSpec | undefined): boolean {
  if (a === undefined || b === undefined) return a === b;
  if (foundEqual.get(a) === b) return true;
  const equal = same(a.spec, b.spec) && same(withoutHash(a), withoutHash(b));
  if (equal) foundEqual.set(a, b);
  return equal;
}

function withoutHash(template: PodTemplateSpec): unknown {
  const { labels, ...metadata } = template.metadata ?? {};
  return { ...metadata, labels: { ...labels, [hashLabel]: undefined } };
}

/** The oldest ReplicaSet of the Deployment's template. */
const findNew = ({ deployment, sets }: Rollout): ReplicaSet | undefined =>
  sets.find((set) => equalIgnoringHash(set.spec.template, deployment.spec.template));

/** What a ReplicaSet's annotations were found to keep up with. */
interface KeptUp {
  readonly with: Annotations | undefined;
  readonly revision: number;
}

/** By its annotations: a rollout changes nothing but counts, and every sync asks again. */
const keptUp = new WeakMap<Annotations, KeptUp>();

export interface Sorted {
  readonly newSet: ReplicaSet | undefined;
  readonly old: readonly ReplicaSet[];
}

/** The new ReplicaSet and all others, where none has to be made or written to; else undefined, and `sortOut` does it. */
export function sortedAlready(rollout: Rollout): Sorted | undefined {
  const { deployment, sets } = rollout;
  const found = findNew(rollout);
  const annotations = found?.metadata.annotations;
  if (found === undefined || annotations === undefined) return undefined;
  const known = keptUp.get(annotations);
  if (known === undefined || known.with !== deployment.metadata.annotations) return undefined;
  if ((deployment.spec.minReadySeconds ?? 0) !== (found.spec.minReadySeconds ?? 0)) return undefined;
  if (hasProgressDeadline(deployment) && progressing(deployment.status) === undefined) return undefined;
  const old = sets.length === 1 ? noSets : withoutSet(sets, found);
  return known.revision === maxRevision(old) + 1 ? { newSet: found, old } : undefined;
}

const noSets: readonly never[] = [];

const withoutSet = (sets: readonly ReplicaSet[], found: ReplicaSet | undefined): readonly ReplicaSet[] =>
  sets.filter((set) => set.metadata.uid !== found?.metadata.uid);

/** The new ReplicaSet, made if there is none and `make` is given, and all others; their revisions are kept in order. */
export function* sortOut(rollout: Rollout, make: boolean): Step<Sorted> {
  const found = findNew(rollout);
  const old = withoutSet(rollout.sets, found);
  const revision = maxRevision(old) + 1;
  if (found !== undefined) return { old, newSet: yield* keepUp(rollout, found, revision) };
  return { old, newSet: make ? yield* makeNew(rollout, old, revision) : undefined };
}

function* keepUp(rollout: Rollout, found: ReplicaSet, revision: number): Step<ReplicaSet> {
  const annotations = annotationsFor(rollout.deployment, found.metadata.annotations, revision, true);
  const { minReadySeconds } = rollout.deployment.spec;
  if (
    !same(annotations, found.metadata.annotations ?? {}) ||
    (minReadySeconds ?? 0) !== (found.spec.minReadySeconds ?? 0)
  ) {
    const changed: ReplicaSet = {
      ...found,
      metadata: { ...found.metadata, annotations },
      spec: { ...found.spec, minReadySeconds },
    };
    const answer = yield* write(rollout, update('replicasets', changed));
    return (answer?.ok === true ? (answer.object as ReplicaSet | undefined) : undefined) ?? changed;
  }
  const revised = setRevision(rollout, annotations[annotation.revision] ?? '');
  const lacksProgress =
    hasProgressDeadline(rollout.deployment) && progressing(rollout.deployment.status) === undefined;
  const message = `Found new replica set "${found.metadata.name}"`;
  const status = lacksProgress
    ? withCondition(
        rollout.deployment.status,
        condition(rollout.now, 'Progressing', 'True', 'FoundNewReplicaSet', message),
      )
    : rollout.deployment.status;
  if (revised || lacksProgress) yield* writeStatus(rollout, status);
  else if (found.metadata.annotations !== undefined)
    keptUp.set(found.metadata.annotations, { with: rollout.deployment.metadata.annotations, revision });
  return found;
}

/** Gives the copy of the Deployment the revision of its new ReplicaSet; answers whether that is a change. */
function setRevision(rollout: Rollout, revision: string): boolean {
  const { deployment } = rollout;
  if (deployment.metadata.annotations?.[annotation.revision] === revision) return false;
  const annotations = { ...deployment.metadata.annotations, [annotation.revision]: revision };
  rollout.deployment = { ...deployment, metadata: { ...deployment.metadata, annotations } };
  return true;
}

function* makeNew(rollout: Rollout, old: readonly ReplicaSet[], revision: number): Step<ReplicaSet> {
  const { deployment } = rollout;
  const wanted = newReplicaSet(deployment, old, revision);
  const answer = yield* ask(rollout, create('replicasets', wanted));
  const { name } = wanted.metadata;
  let made = answer?.ok === true ? (answer.object as ReplicaSet | undefined) : undefined;
  const existed = made === undefined;
  if (made === undefined) made = yield* existing(rollout, answer, name);
  if (!existed && sizeOf(made) > 0)
    yield* report(
      news(
        deployment,
        'Normal',
        'ScalingReplicaSet',
        `Scaled up replica set ${name} from 0 to ${sizeOf(made)}`,
      ),
    );
  const revised = setRevision(rollout, `${revision}`);
  const begins = !existed && hasProgressDeadline(deployment);
  const status = begins
    ? withCondition(
        deployment.status,
        condition(
          rollout.now,
          'Progressing',
          'True',
          'NewReplicaSetCreated',
          `Created new replica set "${name}"`,
        ),
      )
    : deployment.status;
  if (revised || begins) yield* writeStatus(rollout, status);
  return made;
}

/** What to do when the new ReplicaSet could not be made: it is there already, its name is another's, or it is refused. */
function* existing(rollout: Rollout, answer: ApiAnswer | undefined, name: string): Step<ReplicaSet> {
  const { deployment, caches } = rollout;
  if (namespaceTerminating(answer)) throw new Stop(true);
  if (refused(answer, 'AlreadyExists')) {
    const key: ObjectKey = keyFor(deployment.metadata.namespace, name);
    const there = viewOf(caches, 'replicasets').objects.get(key);
    // The cache is behind: it will have it by the next try.
    if (there === undefined) throw new Stop(false);
    const ours = controllerOf(there)?.uid === deployment.metadata.uid;
    if (ours && equalIgnoringHash(deployment.spec.template, there.spec.template)) return there;
    // Two templates of one hash: the count gives the next name another one.
    const { collisionCount = 0 } = deployment.status;
    yield* ask(
      rollout,
      updateStatus('deployments', {
        ...deployment,
        status: { ...deployment.status, collisionCount: collisionCount + 1 },
      }),
    );
    throw new Stop(false);
  }
  const message = `Failed to create new replica set "${name}": ${messageOf(answer)}`;
  if (hasProgressDeadline(deployment)) {
    const status = withCondition(
      deployment.status,
      condition(rollout.now, 'Progressing', 'False', 'ReplicaSetCreateError', message),
    );
    yield* ask(rollout, updateStatus('deployments', { ...deployment, status }));
  }
  yield* report(news(deployment, 'Warning', 'ReplicaSetCreateError', message));
  throw new Stop(false);
}

function newReplicaSet(deployment: Deployment, old: readonly ReplicaSet[], revision: number) {
  const { spec } = deployment;
  const hash = podTemplateHash(spec.template, deployment.status.collisionCount);
  const labels = { ...spec.template.metadata?.labels, [hashLabel]: hash };
  const replicas = newSize(deployment, totalSize(old), 0);
  return {
    apiVersion: 'apps/v1',
    kind: 'ReplicaSet',
    metadata: {
      name: `${deployment.metadata.name}-${hash}`,
      namespace: deployment.metadata.namespace,
      labels,
      annotations: annotationsFor(deployment, undefined, revision, false),
      ownerReferences: [ownerReferenceTo(deployment)],
    },
    spec: {
      replicas,
      ...(spec.minReadySeconds === undefined ? {} : { minReadySeconds: spec.minReadySeconds }),
      selector: { ...spec.selector, matchLabels: { ...spec.selector.matchLabels, [hashLabel]: hash } },
      template: { ...spec.template, metadata: { ...spec.template.metadata, labels } },
    },
  };
}

/** Gives a ReplicaSet a size. Answers whether its size changed, and the ReplicaSet as it then is. */
export function* resize(
  rollout: Rollout,
  set: ReplicaSet,
  size: number,
): Step<{ readonly scaled: boolean; readonly set: ReplicaSet }> {
  const { deployment } = rollout;
  const annotations = { ...set.metadata.annotations, ...sizeAnnotations(deployment) };
  if (sizeOf(set) === size && same(annotations, set.metadata.annotations)) return { scaled: false, set };
  const changed: ReplicaSet = {
    ...set,
    metadata: { ...set.metadata, annotations },
    spec: { ...set.spec, replicas: size },
  };
  const answer = yield* write(rollout, update('replicasets', changed));
  const written = (answer?.ok === true ? (answer.object as ReplicaSet | undefined) : undefined) ?? changed;
  if (sizeOf(set) === size) return { scaled: false, set: written };
  const way = sizeOf(set) < size ? 'up' : 'down';
  const message = `Scaled ${way} replica set ${set.metadata.name} from ${sizeOf(set)} to ${size}`;
  yield* report(news(deployment, 'Normal', 'ScalingReplicaSet', message));
  return { scaled: true, set: written };
}
