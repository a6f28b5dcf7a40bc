/**
 * What a plan asks of the apiserver, Pod by Pod: claims first, then their Pod, then the claims' owners
 * (kubernetes v1.34.1 pkg/controller/statefulset/stateful_pod_control.go).
 */
import { keyFor } from '../../api/object.ts';
import type { PersistentVolumeClaim, Pod, StatefulSet } from '../../api/generated/types.ts';
import type { ApiAnswer } from '../../api/request.ts';
import { viewOf, type Informers } from '../../client/informer.ts';
import { messageOf, news, refused } from '../controller.ts';
import { create, remove, update } from '../requests.ts';
import type { History, Step } from './history.ts';
import { isInRange, ordinalOf, revisionFor, type SlotStep } from './plan.ts';
import { claimsOf, hasIdentity, hasStorage, podOf, withIdentity, withStorage } from './pods.ts';
import {
  hasUnexpectedController,
  isClaimStale,
  isOwnerUpToDate,
  withOwners,
  type PodIdentity,
} from './retention.ts';

/** A StatefulSet under way. */
export interface Work {
  readonly set: StatefulSet;
  readonly caches: Informers;
  readonly history: History;
}

/** Does one step of a plan; answers whether it succeeded. */
export function* enact(work: Work, step: SlotStep): Step<boolean> {
  switch (step.do) {
    case 'create':
      return yield* createPod(work, step.ordinal);
    case 'recreate':
      return succeeded(yield* deletePod(work, step.pod));
    case 'keep':
      if (step.pending && !(yield* completeClaims(work, step.pod))) return false;
      return !step.enforce || (yield* enforce(work, step.pod));
  }
}

const succeeded = (answer: ApiAnswer | undefined): boolean => answer?.ok === true;

function* createPod(work: Work, ordinal: number): Step<boolean> {
  const { set, history } = work;
  const name = `${set.metadata.name}-${ordinal}`;
  const pod: PodIdentity = { name, uid: '', inRange: true };
  // A claim that will go with an earlier Pod of the name must go first.
  if (cachedClaims(work, ordinal).some((claim) => isClaimStale(set, claim, pod))) return true;
  const trouble = yield* createClaims(work, name);
  if (trouble !== undefined) {
    yield* record(set, 'create', name, trouble);
    return false;
  }
  const revision = revisionFor(set, history.revisions, ordinal);
  const template = revision === history.revisions.update ? set.spec.template : history.currentTemplate;
  const [answer] = (yield { requests: [create('pods', podOf(set, template, ordinal, revision))] }).answers;
  // Somebody was quicker, or the cache is behind: nothing worth an Event.
  if (refused(answer, 'AlreadyExists')) return false;
  if (!(yield* ownClaims(work, pod))) return false;
  yield* record(set, 'create', name, answer?.ok === true ? undefined : messageOf(answer));
  return succeeded(answer);
}

/** Deletes a Pod and says so. */
export function* deletePod({ set }: Work, pod: Pod): Step<ApiAnswer | undefined> {
  const [answer] = (yield { requests: [remove('pods', pod)] }).answers;
  yield* record(set, 'delete', pod.metadata.name, answer?.ok === true ? undefined : messageOf(answer));
  return answer;
}

/** The claims of a Pod that waits, where some are missing. */
function* completeClaims(work: Work, pod: Pod): Step<boolean> {
  if ((work.set.spec.volumeClaimTemplates ?? []).length === 0) return true;
  if ((yield* createClaims(work, pod.metadata.name)) !== undefined) return false;
  return yield* ownClaims(work, identityOf(work.set, pod));
}

/** Gives a Pod of the set back what makes it one (UpdateStatefulPod). */
function* enforce(work: Work, pod: Pod): Step<boolean> {
  const { set } = work;
  const { name } = pod.metadata;
  const who = identityOf(set, pod);
  const [identity, storage] = [hasIdentity(set, pod), hasStorage(set, pod)];
  const owned = cachedClaims(work, ordinalOf(set, name)).every((claim) => isOwnerUpToDate(set, claim, who));
  if (identity && storage && owned) return true;
  if (!storage) {
    const trouble = yield* createClaims(work, name);
    if (trouble !== undefined) {
      yield* record(set, 'update', name, trouble);
      return false;
    }
  }
  if (!owned && !(yield* ownClaims(work, who))) return false;
  const [answer] = (yield { requests: [update('pods', withStorage(set, withIdentity(set, pod)))] }).answers;
  yield* record(set, 'update', name, answer?.ok === true ? undefined : messageOf(answer));
  return succeeded(answer);
}

const identityOf = (set: StatefulSet, { metadata: { name, uid } }: Pod): PodIdentity => ({
  name,
  uid,
  inRange: isInRange(set, ordinalOf(set, name)),
});

function cachedClaims({ set, caches }: Work, ordinal: number): readonly PersistentVolumeClaim[] {
  if ((set.spec.volumeClaimTemplates ?? []).length === 0) return [];
  const { objects } = viewOf(caches, 'persistentvolumeclaims');
  return claimsOf(set, ordinal)
    .map(({ metadata }) => objects.get(keyFor(metadata.namespace, metadata.name)))
    .filter((claim) => claim !== undefined);
}

/** Creates the claims of a Pod that the cache does not have. Answers why a Pod cannot be made on them, if so. */
function* createClaims({ set, caches }: Work, podName: string): Step<string | undefined> {
  const { objects } = viewOf(caches, 'persistentvolumeclaims');
  const errors: string[] = [];
  for (const wanted of claimsOf(set, ordinalOf(set, podName))) {
    const { namespace, name } = wanted.metadata;
    const there = objects.get(keyFor(namespace, name));
    if (there?.metadata.deletionTimestamp !== undefined) errors.push(`pvc ${name} is being deleted`);
    if (there !== undefined) continue;
    const [answer] = (yield { requests: [create('persistentvolumeclaims', wanted)] }).answers;
    const error = messageOf(answer);
    if (error !== '') errors.push(`failed to create PVC ${name}: ${error}`);
    if (!refused(answer, 'AlreadyExists')) yield* recordClaim(set, podName, name, error);
  }
  const [only] = errors;
  return errors.length > 1 ? `[${errors.join(', ')}]` : only;
}

/** Gives the claims of a Pod the owners that the retention policy says; answers whether it succeeded (UpdatePodClaimForRetentionPolicy). */
export function* ownClaims(work: Work, pod: PodIdentity): Step<boolean> {
  const { set } = work;
  for (const claim of cachedClaims(work, ordinalOf(set, pod.name))) {
    const { name } = claim.metadata;
    if (hasUnexpectedController(set, claim, pod))
      yield {
        requests: [],
        news: [
          news(
            set,
            'Warning',
            'ConflictingController',
            `PersistentVolumeClaim ${name} has a conflicting OwnerReference that acts as a managing controller, the retention policy is ignored for this claim`,
          ),
        ],
      };
    if (isOwnerUpToDate(set, claim, pod)) continue;
    const [answer] = (yield {
      requests: [update('persistentvolumeclaims', withOwners(set, claim, pod))],
    }).answers;
    if (answer?.ok === true) continue;
    const error = `could not update claim ${name} for delete policy ownerRefs: ${messageOf(answer)}`;
    yield* record(set, 'update', pod.name, error);
    return false;
  }
  return true;
}

/** The claims of a Pod that is to go: scaled away, they may be its own from now on. */
export const releaseClaims = (work: Work, pod: Pod): Step<boolean> =>
  ownClaims(work, identityOf(work.set, pod));

type Deed = 'create' | 'update' | 'delete';
const titles: Readonly<Record<Deed, string>> = { create: 'Create', update: 'Update', delete: 'Delete' };

function* record(set: StatefulSet, deed: Deed, pod: string, error: string | undefined): Step<void> {
  const what = `${deed} Pod ${pod} in StatefulSet ${set.metadata.name}`;
  const heard =
    error === undefined
      ? news(set, 'Normal', `Successful${titles[deed]}`, `${what} successful`)
      : news(set, 'Warning', `Failed${titles[deed]}`, `${what} failed error: ${error}`);
  yield { requests: [], news: [heard] };
}

function* recordClaim(set: StatefulSet, pod: string, claim: string, error: string): Step<void> {
  const inSet = `in StatefulSet ${set.metadata.name}`;
  const heard =
    error === ''
      ? news(set, 'Normal', 'SuccessfulCreate', `create Claim ${claim} Pod ${pod} ${inSet} success`)
      : news(
          set,
          'Warning',
          'FailedCreate',
          `create Claim ${claim} for Pod ${pod} ${inSet} failed error: ${error}`,
        );
  yield { requests: [], news: [heard] };
}
