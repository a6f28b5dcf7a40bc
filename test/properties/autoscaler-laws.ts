/**
 * P26: how far a HorizontalPodAutoscaler may go. Each change of a size that it asks for is held against what the metrics asked
 * for at its looks, which this works out for itself on the same caches and keeps for itself, and against its own last changes.
 */
import type {
  HorizontalPodAutoscaler,
  HPAScalingPolicy,
  HPAScalingRules,
  Scale,
} from '../../core/api/generated/types.ts';
import { splitKey } from '../../core/api/object.ts';
import { isSelectorError, parseLabelSelector } from '../../core/api/selector.ts';
import type { ClientEvent } from '../../core/client/component.ts';
import { viewOf, type Informers } from '../../core/client/informer.ts';
import { loadedPods } from '../../core/controllers/horizontal/loaded-pods.ts';
import { recommendationOf } from '../../core/controllers/horizontal/metric-replicas.ts';
import type { ControllerManagerState } from '../../core/controllers/manager.ts';
import { selectedPods } from '../../core/controllers/selected-pods.ts';
import type { ControllerTag } from '../../core/controllers/worker/state.ts';
import type { Load } from '../../core/metrics/load.ts';
import { minute, second, type VirtualTime } from '../../core/time/time.ts';
import type { Observer } from '../../sim/engine/world.ts';
import { LawBook } from './law-book.ts';

/** One look at a target: what the controller knew when it began, and how many the metrics ask for. */
interface Look {
  readonly caches: Informers;
  readonly autoscaler: HorizontalPodAutoscaler;
  readonly current?: number;
}

interface Past {
  readonly uid: string;
  look: Look;
  readonly recommended: { readonly replicas: number; readonly at: VirtualTime }[];
  readonly changes: { readonly by: number; readonly at: VirtualTime }[];
}

type Step = Parameters<Observer['stepped']>[2];

export class AutoscalerLaws extends LawBook implements Observer {
  private readonly loads: readonly Load[];
  private pasts = new Map<string, Past>();

  constructor(loads: readonly Load[]) {
    super();
    this.loads = loads;
  }

  stepped(
    process: string,
    _before: unknown,
    step: Step,
    _now: VirtualTime,
    event: ClientEvent<unknown>,
    clock: VirtualTime,
  ): void {
    if (process !== 'kube-controller-manager') return;
    const { informers } = step.state as ControllerManagerState;
    // Another life of the process knows nothing of what the one before it has seen.
    if (event.type === 'start') this.pasts = new Map();
    const answered = event.type === 'answer' ? autoscalerOf(event.tag) : undefined;
    if (event.type === 'answer' && answered !== undefined && 'subresource' in event.request) {
      const { request, answer } = event;
      if (answer.ok && request.subresource === 'scale' && answer.object !== undefined)
        this.saw(answered, request.verb, answer.object as unknown as Scale, clock);
    }
    for (const request of step.requests) {
      const key = request.do === 'call' ? autoscalerOf(request.tag) : undefined;
      if (request.do !== 'call' || key === undefined) continue;
      const { request: asked } = request;
      if (asked.verb === 'get' && asked.subresource === 'scale') this.begins(key, informers);
      if (asked.verb === 'update' && asked.subresource === 'scale')
        this.resizes(key, (asked.object as unknown as Scale).spec.replicas ?? 0, clock);
    }
  }

  private begins(key: string, caches: Informers): void {
    const autoscaler: HorizontalPodAutoscaler | undefined = viewOf(
      caches,
      'horizontalpodautoscalers',
    ).objects.get(key);
    if (autoscaler === undefined) return;
    const { uid } = autoscaler.metadata;
    const past = this.pasts.get(key);
    const look = { caches, autoscaler };
    if (past?.uid === uid) past.look = look;
    else this.pasts.set(key, { uid, look, recommended: [], changes: [] });
  }

  private saw(key: string, verb: string, scale: Scale, clock: VirtualTime): void {
    const past = this.pasts.get(key);
    if (past === undefined) return;
    const is = scale.spec.replicas ?? 0;
    if (verb === 'update') {
      past.changes.push({ by: is - (past.look.current ?? is), at: clock });
      return;
    }
    past.look = { ...past.look, current: is };
    const { spec } = past.look.autoscaler;
    // The size that was there at the first look counts as a recommendation. (horizontal.go recordInitialRecommendation)
    if (past.recommended.length === 0) past.recommended.push({ replicas: is, at: clock });
    if (is === 0 || is > spec.maxReplicas || is < (spec.minReplicas ?? 1)) return;
    const replicas = this.asked(past.look, scale, clock);
    if (replicas !== undefined) past.recommended.push({ replicas, at: clock });
  }

  /** What the metrics ask for. */
  private asked(
    { caches, autoscaler }: Look,
    { spec, status, metadata }: Scale,
    now: VirtualTime,
  ): number | undefined {
    const { namespace = '' } = metadata;
    const selector = parseLabelSelector(status.selector ?? '');
    const pods = isSelectorError(selector) ? [] : selectedPods(caches, namespace, selector);
    const current = spec.replicas ?? 0;
    return recommendationOf(autoscaler, current, {
      namespace,
      loads: this.loads,
      loaded: loadedPods(caches, namespace, this.loads),
      around: { pods, currentReplicas: current, tolerance: 0.1, warming, now },
      statusReplicas: status.replicas,
    }).replicas;
  }

  private resizes(key: string, to: number, clock: VirtualTime): void {
    const past = this.pasts.get(key);
    const from = past?.look.current;
    if (past === undefined || from === undefined)
      return this.law('P26 look', false, () => `${key} did not look`);
    const { minReplicas: min = 1, maxReplicas: max } = past.look.autoscaler.spec;
    const told = (most: number): string => `${key} goes from ${from} to ${to}, where ${most} is the limit`;
    this.law('P26 bounds', to >= min && to <= max, () => `${told(max)} (at least ${min})`);
    if (from > max || from < min) return;
    if (to > from) {
      const most = mostAfter(past, from, clock);
      this.law('P26 up', to <= most, () => told(most));
      const wished = wishedUp(past, clock);
      this.law('P26 steady up', to <= Math.max(wished, min), () => told(wished));
    } else {
      const wished = wishedDown(past, clock);
      this.law('P26 steady down', to >= Math.min(wished, max), () => told(wished));
      const least = leastAfter(past, from, clock);
      this.law('P26 down', to >= least, () => told(least));
    }
  }
}

/** The flags' defaults. */
const warming = { cpuInitializationPeriod: 5 * minute, delayOfInitialReadinessStatus: 30 * second };

/** The autoscaler that a request or an answer belongs to. */
function autoscalerOf(tag: unknown): string | undefined {
  const { of, ...known } = tag as ControllerTag;
  if (of !== 'sync' || !('key' in known) || known.controller !== 'horizontal-pod-autoscaler')
    return undefined;
  const key = known.key.replace(/^idle /, '');
  return splitKey(key).name === '' ? undefined : key;
}

const newest = ({ recommended }: Past): number => recommended.at(-1)?.replicas ?? 0;

/** What was asked for less than so long ago. */
const within = ({ recommended }: Past, now: VirtualTime, window: number): readonly number[] =>
  recommended.filter(({ at }) => now - at < window).map(({ replicas }) => replicas);

/**
 * Up goes what everything in its window asks for; without a behavior what anything of the last five minutes asked for, for then
 * the patience of going down is all there is. (horizontal.go stabilizeRecommendation)
 */
function wishedUp(past: Past, now: VirtualTime): number {
  const { behavior } = past.look.autoscaler.spec;
  if (behavior === undefined) return wishedDown(past, now);
  const window = (behavior.scaleUp?.stabilizationWindowSeconds ?? 0) * second;
  return Math.min(...within(past, now, window), newest(past));
}

/** Down goes what nothing in its window asks more than. */
function wishedDown(past: Past, now: VirtualTime): number {
  const seconds = past.look.autoscaler.spec.behavior?.scaleDown?.stabilizationWindowSeconds;
  const window = seconds === undefined ? 5 * minute : seconds * second;
  return Math.max(...within(past, now, window), newest(past));
}

/** By default 4 or twice as many in 15 s, whichever is more; a behavior says for itself. */
function mostAfter(past: Past, from: number, now: VirtualTime): number {
  const rules = past.look.autoscaler.spec.behavior?.scaleUp;
  if (rules === undefined) return Math.max(4, 2 * from);
  return ruled(rules, from, 'most', ({ type, value, periodSeconds }) => {
    const start = sizeBefore(past, from, now, periodSeconds);
    return type === 'Pods' ? start + value : Math.ceil(start * (1 + value / 100));
  });
}

/** By default no limit but the smallest size. */
function leastAfter(past: Past, from: number, now: VirtualTime): number {
  const rules = past.look.autoscaler.spec.behavior?.scaleDown;
  if (rules === undefined) return 0;
  return ruled(rules, from, 'least', ({ type, value, periodSeconds }) => {
    const start = sizeBefore(past, from, now, periodSeconds);
    return type === 'Pods' ? start - value : Math.trunc(start * (1 - value / 100));
  });
}

/** `Max` is the policy that lets the size go farthest, whichever way. */
function ruled(
  { selectPolicy, policies = [] }: HPAScalingRules,
  from: number,
  side: 'most' | 'least',
  allows: (policy: HPAScalingPolicy) => number,
): number {
  if (selectPolicy === 'Disabled') return from;
  const limits = policies.map(allows);
  return (side === 'most') === (selectPolicy !== 'Min') ? Math.max(...limits) : Math.min(...limits);
}

/** The size at the beginning of a period, as far as the autoscaler itself has changed it. */
const sizeBefore = ({ changes }: Past, from: number, now: VirtualTime, periodSeconds: number): number =>
  changes.filter(({ at }) => at > now - periodSeconds * second).reduce((size, { by }) => size - by, from);
