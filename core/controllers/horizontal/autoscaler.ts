/**
 * Sets the size of workloads by what their metrics tell (kubernetes v1.34.1 pkg/controller/podautoscaler/horizontal.go).
 *
 * Every 15 seconds an autoscaler reads the scale of its target, asks each metric how many replicas it wants
 * (metric-replicas.ts), holds that back by what was wanted lately and by policies (stabilization.ts), and writes the scale
 * and its own status where they are to change.
 *
 * A look that found nothing to do, and after which nothing is to be expected, is repeated under a key of its own that
 * does not keep a run from being over.
 */
import { customKindOf, customKindsOf } from '../../api/custom/kinds.ts';
import { isTrue } from '../../api/custom/definition-status.ts';
import type {
  CustomResourceDefinition,
  HorizontalPodAutoscaler,
  Pod,
  Scale,
} from '../../api/generated/types.ts';
import { resourceOfKind, type ResourceInfo } from '../../api/kinds.ts';
import { same } from '../../api/merge-patch.ts';
import { splitKey, type ObjectKey } from '../../api/object.ts';
import type { ApiRequest, NewObject } from '../../api/request.ts';
import { isSelectorError, matchesLabels, parseLabelSelector } from '../../api/selector.ts';
import { objectsIn } from '../../api/view.ts';
import { viewOf, type Delta } from '../../client/informer.ts';
import { OrderedMap } from '../../collections/ordered-map.ts';
import { loadIsSteadyFrom } from '../../metrics/load.ts';
import { minute, parseTimeText, second, type Duration, type VirtualTime } from '../../time/time.ts';
import {
  done,
  messageOf,
  type Ask,
  type Context,
  type Controller,
  type Effects,
  type Outcome,
  type Reply,
  type Sync,
} from '../controller.ts';
import { updateStatus } from '../requests.ts';
import { recommendationOf, type Recommendation } from './metric-replicas.ts';
import type { Circumstances } from './replica-calculator.ts';
import { selectedPods } from '../selected-pods.ts';
import { loadedPods } from './loaded-pods.ts';
import { firstHistory, normalize, rescaled, type History } from './stabilization.ts';
import { StatusDraft } from './status-draft.ts';

/** What the controller has in mind of an autoscaler. */
interface Known {
  readonly history: History | undefined;
  /** The selector of its target, as text: no Pod may have two autoscalers. */
  readonly selector: string;
  /** More is to be expected of it: looks under the key of the background are not made. */
  readonly busy: boolean;
  /** A look is being taken: under either key, but one at a time. */
  readonly underWay: boolean;
}

const unknown: Known = { history: undefined, selector: '', busy: true, underWay: false };

type Memory = OrderedMap<ObjectKey, Known>;
type Step<T> = Generator<Ask<Memory>, T, Reply>;

/** `--horizontal-pod-autoscaler-sync-period`; the other flags' defaults below it. */
const syncPeriod: Duration = 15 * second;
const tolerance = 0.1;
const warming = { cpuInitializationPeriod: 5 * minute, delayOfInitialReadinessStatus: 30 * second };

const idle = 'idle ';

export const horizontalPodAutoscaler: Controller<Memory> = {
  name: 'horizontal-pod-autoscaler',
  component: 'horizontal-pod-autoscaler',
  workers: 5,
  // Pods and workloads are read from the caches that the other controllers follow.
  follows: ['horizontalpodautoscalers'],
  initial: OrderedMap.empty(),
  isBackground: (key) => key.startsWith(idle),
  handle,
  sync,
};

function handle({ memory }: Context<Memory>, { type, key }: Delta): Effects<Memory> {
  if (type === 'deleted') return { memory: memory.delete(key) };
  const known = memory.get(key);
  const markAfter = { keys: [key], delay: syncPeriod };
  return known === undefined
    ? { markAfter }
    : { markAfter, memory: memory.set(key, { ...known, busy: true }) };
}

function* sync(context: Context<Memory>, item: string): Sync<Memory> {
  const key = item.startsWith(idle) ? item.slice(idle.length) : item;
  const autoscaler = viewOf(context.caches, 'horizontalpodautoscalers').objects.get(key);
  if (autoscaler === undefined) return { remember: (memory) => memory.delete(key) };
  const known = context.memory.get(key);
  if (item !== key && known?.busy === true) return done;
  if (known?.underWay === true) return item === key ? { again: second } : done;
  yield { requests: [], remember: (memory) => noting(memory, key, { underWay: true }) };
  return yield* reconcile(context, key, autoscaler);
}

/** The scale of a target, and where it lies. */
interface Target {
  readonly info: ResourceInfo;
  readonly scale: Scale;
}

function* reconcile(
  context: Context<Memory>,
  key: ObjectKey,
  autoscaler: HorizontalPodAutoscaler,
): Step<Outcome<Memory>> {
  const { spec, metadata } = autoscaler;
  const draft = new StatusDraft(autoscaler);
  const found = yield* targetOf(autoscaler);
  if ('error' in found.target) {
    draft.event('Warning', 'FailedGetScale', found.target.error);
    const message = `the HPA controller was unable to get the target's current scale: ${found.target.error}`;
    draft.condition('AbleToScale', 'False', 'FailedGetScale', message, found.now);
    const wrote = yield* written(draft);
    return next(key, wrote);
  }
  const { target, now } = found as { readonly target: Target; readonly now: VirtualTime };
  draft.condition(
    'AbleToScale',
    'True',
    'SucceededGetScale',
    "the HPA controller was able to get the target's current scale",
    now,
  );
  const current = target.scale.spec.replicas ?? 0;
  const known = context.memory.get(key);
  let history = known?.history ?? firstHistory(current, now);
  const selector = target.scale.status.selector ?? '';
  const min = spec.minReplicas ?? 1;
  let [desired, reason, waiting] = [current, '', false];
  draft.observed(current);

  if (current === 0 && min !== 0) {
    const message = 'scaling is disabled since the replica count of the target is zero';
    draft.condition('ScalingActive', 'False', 'ScalingDisabled', message, now);
  } else if (current > spec.maxReplicas)
    [desired, reason] = [spec.maxReplicas, 'Current number of replicas above Spec.MaxReplicas'];
  else if (current < min) [desired, reason] = [min, 'Current number of replicas below Spec.MinReplicas'];
  else {
    const measured = recommended(context, key, autoscaler, target, draft, now);
    draft.metrics(measured.statuses);
    waiting = measured.warming;
    if (measured.replicas === undefined) {
      const wrote = yield* written(draft);
      draft.event('Warning', 'FailedComputeMetricsReplicas', measured.error ?? '');
      return next(key, wrote || waiting, { history, selector }, draft);
    }
    const wanted = measured.replicas;
    if (wanted > current) reason = `${measured.metric} above target`;
    else if (wanted < current) reason = 'All metrics below target';
    const bounds = { min, max: spec.maxReplicas, behavior: spec.behavior };
    const normal = normalize(current, wanted, bounds, history, now);
    history = normal.history;
    draft.condition('AbleToScale', 'True', normal.able.reason, normal.able.message, now);
    const { status, ...word } = normal.limited;
    draft.condition('ScalingLimited', status, word.reason, word.message, now);
    desired = normal.replicas;
    waiting ||= normal.able.reason !== 'ReadyForNewScale' || word.reason.startsWith('Scale');
  }

  if (desired === current) {
    draft.desires(current);
    const wrote = yield* written(draft);
    return next(key, wrote || waiting, { history, selector }, draft);
  }
  const resized = yield* rescale(draft, target, metadata.namespace, desired);
  const size = `New size: ${desired}; reason: ${reason}`;
  if (resized.error === undefined) {
    const message = `the HPA controller was able to update the target scale to ${desired}`;
    draft.condition('AbleToScale', 'True', 'SucceededRescale', message, resized.now);
    draft.event('Normal', 'SuccessfulRescale', size);
    draft.rescaled(desired, resized.now);
    history = rescaled(history, spec.behavior, current, desired, resized.now);
  } else {
    draft.event('Warning', 'FailedRescale', `${size}; error: ${resized.error}`);
    const message = `the HPA controller was unable to update the target scale: ${resized.error}`;
    draft.condition('AbleToScale', 'False', 'FailedUpdateScale', message, resized.now);
  }
  yield* written(draft);
  return next(key, true, { history, selector }, draft);
}

/** Reads the scale of the target. A kind that is not Kubernetes' own is looked for among the definitions. */
function* targetOf({ spec, metadata }: HorizontalPodAutoscaler): Step<{
  readonly target: Target | { readonly error: string };
  readonly now: VirtualTime;
}> {
  const { apiVersion = 'v1', kind, name } = spec.scaleTargetRef;
  const builtIn = resourceOfKind(apiVersion, kind);
  const custom = builtIn === undefined ? yield { requests: [definitions] } : undefined;
  const listed = custom?.answers[0]?.ok === true ? custom.answers[0].list : undefined;
  const served = listed === undefined ? [] : [...objectsIn(listed.view)].filter(isServed);
  const info = builtIn ?? customKindOf(customKindsOf(served), { apiVersion, kind });
  if (info === undefined) {
    const [group] = apiVersion.includes('/') ? apiVersion.split('/') : [''];
    return { target: { error: `no matches for kind "${kind}" in group "${group}"` }, now: custom?.now ?? 0 };
  }
  const { namespace } = metadata;
  const request: ApiRequest = { verb: 'get', resource: info.resource, subresource: 'scale', namespace, name };
  const { answers, now } = yield { requests: [request] };
  const [answer] = answers;
  if (answer?.ok !== true) return { target: { error: messageOf(answer) }, now };
  return { target: { info, scale: answer.object as unknown as Scale }, now };
}

const definitions: ApiRequest = { verb: 'list', resource: 'customresourcedefinitions', resourceVersion: '0' };

const isServed = (definition: object): boolean =>
  isTrue(definition as CustomResourceDefinition, 'Established');

/** What the metrics ask for. The condition ScalingActive and the Events about metrics are put into the draft. */
function recommended(
  { caches, memory, loads = [] }: Context<Memory>,
  key: ObjectKey,
  autoscaler: HorizontalPodAutoscaler,
  { scale }: Target,
  draft: StatusDraft,
  now: VirtualTime,
): Recommendation & { readonly warming: boolean } {
  const { namespace } = splitKey(key);
  const text = scale.status.selector ?? '';
  const specReplicas = scale.spec.replicas ?? 0;
  const nothing = { replicas: undefined, metric: '', statuses: [], failures: [], warming: false };
  if (text === '') {
    draft.event('Warning', 'SelectorRequired', 'selector is required');
    const message = "the HPA target's scale is missing a selector";
    draft.condition('ScalingActive', 'False', 'InvalidSelector', message, now);
    return { ...nothing, error: 'selector is required' };
  }
  const selector = parseLabelSelector(text);
  const pods = isSelectorError(selector) ? [] : selectedPods(caches, namespace ?? '', selector);
  const wrong = isSelectorError(selector)
    ? {
        reason: 'InvalidSelector',
        message: `couldn't convert selector into a corresponding internal selector object: ${selector.error}`,
      }
    : ambiguity(memory, key, text, pods);
  if (wrong !== undefined) {
    draft.event('Warning', wrong.reason, wrong.message);
    draft.condition('ScalingActive', 'False', wrong.reason, wrong.message, now);
    return { ...nothing, error: wrong.message };
  }
  const around: Circumstances = { pods, currentReplicas: specReplicas, tolerance, warming, now };
  const found = recommendationOf(autoscaler, specReplicas, {
    namespace: namespace ?? '',
    loads,
    loaded: loadedPods(caches, namespace ?? '', loads),
    around,
    statusReplicas: scale.status.replicas,
  });
  for (const { reason, error } of found.failures) draft.event('Warning', reason, error);
  const [failure] = found.failures;
  if (found.replicas === undefined && failure !== undefined) {
    const message = `the HPA was unable to compute the replica count: ${failure.error}`;
    draft.condition('ScalingActive', 'False', failure.reason, message, now);
  } else {
    const message = `the HPA was able to successfully calculate a replica count from ${found.metric}`;
    draft.condition('ScalingActive', 'True', 'ValidMetricFound', message, now);
  }
  return {
    ...found,
    warming: now < loadIsSteadyFrom(loads) + syncPeriod || pods.some((pod) => isYoung(pod, now)),
  };
}

/** Its CPU may not be counted yet. */
const isYoung = ({ status }: Pod, now: VirtualTime): boolean =>
  status.startTime !== undefined &&
  (parseTimeText(status.startTime) ?? 0) + warming.cpuInitializationPeriod + syncPeriod > now;

/** Two autoscalers of one Pod would pull it to and fro: neither does anything. */
function ambiguity(
  memory: Memory,
  key: ObjectKey,
  text: string,
  pods: readonly Pod[],
): { readonly reason: string; readonly message: string } | undefined {
  const { namespace = '', name } = splitKey(key);
  const others: string[] = [];
  for (const [other, { selector }] of memory.entries(`${namespace}/`, `${namespace}0`)) {
    const requirements = parseLabelSelector(selector);
    if (other === key || selector === '' || isSelectorError(requirements)) continue;
    if (pods.some(({ metadata }) => matchesLabels(requirements, metadata.labels)))
      others.push(splitKey(other).name);
  }
  if (others.length === 0) return undefined;
  const names = [name, ...others].sort().map((each) => `{${each} ${namespace}}`);
  return {
    reason: 'AmbiguousSelector',
    message: `pods by selector ${text} are controlled by multiple HPAs: [${names.join(' ')}]`,
  };
}

function* rescale(
  draft: StatusDraft,
  { info, scale }: Target,
  namespace: string | undefined,
  replicas: number,
): Step<{ readonly error: string | undefined; readonly now: VirtualTime }> {
  const request: ApiRequest = {
    verb: 'update',
    resource: info.resource,
    subresource: 'scale',
    namespace,
    name: scale.metadata.name,
    object: { ...scale, spec: { replicas } } as NewObject,
  };
  const { answers, now } = yield { requests: [request], news: draft.takeNews() };
  const [answer] = answers;
  return { error: answer?.ok === true ? undefined : messageOf(answer), now };
}

/** Writes the status if it is another; true if it was. */
function* written(draft: StatusDraft): Step<boolean> {
  const { autoscaler } = draft;
  const status = draft.status();
  if (same(status, autoscaler.status)) return false;
  const { answers } = yield {
    requests: [updateStatus('horizontalpodautoscalers', { ...autoscaler, status })],
    news: draft.takeNews(),
  };
  const [answer] = answers;
  if (answer?.ok !== true) draft.event('Warning', 'FailedUpdateStatus', messageOf(answer));
  return true;
}

const noting = (memory: Memory, key: ObjectKey, what: Partial<Known>): Memory =>
  memory.set(key, { ...(memory.get(key) ?? unknown), ...what });

/** When to look again, and what to keep in mind until then. */
function next(
  key: ObjectKey,
  busy: boolean,
  found?: { readonly history: History; readonly selector: string },
  draft?: StatusDraft,
): Outcome<Memory> {
  return {
    markAfter: [{ key: busy ? key : idle + key, delay: syncPeriod }],
    ...(draft === undefined ? {} : { news: draft.takeNews() }),
    remember: (memory) => noting(memory, key, { ...found, busy, underWay: false }),
  };
}
