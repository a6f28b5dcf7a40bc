/**
 * One sync of a DaemonSet: its revision, then its Pods on each node, then the next step of a rolling update, then its
 * status. (kubernetes v1.34.1 pkg/controller/daemon/daemon_controller.go, syncDaemonSet)
 */
import { keyOf, type ObjectKey } from '../../api/object.ts';
import type { DaemonSet, Pod } from '../../api/generated/types.ts';
import type { ApiAnswer } from '../../api/request.ts';
import { requirementsOf } from '../../api/selector.ts';
import {
  creationObserved,
  deleteExpectations,
  expect,
  satisfied,
  type Expectations,
} from '../../client/expectations.ts';
import { viewOf, type Informers } from '../../client/informer.ts';
import { second, type Duration, type VirtualTime } from '../../time/time.ts';
import { claim, orphansFor } from '../claim.ts';
import {
  done,
  failed,
  namespaceTerminating,
  news,
  refused,
  type Ask,
  type Context,
  type News,
  type Reply,
  type Sync,
} from '../controller.ts';
import { remove } from '../requests.ts';
import { slowStartBatch, slowStartInitialBatchSize } from '../slow-start.ts';
import { failedPodsKey, heldFor, withFailure, withoutForgotten, type FailedPods } from './backoff.ts';
import { findHistory, forgetHistory } from './history.ts';
import { placementsOf } from './placement.ts';
import { groupByNode, planNodes, planUpdate, type Change, type NodeChange, type Situation } from './plan.ts';
import { podRequest } from './pod.ts';
import { statusOf, writeStatus } from './status.ts';

export interface DaemonMemory {
  readonly expectations: Expectations;
  readonly failedPods: FailedPods;
}

type Step<T> = Generator<Ask<DaemonMemory>, T, Reply>;

/** At most so many Pods are created, and so many deleted, at once (BurstReplicas). */
const burstReplicas = 250;

/** Everything that is to be done for a DaemonSet now. */
export function* syncDaemonSet(context: Context<DaemonMemory>, key: ObjectKey): Sync<DaemonMemory> {
  const { caches, memory, now } = context;
  const set = viewOf(caches, 'daemonsets').objects.get(key);
  if (set === undefined)
    return {
      remember: (latest) => ({ ...latest, expectations: deleteExpectations(latest.expectations, key) }),
    };
  if (Object.keys(set.spec.selector).length === 0) return { news: [selectingAll(set)] };
  if (set.metadata.deletionTimestamp !== undefined) return done;
  const pods = yield* claimPods(caches, set);
  if (pods === undefined) return failed;
  const history = yield* findHistory<DaemonMemory>(caches, set, pods);
  if (history === undefined) return failed;
  const situation: Situation = {
    set,
    hash: history.hash,
    nodes: placementsOf(set.spec.template, viewOf(caches, 'nodes')),
    podsOn: groupByNode(pods),
    now,
  };
  const isSettled = satisfied(memory.expectations, key, now);
  const { created, delay, ...managed } = isSettled ? yield* manage(situation, key, memory) : unmanaged;
  let { isDone } = managed;
  if (isSettled && isDone) isDone = yield* forgetHistory<DaemonMemory>(set, pods, history.old);
  const podsOn = created.length === 0 ? situation.podsOn : groupByNode([...pods, ...created]);
  const status = statusOf({ ...situation, podsOn }, isSettled);
  const isWritten = yield* writeStatus<DaemonMemory>(set, status);
  if (!isDone || !isWritten) return failed;
  const { minReadySeconds = 0 } = set.spec;
  const isWaiting = minReadySeconds > 0 && status.numberReady !== (status.numberAvailable ?? 0);
  const again = isWaiting ? Math.min(minReadySeconds * second, delay ?? Infinity) : delay;
  return again === undefined ? done : { again };
}

const selectingAll = (set: DaemonSet): News =>
  news(
    set,
    'Warning',
    'SelectingAll',
    'This daemon set is selecting all pods. A non-empty selector is required.',
  );

function* claimPods(caches: Informers, set: DaemonSet): Step<readonly Pod[] | undefined> {
  const view = viewOf(caches, 'pods');
  const selector = requirementsOf(set.spec.selector);
  const own = [...view.objects.valuesOf('controller', set.metadata.uid)];
  const candidates = [...own, ...orphansFor(view, set.metadata.namespace, selector, own.length)];
  return yield* claim<Pod, DaemonMemory>(
    { object: set, resource: 'daemonsets', selector },
    'pods',
    candidates,
  );
}

interface CarriedOut {
  readonly created: readonly Pod[];
  readonly isDone: boolean;
}

interface Managed extends CarriedOut {
  /** A failed Pod is not removed before this time is over. */
  readonly delay: Duration | undefined;
}

const unmanaged: Managed = { created: [], isDone: true, delay: undefined };

/** Pods where they should be; when that is so, the next step of a rolling update. */
function* manage(situation: Situation, key: ObjectKey, { failedPods }: DaemonMemory): Step<Managed> {
  const { set, now } = situation;
  let delay: Duration | undefined;
  const plan = planNodes(situation, (node) => {
    const held = heldFor(failedPods, failedPodsKey(set, node), now);
    if (held !== undefined) delay = Math.min(held, delay ?? Infinity);
    return held !== undefined;
  });
  if (plan.ended.length > 0) yield endedPods(set, plan, now);
  if (!isEmpty(plan)) return { ...(yield* carryOut(situation, key, plan)), delay };
  if (set.spec.updateStrategy?.type !== 'RollingUpdate') return { ...unmanaged, delay };
  const update = planUpdate(situation);
  return update === undefined
    ? { ...unmanaged, isDone: false, delay }
    : { ...(yield* carryOut(situation, key, update)), delay };
}

const isEmpty = ({ create, remove: removed }: Change): boolean => create.length + removed.length === 0;

/** What is said and remembered of Pods that have ended. */
function endedPods(set: DaemonSet, { ended }: NodeChange, now: VirtualTime): Ask<DaemonMemory> {
  const keys = ended
    .filter(({ pod }) => pod.status.phase === 'Failed')
    .map(({ node }) => failedPodsKey(set, node));
  return {
    requests: [],
    remember: (memory) => ({
      ...memory,
      failedPods: keys.reduce(
        (all, key) => withFailure(all, key, now),
        withoutForgotten(memory.failedPods, now),
      ),
    }),
    news: ended.map(({ pod, node }) => {
      const where = `daemon pod ${keyOf(pod)} on node ${node}`;
      return pod.status.phase === 'Failed'
        ? news(set, 'Warning', 'FailedDaemonPod', `Found failed ${where}, will try to kill it`)
        : news(set, 'Normal', 'SucceededDaemonPod', `Found succeeded ${where}, will try to delete it`);
    }),
  };
}

/** Creates, slowly at first, then deletes. (syncNodes) */
function* carryOut({ set, hash, now }: Situation, key: ObjectKey, change: Change): Step<CarriedOut> {
  const nodes = change.create.slice(0, burstReplicas);
  const removed = change.remove.slice(0, burstReplicas);
  if (nodes.length + removed.length === 0) return unmanaged;
  yield {
    requests: [],
    remember: (memory) => ({
      ...memory,
      expectations: expect(memory.expectations, key, nodes.length, removed.map(keyOf), now),
    }),
  };
  const created: Pod[] = [];
  const { successes, error } = yield* slowStartBatch(
    nodes.length,
    slowStartInitialBatchSize,
    function* (from, size): Step<readonly ApiAnswer[]> {
      const wanted = nodes.slice(from, from + size);
      const { answers } = yield { requests: wanted.map((node) => podRequest(set, node, hash)) };
      for (const answer of answers) if (answer.ok) created.push(answer.object as Pod);
      return answers.filter((answer) => !answer.ok && !namespaceTerminating(answer));
    },
  );
  const missing = nodes.length - successes;
  if (missing > 0)
    yield {
      requests: [],
      remember: (memory) => ({
        ...memory,
        expectations: creationObserved(memory.expectations, key, missing),
      }),
    };
  if (removed.length === 0) return { created, isDone: error === undefined };
  const deletions = (yield { requests: removed.map((pod) => remove('pods', pod)) }).answers;
  const isDeleted = deletions.every((answer) => answer.ok || refused(answer, 'NotFound'));
  return { created, isDone: error === undefined && isDeleted };
}
