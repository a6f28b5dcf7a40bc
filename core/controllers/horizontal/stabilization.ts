/**
 * From the size that the metrics ask for to the size that is asked for: recent recommendations hold it back, policies
 * limit its speed, the specification bounds it (kubernetes v1.34.1 pkg/controller/podautoscaler/horizontal.go,
 * normalizeDesiredReplicas and normalizeDesiredReplicasWithBehaviors).
 */
import type { HPAScalingRules, HorizontalPodAutoscalerBehavior } from '../../api/generated/types.ts';
import { minute, second, type Duration, type VirtualTime } from '../../time/time.ts';
import { eventsOf, storedEvent, type ScaleEvent } from './scale-events.ts';

interface Recommendation {
  readonly replicas: number;
  readonly at: VirtualTime;
}

/** What the controller has in mind of one autoscaler. */
export interface History {
  /** What the metrics asked for. One that is too old for every window is written over: order is not that of time. */
  readonly recommendations: readonly Recommendation[];
  readonly ups: readonly ScaleEvent[];
  readonly downs: readonly ScaleEvent[];
}

/** The history of an autoscaler that is seen for the first time: the size that was there is the first recommendation. */
export const firstHistory = (replicas: number, now: VirtualTime): History => ({
  recommendations: [{ replicas, at: now }],
  ups: [],
  downs: [],
});

export interface Bounds {
  readonly min: number;
  readonly max: number;
  readonly behavior: HorizontalPodAutoscalerBehavior | undefined;
  /** Without a behavior a size grows at most so many times at once (or to 4). @default 2 */
  readonly scaleUpLimitFactor?: number;
}

/** A condition's reason and message. */
interface Word {
  readonly reason: string;
  readonly message: string;
}

export interface Normalized {
  readonly replicas: number;
  readonly history: History;
  /** AbleToScale, always True. */
  readonly able: Word;
  readonly limited: Word & { readonly status: 'True' | 'False' };
}

/** `--horizontal-pod-autoscaler-downscale-stabilization`. */
const downscaleStabilization: Duration = 5 * minute;

/** The size that is asked for, given the one the metrics ask for (`recommended`). */
export function normalize(
  current: number,
  recommended: number,
  bounds: Bounds,
  history: History,
  now: VirtualTime,
): Normalized {
  const { behavior } = bounds;
  const stable =
    behavior === undefined
      ? stabilizedDown(recommended, history, now)
      : stabilized(current, recommended, behavior, history, now);
  const limited =
    behavior === undefined
      ? withinRules(current, stable.replicas, bounds)
      : withinRates(current, stable.replicas, bounds, behavior, history, now);
  return {
    replicas: limited.replicas,
    history: { ...history, recommendations: recorded(history, stable.overwritten, recommended, now) },
    able: stable.replicas === recommended ? ready : stable.word,
    limited: { ...limited.word, status: limited.replicas === stable.replicas ? 'False' : 'True' },
  };
}

/** The history after a change of the size; only behaviors look back at it. */
export function rescaled(
  history: History,
  behavior: HorizontalPodAutoscalerBehavior | undefined,
  from: number,
  to: number,
  now: VirtualTime,
): History {
  if (behavior === undefined) return history;
  return to > from
    ? { ...history, ups: storedEvent(history.ups, behavior.scaleUp, to - from, now) }
    : { ...history, downs: storedEvent(history.downs, behavior.scaleDown, from - to, now) };
}

const ready: Word = { reason: 'ReadyForNewScale', message: 'recommended size matches current size' };
const scaleUpStabilized: Word = {
  reason: 'ScaleUpStabilized',
  message: 'recent recommendations were lower than current one, applying the lowest recent recommendation',
};
const scaleDownStabilized: Word = {
  reason: 'ScaleDownStabilized',
  message: 'recent recommendations were higher than current one, applying the highest recent recommendation',
};
const withinRange: Word = {
  reason: 'DesiredWithinRange',
  message: 'the desired count is within the acceptable range',
};
const tooMany: Word = {
  reason: 'TooManyReplicas',
  message: 'the desired replica count is more than the maximum replica count',
};
const tooFew: Word = {
  reason: 'TooFewReplicas',
  message: 'the desired replica count is less than the minimum replica count',
};
const tooFast: Word = {
  reason: 'ScaleUpLimit',
  message: 'the desired replica count is increasing faster than the maximum scale rate',
};
const tooFastDown: Word = {
  reason: 'ScaleDownLimit',
  message: 'the desired replica count is decreasing faster than the maximum scale rate',
};

interface Stable {
  readonly replicas: number;
  readonly word: Word;
  /** The place of a recommendation that no window needs any more. */
  readonly overwritten: number | undefined;
}

/** The highest recommendation of the last five minutes. */
function stabilizedDown(recommended: number, { recommendations }: History, now: VirtualTime): Stable {
  const cutoff = now - downscaleStabilization;
  let [replicas, overwritten]: [number, number | undefined] = [recommended, undefined];
  for (const [i, { replicas: recent, at }] of recommendations.entries()) {
    if (at < cutoff) overwritten = i;
    else replicas = Math.max(replicas, recent);
  }
  return { replicas, word: scaleDownStabilized, overwritten };
}

/** The size stays where it is, unless every recommendation of a window asks for more, or for less. */
function stabilized(
  current: number,
  recommended: number,
  { scaleUp, scaleDown }: HorizontalPodAutoscalerBehavior,
  { recommendations }: History,
  now: VirtualTime,
): Stable {
  const upCutoff = now - windowOf(scaleUp, 0);
  const downCutoff = now - windowOf(scaleDown, downscaleStabilization);
  let [up, down, overwritten]: [number, number, number | undefined] = [recommended, recommended, undefined];
  for (const [i, { replicas, at }] of recommendations.entries()) {
    if (at > upCutoff) up = Math.min(up, replicas);
    if (at > downCutoff) down = Math.max(down, replicas);
    if (at < upCutoff && at < downCutoff) overwritten = i;
  }
  const replicas = Math.min(Math.max(current, up), down);
  return { replicas, word: recommended >= current ? scaleUpStabilized : scaleDownStabilized, overwritten };
}

const windowOf = (rules: HPAScalingRules | undefined, otherwise: Duration): Duration =>
  rules?.stabilizationWindowSeconds === undefined ? otherwise : rules.stabilizationWindowSeconds * second;

function recorded(
  { recommendations }: History,
  overwritten: number | undefined,
  replicas: number,
  now: VirtualTime,
): readonly Recommendation[] {
  const newest = { replicas, at: now };
  return overwritten === undefined
    ? [...recommendations, newest]
    : recommendations.map((known, i) => (i === overwritten ? newest : known));
}

interface Limited {
  readonly replicas: number;
  readonly word: Word;
}

function withinRules(current: number, wanted: number, { min, max, scaleUpLimitFactor = 2 }: Bounds): Limited {
  const fastest = Math.max(scaleUpLimitFactor * current, 4);
  const [most, word] = max > fastest ? [fastest, tooFast] : [max, tooMany];
  if (wanted < min) return { replicas: min, word: tooFew };
  if (wanted > most) return { replicas: most, word };
  return { replicas: wanted, word: withinRange };
}

function withinRates(
  current: number,
  wanted: number,
  { min, max }: Bounds,
  behavior: HorizontalPodAutoscalerBehavior,
  history: History,
  now: VirtualTime,
): Limited {
  if (wanted > current) {
    const fastest = Math.max(current, rateLimit('up', current, behavior.scaleUp, history, now));
    const [most, word] = max > fastest ? [fastest, tooFast] : [max, tooMany];
    if (wanted > most) return { replicas: most, word };
  } else if (wanted < current) {
    const fastest = Math.min(current, rateLimit('down', current, behavior.scaleDown, history, now));
    const [least, word] = min < fastest ? [fastest, tooFastDown] : [min, tooFew];
    if (wanted < least) return { replicas: least, word };
  }
  return { replicas: wanted, word: withinRange };
}

/** How far the policies let the size go, from what it was at the beginning of each one's period. */
function rateLimit(
  direction: 'up' | 'down',
  current: number,
  rules: HPAScalingRules | undefined,
  { ups, downs }: History,
  now: VirtualTime,
): number {
  if (rules?.selectPolicy === 'Disabled') return current;
  const proposals = (rules?.policies ?? []).map(({ type, value, periodSeconds }) => {
    const since = now - periodSeconds * second;
    const start = current - eventsOf(ups, since) + eventsOf(downs, since);
    if (type === 'Pods') return direction === 'up' ? start + value : start - value;
    // Upwards it is rounded up: a small size must be able to grow.
    return direction === 'up' ? Math.ceil(start * (1 + value / 100)) : Math.trunc(start * (1 - value / 100));
  });
  const smallest = (rules?.selectPolicy === 'Min') === (direction === 'up');
  return smallest ? Math.min(...proposals) : Math.max(...proposals);
}
