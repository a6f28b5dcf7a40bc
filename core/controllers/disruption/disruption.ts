/**
 * Keeps the status of each PodDisruptionBudget: how many of its Pods may be evicted now. The eviction itself is the
 * apiserver's, which writes down in the budget what it let go; this controller forgets it when the Pod is gone, or when it
 * is still there after two minutes (kubernetes v1.34.1 pkg/controller/disruption/disruption.go).
 */
import type { ObjectKey } from '../../api/object.ts';
import type { LabelSelector, Pod, PodDisruptionBudget } from '../../api/generated/types.ts';
import { matchesLabels, requirementsOf } from '../../api/selector.ts';
import { objectsIn } from '../../api/view.ts';
import { viewOf, type Delta, type Informers } from '../../client/informer.ts';
import { millisecond, type Duration } from '../../time/time.ts';
import { selectedPods } from '../selected-pods.ts';
import {
  done,
  failed,
  news,
  refused,
  type Context,
  type Controller,
  type Effects,
  type News,
  type Outcome,
  type Sync,
} from '../controller.ts';
import { disruptionTarget, withPodCondition } from '../pod-condition.ts';
import { resourceOf, updateStatus } from '../requests.ts';
import {
  countHealthy,
  disruptedPods,
  expectation,
  failedStatus,
  needsScale,
  staleAfter,
  statusOf,
} from './budget.ts';
import { expectedScale, type Mapper } from './scale.ts';

/** Keys of Pods begin with this; no budget's does, for its namespace has no `*`. */
const ofPod = '*';
/** What the rate limiter of its queue adds to a look that was planned. */
const recheckDelay: Duration = 5 * millisecond;

export const disruptionController: Controller<undefined> = {
  name: 'disruption-controller',
  component: 'controllermanager',
  workers: 1,
  follows: [
    'poddisruptionbudgets',
    'pods',
    'replicationcontrollers',
    'replicasets',
    'deployments',
    'statefulsets',
  ],
  initial: undefined,
  handle,
  sync: (context, key) =>
    key.startsWith(ofPod) ? syncPod(context, key.slice(ofPod.length)) : syncBudget(context, key, resourceOf),
};

function handle({ caches, now }: Context<undefined>, delta: Delta): Effects<undefined> | undefined {
  switch (delta.stream) {
    case 'pods':
      return onPod(caches, delta, now);
    case 'poddisruptionbudgets':
      return { mark: [delta.key] };
    default:
      return undefined;
  }
}

/** Of several budgets one is chosen, and the Pod is told; the real one takes any, this one the first by name. */
function onPod(caches: Informers, { object, type, key }: Delta, now: number): Effects<undefined> | undefined {
  const pod = object as Pod;
  const budgets = budgetsOf(caches, pod);
  const stale = type === 'deleted' ? undefined : staleAfter(pod, now);
  const [budget] = budgets;
  if (budget === undefined && stale === undefined) return undefined;
  const { namespace = '', name } = pod.metadata;
  const several = `Pod "${namespace}"/"${name}" matches multiple PodDisruptionBudgets.  Chose "${budget?.metadata.name ?? ''}" arbitrarily.`;
  return {
    ...(budget === undefined ? {} : { mark: [`${namespace}/${budget.metadata.name}`] }),
    ...(stale === undefined ? {} : { markAfter: { keys: [ofPod + key], delay: stale } }),
    ...(budgets.length > 1 ? { news: [news(pod, 'Warning', 'MultiplePodDisruptionBudgets', several)] } : {}),
  };
}

const none: readonly never[] = [];

function budgetsOf(caches: Informers, { metadata }: Pod): readonly PodDisruptionBudget[] {
  const view = viewOf(caches, 'poddisruptionbudgets');
  if (view.objects.size === 0) return none;
  const found: PodDisruptionBudget[] = [];
  for (const budget of objectsIn(view, metadata.namespace))
    if (matchesLabels(requirementsOf(budget.spec.selector), metadata.labels)) found.push(budget);
  return found;
}

/** The Pods a budget selects, in order of their keys. */
function podsOf(caches: Informers, { metadata, spec }: PodDisruptionBudget): readonly Pod[] {
  if (spec.selector === undefined) return none;
  return selectedPods(caches, metadata.namespace, requirementsOf(spec.selector));
}

/** One sync of a budget. `mapper`: the kinds that are served. */
export function* syncBudget(
  { caches, now }: Context<undefined>,
  key: ObjectKey,
  mapper: Mapper,
): Sync<undefined> {
  const budget = viewOf(caches, 'poddisruptionbudgets').objects.get(key);
  if (budget === undefined) return done;
  const pods = podsOf(caches, budget);
  const said: News[] = [];
  if (pods.length === 0) said.push(news(budget, 'Normal', 'NoPods', 'No matching pods found'));
  const scale = needsScale(budget) ? yield* expectedScale<undefined>(caches, pods, mapper) : unasked;
  if ('error' in scale) {
    const message = `Failed to calculate the number of expected pods: ${scale.error}`;
    said.push(news(budget, 'Warning', 'CalculateExpectedPodCountFailed', message));
    return yield* write(budget, failedStatus(budget, scale.error, now), { news: said });
  }
  if (scale.unmanaged.length > 0)
    said.push(news(budget, 'Warning', 'UnmanagedPods', unmanaged(budget.spec.selector)));
  const disrupted = disruptedPods(budget, pods, now);
  const { namespace = '' } = budget.metadata;
  for (const pod of disrupted.notDeleted)
    said.push(
      // The name of the namespace stands where the budget's should: it is the real text.
      news(
        pod,
        'Warning',
        'NotDeleted',
        `Pod was expected by PDB ${namespace}/${namespace} to be deleted but it wasn't`,
      ),
    );
  const healthy = countHealthy(pods, disrupted.pods, now);
  const found = { ...expectation(budget, pods.length, scale.expected), healthy };
  const outcome: Outcome<undefined> = {
    ...(said.length === 0 ? {} : { news: said }),
    ...(disrupted.recheckAt === undefined ? {} : { again: disrupted.recheckAt - now + recheckDelay }),
  };
  return yield* write(budget, statusOf(budget, found, disrupted.pods, now), outcome);
}

const unasked = { expected: 0, unmanaged: none };

function* write(
  budget: PodDisruptionBudget,
  status: PodDisruptionBudget['status'] | undefined,
  outcome: Outcome<undefined>,
): Sync<undefined> {
  if (status === undefined) return outcome;
  const request = updateStatus('poddisruptionbudgets', { ...budget, status });
  const { news: said } = outcome;
  const [answer] = (yield { requests: [request], ...(said === undefined ? {} : { news: said }) }).answers;
  if (answer?.ok === true) return { ...(outcome.again === undefined ? {} : { again: outcome.again }) };
  return refused(answer, 'NotFound') ? done : failed;
}

const unmanaged = (selector: LabelSelector | undefined): string =>
  `Pods selected by this PodDisruptionBudget (selector: ${goSelector(selector)}) were found to be unmanaged. As a result, the status of the PDB cannot be calculated correctly, which may result in undefined behavior. To account for these pods please set ".spec.minAvailable" field of the PDB to an integer value.`;

/** A selector as Go prints it. */
function goSelector({ matchLabels = {}, matchExpressions = [] }: LabelSelector = {}): string {
  const labels = Object.keys(matchLabels)
    .sort()
    .map((label) => `${label}: ${matchLabels[label] ?? ''},`);
  const expressions = matchExpressions.map(
    ({ key, operator, values = [] }) =>
      `LabelSelectorRequirement{Key:${key},Operator:${operator},Values:[${values.join(' ')}],},`,
  );
  return `&LabelSelector{MatchLabels:map[string]string{${labels.join('')}},MatchExpressions:[]LabelSelectorRequirement{${expressions.join('')}},}`;
}

/** A Pod that said it would go, and did not, says so no longer. */
function* syncPod({ caches, now }: Context<undefined>, key: ObjectKey): Sync<undefined> {
  const pod = viewOf(caches, 'pods').objects.get(key);
  const stale = pod === undefined ? undefined : staleAfter(pod, now);
  if (pod === undefined || stale === undefined) return done;
  if (stale > 0) return { again: stale };
  const conditions = withPodCondition(
    pod.status.conditions,
    { type: disruptionTarget, status: 'False' },
    now,
  );
  if (conditions === undefined) return done;
  const request = updateStatus('pods', { ...pod, status: { ...pod.status, conditions } });
  const [answer] = (yield { requests: [request] }).answers;
  return answer?.ok === true || refused(answer, 'NotFound') ? done : failed;
}
